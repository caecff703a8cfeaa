"""Advantages, as pure functions of rewards and groups.

N episodes, each with a group (same scenario, same key, so that its members differ by what the policy sampled alone) and a list of turn rewards.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

FLOOR = 1e-3
"""No deviation below this divides anything. Rewards are emotion / 100, so it is a tenth of an emotion point."""

ALIKE = 1e-9
"""Rewards closer than this are the same: sums of the same total by other paths differ by a rounding."""

ENOUGH = 3
"""Members that must have reached a turn for their mean to be a baseline of that turn."""


def alike(values: Sequence[float]) -> bool:
    """Whether a group was paid the same, so that nothing can be told of its members."""
    return max(values) - min(values) < ALIKE


def grpo(returns: Sequence[float], groups: Sequence[int]) -> list[float]:
    """(return - group mean) / group deviation; zero where a group is flat (Shao et al., arXiv 2402.03300, section 4.1.2)."""
    out = [0.0] * len(returns)
    for members in _members(groups):
        x = torch.tensor([returns[i] for i in members], dtype=torch.float64)
        deviation = float(x.std()) if len(members) > 1 else 0.0
        if deviation > FLOOR:
            for i, value in zip(members, ((x - x.mean()) / deviation).tolist(), strict=True):
                out[i] = value
    return out


def leave_one_out(returns: Sequence[float], groups: Sequence[int]) -> list[float]:
    """Return - mean of the group's others (RLOO, Ahmadian et al., arXiv 2402.14740); zero for a group of one."""
    out = [0.0] * len(returns)
    for members in _members(groups):
        for i, value in zip(members, _minus_others([returns[i] for i in members]), strict=True):
            out[i] = value
    return out


def returns_to_go(rewards: Sequence[float], gamma: float) -> list[float]:
    """Discounted sum of this and later turns' rewards, for each turn of one episode."""
    out, tail = [0.0] * len(rewards), 0.0
    for t in range(len(rewards) - 1, -1, -1):
        tail = rewards[t] + gamma * tail
        out[t] = tail
    return out


def turn_level(rewards: Sequence[Sequence[float]], groups: Sequence[int], gamma: float) -> list[list[float]]:
    """Return-to-go of each turn minus the mean of the group's others at the same turn.

    A turn that fewer than :data:`ENOUGH` members reached has too few others to compare with: there, a member whose talk had ended counts with its last
    return-to-go. With ``gamma`` 1, reward at the end alone and talks of one length this is :func:`leave_one_out` at every turn.
    """
    togo = [returns_to_go(r, gamma) for r in rewards]
    out = [[0.0] * len(r) for r in rewards]
    for members in _members(groups):
        for t in range(max(len(togo[i]) for i in members)):
            there = [i for i in members if t < len(togo[i])]
            among = there if len(there) >= ENOUGH else [i for i in members if togo[i]]
            values = [togo[i][min(t, len(togo[i]) - 1)] for i in among]
            for i, value in zip(among, _minus_others(values), strict=True):
                if t < len(togo[i]):
                    out[i][t] = value
    return out


def batch_scaled(advantages: Sequence[Sequence[float]]) -> list[list[float]]:
    """Divided by the deviation over the whole batch (with a group mean the robust pair of Lite-PPO, arXiv 2508.08221); untouched where flat."""
    flat = torch.tensor([a for episode in advantages for a in episode], dtype=torch.float64)
    deviation = float(flat.std()) if len(flat) > 1 else 0.0
    if deviation <= FLOOR:
        return [list(e) for e in advantages]
    return [[a / deviation for a in e] for e in advantages]


def gae(rewards: Tensor, values: Tensor, gamma: float, lam: float) -> tuple[Tensor, Tensor]:
    """Generalised advantage estimation over one episode's policy tokens (Schulman et al., arXiv 1506.02438, eq. 16).

    Args:
        rewards: (T,) zero but at the last token of each turn.
        values: (T,) the critic's, before each token.
        gamma: discount a token.
        lam: 1 is the Monte Carlo return minus the value.

    Returns:
        ``(advantages, returns)``, both (T,).
    """
    paid, estimate = rewards.tolist(), values.tolist()
    out, tail, following = [0.0] * len(paid), 0.0, 0.0
    for t in range(len(paid) - 1, -1, -1):
        tail = paid[t] + gamma * following - estimate[t] + gamma * lam * tail
        out[t], following = tail, estimate[t]
    found = torch.tensor(out, dtype=values.dtype)
    return found, found + values


def _minus_others(values: Sequence[float]) -> list[float]:
    """Each value minus the mean of the others; zero for a single one, and where all are alike, which a difference of sums would miss by a rounding."""
    if alike(values):
        return [0.0] * len(values)
    total, others = sum(values), len(values) - 1
    return [v - (total - v) / others if others else 0.0 for v in values]


def _members(groups: Sequence[int]) -> list[list[int]]:
    found: dict[int, list[int]] = {}
    for i, group in enumerate(groups):
        found.setdefault(group, []).append(i)
    return [found[g] for g in sorted(found)]
