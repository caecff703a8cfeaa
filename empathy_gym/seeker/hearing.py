"""What a sentence does to be close: asking, understanding, naming what is felt, affirming."""

from __future__ import annotations

from empathy_gym.seeker.booking import COMMON, SURE
from empathy_gym.seeker.concepts import GENERIC, NEAR
from empathy_gym.seeker.emotion import FULL
from empathy_gym.seeker.grounding import Met
from empathy_gym.seeker.helping import Helping
from empathy_gym.seeker.reading import Unit

TOUCHED = 100
"""Per mille of understanding that one telling word of a fact shows."""

MOST_FEELINGS = 2
"""Feelings that one sentence can name and still mean."""

BLAME = frozenset(("guilt", "shame"))
"""Feelings of someone who blames themselves: to others there is little in hearing that they are not to blame."""

LATE_FROM, LATE_TIRES = 6, 2
"""Turn after which a question at nothing new tires, per mille of patience for each turn beyond (the same source)."""

LATE = 160
"""Per mille that a question loses with each turn, half of it where it asks for something new (questions cost more late than early in 6,589 client-rated sessions)."""

CIRCLES = 155
"""Per mille that saying back loses with each turn where it shows no understanding: it goes round in circles (reflection pays early and costs late in
the same sessions)."""

OPENING, OPENS = 4, 700
"""Turn before which saying back is worth more, per mille for each turn that is left to it (the same source)."""

TAKEN_UP = (110, 190, 250, 290)
"""Per mille that a reflection shows to a seeker of whom only the talk is known, by how many telling things of theirs it takes up anew."""

MEANT, MEANT_SURE, OWN_WORDS = 120, 800, 2
"""Per mille that a reflection shows which is plainly about this person, though what it takes up is not found in the story, and from which
it plainly is; others show 70."""

KIND = (100, 140)
"""Per mille that words show which could be said to anyone: as a mirror or a fact, and as kind words."""

GUESSED = 400
"""Per mille that it is worth to say of a fact what the seeker has not told yet: a guess that is right, or luck."""

DEPTH_WORTH = (500, 620, 800, 1000)
"""Per mille that understanding a fact is worth, by its depth."""


