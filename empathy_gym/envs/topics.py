"""What anyone can hear in a seeker's lines: whom and what they speak of, and how they seem to feel.

Small means on purpose: word lists and positions, on the fixed alphabet of :mod:`empathy_gym.seeker.text`. Nothing hidden is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from empathy_gym.seeker.concepts import FEELINGS, feelings
from empathy_gym.seeker.text import fold

__all__ = ["ADJECTIVES", "Visible", "noun_phrases", "people"]

ADJECTIVES = {
    "anger": "angry", "sadness": "sad", "anxiety": "anxious", "shame": "ashamed", "guilt": "guilty", "loneliness": "lonely",
    "grief": "heartbroken", "hurt": "hurt", "overwhelm": "overwhelmed", "helplessness": "helpless",
    "disappointment": "let down", "worry": "worried",
}  # fmt: skip
"""How each feeling is said to someone: "you are …"."""

MOST_TOPICS = 4
"""Noun phrases taken from one line."""

LOOK_BACK = 3
"""Lines of the seeker in which a feeling is looked for, the latest first."""

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")
_OWNERS = {"my": "your", "our": "your", "the": "the", "his": "his", "her": "her", "their": "their"}
_PLACED = frozenset(("in", "at", "on", "near", "around", "outside"))
_PEOPLE = frozenset(
    """mother father mum mom dad mama mami papa sister brother son daughter kid kids child children wife husband partner girlfriend
    boyfriend ex fiance boss manager supervisor colleague coworker teacher tutor coach doctor nurse landlord neighbour neighbor friend
    mate housemate flatmate roommate cousin uncle aunt auntie niece nephew gran grandma grandpa granddad grandmother grandfather nan
    stepmother stepfather stepson stepdaughter client customer therapist priest pastor""".split()
)
_DESCRIBING = frozenset(
    """old new young little big small elder older younger eldest youngest best good bad own real whole first last next late other only
    red blue green yellow white black brown grey long short hot cold empty full quiet loud stupid silly damn bloody poor dear nice kind
    dead broken front back free final spare daft awful ugly sunny wrong calm dark wooden blank wet decent favourite favorite tiny huge
    second third fourth fifth sixth seventh eighth ninth tenth twelfth eighteenth twentieth twenty thirty forty fourteen""".split()
)
_COMPOUNDS = frozenset(
    """kitchen school work family birthday wedding phone night bus train football hospital church""".split()
)
_NO_NOUN = frozenset(
    """a an the my your his her our their i you he she it we they me him us them this that these those and or but so because if when
    while as than then there here now not no yes of in on at to for from with by into onto over under about after before again still
    even just really only always never ever very too also else who whom what which why how is are was were be been being am do does
    did done doing have has had having will would can could shall should may might must get gets got gone go goes going went come
    comes came say says said tell tells told know knows knew think thought feel felt make makes made take takes took want wanted
    need needs needed keep kept put let see saw look looked way thing things time times day days week weeks month months year years
    minute hour moment rest end part point fact couple few lot bit kind sort one ones two three four five same most more much many
    some any all both each every such whole other another own first last next best worst better worse middle start side back front
    others something nothing everything left sat ran held gave found lost stood brought heard wrote began broke fell drove spoke
    sent paid lied cried tried rang hung threw grew blew shut set cut hit hurt quit slept ate drank forgot chose met spent built
    taught caught bought sold wore shook woke stayed called asked wants asks calls keeps works lives means seems goes down off out away until used like further sounds counts awful
    monday tuesday wednesday thursday friday saturday sunday""".split()
)
_NO_NAME = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays january
    february march april may june july august september october november december easter christmas ramadan eid english spanish
    french german polish arabic chinese turkish god ok okay yes no longer""".split()
)
_FELT = {
    "anger": (
        "unfair",
        "how dare",
        "sick of",
        "furious",
        "in front of everyone",
        "lied to",
        "behind my back",
        "the nerve",
    ),
    "grief": ("died", "funeral", "the grave", "passed away", "buried", "without him", "without her"),
    "guilt": ("my fault", "should have", "should've", "if i had", "because of me", "i shouted", "i let"),
    "shame": ("stupid", "an idiot", "laughed at", "pathetic", "like a fool", "everyone saw", "hide it"),
    "loneliness": ("nobody", "no one", "on my own", "by myself", "alone", "empty house", "never calls"),
    "helplessness": ("nothing i do", "can't do anything", "stuck", "no way out", "no say", "what's the point"),
    "overwhelm": ("too much", "on top of", "every day", "all at once", "no break", "exhausted", "so tired"),
    "anxiety": ("what if", "scared", "afraid", "panic", "shaking", "terrified"),
    "worry": ("worried", "can't sleep", "awake", "the rent", "the money", "results"),
    "disappointment": ("hoped", "promised", "passed over", "didn't get", "expected", "thought they"),
    "sadness": ("crying", "cried", "i miss", "used to", "gone"),
    "hurt": ("ignored", "didn't ask", "forgot", "never said", "walked out", "said nothing"),
}
"""Turns of phrase that people use when they feel so and do not name it; the first that fits wins."""


