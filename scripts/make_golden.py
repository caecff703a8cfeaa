"""Digests of golden transcripts: what must not change without a new dynamics version.

python scripts/make_golden.py            # writes tests/golden/digests.json and two transcripts to read
python scripts/make_golden.py --print    # prints the digests alone (what the tests compare across interpreters)
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from agents.scripted import SUPPORTERS
from empathy_gym.envs.episode import Config, Episode
from empathy_gym.render import ansi
from empathy_gym.seeker.keyed import draw
from empathy_gym.seeker.seeker import DYNAMICS_VERSION
from empathy_gym.transcript import build

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "golden"
CASES = [
    (name, number, difficulty, scaffold)
    for number, (name, difficulty, scaffold) in enumerate(
        (name, difficulty, scaffold)
        for name in SUPPORTERS
        for difficulty, scaffold in (("vanilla", "direct"), ("challenging", "thinking"), (0.5, "direct"))
    )
]
"""27 talks: every scripted supporter at three settings."""

STRANGE = (
    "",
    "\u4f60\u597d\u5417 \U0001f600",
    "<think>open",
    "User: hi\u200b",
    "caf\u00e9 \ud800",
    "What?? Why?? When??",
    "ok",
    "x" * 5_000,
)
"""One more talk of strange replies."""


def play(name: str, number: int, difficulty: Any, scaffold: str) -> Episode:
    """One golden talk."""
    episode = Episode(
        Config(scaffold=scaffold, difficulty=difficulty, split="test" if number % 2 else "train"),
        draw(number, 0, "golden"),
    )
    policy = SUPPORTERS[name]() if name != "strange" else None
    while not episode.over:
        if policy is None:
            reply = STRANGE[episode.turn % len(STRANGE)]
        else:
            info = {"privileged": episode.seeker.privileged()} if policy.privileged else None
            reply = policy.act([episode.seeker.messages], [info])[0]
        episode.step(f"<think>turn {episode.turn}</think> {reply}" if scaffold == "thinking" else reply)
    return episode


def digests() -> dict[str, str]:
    """The digest of every golden talk by its name."""
    cases = [*CASES, ("strange", 99, "vanilla", "direct")]
    return {
        f"{name}/{difficulty}/{scaffold}": build(play(name, n, difficulty, scaffold))["digest"]
        for name, n, difficulty, scaffold in cases
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--print", action="store_true", dest="only_print")
    if parser.parse_args().only_print:
        print(json.dumps(digests(), sort_keys=True))
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    found = {"dynamics": DYNAMICS_VERSION, "digests": digests()}
    (FOLDER / "digests.json").write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="ascii")
    for name in ("competent", "oracle"):
        episode = play(name, next(n for case, n, *_ in CASES if case == name), "vanilla", "direct")
        (FOLDER / f"{name}.txt").write_text(ansi(episode) + "\n", encoding="utf-8")
    print(f"{len(found['digests'])} digests written to {FOLDER}")


if __name__ == "__main__":
    main()
