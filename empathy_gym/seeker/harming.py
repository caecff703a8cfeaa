"""Harming: what hurts in a sentence, and what that does. Where meanings conflict, the worst counts."""

from __future__ import annotations

from typing import NamedTuple

from empathy_gym.seeker.booking import SURE, Booking
from empathy_gym.seeker.grounding import Met
from empathy_gym.seeker.heads import HURTFUL
from empathy_gym.seeker.reading import Unit

HARM_SURE = 620
"""Per mille from which a harm hurts: kind words must not be taken for it."""

HURTS_SURE, HURTS_SURE_IN_DOUBT = 700, 980
"""Per mille from which a sentence hurts though no one harm is sure: what kind of harm it is matters less than that it is one. A plain question,
piece of information or advice, and whatever is said to a seeker whose story is not known, gets the benefit of the doubt."""

PLAIN = frozenset(("question", "information", "suggestion", "reflection", "restatement"))
"""Acts that hurt by what they are about more than by their words."""

UNSURE_HURT = 400
"""Per mille that such a sentence hurts at most, by degrees from half sure on."""

CLEAR_MEANT = 600
"""Evidence from which a sentence is taken to say what hurts most: words of the story side by side do not say it."""

MARS = 950
"""Per mille by which something that hurts spoils what else the same reply gives."""

COLD_FROM, COLD_FROM_PLAIN = 820, 995
"""Per mille of coldness from which a reply is felt as cold, by degrees; and one that is a plain question, fact or piece of advice, or questions alone."""

COLD_HURT, COLD_TIRES = 480, 110
"""Per mille that a wholly cold reply hurts, and of patience that it costs."""

TONE, TONE_FROM, TONE_SPAN = 300, 350, 150
"""Per mille by which each reply counts for the tone of the talk; coldness of tone from which it is felt though no one reply is cold enough, and over
what span it is felt in full. Attentive and generic players' talks stay below 340 on average, those of cold ones lie at 600 (docs/log.md)."""

PLAIN_TONE = 300
"""Per mille that such a plain reply counts for the tone: curtness alone is little."""

SPOILS = 2_000
"""Per mille by which the coldness that hangs over a reply spoils what it gives: half of it is enough for the whole."""

CHILLED = 800
"""Per mille of coldness that is still there a turn later: what comes after a cold word is heard in its light."""

HURTS = {
    "dismissing": 900, "minimising": 85, "judging": 1000, "commanding": 105, "toxic_positivity": 95, "self_focus": 150,
    "false_promise": 220, "telling_feelings": 350, "interrogating": 195, "mocking": 1000, "prying_meta": 500, "diagnosing": 360,
    "preaching": 420, "isolating": 500, "off_topic": 250, "pity": 150,
}  # fmt: skip
"""How much each harm hurts, per mille (order after field studies of invalidation; blame above all)."""


class Harm(NamedTuple):
    """What hurts in a sentence.

    Attributes:
        cause: a harm, ``sore_point`` or ``agreed_with_distortion``.
        force: per mille.
        sure: per mille to which it is one.
        met: the sore point or the belief that it touches, or None.
    """

    cause: str
    force: int
    sure: int
    met: Met | None = None


class Harming(Booking):
    """Harms come first: what hurts in a sentence is what is heard of it."""

    def _harm(self, unit: Unit, met: list[Met]) -> Harm | None:
        """The worst that a sentence does."""
        sore = self._sore(unit, met)
        if sore is not None:
            return Harm("sore_point", 900, 1000, sore)
        if max(unit.harms.values()) >= HARM_SURE and (named := [h for h in HURTS if unit.harms[h] >= HARM_SURE]):
            worst = max(named, key=lambda h: HURTS[h] * unit.harms[h])
            return Harm(worst, HURTS[worst] * unit.harms[worst] // 1000, 1000)
        belief = self._agreed(unit, met)
        if belief is not None or unit.harms["agrees_distortion"] >= HARM_SURE:
            return Harm("agreed_with_distortion", 0, 0, belief)
        return self._unsure(unit)

    def _unsure(self, unit: Unit) -> Harm | None:
        kind = max(unit.moves["not_at_fault"], unit.moves["offers_presence"], unit.harms["stock_comfort"])
        doubt = self.mind.scenario is None or unit.act in PLAIN
        if unit.moves["hurts"] < (HURTS_SURE_IN_DOUBT if doubt else HURTS_SURE) or kind >= SURE:
            return None
        likeliest = max(HURTFUL, key=unit.harms.__getitem__)
        if likeliest == "agrees_distortion":
            return Harm("agreed_with_distortion", 0, 0)
        sure = 2 * unit.moves["hurts"] - 1000
        return Harm(likeliest, min(HURTS[likeliest], UNSURE_HURT) * sure // 1000, sure)

    def _sore(self, unit: Unit, met: list[Met]) -> Met | None:
        """The sore point that a sentence touches, unless it only gives back or asks."""
        if unit.copied >= 400 or len(unit.concepts) < 3 or unit.moves["invites_more"] >= SURE:
            return None
        if unit.asks or unit.act in ("reflection", "restatement", "self_disclosure"):
            return None
        clear = met and met[0].kind == "sore" and met[0].strength >= 650 and met[0].grade >= CLEAR_MEANT
        return met[0] if clear else None

    def _agreed(self, unit: Unit, met: list[Met]) -> Met | None:
        """The distorted belief that a sentence agrees with."""
        first = met[0] if met else None
        if first is None or first.kind != "belief" or unit.act != "affirmation":
            return None
        return first if first.strength >= 700 and first.grade >= CLEAR_MEANT else None

    def _chill(self, hurt: int) -> int:
        """Per mille to which the reply is cold; remembered. What hurts by a sentence of its own (``hurt``, per mille) says nothing of the tone."""
        units, memory = self.reading.units, self.mind.memory
        if not units:
            return 0
        plain = (len(units) == 1 and units[0].act in PLAIN) or all(unit.asks for unit in units)
        low = COLD_FROM_PLAIN if plain else COLD_FROM
        cold = self.reading.cold
        degree = max(0, cold - low) * 1000 // (1000 - low)
        degree = degree * degree // 1000
        told = cold * (1000 - hurt) // 1000 * (PLAIN_TONE if plain else 1000) // 1000
        memory.tone += (told - memory.tone) * TONE // 1000
        degree = max(degree, min(1000, max(0, memory.tone - TONE_FROM) * 1000 // TONE_SPAN))
        memory.chill = min(1000, memory.chill * CHILLED // 1000 + degree)
        return degree

    def _freeze(self, degree: int) -> None:
        """Coldness of which no sentence is guilty by itself."""
        units = self.reading.units
        self.mind.state.feel_hurt(COLD_HURT * degree // 1000 * self.mind.harm // 1000)
        self.mind.state.raise_("weariness", COLD_TIRES * degree // 1000)
        self.mind.memory.hurts += 1
        self._book(None, "coldness", (units[0].span[0], units[-1].span[1]))

    def _hurt(self, unit: Unit, harm: Harm) -> None:
        state = self.mind.state
        if harm.cause == "agreed_with_distortion":
            state.raise_("heard", 40)
            state.raise_("belief", 200)
            state.lower("insight", 150)
            state.raise_("weariness", 40)
        else:
            state.feel_hurt(harm.force * self.mind.harm // 1000)
        self.mind.memory.hurts += 1
        self._book(None, harm.cause, unit.span, harm.met)
