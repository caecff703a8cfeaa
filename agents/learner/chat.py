"""From a talk to tokens and back, prefix-preserving by construction.

A format only ever appends: the history's tokens, the sampled tokens as they were sampled, then the glue and the seeker's next line. Nothing that
was sampled is decoded and encoded again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tokenizers import Tokenizer

SEEKER, SUPPORTER, END, DIRECT, THINKING, PAD = (
    "<|seeker|>",
    "<|supporter|>",
    "<|end|>",
    "<|direct|>",
    "<|thinking|>",
    "<|pad|>",
)
NANO_SPECIAL = (PAD, SEEKER, SUPPORTER, END, DIRECT, THINKING, "<think>", "</think>")
"""Special tokens of the nano tokeniser, ids 0 to 7."""

MAX_LINE_TOKENS = 160
"""A seeker's line is cut to this many tokens, so that one talk fits the context."""


class ChatFormat(Protocol):
    """How one kind of model wants a talk as tokens."""

    end: int
    """The token that ends a reply; sampled and trained."""
    pad: int

    def begin(self, scaffold: str) -> list[int]:
        """Tokens before the seeker's first line."""
        ...

    def line(self, text: str, first: bool) -> list[int]:
        """Tokens for a seeker's line and what makes the model speak next; ``first`` if no reply came before."""
        ...

    def text(self, ids: list[int]) -> str:
        """The raw reply of sampled tokens, thought included, without the end token."""
        ...


class NanoFormat:
    """The nano model's own format: one token a role, one for each scaffold."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self._id = {name: tokenizer.token_to_id(name) for name in NANO_SPECIAL}
        self.end, self.pad = self._id[END], self._id[PAD]

    def begin(self, scaffold: str) -> list[int]:
        return [self._id[THINKING if scaffold == "thinking" else DIRECT]]

    def line(self, text: str, first: bool) -> list[int]:
        return [self._id[SEEKER], *self.encode(text)[:MAX_LINE_TOKENS], self.end, self._id[SUPPORTER]]

    def encode(self, text: str) -> list[int]:
        """Plain text to tokens. What looks like a special token in it stays plain text of other tokens."""
        return [i for i in self.tokenizer.encode(text, add_special_tokens=False).ids if i >= len(NANO_SPECIAL)]

    def reply(self, thought: str | None, text: str) -> list[int]:
        """Tokens of a reply to imitate, end token included."""
        before = [] if thought is None else [self._id["<think>"], *self.encode(thought), self._id["</think>"]]
        return [*before, *self.encode(text), self.end]

    def text(self, ids: list[int]) -> str:
        parts: list[str] = []
        run: list[int] = []
        for i in ids:
            if i in (self._id["<think>"], self._id["</think>"]):
                parts.append(self.tokenizer.decode(run, skip_special_tokens=True))
                parts.append("<think>" if i == self._id["<think>"] else "</think> ")
                run = []
            elif i >= len(NANO_SPECIAL):
                run.append(i)
        parts.append(self.tokenizer.decode(run, skip_special_tokens=True))
        return "".join(parts).strip()


class ChatMLFormat:
    """ChatML, as SmolLM2 and Qwen speak it, with this package's system prompt."""

    def __init__(self, tokenizer: Tokenizer, prompts: dict[str, str]) -> None:
        self.tokenizer = tokenizer
        self.prompts = prompts
        end = tokenizer.token_to_id("<|im_end|>")
        if end is None:
            raise ValueError("expected a tokenizer with <|im_end|> (ChatML), got one without")
        self.end = self.pad = int(end)

    def begin(self, scaffold: str) -> list[int]:
        return self._encode(f"<|im_start|>system\n{self.prompts[scaffold]}<|im_end|>\n")

    def line(self, text: str, first: bool) -> list[int]:
        glue = [] if first else self._encode("\n")
        return [
            *glue,
            *self._encode("<|im_start|>user\n"),
            *self._plain(text)[:MAX_LINE_TOKENS],
            *self._encode("<|im_end|>\n<|im_start|>assistant\n"),
        ]

    def text(self, ids: list[int]) -> str:
        return self.tokenizer.decode([i for i in ids if i != self.end], skip_special_tokens=True).strip()

    def _encode(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def _plain(self, text: str) -> list[int]:
        return self._encode(text.replace("<|", "< |"))


def load_format(folder: Path) -> ChatFormat:
    """The format that a checkpoint's tokenizer asks for."""
    from agents.prompts import SYSTEM

    path = folder / "tokenizer.json"
    if not path.exists():
        raise FileNotFoundError(f"{folder}: expected tokenizer.json, got {sorted(p.name for p in folder.glob('*'))}")
    tokenizer = Tokenizer.from_file(str(path))
    return NanoFormat(tokenizer) if tokenizer.token_to_id(SUPPORTER) is not None else ChatMLFormat(tokenizer, SYSTEM)
