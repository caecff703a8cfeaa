"""Who the seeker is and what happened: stories, personas, and the scenarios composed of them.

The bank's files are meant to be read and added to by people. Each is checked on load; an error names the file, the story or
persona and the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from empathy_gym.errors import InvalidScenario
from empathy_gym.seeker.concepts import FEELINGS

INTENTIONS = (
    "dialectical_analysis", "real_advice", "analyse_others", "self_reflection",
    "praise_actions", "listen_vent", "deep_empathy", "agree_not_fault",
)  # fmt: skip
"""RLVER's eight hidden intentions (arXiv 2507.03112, table 5): four rational, four emotional."""

TEMPERAMENTS = ("negative", "passive", "avoidant", "open")
"""RLVER's three character types and an open one."""

VOICES = ("terse", "rambling", "guarded", "blunt", "wry", "formal", "young", "old")
WORK = ("office", "care", "trade", "service", "student", "retired", "jobless", "creative", "teacher")
KINDS = ("event", "person", "feeling", "history", "fear", "wish", "deed", "context", "belief")
REGISTERS = ("plain", "terse", "long")
SPLITS = ("train", "dev", "test")


@dataclass(frozen=True)
class Fact:
    """One thing of the story, at a disclosure depth from 0 (opening line) to 3 (the core concern)."""

    id: str
    depth: int
    kind: str
    emotion: str
    said: tuple[tuple[str, str], ...]
    """``(register, wording)`` pairs in the seeker's voice."""
    gists: tuple[str, ...]
    """The fact in other words, second person."""
    asks: tuple[str, ...]
    """Questions that it would answer."""


ANSWERS = (
    "how_feel", "hardest", "want", "meaning", "next", "others", "told_anyone", "remember", "beneath", "why", "help", "anyone_helps", "days", "unsure", "yes",
)  # fmt: skip
"""What a story may have lines for that only its person could say (:mod:`~empathy_gym.seeker.own_words`)."""


class Answer(NamedTuple):
    """A line that answers a question which could be asked of anything.

    Attributes:
        about: id of the fact that it speaks of; it is said once that was told.
        line: in the seeker's words.
    """

    about: str
    line: str


@dataclass(frozen=True)
class Item:
    """Anything else that a reply can meet: a thing tried, a fitting step, an obstacle, a motive, a deed and so on.

    Attributes:
        kind: ``tried``, ``fit``, ``obstacle``, ``motive``, ``deed``, ``side``, ``mirror``, ``sore``, ``counter``, ``belief``.
        id: unique in the story.
        gists: ways in which a supporter could say it.
        lines: what the seeker says of it.
        fact: for a fit, the id of the fact that has to be understood before it fits.
    """

    kind: str
    id: str
    gists: tuple[str, ...]
    lines: tuple[str, ...]
    fact: str | None = None


@dataclass(frozen=True, eq=False)
class Story:
    """What happened, without the person to whom it happened."""

    id: str
    topic: str
    summary: str
    split: str
    ages: tuple[int, int]
    work: tuple[str, ...]
    temperaments: tuple[str, ...]
    hints: Mapping[str, tuple[str, ...]]
    """For each intention that the story admits, lines in which it shows through."""
    openings: tuple[str, ...]
    facts: tuple[Fact, ...]
    items: tuple[Item, ...]
    answers: Mapping[str, tuple[Answer, ...]]
    """By kind (of :data:`ANSWERS`), what this person answers where others would not know; may be empty."""
    dialect: bool
    """Whether it is told in a way of speaking beside which a formal line is somebody else's."""

    def fact(self, fact_id: str) -> Fact:
        """The fact of that id (KeyError if there is none)."""
        for fact in self.facts:
            if fact.id == fact_id:
                return fact
        raise KeyError(fact_id)

    def of_kind(self, kind: str) -> tuple[Item, ...]:
        """The items of one kind, in the file's order."""
        return tuple(item for item in self.items if item.kind == kind)


