"""Numbers from the visible talk, each from 0 to 1, in named groups: what classical agents see.

Nothing hidden is looked at: the seeker's lines, the supporter's own replies and moves, and the clock are all there is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from empathy_gym.envs.moves import NAMES
from empathy_gym.envs.topics import MOST_TOPICS, Visible
from empathy_gym.seeker.concepts import FEELINGS
from empathy_gym.seeker.text import words

__all__ = [
    "CUES",
    "MANY_WORDS",
    "STRATEGY",
    "TALK",
    "Rows",
    "box",
    "flat",
    "grouped",
    "grouped_space",
    "strategy_rows",
    "talk_rows",
]

Rows = dict[str, Sequence[float]]
"""The rows of each group, unclipped."""

CUES = {
    "asks for advice": ("what do i do", "how do i", "what should i", "what would you", "any idea", "first step"),
    "asks why they did it": (
        "why would",
        "why did he",
        "why did she",
        "why did they",
        "what was going on in",
        "what makes someone",
    ),
    "tells what they did": ("i tried", "i kept", "i did", "i went", "i wrote", "i told"),
    "blames themselves": ("my fault", "should have", "should've", "if i had", "blame myself", "because of me"),
    "weighs two sides": ("on the one hand", "both", "the other side", "another way to see", "maybe they"),
    "looks at themselves": ("about me", "the way i", "my half", "i always", "i never", "what i do"),
    "wants to tell": ("let me", "out loud", "get it out", "just listen", "hear me"),
    "feels not understood": ("nobody gets", "not really about", "isn't that", "it's not that", "understands"),
    "is hurt by the reply": ("don't tell me", "not helping", "that stung", "you don't know", "not fair", "unfair"),
    "is tired of the reply": ("you said that", "already said", "again", "that's all", "everyone says"),
    "is met by the reply": ("that's it", "exactly", "thank you", "yes, yes", "put it better", "never thought of it"),
}
"""Turns of phrase in the seeker's latest line, by what they usually mean."""

MANY_WORDS, MANY_TIMES = 60, 4
"""Words of a line, and uses of one move, that count as a full feature."""

TALK = {
    "progress": ("turn / max_turns",),
    "line": (
        "words of the latest line / 60",
        "the latest line ends with a question",
        "things that the latest line speaks of / 4",
        "something from earlier can be spoken of",
        "a person can be spoken of",
    ),
    "named": tuple(f"named so far: {name}" for name in FEELINGS),
    "nearest": tuple(f"seems nearest: {name}" for name in FEELINGS),
    "cues": tuple(f"latest line: {name}" for name in CUES),
}
"""Groups of the visible talk, and the names of their rows in order."""

STRATEGY = {
    **TALK,
    "uses": tuple(f"uses / 4: {name}" for name in NAMES),
    "last": tuple(f"last move: {name}" for name in NAMES),
}
"""Groups of ``EmpathyStrategy-v0``: the talk, and the agent's own moves."""


def talk_rows(visible: Visible, turn: int, max_turns: int) -> Rows:
    """The groups of :data:`TALK`.

    Args:
        visible: the visible talk.
        turn: replies so far.
        max_turns: of the episode.
    """
    line = visible.line
    return {
        "progress": (turn / max_turns,),
        "line": (
            len(words(line)) / MANY_WORDS,
            line.endswith("?"),
            len(visible.here) / MOST_TOPICS,
            bool(visible.earlier),
            visible.person is not None,
        ),
        "named": [name in visible.named for name in FEELINGS],
        "nearest": [name == visible.feeling for name in FEELINGS],
        "cues": [any(cue in line for cue in cues) for cues in CUES.values()],
    }


def strategy_rows(visible: Visible, moves: Sequence[int], max_turns: int) -> Rows:
    """The groups of :data:`STRATEGY`.

    Args:
        visible: the visible talk.
        moves: those made so far.
        max_turns: of the episode.
    """
    every = range(len(NAMES))
    return {
        **talk_rows(visible, len(moves), max_turns),
        "uses": [moves.count(move) / MANY_TIMES for move in every],
        "last": [bool(moves) and moves[-1] == move for move in every],
    }


def box(groups: Mapping[str, Sequence[str]]) -> spaces.Box:
    """The space of :func:`flat`."""
    return spaces.Box(0.0, 1.0, (sum(map(len, groups.values())),), np.float32)


def flat(rows: Rows) -> NDArray[np.float32]:
    """All rows in order, clipped to 0 to 1."""
    return _clipped([value for group in rows.values() for value in group])


def grouped_space(groups: Mapping[str, Sequence[str]]) -> spaces.Dict:
    """The space of :func:`grouped`."""
    return spaces.Dict({name: spaces.Box(0.0, 1.0, (len(rows),), np.float32) for name, rows in groups.items()})


def grouped(rows: Rows) -> dict[str, NDArray[np.float32]]:
    """The rows of each group, clipped to 0 to 1."""
    return {name: _clipped(group) for name, group in rows.items()}


def _clipped(values: Sequence[float]) -> NDArray[np.float32]:
    return np.clip(np.array(values, dtype=np.float32), 0.0, 1.0)
