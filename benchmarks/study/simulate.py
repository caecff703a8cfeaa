"""Do the intervals cover, and do the tests keep their level, at the study's own shape? Simulated studies with a truth that is known.

A study has seeds, two arms, seekers that both arms share, five skills. A value is the arm's mean + what the seed's training came to + what the
seeker brings + the talk's own chance, and the last two may be skewed, as amounts of a ledger are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.study.inference import holm, sign_flip, studentised, t_interval

Array = NDArray[np.float64]

SKILLS = 5


@dataclass(frozen=True)
class Shape:
    """Of a study; deviations in units of the measure.

    Attributes:
        seeds: pairs.
        seekers: of an evaluation.
        seed: deviation between trainings.
        seeker: deviation between seekers, shared by the arms.
        talk: deviation of a talk from both.
        skewed: whether seekers and talks deviate as exponentials do, and seeds as a mixture with one training in eight gone astray.
    """

    seeds: int = 8
    seekers: int = 64
    seed: float = 0.05
    seeker: float = 0.15
    talk: float = 0.25
    skewed: bool = False


def study(shape: Shape, difference: float, rng: np.random.Generator) -> Array:
    """Differences by seed and skill, (seeds, SKILLS), of one study."""
    s = shape

    def chance(*size: int) -> Array:
        return rng.exponential(size=size) - 1 if s.skewed else rng.standard_normal(size)

    def arm() -> Array:
        trained = rng.standard_normal((s.seeds, 1, SKILLS))
        if s.skewed:
            astray = rng.random((s.seeds, 1, 1)) < 1 / 8
            trained = np.where(astray, 3 * trained, trained)
        return s.seed * trained + seekers + s.talk * chance(s.seeds, s.seekers, SKILLS)

    seekers = s.seeker * chance(1, s.seekers, SKILLS)
    return (arm() - arm()).mean(axis=1) + difference


def coverage(shape: Shape, studies: int = 1_000, seed: int = 0, reps: int = 1_000) -> dict[str, float]:
    """Share of 95 % intervals that hold the truth, by kind, each skill counted."""
    rng = np.random.default_rng(seed)
    hits = {"t": 0, "studentised": 0}
    for _ in range(studies):
        truth = float(rng.normal())
        column = study(shape, truth, rng)[:, 0]
        for name, found in (("t", t_interval(column)), ("studentised", studentised(column, rng, reps=reps))):
            hits[name] += found.low <= truth <= found.high
    return {name: count / studies for name, count in hits.items()}


def false_alarms(shape: Shape, studies: int = 2_000, seed: int = 1) -> dict[str, float]:
    """Where both arms are the same: how often one skill's sign-flip p is below 0.05, and how often any is after Holm."""
    rng = np.random.default_rng(seed)
    single, family = 0, 0
    for _ in range(studies):
        p = {str(k): sign_flip(column) for k, column in enumerate(study(shape, 0.0, rng).T)}
        single += sum(value < 0.05 for value in p.values())
        family += min(holm(p).values()) < 0.05
    return {"a skill": single / studies / SKILLS, "any of five, corrected": family / studies}


def power(shape: Shape, difference: float, studies: int = 1_000, seed: int = 2) -> float:
    """How often a difference in one skill is found after Holm, the other four being none."""
    rng = np.random.default_rng(seed)
    found = 0
    for _ in range(studies):
        columns = study(shape, 0.0, rng)
        columns[:, 0] += difference
        found += holm({str(k): sign_flip(c) for k, c in enumerate(columns.T)})["0"] < 0.05
    return found / studies