class Hearing(Helping):
    """Exploration and empathy."""

    def _question(self, unit: Unit, met: list[Met]) -> None:
        state, memory, moves = self.mind.state, self.mind.memory, unit.moves
        self.questions += 1
        if self.questions > 2:
            state.raise_("weariness", 10)
            self._book(None, "too_many_questions", unit.span)
            return
        facts = [m for m in met if m.kind == "fact"]
        new = [m for m in facts if m.id not in memory.disclosed]
        self.asked.extend(m.id for m in sorted(new, key=lambda m: not m.asked))
        self.asked.extend(m.id for m in facts if m.id in memory.disclosed)
        quality = 900 if new else 600 if facts else 215
        if moves["open_question"] < moves["closed_question"]:
            quality = quality * 600 // 1000
        if not facts:
            quality = quality * 1000 // (1000 + memory.idle_questions)
            self.idle_now += 1
        late = LATE * (memory.turn - 1)
        quality = quality * max(0, 1000 - (late // 2 if new else late)) // 1000
        quality = quality * (250 + 750 * self.mind.hidden_share() // 1000) // 1000
        quality = (
            quality * (1000, 800, 400, 0)[min(3, memory.questions_running)] // 1000 * self._worth(unit, COMMON) // 1000
        )
        if not new and memory.turn > LATE_FROM:
            state.raise_("weariness", LATE_TIRES * (memory.turn - LATE_FROM))
        state.raise_("openness", 300 * quality // 1000 * (400 + 600 * state.trust // FULL) // 1000)
        if memory.questions_running >= 3:
            state.raise_("weariness", 25)
            self._book(None, "interrogated", unit.span)
            return
        self._heard(quality * 110 // 1000)
        self._need("asked", quality)
        if moves["turns_inward"] >= SURE:
            self._need("turned_inward", quality)
        if moves["invites_more"] >= SURE:
            self._need("invited", quality)
        self.credited += 1
        self._book("dialogue_guidance", "explored", unit.span, facts[0] if facts else None)
        if not facts and sum(c not in GENERIC for c in unit.concepts) > 1:
            self.events[-1] = self.events[-1]._replace(missed=True)

    def _understanding(self, unit: Unit, met: list[Met]) -> None:
        """Restatements and reflections: facts in other words, feelings named, both better than either."""
        if self.mind.scenario is None:
            self._taking_up(unit)
            return
        memory = self.mind.memory
        if len(unit.feelings) > MOST_FEELINGS:  # one of them will be right
            self._generic(unit, 0, "empathic_depth", "generic_empathy")
            return
        facts_met = [m for m in met if m.kind == "fact"]
        if unit.moves["pattern"] >= 700 and len(facts_met) >= 2 and not self._told_early(met):
            self._insight(unit, met)
            return
        quality, best = 0, None
        for m in ([m for m in met if m.kind == "fact"] or self._touched(unit))[:2]:
            new = self._newly_understood(m)
            if new == 0:
                quality += 60
                continue
            if self.understood_now > 2:
                break
            worth = DEPTH_WORTH[self.mind.facts[m.id].depth] * new // 1000
            if m.id not in memory.disclosed:
                worth = worth * GUESSED // 1000
            quality += worth if best is None else worth // 2
            best = best or m
        feeling = self._feeling(unit, best)
        if feeling < 0:
            self._misread(unit)
            return
        if best is None:
            self._generic(unit, feeling, "empathic_depth", "generic_empathy")
            return
        fresh = self._worth(unit) * self._early(best.grade) // 1000 * self._particular(unit) // 1000
        # A feeling named beside nothing understood is a guess; what it adds grows with what it is tied to.
        feeling = feeling * (60 + 940 * best.grade // 1000) // 1000
        quality = min(1000, quality + feeling)
        self._heard(quality, fresh)
        quality = quality * fresh // 1000
        self._need("deep" if self.mind.facts[best.id].depth >= 2 else "understood", quality)
        if feeling > 100:
            self._need("feeling", feeling * 2 * fresh // 1000)
        self.credited += 1
        self._book("empathic_depth", "understood", unit.span, best)

    def _taking_up(self, unit: Unit) -> None:
        """A reflection to a seeker without a story: nobody can say what lies beneath, so what it takes up of theirs has to do."""
        memory = self.mind.memory
        feeling = self._feeling(unit)
        if feeling < 0:
            self._misread(unit)
            return
        new = [c for c in unit.concepts if c in unit.echoed and c not in GENERIC and f"c/{c}" not in memory.used]
        memory.used.update(f"c/{c}" for c in new)
        sure = unit.acts["reflection"] + unit.acts["restatement"]
        if not new and unit.act not in ("reflection", "restatement"):
            self._generic(unit, feeling, "empathic_depth", "generic_empathy")
            return
        fresh = self._worth(unit)
        quality = (TAKEN_UP[min(len(new), 3)] * max(sure, 200) // 1000 + feeling // 3) * fresh // 1000
        self._heard(quality)
        self._need("understood", quality)
        if feeling > 100:
            self._need("feeling", feeling * fresh // 1000)
        self.credited += 1
        self._book("empathic_depth", "understood", unit.span)

    def _misread(self, unit: Unit) -> None:
        """A feeling named that is not there."""
        self.mind.state.feel_hurt(250 * self.mind.harm // 1000)
        self._book(None, "wrong_feeling", unit.span)

    def _early(self, grade: int = 0) -> int:
        """Per mille that saying back is worth at this stage of the talk, by how much understanding it shows."""
        turn = self.mind.memory.turn
        return 1000 + OPENS * max(0, OPENING - turn) - CIRCLES * min(turn - 1, 6) * (1000 - grade) // 1000

    def _newly_understood(self, met: Met) -> int:
        """Per mille by which a sentence shows more understanding of a fact than was shown before; at most two facts a reply."""
        memory = self.mind.memory
        new = met.grade - memory.understood.get(met.id, 0)
        self.took_in |= met.grade > TOUCHED
        if new <= 0:
            return 0
        self.understood_now += 1
        if self.understood_now <= 2:
            memory.understood[met.id] = met.grade
        return new

    def _touched(self, unit: Unit) -> list[Met]:
        """Facts told just now of which a sentence takes up one telling word: understood in part."""
        mind = self.mind
        recent = [name for name, turn in mind.memory.disclosed.items() if turn >= mind.memory.turn - 2]
        found = [
            Met("fact", name, 250, False, TOUCHED)
            for name in reversed(recent)
            if mind.index.telling("fact", name, unit.concepts)
        ]
        return found[:1]

    def _feeling(self, unit: Unit, best: Met | None = None) -> int:
        """What naming feelings adds: right ones that are new, near ones less, wrong ones below zero, a list of them nothing."""
        if not unit.feelings or unit.act not in ("reflection", "restatement", "affirmation"):
            return 0
        if len(unit.feelings) > MOST_FEELINGS:
            return 0
        present, named = self.mind.feelings(), self.mind.memory.named
        worth = 0
        for feeling in unit.feelings:
            near = any(feeling in NEAR.get(p, ()) for p in present)
            if feeling in ("joy", "relief") and unit.act == "reflection" and (best is None or best.grade < 360):
                return -1
            if present and feeling not in present and not near:
                continue
            worth += 0 if feeling in named else 300 if feeling in present else 90
            named.add(feeling)
        return worth

    def _generic(self, unit: Unit, extra: int, skill: str, cause: str) -> None:
        """Warm words that could be said to anyone: a little at first, less each time (Rains & High 2021)."""
        memory = self.mind.memory
        quality = (
            MEANT * self._particular(unit) // 1000
            if self._meant(unit)
            else min(150, KIND[unit.act == "affirmation"] + extra // 3)
        )
        quality = (
            quality * 1000 // (1000 + 2 * memory.generic + 1000 * self.generic_now) * self._worth(unit, COMMON) // 1000
        )
        early = self._early()
        if early > 1000:  # at first a mirror is welcome, and less so one that would suit anybody
            early = (1000 + early) // 2 if unit.act in ("reflection", "restatement") else 1000
        quality = quality * early // 1000
        quality = quality * (1000 - 420 * self.mind.difficulty // 1000) // 1000
        self.generic_now += 1 + (unit.moves["vague"] >= SURE)
        if memory.generic + 1000 * (self.generic_now - 1) >= 2_600:
            if self._takes_up(unit):  # it was meant for this person, though it missed
                return
            self.mind.state.raise_("weariness", 4)
            self._book(None, "same_comfort_again", unit.span)
            return
        self._heard(quality)
        if extra > 100:
            self._need("feeling", quality)
        self.credited += 1
        self._book(skill, cause, unit.span)

    def _meant(self, unit: Unit) -> bool:
        """Whether a sentence is plainly about this person, in words of its own."""
        own = [c for c in unit.concepts if c not in GENERIC and c not in unit.echoed]
        sure = min(unit.moves["speaks_of_you"], unit.moves["specific"]) >= MEANT_SURE
        return sure and len(own) >= OWN_WORDS and unit.act in ("reflection", "restatement")

    def _affirmation(self, unit: Unit, met: list[Met]) -> None:
        state, memory, moves = self.mind.state, self.mind.memory, unit.moves
        deed = next((m for m in met if m.kind == "deed" and m.id not in memory.used), None)
        facts = [m for m in met if m.kind == "fact"]
        fresh = self._worth(unit)
        if deed is not None or (moves["praises_action"] >= SURE and facts):
            quality = (250 + 750 * deed.grade // 1000) if deed is not None else 100 + 400 * facts[0].grade // 1000
            quality = quality * fresh // 1000
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
            blamed = self.mind.intention == "agree_not_fault" or not BLAME.isdisjoint(self.mind.feelings())
            quality = ((150 if blamed else 30) + (640 * facts[0].grade // 1000 if facts else 0)) * fresh // 1000
            state.lower("belief", 180 * quality // 1000 * state.trust // FULL)
            self._heard(quality * 400 // 1000)
            self._need("not_at_fault", quality)
            self.credited += 1
            self._book("empathic_depth", "not_at_fault", unit.span)
            return
        if facts and self.mind.scenario is None:
            self._taking_up(unit)
            return
        if facts:
            new = self._newly_understood(facts[0]) if self.understood_now < 2 else 0
            new = new if facts[0].id in memory.disclosed else new * GUESSED // 1000
            quality = 50 + 570 * new // 1000 + max(0, self._feeling(unit)) // 2
            self._heard(quality, fresh)
            quality = quality * fresh // 1000
            self._need("sided" if moves["takes_side"] >= SURE else "validated", quality)
            self.credited += 1
            self._book("empathic_depth", "validated", unit.span, facts[0])
            return
        self._generic(unit, max(0, self._feeling(unit)) // 2, "empathic_depth", "generic_comfort")
