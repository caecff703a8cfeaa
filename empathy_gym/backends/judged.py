"""A turn out of a judged change: limits and ledger, shared by language models and people."""

from __future__ import annotations

from empathy_gym.seeker.emotion import FULL, LEAVES_BELOW
from empathy_gym.seeker.ledger import Line
from empathy_gym.seeker.seeker import Turn

__all__ = ["turn_of"]

POINT = 1_000
"""Milli-points."""

FARTHEST = 100
"""Points; a change that was given as more counts as this before it is limited: the scale is no longer."""


def turn_of(reply: str, line: str, before: int, given: int, change: int, held: bool = False) -> Turn:
    """The turn that a judged change makes.

    Args:
        reply: as it was heard.
        line: what is said next.
        before: the emotion, milli-points.
        given: the change as it was given, points.
        change: the change within its limit, points.
        held: whether nobody judged, so that the emotion stays.

    Returns:
        A turn whose ledger adds up: ``judged`` (or ``held``), then what the limits of a turn and of the range took off.
    """
    given = max(-FARTHEST, min(FARTHEST, given))
    after = max(0, min(FULL, before + change * POINT))
    amounts = (
        ("held" if held else "judged", given * POINT),
        ("turn_limit", (change - given) * POINT),
        ("range_limit", after - before - change * POINT),
    )
    lines = [Line(None, cause, None, amount) for cause, amount in amounts if amount or cause in ("judged", "held")]
    outcome = "helped" if after >= FULL else "left" if after < LEAVES_BELOW else None
    return Turn(reply, line, after, after - before, tuple(entry.as_dict() for entry in lines), outcome)
