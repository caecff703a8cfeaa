"""Losses, as pure functions of tensors over policy tokens. M policy tokens in all."""

from __future__ import annotations

import torch
from torch import Tensor

LOG_RATIO_LIMIT = 20.0


def policy_loss(
    logprobs: Tensor,  # (M,) under the weights that are trained
    old_logprobs: Tensor,  # (M,) under the weights that sampled
    advantages: Tensor,  # (M,)
    weights: Tensor,  # (M,) 1 / denominator of each token
    clip: str = "none",
    low: float = 0.2,
    high: float = 0.2,
    cap: float = 5.0,
) -> Tensor:
    """Minus the policy-gradient objective, summed with weights.

    ``none``: plain REINFORCE on the log-probabilities (on-policy, the ratio is 1). ``ppo``: the clipped surrogate (Schulman et al.,
    arXiv 1707.06347). ``cispo``: truncated importance weight, gradient through every token (MiniMax-M1, arXiv 2506.13585).
    """
    if clip == "none":
        return -(weights * advantages * logprobs).sum()
    ratio = (logprobs - old_logprobs).clamp(-LOG_RATIO_LIMIT, LOG_RATIO_LIMIT).exp()  # (M,)
    if clip == "ppo":
        return -(weights * torch.minimum(ratio * advantages, ratio.clamp(1 - low, 1 + high) * advantages)).sum()
    if clip == "cispo":
        return -(weights * ratio.detach().clamp(max=cap) * advantages * logprobs).sum()
    raise ValueError(f"clip: expected none, ppo or cispo, got {clip!r}")


def value_loss(values: Tensor, returns: Tensor, weights: Tensor) -> Tensor:
    """Half the squared error of the critic, summed with weights; all (M,)."""
    return 0.5 * (weights * (values - returns) ** 2).sum()


def token_weights(counts: list[int], aggregation: str, constant: int) -> list[float]:
    """The weight of each policy token of each row.

    Args:
        counts: policy tokens a row.
        aggregation: ``constant``: 1 / (rows x constant), so that length neither dilutes nor amplifies (Dr. GRPO, arXiv 2503.20783);
            ``tokens``: 1 / all tokens of the batch (DAPO, arXiv 2503.14476); ``row``: each row's mean, as GRPO was first stated.
        constant: policy tokens that an episode has at most.
    """
    if aggregation == "constant":
        return [1.0 / (len(counts) * constant)] * len(counts)
    if aggregation == "tokens":
        return [1.0 / max(1, sum(counts))] * len(counts)
    if aggregation == "row":
        return [1.0 / (len(counts) * max(1, c)) for c in counts]
    raise ValueError(f"aggregation: expected constant, tokens or row, got {aggregation!r}")


def kl_to(logprobs: Tensor, reference: Tensor, weights: Tensor) -> Tensor:
    """Schulman's k3 estimate of KL(policy || reference), summed with weights; all (M,)."""
    difference = (reference - logprobs).clamp(-LOG_RATIO_LIMIT, LOG_RATIO_LIMIT)
    return (weights * (difference.exp() - 1 - difference)).sum()
