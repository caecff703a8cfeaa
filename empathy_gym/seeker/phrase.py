"""A stretch of folded text word by word: all that is known of its words by themselves, looked up once and handed on."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import NamedTuple

from empathy_gym.seeker.concepts import concept, feeling, named, stem
from empathy_gym.seeker.fluency import word_class
from empathy_gym.seeker.text import Remembered, words

BLANK = "_"
"""Stands in a frame for what can be filled in."""

_MIRROR = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "i'm": "you're", "im": "you're", "i've": "you've",
    "i'd": "you'd", "i'll": "you'll", "am": "are", "was": "were", "we": "you", "our": "your", "us": "you",
}  # fmt: skip


class Phrase(NamedTuple):
    """Words and what is known of them, a column each, and what they say together.

    Attributes:
        tokens: the words.
        tails: the words as bytes behind a space, as hashed n-grams go on.
        hashes: CRC-32 of each.
        stems: their stems.
        contents: their concepts, or None.
        named: the feelings that they name, or None.
        classes: their classes as :mod:`~empathy_gym.seeker.fluency` sees them.
        turned: the words with the first person turned into the second, so that *my sister* and *your sister* are the same.
        framed: the words with a blank for each that names a feeling.
        concepts: the concepts in order, each once.
        feelings: the feelings named and not denied, in order, each once.
    """

    tokens: tuple[str, ...]
    tails: tuple[bytes, ...]
    hashes: tuple[int, ...]
    stems: tuple[str, ...]
    contents: tuple[str | None, ...]
    named: tuple[str | None, ...]
    classes: tuple[str, ...]
    turned: tuple[str, ...]
    framed: tuple[str, ...]
    concepts: tuple[str, ...]
    feelings: tuple[str, ...]


def _of_word(word: str) -> tuple[str, bytes, int, str, str | None, str | None, str, str]:
    code = word.encode("ascii")
    return (
        word, b" " + code, zlib.crc32(code), stem(word), concept(word), feeling(word), word_class(word), _MIRROR.get(word, word),
    )  # fmt: skip


_COLUMNS = Remembered(_of_word)
_NOTHING = Phrase((), (), (), (), (), (), (), (), (), (), ())


@lru_cache(maxsize=256)
def phrase(folded: str) -> Phrase:
    """The phrase of a folded text."""
    tokens = words(folded)
    if not tokens:
        return _NOTHING
    columns = tuple(zip(*map(_COLUMNS.__getitem__, tokens), strict=True))  # in the order of the fields
    contents, feelings = columns[4:6]
    concepts = tuple(filter(None, dict.fromkeys(contents)))
    if not any(feelings):
        return Phrase._make((*columns, tokens, concepts, ()))
    framed = tuple([word if feels is None else BLANK for word, feels in zip(tokens, feelings, strict=True)])
    return Phrase._make((*columns, framed, concepts, named(tokens, feelings)))
