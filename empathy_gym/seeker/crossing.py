"""Crossing: telling back the seeker's own words with something in them changed: who it was, or how many.

*Then you returned your phone* tells back *Sir read it and returned my phone*, and it was not the seeker who did. Concepts alone cannot tell. This looks at
who a word is said of as far as the words before it show, and is silent where they do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from empathy_gym.seeker.concepts import STOP, stem
from empathy_gym.seeker.phrase import Phrase, phrase
from empathy_gym.seeker.text import fold, sentences

_I = frozenset("i i'm i've i'd i'll we we're we've we'd we'll".split())
_YOU = frozenset("you you're you've you'd you'll".split())
_THEY = frozenset("he she they he's she's they're they've he'd she'd they'd he'll she'll they'll".split())
_PEOPLE = frozenset(
    """sir miss mum mom mam mummy dad daddy father mother papa mama baba nan nana nanna gran grandma grandad grandpa grandmother grandfather brother
    sister son daughter husband wife partner boyfriend girlfriend boss manager teacher doctor nurse aunt auntie uncle cousin friend neighbour flatmate
    colleague landlord everyone everybody somebody someone people""".split()
)
_OBJECTS = frozenset("me us you him them who whose myself yourself".split())
"""Words behind which what follows may be anybody's."""

_ARTICLES, _JOINS = (
    frozenset("the a an his her their this that these those".split()),
    frozenset("and but while when because so as if".split()),
)
"""Words with which another may begin to be spoken of, behind such a joint."""

_LIGHT = frozenset(map(stem, """look think say tell go come get know feel want see ask wait keep think thought said told got went came took take make made put try
    need like love mean call talk hear find give leave start stop let help seem stay stand sit mind live work felt knew saw kept left""".split()))  # fmt: skip
"""What everybody does all the time: told of two people it is no mistake."""

_OBJECT_BEHIND = frozenset(
    """to for with from at of about by on in into over under behind without against between than like told tell tells asked asks gave give gives let
    lets made make makes called calls sent sends left leaves showed show shows saw see sees heard hear hears took take takes want wants wanted got
    get gets helped help""".split()
)
"""Words behind which *you* is not who does something."""

_LEADS = frozenset(
    """am is are was were be been have has had do does did will would can could should might must just really still even never always only also
    already finally almost then now not didn't don't haven't hadn't wasn't weren't isn't couldn't wouldn't can't won't all both simply quietly
    suddenly actually""".split()
)
"""Words that may stand between somebody and what they do."""

_BEFORE_ING = _LEADS | _I
"""Words between which and a word in *-ing* nobody else can have come."""

_NUMBERS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split()
    )
} | {word: 10 * number for number, word in enumerate("thirty forty fifty sixty seventy eighty ninety hundred".split(), start=3)}  # fmt: skip
_NUMBER_WORDS = frozenset(_NUMBERS)

_UNCOUNTED = frozenset((0, 1))
"""*One* is often no number."""

NEAR = 2
"""Words between a number and what it counts."""


OF_SEEKER, OF_OTHER, UNSHOWN = 1, 2, 4
"""Who is shown to have done something, as numbers that can be joined by *or*."""


class Told(NamedTuple):
    """What a sentence says of whom, and how many of what.

    Attributes:
        who: by stem, whether the speaker is shown to have done it, another is, or nobody is, joined.
        counts: by stem, the numbers before it.
    """

    who: Mapping[str, int]
    counts: Mapping[str, frozenset[int]]


def told(content: str) -> tuple[Told, ...]:
    """What the sentences of a line of the seeker say of whom; those that say nothing of it are left out."""
    folded = fold(content)
    found = [_told(folded[start:end]) for start, end in sentences(folded)]
    return tuple([one for one in found if one.who or one.counts])


@lru_cache(maxsize=4_096)
def _told(sentence: str) -> Told:
    """What one folded sentence says; seekers draw theirs from a bank, so the same come again from talk to talk."""
    said = phrase(sentence)
    who: dict[str, int] = {}
    counts: dict[str, frozenset[int]] = {}
    now = OF_OTHER if said.tokens and said.tokens[0] in _PEOPLE else UNSHOWN
    for at, token in enumerate(said.tokens):
        if token in _I:
            now = OF_SEEKER
        elif token in _THEY or (
            token in _PEOPLE and at and said.tokens[at - 1] in ("my", "the", "her", "his", "our", "and", "but")
        ):
            now = OF_OTHER
        elif token in _OBJECTS or (token in _ARTICLES and at and said.tokens[at - 1] in _JOINS):
            now = UNSHOWN
        elif token not in STOP:
            unsaid = token.endswith("ing") and not (at and said.tokens[at - 1] in _BEFORE_ING)
            who[said.stems[at]] = who.get(said.stems[at], 0) | (UNSHOWN if unsaid else now)
    for counted, number in _counted(said):
        counts[counted] = counts.get(counted, frozenset()) | {number}
    return Told(who, counts)


def crossed(said: Phrase, of: Sequence[Told]) -> str | None:
    """What a supporter's sentence changes in what the seeker told: ``who``, ``number``, or None where nothing is seen to be changed."""
    for word, by_seeker in _done(said):
        shown = 0
        for line in of:
            shown |= line.who.get(word, 0)
        if shown == (OF_OTHER if by_seeker else OF_SEEKER):
            return "who"
    for counted, number in _counted(said):
        if number in _UNCOUNTED or all(line.counts.get(counted, _UNCOUNTED) <= _UNCOUNTED for line in of):
            continue
        if not any(number in numbers for line in of for numbers in line.counts.values()):
            return "number"
    return None


def _done(said: Phrase) -> Iterator[tuple[str, bool]]:
    """The stems of what is said to be done, and whether the seeker does it."""
    subject: bool | None = None
    close = False  # whether what comes next is what somebody does
    for at, token in enumerate(said.tokens):
        last = said.tokens[at - 1] if at else ""
        if token in _YOU:
            close = not (token == "you" and last in _OBJECT_BEHIND)
            subject = True if close else None
        elif token in _THEY:
            subject, close = False, True
        elif token in ("and", "then") and subject is not None:
            close = True
        elif token in _LEADS:
            continue
        elif token in _OBJECTS:  # what comes behind another joint may be theirs
            subject, close = None, False
        else:
            if close and subject is not None and token not in STOP and said.stems[at] not in _LIGHT:
                yield said.stems[at], subject
            close = False


def _counted(said: Phrase) -> list[tuple[str, int]]:
    """The stems of what is counted, each with its number."""
    found: list[tuple[str, int]] = []
    tokens = said.tokens
    if _NUMBER_WORDS.isdisjoint(tokens) and min(tokens, default="a") >= "a":  # digits sort before letters
        return found
    for at, token in enumerate(tokens):
        number = _NUMBERS.get(token, int(token) if token.isdigit() and len(token) < 6 else None)
        if number is None:
            continue
        for i in range(at + 1, min(at + 1 + NEAR, len(tokens))):
            if said.contents[i] is not None and tokens[i] not in _NUMBERS:
                found.append((said.stems[i], number))
                break
    return found
