"""Rows of tokens to padded or packed micro-batches, and log-probabilities of policy tokens alone.

B rows, T tokens, M policy tokens, D model width, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from agents.learner.llama import Llama
from agents.learner.packing import Segments
from agents.learner.rollout import Row

LOGITS = 2**25
"""Logits that stand at once (128 MiB in fp32); beyond that they are made again on the way back."""

GPU_LOGITS = 2**27
"""The same on a GPU, where pieces of some hundred tokens of a large vocabulary would leave most of it idle."""


@dataclass
class MicroBatch:
    """Some rows, padded on the right or one behind another, and where the policy's tokens are in them.

    Attributes:
        ids: (B, T) tokens; packed rows are one, (1, T).
        states: (M,) row and (M,) column of the state that each policy token was predicted from: one before the token.
        targets: (M,) the policy tokens.
        old: (M,) their log-probabilities when they were sampled.
        index: (M,) each policy token's number in the whole batch, counted row by row.
        segments: where each row lies, if they are packed.
    """

    ids: Tensor
    states: tuple[Tensor, Tensor]
    targets: Tensor
    old: Tensor
    index: Tensor
    segments: Segments | None = None

    def to(self, device: torch.device) -> MicroBatch:
        """The same on another device; ``index`` stays."""
        rows, columns = self.states
        return MicroBatch(
            self.ids.to(device),
            (rows.to(device), columns.to(device)),
            self.targets.to(device),
            self.old.to(device),
            self.index,
            None if self.segments is None else self.segments.to(device),
        )


def micro_batches(
    rows: Sequence[Row], chosen: Sequence[int], pad: int, tokens: int, packed: bool = False
) -> list[MicroBatch]:
    """The chosen rows in batches of at most ``tokens`` tokens (one row at least): padded, of like length; or ``packed``, without padding."""
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + sum(row.policy))
    if packed:
        return [_pack(rows, taken, starts) for taken in _bins([len(row.ids) for row in rows], chosen, tokens)]
    found: list[list[int]] = [[]]
    for i in sorted(chosen, key=lambda i: (len(rows[i].ids), i)):
        if found[-1] and (len(found[-1]) + 1) * len(rows[i].ids) > tokens:
            found.append([])
        found[-1].append(i)
    return [_collate(rows, taken, starts, pad) for taken in found if taken]


def _collate(rows: Sequence[Row], taken: list[int], starts: list[int], pad: int) -> MicroBatch:
    width = max(len(rows[i].ids) for i in taken)
    ids = torch.full((len(taken), width), pad)
    own = torch.zeros(len(taken), width, dtype=torch.bool)
    old = torch.zeros(len(taken), width)
    for b, i in enumerate(taken):
        length = len(rows[i].ids)
        ids[b, :length] = torch.tensor(rows[i].ids)
        own[b, :length] = torch.tensor(rows[i].policy)
        old[b, :length] = torch.tensor(rows[i].logprobs)
    row, column = own.nonzero(as_tuple=True)  # (M,), (M,), row by row
    index = torch.cat([torch.arange(starts[i], starts[i + 1]) for i in taken])  # (M,)
    return MicroBatch(ids, (row, column - 1), ids[row, column], old[row, column], index)


def _bins(lengths: list[int], chosen: Sequence[int], tokens: int) -> list[list[int]]:
    """Rows into as few bins as first-fit-decreasing finds."""
    found: list[list[int]] = []
    left: list[int] = []
    for i in sorted(chosen, key=lambda i: (-lengths[i], i)):
        fitting = (b for b, room in enumerate(left) if room >= lengths[i])
        b = next(fitting, len(found))
        if b == len(found):
            found.append([])
            left.append(tokens)
        found[b].append(i)
        left[b] -= lengths[i]
    return found


def _pack(rows: Sequence[Row], taken: list[int], starts: list[int]) -> MicroBatch:
    own = torch.tensor([p for i in taken for p in rows[i].policy])  # (T,)
    ids = torch.tensor([t for i in taken for t in rows[i].ids])  # (T,)
    old = torch.tensor([x for i in taken for x in rows[i].logprobs])  # (T,)
    (column,) = own.nonzero(as_tuple=True)  # (M,)
    index = torch.cat([torch.arange(starts[i], starts[i + 1]) for i in taken])  # (M,)
    segments = Segments([len(rows[i].ids) for i in taken])
    return MicroBatch(ids[None], (torch.zeros_like(column), column - 1), ids[column], old[column], index, segments)


def policy_logprobs(model: Llama, batch: MicroBatch) -> tuple[Tensor, Tensor]:
    """Log-probability of each policy token and entropy of its distribution (for looking at, without gradient), both (M,), fp32."""
    states = model.hidden(batch.ids, batch.segments, batch.states)  # (M, D)
    size = max(1, (GPU_LOGITS if states.is_cuda else LOGITS) // model.shape.vocab_size)
    if len(states) <= size:
        return _head(model, states, batch.targets)
    parts = [
        checkpoint(_head, model, s, t, use_reentrant=False)
        for s, t in zip(states.split(size), batch.targets.split(size), strict=True)
    ]
    return torch.cat([p for p, _ in parts]), torch.cat([e for _, e in parts])


class Scorer(nn.Module):
    """:func:`policy_logprobs` of a model as a module, for what works on modules alone."""

    def __init__(self, model: Llama) -> None:
        super().__init__()
        self.model = model

    @property
    def parts(self) -> list[nn.Module]:
        """What can be gathered on its own; see :func:`agents.learner.shard.shard`."""
        return list(self.model.model.layers)

    def forward(self, batch: MicroBatch) -> tuple[Tensor, Tensor]:
        logprobs, entropy = policy_logprobs(self.model, batch)
        return logprobs.clone(), entropy  # a hook on a view would be lost to an operation in place


def _head(model: Llama, states: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    logprobs = torch.log_softmax(model.head(states), dim=-1)  # (M, V)
    with torch.no_grad():
        entropy = -(logprobs.exp() * logprobs).sum(dim=-1)
    return logprobs.gather(1, targets[:, None])[:, 0], entropy
