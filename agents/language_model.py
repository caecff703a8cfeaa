"""Language-model supporters, thinking and direct: one class, and the scaffold is the one difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from agents.learner.chat import ChatFormat, load_format
from agents.learner.engine import Engine
from agents.learner.llama import Llama
from agents.talk import Message

NANO = Path(__file__).resolve().parent / "nano"


class LanguageModelSupporter:
    """A policy that speaks with a language model and keeps its own history, thoughts included, by slot.

    Args:
        model: the weights.
        chat: the model's chat format.
        scaffold: ``thinking`` or ``direct``.
        max_new: tokens a reply has at most.
        temperature: 0 is greedy.
        seed: of the sampling.
    """

    def __init__(
        self,
        model: Llama,
        chat: ChatFormat,
        scaffold: str = "direct",
        max_new: int = 64,
        temperature: float = 1.0,
        seed: int = 0,
    ) -> None:
        if scaffold not in ("thinking", "direct"):
            raise ValueError(f"scaffold: expected thinking or direct, got {scaffold!r}")
        self.model, self.chat, self.scaffold = model.eval(), chat, scaffold
        self.max_new, self.temperature, self.seed = max_new, temperature, seed
        self._engine: Engine | None = None
        self._pending: list[list[int]] = []

    @classmethod
    def from_folder(cls, folder: Path, scaffold: str = "direct", **kwargs: Any) -> LanguageModelSupporter:
        """Load a checkpoint folder: our own, or any Llama or Qwen2 model with ``tokenizer.json`` and a ChatML template."""
        return cls(Llama.load(folder), load_format(folder), scaffold, **kwargs)

    def reset(self, num: int) -> None:
        """Begin ``num`` talks."""
        self._engine = Engine(
            self.model, num, self.chat.end, torch.Generator().manual_seed(self.seed), temperature=self.temperature
        )
        self._pending = [self.chat.begin(self.scaffold) for _ in range(num)]
        self._spoke = [False] * num

    def act(self, chats: Sequence[Sequence[Message] | None], infos: Sequence[Mapping[str, Any] | None]) -> list[str]:
        """Reply in each talk that goes on."""
        assert self._engine is not None, "expected reset() before act()"
        rows = [i for i, chat in enumerate(chats) if chat is not None]
        news = []
        for i in rows:
            chat = chats[i]
            assert chat is not None
            news.append([*self._pending[i], *self.chat.line(chat[-1]["content"], first=not self._spoke[i])])
        replies = [""] * len(chats)
        for i, sampled in zip(rows, self._engine.speak(rows, news, self.max_new), strict=True):
            replies[i] = self.chat.text(sampled.ids)
            self._pending[i] = self._engine.pending(sampled)
            self._spoke[i] = True
        return replies


def convert_gguf(path: Path, out: Path) -> Path:
    """Turn a GGUF file of a Llama-family model into a folder that :meth:`LanguageModelSupporter.from_folder` reads.

    Needs ``gguf`` and ``accelerate`` beside transformers. Done once; an existing folder is left as it is.
    """
    if (out / "model.safetensors").exists():
        return out
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    model = AutoModelForCausalLM.from_pretrained(
        str(path.parent), gguf_file=path.name, quantization_config=GgufConfig(dequantize=True), dtype=torch.float32
    )
    tokenizer = AutoTokenizer.from_pretrained(str(path.parent), gguf_file=path.name)
    out.mkdir(parents=True, exist_ok=True)
    tokenizer.save_pretrained(str(out))
    model.save_pretrained(str(out))
    return out
