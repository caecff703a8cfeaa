"""Does grounding understand other people's words?

python -m benchmarks.references [--split test] [--show] [--record]

For six facts of each story somebody who saw nothing but the seeker's own wordings of the facts (a language model; no gist, no word list,
no code) wrote three sentences that refer to the fact in other words, and three that come near and do not. A sentence *finds* a fact where
the seeker would take it as understood: said about them or their people, not as a question, advice or a story of one's own, and with
enough of the fact mentioned. Recall is the share of the first kind that finds its fact; precision the share of the first kind among all that do.
*Strangers* are the same sentences held against another story of the split: the share that finds any fact there, and the mean understanding
that it would be taken for (per mille) beside that of the sentences at home. Training stories' sentences teach the reader what speaks of
somebody, and its thresholds were chosen on them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import append
from empathy_gym.seeker import bank
from empathy_gym.seeker.grounding import refers, story_index
from empathy_gym.seeker.keyed import choose
from empathy_gym.seeker.reading import read

FOLDER = Path(__file__).parent
SAYS_BACK = ("restatement", "reflection", "affirmation", "information", "other")
"""Acts by which a fact can be understood."""


def found(story: str, sentence: str) -> dict[str, int]:
    """The facts that a sentence finds, with the understanding of each that it shows, per mille."""
    index = story_index(bank.stories()[story])
    units = [u for u in read(sentence).units if u.act in SAYS_BACK and not u.asks]
    return {m.id: m.grade for u in units for m in index.meet(u.concepts) if m.kind == "fact" and refers(u, m)}


def strangers(split: str) -> tuple[float, int, int]:
    """Share of the sentences that find something in another story, and mean understanding there and at home."""
    rows = [(story, fact, sentence) for story, fact, true, sentence in pairs(split) if true]
    stories = sorted({story for story, _, _ in rows})
    away, home = [], []
    for i, (story, fact, sentence) in enumerate(rows):
        other = choose([s for s in stories if s != story], 0, i, "stranger")
        away.append(max(found(other, sentence).values(), default=0))
        home.append(found(story, sentence).get(fact, 0))
    return round(float(np.mean([a > 0 for a in away])), 3), round(float(np.mean(away))), round(float(np.mean(home)))


def pairs(split: str) -> Iterator[tuple[str, str, bool, str]]:
    """``(story, fact, whether it refers to it, sentence)``."""
    for line in (FOLDER / f"{split}.jsonl").read_text(encoding="ascii").splitlines():
        row = json.loads(line)
        for kind in ("refers", "near"):
            for sentence in row[kind]:
                yield row["story"], row["fact"], kind == "refers", sentence


def measure(split: str, show: bool = False) -> dict[str, Any]:
    """Recall and precision, each with a 95 % interval over stories (bootstrap)."""
    rows = []
    for story, fact, true, sentence in pairs(split):
        hit = fact in found(story, sentence)
        rows.append((story, true, hit))
        if show and hit != true:
            print(f"{'missed' if true else 'wrongly found'}: {story} {fact}: {sentence}")
    stories = sorted({s for s, _, _ in rows})
    counts = np.array([[sum(s == story and t and h for s, t, h in rows), sum(s == story and t for s, t, _ in rows),
                        sum(s == story and h for s, _, h in rows)] for story in stories])  # fmt: skip
    drawn = counts[np.random.default_rng(0).integers(len(stories), size=(2_000, len(stories)))].sum(axis=1)
    hit, true, said = counts.sum(axis=0)
    ends = [np.percentile(drawn[:, 0] / drawn[:, i], (2.5, 97.5)) for i in (1, 2)]
    return {
        "split": split,
        "stories": len(stories),
        "sentences": len(rows),
        "recall": [round(float(x), 3) for x in (hit / true, *ends[0])],
        "precision": [round(float(x), 3) for x in (hit / said, *ends[1])],
        "strangers": strangers(split),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", default="test", choices=[p.stem for p in sorted(FOLDER.glob("*.jsonl"))])
    parser.add_argument("--show", action="store_true", help="print the sentences that are missed or wrongly found")
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    figures = measure(args.split, args.show)
    (recall, *r), (precision, *p) = figures["recall"], figures["precision"]
    print(f"{figures['stories']} {args.split} stories, {figures['sentences']} sentences: recall {recall:.3f} [{r[0]:.3f}, {r[1]:.3f}] (goal 0.70), "
          f"precision {precision:.3f} [{p[0]:.3f}, {p[1]:.3f}] (goal 0.90); in another story {figures['strangers'][0]:.3f} find something, "
          f"understanding {figures['strangers'][1]} there and {figures['strangers'][2]} at home")  # fmt: skip
    if args.record:
        append("references", figures)


if __name__ == "__main__":
    main()
