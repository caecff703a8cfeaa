"""Appraisal: what a reply means to this seeker now, as a ledger of lines that add up exactly to the change of emotion.

Its sentences come first, one after the other (``meanings.py``), then the reply as a whole: its manner, the seeker's patience, the limits.
"""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

from empathy_gym.seeker.booking import Event
from empathy_gym.seeker.emotion import FULL, TURN_LIMIT
from empathy_gym.seeker.ledger import OF_ITSELF, Line
from empathy_gym.seeker.meanings import Meanings

HEADWAY = 800
"""Milli-points from which a reply costs no patience, whoever hears it."""

BARREN, DEMANDING = 3, 3
"""Per mille of patience that a reply below :data:`HEADWAY` costs if it gave nothing at all, and how much more any such reply costs at difficulty 1."""


CASUAL, FORMAL = 700, 400
"""Informality, per mille, at which a reply just suits someone casual, and someone formal; what is neither (500) suits each a little less."""

FIRST_TURNS, FIRST_WORDS, FIRST_COST = 3, (6, 12, 30), (45, 20)
"""At first someone wants to talk: turns in which each word from the first number to the second, and from there to the third, costs so many tenths of a per
mille of patience, unless the reply asks something (the supporter's share of the talk costs early and not late in 6,589 client-rated sessions)."""


class Appraised(NamedTuple):
    """The ledger of one reply, the events behind it and the emotion after it."""

    lines: tuple[Line, ...]
    events: tuple[Event, ...]
    emotion: int
    asked: tuple[str, ...]
    """Facts that the reply asked about, strongest first."""
    question: bool
    """Whether the reply ends in a question."""
    mentioned: frozenset[str]
    """Concepts that the reply mentions."""


class Appraisal(Meanings):
    """Appraises one reply to one mind. Call :meth:`run` once."""

    def run(self) -> Appraised:
        """Apply the reply to the mind's state and memory."""
        mind, memory = self.mind, self.mind.memory
        memory.turn += 1
        memory.leave = memory.asked_leave
        memory.asked_leave = False
        before = mind.emotion
        self._at = mind.state.potential() - before
        if self._at:
            self.lines.append(Line(None, "momentum", None, self._at))
        moved = mind.change_mood()
        if moved:
            self._at += moved
            self.lines.append(Line(None, "mood", None, moved))
        self._weigh_sense()
        self.take_all()
        self._lose_credit()
        self._style()
        self._patience()
        self._limits(before)
        mind.emotion = before + sum(line.amount for line in self.lines)
        self._forget()
        units = self.reading.units
        return Appraised(
            lines=tuple(self.lines),
            events=tuple(self.events),
            emotion=mind.emotion,
            asked=tuple(dict.fromkeys(self.asked)),
            question=bool(units) and units[-1].asks,
            mentioned=frozenset(chain.from_iterable([unit.concepts for unit in units])),
        )

    def _limits(self, before: int) -> None:
        total = sum(line.amount for line in self.lines)
        limited = max(-TURN_LIMIT, min(TURN_LIMIT, total))
        if limited != total:
            self.lines.append(Line(None, "turn_limit", None, limited - total))
        inside = max(0, min(FULL, before + limited)) - before
        if inside != limited:
            self.lines.append(Line(None, "range_limit", None, inside - limited))

    def _forget(self) -> None:
        memory = self.mind.memory
        memory.generic = memory.generic * 700 // 1000 + 1000 * self.generic_now
        memory.idle_questions = memory.idle_questions * 700 // 1000 + 1000 * self.idle_now
        memory.questions_running = memory.questions_running + 1 if self.questions and not self.took_in else 0

    # -- the whole reply ----------------------------------------------------------------------------------------------

    def _style(self) -> None:
        """Manner scales what was given; it is worth nothing alone."""
        earned = sum(line.amount for line in self.lines if line.skill is not None and line.amount > 0)
        if earned <= 0 or not self.reading.units:
            return
        low, high = (8, 60) if self.mind.scenario is None else self.mind.scenario.persona.length
        length = self.reading.words
        fit = 1000
        if length > high:
            fit -= min(1200, 1200 * (length - high) // max(high, 20))
        elif length < low:
            fit -= 500 * (low - length) // low
        likes_lists = self.mind.scenario is not None and self.mind.scenario.persona.lists
        if self.reading.lists and not likes_lists:
            fit -= 700
        register = "neutral" if self.mind.scenario is None else self.mind.scenario.persona.register
        if register == "casual":
            fit += (self.reading.informal - CASUAL) * 300 // 500
        elif register == "formal":
            fit -= max(0, self.reading.informal - FORMAL) * 500 // 500
        fit = max(-600, min(1200, fit))
        span = (self.reading.units[0].span[0], self.reading.units[-1].span[1])
        share = min(1000, earned * 1000 // 5_000) ** 2 // 1000
        if fit >= 500:
            self.mind.state.raise_("ease", 260 * (fit - 400) // 1000 * share // 1000)
            self._book("style_adaptability", "manner_suits", span)
        else:
            self.mind.state.raise_("weariness", 22 * (700 - fit) // 1000 * share // 1000)
            self._book(None, "manner_jars", span)

    def _patience(self) -> None:
        mind, state, memory, reading = self.mind, self.mind.state, self.mind.memory, self.reading
        wait = 0
        if not reading.units or (reading.words < 3 and not any(unit.asks for unit in reading.units)):
            memory.empty_running += 1
            if reading.words == 0:
                wait, cause = 35 + 20 * min(memory.empty_running, 4), "said_nothing"
            else:  # one or two "mm-hm" are a way of listening, a talk of them is not
                spoken = mind.scenario is None  # in a talk written down they stand for nods
                wait, cause = 0 if spoken else 22 * max(0, min(memory.empty_running - 2, 4)), "too_short"
        else:
            memory.empty_running = 0
            cause = "no_headway"
            if reading.words > 130:
                wait, cause = min(90, 12 + (reading.words - 130) // 4), "too_long"
            elif reading.language < 110 and reading.words >= 4:
                wait, cause = 80, "not_language"
            elif sum(line.amount for line in self.lines if line.skill is not None) < HEADWAY:
                hurt = any(line.amount < 0 and line.cause not in OF_ITSELF for line in self.lines)
                # Greetings, thanks and goodbyes are owed.
                small_talk = all(unit.act == "other" for unit in reading.units)
                wait = 0 if hurt or self.credited or small_talk else BARREN
                wait += DEMANDING * mind.difficulty // 1000
            if cause == "no_headway" and memory.turn <= FIRST_TURNS and not any(unit.asks for unit in reading.units):
                steps = zip(FIRST_WORDS, FIRST_WORDS[1:], FIRST_COST, strict=False)
                wait += sum(max(0, min(reading.words, most) - least) * cost for least, most, cost in steps) // 10
        if wait:
            state.raise_("weariness", wait)
            self._book(None, "patience" if cause == "no_headway" else cause, None)
