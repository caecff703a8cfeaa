"""Does the seeker move as people do? Figures of the dynamics beside human and published anchors.

python -m benchmarks.calibration [--episodes 120] [--split train] [--record]

* *Distress left* is ``(100 - e_T) / (100 - e_0)`` after eleven turns. Anchor: in ESConv a competent talk leaves about a third, a failed one all.
* *Lag-1 autocorrelation* of the turn changes within talks, all supporters in equal shares. Anchor: SAGE's transcripts, 0.61.
* *Acceptance* is the share of positive changes on turns of ``random``, which makes one move a turn. Anchor: RLVER, 52.4 % and 33.1 %.
* *Needs* and *temperaments*: mean final emotion of ``competent``. Anchor: SAGE's order, analysing others hardest, praise easiest, negative hardest.
* *Stage*: difference of the final emotion of ``random`` talks by how many questions, suggestions and reflections fell into each third. Anchor:
  6,589 client-rated sessions (KokoroChat): questions cost more late, suggestions pay most late, reflection pays early.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from agents.evaluate import run
from agents.scripted import STRATEGIES, SUPPORTERS
from benchmarks.record import append
from empathy_gym.seeker import bank

TURNS = 11
LEFT = {"competent": (0.30, 0.40), "stock_comfort": (0.80, 1.10), "inept": (0.95, 1.10)}
LAG = (0.50, 0.65)
ACCEPTANCE = {"vanilla": 0.524, "challenging": 0.331}
NEAR = 0.05
"""How near an acceptance has to be to RLVER's."""


def distress_left(talks: Sequence[dict[str, Any]]) -> float:
    """Mean share of the distance to 100 that is still there."""
    return float(np.mean([(100 - t["final_emotion"]) / (100 - t["emotions"][0]) for t in talks]))


def lag_one(talks: Sequence[dict[str, Any]]) -> float:
    """Correlation of a turn's change with the change before it, within talks, over all pairs."""
    pairs = [
        pair for t in talks for changes in [np.diff(t["emotions"])] for pair in zip(changes, changes[1:], strict=False)
    ]
    before, after = np.array(pairs).T
    return float(np.corrcoef(before, after)[0, 1])


def accepted(talks: Sequence[dict[str, Any]]) -> float:
    """Share of the turns whose change is above zero."""
    changes = np.concatenate([np.diff(t["emotions"]) for t in talks])
    return float((changes > 0).mean())


def by(talks: Sequence[dict[str, Any]], what: str) -> dict[str, float]:
    """Mean final emotion by the scenario's hidden intention or temperament, lowest first."""
    found: dict[str, list[float]] = defaultdict(list)
    for talk in talks:
        scenario = bank.scenario(talk["scenario"])
        found[scenario.intention if what == "intention" else scenario.persona.temperament].append(talk["final_emotion"])
    return {
        name: round(float(np.mean(values)), 1)
        for name, values in sorted(found.items(), key=lambda x: float(np.mean(x[1])))
    }


def stages(talks: Sequence[dict[str, Any]]) -> dict[str, list[float]]:
    """For each act of ``random``, the slope of the final emotion on its count in the first, middle and last third (least squares, all at once)."""
    which = {line.split("{")[0][:14]: name for name, lines in STRATEGIES.items() for line in lines}
    acts = ("question", "suggestion", "reflection", "self_disclosure")
    rows, final = [], []
    for talk in talks:
        counts = np.zeros((len(acts), 3))
        turns = talk["transcript"]["turns"]
        for i, turn in enumerate(turns):
            act = next((name for start, name in which.items() if start and turn["heard"].startswith(start)), None)
            if act in acts:
                counts[acts.index(act), min(2, 3 * i // len(turns))] += 1
        rows.append([1.0, *counts.ravel()])
        final.append(talk["final_emotion"])
    slopes = np.linalg.lstsq(np.array(rows), np.array(final), rcond=None)[0][1:].reshape(len(acts), 3)
    return {act: [round(float(x), 2) for x in row] for act, row in zip(acts, slopes, strict=True)}


def verdict(name: str, value: float, low: float, high: float) -> dict[str, Any]:
    """Print and return one figure with its range."""
    ok = low <= value <= high
    print(f"{'ok' if ok else 'NO':3s}{name:44s} {value:6.3f}  range {low:.3f} to {high:.3f}", flush=True)
    return {"name": name, "value": round(value, 3), "range": [low, high], "ok": ok}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--episodes", type=int, default=120)
    parser.add_argument("--split", default="train")
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    common = {"episodes": args.episodes, "split": args.split}
    rows = []
    for name, (low, high) in LEFT.items():
        rows.append(
            verdict(
                f"distress left, {name}", distress_left(run(SUPPORTERS[name](), max_turns=TURNS, **common)), low, high
            )
        )
    everyone = [
        t
        for factory in SUPPORTERS.values()
        for t in run(factory(), **{**common, "episodes": max(20, args.episodes // 3)})
    ]
    rows.append(verdict("lag-1 autocorrelation, all supporters", lag_one(everyone), *LAG))
    for difficulty, target in ACCEPTANCE.items():
        talks = run(SUPPORTERS["random"](), difficulty=difficulty, **common)
        rows.append(verdict(f"acceptance, random, {difficulty}", accepted(talks), target - NEAR, target + NEAR))
    competent = run(SUPPORTERS["competent"](), **{**common, "episodes": 3 * args.episodes})
    needs, temperaments = by(competent, "intention"), by(competent, "temperament")
    print("needs, hardest first:", needs)
    print("temperaments, hardest first:", temperaments)
    thirds = stages(run(SUPPORTERS["random"](), **{**common, "episodes": 4 * args.episodes}))
    print("final emotion a move, by third of the talk:", thirds)
    if args.record:
        append(
            "calibration",
            {
                "split": args.split,
                "episodes": args.episodes,
                "figures": rows,
                "needs": needs,
                "temperaments": temperaments,
                "stages": thirds,
            },
        )


if __name__ == "__main__":
    main()