@dataclass(frozen=True)
class Visible:
    """The visible talk, as far as it is understood here.

    Attributes:
        line: the seeker's latest line, folded.
        here: noun phrases of the latest line, second person, in order.
        earlier: those of earlier lines that the latest does not have, latest first.
        thing: what was spoken of last that is no person, or None.
        person: who was spoken of last, or None.
        feeling: the feeling that seems nearest, or None.
        named: feelings that the seeker has named in the whole talk.
        lines: how many lines the seeker has said.
    """

    line: str
    here: tuple[str, ...]
    earlier: tuple[str, ...]
    thing: str | None
    person: str | None
    feeling: str | None
    named: frozenset[str]
    lines: int

    @classmethod
    def of(cls, messages: Sequence[Mapping[str, str]]) -> Visible:
        """What is visible in a talk that the seeker has opened."""
        newest_first = [_heard(message["content"]) for message in reversed(messages) if message["role"] == "user"]
        newest = newest_first[0]
        earlier = dict.fromkeys(phrase for line in newest_first[1:] for phrase in line.topics)
        return cls(
            line=newest.folded,
            here=newest.topics,
            earlier=tuple(phrase for phrase in earlier if phrase not in newest.topics),
            thing=next((thing for line in newest_first for thing in line.things), None),
            person=next((person for line in newest_first for person in line.people), None),
            feeling=next((name for line in newest_first[:LOOK_BACK] for name in line.felt), None),
            named=frozenset(name for line in newest_first for name in line.named),
            lines=len(newest_first),
        )


class _Line(NamedTuple):
    """What one line gives; the fields are those of :class:`Visible`, for the line alone."""

    folded: str
    topics: tuple[str, ...]
    things: tuple[str, ...]
    people: tuple[str, ...]
    felt: tuple[str, ...]
    named: tuple[str, ...]


@lru_cache(maxsize=4_096)
def _heard(line: str) -> _Line:
    # Kept, because a talk is gone through anew at each turn, and again for the mask and for the words of a move.
    folded = fold(line)
    return _Line(
        folded=folded,
        topics=noun_phrases(line),
        things=tuple(phrase for phrase, kind in _mentions(line) if kind == "thing"),
        people=people(line),
        felt=tuple(_felt(folded)),
        named=tuple(name for name in feelings(folded) if name in FEELINGS),
    )


def noun_phrases(line: str) -> tuple[str, ...]:
    """What a line speaks of, turned to the second person: ``your sister``, ``the old phone``; names as they are.

    Args:
        line: in the fixed alphabet.
    """
    return tuple(phrase for phrase, _ in _mentions(line))[:MOST_TOPICS]


def people(line: str) -> tuple[str, ...]:
    """Those of whom a line speaks, in order: family words first, then names that are not said as places."""
    mentions = _mentions(line)
    family = [phrase for phrase, kind in mentions if kind == "family"]
    return (*family, *(phrase for phrase, kind in mentions if kind == "name"))


def _mentions(line: str) -> list[tuple[str, str]]:
    """``(phrase, kind)`` in order, each phrase once; kinds are ``family``, ``name``, ``place`` and ``thing``."""
    folded = fold(line)
    tokens = [match.span() for match in _WORD.finditer(folded)]
    found: dict[str, str] = {}
    named_until = 0
    for i, (start, end) in enumerate(tokens):
        word = folded[start:end]
        if word in _OWNERS:
            noun = _noun(folded, tokens, i)
            if noun:
                kind = "family" if noun.rsplit(" ", 1)[-1] in _PEOPLE else "thing"
                found.setdefault(f"{_OWNERS[word]} {noun}", kind)
        elif start >= named_until and _begins_name(line, folded, start, end):
            named_until = _name_end(line, tokens, i)
            before = folded[slice(*tokens[i - 1])] if i else ""
            found.setdefault(line[start:named_until], "place" if before in _PLACED else "name")
    return list(found.items())


def _noun(folded: str, tokens: list[tuple[int, int]], owner: int) -> str | None:
    """The noun after an owner, with the describing words between them; None if no noun is in sight."""
    words = []
    end = tokens[owner][1]
    for start, stop in tokens[owner + 1 : owner + 4]:
        if folded[end:start] != " ":
            break
        words.append(folded[start:stop].removesuffix("'s"))
        if words[-1] not in _DESCRIBING and words[-1] not in _COMPOUNDS:
            break
        end = stop
    while words and (words[-1] in _DESCRIBING or (len(words) > 1 and _poor(words[-1]))):
        words.pop()
    return None if not words or _poor(words[-1]) else " ".join(words)


def _poor(noun: str) -> bool:
    """Whether a word after an owner is no noun to go on with, as far as its form shows."""
    ending = len(noun) > 4 and noun.endswith(("ly", "ing", "ed", "est"))
    return noun in _NO_NOUN or len(noun) < 3 or "'" in noun or ending


def _begins_name(line: str, folded: str, start: int, end: int) -> bool:
    """A capitalised word that does not begin a sentence."""
    word = folded[start:end]
    inside = start >= 2 and line[start - 1] == " " and line[start - 2] not in ".!?:\n\"'"
    titled = word in ("mr", "mrs", "dr") or len(word) > 2
    return inside and titled and _is_capital(line, start, end) and word not in _NO_NAME and word not in _NO_NOUN


def _name_end(line: str, tokens: list[tuple[int, int]], i: int) -> int:
    """Where a name that begins with a token ends: ``Mrs Prosser`` is one name."""
    end = tokens[i][1]
    for start, stop in tokens[i + 1 : i + 4]:
        if line[end:start] != " " or not _is_capital(line, start, stop):
            break
        end = stop
    return end - 2 if line[:end].endswith("'s") else end


def _is_capital(line: str, start: int, end: int) -> bool:
    return end - start > 1 and "A" <= line[start] <= "Z" and "a" <= line[start + 1] <= "z"


def _felt(folded: str) -> list[str]:
    """Feelings that are named, then those that are hinted at."""
    named = [name for name in feelings(folded) if name in ADJECTIVES]
    return named or [name for name, cues in _FELT.items() if any(cue in folded for cue in cues)][:1]
