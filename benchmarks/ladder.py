"""The ladder: every scripted supporter on held-out seekers, along the difficulty dial.

python -m benchmarks.ladder [--episodes 200] [--split test] [--record]
"""

from __future__ import annotations

import argparse

from agents.evaluate import run
from agents.intervals import mean_interval
from agents.scripted import SUPPORTERS
from benchmarks.arguments import positive
from benchmarks.record import append
from empathy_gym.seeker.scenario import SPLITS

DIALS = (0.0, 0.5, 1.0, 1.5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--episodes", type=positive, default=200)
    parser.add_argument("--split", default="test", choices=SPLITS)
    parser.add_argument("--record", action="store_true", help="append the figures to benchmarks/results/ladder.jsonl")
    args = parser.parse_args()
    figures: dict[str, dict[str, list[float]]] = {}
    print(f"{'final emotion':14s} " + "  ".join(f"dial {d:<18}" for d in DIALS))
    for name, factory in SUPPORTERS.items():
        cells = {}
        for dial in DIALS:
            talks = run(factory(), episodes=args.episodes, split=args.split, difficulty=dial)
            cells[str(dial)] = [round(x, 2) for x in mean_interval([t["final_emotion"] for t in talks])]
        figures[name] = cells
        print(
            f"{name:14s} " + "  ".join(f"{m:5.1f} [{low:5.1f}, {high:5.1f}]   " for m, low, high in cells.values()),
            flush=True,
        )
    if args.record:
        append("ladder", {"split": args.split, "episodes": args.episodes, "figures": figures})


if __name__ == "__main__":
    main()
