"""Booking: how a sentence works on the state, and the ledger line that says so."""

from __future__ import annotations

from dataclasses import dataclass

from empathy_gym.seeker.emotion import follow
from empathy_gym.seeker.grounding import GENERIC, Met
from empathy_gym.seeker.ledger import Line
from empathy_gym.seeker.mind import Mind
from empathy_gym.seeker.needs import FAST_RELIEF, NEEDS
from empathy_gym.seeker.reading import Reading, Unit

SURE = 500
"""Per mille from which a move or a harm is taken as made."""

HALF_HEARD = 60
"""Per mille of its share that a little understanding is worth; a full one is worth all of it."""

HEARD_STEP, NEED_STEP = 5_500, 2_200
"""Per mille of what is left to the top that a sentence of full quality brings to being heard, and to the wish if it meets it fully."""

ONE_SENTENCE = 280
"""Per mille of what is left to a channel's top that one sentence can bring, however good it is."""

FRAMED = (1000, 550, 250, 100)
"""Per mille that a sentence is still worth when its frame has come so many times before."""


VAGUE = 1_400
"""Per mille of its worth that a sentence loses which would surely fit anybody's trouble (all of it from where it probably does)."""


@dataclass(frozen=True)
class Event:
    """What happened in one sentence, for the speech to answer.

    Attributes:
        cause: the ledger line's cause.
        met: the reference that decided, or None.
        amount: the line's amount, milli-points.
        missed: whether it asked after something particular of which the story says nothing.
        span: where the sentence stands in the reply; None for what is of no one sentence.
    """

    cause: str
    met: Met | None
    amount: int
    missed: bool = False
    span: tuple[int, int] | None = None


class Booking:
    """The lines of one reply to one mind, in their order; state and memory are changed as they are booked."""

    def __init__(self, mind: Mind, reading: Reading) -> None:
        self.mind = mind
        self.reading = reading
        self.lines: list[Line] = []
        self.events: list[Event] = []
        self.asked: list[str] = []
        self.credited = 0
        self.questions = 0
        self.understood_now = 0
        self.generic_now = 0
        self.idle_now = 0
        self.marred = 0
        self._at = 0  # the followed potential, milli-points of change, after the last line

    def _book(self, skill: str | None, cause: str, span: tuple[int, int] | None, met: Met | None = None) -> int:
        """Write the line for what has just been applied to the state."""
        now = follow(self.mind.emotion, self.mind.state.potential())
        amount = now - self._at
        self._at = now
        if amount:
            self.lines.append(Line(skill if amount > 0 or skill is None else None, cause, span, amount))
        self.events.append(Event(cause, met, amount, span=span))
        return amount

    def _need(self, kind: str, quality: int) -> None:
        """Let a kind of support work on the hidden intention."""
        worth = NEEDS[self.mind.intention].get(kind, 0)
        step = NEED_STEP * worth // 1000 * quality // 1000 * self.mind.gain // 1000
        self.mind.state.raise_("need", min(ONE_SENTENCE, step))

    def _heard(self, quality: int) -> None:
        fast = FAST_RELIEF.get(self.mind.main_feeling(), 900)
        quality = quality * (HALF_HEARD + (1000 - HALF_HEARD) * quality // 1000) // 1000
        self.mind.state.feel_heard(min(ONE_SENTENCE, HEARD_STEP * quality // 1000 * self.mind.gain // 1000), fast)

    def _fresh(self, unit: Unit) -> int:
        """Per mille of a sentence that is one, and neither the seeker's own words nor a frame or words that the supporter used before."""
        copied = 1000 if unit.copied < 250 else max(0, 1250 - unit.copied) * 1000 // 1000
        if unit.copied >= 700:
            copied = 0
        repeated = 1000 if unit.repeated < 500 else max(0, 1000 - unit.repeated)
        framed = FRAMED[min(unit.framed, len(FRAMED) - 1)]
        whole = unit.fluent * unit.fluent // 1000
        return copied * repeated // 1000 * framed // 1000 * whole // 1000

    def _worth(self, unit: Unit) -> int:
        """Per mille that a sentence is worth, freshness and the rest of the reply considered."""
        return self._fresh(unit) * (1000 - self.marred) // 1000

    def _particular(self, unit: Unit) -> int:
        """Per mille of its worth that a sentence about somebody keeps: a horoscope fits anybody, and is no understanding."""
        return max(0, 1000 - VAGUE * unit.moves["vague"] // 1000)

    def _takes_up(self, unit: Unit) -> bool:
        """Whether a sentence takes up something particular that the seeker said."""
        return any(c not in GENERIC for c in unit.echoed) and unit.framed == 0