@dataclass(frozen=True)
class Persona:
    """Who the seeker is."""

    id: str
    name: str
    age: int
    gender: str
    occupation: str
    work: str
    temperament: str
    traits: tuple[str, ...]
    voice: str
    length: tuple[int, int]
    """Words that the seeker likes in a reply, from and to."""
    register: str
    lists: bool
    """Whether lists and headings are welcome."""
    likes: str
    split: str


@dataclass(frozen=True)
class Scenario:
    """One seeker: a persona in a story with a hidden intention."""

    id: str
    story: Story
    persona: Persona
    intention: str
    initial_emotion: int
    """Milli-points, 25,000 to 35,000 (vanilla)."""


class _Reader:
    """Takes fields out of a JSON object and says where it was when one is wrong."""

    def __init__(self, data: Any, file: str, where: str) -> None:
        self.file, self.where = file, where
        if not isinstance(data, dict):
            raise InvalidScenario(f"{file}: {where}: expected an object, got {type(data).__name__}")
        self.data = data

    def fail(self, field: str, expected: str, got: Any) -> InvalidScenario:
        return InvalidScenario(f"{self.file}: {self.where}: {field}: expected {expected}, got {str(got)[:80]!r}")

    def text(self, field: str, among: tuple[str, ...] | None = None) -> str:
        value = self.data.get(field)
        if not isinstance(value, str) or not value.strip() or not value.isascii():
            raise self.fail(field, "ASCII text", value)
        if among is not None and value not in among:
            raise self.fail(field, f"one of {', '.join(among)}", value)
        return value

    def texts(self, field: str, least: int, among: tuple[str, ...] | None = None) -> tuple[str, ...]:
        value = self.data.get(field)
        if not isinstance(value, list) or len(value) < least:
            raise self.fail(field, f"a list of at least {least} texts", value)
        for one in value:
            if not isinstance(one, str) or not one.strip() or not one.isascii():
                raise self.fail(field, "ASCII texts", one)
            if among is not None and one not in among:
                raise self.fail(field, f"some of {', '.join(among)}", one)
        return tuple(value)

    def whole(self, field: str, low: int, high: int) -> int:
        value = self.data.get(field)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.fail(field, f"a whole number from {low} to {high}", value)
        return value

    def flag(self, field: str, default: bool | None = None) -> bool:
        value = self.data.get(field, default)
        if not isinstance(value, bool):
            raise self.fail(field, "true or false", value)
        return value

    def pair(self, field: str, low: int, high: int) -> tuple[int, int]:
        value = self.data.get(field)
        good = isinstance(value, list) and len(value) == 2 and all(isinstance(v, int) for v in value)
        if value is None or not good or not low <= value[0] <= value[1] <= high:
            raise self.fail(field, f"[from, to] within {low} and {high}", value)
        return value[0], value[1]

    def objects(self, field: str, least: int) -> list[_Reader]:
        value = self.data.get(field)
        if not isinstance(value, list) or len(value) < least:
            raise self.fail(field, f"a list of at least {least} objects", value)
        return [_Reader(one, self.file, f"{self.where}: {field}[{i}]") for i, one in enumerate(value)]

    def inner(self, field: str) -> _Reader:
        return _Reader(self.data.get(field), self.file, f"{self.where}: {field}")


def parse_story(data: Any, file: str, split: str) -> Story:
    """Check a story file's content and make a :class:`Story` of it.

    Raises:
        InvalidScenario: naming the file, the place and what was expected there.
    """
    name = data.get("id", "?") if isinstance(data, dict) else "?"
    reader = _Reader(data, file, f"story {name}")
    admits = reader.inner("admits")
    hints = admits.inner("intentions")
    unknown = sorted(set(hints.data) - set(INTENTIONS))
    if unknown or not hints.data:
        raise admits.fail("intentions", f"some of {', '.join(INTENTIONS)}", unknown)
    facts = tuple(_fact(r) for r in reader.objects("facts", 8))
    ids = [f.id for f in facts]
    if len(set(ids)) != len(ids):
        raise reader.fail("facts", "ids that differ", ids)
    if {f.depth for f in facts} != {0, 1, 2, 3}:
        raise reader.fail("facts", "facts at each of the depths 0 to 3", sorted({f.depth for f in facts}))
    return Story(
        id=reader.text("id"),
        topic=reader.text("topic"),
        summary=reader.text("summary"),
        split=split,
        ages=admits.pair("ages", 14, 99),
        work=admits.texts("work", 1, WORK),
        temperaments=admits.texts("temperaments", 1, TEMPERAMENTS),
        hints={name: hints.texts(name, 2) for name in INTENTIONS if name in hints.data},
        openings=reader.texts("openings", 2),
        facts=facts,
        items=_items(reader, ids),
        answers=_answers(reader, ids),
        dialect=reader.flag("dialect", default=False),
    )


