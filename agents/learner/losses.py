"""Losses, as pure functions of tensors over policy tokens.

M policy tokens of a batch. Every loss is a sum with weights, and the weights are fixed from the whole batch before the first micro-batch: so
a loss does not change with how the batch is cut.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

LOG_RATIO_LIMIT = 20.0
"""Log-ratios beyond this are cut before they are exponentiated."""

CISPO_CAP = 5.0
"""Importance weights are truncated here (ScaleRL, arXiv 2510.13786)."""


def policy_loss(
    logprobs: Tensor,  # (M,) under the weights that are trained
    old_logprobs: Tensor,  # (M,) under the weights that sampled
    advantages: Tensor,  # (M,)
    weights: Tensor,  # (M,) see token_weights
    clip: str = "none",
    low: float = 0.2,
    high: float = 0.2,
) -> Tensor:
    """Minus the policy-gradient objective.

    ``none``: REINFORCE; with one optimiser step a rollout the ratio is 1 and nothing needs clipping. ``ppo``: the clipped surrogate
    (Schulman et al., arXiv 1707.06347, eq. 7). ``cispo``: a truncated importance weight without gradient, so that every token keeps its
    own (MiniMax-M1, arXiv 2506.13585, eq. 4).
    """
    if clip == "none":
        return -(weights * advantages * logprobs).sum()
    ratio = token_ratio(logprobs, old_logprobs)  # (M,)
    if clip == "ppo":
        return -(weights * torch.minimum(ratio * advantages, ratio.clamp(1 - low, 1 + high) * advantages)).sum()
    if clip == "cispo":
        return -(weights * ratio.detach().clamp(max=CISPO_CAP) * advantages * logprobs).sum()
    raise ValueError(f"clip: expected none, ppo or cispo, got {clip!r}")


def token_ratio(logprobs: Tensor, old_logprobs: Tensor) -> Tensor:
    """New over old probability of each token, (M,)."""
    return (logprobs - old_logprobs).clamp(-LOG_RATIO_LIMIT, LOG_RATIO_LIMIT).exp()


def value_loss(values: Tensor, returns: Tensor, weights: Tensor) -> Tensor:
    """Half the squared error of the critic; all (M,)."""
    return 0.5 * (weights * (values - returns) ** 2).sum()


def kl_to(logprobs: Tensor, reference: Tensor, weights: Tensor) -> Tensor:
    """Schulman's k3 estimate of KL(policy || reference), never negative; all (M,)."""
    difference = (reference - logprobs).clamp(-LOG_RATIO_LIMIT, LOG_RATIO_LIMIT)
    return (weights * (difference.exp() - 1 - difference)).sum()


def token_weights(counts: Sequence[int], dialogues: Sequence[int], aggregation: str, constant: int) -> list[float]:
    """The weight of each policy token of each row.

    Args:
        counts: policy tokens of each row.
        dialogues: which dialogue each row is of. A dialogue may be one row, or one row a turn; either way it counts as one.
        aggregation: ``constant``: 1 / (dialogues x constant), so that length neither dilutes nor amplifies (Dr. GRPO, arXiv 2503.20783).
            ``tokens``: 1 / policy tokens of the batch (DAPO, arXiv 2503.14476). ``dialogue``: the mean over each dialogue's tokens, then
            over dialogues, as GRPO was first stated (arXiv 2402.03300).
        constant: policy tokens that a dialogue has at most.
    """
    own: dict[int, int] = {}
    for count, dialogue in zip(counts, dialogues, strict=True):
        own[dialogue] = own.get(dialogue, 0) + count
    if aggregation == "constant":
        return [1.0 / (len(own) * constant)] * len(counts)
    if aggregation == "tokens":
        return [1.0 / max(1, sum(counts))] * len(counts)
    if aggregation == "dialogue":
        return [1.0 / (len(own) * max(1, own[d])) for d in dialogues]
    raise ValueError(f"aggregation: expected constant, tokens or dialogue, got {aggregation!r}")
