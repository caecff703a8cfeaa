"""The talk so far, as a reply is held against it: what was said before by either side, in words, concepts and frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from empathy_gym.errors import InvalidOption
from empathy_gym.seeker.concepts import GENERIC, STOP
from empathy_gym.seeker.crossing import Told, crossed, told
from empathy_gym.seeker.phrase import BLANK, Phrase, phrase
from empathy_gym.seeker.text import fold, sentences

Messages = Sequence[Mapping[str, str]]

LOOK_BACK = 24
"""Messages of the talk so far that a reply is held against."""

REMEMBERED = LOOK_BACK
"""Messages of either side of which the pairs and triples are kept: one talk's, and no more, for they are many small objects that the
garbage collector goes through."""

MAX_CHARS = 2_000
"""No more than this of one earlier message is looked at."""

BONES = 6
"""Joints that a sentence needs for its skeleton to be known again."""

_JOINTS = frozenset(
    """you would could should might must can rather than instead so because and but or if as though although while when until not only is are was were
    isn't aren't what that which who where why how nobody nothing part both still even never always without more less maybe perhaps""".split()
)
"""Words that hold a sentence together whatever it is about."""

SAME, SAME_SHARE = 2, 3
"""Meanings that a sentence has in common with one of the seeker's, at least, and the part of its particular ones that they are, for it to give that sentence back."""

STRETCH = 10
"""Word triples of a sentence in which copies are counted."""

SHAPE, JOINED = 5, 2
"""Words of a run that is known again by its shape, and how many of them, at least, are no blanks."""

FRAME = 4
"""Words of its own that a sentence needs for its frame to be known again."""

Pair = tuple[str, str]
Triple = tuple[str, str, str]
NO_PAIRS: frozenset[Pair] = frozenset()


class _Heard(NamedTuple):
    """An earlier line of the seeker."""

    triples: frozenset[Triple]
    shapes: frozenset[tuple[str, ...]]
    senses: tuple[frozenset[str], ...]
    concepts: frozenset[str]
    words: frozenset[str]
    stems: frozenset[str]


@lru_cache(maxsize=4_096)
def _sense(sentence: str) -> frozenset[str]:
    """The concepts of one folded sentence; seekers draw theirs from a bank, so the same come again from talk to talk."""
    return frozenset(phrase(sentence).concepts)


@lru_cache(maxsize=REMEMBERED)
def _heard(content: str) -> _Heard:
    folded = fold(content[:MAX_CHARS])
    said = phrase(folded)
    turned = said.turned
    return _Heard(
        triples=frozenset(zip(turned, turned[1:], turned[2:], strict=False)),
        shapes=frozenset([shape for _, shape in _shapes(said)]),
        senses=tuple([_sense(folded[start:end]) for start, end in sentences(folded)]),
        concepts=frozenset(said.concepts),
        words=frozenset(said.tokens) - STOP,
        stems=frozenset([stem for word, stem in zip(said.tokens, said.stems, strict=True) if word not in STOP]),
    )


class _Own(NamedTuple):
    """An earlier message of the supporter."""

    pairs: frozenset[Pair]
    concepts: frozenset[str]
    sentences: tuple[Phrase, ...]
    bones: tuple[frozenset[Pair], ...]


@lru_cache(maxsize=REMEMBERED)
def _own(content: str) -> _Own:
    folded = fold(content[:MAX_CHARS])
    parts = tuple(phrase(folded[start:end]) for start, end in sentences(folded))
    turned = list(chain.from_iterable(part.turned for part in parts))
    return _Own(
        pairs=frozenset(zip(turned, turned[1:], strict=False)),
        concepts=frozenset(chain.from_iterable(part.concepts for part in parts)),
        sentences=parts,
        bones=tuple([_bones(part.tokens) for part in parts]),
    )


