"""Classes of words by the company they keep: which function words stand before and behind them in our own sentences.

Spherical k-means over square roots of shares (so that every profile has length one), in whole numbers: the same classes on every machine.
"""

from __future__ import annotations

from collections import Counter
from math import isqrt

import numpy as np

from empathy_gym.seeker.concepts import STOP

CLASSES, ROUNDS = 40, 25
LEAST = 4
"""Times that a word has to come up."""

COMPANY = 60
"""Kinds of neighbours that are told apart, the commonest."""

_KINDS = {
    "determiner": "the a an my your his her our their this that these those no every some any",
    "person": "i you he she we they it who nobody somebody",
}
_KIND = {word: kind for kind, line in _KINDS.items() for word in line.split()}
ONE = 1_000_000


def word_classes(own: list[list[str]]) -> dict[str, int]:
    """The class of each word that is no function word and comes up often enough, in the order of the alphabet."""
    counts = Counter(word for tokens in own for word in tokens)
    vocabulary = sorted(word for word, n in counts.items() if n >= LEAST and word not in STOP)
    rows = {word: i for i, word in enumerate(vocabulary)}
    kinds = Counter(_kind(word) for tokens in own for word in tokens)
    columns = {kind: i for i, (kind, _) in enumerate(sorted(kinds.items(), key=lambda k: (-k[1], k[0]))[:COMPANY])}
    width = len(columns) + 1
    seen = np.zeros((len(vocabulary), 2 * width), dtype=np.int64)
    for tokens in own:
        around = ["<edge>", *map(_kind, tokens), "<edge>"]
        for i, word in enumerate(tokens):
            row = rows.get(word)
            if row is not None:
                seen[row, columns.get(around[i], width - 1)] += 1
                seen[row, width + columns.get(around[i + 2], width - 1)] += 1
    profiles = _roots(ONE * seen // seen.sum(axis=1, keepdims=True) + ONE * seen.sum(axis=0) // (50 * seen.sum()))
    found = _means(_unit(profiles))
    return {word: int(found[row]) for word, row in rows.items()}


def _kind(word: str) -> str:
    return _KIND.get(word, word if word in STOP else "<word>")


def _roots(values: np.ndarray) -> np.ndarray:
    table = np.array([isqrt(ONE * v) for v in range(int(values.max()) + 1)], dtype=np.int64)
    return table[values] // 1_000  # about 1,000 at most


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Scaled to a length of 1,000."""
    lengths = np.array([max(1, isqrt(int(v))) for v in (vectors * vectors).sum(axis=1)], dtype=np.int64)
    return vectors * 1_000 // lengths[:, None]


def _means(points: np.ndarray) -> np.ndarray:
    """The class of each point; classes begin at points spread evenly over the alphabet."""
    centres = points[np.arange(CLASSES) * len(points) // CLASSES]
    for _ in range(ROUNDS):
        nearest = (points @ centres.T).argmax(axis=1)  # the first of equals
        sums = np.stack(
            [points[nearest == k].sum(axis=0) if (nearest == k).any() else centre for k, centre in enumerate(centres)]
        )
        centres = _unit(sums)
    return nearest
