"""Booking: how a sentence works on the state, and the ledger line that says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from empathy_gym.seeker.concepts import GENERIC
from empathy_gym.seeker.grounding import CLEAR, Met
from empathy_gym.seeker.ledger import Line
from empathy_gym.seeker.mind import Mind
from empathy_gym.seeker.needs import FAST_RELIEF, NEEDS
from empathy_gym.seeker.reading import Reading, Unit

SURE = 500
"""Per mille from which a move or a harm is taken as made."""

HEARD_STEP, NEED_STEP = 2_050, 2_250
"""Per mille of what is left to the top that a sentence of full quality brings to being heard (a half one brings a quarter), and to the wish if it meets it
fully."""

ONE_SENTENCE = (50, 370)
"""Per mille of what is left to a channel's top that one sentence can bring, however good it is, by the supporter's credit from none to all: one hit may be
luck, a run of them is none."""

CREDIT = 2_900
"""Worth of a sentence by the supporter's credit (``Memory.credit``), in thousandths of it: at first a little more than its own, in the end nearly three times that."""

GROWS, FADES = 900, 40
"""Per mille by which a full understanding brings credit toward its top, and that a reply takes of it which says things about the person and meets none."""

ECHO = 400
"""Per mille of understanding that the seeker's own words given back show at most: they bring no credit."""

NOT_BACK = ("suggestion", "self_disclosure", "question")
"""Acts that say nothing back."""

SAYING = ("reflection", "restatement", "affirmation")
"""Acts that say things about the person."""

STRANGE, FEW, OWN_THINGS = 500, 1, ("suggestion", "information")
"""Per mille of sense that a sentence loses with each thing beyond a few that nobody spoke of; what to do may be of such things. Three or more stand in none of
the sentences of attentive writers, in two of a hundred of the scripted competent supporter, in 40 of what policy gradients made of the reward."""

FOREIGN, MANY = 250, 3
"""The same for all the sentences of a reply together: per mille of its words for each such thing beyond so many. Who names fourteen things a turn is right by chance."""

TOLD_FROM, TOLD_BEFORE, TELLS = 60, (2, 750), (380, 630)
"""Understanding from which a sentence says a fact back; such sentences that a supporter is taken to have said before the first, with the per mille of them
that said something of its things (:mod:`~empathy_gym.seeker.predicates`); and the share between which what only names things comes to show what it can."""

NAMED, ONE_THING = (100, 900), 450
"""Per mille of its understanding that a sentence shows which only names things, of a supporter who only ever does and of one who mostly says what
happened; and the most that naming one thing of a fact shows."""

COMMON = 1_700
"""The most, per mille, that credit makes of what could be said to anyone: a question, warm words, an invitation, a piece of information."""

SENSE_WORDS = 12
"""Words of good sense that a supporter is taken to have said before the first."""

SENSE = (650, 880)
"""Per mille of a talk's words that stand in sentences, at which a reply is worth nothing and all: of someone who mostly makes no sense, one lucky sentence is
luck. Attentive writers stay above 860, what policy gradients made of the reward below 700 (docs/log.md)."""

CLAIM, CLAIMS = 2, (8, 770)
"""Particular things that a sentence about the person names to be a claim; and claims that a supporter is taken to have made before the first, with the
per mille of them that fitted."""

TRUTH = (520, 700)
"""Per mille of a talk's claims that fit, between which a reply comes to be worth all: of someone who tells you your life and is mostly wrong, one right
guess is luck. Of eight attentive writers 69 to 93 % fit, of what policy gradients made of the reward 40 and 51 % (on 0.9) and 60 and 81 % (docs/log.md)."""

MISSED = 500
"""Per mille of a claim that counts where it misses without naming anything foreign to the talk and to the story: it may be meant well, in other words."""

DOUBTED, PROVEN = 150, 1_200
"""The least and the most, per mille, that a reply is worth by it: of someone who was wrong, or right, again and again."""

FRAMED = (1000, 550, 250, 100)
"""Per mille that a sentence is still worth when its frame has come so many times before."""


VAGUE = 1_800
"""Per mille of its worth that a sentence loses which would surely fit anybody's trouble (all of it from where it probably does)."""


