"""Rows of tokens to padded micro-batches, and log-probabilities of policy tokens alone (logits never stand whole)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from agents.learner.llama import Llama
from agents.learner.rollout import Row

CHUNK = 4_096
"""Policy tokens whose logits stand at once."""


@dataclass
class MicroBatch:
    """Some rows, padded on the right.

    Attributes:
        ids: (B, T) tokens.
        rows: (M,) row within the batch of each policy token.
        columns: (M,) its position; its log-probability comes from the state one before.
        targets: (M,) the tokens themselves.
        origin: index of each row in the whole batch.
    """

    ids: Tensor
    rows: Tensor
    columns: Tensor
    targets: Tensor
    origin: list[int]


def micro_batches(rows: Sequence[Row], pad: int, tokens: int) -> Iterator[MicroBatch]:
    """Rows of like length together, each batch of at most ``tokens`` padded tokens (one row at least)."""
    order = sorted(range(len(rows)), key=lambda i: (len(rows[i].ids), i))
    taken: list[int] = []
    for i in order:
        if taken and (len(taken) + 1) * len(rows[i].ids) > tokens:
            yield _collate(rows, taken, pad)
            taken = []
        taken.append(i)
    if taken:
        yield _collate(rows, taken, pad)


def _collate(rows: Sequence[Row], taken: list[int], pad: int) -> MicroBatch:
    width = max(len(rows[i].ids) for i in taken)
    ids = torch.tensor([rows[i].ids + [pad] * (width - len(rows[i].ids)) for i in taken])  # (B, T)
    places = [(b, t) for b, i in enumerate(taken) for t, own in enumerate(rows[i].policy) if own]
    r = torch.tensor([b for b, _ in places], dtype=torch.long)  # (M,)
    c = torch.tensor([t for _, t in places], dtype=torch.long)  # (M,)
    return MicroBatch(ids, r, c, ids[r, c], list(taken))


def policy_states(model: Llama, batch: MicroBatch) -> Tensor:
    """States from which each policy token was predicted, (M, D)."""
    device = model.model.embed_tokens.weight.device
    hidden = model.hidden(batch.ids.to(device))  # (B, T, D)
    return hidden[batch.rows.to(device), (batch.columns - 1).to(device)]


def policy_logprobs(model: Llama, states: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Log-probability of each target and entropy of its distribution (detached), both (M,), fp32."""
    logprobs, entropies = [], []
    for start in range(0, len(targets), CHUNK):
        logits = model.head(states[start : start + CHUNK])  # (m, V)
        rest = torch.log_softmax(logits, dim=-1)
        logprobs.append(rest.gather(1, targets[start : start + CHUNK, None].to(rest.device))[:, 0])
        with torch.no_grad():
            entropies.append(-(rest.exp() * rest).sum(dim=-1))
    return torch.cat(logprobs), torch.cat(entropies)
