"""Advantages, as pure functions of rewards and groups.

N episodes, each with a group (same scenario, same key) and a list of turn rewards.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

FLOOR = 1e-3
"""No deviation below this divides anything."""


def grpo(returns: Sequence[float], groups: Sequence[int]) -> list[float]:
    """(return - group mean) / group deviation; zero where a group is flat (Shao et al., arXiv 2402.03300)."""
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
        total = sum(returns[i] for i in members)
        for i in members:
            if len(members) > 1:
                out[i] = returns[i] - (total - returns[i]) / (len(members) - 1)
    return out


def returns_to_go(rewards: Sequence[float], gamma: float) -> list[float]:
    """Discounted sum of this and later turns' rewards, for each turn of one episode."""
    out, tail = [0.0] * len(rewards), 0.0
    for t in range(len(rewards) - 1, -1, -1):
        tail = rewards[t] + gamma * tail
        out[t] = tail
    return out


def turn_level(rewards: Sequence[Sequence[float]], groups: Sequence[int], gamma: float) -> list[list[float]]:
    """Return-to-go of each turn minus the mean return-to-go of the group's others at the same turn.

    Where fewer than two members reached a turn, the others' last available return-to-go past their end is 0 (nothing more was to be had), which
    is what it was. With gamma 1 and reward at the end alone, and equal lengths, this is :func:`leave_one_out` at every turn.
    """
    togo = [returns_to_go(r, gamma) for r in rewards]
    out = [[0.0] * len(r) for r in rewards]
    for members in _members(groups):
        if len(members) < 2:
            continue
        for t in range(max(len(togo[i]) for i in members)):
            at = {i: togo[i][t] if t < len(togo[i]) else 0.0 for i in members}
            total = sum(at.values())
            for i in members:
                if t < len(togo[i]):
                    out[i][t] = at[i] - (total - at[i]) / (len(members) - 1)
    return out


def batch_scaled(advantages: Sequence[Sequence[float]]) -> list[list[float]]:
    """Divided by the deviation over the whole batch (Lite-PPO's robust pair, arXiv 2508.08221); untouched where flat."""
    flat = torch.tensor([a for episode in advantages for a in episode], dtype=torch.float64)
    deviation = float(flat.std()) if len(flat) > 1 else 0.0
    if deviation <= FLOOR:
        return [list(e) for e in advantages]
    return [[a / deviation for a in e] for e in advantages]


def gae(rewards: Tensor, values: Tensor, gamma: float, lam: float) -> tuple[Tensor, Tensor]:
    """Generalised advantage estimation over one episode's policy tokens (Schulman et al., arXiv 1506.02438).

    Args:
        rewards: (T,) zero but at the last token of each turn.
        values: (T,) the critic's, before each token.

    Returns:
        ``(advantages, returns)``, both (T,).
    """
    out = torch.zeros_like(rewards)
    tail, following = 0.0, 0.0
    for t in range(len(rewards) - 1, -1, -1):
        delta = float(rewards[t]) + gamma * following - float(values[t])
        tail = delta + gamma * lam * tail
        following = float(values[t])
        out[t] = tail
    return out, out + values


def _members(groups: Sequence[int]) -> list[list[int]]:
    found: dict[int, list[int]] = {}
    for i, group in enumerate(groups):
        found.setdefault(group, []).append(i)
    return [found[g] for g in sorted(found)]
