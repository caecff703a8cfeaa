"""Does the same said in other words do the same, and the same words shuffled nothing?

python -m benchmarks.paraphrases [--split test] [--record]

A group is a fact's gists: four ways, in different words, in which a friend could say it back. Each is said to the same seeker, who has just told that
fact, in the same state. Figures: the mean deviation of a gain from its group's mean (goal: a tenth), the share of groups all of whose
members lie within a tenth, and the share of the gain that goes when the words are shuffled (goal: 70 %).
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.record import append
from empathy_gym.seeker import bank
from empathy_gym.seeker.appraisal import Appraisal
from empathy_gym.seeker.keyed import shuffled
from empathy_gym.seeker.mind import Mind
from empathy_gym.seeker.reading import read
from empathy_gym.seeker.scenario import Fact, Scenario

NEAR = 0.1


def gain(scenario: Scenario, fact: Fact, reply: str) -> int:
    """Milli-points that the reply's own lines earn from a seeker who has just told the fact."""
    mind = Mind(scenario)
    told = next(line for register, line in fact.said if register == "plain")
    mind.observe(scenario.story.openings[0])
    mind.memory.disclosed[fact.id] = 0
    talk = [
        {"role": "user", "content": scenario.story.openings[0]},
        {"role": "assistant", "content": "Go on."},
        {"role": "user", "content": told},
    ]
    lines = Appraisal(mind, read(reply, talk)).run().lines
    return sum(line.amount for line in lines if line.span is not None)


def said(gist: str) -> str:
    """A gist as a sentence."""
    return f"It sounds like {gist}."


def groups(split: str) -> list[tuple[list[int], list[int]]]:
    """For each fact, the gains of its gists and of the same gists shuffled."""
    found = []
    first: dict[str, Scenario] = {}
    for name in bank.scenario_ids(split):
        scenario = bank.scenario(name)
        first.setdefault(scenario.story.id, scenario)
    for scenario in first.values():
        for fact in scenario.story.facts:
            whole = [gain(scenario, fact, said(g)) for g in fact.gists]
            mixed = [
                gain(scenario, fact, " ".join(shuffled(said(g)[:-1].split(" "), 0, i, fact.id)) + ".")
                for i, g in enumerate(fact.gists)
            ]
            found.append((whole, mixed))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", default="test")
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    rows = groups(args.split)
    whole = np.array([w[:4] for w, _ in rows], dtype=float)  # (groups, 4)
    means = np.maximum(whole.mean(axis=1, keepdims=True), 1.0)
    off = np.abs(whole - means) / means
    lost = 1 - sum(sum(m) for _, m in rows) / sum(sum(w) for w, _ in rows)
    inside = float((off <= NEAR).all(axis=1).mean())
    print(f"{len(rows)} groups of {args.split} stories: mean gain {whole.mean() / 1000:.2f} points; mean deviation from the group's mean {100 * off.mean():.0f} % (goal 10 %); "
          f"groups within a tenth {100 * inside:.0f} %; lost by shuffling {100 * lost:.0f} % (goal 70 %)")  # fmt: skip
    if args.record:
        append(
            "paraphrases",
            {
                "split": args.split,
                "groups": len(rows),
                "deviation": round(float(off.mean()), 3),
                "within": round(inside, 3),
                "lost": round(float(lost), 3),
            },
        )


if __name__ == "__main__":
    main()
