"""Alarms: signs that a policy is being trained into a corner, from the metrics of each step.

Each compares a metric with what it was at the start, or with a bound, and rings while that has held for some readings in a row. Where the rule is a
paper's it is named; the other bounds are ours, wide on purpose, and not measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rule:
    """When an alarm rings.

    Attributes:
        metrics: names of the metric; the first that a step has is read.
        says: what it means, for people.
        below: rings at or under this share of the mean of the first readings; None never.
        above: rings at or over this multiple of that mean; None never.
        over: rings at or over this value; None never.
        first: readings that make the mean.
        patience: readings in a row.
    """

    metrics: tuple[str, ...]
    says: str
    below: float | None = None
    above: float | None = None
    over: float | None = None
    first: int = 10
    patience: int = 10


RULES: dict[str, Rule] = {
    # RAGEN-2 (arXiv 2604.06268): in-group deviation under a tenth of the first ten steps' mean, for ten steps.
    "flat": Rule(("group_std", "reward_std"), "dialogues of a group end alike: hardly any signal is left", below=0.1),
    "entropy": Rule(("entropy",), "the policy hardly varies what it says", below=0.1),
    "length": Rule(("reply_tokens",), "replies have halved or doubled in length", below=0.5, above=2.0),
    "truncated": Rule(("truncated",), "a quarter of the replies is cut at the length limit", over=0.25),
    # Template collapse (the same paper): replies vary, but not with what the seeker said.
    "template": Rule(
        ("information",), "replies fit other dialogues as well as their own", below=0.1, first=3, patience=3
    ),
}


def crossed(rule: Rule, value: float, base: float | None) -> bool:
    """Whether one reading is beyond a rule's bounds; ``base`` is the mean of the first readings, None before there are enough."""
    if rule.over is not None and value >= rule.over:
        return True
    if base is None:
        return False
    return (rule.below is not None and value <= rule.below * base) or (
        rule.above is not None and value >= rule.above * base
    )


class Alarms:
    """Follows the metrics of a run, step by step."""

    def __init__(self) -> None:
        self._first: dict[str, list[float]] = {name: [] for name in RULES}
        self._streak: dict[str, int] = {name: 0 for name in RULES}
        self._told: list[str] = []

    def see(self, values: Mapping[str, float]) -> dict[str, float]:
        """Take in a step's metrics; ``alarm/NAME`` of every rule, 1 while it rings. A metric that the step lacks leaves its alarm as it was."""
        for name, rule in RULES.items():
            value = next((values[m] for m in rule.metrics if m in values), None)
            if value is None:
                continue
            first = self._first[name]
            base = sum(first) / rule.first if len(first) == rule.first else None
            self._streak[name] = self._streak[name] + 1 if crossed(rule, value, base) else 0
            if base is None:
                first.append(value)
        return {f"alarm/{name}": float(self.rings(name)) for name in RULES}

    def rings(self, name: str) -> bool:
        """Whether an alarm rings now."""
        return self._streak[name] >= RULES[name].patience

    def news(self) -> list[str]:
        """A line for each alarm that rings for the first time in the run."""
        new = [name for name in RULES if self.rings(name) and name not in self._told]
        self._told += new
        return [f"alarm/{name}: {RULES[name].says}" for name in new]

    def state_dict(self) -> dict[str, Any]:
        """Everything that later alarms depend on."""
        return {"first": {k: list(v) for k, v in self._first.items()}, "streak": dict(self._streak), "told": list(self._told)}  # fmt: skip

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from :meth:`state_dict`; rules that are new since then begin now."""
        self._first |= {k: list(v) for k, v in state["first"].items() if k in RULES}
        self._streak |= {k: v for k, v in state["streak"].items() if k in RULES}
        self._told = list(state["told"])
