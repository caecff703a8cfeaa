"""From a rollout's rewards to the advantage of each policy token, as the preset says.

M policy tokens of this process's rows, numbered row by row.
"""

from __future__ import annotations

import torch
from torch import Tensor

from agents.learner import advantages as adv
from agents.learner.parallel import Team
from agents.learner.rollout import Rollout
from agents.presets import Preset


def group_credit(batch: Rollout, preset: Preset, team: Team) -> Tensor:
    """Advantages against the dialogue's group, (M,). Groups are whole in one process; the deviation is that of all processes' dialogues."""
    if preset.advantage == "turn":
        found = adv.turn_level(batch.rewards, batch.groups, preset.gamma)
    else:
        totals = [sum(r) for r in batch.rewards]
        against = adv.grpo if preset.advantage == "grpo" else adv.leave_one_out
        found = [[a] * len(r) for a, r in zip(against(totals, batch.groups), batch.rewards, strict=True)]
    if preset.scale and preset.advantage != "grpo":
        parts = team.gather(found)
        start = sum(len(part) for part in parts[: team.rank])
        found = adv.batch_scaled([e for part in parts for e in part])[start : start + len(found)]
    return torch.tensor([found[row.episode][turn] for row in batch.rows for turn in row.turns])


def critic_credit(batch: Rollout, values: Tensor, preset: Preset, team: Team) -> tuple[Tensor, Tensor]:
    """GAE over each row's policy tokens, whitened over all processes' as PPO does.

    Args:
        batch: this process's dialogues.
        values: (M,) the critic's, before each policy token.
        preset: for its discounts.
        team: over which the advantages are whitened.

    Returns:
        ``(advantages, returns)``, both (M,).
    """
    advantages, returns, start = torch.zeros_like(values), torch.zeros_like(values), 0
    for row in batch.rows:
        turns, paid = row.turns, batch.rewards[row.episode]
        own = slice(start, start + len(turns))
        start += len(turns)
        last = [i + 1 == len(turns) or turns[i + 1] != turn for i, turn in enumerate(turns)]
        rewards = torch.tensor([paid[turn] if end else 0.0 for turn, end in zip(turns, last, strict=True)])
        if turns[-1] + 1 < len(paid):  # one row a turn: what the rest of the dialogue pays counts at its end
            rewards[-1] = sum(paid[turns[-1] :])
        advantages[own], returns[own] = adv.gae(rewards, values[own], preset.gamma, preset.lam)
    mean, deviation = team.moments(advantages)
    return (advantages - mean) / max(deviation, adv.FLOOR), returns
