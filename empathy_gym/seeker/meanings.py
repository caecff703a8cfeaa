"""What one sentence means to a seeker now: it is grounded, given one meaning (the worst, where meanings conflict) and applied to the state.

The rules are those of ``docs/dynamics.md``. Each books one ledger line: the step of the followed potential that it made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from empathy_gym.seeker.concepts import NEAR
from empathy_gym.seeker.emotion import FULL, follow
from empathy_gym.seeker.grounding import Met
from empathy_gym.seeker.ledger import Line
from empathy_gym.seeker.mind import Mind
from empathy_gym.seeker.needs import FAST_RELIEF, NEEDS, READY, THINKS_FROM
from empathy_gym.seeker.reading import Reading, Unit

CREDITED = 4
"""Sentences of one reply that can earn something."""

SURE = 500
"""Per mille from which a move or a harm is taken as made."""

HARM_SURE = 620
"""Per mille from which a harm hurts: kind words must not be taken for it."""

HURTS = {
    "dismissing": 900, "minimising": 800, "judging": 1000, "commanding": 700, "toxic_positivity": 600, "self_focus": 450,
    "false_promise": 400, "telling_feelings": 650, "interrogating": 600, "mocking": 1000, "prying_meta": 600, "diagnosing": 500,
    "preaching": 600, "isolating": 600, "off_topic": 350, "pity": 250,
}  # fmt: skip
"""How much each harm hurts, per mille (order after field studies of invalidation; blame above all)."""

VIEWS = {"others_motive": "motive", "both_sides": "sides", "reframe": "reframed", "pattern": "pattern"}
"""Moves that offer a new view, and the kind of support that each is."""

VIEW_SURE = 650
"""Per mille from which such a move is taken as made."""

DEPTH_WORTH = (330, 520, 760, 1000)
"""Per mille that understanding a fact is worth, by its depth."""


@dataclass(frozen=True)
class Event:
    """What happened in one sentence, for the speech to answer.

    Attributes:
        cause: the ledger line's cause.
        met: the reference that decided, or None.
        amount: the line's amount, milli-points.
    """

    cause: str
    met: Met | None
    amount: int


class Meanings:
    """The sentences of one reply to one mind, in their order; state and memory are changed as they go."""

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
        self._at = 0  # the followed potential, milli-points of change, after the last line

    # -- bookkeeping -----------------------------------------------------------------------------------------------------

    def _book(self, skill: str | None, cause: str, span: tuple[int, int] | None, met: Met | None = None) -> int:
        """Write the line for what has just been applied to the state."""
        now = follow(self.mind.emotion, self.mind.state.potential())
        amount = now - self._at
        self._at = now
        if amount:
            self.lines.append(Line(skill if amount > 0 or skill is None else None, cause, span, amount))
        self.events.append(Event(cause, met, amount))
        return amount

    def _need(self, kind: str, quality: int) -> None:
        """Let a kind of support work on the hidden intention."""
        worth = NEEDS[self.mind.intention].get(kind, 0)
        self.mind.state.raise_("need", 390 * worth // 1000 * quality // 1000 * self.mind.gain // 1000)

    def _heard(self, quality: int) -> None:
        fast = FAST_RELIEF.get(self.mind.main_feeling(), 900)
        self.mind.state.feel_heard(470 * quality // 1000 * self.mind.gain // 1000, fast)

    def _fresh(self, unit: Unit) -> int:
        """Per mille of a sentence that is neither the seeker's own words nor said before by the supporter."""
        copied = 1000 if unit.copied < 250 else max(0, 1250 - unit.copied) * 1000 // 1000
        if unit.copied >= 700:
            copied = 0
        repeated = 1000 if unit.repeated < 500 else max(0, 1000 - unit.repeated)
        return copied * repeated // 1000

    # -- one sentence -------------------------------------------------------------------------------------------------

    def take(self, unit: Unit) -> None:
        """Give one sentence its meaning and book its line."""
        met = self.mind.index.meet(unit.concepts)
        if self._hurt(unit, met):
            return
        if self.credited >= CREDITED:
            return
        if self._stale(unit):
            return
        rules: dict[str, Callable[[Unit, list[Met]], None]] = {
            "question": self._question,
            "restatement": self._understanding,
            "reflection": self._understanding,
            "affirmation": self._affirmation,
            "suggestion": self._suggestion,
            "information": self._information,
            "self_disclosure": self._sharing,
            "other": self._other,
        }
        if unit.moves["apologises"] >= SURE and self.mind.memory.hurts:
            self._repair(unit)
        elif unit.moves["permission"] >= SURE:
            self._permission(unit)
        elif unit.act not in ("question", "suggestion") and (self._insight_item(met) is not None or self._view(unit)):
            self._insight(unit, met)
        else:
            rules[unit.act](unit, met)

    def _hurt(self, unit: Unit, met: list[Met]) -> bool:
        """Harms come first: what hurts in a sentence is what is heard of it."""
        state, memory = self.mind.state, self.mind.memory
        name, force = "", 0
        for harm, weight in HURTS.items():
            if unit.harms[harm] >= HARM_SURE and weight * unit.harms[harm] > force:
                name, force = harm, weight * unit.harms[harm]
        sore = met[0] if met and met[0].kind == "sore" and met[0].strength >= 650 else None
        if unit.copied >= 400 or len(unit.concepts) < 3 or unit.moves["invites_more"] >= SURE:
            sore = None
        if sore is not None and not unit.asks and unit.act not in ("reflection", "restatement", "self_disclosure"):
            name, force = "sore_point", 900_000
        belief = next((m for m in met if m.kind == "belief"), None)
        if unit.harms["agrees_distortion"] >= HARM_SURE and name == "":
            name, force = "agreed_with_distortion", 1
        elif (
            belief is not None
            and belief is met[0]
            and name == ""
            and unit.act == "affirmation"
            and belief.strength >= 700
        ):
            name, force = "agreed_with_distortion", 1
        if not name:
            return False
        if name == "agreed_with_distortion":
            state.raise_("heard", 40)
            state.raise_("belief", 200)
            state.lower("insight", 150)
            state.raise_("weariness", 40)
        else:
            state.feel_hurt(force // 1000 * self.mind.harm // 1000)
        memory.hurts += 1
        self._book(None, name, unit.span, sore or belief)
        return True

    def _stale(self, unit: Unit) -> bool:
        """The same words again, the seeker's or the supporter's own, move nothing and tire."""
        if unit.words < 4 or self._fresh(unit) >= 350:
            return False
        self.mind.state.raise_("weariness", 32 if unit.repeated >= 650 else 60)
        self._book(None, "repeated" if unit.repeated >= 650 else "copied", unit.span)
        return True

    def _question(self, unit: Unit, met: list[Met]) -> None:
        state, memory, moves = self.mind.state, self.mind.memory, unit.moves
        self.questions += 1
        if self.questions > 2:
            state.raise_("weariness", 35)
            self._book(None, "too_many_questions", unit.span)
            return
        facts = [m for m in met if m.kind == "fact"]
        new = [m for m in facts if m.id not in memory.disclosed]
        self.asked.extend(m.id for m in sorted(new, key=lambda m: not m.asked))
        quality = 900 if new else 600 if facts else 300
        if moves["open_question"] < moves["closed_question"]:
            quality = quality * 600 // 1000
        if not facts:
            quality = quality * 1000 // (1000 + memory.idle_questions)
            self.idle_now += 1
        quality = quality * (250 + 750 * self.mind.hidden_share() // 1000) // 1000
        quality = quality * (1000, 800, 400, 0)[min(3, memory.questions_running)] // 1000 * self._fresh(unit) // 1000
        state.raise_("openness", 300 * quality // 1000 * (400 + 600 * state.trust // FULL) // 1000)
        if memory.questions_running >= 3:
            state.raise_("weariness", 25)
            self._book(None, "interrogated", unit.span)
            return
        self._heard(quality * 300 // 1000)
        self._need("asked", quality)
        if moves["turns_inward"] >= SURE:
            self._need("turned_inward", quality)
        if moves["invites_more"] >= SURE:
            self._need("invited", quality)
        self.credited += 1
        self._book("dialogue_guidance", "explored", unit.span, facts[0] if facts else None)

    def _understanding(self, unit: Unit, met: list[Met]) -> None:
        """Restatements and reflections: facts in other words, feelings named, both better than either."""
        memory = self.mind.memory
        if unit.moves["pattern"] >= 700 and len([m for m in met if m.kind == "fact"]) >= 2:
            self._insight(unit, met)
            return
        quality, best = 0, None
        for m in ([m for m in met if m.kind == "fact"] or self._touched(unit))[:2]:
            if m.id in memory.understood:
                quality += 60
                continue
            if self.understood_now >= 2:
                break
            worth = DEPTH_WORTH[self.mind.facts[m.id].depth] * (300 + m.strength * 7 // 10) // 1000
            if m.id not in memory.disclosed:
                worth = worth * 1150 // 1000
            memory.understood.add(m.id)
            self.understood_now += 1
            quality += worth if best is None else worth // 2
            best = best or m
        feeling = self._feeling(unit)
        if feeling < 0:
            self.mind.state.feel_hurt(250 * self.mind.harm // 1000)
            self._book(None, "wrong_feeling", unit.span)
            return
        if best is None:
            self._generic(unit, feeling, "empathic_depth", "generic_empathy")
            return
        fresh = self._fresh(unit)
        quality = min(1000, quality + feeling) * fresh // 1000
        self._heard(quality)
        self._need("deep" if self.mind.facts[best.id].depth >= 2 else "understood", quality)
        if feeling > 100:
            self._need("feeling", feeling * 2 * fresh // 1000)
        self.credited += 1
        self._book("empathic_depth", "understood", unit.span, best)

    def _touched(self, unit: Unit) -> list[Met]:
        """Facts told just now of which a sentence takes up one telling word: understood in part."""
        mind = self.mind
        recent = [name for name, turn in mind.memory.disclosed.items() if turn >= mind.memory.turn - 2]
        found = [
            Met("fact", name, 250, False)
            for name in reversed(recent)
            if mind.index.telling("fact", name, unit.concepts)
        ]
        return found[:1]

    def _feeling(self, unit: Unit) -> int:
        """What naming feelings adds: right ones that are new, near ones less, wrong ones below zero, a list of them nothing."""
        if not unit.feelings or unit.act not in ("reflection", "restatement", "affirmation"):
            return 0
        if len(unit.feelings) > 2:
            return 0
        present, named = self.mind.feelings(), self.mind.memory.named
        worth = 0
        for feeling in unit.feelings:
            near = any(feeling in NEAR.get(p, ()) for p in present)
            if feeling in ("joy", "relief") and unit.act == "reflection":
                return -1
            if present and feeling not in present and not near:
                continue
            worth += 40 if feeling in named else 300 if feeling in present else 160
            named.add(feeling)
        return worth

    def _generic(self, unit: Unit, extra: int, skill: str, cause: str) -> None:
        """Warm words that could be said to anyone: a little at first, less each time (Rains & High 2021)."""
        memory = self.mind.memory
        quality = min(300, 130 + extra) * 1000 // (1000 + 2 * memory.generic) * self._fresh(unit) // 1000
        quality = quality * (1000 - 450 * self.mind.difficulty // 1000) // 1000
        self.generic_now += 1
        if memory.generic + 1000 * (self.generic_now - 1) >= 2_600:
            self.mind.state.raise_("weariness", 14)
            self._book(None, "same_comfort_again", unit.span)
            return
        self._heard(quality)
        if extra > 100:
            self._need("feeling", quality)
        self.credited += 1
        self._book(skill, cause, unit.span)

    def _affirmation(self, unit: Unit, met: list[Met]) -> None:
        state, memory, moves = self.mind.state, self.mind.memory, unit.moves
        deed = next((m for m in met if m.kind == "deed" and m.id not in memory.used), None)
        facts = [m for m in met if m.kind == "fact"]
        fresh = self._fresh(unit)
        if deed is not None or (moves["praises_action"] >= SURE and facts):
            quality = (1000 if deed is not None else 450) * fresh // 1000
            memory.used.add(deed.id if deed is not None else "")
            state.raise_("efficacy", 150 * quality // 1000 * self.mind.gain // 1000)
            self._heard(quality * 450 // 1000)
            self._need("praised", quality)
            self.credited += 1
            self._book("empathic_depth", "praised", unit.span, deed)
            return
        if unit.harms["stock_comfort"] >= SURE and not facts:
            self._generic(unit, 0, "empathic_depth", "stock_comfort")
            return
        if moves["not_at_fault"] >= SURE and "no_fault" not in memory.used:
            memory.used.add("no_fault")
            quality = (700 if facts else 420) * fresh // 1000
            state.lower("belief", 180 * quality // 1000 * state.trust // FULL)
            self._heard(quality * 400 // 1000)
            self._need("not_at_fault", quality)
            self.credited += 1
            self._book("empathic_depth", "not_at_fault", unit.span)
            return
        if facts:
            new = [m for m in facts if m.id not in memory.understood and self.understood_now < 2]
            quality = (420 if new else 200) + max(0, self._feeling(unit)) // 2
            if new:
                memory.understood.add(new[0].id)
                self.understood_now += 1
            quality = quality * fresh // 1000
            self._heard(quality)
            self._need("sided" if moves["takes_side"] >= SURE else "validated", quality)
            self.credited += 1
            self._book("empathic_depth", "validated", unit.span, facts[0])
            return
        self._generic(unit, max(0, self._feeling(unit)) // 2, "empathic_depth", "generic_comfort")

    def _insight_item(self, met: list[Met]) -> Met | None:
        for m in met:
            if m.kind in ("motive", "side", "mirror", "counter") and m.strength >= 520:
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
        facts = [m for m in met if m.kind == "fact"]
        view = self._view(unit) or "pattern"
        quality = 1000 if item is not None else 560 if facts else 320
        name = item.id if item is not None else f"view/{view}/" + "/".join(m.id for m in facts[:1])
        if name in memory.used:
            quality = 0
        gate = (THINKS_FROM.get(self.mind.main_feeling(), 350) + self.mind.bar) * FULL // 1000
        if state.heard * 2 < gate:
            state.raise_("reactance", 60)
            self._book(None, "insight_too_early", unit.span, item)
            return
        memory.used.add(name)
        if state.heard < gate:
            quality = quality * 450 // 1000
        quality = quality * self._fresh(unit) // 1000
        step = state.raise_("insight", 330 * quality // 1000 * self.mind.gain // 1000)
        state.lower("distress_slow", 900 * step // FULL)
        self._heard(quality * 350 // 1000)
        kinds = {"motive": "motive", "side": "sides", "mirror": "pattern", "counter": "not_at_fault"}
        kind = view if item is None else kinds[item.kind]
        if item is not None and item.kind == "counter":
            state.lower("belief", 350 * quality // 1000 * (300 + 700 * state.trust // FULL) // 1000)
            self._need("reframed", quality)
        self._need(kind, quality)
        self.credited += 1
        self._book("core_insight", "insight", unit.span, item or (facts[0] if facts else None))

    def _ready(self) -> int:
        """Per mille of readiness for advice."""
        state, memory = self.mind.state, self.mind.memory
        mix = (5 * state.heard + 2 * state.openness + 3 * state.insight) // 10 * 1000 // FULL
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
            state.raise_("reactance", (120 if moves["autonomy"] < SURE else 60) * (1000 - ready) // 1000)
            state.raise_("weariness", 14)
            self._book(None, "advice_too_early", unit.span, fit)
            return
        if fit is not None and fit.id not in memory.used:
            wanted = self._fit_fact(fit)
            quality = 1000 if wanted is None or wanted in memory.disclosed or wanted in memory.understood else 700
            memory.used.add(fit.id)
        else:
            quality = 380 if facts and moves["concrete_step"] >= SURE else 260 if facts else 130 if fit is None else 60
            quality = quality * 1000 // (1000 + memory.generic)
            self.generic_now += 1
        quality = (
            quality * self._fresh(unit) // 1000 * ready // 1000 * (1100 if moves["autonomy"] >= SURE else 1000) // 1000
        )
        step = state.raise_("efficacy", 450 * quality // 1000 * self.mind.advice // 1000 * self.mind.gain // 1000)
        state.lower("distress_slow", 600 * step // FULL)
        self._need("planned" if moves["collaborative"] >= SURE else "advised", quality)
        self.credited += 1
        self._book("solution_crafting", "advice_fits" if fit is not None else "advice", unit.span, fit or tried)

    def _fit_fact(self, fit: Met) -> str | None:
        if self.mind.scenario is None:
            return None
        return next((item.fact for item in self.mind.scenario.story.of_kind("fit") if item.id == fit.id), None)

    def _information(self, unit: Unit, met: list[Met]) -> None:
        state, memory = self.mind.state, self.mind.memory
        if any(m.kind == "fit" for m in met):
            self._suggestion(unit, met)
            return
        facts = [m for m in met if m.kind == "fact"]
        if facts and unit.moves["specific"] >= SURE and "you" in unit.concepts:
            self._understanding(unit, met)
            return
        ready = self._ready()
        if ready < 150:
            state.raise_("weariness", 14)
            self._book(None, "lectured", unit.span)
            return
        quality = (330 if facts else 120) * 1000 // (1000 + memory.generic) * ready // 1000 * self._fresh(unit) // 1000
        self.generic_now += 1
        state.raise_("insight", 150 * quality // 1000 * self.mind.gain // 1000)
        self._need("informed", quality)
        self.credited += 1
        self._book("solution_crafting", "informed", unit.span, facts[0] if facts else None)

    def _sharing(self, unit: Unit, met: list[Met]) -> None:
        """A little of oneself can help once; more turns the talk round."""
        memory = self.mind.memory
        own = sum(u.words for u in self.reading.units if u.act == "self_disclosure")
        if "shared" in memory.used or own * 2 > self.reading.words + 8:
            self.mind.state.raise_("weariness", 25)
            self._book(None, "self_focus", unit.span)
            return
        memory.used.add("shared")
        self._heard(140)
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
            quality = 450 * 1000 // (1000 + 2 * memory.generic) * self._fresh(unit) // 1000
            self.generic_now += 1
            state.raise_("openness", 120 * quality // 1000)
            self._heard(quality * 300 // 1000)
            self._need("invited", quality)
            self.credited += 1
            self._book("dialogue_guidance", "invited", unit.span)
