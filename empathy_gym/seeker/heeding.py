"""Heeding: what was said, by the words that people say it in, so that each comfort, advice or question is answered as what it is.

The table (``data/speech_heard.json``) has a row for each thing that many people say, with its usual wordings and the answers to it.
What a row answers is seen in the words alone; how much a reply did is the appraisal's matter, and nothing here moves it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator, Sequence
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from empathy_gym.errors import InvalidScenario
from empathy_gym.seeker.concepts import stem
from empathy_gym.seeker.phrase import phrase
from empathy_gym.seeker.scenario import VOICES
from empathy_gym.seeker.text import fold, is_question, words

GROUPS = ("comfort", "advice", "inform", "share", "harm", "small", "fault", "question")

MAX_WORDS, SMALL_WORDS = 60, 6
"""Words of a sentence that are looked at, and of one that is small talk at most."""

_OPENS = frozenset(
    """is are was were do does did have has had can could would will should shall isn't aren't wasn't don't doesn't didn't haven't hasn't couldn't
    wouldn't might must""".split()
)
"""Words that make a question of a sentence only where they open it."""

DENIED, AFTER = ("comfort", "advice", "inform", "harm"), 3
"""Groups of which the opposite is said where a denial stands before the wording, and words between them at most."""

_DENIES = frozenset(
    """not never hardly without isn't aren't don't doesn't didn't wasn't weren't won't wouldn't can't cannot couldn't shouldn't hasn't
    haven't""".split()
)
_NO_DENIAL = frozenset("you worry cry hesitate only just forget sure".split())
"""Words after *don't* or *not* with which nothing that follows is denied: *why don't you*, *don't worry*."""

_YOU = frozenset("you your you're you've yours you'd".split())

_SMALL = frozenset(
    map(
        stem,
        """a an the i you your my it its this that to of in on at for with and or be is are was were will can do does did have has not no so all very
        really just me we us they them him her get go going come make take keep let tell say see know feel think thing people day time good much many
        one what when how who don't i'm you're it's i'll you'll isn't is own out up down about from there here off back through than""".split(),
    )
)
"""Words of the wordings that are no mark of any."""

_PROPOSES = re.compile(
    r"\b(?:try|tried|consider(?:ed)?|suggest|recommend|advise|advice|helps|(?:might|could|may|can|would) (?:also |really )?help|(?:how|what) about|why (?:not|don't)|it's best|worth)\b"
    r"|\b(?:you|we|one|people|maybe|perhaps|just) (?:just |simply |also |always |really |maybe )*(?:should|could|can|might|need to|ought to|have to|must|want to)(?! (?:have|feel|be|only|hardly|still)\b)"
    r"|^(?:(?:please|just|maybe|perhaps|and|or|then|so|now|also|always|remember to|don't forget to) )*(?:go|get|take|do|make|write|read|join|find|start|keep|talk|speak|call|ring|text|send"
    r"|tell|ask|see|set|list|put|let|treat|distract|focus|look|smile|cheer|think|be|breathe|meditate|exercise|walk|sleep|relax|rest|eat|drink|book|count|say|stay|move|reach|lean|draw|cut|leave|stick|sign|learn|stand|sit|step)\b(?! (?:me|us|on|from)\b)"
)
"""How advice is put, without which a thing that is often advised is only mentioned."""


_OFFERS = re.compile(
    r"\b(?:have you (?:ever )?(?:tried|considered|thought)|how about|what about|what if|why (?:not|don't)|could you|can you|maybe|perhaps"
    r"|would it (?:help|be an idea|be worth|make sense)|do you think you could|you (?:could|should|can|might))\b|, (?:right|okay|ok|yes|no)\?$"
)
_SHARP = re.compile(
    r"^(?:so |and |but |well |oh )*(?:why (?:did|didn't) you|what(?: did|'s wrong| do you want)|are you done|is that (?:it|all)|who cares|so what)\b|^so what\b"
)
"""How a question advises or comforts, and how it hurts; any other only asks, whatever its words."""


