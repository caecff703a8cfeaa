"""What the reader's heads see of a sentence: hashed n-grams, endings and a few marks of form, as rows of a table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from zlib import crc32

from empathy_gym.seeker.phrase import Phrase, phrase
from empathy_gym.seeker.text import Remembered

ROWS = 65_536
"""Rows of the tables (DESIGN 3.4: 65,536 integer rows lose nothing against an unhashed vocabulary)."""

MAX_WORDS = 120
"""No more words than this of one sentence are looked at."""

_OPENS, _ASKS, _CLOSES = crc32(b"<s>"), b" ?", b" </s>"
_AT_FIRST = (crc32(b"q"),) * 2


@lru_cache(maxsize=65_536)
def _row(name: str) -> int:
    return crc32(name.encode("ascii", "replace")) % ROWS


def sentence_features(
    folded: str, cued: Sequence[str], before: frozenset[str] = frozenset(), first: bool = True, last: bool = True
) -> list[int]:
    """Rows that one sentence switches on, sorted and each once: CRC-32 of their names, modulo :data:`ROWS`.

    Args:
        folded: the sentence, folded.
        cued: the harms and moves whose cue stands in it.
        before: concepts of the seeker's line before it; how many come again tells a restatement from news.
        first: whether it opens the message.
        last: whether it closes it.
    """
    return sorted(sentence_rows(folded, phrase(folded), cued, before, first, last))


def sentence_rows(
    folded: str, said: Phrase, cued: Sequence[str], before: frozenset[str], first: bool, last: bool
) -> set[int]:
    """The rows of :func:`sentence_features`, of a sentence of which the phrase is at hand."""
    tokens, tails, hashes, told = said.tokens, said.tails, said.hashes, said.concepts
    if len(tokens) > MAX_WORDS:
        tokens, tails, hashes = tokens[:MAX_WORDS], tails[:MAX_WORDS], hashes[:MAX_WORDS]
        told = tuple({c for c in said.contents[:MAX_WORDS] if c is not None})
    end = folded.rstrip("\"')] ")[-1:]
    # The hash of "a b c" goes on from that of "a b": no string is made for a pair or a triple.
    following = (*tails, _ASKS if end == "?" else _CLOSES)
    pairs = list(map(crc32, following, (_OPENS, *hashes)))
    triples = map(crc32, following[1:], pairs)
    form = _form(
        end, first, last, len(tokens), len(said.feelings), len(before.intersection(told)), len(told),
        _YOU.isdisjoint(tokens), _I.isdisjoint(tokens),
    )  # fmt: skip
    rows = {name % ROWS for name in [*hashes, *pairs, *triples]}
    rows.update(form, map(_CONCEPTS.__getitem__, told))
    if end == "?":
        rows.update([name % ROWS for name in map(crc32, tails[:2], _AT_FIRST)])
    if cued or said.feelings:
        rows.update([_row(f"cue={name}") for name in cued], [_row(f"feeling={name}") for name in said.feelings])
    return rows


_CONCEPTS: Remembered[str, int] = Remembered(lambda name: _row(f"concept={name}"))


@lru_cache(maxsize=65_536)
def _form(
    end: str, first: bool, last: bool, length: int, feelings: int, again: int, told: int, no_you: bool, no_i: bool
) -> tuple[int, ...]:
    """Rows of the marks of form."""
    names = (
        f"end={end if end in '?!.,' else '_'}",
        f"first={int(first)}",
        f"last={int(last)}",
        f"len={_bucket(length)}",
        f"feelings={min(feelings, 2)}",
        f"again={min(again, 3)} of {_bucket(told)}",
        f"you={int(not no_you)} i={int(not no_i)}",
    )
    return tuple(map(_row, names))


def message_features(sentences: Sequence[Collection[int]], length: int, questions: int) -> list[int]:
    """Rows for a whole message, sorted and each once."""
    return sorted(message_rows(sentences, length, questions))


def message_rows(sentences: Sequence[Collection[int]], length: int, questions: int) -> set[int]:
    """Rows for a whole message: those of its sentences, its length in words and how many of them ask."""
    return {*_size(_bucket(length), min(len(sentences), 6), min(questions, 3))}.union(*sentences)


@lru_cache(maxsize=1_024)
def _size(length: int, sentences: int, questions: int) -> tuple[int, ...]:
    """Rows of the marks of size."""
    return _row(f"message={length}"), _row(f"sentences={sentences}"), _row(f"questions={questions}")


def _bucket(count: int) -> int:
    return count if count < 4 else 4 + (count - 4) // 4 if count < 16 else 7 + (count - 16) // 16 if count < 80 else 11


_YOU = frozenset(("you", "your", "you're", "you've", "yourself", "u", "ur", "you'd", "you'll", "youre"))
_I = frozenset(("i", "i'm", "i've", "my", "me", "i'd", "myself", "im", "ive"))
