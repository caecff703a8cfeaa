"""Generation: dialogues in lock-step, a static KV cache kept across turns, sampling inside.

Only new tokens are prefilled at each turn. Rows that are not asked to speak cost nothing: the batch is cut down to the ones that are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from agents.learner.llama import Cache, Llama


@dataclass
class Sampled:
    """What one row sampled: tokens with their log-probabilities under the policy (temperature 1)."""

    ids: list[int]
    logprobs: list[float]
    ended: bool
    """Whether the end token was sampled (it is the last of ``ids`` then)."""


class Engine:
    """Holds the histories of ``rows`` dialogues as tokens in a cache.

    Args:
        model: the policy; not changed.
        rows: how many dialogues.
        end: the token that ends a reply.
        slots: cache slots to begin with; grows to the model's positions as needed.
        temperature: 0 is greedy; training wants 1.
        generator: of the sampling, on the CPU (the same draws on every device).
    """

    def __init__(
        self, model: Llama, rows: int, end: int, generator: torch.Generator, slots: int = 512, temperature: float = 1.0
    ) -> None:
        self.model = model
        self.end = end
        self.temperature = temperature
        self.generator = generator
        self.device = model.model.embed_tokens.weight.device
        self.cache: Cache = model.new_cache(rows, slots)
        self.lengths = torch.zeros(rows, dtype=torch.long)  # (B,) tokens in the cache
        self.limit = model.shape.max_position_embeddings

    def room(self, row: int) -> int:
        """Tokens that still fit a row's context."""
        return self.limit - int(self.lengths[row])

    @torch.inference_mode()
    def speak(self, rows: Sequence[int], news: Sequence[list[int]], max_new: int) -> list[Sampled]:
        """Append new tokens to some rows, then sample a reply in each.

        Args:
            rows: which dialogues, all different.
            news: what came since each last spoke (never empty).
            max_new: tokens a reply has at most.
        """
        at = torch.tensor(list(rows))
        width = max(len(n) for n in news)
        need = int(self.lengths[at].max()) + width + max_new + 1
        if need > self.limit:
            raise ValueError(
                f"expected at most {self.limit} positions, got a talk that needs {need}: lower the reply's length or the turns"
            )
        if need > self.cache.slots:
            self.cache.grow(min(self.limit, max(need, 2 * self.cache.slots)))
        view = _View(self.cache, at.to(self.device), len(self.lengths))
        padded = torch.tensor([n + [self.end] * (width - len(n)) for n in news])  # (R, T)
        counts = torch.tensor([len(n) for n in news])  # (R,)
        hidden = self.model.hidden(padded.to(self.device), view.cache, self.lengths[at].to(self.device))  # (R, T, D)
        last = hidden[torch.arange(len(rows), device=self.device), (counts - 1).to(self.device)]  # (R, D)
        lengths = self.lengths[at] + counts  # (R,)
        sampled = [Sampled([], [], False) for _ in rows]
        active = torch.ones(len(rows), dtype=torch.bool)
        for step in range(max_new):
            ids, logprobs = self._sample(self.model.head(last))  # (R,), (R,)
            for i in torch.nonzero(active)[:, 0].tolist():
                sampled[i].ids.append(int(ids[i]))
                sampled[i].logprobs.append(float(logprobs[i]))
            ended = active & (ids == self.end)
            for i in torch.nonzero(ended)[:, 0].tolist():
                sampled[i].ended = True
            # The end token itself goes into the cache with the next turn's news (see `pending`), so stop before feeding it.
            active = active & ~ended
            if not active.any() or step + 1 == max_new:
                break
            hidden = self.model.hidden(ids[:, None].to(self.device), view.cache, lengths.to(self.device))  # (R, 1, D)
            lengths = lengths + active  # ended rows keep writing behind their end; nobody reads it
            last = hidden[:, 0]
        view.put_back(self.cache)
        self.lengths[at] = lengths
        return sampled

    def pending(self, sampled: Sampled) -> list[int]:
        """The token of a finished reply that is not in the cache yet: it leads the next turn's news. A reply that was cut gets an end."""
        return [sampled.ids[-1]] if sampled.ended else [sampled.ids[-1], self.end]

    def _sample(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """One token a row by inverse CDF, and its log-probability at temperature 1."""
        logprobs = torch.log_softmax(logits, dim=-1).cpu()  # (R, V)
        if self.temperature == 0:
            ids = logprobs.argmax(dim=-1)
        else:
            scaled = logprobs if self.temperature == 1 else torch.log_softmax(logprobs / self.temperature, dim=-1)
            cdf = scaled.double().exp().cumsum(dim=-1)  # (R, V)
            u = torch.rand(len(logits), 1, generator=self.generator, dtype=torch.float64) * cdf[:, -1:]
            ids = torch.searchsorted(cdf, u, right=True)[:, 0].clamp_(max=logits.shape[-1] - 1)
        return ids, logprobs.gather(1, ids[:, None])[:, 0]


class _View:
    """Some rows of a cache as a cache of their own; all rows need no copy."""

    def __init__(self, cache: Cache, rows: Tensor, total: int) -> None:
        self.rows = rows
        self.whole = len(rows) == total and bool((rows.cpu() == torch.arange(total)).all())
        if self.whole:
            self.cache = cache
        else:
            self.cache = object.__new__(Cache)
            self.cache.k, self.cache.v = cache.k[:, rows], cache.v[:, rows]

    def put_back(self, cache: Cache) -> None:
        if not self.whole:
            cache.k[:, self.rows], cache.v[:, self.rows] = self.cache.k, self.cache.v
