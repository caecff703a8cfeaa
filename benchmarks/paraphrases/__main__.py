"""Does the same said in other words do the same, and the same words shuffled nothing?

python -m benchmarks.paraphrases [--split test] [--show] [--record]

A group is one thing to say right after a fact was told, in four wordings. Somebody who saw nothing but the seeker's own wordings of the
facts (a language model; no gist, no word list, no code) wrote eight groups a story: three that say a fact back, and a question, praise,
comfort, a suggestion and a harm. Each wording is said to the same seeker in the same state, in the middle of a talk. Figures: the mean
deviation of a wording's worth from its group's mean, as a share of that mean and of one point at least (goal: a tenth), the share of groups
all of whose wordings lie within a tenth, and the share of what is gained that goes when the words are shuffled (goal: 70 %).
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import append
from empathy_gym.seeker import bank
from empathy_gym.seeker.appraisal import Appraisal
from empathy_gym.seeker.emotion import FULL
from empathy_gym.seeker.keyed import shuffled
from empathy_gym.seeker.mind import Mind
from empathy_gym.seeker.reading import read
from empathy_gym.seeker.scenario import Fact, Scenario

FOLDER = Path(__file__).parent
NEAR = 0.1
MIDDLE = {"heard": FULL // 3, "trust": FULL // 2, "openness": FULL // 2}
"""Channels in the middle of a talk that goes well."""

TURN = 4


def worth(scenario: Scenario, fact: Fact, reply: str) -> int:
    """Milli-points that the reply's own lines bring from a seeker who has just told the fact."""
    mind = Mind(scenario)
    told = next(line for register, line in fact.said if register == "plain")
    mind.observe(scenario.story.openings[0])
    for channel, value in MIDDLE.items():
        setattr(mind.state, channel, value)
    mind.state.base = mind.emotion - (mind.state.potential() - mind.state.base)
    mind.memory.turn = TURN
    mind.memory.disclosed[fact.id] = TURN
    talk = [
        {"role": "user", "content": scenario.story.openings[0]},
        {"role": "assistant", "content": "Go on."},
        {"role": "user", "content": told},
    ]
    lines = Appraisal(mind, read(reply, talk)).run().lines
    return sum(line.amount for line in lines if line.span is not None)


def mixed(text: str, number: int) -> str:
    """The same words in another order."""
    return " ".join(shuffled(text.rstrip(".!?").split(" "), 0, number, text)) + text[-1]


def groups(split: str) -> list[dict[str, Any]]:
    """Each group with the worth of its wordings and of the same words shuffled."""
    found = []
    first: dict[str, Scenario] = {}
    for name in bank.scenario_ids(split):
        scenario = bank.scenario(name)
        first.setdefault(scenario.story.id, scenario)
    for line in (FOLDER / f"{split}.jsonl").read_text(encoding="ascii").splitlines():
        row = json.loads(line)
        scenario = first[row["story"]]
        fact = scenario.story.fact(row["fact"])
        row["worth"] = [worth(scenario, fact, wording) for wording in row["wordings"]]
        row["mixed"] = [worth(scenario, fact, mixed(wording, i)) for i, wording in enumerate(row["wordings"])]
        found.append(row)
    return found


def deviation(worths: np.ndarray) -> np.ndarray:
    """Each wording's distance from its group's mean, as a share of that mean and of a point at least; shape as given."""
    mean = worths.mean(axis=1, keepdims=True)
    return np.abs(worths - mean) / np.maximum(np.abs(mean), 1_000.0)


def figures(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures of some groups."""
    worths = np.array([row["worth"] for row in rows], dtype=float)  # (groups, wordings)
    off = deviation(worths)
    return {
        "groups": len(rows),
        "points": round(float(worths.mean()) / 1000, 2),
        "deviation": round(float(off.mean()), 3),
        "within": round(float((off <= NEAR).all(axis=1).mean()), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", default="test", choices=[p.stem for p in sorted(FOLDER.glob("*.jsonl"))])
    parser.add_argument("--show", action="store_true", help="print the groups, the least even first")
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    rows = groups(args.split)
    by_act: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_act[row["act"]].append(row)
    acts = {act: figures(found) for act, found in by_act.items()} | {"all": figures(rows)}
    gained = [row for row in rows if row["act"] in ("understanding", "praise")]
    lost = 1 - sum(sum(row["mixed"]) for row in gained) / sum(sum(row["worth"]) for row in gained)
    for act, found in acts.items():
        print(f"{act:14s} {found['groups']:4d} groups, mean {found['points']:6.2f} points, mean deviation {100 * found['deviation']:3.0f} % (goal 10 %), within a tenth {100 * found['within']:3.0f} %")  # fmt: skip
    print(f"lost by shuffling what was understood or praised: {100 * lost:.0f} % (goal 70 %)")
    if args.show:
        for row in sorted(rows, key=lambda r: -deviation(np.array([r["worth"]], dtype=float)).mean()):
            print(f"{row['act']} {row['story']} {row['fact']}")
            for value, wording in zip(row["worth"], row["wordings"], strict=True):
                print(f"  {value / 1000:6.2f}  {wording}")
    if args.record:
        append("paraphrases", {"split": args.split, "acts": acts, "lost": round(float(lost), 3)})


if __name__ == "__main__":
    main()
