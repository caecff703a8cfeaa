"""Integer linear heads over hashed features: sums of table rows, and a look-up instead of an exponential.

The tables are made by ``scripts/fit_reader.py`` from the project's own labelled corpus, bit for bit.
"""

from __future__ import annotations

import io
from array import array
from collections.abc import Collection, Sequence
from functools import lru_cache
from importlib import resources
from itertools import accumulate, chain
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

ACTS = ("question", "restatement", "reflection", "self_disclosure", "affirmation", "suggestion", "information", "other")
"""ESConv's eight strategies (Liu et al., 2021), in this package's words."""

HARMS = (
    "dismissing", "minimising", "judging", "commanding", "toxic_positivity", "self_focus", "stock_comfort", "false_promise",
    "telling_feelings", "interrogating", "mocking", "agrees_distortion", "prying_meta", "diagnosing", "preaching", "isolating",
    "pity", "gibberish", "off_topic",
)  # fmt: skip
"""Ways in which a sentence can hurt or miss; see ``docs/reading.md``."""

HURTFUL = tuple(name for name in HARMS if name not in ("stock_comfort", "pity", "gibberish", "off_topic"))
"""Harms that hurt; the others miss."""

MOVES = (
    "open_question", "closed_question", "leading_question", "rhetorical_question", "names_feeling", "specific", "generic",
    "validates", "praises_action", "praises_person", "invites_more", "permission", "autonomy", "concrete_step", "collaborative",
    "reframe", "both_sides", "others_motive", "pattern", "not_at_fault", "takes_side", "turns_inward", "offers_presence",
    "checks_understanding", "apologises", "hope", "speaks_of_you", "hurts", "vague",
)  # fmt: skip
"""Finer moves of a sentence, several at once. ``speaks_of_you``: it says something of the other or of their people, and not of people in
general, of the speaker or of the weather. ``hurts``: one of :data:`HURTFUL` stands in it, whichever. ``vague``: whatever somebody's trouble is, it would
fit, as a horoscope does."""

LEVELS = ("er1", "er2", "ip1", "ip2", "ex1", "ex2")
"""EPITOME's mechanisms (Sharma et al., 2020) as two steps each: at least weak, strong."""

MESSAGE_HEADS = (*LEVELS, "cold")
"""The levels, and whether a message is said in a cold way, whatever its sentences say by themselves."""

SENTENCE_HEADS = ACTS + HARMS + MOVES
ONE = 1_024
"""Fixed-point one of a logit."""

# 1000 * sigmoid(i / 16) for i = 0 .. 128, rounded: the reader's only non-linearity. scripts/fit_reader.py prints it.
SIGMOID = (
    500, 516, 531, 547, 562, 577, 593, 608, 622, 637, 651, 665, 679, 693, 706, 719, 731, 743, 755, 766, 777, 788, 798, 808, 818,
    827, 835, 844, 852, 860, 867, 874, 881, 887, 893, 899, 905, 910, 915, 920, 924, 928, 932, 936, 940, 943, 947, 950, 953, 955,
    958, 960, 963, 965, 967, 969, 971, 972, 974, 976, 977, 978, 980, 981, 982, 983, 984, 985, 986, 987, 988, 988, 989, 990, 990,
    991, 991, 992, 992, 993, 993, 994, 994, 994, 995, 995, 995, 996, 996, 996, 996, 997, 997, 997, 997, 997, 998, 998, 998, 998,
    998, 998, 998, 998, 998, 999, 999, 999, 999, 999, 999, 999, 999, 999, 999, 999, 999, 999, 999, 999, 999, 999, 1000, 1000,
    1000, 1000, 1000, 1000, 1000,
)  # fmt: skip


_REACH = 32 * ONE
"""Logits that are looked up; beyond them the table stays at its end."""


