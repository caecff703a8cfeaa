"""Integer linear heads over hashed features: sums of table rows, and a look-up instead of an exponential.

The tables are made by ``scripts/fit_reader.py`` from the project's own labelled corpus, bit for bit.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from itertools import accumulate, chain

import numpy as np

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
    "checks_understanding", "apologises", "hope", "speaks_of_you", "hurts",
)  # fmt: skip
"""Finer moves of a sentence, several at once. ``speaks_of_you``: it says something of the other or of their people, and not of people in
general, of the speaker or of the weather. ``hurts``: one of :data:`HURTFUL` stands in it, whichever."""

LEVELS = ("er1", "er2", "ip1", "ip2", "ex1", "ex2")
"""EPITOME's mechanisms (Sharma et al., 2020) as two steps each: at least weak, strong."""

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


_REACH = ONE // 16 * len(SIGMOID)
"""Logits from which the table stays at its end."""

_BY_LOGIT = np.array(
    [1000 - SIGMOID[min(-logit * 16 // ONE, len(SIGMOID) - 1)] for logit in range(-_REACH, 0)]
    + [SIGMOID[min(logit * 16 // ONE, len(SIGMOID) - 1)] for logit in range(_REACH + 1)]
)


def per_mille(logits: np.ndarray) -> np.ndarray:
    """1000 times the logistic function of fixed-point logits, by table; any shape."""
    return _BY_LOGIT.take(logits + _REACH, mode="clip")


# 65536 * 2 ** (-i / 16) for i = 0 .. 15, rounded; an octave less for each sixteen steps on, and nothing in the end.
_OCTAVE = (
    65536,
    62757,
    60097,
    57549,
    55109,
    52773,
    50535,
    48393,
    46341,
    44376,
    42495,
    40693,
    38968,
    37316,
    35734,
    34219,
)
_WEIGHTS = [_OCTAVE[step % 16] >> step // 16 for step in range(16 * 17 + 1)]


def shares(logits: np.ndarray) -> np.ndarray:
    """Non-negative integers that sum to exactly 1000 in each row, larger for larger logits: a soft maximum by table.

    Each weight is 2 to the power of the logit's distance from the row's largest (in steps of one sixteenth of an octave); what
    rounding leaves over goes to the largest, the first of equals. Shape (rows, classes), as given.
    """
    return np.array([shares_of(row) for row in logits.tolist()], dtype=np.int64).reshape(logits.shape)


def shares_of(logits: Sequence[int]) -> list[int]:
    """:func:`shares` of one row."""
    top, last = max(logits), len(_WEIGHTS) - 1
    steps = [(top - logit) * 23 // ONE for logit in logits]  # 23/16 is 1/ln 2, so this is a soft maximum
    weights = [_WEIGHTS[step] if step < last else 0 for step in steps]
    whole = sum(weights)
    parts = [1000 * weight // whole for weight in weights]
    parts[logits.index(top)] += 1000 - sum(parts)
    return parts


@lru_cache(maxsize=1)
def tables() -> tuple[np.ndarray, np.ndarray]:
    """``(sentence, message)``: weights, shapes (ROWS + 1, heads); the last row is the bias. 32 bits wide, because sums of them are."""
    raw = resources.files("empathy_gym").joinpath("data/reader/tables.npz").read_bytes()
    with np.load(io.BytesIO(raw), allow_pickle=False) as stored:
        return _dense(stored, "sentence"), _dense(stored, "message")


def _dense(stored, name: str) -> np.ndarray:  # type: ignore[no-untyped-def]
    rows, values, shape = stored[f"{name}_rows"], stored[f"{name}_values"], stored[f"{name}_shape"]
    table = np.zeros(tuple(int(n) for n in shape), dtype=np.int32)
    table[rows] = values
    return table


@lru_cache(maxsize=1)
def fluency_table() -> list[int]:
    """Weights of :mod:`~empathy_gym.seeker.fluency`'s rows, 1024 times their base-2 log ratio."""
    raw = resources.files("empathy_gym").joinpath("data/reader/tables.npz").read_bytes()
    with np.load(io.BytesIO(raw), allow_pickle=False) as stored:
        return _dense(stored, "fluency")[:, 0].tolist()


def sentence_logits(rows: Sequence[Sequence[int]]) -> np.ndarray:
    """Fixed-point logits of :data:`SENTENCE_HEADS` for some sentences' rows; int32, shape (sentences, heads)."""
    return _sums(tables()[0], rows)


def message_logits(rows: Sequence[Sequence[int]]) -> np.ndarray:
    """Fixed-point logits of :data:`LEVELS` for some messages' rows; int32, shape (messages, levels)."""
    return _sums(tables()[1], rows)


def _sums(table: np.ndarray, rows: Sequence[Sequence[int]]) -> np.ndarray:
    """The sum of each entry's rows (at least one) and the bias."""
    if not rows:
        return np.zeros((0, table.shape[1]), dtype=np.int32)
    starts = [0, *accumulate(map(len, rows[:-1]))]
    picked = table.take(list(chain.from_iterable(rows)), axis=0)
    return np.add.reduceat(picked, starts, axis=0, dtype=np.int32) + table[-1]
