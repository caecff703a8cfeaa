"""Choices by keyed hash: the only source of variety after an episode's key is drawn.

A choice depends on (key, turn, slot) alone, so it is the same on every machine and in every version of Python and NumPy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def draw(key: int, turn: int, slot: str) -> int:
    """A number from 0 to 2**64 - 1, fixed by the three arguments."""
    data = f"{key:x}/{turn}/{slot}".encode("ascii", "backslashreplace")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


def choose(options: Sequence[T], key: int, turn: int, slot: str) -> T:
    """One of the options (at least one), fixed by key, turn and slot."""
    return options[draw(key, turn, slot) % len(options)]


def shuffled(options: Sequence[T], key: int, turn: int, slot: str) -> list[T]:
    """The options in an order fixed by key, turn and slot."""
    return [o for _, _, o in sorted((draw(key, turn, f"{slot}#{i}"), i, o) for i, o in enumerate(options))]