def _fact(reader: _Reader) -> Fact:
    said = reader.inner("said")
    wordings = tuple((register, line) for register in REGISTERS for line in said.texts(register, 1))
    return Fact(
        id=reader.text("id"),
        depth=reader.whole("depth", 0, 3),
        kind=reader.text("kind", KINDS),
        emotion=reader.text("emotion", FEELINGS),
        said=wordings,
        gists=reader.texts("gists", 3),
        asks=reader.texts("asks", 1),
    )


def _answers(reader: _Reader, fact_ids: list[str]) -> dict[str, tuple[Answer, ...]]:
    if "answers" not in reader.data:
        return {}
    rows = reader.inner("answers")
    unknown = sorted(set(rows.data) - set(ANSWERS))
    if unknown:
        raise reader.fail("answers", f"some of {', '.join(ANSWERS)}", unknown)
    return {
        kind: tuple(Answer(one.text("about", tuple(fact_ids)), one.text("line")) for one in rows.objects(kind, 1))
        for kind in ANSWERS
        if kind in rows.data
    }


def _items(reader: _Reader, fact_ids: list[str]) -> tuple[Item, ...]:
    items = []
    for field, kind, lines in (
        ("tried", "tried", "said"), ("fits", "fit", "accept"), ("obstacles", "obstacle", "said"), ("motives", "motive", "reply"),
        ("deeds", "deed", "reply"), ("sides", "side", "reply"), ("mirrors", "mirror", "reply"), ("sores", "sore", "reply"),
    ):  # fmt: skip
        for i, one in enumerate(reader.objects(field, 1)):
            fact = one.text("fact", tuple(fact_ids)) if kind == "fit" else None
            items.append(Item(kind, f"{kind}{i + 1}", one.texts("gists", 2), one.texts(lines, 1), fact))
    belief = reader.inner("belief")
    items.append(Item("belief", "belief1", belief.texts("gists", 2), belief.texts("said", 1)))
    items.append(Item("counter", "counter1", belief.texts("counter", 2), belief.texts("reply", 1)))
    return tuple(items)


def parse_persona(data: Any, file: str) -> Persona:
    """Check one entry of the personas' file and make a :class:`Persona` of it.

    Raises:
        InvalidScenario: naming the file, the persona and the field.
    """
    name = data.get("id", "?") if isinstance(data, dict) else "?"
    reader = _Reader(data, file, f"persona {name}")
    prefers = reader.inner("prefers")
    return Persona(
        id=reader.text("id"),
        name=reader.text("name"),
        age=reader.whole("age", 14, 99),
        gender=reader.text("gender", ("woman", "man", "nonbinary")),
        occupation=reader.text("occupation"),
        work=reader.text("work", WORK),
        temperament=reader.text("temperament", TEMPERAMENTS),
        traits=reader.texts("traits", 1),
        voice=reader.text("voice", VOICES),
        length=prefers.pair("length", 1, 200),
        register=prefers.text("register", ("casual", "neutral", "formal")),
        lists=prefers.flag("lists"),
        likes=reader.text("likes"),
        split=reader.text("split", SPLITS),
    )


def admits(story: Story, persona: Persona) -> bool:
    """Whether the story's lines fit that person (and both are of the same split)."""
    return (
        story.split == persona.split
        and story.ages[0] <= persona.age <= story.ages[1]
        and persona.work in story.work
        and persona.temperament in story.temperaments
    )
