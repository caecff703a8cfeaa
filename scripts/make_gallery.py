"""A gallery of episodes to read: scripted supporters with the same seekers, each talk a page with its ledger.

python -m scripts.make_gallery                  # writes docs/gallery/ and docs/images/talk.png
python -m scripts.make_gallery --output FOLDER  # pages and picture there

Of the pages nothing is picked by hand: the seekers are those of the seeds 0, 1, … of the test split. The picture was picked: half a talk of an attentive
supporter with a seeker of the train split. To be run anew when the seeker's dynamics change; the index names the version that it shows.
"""

from __future__ import annotations

import argparse
import html
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from PIL import Image

import empathy_gym  # noqa: F401  (registers the ids)
from agents.evaluate import run
from agents.scripted import SUPPORTERS
from empathy_gym.render import OUTCOMES, page, transcript_html
from empathy_gym.seeker import bank
from empathy_gym.seeker.seeker import DYNAMICS_VERSION

DOCS = Path(__file__).resolve().parents[1] / "docs"
FOLDER, PICTURE = DOCS / "gallery", DOCS / "images" / "talk.png"
SHOWN = ("competent", "oracle", "advice_giver", "stock_comfort", "inept", "hostile")
"""Supporters, from those who help to those who hurt."""

SEEKERS = 2
"""Talks of each supporter."""

SETTINGS = ("vanilla", "challenging")

PICTURED = 1003
"""Seed of the seeker in the picture, of the train split."""

ATTENTIVE = (
    "It sounds like clapping wasn't what you felt inside. What was happening up there, while you stood at the back?",
    "Your song, and four names on it with none of them yours. That would hurt me, and make me angry too. Did you ever tell them, or did you keep it inside?",
    "They thanked a dog. I can see why that stings, it's as if you never existed, even the dog counts more. How did it come that your name was left off, do "
    "you think they forgot, or did someone decide it?",
    "A stranger at a till knew the chorus by heart, and you couldn't say \"that's mine\". I imagine you were proud and heartbroken in the same second. Did "
    "you say anything to her?",
)
"""What a language model said there as an attentive friend, blind to the code and to the story, to a seeker of an earlier version."""


class Talk(NamedTuple):
    """One page of the gallery."""

    supporter: str
    difficulty: str
    seed: int
    transcript: dict[str, Any]

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.supporter}-{self.difficulty}-{self.seed}.html"

    @property
    def title(self) -> str:
        """Of its page."""
        return f"{self.supporter.replace('_', ' ')}, seeker {self.seed}, {self.difficulty}"


def talks(supporters: tuple[str, ...] = SHOWN, seekers: int = SEEKERS) -> list[Talk]:
    """Play them; the same talks on every machine."""
    return [
        Talk(supporter, difficulty, seed, result["transcript"])
        for difficulty in SETTINGS
        for supporter in supporters
        for seed, result in enumerate(run(SUPPORTERS[supporter](), episodes=seekers, difficulty=difficulty))
    ]


def index(shown: list[Talk]) -> str:
    """The page that lists all."""
    rows = "".join(map(_row, shown))
    return page(
        "A gallery of talks",
        f"<p>Scripted supporters with the same simulated seekers of the test split, dynamics {html.escape(DYNAMICS_VERSION)}. Nothing was picked by "
        "hand. The supporters are scripts, not people; the oracle is shown what is hidden. Beside each reply stands the ledger: why the emotion "
        "moved, line by line.</p>"
        '<table><thead><tr><th scope="col">Talk</th><th scope="col">About</th><th scope="col" class="n">First</th>'
        '<th scope="col" class="n">Last</th><th scope="col">End</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>",
    )


def _row(talk: Talk) -> str:
    told = talk.transcript
    topic = bank.scenario(told["scenario"]).story.topic.replace("_", " ")
    return (
        f'<tr><td><a href="{talk.name}">{html.escape(talk.title)}</a></td><td>{html.escape(topic)}</td>'
        f'<td class="n">{told["first_emotion"] / 1000:.1f}</td><td class="n">{told["final_emotion"] / 1000:.1f}</td>'
        f"<td>{html.escape(OUTCOMES[told['outcome']])}</td></tr>"
    )


def write(folder: Path, shown: list[Talk]) -> None:
    """Write a page for each talk and the index; pages of earlier galleries go."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.html"):
        old.unlink()
    for talk in shown:
        text = page("A talk with a seeker", transcript_html(talk.transcript, talk.title.capitalize()))
        (folder / talk.name).write_text(text, encoding="utf-8")
    (folder / "index.html").write_text(index(shown), encoding="utf-8")


def picture(path: Path) -> None:
    """Write the environment's own picture of half a talk."""
    env = gym.make("EmpathySupport-v0", split="train", render_mode="rgb_array")
    env.reset(seed=PICTURED)
    for reply in ATTENTIVE:
        env.step(reply)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(env.render())).save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", type=Path, default=FOLDER, help="folder (default docs/gallery)")
    folder = parser.parse_args().output
    shown = talks()
    write(folder, shown)
    path = PICTURE if folder == FOLDER else folder / PICTURE.name
    picture(path)
    print(f"{len(shown)} talks written to {folder}, a picture to {path}")


if __name__ == "__main__":
    main()