def checked(messages: object) -> Iterator[tuple[str, str]]:
    """Role and content of each message of a talk.

    Raises:
        InvalidOption: naming the first that is none.
    """
    if isinstance(messages, str | bytes | Mapping) or not isinstance(messages, Iterable):
        raise InvalidOption(f"messages: expected a list of {{'role': str, 'content': str}}, got {str(messages)[:80]}")
    for i, message in enumerate(messages):
        parts = [message.get(name) for name in ("role", "content")] if isinstance(message, Mapping) else [None]
        if not all(isinstance(part, str) for part in parts):
            raise InvalidOption(f"messages[{i}]: expected {{'role': str, 'content': str}}, got {str(message)[:80]}")
        yield str(parts[0]), str(parts[1])


class Talk(NamedTuple):
    """The talk so far as a reply is held against it.

    Attributes:
        own: the supporter's messages.
        latest: concepts of the seeker's last line.
        said: word triples of the seeker's, the first person turned into the second.
        shapes: runs of words of the seeker's with blanks for those that have a concept.
        senses: the concepts of each sentence of theirs.
        words: the seeker's content words.
        stems: the stems of these.
        pairs: word pairs of the supporter's, all messages together.
        bones: the joints of all the supporter's sentences together.
        told: what the seeker's sentences said of whom, and how many of what.
    """

    own: tuple[_Own, ...] = ()
    latest: frozenset[str] = frozenset()
    said: frozenset[Triple] = frozenset()
    shapes: frozenset[tuple[str, ...]] = frozenset()
    senses: tuple[frozenset[str], ...] = ()
    words: frozenset[str] = frozenset()
    stems: frozenset[str] = frozenset()
    pairs: frozenset[Pair] = frozenset()
    bones: frozenset[Pair] = frozenset()
    told: tuple[Told, ...] = ()

    def copied(self, sentence: Phrase) -> int:
        """Per mille of a sentence's word triples that the seeker said, in that stretch of it where they are most: what is joined on to a clause given back does
        not hide it.
        """
        turned = sentence.turned
        if len(turned) < 3:
            return 0
        hits = list(map(self.said.__contains__, zip(turned, turned[1:], turned[2:], strict=False)))
        if True not in hits:
            return 0
        most = now = sum(hits[:STRETCH])
        for gone, come in zip(hits, hits[STRETCH:], strict=False):
            now += come - gone
            most = max(most, now)
        return 1000 * most // min(len(hits), STRETCH)

    def repeated(self, sentence: Phrase, mentioned: tuple[str, ...]) -> int:
        """Both the words and what they are about have to come again: a turn of phrase about something new is no repetition."""
        grams = list(filter(self.pairs.__contains__, zip(sentence.turned, sentence.turned[1:], strict=False)))
        most = 0
        for message in self.own if grams else ():
            same = 1000 * sum(map(message.pairs.__contains__, grams)) // (len(sentence.turned) - 1)
            if same <= most:
                continue
            topic = 1000
            if mentioned:
                topic = 1000 * sum(map(message.concepts.__contains__, mentioned)) // len(mentioned)
            most = max(most, min(same, topic))
        return most

    def echoed(self, sentence: Phrase) -> frozenset[str]:
        """The concepts of those words that the seeker used, of those that only stand in the place of one (*you pushed the case under the mattress*, for *the bed*),
        and of those that a sentence of theirs had which is given back, in whatever words and order (*you closed your store in March*, for *I shut my shop in
        March*).
        """
        found: list[str | None] = []
        if not self.stems.isdisjoint(sentence.stems):
            pairs = zip(sentence.stems, sentence.contents, strict=True)
            found = [c for stem, c in pairs if c is not None and stem in self.stems]
        for at, shape in _shapes(sentence) if self.shapes else ():
            if shape in self.shapes:
                found.extend(sentence.contents[at : at + SHAPE])
        own = frozenset(sentence.concepts)
        particular = len(own - GENERIC)  # what fits anybody makes no sentence one's own
        for sense in self.senses if len(own) >= SAME else ():
            same = own & sense
            if len(same) >= SAME and SAME_SHARE * len(same) >= particular:
                found.extend(same)
        return frozenset(filter(None, found))

    def framed(self, sentence: Phrase) -> int:
        """Earlier sentences of the supporter with the same frame."""
        bones = _bones(sentence.tokens) if self.bones else NO_PAIRS
        boned = _alike(bones, self.bones, 8)
        frame = _frame(sentence, self.words)
        blanks = frame.count(BLANK)
        if not boned and (len(frame) - blanks < FRAME or not _may_frame(sentence, blanks, self.pairs)):
            return 0  # not even to all of them together
        pairs = _pairs(frame) if len(frame) - blanks >= FRAME else NO_PAIRS
        found = 0
        for message in self.own:
            if not boned and not _may_frame(sentence, blanks, message.pairs):
                continue
            for old, skeleton in zip(message.sentences, message.bones, strict=True):
                found += _alike(pairs, _pairs(_frame(old, self.words)), 7) or _alike(bones, skeleton, 8)
        return found

    def crossed(self, sentence: Phrase) -> str | None:
        """What it changes in what the seeker told (:func:`~empathy_gym.seeker.crossing.crossed`)."""
        return None if self.stems.isdisjoint(sentence.stems) else crossed(sentence, self.told)