def _by_logit() -> NDArray[np.int16]:
    """:data:`SIGMOID` for every logit within reach, from the least on."""
    last = len(SIGMOID) - 1
    steps = [min(i * 16 // ONE, last) for i in range(_REACH + 1)]
    return np.array([1000 - SIGMOID[i] for i in steps[:0:-1]] + [SIGMOID[i] for i in steps[:-1]], dtype=np.int16)


_BY_LOGIT = _by_logit()


def per_mille(logits: NDArray[np.int32] | Sequence[int]) -> list[Any]:
    """1000 times the logistic function of fixed-point logits, by table: a list; of several texts' logits, a list of lists."""
    found: list[Any] = _BY_LOGIT.take(np.add(logits, _REACH), mode="clip").tolist()
    return found


# 65536 * 2 ** (-i / 16) for i = 0 .. 15, rounded; an octave less for each sixteen steps on, and nothing in the end.
_OCTAVE = (
    65536, 62757, 60097, 57549, 55109, 52773, 50535, 48393, 46341, 44376, 42495, 40693, 38968, 37316, 35734, 34219,
)  # fmt: skip
_WEIGHTS = [_OCTAVE[step % 16] >> step // 16 for step in range(16 * 17)]


def shares(logits: Sequence[int]) -> list[int]:
    """Non-negative integers that sum to exactly 1000, larger for larger logits: a soft maximum by table.

    Each weight is 2 to the power of the logit's distance from the largest (in steps of one sixteenth of an octave); what rounding
    leaves over goes to the largest, the first of equals.
    """
    top, end = max(logits), len(_WEIGHTS)
    # 23/16 is 1/ln 2, so this is a soft maximum.
    weights = [_WEIGHTS[step] if (step := (top - logit) * 23 // ONE) < end else 0 for logit in logits]
    whole = sum(weights)
    parts = [1000 * weight // whole for weight in weights]
    parts[logits.index(top)] += 1000 - sum(parts)
    return parts


class Heads:
    """Weights of some heads by row, 16 bits each, so that those of a text lie in few places of the memory.

    Args:
        table: whole numbers, shape (rows + 1, heads); the last row is the bias.
    """

    def __init__(self, table: NDArray[np.int16]) -> None:
        self._rows = np.ascontiguousarray(table[:-1])
        self._bias = table[-1].astype(np.int32)

    def logits(self, rows: Collection[int]) -> list[int]:
        """The sum of some rows and the bias: fixed-point logits, one for each head."""
        found: list[int] = self.many([rows])[0].tolist()
        return found

    def many(self, texts: Sequence[Collection[int]]) -> NDArray[np.int32]:
        """The logits of several texts, none of them without rows; shape (texts, heads)."""
        ends = list(accumulate(map(len, texts)))
        taken = self._rows.take(list(chain.from_iterable(texts)), axis=0)
        return np.add.reduceat(taken, [0, *ends[:-1]], axis=0, dtype=np.int32) + self._bias


@lru_cache(maxsize=1)
def sentence_heads() -> Heads:
    """Those of :data:`SENTENCE_HEADS`."""
    return Heads(_stored("sentence"))


@lru_cache(maxsize=1)
def message_heads() -> Heads:
    """Those of :data:`MESSAGE_HEADS`."""
    return Heads(_stored("message"))


def coldness(rows: Collection[int]) -> int:
    """Per mille to which a message of some rows (two at least) is cold: the last of its heads, by itself."""
    weights, bias = _cold()
    logit: int = sum(itemgetter(*rows)(weights)) + bias
    return int(_BY_LOGIT[max(0, min(logit + _REACH, len(_BY_LOGIT) - 1))])


@lru_cache(maxsize=1)
def _cold() -> tuple[array[int], int]:
    """The weights by row of the head for coldness, and its bias."""
    column = _stored("message")[:, -1]
    return array("h", column[:-1].tolist()), int(column[-1])


@lru_cache(maxsize=1)
def fluency_table() -> list[int]:
    """Weights of :mod:`~empathy_gym.seeker.fluency`'s rows, 1024 times their base-2 log ratio."""
    return _stored("fluency")[:, 0].tolist()


def _stored(name: str) -> NDArray[np.int16]:
    """A table of ``data/reader/tables.npz``, made dense."""
    raw = resources.files("empathy_gym").joinpath("data/reader/tables.npz").read_bytes()
    with np.load(io.BytesIO(raw), allow_pickle=False) as stored:
        rows, values, shape = stored[f"{name}_rows"], stored[f"{name}_values"], stored[f"{name}_shape"]
    table = np.zeros(tuple(int(n) for n in shape), dtype=np.int16)
    table[rows] = values
    return table
