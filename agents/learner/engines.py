"""What a rollout asks of an engine, and an optional one that lets vLLM sample.

Tokens in, tokens and log-probabilities out: no text passes through, so nothing is encoded twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import torch

from agents.learner.engine import Sampled
from empathy_gym.seeker.keyed import draw


@runtime_checkable
class DialogueEngine(Protocol):
    """Holds dialogues in rows and replies in them; ``agents.learner.engine.Engine`` is one, and says what each method does."""

    def restart(self, generator: torch.Generator, numbers: Sequence[int] | None = None) -> None:
        """Take in other dialogues, as a new engine would."""
        ...

    def room(self, row: int) -> int:
        """Tokens that still fit a dialogue."""
        ...

    def forget(self, row: int) -> None:
        """Empty a dialogue."""
        ...

    def seat(self, row: int, number: int) -> None:
        """Give a row to another dialogue, which begins."""
        ...

    def pending(self, sampled: Sampled) -> list[int]:
        """The tail of a reply that the engine does not hold yet."""
        ...

    def speak(self, rows: Sequence[int], news: Sequence[Sequence[int]], max_new: int) -> list[Sampled]:
        """Take in new tokens in some dialogues, then sample a reply in each."""
        ...


class VllmMissing(ImportError):
    """vLLM was asked for and is not installed."""


class VllmEngine:
    """Samples with vLLM, whose prefix cache keeps what a dialogue has said.

    Nobody has run this class yet: vLLM wants a GPU that the tests do not have. It is written against vLLM's documented ``LLM.generate`` and
    ``SamplingParams`` alone. Its kernels differ from those that train, so train with ``clip="cispo"`` and watch ``mismatch``.

    The folder's weights are those of its writing, so the training loop does not use it by itself: after an update save again (LoRA merged, ``Lora.merged``), make a new
    engine and give it to ``rollout_refilled`` as ``engines={rows: engine}``.

    Args:
        folder: a checkpoint as :meth:`Llama.save` writes it.
        rows: how many dialogues.
        end: the token that ends a reply.
        seed: of the sampling; a reply's own is made of it, its dialogue's number and its turn.
        temperature: 0 is greedy.
        numbers: of the dialogues; None counts the rows.
        **options: for ``vllm.LLM``, for instance ``max_model_len``, ``gpu_memory_utilization`` or ``dtype``.

    Raises:
        VllmMissing: without vLLM, with the command that installs it.
    """

    def __init__(
        self,
        folder: str,
        rows: int,
        end: int,
        seed: int,
        temperature: float = 1.0,
        numbers: Sequence[int] | None = None,
        **options: Any,
    ) -> None:
        try:
            import vllm
        except ImportError as error:
            raise VllmMissing(
                "VllmEngine: expected vLLM, which is not installed; on a machine with a GPU: python -m pip install vllm"
            ) from error
        self._vllm = vllm
        self.llm = vllm.LLM(model=folder, skip_tokenizer_init=True, enable_prefix_caching=True, **options)
        self.limit = int(self.llm.llm_engine.model_config.max_model_len)
        self.end, self.seed, self.temperature = end, seed, temperature
        self._begin(list(numbers or range(rows)))

    def _begin(self, numbers: list[int]) -> None:
        self.numbers, self.turns = numbers, [0] * len(numbers)
        self.held: list[list[int]] = [[] for _ in numbers]

    def restart(self, generator: torch.Generator, numbers: Sequence[int] | None = None) -> None:
        self.seed = int(torch.randint(2**62, (1,), generator=generator))
        rows = len(self.numbers)
        if numbers is not None and len(numbers) != rows:
            raise ValueError(f"numbers: expected one for each of {rows} rows, got {len(numbers)}")
        self._begin(list(numbers or range(rows)))

    def room(self, row: int) -> int:
        return self.limit - len(self.held[row])

    def forget(self, row: int) -> None:
        self.held[row] = []

    def seat(self, row: int, number: int) -> None:
        self.numbers[row], self.turns[row] = number, 0
        self.forget(row)

    def pending(self, sampled: Sampled) -> list[int]:
        return sampled.ids[-1:] if sampled.ended else [*sampled.ids[-1:], self.end]

    def speak(self, rows: Sequence[int], news: Sequence[Sequence[int]], max_new: int) -> list[Sampled]:
        for row, new in zip(rows, news, strict=True):
            self.held[row] += new
            if self.room(row) < max_new:
                need = len(self.held[row]) + max_new
                raise ValueError(f"expected talks within the model's {self.limit} positions, got one that needs {need}")
        prompts = [{"prompt_token_ids": list(self.held[row])} for row in rows]
        outputs = self.llm.generate(prompts, [self._params(row, max_new) for row in rows], use_tqdm=False)
        return [self._take(row, output.outputs[0]) for row, output in zip(rows, outputs, strict=True)]

    def _params(self, row: int, max_new: int) -> Any:
        self.turns[row] += 1
        return self._vllm.SamplingParams(
            max_tokens=max_new, temperature=self.temperature, seed=draw(self.seed, self.numbers[row], f"turn/{self.turns[row]}") % 2**31,
            stop_token_ids=[self.end], ignore_eos=True, logprobs=0, detokenize=False,
        )  # fmt: skip

    def _take(self, row: int, output: Any) -> Sampled:
        ids = list(output.token_ids)
        logprobs = [float(at[i].logprob) for at, i in zip(output.logprobs, ids, strict=True)]
        self.held[row] += ids[:-1]  # the last one waits in `pending`
        return Sampled(ids, logprobs, ended=ids[-1:] == [self.end])
