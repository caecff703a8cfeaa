"""What the reader's heads see of a sentence: hashed n-grams, endings and a few marks of form, as rows of a table."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache

from empathy_gym.seeker.concepts import concept, feelings
from empathy_gym.seeker.text import words

ROWS = 65_536
"""Rows of the tables (DESIGN 3.4: 65,536 integer rows lose nothing against an unhashed vocabulary)."""

MAX_WORDS = 120
"""No more words than this of one sentence are looked at."""


@lru_cache(maxsize=262_144)
def _row(name: str) -> int:
    return zlib.crc32(name.encode("ascii", "replace")) % ROWS


def sentence_features(
    folded: str, cued: Sequence[str], before: frozenset[str] = frozenset(), first: bool = True, last: bool = True
) -> list[int]:
    """Rows that one sentence switches on, sorted and each once.

    Args:
        folded: the sentence, folded.
        cued: the harms and moves whose cue stands in it.
        before: concepts of the seeker's line before it; how many come again tells a restatement from news.
        first: whether it opens the message.
        last: whether it closes it.
    """
    tokens = words(folded)[:MAX_WORDS]
    end = folded.rstrip("\"')] ")[-1:]
    names = [
        f"end={end if end in '?!.,' else '_'}",
        f"first={int(first)}",
        f"last={int(last)}",
        f"len={_bucket(len(tokens))}",
    ]
    marked = ["<s>", *tokens, "?" if end == "?" else "</s>"]
    names.extend(marked[1:-1])
    names.extend(map(" ".join, zip(marked, marked[1:], strict=False)))
    names.extend(map(" ".join, zip(marked, marked[1:], marked[2:], strict=False)))
    if end == "?":
        names.extend([f"q {t}" for t in tokens[:2]])
    names.extend([f"cue={name}" for name in cued])
    named = feelings(folded)
    names.extend([f"feeling={name}" for name in named])
    names.append(f"feelings={min(len(named), 2)}")
    told = {c for c in map(concept, tokens) if c is not None}
    names.extend([f"concept={c}" for c in told])
    names.append(f"again={min(len(told & before), 3)} of {_bucket(len(told))}")
    names.append(f"you={int(not _YOU.isdisjoint(tokens))} i={int(not _I.isdisjoint(tokens))}")
    return sorted(set(map(_row, names)))


def message_features(sentences: Sequence[Sequence[int]], length: int, questions: int) -> list[int]:
    """Rows for a whole message: those of its sentences, its length in words and how many of them ask."""
    rows = {row for sentence in sentences for row in sentence}
    rows.add(_row(f"message={_bucket(length)}"))
    rows.add(_row(f"sentences={min(len(sentences), 6)}"))
    rows.add(_row(f"questions={min(questions, 3)}"))
    return sorted(rows)


def _bucket(count: int) -> int:
    return count if count < 4 else 4 + (count - 4) // 4 if count < 16 else 7 + (count - 16) // 16 if count < 80 else 11


_YOU = frozenset(("you", "your", "you're", "you've", "yourself", "u", "ur", "you'd", "you'll", "youre"))
_I = frozenset(("i", "i'm", "i've", "my", "me", "i'd", "myself", "im", "ive"))
