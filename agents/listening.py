"""What a good listener says to what is told: retrieval from replies that were written for it.

The replies are in ``agents/replies`` (its README says how they came about). They are found by the words of the seeker's line alone; this module
imports nothing of ``empathy_gym``.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from agents.talk import Message, said_by

FOLDER = Path(__file__).parent / "replies"

NEAR = 0.5
"""Share of a line's words, weighted by how rare they are, that one thing's wordings must have, for a reply to that thing to fit the line."""

ENOUGH = 15.0
"""Weight (natural logarithms of rarity, summed) that these words must have together."""


class Reply(NamedTuple):
    """What to say of one thing that somebody tells.

    Attributes:
        hears: sentences that say what it means, in other words.
        asks: an open question on it.
        gives: a sentence for later, by the kind of help that it is.
    """

    hears: tuple[str, ...]
    asks: str
    gives: dict[str, str]


class _Store:
    """All replies, found by what was told."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self._exact: list[tuple[str, int]] = []
        words: list[set[str]] = []
        for path in sorted(FOLDER.glob("*.jsonl")):
            for line in path.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                self._exact += [(f" {_plain(told)} ", len(self.replies)) for told in entry["told"]]
                words.append({word for told in entry["told"] for word in _plain(told).split()})
                self.replies.append(Reply(tuple(entry["hears"]), entry["asks"], entry["gives"]))
        self._exact.sort(key=lambda found: -len(found[0]))
        self._have: dict[str, list[int]] = {}
        for number, known in enumerate(words):
            for word in known:
                self._have.setdefault(word, []).append(number)
        self._weight = {word: math.log(len(words) / len(numbers)) for word, numbers in self._have.items()}

    def find(self, line: str) -> Reply | None:
        """The reply to a line: to the longest thing that it tells word for word, else to the one that it has most words in common with."""
        said = f" {_plain(line)} "
        for told, number in self._exact:
            if told in said:
                return self.replies[number]
        rarest = max(self._weight.values(), default=0.0)
        words = sorted(set(said.split()))
        common: dict[int, float] = defaultdict(float)
        for word in words:
            for number in self._have.get(word, ()):
                common[number] += self._weight[word]
        if not common:
            return None
        best = min(common, key=lambda number: (-common[number], number))
        whole = sum(self._weight.get(word, rarest) for word in words)
        return self.replies[best] if common[best] >= max(ENOUGH, NEAR * whole) else None


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9']+", text.lower().replace("’", "'")))


@lru_cache(maxsize=1)
def _store() -> _Store:
    return _Store()


def replies_to(chat: Sequence[Message]) -> list[Reply]:
    """What to say to what the seeker told, the latest first, each once."""
    found = [reply_to(line) for line in reversed(said_by(chat))]
    return [reply for at, reply in enumerate(found) if reply is not None and reply not in found[:at]]


@lru_cache(maxsize=4_096)
def reply_to(line: str) -> Reply | None:
    """What to say to a line, or None where nothing was written for the like."""
    return _store().find(line)