def _may_frame(sentence: Phrase, blanks: int, said: frozenset[Pair]) -> bool:
    """Whether so many of a sentence's word pairs were said that the frame may be the same, whatever its blanks stand for."""
    turned = sentence.turned
    again = sum(map(said.__contains__, zip(turned, turned[1:], strict=False)))
    return 10 * (again + 2 * blanks) >= 7 * (len(set(turned)) - 1 - blanks)


def _alike(pairs: frozenset[Pair], earlier: frozenset[Pair], tenths: int) -> bool:
    """Whether so many tenths of some pairs stood in an earlier sentence."""
    return not pairs.isdisjoint(earlier) and 10 * len(pairs & earlier) >= tenths * len(pairs)


def _bones(tokens: tuple[str, ...]) -> frozenset[Pair]:
    """The joints of a sentence, each with the next, whatever stands between them; nothing of a sentence with few."""
    found = list(filter(_JOINTS.__contains__, tokens))
    return frozenset(zip(found, found[1:], strict=False)) if len(found) >= BONES else frozenset()


def _frame(sentence: Phrase, known: frozenset[str]) -> Sequence[str]:
    if known.isdisjoint(sentence.tokens):
        return sentence.framed
    return [BLANK if word in known else word for word in sentence.framed]


def talk(messages: Messages, before: Talk | None = None) -> Talk:
    """The talk so far.

    Args:
        messages: all of it.
        before: the talk without the last two messages, where it is known: then those two are added to it.
    """
    if before is not None and len(messages) <= LOOK_BACK:  # a longer one loses its first messages
        return _after(before, messages[-2:])
    return _after(Talk(), messages[-LOOK_BACK:])


def _after(before: Talk, messages: Messages) -> Talk:
    """A talk and further messages."""
    heard = [_heard(m["content"]) for m in messages if m["role"] == "user"]
    own = [_own(m["content"]) for m in messages if m["role"] == "assistant"]
    return Talk(
        own=(*before.own, *own),
        latest=heard[-1].concepts if heard else before.latest,
        said=before.said.union(*[line.triples for line in heard]),
        shapes=before.shapes.union(*[line.shapes for line in heard]),
        senses=(*before.senses, *chain.from_iterable([line.senses for line in heard])),
        words=before.words.union(*[line.words for line in heard]),
        stems=before.stems.union(*[line.stems for line in heard]),
        pairs=before.pairs.union(*[message.pairs for message in own]),
        bones=before.bones.union(*[skeleton for message in own for skeleton in message.bones]),
        told=(
            *before.told,
            *chain.from_iterable([told(m["content"][:MAX_CHARS]) for m in messages if m["role"] == "user"]),
        ),
    )


def _shapes(said: Phrase) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Where a run of words begins and the run, with blanks for those that mean something of their own; without any, or with hardly more than these, it has no
    shape.
    """
    shape = [word if c is None else BLANK for word, c in zip(said.turned, said.contents, strict=True)]
    for at in range(len(shape) - SHAPE + 1):
        run = tuple(shape[at : at + SHAPE])
        if 0 < run.count(BLANK) <= SHAPE - JOINED:
            yield at, run


def _pairs(frame: Sequence[str]) -> frozenset[Pair]:
    return frozenset(zip(frame, frame[1:], strict=False))
