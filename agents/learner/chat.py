"""From a talk to tokens and back, prefix-preserving by construction.

A format only ever appends: the history's tokens, the sampled tokens as they were sampled, then the glue and the seeker's next line. What was sampled is
never decoded and encoded again, since that is not the identity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from tokenizers import Tokenizer

from agents.prompts import SYSTEM

PAD, SEEKER, SUPPORTER, END = "<|pad|>", "<|seeker|>", "<|supporter|>", "<|end|>"
DIRECT, THINKING = "<|direct|>", "<|thinking|>"
OPEN, CLOSE = "<think>", "</think>"
NANO_SPECIAL = (PAD, SEEKER, SUPPORTER, END, DIRECT, THINKING, OPEN, CLOSE)
"""Special tokens of the nano tokeniser, ids 0 to 7."""

MAX_LINE_TOKENS = 160
"""A seeker's line is cut here, so that a talk of known length fits the context."""


class ChatFormat(Protocol):
    """How one kind of model wants a talk as tokens.

    Attributes:
        end: the token that ends a reply; sampled and trained.
        pad: fills rows on the right; never seen by a real token, so it may equal ``end``.
        glue: tokens that come with a seeker's line, beside the line's own.
    """

    end: int
    pad: int
    glue: int

    def begin(self, scaffold: str) -> list[int]:
        """What stands before the seeker's first line."""
        ...

    def line(self, text: str, first: bool) -> list[int]:
        """A seeker's line and what makes the model speak next; ``first`` if no reply came before."""
        ...

    def spoken(self, text: str) -> list[int]:
        """A reply that was not sampled here (an earlier supporter's, or one that lost its thought), end token included."""
        ...

    def text(self, ids: Sequence[int]) -> str:
        """The raw reply of sampled tokens, thought included, end token not."""
        ...


class NanoFormat:
    """The nano model's own format: one token a role, one for each scaffold."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self._id = {name: _id(tokenizer, name) for name in NANO_SPECIAL}
        self.end, self.pad = self._id[END], self._id[PAD]
        self.glue = len(self.line("", first=False))

    def begin(self, scaffold: str) -> list[int]:
        return [self._id[THINKING if scaffold == "thinking" else DIRECT]]

    def line(self, text: str, first: bool) -> list[int]:
        return [self._id[SEEKER], *self._plain(text)[:MAX_LINE_TOKENS], self.end, self._id[SUPPORTER]]

    def spoken(self, text: str) -> list[int]:
        return [*self._plain(text), self.end]

    def reply(self, thought: str | None, text: str) -> list[int]:
        """A reply to imitate, end token included."""
        before = [] if thought is None else [self._id[OPEN], *self._plain(thought), self._id[CLOSE]]
        return [*before, *self.spoken(text)]

    def text(self, ids: Sequence[int]) -> str:
        parts: list[str] = []
        run: list[int] = []
        tags = {self._id[OPEN]: OPEN, self._id[CLOSE]: f"{CLOSE} "}
        for i in [*ids, self.end]:
            if i >= len(NANO_SPECIAL):
                run.append(i)
            elif i in tags or i == self.end:
                parts += [self.tokenizer.decode(run), tags.get(i, "")]
                run = []
        return "".join(parts).strip()

    def _plain(self, text: str) -> list[int]:
        """Tokens of what someone said. What looks like a special token in it is left out: nobody talks themselves into a role."""
        return [i for i in self.tokenizer.encode(text, add_special_tokens=False).ids if i >= len(NANO_SPECIAL)]


class ChatMLFormat:
    """ChatML, as SmolLM2 and Qwen speak it.

    Args:
        tokenizer: with ``<|im_end|>``.
        system: the system prompt of each scaffold.
    """

    def __init__(self, tokenizer: Tokenizer, system: Mapping[str, str] = SYSTEM) -> None:
        self.tokenizer, self.system = tokenizer, system
        self.end = self.pad = _id(tokenizer, "<|im_end|>")
        added = tokenizer.get_added_tokens_decoder().values()
        self._special = [t.content for t in added if t.special and len(t.content) > 1 and "<|" not in t.content]
        """Special tokens that breaking up ``<|`` leaves whole, such as ``</s>``."""
        self.glue = len(self.line("", first=False))

    def begin(self, scaffold: str) -> list[int]:
        return self._encode(f"<|im_start|>system\n{self.system[scaffold]}<|im_end|>\n")

    def line(self, text: str, first: bool) -> list[int]:
        opening = self._encode(("" if first else "\n") + "<|im_start|>user\n")
        return [*opening, *self._plain(text)[:MAX_LINE_TOKENS], *self._encode("<|im_end|>\n<|im_start|>assistant\n")]

    def spoken(self, text: str) -> list[int]:
        return [*self._plain(text), self.end]

    def text(self, ids: Sequence[int]) -> str:
        # Tags stay, whether they are ordinary text or added tokens of their own (Qwen3).
        return self.tokenizer.decode([i for i in ids if i != self.end], skip_special_tokens=False).strip()

    def _plain(self, text: str) -> list[int]:
        """Tokens of what someone said; a special token in it is broken up: nobody talks themselves into a role."""
        text = text.replace("<|", "< |")
        for name in self._special:
            text = text.replace(name, f"{name[:1]} {name[1:]}")
        return self._encode(text)

    def _encode(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)


def aloud(raw: str, scaffold: str) -> str:
    """A sampled reply as the environment gets it: a policy that is to speak at once has no thought, so what it puts into tags is said like the rest.

    A policy gradient found that a thought is free, and direct ones began to think.
    """
    return raw if scaffold == "thinking" else raw.replace(OPEN, " ").replace(CLOSE, " ").strip()


def _id(tokenizer: Tokenizer, name: str) -> int:
    """A special token's number.

    Raises:
        ValueError: if the tokenizer has none of that name.
    """
    found = tokenizer.token_to_id(name)
    if found is None:
        raise ValueError(f"tokenizer: expected {name} in it, got one without")
    return int(found)


def load_format(folder: Path) -> ChatFormat:
    """The format that a checkpoint's ``tokenizer.json`` asks for."""
    path = folder / "tokenizer.json"
    if not path.exists():
        raise FileNotFoundError(f"{folder}: expected tokenizer.json, got {sorted(p.name for p in folder.glob('*'))}")
    tokenizer = Tokenizer.from_file(str(path))
    return NanoFormat(tokenizer) if tokenizer.token_to_id(SUPPORTER) is not None else ChatMLFormat(tokenizer)
