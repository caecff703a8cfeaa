"""Language-model supporters, thinking and direct: one class, and the scaffold is the one difference."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from agents.learner.chat import ChatFormat, aloud, load_format
from agents.learner.engine import Engine
from agents.learner.llama import Llama
from agents.talk import Message
from empathy_gym.seeker.text import normalise, split_thought

NANO = Path(__file__).resolve().parent / "nano"
"""The bundled nano models, one folder each."""

SCAFFOLDS = ("thinking", "direct")


class LanguageModelSupporter:
    """A policy that speaks with a language model and keeps its own history, thoughts included, by slot.

    Args:
        model: the weights, on whatever device they are.
        chat: the model's chat format.
        scaffold: ``thinking`` or ``direct``.
        max_new: tokens a reply has at most, thought included.
        temperature: 0 is greedy.
        seed: of the sampling; the same talks get the same replies after each ``reset``.
        keep_thoughts: whether the model goes on seeing its earlier thoughts, as it did in training.
    """

    def __init__(
        self,
        model: Llama,
        chat: ChatFormat,
        scaffold: str = "direct",
        max_new: int = 64,
        temperature: float = 1.0,
        seed: int = 0,
        keep_thoughts: bool = True,
    ) -> None:
        if scaffold not in SCAFFOLDS:
            raise ValueError(f"scaffold: expected {' or '.join(SCAFFOLDS)}, got {scaffold!r}")
        self.model, self.chat, self.scaffold = model.eval(), chat, scaffold
        self.max_new, self.temperature, self.seed, self.keep_thoughts = max_new, temperature, seed, keep_thoughts
        self._slots: list[_Slot] = []
        self._engine: Engine | None = None

    @classmethod
    def from_folder(
        cls, folder: Path, scaffold: str | None = None, device: str = "cpu", dtype: torch.dtype = torch.float32, **kwargs: Any
    ) -> LanguageModelSupporter:  # fmt: skip
        """Load a checkpoint folder: our own, or any Llama or Qwen model with ``tokenizer.json`` and ChatML.

        Args:
            folder: with ``config.json``, ``*.safetensors``, ``tokenizer.json`` and perhaps a ``card.json``.
            scaffold: None takes the one that the card says it was trained in, ``direct`` where it says none.
            device: of the weights.
            dtype: of the weights.
            **kwargs: those of the class; ``keep_thoughts`` too defaults to what the card says.

        Raises:
            ValueError: if the model was trained in another scaffold or with another history than is asked for.
        """
        card = _card(folder)
        if scaffold is None:
            scaffold = card.get("scaffold") or "direct"
        elif card.get("scaffold") not in (None, scaffold):
            raise ValueError(
                f"{folder}: scaffold: expected {card['scaffold']!r}, which it was trained in, got {scaffold!r}"
            )
        kwargs.setdefault("keep_thoughts", card.get("keep_thoughts", True))
        kwargs.setdefault("max_new", card.get("max_new", 64))
        return cls(Llama.load(folder, dtype, device), load_format(folder), scaffold, **kwargs)

    def reset(self, num: int) -> None:
        """Begin ``num`` talks."""
        generator = torch.Generator().manual_seed(self.seed)
        self._engine = Engine(self.model, num, self.chat.end, generator, self.temperature)
        self._slots = [_Slot() for _ in range(num)]

    def act(self, chats: Sequence[Sequence[Message] | None], infos: Sequence[Mapping[str, Any] | None]) -> list[str]:
        """Reply in each talk that goes on."""
        if self._engine is None or len(chats) != len(self._slots):
            raise ValueError(f"chats: expected {len(self._slots)} of them, as reset() was told, got {len(chats)}")
        rows = [i for i, chat in enumerate(chats) if chat is not None]
        replies = [""] * len(chats)
        if not rows:
            return replies
        news = [self._news(i, chats[i] or ()) for i in rows]
        for i, sampled in zip(rows, self._engine.speak(rows, news, self.max_new), strict=True):
            replies[i] = aloud(self.chat.text(sampled.ids), self.scaffold)
            slot = self._slots[i]
            slot.pending = self._engine.pending(sampled)
            slot.parts.append(sampled.ids if sampled.ended else [*sampled.ids, self.chat.end])
            if not self.keep_thoughts:
                slot.parts[-1] = self.chat.spoken(normalise(split_thought(replies[i])[1]))
            slot.seen += 1
        return replies

    def _news(self, i: int, chat: Sequence[Message]) -> list[int]:
        """Tokens that slot ``i`` has not fed yet: what was said since, or all of it where earlier words have to go."""
        assert self._engine is not None
        slot = self._slots[i]
        fresh: list[list[int]] = []
        for message in chat[slot.seen :]:
            if message["role"] == "user":
                fresh.append(self.chat.line(message["content"], first=not slot.parts and not fresh))
            else:  # a reply that somebody else gave
                fresh.append(self.chat.spoken(message["content"]))
        slot.seen = len(chat)
        begun = bool(slot.parts)
        slot.parts += fresh
        begin = self.chat.begin(self.scaffold)
        news = [*(slot.pending if begun else begin), *(t for part in fresh for t in part)]
        if begun and (not self.keep_thoughts or self._engine.room(i) < len(news) + self.max_new):
            while (
                len(begin) + sum(map(len, slot.parts)) + self.max_new > self._engine.limit * 3 // 4
                and len(slot.parts) > 2
            ):
                del slot.parts[:2]  # the oldest words go first; a quarter is left free for the talk to go on
            self._engine.forget(i)
            news = [*begin, *(t for part in slot.parts for t in part)]
        return news


class _Slot:
    """One talk as its speaker knows it."""

    def __init__(self) -> None:
        self.seen = 0  # messages of the chat that are known, own replies included
        self.parts: list[list[int]] = []  # the talk so far as tokens, one part a message
        self.pending: list[int] = []  # the tail of the last reply, not in the engine yet


def _card(folder: Path) -> dict[str, Any]:
    path = folder / "card.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def convert_gguf(path: Path, out: Path) -> Path:
    """Turn a GGUF file of a Llama-family chat model into a folder that :meth:`LanguageModelSupporter.from_folder` reads.

    Needs ``transformers``, ``gguf`` and ``accelerate``. Done once (some 20 seconds): a folder that is there is left as it is.
    """
    if (out / "config.json").exists():
        return out
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    source = {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
    model = AutoModelForCausalLM.from_pretrained(**source, quantization_config=GgufConfig(dequantize=True))
    tokenizer = AutoTokenizer.from_pretrained(**source)
    temporary = out.with_suffix(".tmp")
    tokenizer.save_pretrained(str(temporary))
    model.float().save_pretrained(str(temporary))
    temporary.replace(out)
    return out
