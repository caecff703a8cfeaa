"""Inference over few seeds: intervals, exact sign flips, corrections, equivalence. NumPy alone; what is drawn takes its generator.

n paired differences, one a seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

EXACT = 12
"""Seeds up to which all sign flips are counted."""


class Interval(NamedTuple):
    """A mean and its interval."""

    mean: float
    low: float
    high: float

    @property
    def leaves_zero_out(self) -> bool:
        """Whether all of it lies on one side of 0."""
        return self.low > 0 or self.high < 0

    def reaches(self, size: float) -> bool:
        """Whether it holds a value of that size or beyond, of either sign."""
        return max(-self.low, self.high) >= size


@lru_cache(maxsize=64)
def _t_table(df: int) -> tuple[Array, Array]:
    """Angles a in (-pi/2, pi/2) and Student's distribution function at sqrt(df) tan(a), whose density is proportional to cos(a)^(df - 1)."""
    a = np.linspace(-np.pi / 2, np.pi / 2, 40_001)
    density = np.cos(a) ** (df - 1)
    mass = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return a, mass / mass[-1]


def t_tail(t: float, df: int) -> float:
    """P(T > t) of Student's t."""
    a, mass = _t_table(df)
    return float(1 - np.interp(np.arctan(t / np.sqrt(df)), a, mass))


def t_quantile(p: float, df: int) -> float:
    """The value below which Student's t lies with probability p."""
    a, mass = _t_table(df)
    return float(np.sqrt(df) * np.tan(np.interp(p, mass, a)))


def _several(values: ArrayLike) -> Array:
    x = np.asarray(values, float)
    if x.ndim != 1 or len(x) < 2:
        raise ValueError(f"values: expected at least 2 in a row, got shape {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError(f"values: expected finite numbers, got {x.tolist()}")
    return x


def t_interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Of the mean of independent values, one a seed.

    Raises:
        ValueError: with fewer than two values, or ones that are not finite.
    """
    x = _several(values)
    half = t_quantile((1 + level) / 2, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x))
    return Interval(float(x.mean()), float(x.mean() - half), float(x.mean() + half))


def studentised(values: ArrayLike, rng: np.random.Generator, level: float = 0.95, reps: int = 4_000) -> Interval:
    """Studentised bootstrap interval of the mean (bootstrap-t): each resample's mean is measured by its own standard error.

    Resamples of one repeated value have no error and are left out.
    """
    x = _several(values)
    n = len(x)
    error = x.std(ddof=1) / np.sqrt(n)
    if error == 0:
        return Interval(float(x.mean()), float(x.mean()), float(x.mean()))
    drawn = x[rng.integers(n, size=(reps, n))]  # (reps, n)
    errors = drawn.std(axis=1, ddof=1) / np.sqrt(n)
    kept = errors > 1e-12
    t = (drawn.mean(axis=1)[kept] - x.mean()) / errors[kept]
    low, high = np.quantile(t, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(x.mean()), float(x.mean() - high * error), float(x.mean() - low * error))


@lru_cache(maxsize=8)
def _signs(n: int) -> Array:
    return np.array(list(product((1.0, -1.0), repeat=n)))


def sign_flip(values: ArrayLike, rng: np.random.Generator | None = None, reps: int = 20_000) -> float:
    """Two-sided p of a mean of zero, under which each pair could as well have come the other way round.

    Exact up to :data:`EXACT` pairs; beyond that from ``reps`` draws, the observed one counted among them.
    """
    x = _several(values)
    if len(x) <= EXACT:
        means = np.abs(_signs(len(x)) @ x)
        return float((means >= abs(x.sum()) - 1e-12).mean())
    if rng is None:
        raise ValueError(f"rng: expected a generator for more than {EXACT} pairs, got None")
    means = np.abs(rng.choice((1.0, -1.0), size=(reps, len(x))) @ x)
    return float((1 + (means >= abs(x.sum()) - 1e-12).sum()) / (1 + reps))


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """Holm's corrected p of each hypothesis of a family."""
    found: dict[str, float] = {}
    running = 0.0
    for rank, name in enumerate(sorted(p, key=lambda name: p[name])):
        running = max(running, min(1.0, p[name] * (len(p) - rank)))
        found[name] = running
    return {name: found[name] for name in p}


def equivalent(values: ArrayLike, margin: float) -> float:
    """The p of two one-sided t tests (TOST): below 0.05 the mean lies within the margin, and the 90 % interval does."""
    x = _several(values)
    error = x.std(ddof=1) / np.sqrt(len(x))
    if error == 0:
        return 0.0 if abs(x.mean()) < margin else 1.0
    df = len(x) - 1
    return max(t_tail((x.mean() + margin) / error, df), t_tail((margin - x.mean()) / error, df))


def improvement(ours: ArrayLike, theirs: ArrayLike, rng: np.random.Generator, reps: int = 4_000) -> Interval:
    """How often a seed of the one arm beats one of the other, ties half, with a bootstrap interval over the seeds of both."""
    a, b = _several(ours), _several(theirs)
    wins = (a[:, None] > b[None]) + 0.5 * (a[:, None] == b[None])  # (A, B)
    i, j = rng.integers(len(a), size=(reps, len(a))), rng.integers(len(b), size=(reps, len(b)))
    drawn = wins[i[:, :, None], j[:, None, :]].mean(axis=(1, 2))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(wins.mean()), float(low), float(high))


def clustered(differences: ArrayLike, clusters: Sequence[str], rng: np.random.Generator, reps: int = 2_000) -> Interval:
    """Percentile interval of the mean when both seeds and stories are drawn anew (both are samples of more).

    Args:
        differences: (seeds, seekers).
        clusters: the seekers' stories.
        rng: of the resampling.
        reps: resamples.
    """
    x = np.asarray(differences, float)
    names = sorted(set(clusters))
    members = np.array([[c == name for c in clusters] for name in names], float)  # (stories, seekers)
    sums, sizes = x @ members.T, members.sum(axis=1)  # (seeds, stories), (stories,)
    seeds, stories = len(x), len(names)
    by_seed = np.stack([np.bincount(rng.integers(seeds, size=seeds), minlength=seeds) for _ in range(reps)])
    by_story = np.stack([np.bincount(rng.integers(stories, size=stories), minlength=stories) for _ in range(reps)])
    means = ((by_seed @ sums) * by_story).sum(axis=1) / (seeds * (by_story @ sizes))
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(x.mean()), float(low), float(high))
