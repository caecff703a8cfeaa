"""What one sentence means to a seeker now: it is grounded, given one meaning (the worst, where meanings conflict) and applied to the state.

The rules are those of ``docs/dynamics.md``. Each books one ledger line: the step of the potential that it made.
"""

from __future__ import annotations

from collections.abc import Callable

from empathy_gym.seeker.booking import COMMON, SAYING, SURE
from empathy_gym.seeker.emotion import TURN_LIMIT
from empathy_gym.seeker.grounding import Met, refers
from empathy_gym.seeker.harming import CLEAR_MEANT, MARS, SPOILS, Harming
from empathy_gym.seeker.hearing import Hearing
from empathy_gym.seeker.reading import Unit

CREDITED = 4
"""Sentences of one reply that can earn something."""

ONESELF = 10
"""Words about oneself that are no speech."""

NOD, NODS = 6, (20, 12, 8, 5)
"""Words of a sign of listening, and per mille of ease that the first ones bring: a talk of nothing else is none."""

MISHEARD = 10
"""Per mille of patience that it costs to be told back wrongly."""

COPY = 500
"""Per mille of a sentence's word triples that the seeker said, from which it is their words given back."""

FULL_SENSE = 1000
"""Per mille of sense that a talk makes, at which an odd sentence is let pass."""

SHORT_ECHO = 8
"""Words under which an echo beside words of one's own is no parroting."""


