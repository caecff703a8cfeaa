"""From the columns of an evaluation to the study's numbers. All are means over seekers, one number for a seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.study.anchors import CEILING, FLOOR
from benchmarks.study.measure import STRATEGIES
from empathy_gym.seeker.ledger import SKILLS

Columns = Mapping[str, Any]
"""Of one evaluation; see :func:`benchmarks.study.measure.kept`."""

EMPATHY = ("restatement", "reflection", "affirmation", "self_disclosure")
SOLUTION = ("suggestion", "information")
PLANE = 5.0
"""Half a side of RLVER's plane (arXiv 2507.03112, section 3.6)."""


Ends = Mapping[str, tuple[float, float]]
"""By skill, the points a reply that are 0 and 1 on a scale."""


def per_turn(columns: Columns) -> dict[str, float]:
    """Points of emotion a reply, by skill."""
    turns = sum(columns["turns"])
    return {name: sum(columns["skills"][name]) / 100 / turns for name in SKILLS}


def per_talk(columns: Columns) -> dict[str, float]:
    """Points of emotion a talk, by skill."""
    return {name: float(np.mean(columns["skills"][name])) / 100 for name in SKILLS}


def shares(columns: Columns) -> dict[str, float]:
    """Of what all five earned together, where skills that cost count as nothing."""
    amounts = {name: max(0.0, value) for name, value in per_turn(columns).items()}
    total = sum(amounts.values())
    return {name: value / total if total else 0.0 for name, value in amounts.items()}


def normalised(columns: Columns, anchors: Mapping[str, Any], difficulty: str) -> dict[str, float]:
    """Points a reply by skill, with stock comfort at 0 and the oracle at 1 on the same seekers: the primary measure.

    Raises:
        ValueError: where the oracle earns no more than stock comfort.
    """
    own, found = per_turn(columns), {}
    for name, (floor, ceiling) in ends(anchors, difficulty).items():
        found[name] = (own[name] - floor) / gap(name, floor, ceiling)
    return found


def gap(name: str, floor: float, ceiling: float) -> float:
    """How long a skill's scale is, in points a reply.

    Raises:
        ValueError: where the oracle earns no more than stock comfort.
    """
    if ceiling <= floor:
        raise ValueError(f"{name}: expected {CEILING} to earn more than {FLOOR}, got {ceiling:.3f} and {floor:.3f}")
    return ceiling - floor


def ends(anchors: Mapping[str, Any], difficulty: str) -> Ends:
    """Points a reply that are 0 and 1 in the primary measure, by skill: stock comfort's and the oracle's on the study's seekers."""
    floor, ceiling = (per_turn(anchors["supporters"][name][difficulty]) for name in (FLOOR, CEILING))
    return {name: (floor[name], ceiling[name]) for name in SKILLS}


def lengths(anchors: Mapping[str, Any], difficulty: str, draws: int = 2_000) -> dict[str, tuple[float, float]]:
    """By skill, a 95 % percentile interval of the scale's length (points a reply between the ends) if the study's seekers had been drawn anew."""
    rng = np.random.default_rng(0)
    looks = [anchors["supporters"][name][difficulty] for name in (FLOOR, CEILING)]
    picks = rng.integers(len(looks[0]["turns"]), size=(draws, len(looks[0]["turns"])))  # (draws, seekers)
    turns = [np.array(look["turns"])[picks].sum(axis=1) for look in looks]
    found = {}
    for name in SKILLS:
        floor, ceiling = (np.array(look["skills"][name])[picks].sum(axis=1) / 100 / n for look, n in zip(looks, turns, strict=True))  # fmt: skip
        low, high = np.percentile(ceiling - floor, [2.5, 97.5])
        found[name] = (float(low), float(high))
    return found


def outcomes(columns: Columns) -> dict[str, float]:
    """Final emotion in points, its worst decile (mean of the lowest tenth of seekers), shares of helped and left, turns."""
    final = np.sort(np.array(columns["final"]) / 10)
    found = {
        "final": float(final.mean()),
        "worst_decile": float(final[: max(1, len(final) // 10)].mean()),
        "helped": columns["outcome"].count("h") / len(final),
        "left": columns["outcome"].count("l") / len(final),
        "turns": float(np.mean(columns["turns"])),
    }
    if "tokens" in columns:
        replies = sum(columns["turns"])
        found |= {f"{part}_tokens": sum(columns["tokens"][part]) / replies for part in ("thought", "reply")}
    return found


def strategies(columns: Columns) -> dict[str, float]:
    """Share of the replies, by strategy."""
    replies = sum(columns["turns"])
    return {name: sum(columns["strategies"][name]) / 100 / replies for name in STRATEGIES}


def plane(columns: Columns) -> tuple[float, float]:
    """RLVER's plane of social cognition, computed from acts: ``(structured to creative, solution to empathy)``, each from -5 to 5.

    The second is acts of empathy against acts of solution. The first is ours: the evenness of the eight strategies, one alone being -5 and all alike 5;
    RLVER's came from a language model that was shown all models at once.
    """
    share = strategies(columns)
    empathy, solution = sum(share[n] for n in EMPATHY), sum(share[n] for n in SOLUTION)
    p = np.array([share[n] for n in STRATEGIES if share[n] > 0])
    evenness = float(-(p * np.log(p / p.sum())).sum() / p.sum() / np.log(len(STRATEGIES)))
    return PLANE * (2 * evenness - 1), PLANE * (empathy - solution) / max(1e-9, empathy + solution)