class Event(NamedTuple):
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
        self.sense = 1000
        self.truth = 1000
        self.tells = 1000
        self.showed = False
        self.took_in = False  # more than a word of what was told
        self._at = 0  # how far the potential was from the emotion, milli-points, after the last line

    def _book(self, skill: str | None, cause: str, span: tuple[int, int] | None, met: Met | None = None) -> int:
        """Write the line for what has just been applied to the state."""
        now = self.mind.state.potential() - self.mind.emotion
        amount = now - self._at
        self._at = now
        if amount:
            self.lines.append(Line(skill if amount > 0 or skill is None else None, cause, span, amount))
        self.events.append(Event(cause, met, amount, span=span))
        return amount

    def _weigh_sense(self) -> None:
        """Hear whether the supporter makes sense, and how seriously to take them (``sense``, per mille): of someone who mostly makes none, one lucky sentence is luck."""
        if self.mind.scenario is None:  # written-down speech is full of breaks
            return
        heard, lost = self.mind.memory.sense
        for unit in self.reading.units:
            heard += unit.words
            lost += unit.words * max(1000 - unit.fluent, self._strange(unit))
        foreign = {c for unit in self.reading.units if not unit.asks for c in self._foreign(unit)}
        lost += self.reading.words * max(0, min(1000, FOREIGN * (len(foreign) - MANY)))
        self.mind.memory.sense = heard, lost
        share = 1000 - lost // (heard + SENSE_WORDS)
        low, high = SENSE
        self.sense = max(0, min(1000, 1000 * (share - low) // (high - low)))

    def _weigh_truth(self, grounded: Sequence[tuple[Unit, list[Met]]]) -> None:
        """Hear whether what is said about the person fits, and how much to make of it (``truth``, per mille)."""
        if self.mind.scenario is None:  # nothing is known that it could be held against
            return
        made, fitted = self.mind.memory.claims
        for unit, met in grounded:
            if unit.crossed is not None:
                made += 1000
                continue
            if not self._claims(unit):
                continue
            fits = any(m.kind != "fact" or m.strength >= CLEAR for m in met)
            # What misses without naming anything foreign may be meant well and said in other words.
            made += 1000 if fits or self._foreign(unit) else MISSED
            fitted += 1000 * fits
        self.mind.memory.claims = made, fitted
        before, share = CLAIMS
        fit = (1000 * fitted + 1000 * before * share) // (made + 1000 * before)
        low, high = TRUTH
        self.truth = max(DOUBTED, min(PROVEN, 1000 * (fit - low) // (high - low)))

    def _weigh_telling(self, grounded: Sequence[tuple[Unit, list[Met]]]) -> None:
        """Hear whether what is said back says what happened or only names things, and how much to make of names (``tells``, per mille)."""
        if self.mind.scenario is None:  # as above
            return
        said, told = self.mind.memory.tells
        for unit, met in grounded:
            fact = next((m for m in met if m.kind == "fact" and m.grade >= TOLD_FROM), None)
            if fact is not None and not unit.asks and unit.act not in NOT_BACK:
                said += 1000
                told += 1000 * self.mind.index.tells(fact.id, unit.said)
        self.mind.memory.tells = said, told
        before, share = TOLD_BEFORE
        low, high = TELLS
        now = (1000 * told + 1000 * before * share) // (said + 1000 * before)
        self.tells = max(0, min(1000, 1000 * (now - low) // (high - low)))

    def _as_told(self, unit: Unit, met: Met) -> Met:
        """A reference as far as the sentence says something of it: a list of its things shows little."""
        if self.mind.scenario is None or met.kind != "fact" or self.mind.index.tells(met.id, unit.said):
            return met
        low, high = NAMED
        grade = met.grade * (low + (high - low) * self.tells // 1000) // 1000
        if len(self.mind.index.own(met.id, unit.concepts)) < 2:
            grade = min(grade, ONE_THING)
        return met._replace(grade=grade)

    def _claims(self, unit: Unit) -> bool:
        """Whether a sentence says something particular about the person."""
        if unit.asks or not unit.about or unit.act in OWN_THINGS or unit.act == "self_disclosure":
            return False
        own = [c for c in unit.concepts if c not in GENERIC]
        return len(own) >= CLAIM and not unit.echoed.issuperset(own)  # to tell back what was said claims nothing

    def _strange(self, unit: Unit) -> int:
        """Per mille to which a sentence speaks of things that nobody spoke of and that come up nowhere in the story."""
        return max(0, min(1000, STRANGE * (len(self._foreign(unit)) - FEW)))

    def _foreign(self, unit: Unit) -> list[str]:
        """Things in a sentence that nobody spoke of and that come up nowhere in the story; what to do may be of such."""
        if unit.act in OWN_THINGS:
            return []
        own = [c for c in unit.concepts if c not in GENERIC and c not in unit.echoed]
        return [c for c in own if not self.mind.index.knows(c)]

    def _gain_credit(self, unit: Unit) -> None:
        """What was booked for a sentence showed understanding: what comes next is worth more."""
        last = self.events[-1]
        if last.met is None or last.amount <= 0 or unit.asks:
            return
        memory, shown = self.mind.memory, max(0, last.met.grade - ECHO) * 1000 // (1000 - ECHO)
        shown = shown * self._fresh(unit) // 1000 * self.sense // 1000
        self.showed = self.showed or shown > 0
        memory.credit += (1000 - memory.credit) * GROWS // 1000 * shown // 1000

    def _lose_credit(self) -> None:
        """A reply that says things about the person and meets nothing."""
        if not self.showed and any(u.act in SAYING for u in self.reading.units):
            self.mind.memory.credit -= self.mind.memory.credit * FADES // 1000

    def _need(self, kind: str, quality: int) -> None:
        """Let a kind of support work on the hidden intention."""
        worth = NEEDS[self.mind.intention].get(kind, 0)
        step = NEED_STEP * worth // 1000 * quality // 1000 * self.mind.gain // 1000
        self._bring("need", step)

    def _bring(self, channel: str, per_mille: int) -> int:
        """Let one sentence move a channel up, no more than one sentence can; returns the step."""
        return self.mind.state.raise_(channel, min(self._most(), per_mille))

    def _most(self) -> int:
        """The most that one sentence brings now, per mille of what is left of a channel."""
        low, high = ONE_SENTENCE
        return low + (high - low) * self.mind.memory.credit // 1000

    def _heard(self, quality: int, worth: int = 1000) -> None:
        """Let understanding work: half of it brings a quarter, whatever a sentence is worth otherwise."""
        fast = FAST_RELIEF.get(self.mind.main_feeling(), 900)
        quality = quality * quality // 1000 * worth // 1000
        self.mind.state.feel_heard(min(self._most(), HEARD_STEP * quality // 1000 * self.mind.gain // 1000), fast)

    def _fresh(self, unit: Unit) -> int:
        """Per mille of a sentence that is one, and neither the seeker's own words nor a frame or words that the supporter used before."""
        copied = 1000 if unit.copied < 250 else max(0, 1250 - unit.copied) * 1000 // 1000
        if unit.copied >= 700:
            copied = 0
        repeated = 1000 if unit.repeated < 500 else max(0, 1000 - unit.repeated)
        framed = FRAMED[min(unit.framed, len(FRAMED) - 1)]
        whole = unit.fluent * unit.fluent // 1000
        return copied * repeated // 1000 * framed // 1000 * whole // 1000

    def _worth(self, unit: Unit, most: int = CREDIT) -> int:
        """Per mille that a sentence is worth, freshness, the rest of the reply and the talk before it (at most ``most``) considered."""
        trusted = min(most, CREDIT * self.mind.memory.credit // 1000) * self.sense // 1000 * self.truth // 1000
        return self._fresh(unit) * (1000 - self.marred) // 1000 * trusted // 1000

    def _particular(self, unit: Unit) -> int:
        """Per mille of its worth that a sentence about somebody keeps: a horoscope fits anybody, and is no understanding."""
        return max(0, 1000 - VAGUE * unit.moves["vague"] // 1000)

    def _takes_up(self, unit: Unit) -> bool:
        """Whether a sentence takes up something particular that the seeker said."""
        return any(c not in GENERIC for c in unit.echoed) and unit.framed == 0