_KINDS = {"live": "where", "where": "where", "told_anyone": "who", "who": "who"}
"""What sort of detail answers which row."""

_LAPSE = re.compile(r"\bhow (?:many (?:hours|days|nights|weeks|months|years)|long)\b(.*\bago\b)?")
_WHO_IS = re.compile(
    r"^(?:and |so |but )?who(?:'s| is| was) (?:she|he|that|this|your [a-z]+|the [a-z]+)\?"
    r"|\b(?:her|his|their|its|friend's|sister's|brother's|daughter's|son's|dog's|cat's|boss's|mother's|father's|[a-z]+'s) name\b|\b(?:is|was) (?:she|he|it) called\b"
)
"""Questions for somebody's name, or who they are."""


class Row(NamedTuple):
    """A thing that people say.

    Attributes:
        id: its name.
        order: its place in the table: what is more telling comes first.
        group: one of :data:`GROUPS`.
        plain: whether it is a plain question, which another matter would be no answer to.
        open: whether it is a question that most of what there is to tell would answer.
        last: whether any other row says more of the same sentence.
        lines: answers by voice, ``any`` among them.
        leads: what may stand before an answer that follows.
        marks: stems of its wordings by which a line of it shows what it answers.
    """

    id: str
    order: int
    group: str
    plain: bool
    open: bool
    last: bool
    lines: dict[str, list[str]]
    leads: tuple[str, ...]
    marks: frozenset[str]

    def fitting(self, text: str) -> dict[str, list[str]]:
        """The answers that name nothing of this row which was not said: *valid, you say* is for somebody who said so.

        Args:
            text: what was said, whole.
        """
        said = phrase(fold(text)).stems
        absent = {m for m in self.marks.difference(said) if len(m) <= 3 or not any(word.startswith(m) for word in said)}
        return {
            voice: [line for line in lines if absent.isdisjoint(_stems(line))] for voice, lines in self.lines.items()
        }


@lru_cache(maxsize=4_096)
def _stems(line: str) -> tuple[str, ...]:
    """The stems of an answer."""
    return phrase(fold(line)).stems


def heeded(text: str, groups: Container[str]) -> list[Row]:
    """The rows of some groups that a sentence says, the longest wording first, then in the table's order.

    Args:
        text: a sentence.
        groups: of :data:`GROUPS`.
    """
    return [row for row in _said(text) if row.group in groups]


@lru_cache(maxsize=256)
def _said(text: str) -> tuple[Row, ...]:
    """The rows of all groups that a sentence says: of one sentence, several questions are asked in a turn."""
    folded = fold(text)
    heard = phrase(folded)
    stems = heard.stems[:MAX_WORDS]
    asks = is_question(folded)
    found: dict[str, tuple[bool, int, int, Row]] = {}
    for at, wording, opens, row in _wordings(stems):
        if (opens and at) or (row.group in DENIED and _denied(heard.tokens, at)):
            continue
        if asks and not _may_ask(row.group, folded):
            continue
        if row.group == "small" and (len(stems) > SMALL_WORDS or (at and row.id == "hello")):
            continue
        if row.group == "advice" and not row.last and not _PROPOSES.search(folded):
            continue
        if row.group == "inform" and len(wording) == 1 and not _YOU.isdisjoint(heard.tokens):  # of them, not of people
            continue
        rank = (row.last, -len(wording), row.order)
        if row.id not in found or rank < found[row.id][:3]:
            found[row.id] = (*rank, row)
    return tuple([row for *_, row in sorted(found.values(), key=lambda f: f[:3])])


def _wordings(stems: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...], bool, Row]]:
    """The wordings of the table in a sentence: where each begins, its stems, whether it only opens a sentence, and the row."""
    table, lengths = _table(), _lengths()
    for at, start in enumerate(zip(stems, (*stems[1:], ""), strict=False)):
        if start in lengths:
            for length in lengths[start]:
                for opens, row in table.get(stems[at : at + length], ()):
                    yield at, stems[at : at + length], opens, row
    if not _single_stems().isdisjoint(stems):
        for at, word in enumerate(stems):
            for opens, row in table.get((word,), ()):
                yield at, (word,), opens, row


