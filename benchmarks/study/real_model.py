"""A real model beside nano: few pairs of trainings of a chat model, made by ``benchmarks.small_scale``. Exploratory: the plan did not declare it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.record import RESULTS, lines_of
from benchmarks.study.analysis import SMALLEST, SMALLEST_FINAL, compared
from benchmarks.study.inference import holm
from empathy_gym.seeker.ledger import SKILLS
from empathy_gym.seeker.seeker import DYNAMICS_VERSION

ROWS = RESULTS / "smollm2.jsonl"

SAME = ("agent", "arm", "minutes", "episodes", "warm_steps", "dialogues", "dtype", "machine")
"""In what two trainings of a pair must not differ."""

Row = Mapping[str, Any]


def load(path: Path, dynamics: str = DYNAMICS_VERSION) -> list[dict[str, Any]]:
    """Trainings of these dynamics; of several rows of one training the last counts."""
    found = {}
    for row in lines_of(path):
        if row["dynamics"] == dynamics and row.get("stage") == "trained":
            found[tuple(row.get(name) for name in (*SAME, "scaffold", "seed"))] = row
    return list(found.values())


def alike(rows: Sequence[Row]) -> list[dict[str, dict[int, Row]]]:
    """Trainings that differ in scaffold and seed alone: for each such group, rows by scaffold and seed."""
    groups: dict[tuple[Any, ...], dict[str, dict[int, Row]]] = {}
    for row in rows:
        own = groups.setdefault(tuple(row.get(name) for name in SAME), {"thinking": {}, "direct": {}})
        own[row["scaffold"]][row["seed"]] = row
    return list(groups.values())


def pairs(group: Mapping[str, Mapping[int, Row]]) -> list[tuple[Row, Row]]:
    """Thinking and direct of the seeds that both have."""
    seeds = sorted(set(group["thinking"]) & set(group["direct"]))
    return [(group["thinking"][s], group["direct"][s]) for s in seeds]


def contrast(own: Sequence[tuple[Row, Row]], when: str) -> dict[str, dict[str, Any]] | None:
    """Thinking minus direct over pairs of seeds: the five skills, corrected, and ``final``; None with fewer than two pairs.

    Args:
        own: the pairs.
        when: ``after``, ``before`` or ``growth`` (after minus before).
    """
    if len(own) < 2:
        return None
    told = {}
    for name in SKILLS:
        if any(row[w]["normalised"] is None for pair in own for row in pair for w in ("before", "after")):
            return None  # too few seekers to part the ends of the scale
        told[name] = compared(*_sides(own, when, "normalised", name), SMALLEST)
    for name, p in holm({name: told[name]["p"] for name in SKILLS}).items():
        told[name]["holm"] = p
    told["final"] = compared(*_sides(own, when, "final_emotion"), SMALLEST_FINAL)
    return told


def _sides(own: Sequence[tuple[Row, Row]], when: str, *path: str) -> tuple[list[float], list[float]]:
    def value(row: Row) -> float:
        if when == "growth":
            return figure(row, "after", *path) - figure(row, "before", *path)
        return figure(row, when, *path)

    return [value(thinking) for thinking, _ in own], [value(direct) for _, direct in own]


def figure(row: Row, when: str, *path: str) -> float:
    """A number of a row's evaluation."""
    found: Any = row[when]
    for name in path:
        found = found[name]
    return float(found)
