"""Own words: what only this person could answer, where anybody else would say that they do not know.

A story has lines for the questions that listeners ask of everything (*what is hardest?*, *what would you want?*), for those that nobody can answer, and
for the moment when somebody has understood. Each is about one of its facts and is said once that is told, for it leans on it; and what says yes, or that they
do not know, begins with a word that fits anything or speaks of what the other spoke of.
"""

from __future__ import annotations

import re
from collections.abc import Set
from functools import lru_cache

from empathy_gym.seeker.concepts import GENERIC, STOP
from empathy_gym.seeker.heeding import Row
from empathy_gym.seeker.phrase import phrase
from empathy_gym.seeker.scenario import ANSWERS, Story
from empathy_gym.seeker.text import fold

LEANING = frozenset(("unsure", "yes"))
"""Kinds that lean on what was said just now."""

ANSWERED = {kind: kind for kind in ANSWERS if kind not in LEANING | {"days"}} | {"sleep_eat": "days"}
"""The kind of lines that answer a question of each row."""

VAGUE = frozenset("what how how_did whether which who where kind happened".split())
"""Rows of questions that may ask for anything."""

_CLAUSE = re.compile(r"[.,!?;:]")
_NEUTRAL = re.compile(
    r"(?:(?:oh|well|mm|ay|aye|yes|yeah|yep|right|true|exactly|that's it|that's right|that's so|that was it|just so|so it is|you've got it|you have it|you see it|you have seen it"
    r"|you've seen it|i suppose so|couldn't (?:say|tell you)|can't (?:say|tell)|i couldn't say|i could not say|i can't say|don't ask me|no idea|i've no idea|search me|beats me|pass"
    r"|i don't know|don't know|dunno|who knows|god knows|not sure|hard to say|i've no answer(?: to that(?: one)?)?|that(?: one)? i (?:cannot|can't|couldn't|could not) (?:answer|explain|say|tell you))\b[ .,!;:]*)+(?:[.,!;:] |$)",
    re.IGNORECASE,
)
"""Beginnings that fit anything."""


def kind_of_answer(row: Row | None) -> str:
    """The kind of a person's own lines that answer a question; empty where none does."""
    return "" if row is None else ANSWERED.get(row.id, "")


def own_lines(story: Story, kind: str, told: Set[str], near: Set[str], heard: str) -> tuple[list[str], list[str]]:
    """What may be said of one kind: of the facts at hand, and of the others that were told.

    Args:
        story: with its answers.
        kind: of :data:`~empathy_gym.seeker.scenario.ANSWERS`.
        told: ids of the facts that were told.
        near: ids of the facts that the talk is about just now.
        heard: what the other said, folded.
    """
    close: list[str] = []
    rest: list[str] = []
    for answer in story.answers.get(kind, ()):
        if answer.about in told and (kind not in LEANING or _follows(answer.line, heard)):
            (close if answer.about in near else rest).append(answer.line)
    return close, rest


def _follows(line: str, heard: str) -> bool:
    """Whether a line can follow what was heard."""
    neutral, stems, own = _beginning(line)
    if neutral:
        return True
    said = phrase(heard)
    return not own.isdisjoint(said.concepts) or len(stems.intersection(said.stems)) > 1


@lru_cache(maxsize=4_096)
def _beginning(line: str) -> tuple[bool, frozenset[str], frozenset[str]]:
    """Whether a line begins with a word that fits anything, and the stems and particular concepts of its first clause."""
    first = phrase(fold(_CLAUSE.split(line)[0]))
    stems = frozenset(stem for word, stem in zip(first.tokens, first.stems, strict=True) if word not in STOP)
    return _NEUTRAL.match(line) is not None, stems, frozenset(first.concepts) - GENERIC
