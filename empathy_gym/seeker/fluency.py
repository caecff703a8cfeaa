"""Whether a sentence is one: what a policy gradient finds first are sentences that begin well and end in words beside each other.

Each word is judged by the two before it; function words stand for themselves, common words for a class by the company they keep, others for
their endings, so that words never seen count as little as names do. The weights tell the project's own writing from the same writing shuffled,
stuttered and spliced and from what trained policies said that is no language; they are made by ``scripts/fit_reader.py``. The worst stretch of a sentence counts as well as the whole of it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from itertools import accumulate
from operator import eq, sub
from sys import intern

from empathy_gym.seeker.concepts import STOP
from empathy_gym.seeker.heads import fluency_table
from empathy_gym.seeker.text import Remembered

ROWS = 262_144

WINDOW = 8
"""Words of the worst stretch."""

SHORTEST = 6
"""Shorter sentences are not judged."""

STUTTER = 3
"""A short word said so many times at once is a way of speaking, not a broken sentence."""

MAX_WORDS = 120
_ENDINGS = ("ing", "ed", "ly", "tion", "ness", "ment", "n't", "'s", "er", "est", "s", "y", "ful", "less", "al")

WHOLE = (-1_150, -600)
"""Mean weights (1024 times a base-2 log ratio) of a whole sentence at which it counts as none and as one. On stories that the weights have
not seen, whole sentences keep 97 % of their worth and shuffled ones 22 % (``tests/seeker/test_fluency.py``)."""

STRETCH = (-2_050, -1_250)
"""The same for its worst stretch."""


_TYPED = {
    "u": "you", "ur": "your", "youre": "you're", "im": "i'm", "ive": "i've", "dont": "don't", "doesnt": "doesn't", "didnt": "didn't",
    "isnt": "isn't", "wasnt": "wasn't", "arent": "aren't", "cant": "can't", "wont": "won't", "couldnt": "couldn't", "wouldnt": "wouldn't",
    "shouldnt": "shouldn't", "havent": "haven't", "hasnt": "hasn't", "thats": "that's", "whats": "what's", "theres": "there's",
}  # fmt: skip
"""Words as they are typed in haste, beside what they stand for."""

HANGING = frozenset(
    """a an the my your our their every very and or but because of from into than if whether while until although unless it's you're they're we're
    i'm he's she's there's""".split()
)
"""Words with which nothing ends."""


@lru_cache(maxsize=1)
def _classes() -> dict[str, int]:
    found: dict[str, int] = json.loads(
        resources.files("empathy_gym").joinpath("data/reader/classes.json").read_text(encoding="ascii")
    )
    return found


def forget() -> None:
    """Read the classes anew (for the script that makes them)."""
    for cached in (_classes, word_class):
        cached.cache_clear()
    _WEIGHTS.clear()


@lru_cache(maxsize=65_536)
def word_class(word: str) -> str:
    """A function word itself; of a common one, the class of words that stand where it does; of another, its ending."""
    word = _TYPED.get(word, word)
    if word in STOP:
        return intern(word)
    number = _classes().get(word)
    if number is not None:
        return intern(f"~{number}")
    if word[0] in "0123456789":
        return "#"
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return intern("~" + ending)
    return "~"


def without_stutter(tokens: Sequence[str]) -> list[str]:
    """The words with short runs of one short word (``I, I, I think``) brought down to one."""
    if not any(map(eq, tokens, tokens[1:])):
        return list(tokens)
    found: list[str] = []
    at = 0
    while at < len(tokens):
        end = at + 1
        while end < len(tokens) and tokens[end] == tokens[at]:
            end += 1
        found.extend(tokens[at : at + 1] if end - at <= STUTTER and len(tokens[at]) <= 4 else tokens[at:end])
        at = end
    return found


def neighbours(far: str, near: str, here: str) -> list[int]:
    """The rows that a class switches on behind the two before it."""
    names = (f"2 {near} {here}", f"3 {far} {near} {here}", f"skip {far} {here}")
    return [zlib.crc32(name.encode("ascii")) % ROWS for name in names]


@lru_cache(maxsize=65_536)
def follows(before: str, word: str) -> int:
    """What a word weighs behind the one before it: above zero where words of its kind stand there."""
    return fluency_table()[neighbours("", word_class(before), word_class(word))[0]]


AT_ONCE = zlib.crc32(b"again at once") % ROWS
SOON = tuple(zlib.crc32(b"again soon %d" % dull) % ROWS for dull in (0, 1))


def rows_by_word(tokens: Sequence[str]) -> list[list[int]]:
    """The rows that each word switches on, the end of the sentence being the last of them."""
    classes = ["<s>", "<s>", *map(word_class, tokens), "</s>"]
    return [
        [*neighbours(*classes[at : at + 3]), *(() if (again := _again(tokens, at)) is None else (again,))]
        for at in range(len(tokens) + 1)
    ]


def _again(tokens: Sequence[str], at: int) -> int | None:
    """The row of a word that was said just before."""
    if at == len(tokens):
        return None
    if at and tokens[at] == tokens[at - 1]:
        return AT_ONCE
    return SOON[tokens[at] in STOP] if tokens[at] in tokens[max(0, at - WINDOW) : at] else None


def _weight(three: tuple[str, str, str]) -> int:
    """What a class weighs behind the two before it."""
    table = fluency_table()
    return sum(table[row] for row in neighbours(*three))


_WEIGHTS = Remembered(_weight, 262_144)


def scores(tokens: Sequence[str], classes: Sequence[str], repeats: bool) -> tuple[int, int]:
    """Mean weight a word of the whole sentence and of its worst stretch; larger is more like a sentence.

    Args:
        tokens: the words.
        classes: ``word_class`` of each.
        repeats: whether one of them comes twice.
    """
    marked = ("<s>", "<s>", *classes, "</s>")
    weights = list(map(_WEIGHTS.__getitem__, zip(marked, marked[1:], marked[2:], strict=False)))
    if repeats:
        _add_repeats(weights, tokens)
    whole = sum(weights)
    if len(weights) <= WINDOW:
        return whole // len(weights), whole // len(weights)
    sums = list(accumulate(weights))
    worst = min(sums[WINDOW - 1], *map(sub, sums[WINDOW:], sums))
    return whole // len(weights), worst // WINDOW


def _add_repeats(weights: list[int], tokens: Sequence[str]) -> None:
    """What words weigh that were said at once or soon before."""
    table = fluency_table()
    latest: dict[str, int] = {}
    for at, token in enumerate(tokens):
        before = latest.get(token)
        if before is not None and at - before <= WINDOW:
            weights[at] += table[AT_ONCE if at - before == 1 else SOON[token in STOP]]
        latest[token] = at


def fluent(tokens: Sequence[str], classes: Sequence[str] | None = None) -> int:
    """Per mille to which a folded sentence's words make a sentence; 1000 for one too short to tell.

    Args:
        tokens: the words.
        classes: ``word_class`` of each, where they are at hand.
    """
    if len(tokens) < SHORTEST:
        return 1000
    if len(tokens) > MAX_WORDS:
        tokens = tokens[:MAX_WORDS]
    repeats = len(set(tokens)) < len(tokens)
    if classes is None or (repeats and any(map(eq, tokens, tokens[1:]))):
        tokens = without_stutter(tokens)
        classes = list(map(word_class, tokens))
    whole, stretch = scores(tokens, classes[:MAX_WORDS], repeats)
    if whole >= WHOLE[1] and stretch >= STRETCH[1]:  # most are plainly sentences
        return 1000
    return min(_between(whole, WHOLE), _between(stretch, STRETCH))


def breaks_off(folded: str, tokens: Sequence[str]) -> bool:
    """Whether a folded text stops in the middle of a sentence."""
    return len(tokens) >= SHORTEST and tokens[-1] in HANGING and folded[-1:].isalpha()


def _between(score: int, bounds: tuple[int, int]) -> int:
    low, high = bounds
    return max(0, min(1000, 1000 * (score - low) // (high - low)))
