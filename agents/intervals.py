"""The interval that figures of single policies are printed with."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

# Two-sided 97.5 % points of Student's t for 1 to 30 degrees of freedom.
_T975 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


def mean_interval(values: ArrayLike) -> tuple[float, float, float]:
    """Mean and 95 % t interval of independent values, ``(mean, low, high)``; low and high are NaN for a single value."""
    x = np.asarray(values, float)
    if len(x) < 2:
        return float(x.mean()), float("nan"), float("nan")
    t = _T975[len(x) - 2] if len(x) <= 31 else 1.96
    half = t * x.std(ddof=1) / np.sqrt(len(x))
    return float(x.mean()), float(x.mean() - half), float(x.mean() + half)
