"""Is any fixed mix of acts best for all eight needs?

The oracle is told, whoever it talks with, that the seeker hopes for one and the same thing, so that its mix of acts is fixed; eight such supporters talk with seekers of every
hidden need. If one of them were best for all, the hidden need would be an ornament.

    python -m benchmarks.needs [--talks 30] [--turns 4] [--split test] [--record]
"""

from __future__ import annotations

import argparse

import numpy as np
from tqdm import tqdm

from agents.oracle import oracle_reply
from benchmarks.arguments import positive
from benchmarks.record import append
from empathy_gym.seeker import bank
from empathy_gym.seeker.keyed import draw
from empathy_gym.seeker.needs import NEEDS
from empathy_gym.seeker.scenario import SPLITS
from empathy_gym.seeker.seeker import Seeker
from empathy_gym.seeker.text import normalise

NAMES = tuple(name for name in NEEDS if name is not None)


def final_emotion(scenario: str, key: int, believed: str, turns: int) -> float:
    """Points after so many turns with an oracle that believes in that need."""
    seeker = Seeker(bank.scenario(scenario), key)
    for _ in range(turns):
        info = {"privileged": {**seeker.privileged(), "intention": believed}}
        if seeker.hear(normalise(oracle_reply(seeker.messages, info))).outcome is not None:
            break
    return seeker.emotion / 1000


def matrix(talks: int, turns: int, split: str) -> np.ndarray:
    """Mean final emotion, (8, 8): the need that is believed in down, the need that is there across; the same seekers in each column."""
    seekers: dict[str, list[tuple[str, int]]] = {name: [] for name in NAMES}
    i = 0
    while any(len(found) < talks for found in seekers.values()):
        key = draw(1, i, "needs")
        scenario = bank.pick(split, key)
        found = seekers[bank.scenario(scenario).intention]
        if len(found) < talks:
            found.append((scenario, key))
        i += 1
    return np.array(
        [
            [
                np.mean([final_emotion(scenario, key, believed, turns) for scenario, key in seekers[there]])
                for there in NAMES
            ]
            for believed in tqdm(NAMES, desc="needs", unit="mix")
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--talks", type=positive, default=30, help="of each mix with each need")
    parser.add_argument("--turns", type=positive, default=4, help="later the oracle has made everybody well")
    parser.add_argument("--split", default="test", choices=SPLITS)
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    found = matrix(args.talks, args.turns, args.split)
    print("final emotion; the mix down, the need across\n" + " " * 22 + "".join(f"{name[:9]:>10s}" for name in NAMES))
    for name, row in zip(NAMES, found, strict=True):
        print(f"{name:22s}" + "".join(f"{value:10.1f}" for value in row))
    best = [NAMES[i] for i in found.argmax(axis=0)]
    own = sum(there == believed for there, believed in zip(NAMES, best, strict=True))
    most = max(best.count(name) for name in NAMES)
    print(f"its own mix is best for {own} of 8 needs; no mix is best for more than {most}")
    if args.record:
        rows = {
            name: dict(zip(NAMES, np.round(row, 1).tolist(), strict=True))
            for name, row in zip(NAMES, found, strict=True)
        }
        append(
            "needs",
            {"split": args.split, "talks": args.talks, "turns": args.turns, "final": rows, "own": own, "most": most},
        )


if __name__ == "__main__":
    main()
