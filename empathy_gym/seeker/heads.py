"""Integer linear heads over hashed features: sums of table rows, and a look-up instead of an exponential.

The tables are made by ``scripts/fit_reader.py`` from the project's own labelled corpus, bit for bit.
"""

from __future__ import annotations

import io
from functools import lru_cache
from importlib import resources

import numpy as np

ACTS = ("question", "restatement", "reflection", "self_disclosure", "affirmation", "suggestion", "information", "other")
"""ESConv's eight strategies (Liu et al., 2021), in this package's words."""

HARMS = (
    "dismissing", "minimising", "judging", "commanding", "toxic_positivity", "self_focus", "stock_comfort", "false_promise",
    "telling_feelings", "interrogating", "mocking", "agrees_distortion", "prying_meta", "diagnosing", "preaching", "isolating",
    "pity", "gibberish", "off_topic",
)  # fmt: skip
"""Ways in which a sentence can hurt or miss; see ``docs/reading.md``."""

MOVES = (
    "open_question", "closed_question", "leading_question", "rhetorical_question", "names_feeling", "specific", "generic",
    "validates", "praises_action", "praises_person", "invites_more", "permission", "autonomy", "concrete_step", "collaborative",
    "reframe", "both_sides", "others_motive", "pattern", "not_at_fault", "takes_side", "turns_inward", "offers_presence",
    "checks_understanding", "apologises", "hope",
)  # fmt: skip
"""Finer moves of a sentence, several at once."""

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


def per_mille(logit: int) -> int:
    """1000 times the logistic function of a fixed-point logit, by table."""
    step = abs(logit) * 16 // ONE
    value = SIGMOID[step] if step < len(SIGMOID) else 1000
    return value if logit >= 0 else 1000 - value


def shares(logits: list[int]) -> list[int]:
    """Non-negative integers that sum to exactly 1000, larger for larger logits: a soft maximum by table.

    Each weight is 2 to the power of the logit's distance from the largest (in steps of one sixteenth of an octave); what
    rounding leaves over goes to the largest, the first of equals.
    """
    top = max(logits)
    weights = [_power((top - logit) * 23 // ONE) for logit in logits]  # 23/16 is 1/ln 2, so this is a soft maximum
    total = sum(weights)
    parts = [1000 * w // total for w in weights]
    parts[logits.index(top)] += 1000 - sum(parts)
    return parts


# 65536 * 2 ** (-i / 16) for i = 0 .. 15, rounded.
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


def _power(steps: int) -> int:
    octaves, rest = divmod(steps, 16)
    return _OCTAVE[rest] >> octaves if octaves < 17 else 0


@lru_cache(maxsize=1)
def tables() -> tuple[np.ndarray, np.ndarray]:
    """``(sentence, message)``: int16 weights, shapes (ROWS + 1, heads); the last row is the bias."""
    raw = resources.files("empathy_gym").joinpath("data/reader/tables.npz").read_bytes()
    with np.load(io.BytesIO(raw), allow_pickle=False) as stored:
        return _dense(stored, "sentence"), _dense(stored, "message")


def _dense(stored, name: str) -> np.ndarray:  # type: ignore[no-untyped-def]
    rows, values, shape = stored[f"{name}_rows"], stored[f"{name}_values"], stored[f"{name}_shape"]
    table = np.zeros(tuple(int(n) for n in shape), dtype=np.int16)
    table[rows] = values
    return table


@lru_cache(maxsize=1)
def fluency_table() -> list[int]:
    """Weights of :mod:`~empathy_gym.seeker.fluency`'s rows, 1024 times their base-2 log ratio."""
    raw = resources.files("empathy_gym").joinpath("data/reader/tables.npz").read_bytes()
    with np.load(io.BytesIO(raw), allow_pickle=False) as stored:
        return _dense(stored, "fluency")[:, 0].tolist()


def sentence_logits(rows: list[int]) -> list[int]:
    """Fixed-point logits of :data:`SENTENCE_HEADS` for one sentence's rows."""
    table = tables()[0]
    return (table[rows].sum(axis=0, dtype=np.int64) + table[-1]).tolist()


def message_logits(rows: list[int]) -> list[int]:
    """Fixed-point logits of :data:`LEVELS` for one message's rows."""
    table = tables()[1]
    return (table[rows].sum(axis=0, dtype=np.int64) + table[-1]).tolist()
