"""Which scenarios to play: those whose dialogues end differently teach, the others mostly repeat what is known.

A pool of P scenarios, each fixed by a key. A step's scenarios depend on the seed, the step and what was recorded, and on nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from empathy_gym.seeker.keyed import draw

UNIFORM = 0.2
"""Share of choices that are made without regard to what was recorded, so that no scenario is given up."""

FORGET = 0.5
"""Weight of the newest visit in an entry's mean and variance: the policy that made the older ones is gone. Our choice, not a paper's."""


class Curriculum:
    """Chooses entries of the pool by the deviation of their returns.

    Args:
        seed: of the run.
        size: P.

    Raises:
        ValueError: for an empty pool.
    """

    def __init__(self, seed: int, size: int) -> None:
        if size < 1:
            raise ValueError(f"pool: expected at least 1 scenario, got {size}")
        self.seed, self.size = seed, size
        self.visits = [0] * size
        self.means = [0.0] * size
        self.variances: list[float | None] = [None] * size
        """None where too few returns are known."""

    def key(self, entry: int) -> int:
        """The seed with which an entry's environments are reset, always the same."""
        return draw(self.seed, entry, "pool") % 2**31

    def deviation(self, entry: int) -> float:
        """Of an entry's returns. One that is not known yet counts as the liveliest that is, so that it is soon played."""
        known = self.variances[entry]
        return (max((v for v in self.variances if v is not None), default=1.0) if known is None else known) ** 0.5

    def choose(self, step: int, count: int) -> list[int]:
        """Entries for a step, all different: each uniformly with chance :data:`UNIFORM`, otherwise in proportion to its deviation.

        Raises:
            ValueError: if the pool has fewer.
        """
        if count > self.size:
            raise ValueError(f"pool: expected at least the {count} scenarios of a step, got {self.size}")
        left, chosen = list(range(self.size)), []
        for slot in range(count):
            weights = [self.deviation(entry) for entry in left]
            if _chance(self.seed, step, f"uniform/{slot}") < UNIFORM or not any(weights):
                weights = [1.0] * len(left)
            chosen.append(left.pop(_pick(weights, _chance(self.seed, step, f"entry/{slot}"))))
        return chosen

    def record(self, entry: int, returns: Sequence[float]) -> None:
        """Note the returns of a group that was played on an entry. Of a lone dialogue its distance from the entry's mean so far is noted, if there is one."""
        mean, before = sum(returns) / len(returns), self.variances[entry]
        variance = None
        if len(returns) > 1:
            variance = sum((r - mean) ** 2 for r in returns) / (len(returns) - 1)
        elif self.visits[entry]:
            variance = (mean - self.means[entry]) ** 2
        self.means[entry] += (FORGET if self.visits[entry] else 1.0) * (mean - self.means[entry])
        if variance is not None:
            self.variances[entry] = variance if before is None else before + FORGET * (variance - before)
        self.visits[entry] += 1

    def figures(self) -> dict[str, float]:
        """For the metrics: the share of the pool that was played, and the mean deviation of that share."""
        known = [v**0.5 for v in self.variances if v is not None]
        played = sum(n > 0 for n in self.visits)
        return {"pool_played": played / self.size, "pool_std": sum(known) / max(1, len(known))}

    def state_dict(self) -> dict[str, Any]:
        """Everything that later choices depend on, beside the seed and the step."""
        return {"visits": list(self.visits), "means": list(self.means), "variances": list(self.variances)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from :meth:`state_dict`."""
        self.visits, self.means, self.variances = (list(state[k]) for k in ("visits", "means", "variances"))


def _chance(seed: int, step: int, slot: str) -> float:
    """From 0 to 1, without 1."""
    return (draw(seed, step, slot) >> 11) / 2**53


def _pick(weights: Sequence[float], chance: float) -> int:
    """The index at which the running sum of the weights passes ``chance`` of the whole."""
    left = chance * sum(weights)
    for i, weight in enumerate(weights):
        left -= weight
        if left < 0:
            return i
    return max(i for i, weight in enumerate(weights) if weight)  # rounding
