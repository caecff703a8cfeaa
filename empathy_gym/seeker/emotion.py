"""The seeker's state: several channels, because being heard and being relieved come apart in people.

Everything is an integer. Channels run from 0 to :data:`FULL`. The emotion is a potential of the channels, at most
:data:`TURN_LIMIT` nearer to it each turn, so that no loop of words can pump it: what comes back to the same state earns nothing.

The laws are those of ``docs/dynamics.md``; their constants start from figures measured on human support talks (ESConv: a
competent talk leaves about a third of the distress, a failed one all of it; AnnoMI: resistance persists).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter, mul

FULL = 100_000
"""The top of a channel, and of the emotion in milli-points."""

TURN_LIMIT = 10_000
"""The most that one turn moves the emotion, milli-points (SAGE's evaluation: ten points)."""

MOOD = 3_000
"""How far a mood of their own can be from nothing, milli-points: people's feeling varies around where it is drawn to whatever is said (the variability of
DynAffect, Kuppens et al. 2010). The size is calibrated: changes from turn to turn go with each other at 0.61 in SAGE's transcripts, 0.59 in RLVER's."""

STEADIER = 800
"""Per mille of it that is lost at difficulty 1: what is felt is harder to move, by themselves too (the inertia of people who are worse off, same source)."""

LEAVES_BELOW = 10_000
"""A seeker whose emotion falls below this ends the talk (SAGE)."""

# Milli-points of potential for a full channel.
WEIGHTS = {
    "heard": 30_000,
    "trust": 9_000,
    "insight": 15_000,
    "efficacy": 15_000,
    "need": 37_000,
    "ease": 8_000,
    "relief": 46_000,
    "reactance": -6_500,
    "belief": -12_000,
    "weariness": -60_000,
}

_FOLLOWED = tuple(name for name in WEIGHTS if name != "relief")
_WEIGHTS = tuple(WEIGHTS[name] for name in _FOLLOWED)
_channels = attrgetter(*_FOLLOWED)


@dataclass
class State:
    """The channels. ``distress_fast`` gives way to being heard, ``distress_slow`` to insight and to a way forward."""

    heard: int = 0
    trust: int = 0
    openness: int = 0
    insight: int = 0
    efficacy: int = 0
    need: int = 0
    ease: int = 0
    reactance: int = 0
    belief: int = 0
    weariness: int = 0
    distress_fast: int = FULL
    distress_slow: int = FULL
    mood: int = 0
    """What they feel this turn that has nothing to do with what was said, milli-points."""
    base: int = field(default=0)
    """What makes the potential equal the first emotion at the start."""

    def potential(self) -> int:
        """Where the emotion is drawn to, milli-points; not limited."""
        relief = (2 * FULL - self.distress_fast - self.distress_slow) // 2
        total = WEIGHTS["relief"] * relief + sum(map(mul, _WEIGHTS, _channels(self)))
        return self.base + self.mood + total // FULL

    def raise_(self, channel: str, per_mille: int) -> int:
        """Move a channel up by that share of what is left to its top; returns the step."""
        now = getattr(self, channel)
        step = (FULL - now) * max(0, min(1000, per_mille)) // 1000
        setattr(self, channel, now + step)
        return step

    def lower(self, channel: str, per_mille: int) -> int:
        """Move a channel down by that share of what it holds; returns the step (not negative)."""
        now = getattr(self, channel)
        step = now * max(0, min(1000, per_mille)) // 1000
        setattr(self, channel, now - step)
        return step

    def feel_heard(self, per_mille: int, fast: int) -> None:
        """Being understood: trust follows, the acute distress gives way (``fast`` per mille, by feeling), the deep one a little."""
        step = self.raise_("heard", per_mille)
        self.raise_("trust", 450 * step // FULL)
        self.lower("distress_fast", 900 * step // FULL * fast // 1000)
        self.lower("distress_slow", 250 * step // FULL)

    def feel_hurt(self, per_mille: int) -> None:
        """Being hurt: trust goes faster than it came, distress comes back, resistance grows."""
        self.lower("heard", per_mille * 35 // 100)
        self.lower("trust", per_mille * 50 // 100)
        self.lower("openness", per_mille * 30 // 100)
        self.raise_("distress_fast", per_mille * 20 // 100)
        self.raise_("distress_slow", per_mille * 6 // 100)
        self.raise_("reactance", per_mille * 20 // 100)
        self.raise_("weariness", per_mille * per_mille // 1000 * 12 // 100)  # contempt ends a talk, clumsiness does not
