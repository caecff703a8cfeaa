"""Placebo thinking: before each reply stands a thought of filler, which the policy neither writes nor is trained on.

What a thought gives besides its content (a place of its own in the sequence, further forward passes before the reply) stays; the content goes.
"""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Tokenizer

from agents.learner.chat import CLOSE, NANO_SPECIAL, OPEN, NanoFormat
from agents.learner.rollout import Rollout
from empathy_gym.seeker.keyed import choose

FILLER = "hm."
"""What the filler is made of: a word that the start's own thoughts have."""


class PlaceboFormat(NanoFormat):
    """The nano's format of thinking, with the thought given.

    Args:
        tokenizer: the nano's.
        lengths: tokens that a thought may have, without its tags; each line gets one of them, fixed by its text.

    Raises:
        ValueError: without lengths.
    """

    def __init__(self, tokenizer: Tokenizer, lengths: Sequence[int]) -> None:
        if not lengths:
            raise ValueError("lengths: expected those of some thoughts, got none")
        self.lengths = list(lengths)
        super().__init__(tokenizer)
        self.glue = len(super().line("", first=False)) + 2 + max(self.lengths)

    def begin(self, scaffold: str) -> list[int]:
        """As thinking talks begin, whatever scaffold the environment keeps: it hears replies without thoughts."""
        return super().begin("thinking")

    def line(self, text: str, first: bool) -> list[int]:
        """A seeker's line and the filler that stands in for a thought."""
        return [*super().line(text, first), self._id[OPEN], *self.filler(text), self._id[CLOSE]]

    def filler(self, text: str) -> list[int]:
        """The thought after a seeker's line."""
        count = choose(self.lengths, 0, 0, text)
        return self._plain(" ".join([FILLER] * count))[:count]


def tags(chat: NanoFormat) -> tuple[int, int]:
    """The tokens that open and close a thought."""
    return NANO_SPECIAL.index(OPEN), NANO_SPECIAL.index(CLOSE)


def thought_lengths(batch: Rollout, chat: NanoFormat) -> list[int]:
    """Tokens of each closed thought of a rollout, tags left out."""
    opened, closed = tags(chat)
    found = []
    for row in batch.rows:
        own = [i for i, policy in zip(row.ids, row.policy, strict=True) if policy]
        start = None
        for at, i in enumerate(own):
            if i == opened:
                start = at
            elif i == closed and start is not None:
                found.append(at - start - 1)
                start = None
    return found
