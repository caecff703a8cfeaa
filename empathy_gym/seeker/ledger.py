"""The ledger: named lines whose amounts add up exactly to the change of emotion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

SKILLS = ("empathic_depth", "core_insight", "solution_crafting", "dialogue_guidance", "style_adaptability")
"""RLVER's five core capabilities (arXiv 2507.03112, section 3.5)."""


OF_ITSELF = frozenset(("momentum", "mood"))
"""Causes of lines that the reply at hand did not bring."""


class Line(NamedTuple):
    """One reason for a change of emotion.

    Attributes:
        skill: one of :data:`SKILLS`, or None for harm, limit, momentum, mood and patience.
        cause: a short code; never names the hidden intention.
        span: ``(start, end)`` in the heard reply, or None where no part of it earned the line.
        amount: milli-points of emotion.
    """

    skill: str | None
    cause: str
    span: tuple[int, int] | None
    amount: int

    def as_dict(self) -> dict[str, Any]:
        """A fresh JSON-able dict."""
        span = None if self.span is None else list(self.span)
        return {"skill": self.skill, "cause": self.cause, "span": span, "amount": self.amount}


def add_up(ledger: Iterable[Mapping[str, Any]]) -> int:
    """The sum of the amounts, in milli-points."""
    return sum(line["amount"] for line in ledger)


def skill_sums(ledger: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Milli-points earned by each of the five skills."""
    sums = dict.fromkeys(SKILLS, 0)
    for line in ledger:
        if line["skill"] is not None:
            sums[line["skill"]] += line["amount"]
    return sums


def fresh(ledger: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A ledger that shares no object with another."""
    return [{**line, "span": None if line["span"] is None else list(line["span"])} for line in ledger]
