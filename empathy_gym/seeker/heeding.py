"""Heeding: what was said, by the words that people say it in, so that each comfort, advice or question is answered as what it is.

The table (``data/speech_heard.json``) has a row for each thing that many people say, with its usual wordings and the answers to it.
What a row answers is seen in the words alone; how much a reply did is the appraisal's matter, and nothing here moves it.
"""

from __future__ import annotations

import json
from collections.abc import Container
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from empathy_gym.errors import InvalidScenario
from empathy_gym.seeker.concepts import stem
from empathy_gym.seeker.phrase import phrase
from empathy_gym.seeker.scenario import VOICES
from empathy_gym.seeker.text import fold, words

GROUPS = ("comfort", "advice", "inform", "share", "harm", "small", "fault", "question")

MAX_WORDS, SMALL_WORDS = 60, 6
"""Words of a sentence that are looked at, and of one that is small talk at most."""

_OPENS = frozenset(
    """is are was were do does did have has had can could would will should shall isn't aren't wasn't don't doesn't didn't haven't hasn't couldn't
    wouldn't might must""".split()
)
"""Words that make a question of a sentence only where they open it."""

_PROPOSES = frozenset(
    map(
        stem,
        "try should could consider suggest recommend maybe perhaps need must have why help helps advice advise take get go how what ought".split(),
    )
)
"""Words without one of which a thing that is often advised is only mentioned."""


class Row(NamedTuple):
    """A thing that people say.

    Attributes:
        id: its name.
        order: its place in the table: what is more telling comes first.
        group: one of :data:`GROUPS`.
        plain: whether it is a plain question, which another matter would be no answer to.
        last: whether any other row says more of the same sentence.
        lines: answers by voice, ``any`` among them.
        leads: what may stand before an answer that follows.
    """

    id: str
    order: int
    group: str
    plain: bool
    last: bool
    lines: dict[str, list[str]]
    leads: tuple[str, ...]


def heeded(text: str, groups: Container[str]) -> list[Row]:
    """The rows of some groups that a sentence says, the longest wording first, then in the table's order.

    Args:
        text: a sentence.
        groups: of :data:`GROUPS`.
    """
    stems = phrase(fold(text)).stems[:MAX_WORDS]
    table = _table()
    found: dict[str, tuple[bool, int, int, Row]] = {}
    for at, start in enumerate(zip(stems, (*stems[1:], ""), strict=False)):
        for wording, opens, row in (*table.get((start[0], ""), ()), *table.get(start, ())):
            if row.group not in groups or (opens and at) or stems[at : at + len(wording)] != wording:
                continue
            if row.group == "small" and len(stems) > SMALL_WORDS:
                continue
            if row.group == "advice" and len(wording) == 1 and _PROPOSES.isdisjoint(stems):
                continue
            rank = (row.last, -len(wording), row.order)
            if row.id not in found or rank < found[row.id][:3]:
                found[row.id] = (*rank, row)
    return [row for *_, row in sorted(found.values(), key=lambda f: f[:3])]


@lru_cache(maxsize=1)
def _table() -> dict[tuple[str, str], list[tuple[tuple[str, ...], bool, Row]]]:
    """Wordings as stems, by their first two (the second is empty for a single word).

    Raises:
        InvalidScenario: if a row is not as it must be.
    """
    index: dict[tuple[str, str], list[tuple[tuple[str, ...], bool, Row]]] = {}
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
            data.get("last", False),
            lines,
            tuple(data.get("leads", ())),
        )
        for says in data["says"]:
            wording = tuple(stem(word) for word in words(says))
            index.setdefault((wording[0], wording[1] if len(wording) > 1 else ""), []).append(
                (wording, says in _OPENS, row)
            )
    return index
