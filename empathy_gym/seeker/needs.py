"""What helps whom: the eight hidden intentions over the kinds of support, and the temperaments.

Tables of meaning, kept apart from the mechanics so that they can be read, argued with and changed.
"""

from __future__ import annotations

from dataclasses import dataclass

SUPPORT = (
    "understood", "deep", "feeling", "validated", "not_at_fault", "sided", "praised", "invited", "asked", "turned_inward",
    "pattern", "reframed", "sides", "motive", "advised", "planned", "informed",
)  # fmt: skip
"""Kinds of support that a sentence can give."""

NEEDS: dict[str | None, dict[str, int]] = {
    "dialectical_analysis": {"sides": 480, "reframed": 420, "motive": 300, "pattern": 300, "turned_inward": 200, "understood": 120, "deep": 140, "informed": 200},
    "real_advice": {"advised": 1000, "planned": 800, "informed": 400, "reframed": 200, "understood": 180, "deep": 180},
    "analyse_others": {"motive": 800, "sides": 240, "reframed": 200, "informed": 100},
    "self_reflection": {"pattern": 800, "turned_inward": 300, "sides": 300, "reframed": 400, "understood": 100, "deep": 170},
    "praise_actions": {"praised": 1000, "validated": 1000, "feeling": 800, "understood": 1000, "deep": 1000, "invited": 300, "asked": 250},
    "listen_vent": {"invited": 300, "feeling": 140, "understood": 30, "deep": 30, "validated": 260, "sided": 300, "asked": 70},
    "deep_empathy": {"deep": 1000, "feeling": 750, "understood": 950, "validated": 500, "pattern": 500},
    "agree_not_fault": {"not_at_fault": 700, "sided": 350, "validated": 450, "understood": 220, "deep": 220, "sides": 200},
    None: {
        "understood": 350, "deep": 450, "feeling": 350, "validated": 300, "not_at_fault": 300, "praised": 300, "invited": 150,
        "asked": 120, "turned_inward": 250, "pattern": 350, "reframed": 350, "sides": 350, "motive": 300, "advised": 350,
        "planned": 400, "informed": 150, "sided": 100,
    },
}  # fmt: skip
"""Per mille by which each kind of support meets each hidden intention; None: a person of whom no intention is known."""

READY = {"real_advice": 260, "dialectical_analysis": 400, "analyse_others": 430, "self_reflection": 430, "praise_actions": 500,
         "agree_not_fault": 500, "listen_vent": 620, "deep_empathy": 600, None: 400}  # fmt: skip
"""Per mille of understanding (heard, open, insight) at which advice is welcome: the wish decides how early (Feng 2009's order)."""

THINKS_FROM = {"worry": 250, "anxiety": 280, "helplessness": 300, "overwhelm": 320, "guilt": 330, "disappointment": 330, "shame": 380,
               "loneliness": 360, "grief": 420, "sadness": 400, "hurt": 420, "anger": 440}  # fmt: skip
"""Per mille of feeling heard from which a new view can be taken in, by feeling (order after Pauw et al. 2018)."""

FAST_RELIEF = {"anger": 1200, "anxiety": 1000, "worry": 1000, "overwhelm": 1000, "shame": 900, "guilt": 900, "hurt": 900, "disappointment": 900,
               "helplessness": 800, "loneliness": 800, "sadness": 700, "grief": 650}  # fmt: skip
"""Per mille of the fast relief that being heard brings, by feeling: anger at once, sadness later (Brans et al. 2014)."""


@dataclass(frozen=True)
class Temperament:
    """How a kind of person takes support, in per mille: channels at the start and factors."""

    trust: int
    openness: int
    gain: int
    harm: int
    advice: int


TEMPERAMENTS = {
    "negative": Temperament(trust=200, openness=200, gain=740, harm=1400, advice=600),
    "passive": Temperament(trust=350, openness=220, gain=1000, harm=1000, advice=850),
    "avoidant": Temperament(trust=300, openness=160, gain=1050, harm=1150, advice=800),
    "open": Temperament(trust=450, openness=450, gain=1080, harm=900, advice=900),
}
"""Negative ones are the hardest to reach (SAGE's transcripts: 30 against 53 for the others)."""
