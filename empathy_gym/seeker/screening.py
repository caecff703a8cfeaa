"""Screening: many patterns tried on a text, each only where one of its words makes a match possible.

A pattern is cut into the branches of its outermost alternation. Every match of a branch has one of its *needles*, plain runs of
letters; a needle is looked for where a word of the text has its longest piece. What is found is what trying every pattern finds
(``tests/seeker/test_cues.py`` holds the two against each other).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import NamedTuple

from empathy_gym.seeker.concepts import STOP
from empathy_gym.seeker.text import Remembered, words


class _Needle(NamedTuple):
    """A plain run of letters, and the piece of it by which it is found.

    Attributes:
        run: the whole run.
        piece: its longest run of letters, rare words and whole ones first; empty if it has none.
        whole: whether the piece must be a whole word of the text; otherwise it stands in one.
    """

    run: str
    piece: str
    whole: bool


class Screened:
    """Patterns by name; of several branches of one pattern, the match that begins first counts."""

    def __init__(self, table: Mapping[str, str]) -> None:
        self.patterns = {name: re.compile(pattern, re.ASCII) for name, pattern in table.items()}
        branches = [(name, branch) for name, pattern in table.items() for branch in _branches(pattern)]
        self._branches = [(name, _finder(branch)) for name, branch in branches]
        self._having: dict[str, list[int]] = {}  # by needle, the branches that have it
        for i, (_, branch) in enumerate(branches):
            for run in _of_branch(branch):
                self._having.setdefault(run, []).append(i)
        needles = list(map(_needle, self._having))
        self._whole: dict[str, list[str]] = {}
        self._within: dict[str, list[_Needle]] = {}
        for needle in needles:
            if needle.whole:
                self._whole.setdefault(needle.piece, []).append(needle.run)
            elif needle.piece:
                self._within.setdefault(needle.piece[:2], []).append(needle)
        self._wordless = [needle.run for needle in needles if not needle.piece]
        self._by_word = Remembered(self._of_word)

    def first(self, text: str) -> dict[str, int]:
        """Where the first match of each pattern that stands in a text begins, in the table's order."""
        found: dict[str, int] = {}
        for branch in sorted(self._possible(text)):
            name, search = self._branches[branch]
            match = search(text)
            if match is not None:
                at = match.start()
                if at < found.get(name, len(text) + 1):
                    found[name] = at
        return found

    def candidates(self, text: str) -> list[str]:
        """The names whose pattern may match, in the table's order."""
        return list(dict.fromkeys(self._branches[branch][0] for branch in sorted(self._possible(text))))

    def found(self, text: str) -> frozenset[str]:
        """The names whose pattern stands in a text."""
        return frozenset(self.first(text))

    def _possible(self, text: str) -> set[int]:
        """The branches of which a needle stands in a text."""
        runs = chain(self._wordless, *map(self._by_word.__getitem__, words(text)))
        return set(chain.from_iterable([self._having[run] for run in runs if run in text]))

    def _of_word(self, word: str) -> tuple[str, ...]:
        """The needles that a word makes possible."""
        found = list(self._whole.get(word, ()))
        for start in {word[at : at + length] for at in range(len(word)) for length in (1, 2)}:
            found.extend(needle.run for needle in self._within.get(start, ()) if needle.piece in word)
        return tuple(found)


def _finder(branch: str) -> Callable[[str], re.Match[str] | None]:
    compiled = re.compile(branch, re.ASCII)
    return compiled.match if branch.startswith("^") else compiled.search


_LETTERS = re.compile(r"[a-z]+")


def _needle(run: str) -> _Needle:
    pieces = [
        # A word begins and ends where the run goes on with neither a letter nor an apostrophe.
        _Needle(run, m.group(), not {run[: m.start()][-1:], run[m.end() :][:1]} & {"", "'"})
        for m in _LETTERS.finditer(run)
    ]
    best = max(pieces, key=_rare, default=None)
    return best or _Needle(run, "", False)


def _rare(needle: _Needle) -> tuple[bool, bool, int]:
    piece = needle.piece
    return len(piece) > 2 and piece not in STOP, piece not in _EVERYWHERE, len(piece) + 2 * needle.whole


def _branches(pattern: str) -> list[str]:
    """The branches of a pattern's outermost alternation."""
    found, depth, start = [], 0, 0
    for at, c in enumerate(pattern):
        depth += (c == "(") - (c == ")")
        if c == "|" and depth == 0:
            found.append(pattern[start:at])
            start = at + 1
    return [*found, pattern[start:]]


def _needles(branches: Iterable[str]) -> list[str]:
    return [needle for branch in branches for needle in _of_branch(branch)]


def _of_branch(branch: str) -> list[str]:
    """Plain runs of which every match of a branch has at least one: its longest, or those of its most telling group."""
    choices: list[list[str]] = []
    run, at = "", 0
    while at < len(branch):
        end = _group_end(branch, at) if branch[at] == "(" else at + 1
        optional = branch[end : end + 1] in ("?", "*", "{")
        if branch[at] in _PLAIN and not optional:
            run += branch[at]
            at = end
            continue
        choices.append([run])
        run = ""
        if branch.startswith("(?:", at) and not optional:
            choices.append(_needles(_branches(branch[at + 3 : end - 1])))
        if branch[at] == "\\":
            end += 1
        elif branch[at] in "[{":
            end = branch.index("]" if branch[at] == "[" else "}", at) + 1
        at = end
    return max([*choices, [run]], key=_telling)


def _telling(needles: list[str]) -> tuple[bool, bool, int, int]:
    """Larger for runs that few texts have: none of common words alone, least of all of the commonest, none short, and not many."""
    rare = not any(STOP.issuperset(words(run)) for run in needles)
    return rare, not any(_EVERYWHERE.issuperset(words(run)) for run in needles), min(map(len, needles)), -len(needles)


def _group_end(branch: str, at: int) -> int:
    depth = 0
    while True:
        depth += (branch[at] == "(") - (branch[at] == ")")
        at += 1
        if depth == 0:
            return at


_EVERYWHERE = frozenset("a and are do for have i in is it it's of so that the to was what with you you're your".split())
"""Words that half of all sentences have."""

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789 ',<")
