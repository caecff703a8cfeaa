"""What a sentence offers beyond being heard: a new view, or something to do. Both need a seeker who is ready for them."""

from __future__ import annotations

from empathy_gym.seeker.booking import SURE, Booking
from empathy_gym.seeker.emotion import FULL
from empathy_gym.seeker.grounding import Met
from empathy_gym.seeker.mind import FIRST_CREDIT
from empathy_gym.seeker.needs import READY, THINKS_FROM
from empathy_gym.seeker.reading import Unit

VIEWS = {"others_motive": "motive", "both_sides": "sides", "reframe": "reframed", "pattern": "pattern"}
"""Moves that offer a new view, and the kind of support that each is."""

VIEW_SURE = 650
"""Per mille from which such a move is taken as made."""

VIEW_GRADE = 300
"""Evidence from which a sentence is taken for one of the story's own views."""

UNDERSTOOD = 750
"""Evidence from which a fact counts as said back."""

EARNED = 250
"""Per mille of credit above a stranger's from which a new view is looked at in earnest."""

LATER = 70
"""Per mille of readiness for advice that each turn brings (suggestions pay most late in 6,589 client-rated sessions)."""


class Helping(Booking):
    """Insight and advice."""

    def _insight_item(self, met: list[Met]) -> Met | None:
        for m in met:
            if m.kind in ("motive", "side", "mirror", "counter") and m.strength >= 520 and m.grade >= VIEW_GRADE:
                return m
        return None

    def _view(self, unit: Unit) -> str | None:
        """The kind of new view that a sentence offers by its form, where it meets nothing of the story; None if it offers none."""
        best = max(VIEWS, key=lambda move: unit.moves[move])
        return VIEWS[best] if unit.moves[best] >= VIEW_SURE and unit.act != "self_disclosure" else None

    def _insight(self, unit: Unit, met: list[Met]) -> None:
        """A new view: taken in once the seeker feels heard, met with defence before."""
        state, memory = self.mind.state, self.mind.memory
        item = self._insight_item(met)
        facts = [self._as_told(unit, m) for m in met if m.kind == "fact"]
        view = self._view(unit) or "pattern"
        quality = (
            250 + 750 * item.grade // 1000
            if item is not None
            else 35 + (850 * max(m.grade for m in facts) // 1000 if facts else 0)
        )
        name = item.id if item is not None else f"view/{view}/" + "/".join(m.id for m in facts[:1])
        if name in memory.used:
            quality = 0
        gate = self._gate()
        if self._too_early():
            state.raise_("reactance", 60)
            self._book(None, "insight_too_early", unit.span, item)
            return
        memory.used.add(name)
        if state.heard < gate:
            quality = quality * 450 // 1000
        quality = quality * self._worth(unit) // 1000 * self._particular(unit) // 1000 * self._earned() // 1000
        step = self._bring("insight", 270 * quality // 1000 * self.mind.gain // 1000)
        state.lower("distress_slow", 900 * step // FULL)
        self._heard(quality * 250 // 1000)
        kinds = {"motive": "motive", "side": "sides", "mirror": "pattern", "counter": "not_at_fault"}
        kind = view if item is None else kinds[item.kind]
        if item is not None and item.kind == "counter":
            state.lower("belief", 350 * quality // 1000 * (300 + 700 * state.trust // FULL) // 1000)
            self._need("reframed", quality)
        self._need(kind, quality)
        self.credited += 1
        self._book("core_insight", "insight", unit.span, item or (facts[0] if facts else None))

    def _earned(self) -> int:
        """Per mille to which the supporter has shown enough understanding for a new view of theirs to be looked at."""
        if self.mind.scenario is None:  # nobody can say how much was understood
            return 1000
        return max(0, min(1000, 1000 * (self.mind.memory.credit - FIRST_CREDIT) // EARNED))

    def _gate(self) -> int:
        """How much being heard it takes to think of things anew."""
        return (THINKS_FROM.get(self.mind.main_feeling(), 350) + self.mind.bar) * FULL // 1000

    def _too_early(self) -> bool:
        """Whether a new view would meet defence."""
        return self.mind.state.heard * 2 < self._gate()

    def _told_early(self, met: list[Met]) -> bool:
        """Whether what sounds like a view too early says what was told: then it is heard as understanding."""
        return any(m.kind == "fact" and m.grade >= UNDERSTOOD for m in met) and self._too_early()

    def _ready(self) -> int:
        """Per mille of readiness for advice."""
        state, memory = self.mind.state, self.mind.memory
        mix = (5 * state.heard + 2 * state.openness + 3 * state.insight) // 10 * 1000 // FULL
        mix += LATER * min(memory.turn - 1, 7)
        over = mix - READY[self.mind.intention] - self.mind.bar + (200 if memory.leave else 0)
        return max(0, min(1000, 500 + over * 1000 // 300)) * (1000 - 600 * state.reactance // FULL) // 1000

    def _suggestion(self, unit: Unit, met: list[Met]) -> None:
        state, memory, moves = self.mind.state, self.mind.memory, unit.moves
        fit = next((m for m in met if m.kind == "fit"), None)
        tried = next((m for m in met if m.kind == "tried"), None)
        if tried is not None and (fit is None or tried.strength > fit.strength):
            state.feel_hurt(180 * self.mind.harm // 1000)
            state.raise_("weariness", 20)
            self._book(None, "already_tried", unit.span, tried)
            return
        facts = [m for m in met if m.kind == "fact"]
        ready = self._ready()
        if ready < 250:
            state.raise_("reactance", (150 if moves["autonomy"] < SURE else 75) * (1000 - ready) // 1000)
            state.raise_("weariness", 5)
            self._book(None, "advice_too_early", unit.span, fit)
            return
        if fit is not None and fit.id not in memory.used:
            wanted = self._fit_fact(fit)
            quality = 1000 if wanted is None or wanted in memory.disclosed or wanted in memory.understood else 700
            quality = quality * (300 + 700 * fit.grade // 1000) // 1000
            memory.used.add(fit.id)
        else:
            grade = max((m.grade for m in facts), default=0) if fit is None else 0
            quality = 110 + (500 if moves["concrete_step"] >= SURE else 300) * grade // 1000
            quality = quality * 1000 // (1000 + memory.generic)
            self.generic_now += 1
        quality = (
            quality * self._worth(unit) // 1000 * ready // 1000 * (1100 if moves["autonomy"] >= SURE else 1000) // 1000
        )
        step = self._bring("efficacy", 450 * quality // 1000 * self.mind.advice // 1000 * self.mind.gain // 1000)
        state.lower("distress_slow", 600 * step // FULL)
        self._need("planned" if moves["collaborative"] >= SURE else "advised", quality)
        self.credited += 1
        self._book("solution_crafting", "advice_fits" if fit is not None else "advice", unit.span, fit or tried)

    def _fit_fact(self, fit: Met) -> str | None:
        if self.mind.scenario is None:
            return None
        return next((item.fact for item in self.mind.scenario.story.of_kind("fit") if item.id == fit.id), None)
