"""Generation: dialogues in lock-step, a static KV cache kept across turns, sampling inside. The same code on a CPU and on a GPU.

Only what is new is prefilled at each turn, a prompt that dialogues share is prefilled once, and rows that have ended their reply leave the batch.
What a row samples depends on its own tokens and its own random numbers alone, whoever else is in the batch.

B dialogues, R rows that speak now, T new tokens, S cache slots, D model width, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from agents.learner.llama import Cache, Llama, Placement
from agents.learner.sampling import sample
from agents.learner.static_decode import BUCKET, StaticDecoder
from empathy_gym.seeker.keyed import draw


@dataclass
class Sampled:
    """What one row sampled.

    Attributes:
        ids: the tokens, the end token included if it came.
        logprobs: of each under the policy, at temperature 1.
        ended: whether the end token came; otherwise the reply was cut at its length limit.
    """

    ids: list[int]
    logprobs: list[float]
    ended: bool


class Engine:
    """Holds the dialogues that a model takes part in, as keys and values.

    Args:
        model: the policy; not changed.
        rows: how many dialogues.
        end: the token that ends a reply.
        generator: of the sampling, on the CPU, so that every device draws the same.
        temperature: 0 is greedy; training wants 1, because its log-probabilities are those of temperature 1.
        slots: positions to reserve a dialogue; more are made as needed, up to the model's own limit.
        numbers: of the dialogues, if their random numbers shall be keyed by them: then what a dialogue samples is the same in whatever
            row, company and process. Without, the generator is drawn from for all rows at every turn.
        static: decode all rows in place, on a GPU as CUDA graphs; None does so on a GPU.
    """

    def __init__(
        self,
        model: Llama,
        rows: int,
        end: int,
        generator: torch.Generator,
        temperature: float = 1.0,
        slots: int = 512,
        numbers: Sequence[int] | None = None,
        static: bool | None = None,
    ) -> None:
        self.model, self.end, self.temperature = model, end, temperature
        self.limit = model.shape.max_position_embeddings
        if model.device.type == "cuda":  # attention over a multiple of eight slots needs no copy
            slots = -(-slots // BUCKET) * BUCKET
        self.cache = model.new_cache(rows, min(slots, self.limit))
        self.static = model.device.type == "cuda" if static is None else static
        self._decoder: StaticDecoder | None = None
        self.restart(generator, numbers)

    def restart(self, generator: torch.Generator, numbers: Sequence[int] | None = None) -> None:
        """Take in other dialogues, as a new engine would. The cache and what was captured on a GPU are used again.

        Args:
            generator: as at the start.
            numbers: as at the start.

        Raises:
            ValueError: if there are not as many numbers as rows.
        """
        rows = self.cache.k.shape[1]
        if numbers is not None and len(numbers) != rows:
            raise ValueError(f"numbers: expected one for each of {rows} rows, got {len(numbers)}")
        self.generator = generator
        self.lengths = [0] * rows
        """Tokens of each dialogue in the cache."""
        self._key = None if numbers is None else int(torch.randint(2**62, (1,), generator=generator))
        self._streams = [self._stream(n) for n in numbers or ()]

    def _stream(self, number: int) -> torch.Generator:
        """The random numbers of a dialogue."""
        if self._key is None:
            raise ValueError("number: expected an engine whose dialogues are numbered, got one without numbers")
        return torch.Generator().manual_seed(draw(self._key, number, "sample") % 2**63)

    def room(self, row: int) -> int:
        """Tokens that still fit a dialogue."""
        return self.limit - self.lengths[row]

    def forget(self, row: int) -> None:
        """Empty a dialogue; what it shall know has to come again with the next news."""
        self.lengths[row] = 0

    def seat(self, row: int, number: int) -> None:
        """Give a row to another dialogue, which begins."""
        self._streams[row] = self._stream(number)
        self.forget(row)

    def pending(self, sampled: Sampled) -> list[int]:
        """The tail of a reply that is not in the cache yet, to lead the row's next news. A reply that was cut gets its end here."""
        return sampled.ids[-1:] if sampled.ended else [*sampled.ids[-1:], self.end]

    @torch.inference_mode()
    def speak(self, rows: Sequence[int], news: Sequence[Sequence[int]], max_new: int) -> list[Sampled]:
        """Take in new tokens in some dialogues, then sample a reply in each.

        Args:
            rows: which dialogues, all different.
            news: what came since each last spoke, led by ``pending``; never empty.
            max_new: tokens a reply has at most.

        Raises:
            ValueError: if a dialogue would outgrow the model's positions.
        """
        starts = [self.lengths[r] for r in rows]
        need = max(s + len(n) for s, n in zip(starts, news, strict=True)) + max_new
        if need > self.limit:
            raise ValueError(f"expected talks within the model's {self.limit} positions, got one that needs {need}")
        uniform = self._draw(rows, max_new)  # (R, N)
        if need > self.cache.slots:
            self.cache = self.cache.grown(min(self.limit, max(need, 2 * self.cache.slots)))
        work, last = self._prefill(rows, starts, news, need)  # (R, D)
        for row, start, new in zip(rows, starts, news, strict=True):
            self.lengths[row] = start + len(new)
        found = (self._decode_in_place if self.static else self._decode)(rows, work, last, uniform)
        sampled = _read_out(*found, self.end)
        for row, s in zip(rows, sampled, strict=True):
            self.lengths[row] += len(s.ids) - 1  # the last token waits in `pending`
        return sampled

    def _draw(self, rows: Sequence[int], max_new: int) -> Tensor:
        """Random numbers of a turn, (R, N): one for each token that a reply could have."""
        if self._key is None:  # of every row, whether or not it speaks: a row's draws do not depend on the others
            return torch.rand(len(self.lengths), max_new, generator=self.generator, dtype=torch.float64)[list(rows)]
        return torch.stack([torch.rand(max_new, generator=self._streams[r], dtype=torch.float64) for r in rows])

    def _prefill(
        self, rows: Sequence[int], starts: list[int], news: Sequence[Sequence[int]], need: int
    ) -> tuple[Cache, Tensor]:
        """Feed the news; the rows' cache and the state after each row's last token, (R, D)."""
        index: dict[object, int] = {}  # beginnings that dialogues share are fed once
        copies = [index.setdefault(i if starts[i] else tuple(n), len(index)) for i, n in enumerate(news)]
        first = [copies.index(j) for j in range(len(index))]
        device, width = self.model.device, max(len(n) for n in news)
        ids = torch.full((len(first), width), self.end)
        for j, i in enumerate(first):
            ids[j, : len(news[i])] = torch.tensor(list(news[i]))
        at = torch.tensor([starts[i] for i in first], device=device)
        work = self._borrow([rows[i] for i in first], need)
        place = Placement(work, at, width, min(max(starts) + width, work.slots))
        hidden = self.model.hidden(ids.to(device), place)  # (F, T, D)
        counts = torch.tensor([len(news[i]) for i in first], device=device)
        last = hidden[torch.arange(len(first), device=device), counts - 1]  # (F, D)
        if len(first) == len(rows):
            return work, last
        spread = torch.tensor(copies, device=device)
        return work.take(spread, work.slots), last[spread]

    def _decode_in_place(
        self, rows: Sequence[int], work: Cache, last: Tensor, uniform: Tensor
    ) -> tuple[list[list[int]], list[list[float]]]:
        """As :meth:`_decode`, over all rows of the cache itself."""
        self._give_back(torch.tensor(list(rows), device=self.model.device), work)
        width = uniform.shape[1]
        if self._decoder is None or not self._decoder.suits(self.cache, width):
            self._decoder = StaticDecoder(self.model, self.cache, width, self.end, self.temperature)
        ids, logprobs = self._decoder.run(rows, last, self.lengths, uniform)
        return ids.tolist(), logprobs.tolist()

    def _decode(
        self, rows: Sequence[int], work: Cache, last: Tensor, uniform: Tensor
    ) -> tuple[list[list[int]], list[list[float]]]:
        """Sample until each row has ended or used its share; ids and log-probabilities, (R, N) each."""
        device, (R, max_new) = self.model.device, uniform.shape
        ids = torch.full((R, max_new), self.end, device=device)  # (R, N)
        logprobs = torch.zeros(R, max_new, device=device)  # (R, N)
        uniform, own = uniform.to(device), torch.tensor(list(rows), device=device)
        longest = max(self.lengths[r] for r in rows)
        at = torch.tensor([self.lengths[r] for r in rows], device=device)  # (R,) where the next token goes
        here = torch.arange(R, device=device)  # which of the R still speak
        done = torch.zeros(R, dtype=torch.bool, device=device)
        for step in range(max_new):
            token, logprob = sample(self.model.head(last), uniform[here, step], self.temperature)  # (R',), (R',)
            ids[here, step], logprobs[here, step] = token, logprob
            done = done | (token == self.end)
            going = len(done) - int(done.sum())
            if going == 0 or step + 1 == max_new:
                break
            if going <= len(done) // 2:  # moving the cache costs about one step: worth it for half the rows
                self._give_back(own[here], work)
                work = work.take(torch.nonzero(~done)[:, 0], min(work.slots, longest + max_new))
                here, token, at, done = here[~done], token[~done], at[~done], done[~done]
            place = Placement(work, at, 1, longest + step + 1)
            last = self.model.hidden(token[:, None], place)[:, 0]  # (R', D)
            at = at + 1
        self._give_back(own[here], work)
        return ids.tolist(), logprobs.tolist()

    def _borrow(self, rows: Sequence[int], slots: int) -> Cache:
        """The first slots of some dialogues as a cache to work on; the cache itself where all are wanted."""
        if list(rows) == list(range(len(self.lengths))):
            return self.cache
        return self.cache.take(torch.tensor(list(rows), device=self.model.device), slots)

    def _give_back(self, rows: Tensor, work: Cache) -> None:
        if work is not self.cache:
            self.cache.k[:, rows, :, : work.slots] = work.k
            self.cache.v[:, rows, :, : work.slots] = work.v


def _read_out(ids: list[list[int]], logprobs: list[list[float]], end: int) -> list[Sampled]:
    """Each row up to its end token."""
    found = []
    for row, lps in zip(ids, logprobs, strict=True):
        ended = end in row
        count = row.index(end) + 1 if ended else len(row)
        found.append(Sampled(row[:count], lps[:count], ended))
    return found
