"""Demonstrations by a scripted supporter: talks with training seekers from which a chat model can learn how listening goes before any reward.

    python -m agents.demonstrate --out runs/demonstrations.jsonl [--supporter competent] [--talks 300] [--least 60]

Plays until so many talks have ended at ``--least`` or above, and writes them as ``agents.imitate --talks`` reads them. Before each reply stands a thought:
what the seeker's line comes to, in other words, as the story's authors put it. It is written from the talk up to there, and names no skill, need,
stage or move.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tqdm import tqdm

from agents.evaluate import run
from agents.scripted import SUPPORTERS
from empathy_gym.files import write_whole
from empathy_gym.seeker import bank
from empathy_gym.seeker.keyed import choose
from empathy_gym.seeker.scenario import Story

FIRST_SEED = 50_000
"""Of the first talk: far from the seeds that training and evaluation take."""

AT_ONCE = 50
"""Talks played before the next look at how many are enough."""

LITTLE = (
    "That says little, and maybe something is kept back.",
    "Nothing new in that. Something else is on their mind.",
    "A few words only. What came before still stands.",
    "No more than a sign that they are there.",
)
"""Thoughts about a line that tells of nothing."""


def thought(story: Story, line: str, key: int, turn: int) -> str:
    """What a line of the seeker comes to, in other words: of each thing that it tells, at most two, one way to say it.

    Args:
        story: the seeker's.
        line: what they said.
        key: a number of the talk.
        turn: of the talk, from 0.
    """
    facts = [fact for fact in story.facts if any(wording.rstrip(".") in line for _, wording in fact.said)]
    if turn == 0 and not facts:  # the first line has words of its own for what the whole is about
        facts = [story.facts[0]]
    told = [choose(fact.gists, key, turn, fact.id) for fact in facts[:2]]
    if not told:
        return choose(LITTLE, key, turn, "little")
    return "In my words: " + " And: ".join(f"{text.rstrip('.')}." for text in told)


def demonstration(result: dict[str, Any], key: int) -> dict[str, Any]:
    """One talk of :func:`agents.evaluate.run` as a demonstration."""
    story = bank.scenario(result["scenario"]).story
    line, turns = result["transcript"]["opening"], []
    for number, turn in enumerate(result["transcript"]["turns"]):
        turns.append({"seeker": line, "thought": thought(story, line, key, number), "reply": turn["reply"]})
        line = turn["line"]
    return {"scenario": result["scenario"], "seed": key, "final_emotion": result["final_emotion"], "turns": turns}


def demonstrations(supporter: str, count: int, least: float, most: int) -> list[dict[str, Any]]:
    """Talks that ended well.

    Args:
        supporter: of :data:`agents.scripted.SUPPORTERS`.
        count: how many.
        least: final emotion, 0 to 100.
        most: talks to play for them.

    Raises:
        ValueError: if none are wanted, there is no such supporter, or too few of its talks end so well.
    """
    if count < 1:
        raise ValueError(f"talks: expected at least 1, got {count}")
    if supporter not in SUPPORTERS:
        raise ValueError(f"supporter: expected one of {', '.join(sorted(SUPPORTERS))}, got {supporter}")
    found: list[dict[str, Any]] = []
    with tqdm(total=count, desc="talks", unit="talk") as bar:
        for start in range(FIRST_SEED, FIRST_SEED + most, AT_ONCE):
            results = run(SUPPORTERS[supporter](), episodes=AT_ONCE, split="train", seed=start)
            good = [demonstration(r, start + i) for i, r in enumerate(results) if r["final_emotion"] >= least]
            found += good[: count - len(found)]
            bar.update(len(found) - bar.n)
            if len(found) == count:
                return found
    raise ValueError(f"least: expected {count} talks of {most} that end at {least} or above, got {len(found)}")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--out", type=Path, required=True)
    found.add_argument("--supporter", default="competent")
    found.add_argument("--talks", type=int, default=300)
    found.add_argument("--least", type=float, default=60.0, help="final emotion, 0 to 100")
    found.add_argument("--most", type=int, help="talks to play for them; default: ten times as many")
    return found


def main(argv: list[str] | None = None) -> int:
    """Write the file; exit code 130 after an interruption, which leaves none."""
    args = parser().parse_args(argv)
    try:
        found = demonstrations(args.supporter, args.talks, args.least, args.most or 10 * args.talks)
    except ValueError as error:
        raise SystemExit(f"demonstrate: {error}") from error
    except KeyboardInterrupt:
        print("interrupted; nothing is written", file=sys.stderr)
        return 130
    args.out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(args.out, "".join(json.dumps(talk) + "\n" for talk in found))
    print(f"{len(found)} talks written to {args.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
