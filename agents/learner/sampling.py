"""One token a row from logits, by inverse CDF, with its log-probability.

R rows, V vocabulary, N blocks.
"""

from __future__ import annotations

import torch
from torch import Tensor

BLOCK = 256
"""Tokens whose weights are summed together first: then two short searches take the place of a running sum over the vocabulary."""

PLAIN = 2_048
"""Up to this vocabulary the running sum is faster (on a CPU; at 4,096 it takes five times as long as the blocks)."""


def sample(logits: Tensor, uniform: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """A token of each row, and its log-probability at temperature 1.

    Sums that decide are in fp64: in fp32 a running sum over a large vocabulary would shift the odds of rare tokens.

    Args:
        logits: (R, V), fp32.
        uniform: (R,) in [0, 1), fp64.
        temperature: 0 is greedy.

    Returns:
        ``(ids, logprobs)``, both (R,).
    """
    if temperature == 0:
        ids = logits.argmax(dim=-1, keepdim=True)  # (R, 1)
        return ids[:, 0], logits.gather(1, ids)[:, 0] - logits.logsumexp(dim=-1)
    heated = logits if temperature == 1 else logits / temperature
    top = heated.amax(dim=-1, keepdim=True)  # (R, 1)
    weights = (heated - top).exp_()  # (R, V)
    last = weights.shape[1] - 1
    if last < PLAIN:
        edges = weights.cumsum(dim=-1, dtype=torch.float64)  # (R, V)
        ids = torch.searchsorted(edges, uniform[:, None] * edges[:, -1:], right=True).clamp_(max=last)  # (R, 1)
    else:
        edges = _block_sums(weights).cumsum(dim=-1)  # (R, N)
        goal = uniform[:, None] * edges[:, -1:]  # (R, 1)
        block = torch.searchsorted(edges, goal, right=True).clamp_(max=edges.shape[1] - 1)  # (R, 1)
        before = edges.gather(1, (block - 1).clamp(min=0)).masked_fill_(block == 0, 0.0)  # (R, 1)
        columns = block * BLOCK + torch.arange(BLOCK, device=logits.device)  # (R, BLOCK)
        inside = weights.gather(1, columns.clamp(max=last)).double().cumsum(dim=-1)  # (R, BLOCK)
        ids = block * BLOCK + torch.searchsorted(inside, goal - before, right=True).clamp_(max=BLOCK - 1)
        ids.clamp_(max=last)
    own = logits.gather(1, ids)[:, 0]
    if temperature != 1:
        return ids[:, 0], own - logits.logsumexp(dim=-1)
    return ids[:, 0], own - top[:, 0] - edges[:, -1].log().float()


def _block_sums(weights: Tensor) -> Tensor:
    """Sums of each block of the vocabulary, the last one perhaps shorter; (R, N), fp64."""
    whole = weights.shape[1] // BLOCK * BLOCK
    sums = weights[:, :whole].unflatten(1, (-1, BLOCK)).sum(dim=-1, dtype=torch.float64)
    if whole == weights.shape[1]:
        return sums
    return torch.cat([sums, weights[:, whole:].sum(dim=-1, keepdim=True, dtype=torch.float64)], dim=1)
