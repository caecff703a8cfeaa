"""Reactions: with which stock of lines each cause is answered, what of the other's words is taken up with it, and the stock itself."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib import resources

from empathy_gym.errors import InvalidScenario
from empathy_gym.seeker.scenario import VOICES

REACTIONS = {
    "understood": "felt_understood", "validated": "felt_understood", "praised": "praise_lands", "not_at_fault": "fault_lifts",
    "explored": "answers", "invited": "vents_on", "asked_leave": "permission_yes", "advice_fits": "advice_welcome",
    "advice": "advice_vague", "informed": "neutral", "insight": "insight_lands", "insight_too_early": "insight_early",
    "advice_too_early": "advice_early", "already_tried": "advice_tried", "lectured": "lectured", "wrong_feeling": "wrong_feeling", "misheard": "misheard",
    "generic_empathy": "stock", "generic_comfort": "stock", "stock_comfort": "stock", "same_comfort_again": "stock_again",
    "repeated": "repeat", "copied": "copied", "too_many_questions": "too_many_questions", "interrogated": "hurt_interrogating",
    "self_focus": "hurt_self_focus", "shared": "neutral", "repaired": "apology_ok", "sore_point": "hurt_sore",
    "agreed_with_distortion": "hurt_distortion", "said_nothing": "too_short", "too_short": "too_short", "too_long": "too_long",
    "not_language": "confused", "no_sentence": "lost", "patience": "neutral", "dismissing": "hurt_dismissing", "minimising": "hurt_minimising",
    "judging": "hurt_judging", "commanding": "hurt_commanding", "toxic_positivity": "hurt_toxic_positivity",
    "false_promise": "hurt_false_promise", "telling_feelings": "hurt_telling_feelings", "interrogating": "hurt_interrogating",
    "mocking": "hurt_mocking", "prying_meta": "hurt_meta", "diagnosing": "hurt_diagnosing", "preaching": "hurt_preaching",
    "isolating": "hurt_isolating", "coldness": "hurt_dismissing", "off_topic": "off_topic", "pity": "pitied",
}  # fmt: skip
"""The stock of reactions from which each cause is answered."""

INSIGHT_REACTIONS = {
    "motive": "motive_lands",
    "side": "sides_land",
    "counter": "fault_lifts",
    "mirror": "insight_lands",
}
OTHER_KINDS = (
    "opens_up", "not_yet", "nothing_more", "unsure", "permission_no", "silence", "hurt_again", "lighter", "closing_helped",
    "closing_left", "shift", "nod", "asked_before", "advice_blocked", "praise_hollow", "fault_argues", "stung_little", "nothing_yet",
    "takes_thing", "asked_thing", "takes_step", "takes_saying", "takes_harm", "missed_thing", "felt_yes", "felt_no", "felt_maybe",
    "unheard", "lost_at", "aside_thing", "closing_thing", "repeat_saying", "taken_fault",
    "dodge_thing", "instead", "instead_thing", "not_yet_thing", "not_yet_more", "own_deed", "grants", "not_reached", "brief", "brief_new", "own_age", "told_again",
)  # fmt: skip

TAKES_UP = {
    "nod": ("takes_thing", 300), "felt_understood": ("takes_thing", 300), "neutral": ("takes_thing", 250), "insight_lands": ("takes_thing", 250),
    "praise_lands": ("takes_thing", 250), "wrong_feeling": ("takes_thing", 200), "sides_land": ("takes_thing", 250),
    "motive_lands": ("takes_thing", 250), "insight_early": ("takes_thing", 200), "stock": ("takes_thing", 150),
    "stock_again": ("takes_saying", 120), "pitied": ("takes_saying", 150), "lectured": ("takes_saying", 150), "advice_vague": ("takes_step", 350),
    "advice_early": ("takes_step", 300), "advice_welcome": ("takes_step", 300), "advice_tried": ("takes_step", 300),
}  # fmt: skip
"""What is taken up with each reaction, and per mille of the times; with those that hurt, what was said."""

_WARM, _TOLD = ("comfort", "inform", "share", "advice", "small"), ("harm", "comfort", "advice", "inform", "small")
HEEDS = {
    "stock": _WARM, "stock_again": _WARM, "neutral": (*_WARM, "harm"), "pitied": ("comfort",), "lectured": ("inform", "advice", "comfort"),
    "advice_vague": ("advice", "comfort", "inform"), "advice_early": ("advice", "comfort", "inform"), "vents_on": ("comfort",),
    "lost": _WARM, "confused": _WARM, "repeat": _WARM, "copied": ("comfort",), "too_short": ("small",), "off_topic": ("share", "inform"), "hurt_self_focus": ("share",), "fault_lifts": ("fault",),
    "hurt_dismissing": _TOLD, "hurt_minimising": ("harm",), "hurt_judging": ("harm",), "hurt_commanding": _TOLD, "hurt_again": _TOLD,
    "hurt_toxic_positivity": ("advice", "harm", "comfort"), "hurt_false_promise": ("comfort",), "hurt_preaching": ("harm", "inform"),
}  # fmt: skip
"""Groups of sayings (:mod:`~empathy_gym.seeker.heeding`) of which a reaction may be the answer."""

COOL = frozenset(("generic_empathy", "generic_comfort", "stock_comfort", "same_comfort_again", "informed", "shared"))
"""Causes after which someone goes on less readily: nothing of theirs was taken up."""

NONSENSE = frozenset(("no_sentence", "not_language", "prying_meta"))
"""Causes that say that nobody is talking to them: nothing private is told then."""

PLAIN = frozenset(("felt_understood", "nod", "answers", "stock", "neutral", "vents_on"))
"""Reactions that give way to the answer where a question waits for one."""

ANSWERS = frozenset(
    (
        "apology_ok",
        "wrong_feeling",
        "misheard",
        "insight_lands",
        "insight_early",
        "too_many_questions",
        "lectured",
        "pitied",
        "stock_again",
        "advice_vague",
        "advice_early",
    )
)
"""Reactions after which a question is answered all the same: it would be odd to leave it standing."""

MEANT_WELL = frozenset(
    ("hurt_false_promise", "hurt_toxic_positivity", "hurt_telling_feelings", "hurt_diagnosing", "hurt_preaching")
)
"""Hurts that were not sharp, whose own answers are mild enough for a small one."""

REFLEXES = frozenset(("takes_thing", "asked_thing", "aside_thing", "felt_yes", "felt_maybe"))
"""Lines that take up the other's words and would be a reflex if every turn began with one."""

