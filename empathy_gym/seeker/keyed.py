"""Choices by keyed hash: the only source of variety after an episode's key is drawn.

A choice depends on (key, turn, slot) alone, so it is the same on every machine and in every version of Python and NumPy.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def draw(key: int, turn: int, slot: str) -> int:
    """A number from 0 to 2**64 - 1, fixed by the three arguments."""
    return int.from_bytes(_drawn(f"{key:x}/{turn}/{slot}"), "big")


def _drawn(name: str) -> bytes:
    return blake2b(name.encode("ascii", "backslashreplace"), digest_size=8).digest()


def choose(options: Sequence[T], key: int, turn: int, slot: str) -> T:
    """One of the options (at least one), fixed by key, turn and slot."""
    return options[draw(key, turn, slot) % len(options)]


def shuffled(options: Sequence[T], key: int, turn: int, slot: str) -> list[T]:
    """The options in an order fixed by key, turn and slot."""
    if len(options) < 2:
        return list(options)
    name = f"{key:x}/{turn}/{slot}#"
    return [options[i] for _, i in sorted([(_drawn(f"{name}{i}"), i) for i in range(len(options))])]


def first_of(options: Sequence[T], key: int, turn: int, slot: str, but: Container[T]) -> T | None:
    """The first option of :func:`shuffled` that is not in ``but``; None if all are."""
    left = [i for i, option in enumerate(options) if option not in but]
    if len(left) < 2:
        return options[left[0]] if left else None
    name = f"{key:x}/{turn}/{slot}#"
    return options[min([(_drawn(f"{name}{i}"), i) for i in left])[1]]
