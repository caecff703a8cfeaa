"""Statistics that the benchmarks share. NumPy alone; every resampling takes its generator."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agents.intervals import mean_interval

__all__ = ["auc", "bootstrap", "clustered_interval", "macro_f1", "mean_interval", "ranks", "spearman"]


def clustered_interval(
    values: ArrayLike, clusters: Sequence[str], rng: np.random.Generator, reps: int = 2_000
) -> tuple[float, float, float]:
    """Mean and 95 % percentile interval by resampling whole clusters (episodes of one story move together).

    Args:
        values: one for each episode.
        clusters: the episode's cluster.
        rng: where the resampling draws from.
        reps: resamples.
    """
    x = np.asarray(values, float)
    names = sorted(set(clusters))
    members = [np.flatnonzero(np.asarray(clusters) == name) for name in names]
    sums, sizes = np.array([x[m].sum() for m in members]), np.array([len(m) for m in members])
    draws = rng.integers(len(names), size=(reps, len(names)))  # (reps, clusters)
    means = sums[draws].sum(axis=1) / sizes[draws].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(x.mean()), float(low), float(high)


def ranks(values: ArrayLike) -> NDArray[np.float64]:
    """Ranks from 1, ties sharing their mean."""
    _, inverse, counts = np.unique(np.asarray(values, float), return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[inverse], float)


def spearman(x: ArrayLike, y: ArrayLike) -> float:
    """Spearman's rank correlation, ties sharing ranks; NaN where one side is constant."""
    a, b = ranks(x), ranks(y)
    if a.std() == 0 or b.std() == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def auc(score: ArrayLike, positive: ArrayLike) -> float:
    """Area under the ROC curve: how often a positive scores above a negative, ties half."""
    wanted = np.asarray(positive, bool)
    r = ranks(score)
    n1, n0 = int(wanted.sum()), int((~wanted).sum())
    return float((r[wanted].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def macro_f1(gold: Sequence[str], guess: Sequence[str]) -> float:
    """Mean over the gold classes of the F1 of each."""
    g, p = np.asarray(gold), np.asarray(guess)
    scores = []
    for name in sorted(set(gold)):
        hit, said, true = ((g == name) & (p == name)).sum(), (p == name).sum(), (g == name).sum()
        scores.append(2 * hit / (said + true))
    return float(np.mean(scores))


def bootstrap(
    measure: Callable[[NDArray[np.int64]], float], n: int, rng: np.random.Generator, reps: int = 300
) -> tuple[float, float]:
    """95 % percentile interval of ``measure(indices)`` over resamples of ``n`` rows."""
    values = [measure(rng.integers(n, size=n)) for _ in range(reps)]
    low, high = np.nanquantile(values, [0.025, 0.975])
    return float(low), float(high)
