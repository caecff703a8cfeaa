"""A seeker whose words somebody else chooses: the referee reads and keeps the emotion, a move says what is told and how.

What a seeker says of the talk never moves the emotion, so a feigned reaction fools the other player and not the referee. What is told
does: it becomes known, and can be understood.
"""

from __future__ import annotations

from typing import NamedTuple

from empathy_gym.seeker.appraisal import Appraisal, Appraised
from empathy_gym.seeker.emotion import FULL, LEAVES_BELOW
from empathy_gym.seeker.mind import Mind
from empathy_gym.seeker.reading import Reading, read
from empathy_gym.seeker.scenario import Fact, Scenario
from empathy_gym.seeker.seeker import Seeker, Turn
from empathy_gym.seeker.sofar import talk
from empathy_gym.seeker.speech import Speech

__all__ = ["HOW", "MOVES", "NAMES", "OWN", "WHAT", "ChosenSpeech", "Move", "PlayedSeeker"]

WHAT = ("nothing", "answer", "surface", "deeper", "core", "tried", "belief", "wish")
"""What a line tells: no more; the fact that was asked about; the next fact of depth 0 or 1, of depth 2, of depth 3; a thing that was tried;
the distorted belief; something in which the hidden intention shows."""

HOW = ("felt", "plain", "warm", "cold")
"""How it begins: with the reaction that was felt; with none; as if understood; as if hurt."""

FEIGNED = {"warm": "felt_understood", "cold": "hurt_again"}
"""The stock of reactions from which a feigned one is said."""

DEPTHS = {"surface": (0, 1), "deeper": (2,), "core": (3,)}

OWN = 0
"""The move that leaves the line to the seeker's own speech: what the single environment's seeker says."""


class Move(NamedTuple):
    """One move of the seeker's menu: what is told, and how it begins."""

    what: str
    how: str

    @property
    def name(self) -> str:
        """``what/how``; ``own`` for :data:`OWN`."""
        return f"{self.what}/{self.how}" if self.how else self.what


MOVES = (Move("own", ""), *(Move(what, how) for what in WHAT for how in HOW))
"""The seeker's menu, by number."""

NAMES = tuple(move.name for move in MOVES)
"""The names of :data:`MOVES`, in order."""


class ChosenSpeech(Speech):
    """The seeker's speech, with lines that a move chooses beside its own; one memory of what was said serves both."""

    def chosen(self, mind: Mind, appraised: Appraised, move: Move, reply: str) -> str:
        """The line of a move. One that has nothing to tell (see :meth:`can_tell`) is its beginning alone.

        Args:
            mind: after the appraisal.
            appraised: what the reply meant.
            move: not :data:`OWN`.
            reply: what was said.
        """
        self._reply = reply
        self.turn = self._teller.turn = self.turn + 1
        begun = self._beginning(move.how, mind, appraised)
        line = self._unique([begun, self._told(move.what, mind, appraised)])
        self._teller.said(line)
        return line

    def can_tell(self, what: str, mind: Mind, appraised: Appraised) -> bool:
        """Whether there is something of that kind to tell that was not told yet. Trust does not bind a seeker who is played."""
        if what in ("tried", "belief"):
            return any(line not in self._teller.used for line in self._item_lines(what))
        if what == "wish":
            return any(line not in self._teller.used for line in self._wishes(mind))
        return what == "nothing" or bool(self._facts(what, mind, appraised))

    def _beginning(self, how: str, mind: Mind, appraised: Appraised) -> str:
        if how == "plain":
            return ""
        if how in FEIGNED:
            return self._stock(FEIGNED[how])
        event = max(appraised.events, key=lambda e: abs(e.amount), default=None)
        return self._stock(self._reaction(event, mind, appraised))

    def _told(self, what: str, mind: Mind, appraised: Appraised) -> str:
        if what == "nothing":
            return ""
        if what in ("tried", "belief"):
            return self._new(self._item_lines(what), what)
        if what == "wish":
            return self._new(self._wishes(mind), what)
        facts = self._facts(what, mind, appraised)
        fact = facts[0] if facts and what == "answer" else self._teller.next(facts, appraised.mentioned)
        return "" if fact is None else self._teller.tell(fact)

    def _facts(self, what: str, mind: Mind, appraised: Appraised) -> list[Fact]:
        """Facts of a kind that were not told: those asked about, the likeliest first, or those of some depths."""
        story, told = self.scenario.story, mind.memory.disclosed
        if what == "answer":
            return [story.fact(name) for name in appraised.asked if name not in told]
        return [fact for fact in story.facts if fact.depth in DEPTHS[what] and fact.id not in told]

    def _item_lines(self, kind: str) -> list[str]:
        return [line for item in self.scenario.story.of_kind(kind) for line in item.lines]


class PlayedSeeker(Seeker):
    """A seeker who takes in a reply at once and answers it when a move says how.

    Args:
        scenario: who the seeker is and what happened.
        key: the episode's key, 0 to 2**64 - 1; picks wordings alone.
        difficulty: per mille: 0 vanilla, 1000 challenging, at most 1500.
    """

    def __init__(self, scenario: Scenario, key: int, difficulty: int = 0) -> None:
        super().__init__(scenario, key, difficulty)
        self._chosen = ChosenSpeech(scenario, key)
        self._chosen.opening()  # the same line again, so that it knows what was said
        self._appraised: Appraised | None = None

    @property
    def waiting(self) -> bool:
        """Whether a reply was heard that is not answered yet."""
        return self._appraised is not None

    def hear(self, reply: str, reading: Reading | None = None) -> Turn:
        """Take in a reply; the line is left empty until :meth:`answer`.

        Args:
            reply: what is spoken, normalised.
            reading: ``read(reply, self.talk)``, where it has been made already.
        """
        before = self.mind.emotion
        appraised = Appraisal(self.mind, read(reply, self.talk) if reading is None else reading).run()
        if appraised.emotion >= FULL:
            self.outcome = "helped"
        elif appraised.emotion < LEAVES_BELOW:
            self.outcome = "left"
        self._appraised = appraised
        self.messages.append({"role": "assistant", "content": reply})
        ledger = tuple(entry.as_dict() for entry in appraised.lines)
        return Turn(reply, "", appraised.emotion, appraised.emotion - before, ledger, self.outcome)

    def fitting(self) -> list[bool]:
        """For each move of the menu whether it has something to tell now; :data:`OWN` alone when nothing waits for an answer."""
        appraised = self._appraised
        if appraised is None:
            return [number == OWN for number in range(len(MOVES))]
        can = {what: self._chosen.can_tell(what, self.mind, appraised) for what in WHAT}
        return [number == OWN or can[move.what] for number, move in enumerate(MOVES)]

    def answer(self, number: int) -> str:
        """Say the line of a move, by its number, to the reply that waits for an answer."""
        appraised, reply = self._appraised, self.messages[-1]["content"]
        assert appraised is not None, "expected answer() after hear(), got it before"
        if number == OWN or self.outcome is not None:
            line = self._chosen.answer(self.mind, appraised, self.outcome, reply)
        else:
            line = self._chosen.chosen(self.mind, appraised, MOVES[number], reply)
        self._appraised = None
        self.mind.observe(line)
        self.messages.append({"role": "user", "content": line})
        self.talk = talk(self.messages, self.talk)
        return line
