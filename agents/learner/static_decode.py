"""The decode step over all slots of a cache, in place: nothing it touches moves, so that a GPU replays it as a CUDA graph.

A model of a few layers is decoded as fast as kernels can be launched, unless one launch stands for a whole step. On a CPU the same step runs as it is,
which is how the tests reach it; the engine itself prefers there to let rows leave that have ended.

S slots of the cache (rows), N new tokens at most, D model width, P positions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from agents.learner.llama import Cache, Llama, Placement
from agents.learner.sampling import sample

BUCKET = 128
"""Attention reads the cache up to a multiple of this: one graph each."""

PATIENCE = 8
"""Steps between questions whether all is done: each makes the host wait for the device."""


class StaticDecoder:
    """Decodes all rows of a cache at once.

    Args:
        model: the policy.
        cache: its keys and values.
        width: N.
        end: the token that ends a reply.
        temperature: as the engine's.
    """

    def __init__(self, model: Llama, cache: Cache, width: int, end: int, temperature: float) -> None:
        self.model, self.cache, self.width, self.end, self.temperature = model, cache, width, end, temperature
        rows, device = cache.k.shape[1], model.device
        self._weights = _addresses(model)
        self._graphs: dict[int, torch.cuda.CUDAGraph] = {}
        self._pool: Any = None
        """The graphs' memory. They may share it: they run one after another, and what has to last lies outside."""
        self.last = torch.zeros(rows, model.shape.hidden_size, dtype=model.dtype, device=device)  # (S, D)
        self.at = torch.zeros(rows, dtype=torch.long, device=device)  # (S,) where the next token goes
        self.step = torch.zeros(1, 1, dtype=torch.long, device=device)
        self.done = torch.zeros(rows, dtype=torch.bool, device=device)  # (S,)
        self.uniform = torch.zeros(rows, width, dtype=torch.float64, device=device)  # (S, N)
        self.ids = torch.zeros(rows, width, dtype=torch.long, device=device)  # (S, N)
        self.logprobs = torch.zeros(rows, width, device=device)  # (S, N)

    def suits(self, cache: Cache, width: int) -> bool:
        """Whether what was captured still holds: the same cache, the same width, weights in the same place."""
        return cache is self.cache and width == self.width and _addresses(self.model) == self._weights

    def run(self, rows: Sequence[int], last: Tensor, lengths: Sequence[int], uniform: Tensor) -> tuple[Tensor, Tensor]:
        """Sample until each of the R rows that speak has ended or used its share.

        The other rows go along: what they write lies behind all that is real in them.

        Args:
            rows: (R,) which speak.
            last: (R, D) the state after each one's last token.
            lengths: (S,) tokens in the cache, of all rows.
            uniform: (R, N) random numbers.

        Returns:
            ``(ids, logprobs)``, both (R, N), on the CPU; what follows an end token means nothing.
        """
        own = torch.tensor(list(rows), device=self.last.device)
        self.last.zero_().index_copy_(0, own, last)
        self.at.copy_(torch.tensor(list(lengths)))
        self.uniform.zero_().index_copy_(0, own, uniform.to(own.device))
        self.done.fill_(True)
        self.done[own] = False
        self.step.zero_()
        longest = max(lengths[r] for r in rows)
        for step in range(self.width):
            live = -(-(longest + step + 1) // BUCKET) * BUCKET
            self._advance(min(live, self.cache.slots))
            if step % PATIENCE == PATIENCE - 1 and bool(self.done.all()):
                break
        return self.ids[own].cpu(), self.logprobs[own].cpu()

    def _advance(self, live: int) -> None:
        """One step, by its graph where there can be one."""
        if self.last.device.type != "cuda":
            return self._step(live)
        if live not in self._graphs:
            self._graphs[live] = self._capture(live)
        self._graphs[live].replay()
        return None

    def _step(self, live: int) -> None:
        column = self.step.expand(len(self.at), 1)  # (S, 1)
        uniform = self.uniform.gather(1, column)[:, 0]  # (S,)
        token, logprob = sample(self.model.head(self.last), uniform, self.temperature)  # (S,), (S,)
        self.ids.scatter_(1, column, token[:, None])
        self.logprobs.scatter_(1, column, logprob[:, None])
        self.done.logical_or_(token == self.end)
        place = Placement(self.cache, self.at, 1, live)
        self.last.copy_(self.model.hidden(token[:, None], place)[:, 0])
        self.at.add_(1)
        self.step.add_(1)

    def _capture(self, live: int) -> torch.cuda.CUDAGraph:
        """Record a step. The rehearsals that capturing wants write where the real step will write again, and the rest is put back."""
        state = (self.last, self.at, self.step, self.done, self.ids, self.logprobs)
        kept = [x.clone() for x in state]
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(2):
                self._step(live)
                for x, before in zip(state, kept, strict=True):
                    x.copy_(before)
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool):
            self._step(live)
        self._pool = graph.pool()
        return graph


def _addresses(model: Llama) -> tuple[int, ...]:
    return tuple(p.data_ptr() for p in model.parameters())