class Meanings(Hearing, Harming):
    """The sentences of one reply to one mind, in their order."""

    def take_all(self) -> None:
        """Give each sentence its meaning and book its line; what hurts in one spoils the others, wherever it stands."""
        grounded = [(unit, self._ground(unit)) for unit in self.reading.units]
        self._weigh_truth(grounded)
        self._weigh_telling(grounded)
        harms = [self._harm(unit, met) for unit, met in grounded]
        hurt = max((harm.sure for harm in harms if harm is not None), default=0)
        cold = self._chill(hurt)
        self.marred = MARS * max(hurt, min(1000, SPOILS * self.mind.memory.chill // 1000)) // 1000
        if cold and not hurt:
            self._freeze(cold)
        for (unit, met), harm in zip(grounded, harms, strict=True):
            if harm is not None:
                self._hurt(unit, harm)
            else:
                booked = len(self.events)
                self._take(unit, met)
                if len(self.events) > booked:
                    self._gain_credit(unit)

    def _ground(self, unit: Unit) -> list[Met]:
        """The references that a sentence meets and speaks of."""
        met = self.mind.index.meet(unit.concepts, unit.echoed if self.mind.scenario else None)
        return [m for m in met if refers(unit, m)]

    def _take(self, unit: Unit, met: list[Met]) -> None:
        if self.credited >= CREDITED or self._at >= TURN_LIMIT:  # no more can be taken in at once
            return
        if self._stale(unit):
            return
        told = met if unit.asks else [self._as_told(unit, m) for m in met]
        if unit.crossed is not None and unit.act in SAYING and self.mind.scenario is not None:
            self._mishear(unit)
            return
        if unit.moves["apologises"] >= SURE and self.mind.memory.hurts:
            self._repair(unit)
        elif unit.moves["permission"] >= SURE:
            self._permission(unit)
        elif unit.moves["invites_more"] >= SURE and not unit.asks:
            (self._question if any(m.kind == "fact" for m in met) else self._other)(unit, told)
        elif unit.act not in ("question", "suggestion") and (
            self._insight_item(met) is not None
            or (self._view(unit) and any(m.kind == "fact" for m in met) and not self._told_early(met))
        ):
            self._insight(unit, met)
        else:
            _RULES[unit.act](self, unit, told)

    def _stale(self, unit: Unit) -> bool:
        """The same words again, the seeker's or the supporter's own, move nothing and tire."""
        if unit.words < 4 or self._fresh(unit) >= 350:
            return False
        if unit.fluent < 350:
            if unit.copied < COPY and not unit.framed and self.sense >= FULL_SENSE:
                return True  # from somebody who makes sense, it will have been one
            cause, tires = "no_sentence", 30 if self.mind.scenario else 0  # written-down speech is full of breaks
        elif unit.repeated >= 650 or unit.framed:
            cause, tires = "repeated", 32
        elif unit.copied < COPY:
            return False  # words that hardly make a sentence: worth little, and nobody's copy
        elif unit.words < SHORT_ECHO and any(u.copied < 400 and u.words > unit.words for u in self.reading.units):
            return True  # a word or two given back before one's own is a way of listening
        else:
            cause, tires = "copied", 60
        self.mind.state.raise_("weariness", tires)
        self._book(None, cause, unit.span)
        return True

    def _information(self, unit: Unit, met: list[Met]) -> None:
        state, memory = self.mind.state, self.mind.memory
        if any(m.kind == "fit" for m in met):
            self._suggestion(unit, met)
            return
        facts = [m for m in met if m.kind == "fact"]
        if facts and facts[0].grade >= CLEAR_MEANT:
            self._understanding(unit, met)
            return
        ready = self._ready()
        if ready < 250 and self._takes_up(unit):
            self._generic(unit, 0, "empathic_depth", "generic_empathy")
            return
        if ready < 250:
            state.raise_("reactance", 80 * (1000 - ready) // 1000)
            state.raise_("weariness", 5)
            self._book(None, "lectured", unit.span)
            return
        quality = (
            (330 if facts else 120)
            * 1000
            // (1000 + memory.generic)
            * ready
            // 1000
            * self._worth(unit, COMMON)
            // 1000
        )
        self.generic_now += 1
        state.raise_("insight", 150 * quality // 1000 * self.mind.gain // 1000)
        self._need("informed", quality)
        self.credited += 1
        self._book("solution_crafting", "informed", unit.span, facts[0] if facts else None)

    def _sharing(self, unit: Unit, met: list[Met]) -> None:
        """A little of oneself can help once; more turns the talk round."""
        memory = self.mind.memory
        own = sum(u.words for u in self.reading.units if u.act == "self_disclosure")
        if "shared" in memory.used and unit.words <= SHORT_ECHO:
            return
        if "shared" in memory.used or own > max(ONESELF, self.reading.words // 2 + 4):
            self.mind.state.raise_("weariness", 13)
            self._book(None, "self_focus", unit.span)
            return
        memory.used.add("shared")
        self._heard(60)
        self.credited += 1
        self._book("style_adaptability", "shared", unit.span)

    def _permission(self, unit: Unit) -> None:
        state, memory = self.mind.state, self.mind.memory
        memory.asked_leave = state.reactance < 60_000
        if "permission" not in memory.used:
            memory.used.add("permission")
            state.lower("reactance", 150)
            state.raise_("trust", 60)
            self.credited += 1
        self._book("dialogue_guidance", "asked_leave", unit.span)

    def _mishear(self, unit: Unit) -> None:
        """Told back, and wrongly: who it was, or how many."""
        self.mind.state.raise_("weariness", MISHEARD)
        self._book(None, "misheard", unit.span)

    def _repair(self, unit: Unit) -> None:
        state, memory = self.mind.state, self.mind.memory
        if "repair" not in memory.used:
            memory.used.add("repair")
            state.lower("reactance", 300)
            state.raise_("trust", 60)
            self.credited += 1
        self._book("style_adaptability", "repaired", unit.span)

    def _other(self, unit: Unit, met: list[Met]) -> None:
        facts = [m for m in met if m.kind == "fact"]
        if facts and unit.words >= 5:
            self._understanding(unit, met)
            return
        state, memory = self.mind.state, self.mind.memory
        if unit.moves["invites_more"] >= SURE or unit.moves["offers_presence"] >= SURE:
            quality = 190 * 1000 // (1000 + 2 * memory.generic) * self._worth(unit, COMMON) // 1000
            self.generic_now += 1
            state.raise_("openness", 120 * quality // 1000)
            self._heard(quality * 300 // 1000)
            self._need("invited", quality)
            self.credited += 1
            self._book("dialogue_guidance", "invited", unit.span)
        elif unit.words <= NOD and self.reading.words <= 2 * NOD and unit.fluent >= 350 and memory.nods < len(NODS):
            state.raise_("ease", NODS[memory.nods] * max(0, 1000 - self.mind.difficulty) // 1000)
            memory.nods += 1
            self.credited += 1
            self._book("dialogue_guidance", "listened", unit.span)


_RULES: dict[str, Callable[[Meanings, Unit, list[Met]], None]] = {
    "question": Meanings._question,
    "restatement": Meanings._understanding,
    "reflection": Meanings._understanding,
    "affirmation": Meanings._affirmation,
    "suggestion": Meanings._suggestion,
    "information": Meanings._information,
    "self_disclosure": Meanings._sharing,
    "other": Meanings._other,
}
