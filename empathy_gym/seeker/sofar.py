"""The talk so far, as a reply is held against it: what was said before by either side, in words, concepts and frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from empathy_gym.seeker.concepts import STOP, concept, concepts, is_feeling, stem
from empathy_gym.seeker.text import fold, sentences, words

Messages = Sequence[Mapping[str, str]]

LOOK_BACK = 24
"""Messages of the talk so far that a reply is held against."""

FRAME = 4
"""Words of its own that a sentence needs for its frame to be known again."""

_MIRROR = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "i'm": "you're", "im": "you're", "i've": "you've",
    "i'd": "you'd", "i'll": "you'll", "am": "are", "was": "were", "we": "you", "our": "your", "us": "you",
}  # fmt: skip


def mirrored(tokens: Sequence[str]) -> list[str]:
    """Words with the first person turned into the second, so that *my sister* and *your sister* are the same."""
    return [_MIRROR.get(t, t) for t in tokens]


class _Line(NamedTuple):
    """One earlier message; the same ones come again turn after turn."""

    pairs: frozenset[tuple[str, ...]]
    triples: frozenset[tuple[str, ...]]
    concepts: tuple[str, ...]
    words: frozenset[str]
    stems: frozenset[str]
    sentences: tuple[tuple[str, ...], ...]


@lru_cache(maxsize=4_096)
def _line(content: str) -> _Line:
    folded = fold(content[:2_000])
    content_words = frozenset(w for w in words(folded) if w not in STOP)
    turned = mirrored(words(folded))
    return _Line(
        pairs=frozenset(_pairs(turned)),
        triples=frozenset(_triples(turned)),
        concepts=concepts(folded),
        words=content_words,
        stems=frozenset(map(stem, content_words)),
        sentences=tuple(tuple(words(folded[start:end])) for start, end in sentences(folded)),
    )


class Talk:
    """The talk so far as a reply is held against it."""

    def __init__(self, messages: Messages) -> None:
        seeker = [_line(m["content"]) for m in messages[-LOOK_BACK:] if m["role"] == "user"]
        self.own = [_line(m["content"]) for m in messages[-LOOK_BACK:] if m["role"] == "assistant"]
        self.latest = frozenset(seeker[-1].concepts) if seeker else frozenset()
        self.said = frozenset().union(*(line.triples for line in seeker))
        self._words = frozenset().union(*(line.words for line in seeker))
        self._stems = frozenset().union(*(line.stems for line in seeker))
        frames = [self._frame(tokens) for line in self.own for tokens in line.sentences]
        self.frames = [set(zip(f, f[1:], strict=False)) for f in frames]

    def copied(self, turned: Sequence[str]) -> int:
        """Per mille of a sentence's word triples that the seeker said."""
        grams = _triples(turned)
        return 1000 * len([g for g in grams if g in self.said]) // len(grams) if grams else 0

    def repeated(self, turned: Sequence[str], mentioned: tuple[str, ...]) -> int:
        """Both the words and what they are about have to come again: a turn of phrase about something new is no repetition."""
        grams = _pairs(turned)
        most = 0
        for line in self.own:
            if grams:
                same = 1000 * len([g for g in grams if g in line.pairs]) // len(grams)
                if same <= most:
                    continue
                topic = 1000 * sum(c in line.concepts for c in mentioned) // len(mentioned) if mentioned else 1000
                most = max(most, min(same, topic))
        return most

    def _frame(self, tokens: Sequence[str]) -> list[str]:
        """A sentence with a blank for what it took from the seeker or names a feeling with."""
        return ["_" if w in self._words or is_feeling(w) else w for w in tokens]

    def echoed(self, tokens: Sequence[str]) -> frozenset[str]:
        """The concepts of those words that the seeker used."""
        return frozenset(c for w in tokens if stem(w) in self._stems and (c := concept(w)) is not None)

    def framed(self, tokens: Sequence[str]) -> int:
        """Earlier sentences of the supporter with the same frame."""
        frame = self._frame(tokens)
        if sum(w != "_" for w in frame) < FRAME:
            return 0
        pairs = set(zip(frame, frame[1:], strict=False))
        return sum(10 * len(pairs & earlier) >= 7 * len(pairs) for earlier in self.frames)


def _pairs(tokens: Sequence[str]) -> list[tuple[str, ...]]:
    return list(zip(tokens, tokens[1:], strict=False))


def _triples(tokens: Sequence[str]) -> list[tuple[str, ...]]:
    return list(zip(tokens, tokens[1:], tokens[2:], strict=False))
