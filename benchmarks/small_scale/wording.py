"""What replies are made of: how long they are, whether they end, and what they name that nobody spoke of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from empathy_gym.seeker import bank
from empathy_gym.seeker.concepts import GENERIC, concepts
from empathy_gym.seeker.grounding import Index, story_index
from empathy_gym.seeker.text import fold

ENDS = (".", "?", "!", '"', "'", "\u201d", "\u2019", "\u2026")
"""What a reply that was not cut off by the limit of tokens ends in."""


def made_up(sentence: str, said: set[str], index: Index) -> list[str]:
    """The content words of a sentence, as concepts, that the seeker has not said, that their story has nowhere, and that do not fit any trouble.

    Args:
        sentence: of a reply.
        said: concepts of the seeker's lines so far.
        index: of the seeker's story, with every wording of every fact.
    """
    return [c for c in concepts(fold(sentence)) if c not in GENERIC and c not in said and not index.knows(c)]


def wording(talks: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Figures over all replies of some evaluated talks.

    Returns:
        ``reply_words``: what the seeker hears, in words a reply; ``unfinished``: share of replies that end in no mark; ``understood``: sentences a
        talk with a line of that name in the ledger, and ``understood_points``, their points a talk; ``made_up`` and ``made_up_twice``: share of
        those sentences that name at least one thing, and at least two, that nobody spoke of.
    """
    replies = [turn["heard"] for talk in talks for turn in talk["transcript"]["turns"]]
    counts, points = [], 0
    for talk in talks:
        transcript = talk["transcript"]
        index, said = (
            story_index(bank.scenario(transcript["scenario"]).story),
            set(concepts(fold(transcript["opening"]))),
        )
        for turn in transcript["turns"]:
            for line in turn["ledger"]:
                if line["cause"] == "understood":
                    start, end = line["span"]
                    counts.append(len(made_up(turn["heard"][start:end], said, index)))
                    points += line["amount"]
            said |= set(concepts(fold(turn["line"])))
    found = {
        "reply_words": float(np.mean([len(r.split()) for r in replies])),
        "unfinished": float(np.mean([not r.rstrip().endswith(ENDS) for r in replies])),
        "understood": len(counts) / len(talks),
        "understood_points": points / 1000 / len(talks),
        "made_up": float(np.mean([c >= 1 for c in counts])) if counts else 0.0,
        "made_up_twice": float(np.mean([c >= 2 for c in counts])) if counts else 0.0,
    }
    return {name: round(value, 3) for name, value in found.items()}