UNHEARD = frozenset(("stock", "stock_again", "lectured", "pitied", "neutral", "advice_vague", "advice_early"))
"""Reactions to what took up nothing: after them the seeker may come back to what they told."""

HARD = re.compile(r"\b(?:hard|difficult|painful|tough|awful|horrible|a lot|heavy|lonely|exhausting)\b", re.IGNORECASE)
"""What a sentence has that says how hard it was, which nobody in trouble denies."""

OF_YOU = re.compile(r"\byou(?:r|rs|rself|'re|'ve|'d)?\b", re.IGNORECASE)
"""What a sentence has that speaks of the one who hears it."""

CLAIMS = re.compile(
    r"\b(?:you[a-z']*|it[a-z']*|that[a-z']*|this|he[a-z']*|she[a-z']*|they[a-z']*|there[a-z']*|how|no wonder|of course)\b"
)
"""What a sentence has that says something of them, to which one can say yes."""

REFUSES = re.compile(
    r"\b(?:rather not|prefer not|sooner not|not yet|leave|keep|not ready|not today|later|another (?:time|story))\b|don't (?:want to|talk|like to say)",
    re.IGNORECASE,
)
"""What refuses to tell: with it in the same breath nothing deep is told."""

SHOWS = {
    "hurt_false_promise": re.compile(r"\b(?:will|promise|going to|gonna|always|never|soon|get better|gets? easier|certain(?:ly)?|guarantee|sure|bound to)\b|'ll\b"),
    "hurt_judging": OF_YOU, "hurt_commanding": re.compile(r"^(?!i\b|i'|it\b|that|there|he\b|she\b|they\b|what|who|how|when|then\b|you\b|your|even\b|perhaps|maybe)|\byou (?:must|should|need|have to|ought)"),
    "hurt_telling_feelings": re.compile(r"\byou(?:r|'re|'ve)?\b"), "hurt_mocking": re.compile(r"\byou(?:r|rs|rself|'re|'ve|'d)?\b|\b(?:ha|haha|lol)\b"),
}  # fmt: skip
"""What a sentence must have for the answers to a hurt to fit it; else it only stings."""

WITHDRAWS = frozenset(
    kind
    for kind in (*REACTIONS.values(), "hurt_again", "silence", "asked_before")
    if kind.startswith("hurt_")
    or kind in ("too_short", "too_long", "confused", "lost", "copied", "repeat", "asked_before", "off_topic", "silence")
)
"""Reactions after which nothing is told."""


@lru_cache(maxsize=1)
def stock() -> dict[str, dict[str, list[str]]]:
    """The reactions by kind and voice.

    Raises:
        InvalidScenario: if a kind or a voice that the seeker needs is missing.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for name in ("speech", "speech_more"):
        found.update(
            json.loads(resources.files("empathy_gym").joinpath(f"data/{name}.json").read_text(encoding="ascii"))
        )
    for kind in sorted({*REACTIONS.values(), *INSIGHT_REACTIONS.values(), *OTHER_KINDS}):
        voices = found.get(kind)
        if not isinstance(voices, dict) or not voices.get("any") or set(voices) - {"any", *VOICES}:
            raise InvalidScenario(
                f"data/speech.json, speech_more.json: {kind}: expected lines for 'any', and maybe for {', '.join(VOICES)}, got {str(voices)[:60]}"
            )
    return found