def _may_ask(group: str, question: str) -> bool:
    """Whether what a question says is of that group: *have you tried a list* advises, *did you sleep* does not."""
    if group == "harm":
        return _SHARP.search(question) is not None
    return group not in ("comfort", "advice", "inform", "small") or _OFFERS.search(question) is not None


def kind_of(row: Row | None, question: str) -> str:
    """What sort of thing would answer a question: a detail, a person, or anything of the matter."""
    if row is None:
        return ""
    asked = question.lower()
    if row.id == "age" and re.search(r"\b(?:old are you|old you are|your age|age are you)\b", asked):
        return "own_age"
    if _WHO_IS.search(asked) and not re.search(r"\byour? (?:name|called)\b|\bare you called\b|\bcall you\b", asked):
        return "who_is"
    lapse = _LAPSE.search(asked)
    if lapse:
        return "when" if lapse.group(1) else "how_long"
    if row.id == "how_many":
        return "how_often" if "how often" in asked else "how_many" if re.search(r"\bhow (?:many|much)\b", asked) else ""
    return _KINDS.get(row.id, row.id)


def proposes(text: str) -> bool:
    """Whether a sentence is put as advice."""
    folded = fold(text)
    if is_question(folded):
        return _OFFERS.search(folded) is not None
    return _PROPOSES.search(folded) is not None


def _denied(tokens: Sequence[str], at: int) -> bool:
    """Whether a wording that begins there is denied: *it doesn't get better*."""
    return any(
        tokens[i] in _DENIES
        and tokens[i + 1] not in _NO_DENIAL
        and tuple(tokens[i : i + 2]) != ("don't", "be")
        and (i == 0 or tokens[i - 1] != "why")
        for i in range(max(0, at - AFTER), at)
    )


@lru_cache(maxsize=1)
def _table() -> dict[tuple[str, ...], list[tuple[bool, Row]]]:
    """What says each wording, by its stems: whether it does so only where it opens a sentence, and the row.

    Raises:
        InvalidScenario: if a row is not as it must be.
    """
    index: dict[tuple[str, ...], list[tuple[bool, Row]]] = {}
    rows = json.loads(resources.files("empathy_gym").joinpath("data/speech_heard.json").read_text(encoding="ascii"))
    for order, data in enumerate(rows):
        name, lines = data.get("id"), data.get("lines")
        if data.get("group") not in GROUPS or not data.get("says"):
            raise InvalidScenario(
                f"data/speech_heard.json: {name}: expected wordings in 'says' and a group of {', '.join(GROUPS)}, got {str(data)[:60]}"
            )
        if not isinstance(lines, dict) or not lines.get("any") or set(lines) - {"any", *VOICES}:
            raise InvalidScenario(
                f"data/speech_heard.json: {name}: expected lines for 'any', and maybe for {', '.join(VOICES)}, got {str(lines)[:60]}"
            )
        row = Row(
            name,
            order,
            data["group"],
            data.get("plain", False),
            data.get("open", False),
            data.get("last", False),
            lines,
            tuple(data.get("leads", ())),
            frozenset(stem(word) for says in data["says"] for word in words(says)) - _SMALL,
        )
        for says in data["says"]:
            wording = tuple(stem(word) for word in words(says))
            index.setdefault(wording, []).append((says in _OPENS, row))
    return index


@lru_cache(maxsize=1)
def _lengths() -> dict[tuple[str, ...], list[int]]:
    """How long the wordings of more than one stem are, by the two that they begin with."""
    found: dict[tuple[str, ...], set[int]] = {}
    for wording in _table():
        if len(wording) > 1:
            found.setdefault(wording[:2], set()).add(len(wording))
    return {start: sorted(lengths) for start, lengths in found.items()}


@lru_cache(maxsize=1)
def _single_stems() -> frozenset[str]:
    """The stems that are a wording by themselves."""
    return frozenset(wording[0] for wording in _table() if len(wording) == 1)
