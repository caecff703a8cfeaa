"""Whether a sentence is one: what a policy gradient finds first are sentences that begin well and end in words beside each other.

Each word is judged by the two before it; function words stand for themselves, others for their endings, so that words never seen
count as little as names do. The weights tell the project's own writing from the same writing shuffled, stuttered and spliced; they
are made by ``scripts/fit_reader.py``. The worst stretch of a sentence counts as well as the whole of it.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from empathy_gym.seeker.concepts import STOP
from empathy_gym.seeker.heads import fluency_table

ROWS = 65_536

WINDOW = 8
"""Words of the worst stretch."""

SHORTEST = 6
"""Shorter sentences are not judged."""

STUTTER = 3
"""A short word said so many times at once is a way of speaking, not a broken sentence."""

MAX_WORDS = 120
_ENDINGS = ("ing", "ed", "ly", "tion", "ness", "ment", "n't", "'s", "er", "est", "s", "y", "ful", "less", "al")

WHOLE = (-1_300, -500)
"""Mean weights (1024 times a base-2 log ratio) of a whole sentence at which it counts as none and as one. On stories that the weights have
not seen, whole sentences keep 97 % of their worth and shuffled ones 22 % (``tests/seeker/test_fluency.py``)."""

STRETCH = (-2_200, -1_000)
"""The same for its worst stretch."""


def word_class(word: str) -> str:
    """A function word itself; of another, its ending."""
    if word in STOP:
        return word
    if word[0] in "0123456789":
        return "#"
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return "~" + ending
    return "~"


def without_stutter(tokens: Sequence[str]) -> list[str]:
    """The words with short runs of one short word (``I, I, I think``) brought down to one."""
    found: list[str] = []
    at = 0
    while at < len(tokens):
        end = at + 1
        while end < len(tokens) and tokens[end] == tokens[at]:
            end += 1
        found.extend(tokens[at : at + 1] if end - at <= STUTTER and len(tokens[at]) <= 4 else tokens[at:end])
        at = end
    return found


def rows_by_word(tokens: Sequence[str]) -> list[list[int]]:
    """The rows that each word switches on, the end of the sentence being the last of them."""
    classes = ["<s>", "<s>", *map(word_class, tokens), "</s>"]
    found = []
    for at in range(len(tokens) + 1):
        far, near, here = classes[at : at + 3]
        names = [f"2 {near} {here}", f"3 {far} {near} {here}", f"skip {far} {here}"]
        if at < len(tokens):
            if at and tokens[at] == tokens[at - 1]:
                names.append("again at once")
            elif tokens[at] in tokens[max(0, at - WINDOW) : at]:
                names.append(f"again soon {int(tokens[at] in STOP)}")
        found.append([zlib.crc32(name.encode("ascii")) % ROWS for name in names])
    return found


def scores(tokens: Sequence[str]) -> tuple[int, int]:
    """Mean weight a word of the whole sentence and of its worst stretch; larger is more like a sentence."""
    table = fluency_table()
    weights = [sum(table[row] for row in rows) for rows in rows_by_word(tokens)]
    running = worst = sum(weights[:WINDOW])
    for i in range(WINDOW, len(weights)):
        running += weights[i] - weights[i - WINDOW]
        worst = min(worst, running)
    return sum(weights) // len(weights), worst // min(WINDOW, len(weights))


def fluent(tokens: Sequence[str]) -> int:
    """Per mille to which a folded sentence's words make a sentence; 1000 for one too short to tell."""
    if len(tokens) < SHORTEST:
        return 1000
    whole, stretch = scores(without_stutter(tokens[:MAX_WORDS]))
    return min(_between(whole, WHOLE), _between(stretch, STRETCH))


def _between(score: int, bounds: tuple[int, int]) -> int:
    low, high = bounds
    return max(0, min(1000, 1000 * (score - low) // (high - low)))
