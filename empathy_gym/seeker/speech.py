"""Speech: the seeker answers what was said, in their own voice, and never with the same line twice.

A line is a reaction to what weighed most, then what there is to tell: the answer to a question, one layer more for someone
who understood, what became of a thing already tried, or a hint at what they hope for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence, Set
from functools import lru_cache
from importlib import resources

from empathy_gym.errors import InvalidScenario
from empathy_gym.seeker.appraisal import Appraised
from empathy_gym.seeker.booking import Event
from empathy_gym.seeker.keyed import draw, first_of, shuffled
from empathy_gym.seeker.mind import Mind
from empathy_gym.seeker.scenario import VOICES, Item, Scenario
from empathy_gym.seeker.takeup import saying, step, thing
from empathy_gym.seeker.telling import Teller
from empathy_gym.seeker.text import sentences

REACTIONS = {
    "understood": "felt_understood", "validated": "felt_understood", "praised": "praise_lands", "not_at_fault": "fault_lifts",
    "explored": "answers", "invited": "vents_on", "asked_leave": "permission_yes", "advice_fits": "advice_welcome",
    "advice": "advice_vague", "informed": "neutral", "insight": "insight_lands", "insight_too_early": "insight_early",
    "advice_too_early": "advice_early", "already_tried": "advice_tried", "lectured": "stock_again", "wrong_feeling": "wrong_feeling",
    "generic_empathy": "stock", "generic_comfort": "stock", "stock_comfort": "stock", "same_comfort_again": "stock_again",
    "repeated": "repeat", "copied": "copied", "too_many_questions": "too_many_questions", "interrogated": "hurt_interrogating",
    "self_focus": "hurt_self_focus", "shared": "neutral", "repaired": "apology_ok", "sore_point": "hurt_sore",
    "agreed_with_distortion": "hurt_distortion", "said_nothing": "too_short", "too_short": "too_short", "too_long": "too_long",
    "not_language": "confused", "no_sentence": "lost", "patience": "neutral", "dismissing": "hurt_dismissing", "minimising": "hurt_minimising",
    "judging": "hurt_judging", "commanding": "hurt_commanding", "toxic_positivity": "hurt_toxic_positivity",
    "false_promise": "hurt_false_promise", "telling_feelings": "hurt_telling_feelings", "interrogating": "hurt_interrogating",
    "mocking": "hurt_mocking", "prying_meta": "hurt_meta", "diagnosing": "hurt_diagnosing", "preaching": "hurt_preaching",
    "isolating": "hurt_isolating", "coldness": "hurt_dismissing", "off_topic": "off_topic", "pity": "stock_again",
}  # fmt: skip
"""The stock of reactions from which each cause is answered."""

INSIGHT_REACTIONS = {
    "motive": "motive_lands",
    "side": "sides_land",
    "counter": "fault_lifts",
    "mirror": "insight_lands",
}
OTHER_KINDS = ("opens_up", "not_yet", "nothing_more", "unsure", "permission_no", "silence", "hurt_again", "lighter", "closing_helped",
               "closing_left", "shift", "nod", "asked_before", "advice_blocked", "praise_hollow", "fault_argues",
               "takes_thing", "asked_thing", "takes_step", "takes_saying", "takes_harm")  # fmt: skip
TAKES: dict[str, Callable[[str, Set[str]], str | None]] = {
    "takes_thing": thing, "asked_thing": thing, "takes_step": step, "takes_saying": saying, "takes_harm": saying,
}  # fmt: skip
"""What is taken up of the other's words, by the stock of lines that it is said in."""

TAKES_UP = {
    "nod": ("takes_thing", 850), "felt_understood": ("takes_thing", 600), "neutral": ("takes_thing", 850), "insight_lands": ("takes_thing", 600),
    "praise_lands": ("takes_thing", 600), "wrong_feeling": ("takes_thing", 500), "sides_land": ("takes_thing", 600),
    "motive_lands": ("takes_thing", 600), "insight_early": ("takes_thing", 600), "stock": ("takes_saying", 650),
    "stock_again": ("takes_saying", 650), "advice_vague": ("takes_step", 800), "advice_early": ("takes_step", 800),
    "advice_welcome": ("takes_step", 850), "advice_tried": ("takes_step", 600),
}  # fmt: skip
"""What is taken up with each reaction, and per mille of the times; with those that hurt, what was said."""

HINTS = 5
"""Hints at what is hoped for, felt and believed in one talk, at most."""

STRUCK, STRIKES = 6_000, 1
"""Milli-points from which being understood strikes someone, and how often it does in one talk; otherwise a nod will do."""

COOL = frozenset(("generic_empathy", "generic_comfort", "stock_comfort", "same_comfort_again", "informed", "shared"))
"""Causes after which someone goes on less readily: nothing of theirs was taken up."""

PLAIN = frozenset(("felt_understood", "nod", "answers", "stock", "neutral", "vents_on"))
"""Reactions that give way to the answer where a question waits for one."""

WITHDRAWS = frozenset(
    kind
    for kind in REACTIONS.values()
    if kind.startswith("hurt_")
    or kind in ("too_short", "too_long", "confused", "lost", "copied", "repeat", "asked_before", "off_topic")
)


@lru_cache(maxsize=1)
def stock() -> dict[str, dict[str, list[str]]]:
    """The reactions by kind and voice.

    Raises:
        InvalidScenario: if a kind or a voice that the seeker needs is missing.
    """
    found = json.loads(resources.files("empathy_gym").joinpath("data/speech.json").read_text(encoding="ascii"))
    for kind in sorted({*REACTIONS.values(), *INSIGHT_REACTIONS.values(), *OTHER_KINDS}):
        voices = found.get(kind)
        if not isinstance(voices, dict) or not voices.get("any") or set(voices) - {"any", *VOICES}:
            raise InvalidScenario(
                f"data/speech.json: {kind}: expected lines for 'any', and maybe for {', '.join(VOICES)}, got {str(voices)[:60]}"
            )
    return found


class Speech:
    """What one seeker says, with the memory of what was said."""

    def __init__(self, scenario: Scenario, key: int) -> None:
        self.scenario = scenario
        self.key = key
        self.voice = scenario.persona.voice
        self._teller = Teller(scenario, key)
        self._lines: set[str] = set()  # whole lines
        self._taken: set[str] = set()
        self._hints = 0
        self._strikes = 0
        self.turn = 0

    def opening(self) -> str:
        """The first line of the talk."""
        line = self._new(self.scenario.story.openings, "opening")
        self._lines.add(self._voiced(line))
        self._teller.said(line)
        return self._voiced(line)

    def answer(self, mind: Mind, appraised: Appraised, outcome: str | None, reply: str) -> str:
        """The next line.

        Args:
            mind: after the appraisal.
            appraised: what the reply meant.
            outcome: ``helped`` or ``left`` if the talk ends here.
            reply: what was said, of which a few words may be taken up.
        """
        self._reply = reply
        self.turn = self._teller.turn = self.turn + 1
        if outcome is not None:
            return self._unique([self._stock(f"closing_{outcome}")])
        event = max(appraised.events, key=lambda e: abs(e.amount), default=None)
        reaction = self._reaction(event, mind, appraised)
        if reaction in WITHDRAWS:
            said = (
                self._take_up("takes_saying", 750, event)
                if reaction.startswith("hurt_") and reaction != "hurt_self_focus"
                else ""
            )
            line = self._unique([said, self._stock(reaction), self._item_line(event)])
        elif appraised.question and reaction in PLAIN:
            line = self._unique(self._to_question(event, reaction, mind, appraised))
        else:
            content = self._content(event, reaction, mind, appraised)
            lead = reaction not in PLAIN or not content or self._chance("lead", 120 if self.voice == "terse" else 250)
            kind, share = self._takes(reaction, event)
            # Before a line about something else, a word of the other's would only look pasted.
            apart = kind == "takes_thing" and content and not self._teller.touched(content[0], appraised.mentioned)
            said = "" if apart else self._take_up(kind, share, event)
            lead = lead and not (said and content and self._chance("instead", 600))
            line = self._unique([said, self._stock(reaction) if lead else "", *content])
        self._teller.said(line)
        return line

    # -- what to say ----------------------------------------------------------------------------------------------------

    def _reaction(self, event: Event | None, mind: Mind, appraised: Appraised) -> str:
        if event is None:
            return "neutral"
        kind = REACTIONS.get(event.cause, "neutral")
        if event.cause == "insight" and event.met is not None:
            kind = INSIGHT_REACTIONS.get(event.met.kind, kind)
        if kind.startswith("hurt_") and mind.memory.hurts > 2 and self._chance("again", 500):
            kind = "hurt_again"
        if event.cause == "said_nothing" and mind.memory.empty_running > 1:
            kind = "silence"
        if event.cause == "asked_leave" and not mind.memory.asked_leave:
            kind = "permission_no"
        if event.cause in ("manner_suits", "manner_jars"):
            kind = "neutral"
        if kind == "felt_understood":
            struck = event.amount >= STRUCK and self._strikes < STRIKES and not appraised.question
            self._strikes += struck
            kind = "felt_understood" if struck else "nod"
        if kind == "repeat" and appraised.question:
            kind = "asked_before"
        return kind

    def _to_question(self, event: Event | None, reaction: str, mind: Mind, appraised: Appraised) -> list[str]:
        """The answer to a question: the fact asked about, or that there is none to give."""
        asked = self._take_up("asked_thing", 600, event)
        nod = [self._stock("nod")] if reaction == "nod" and self._chance("nod", 350) else []
        closed = False
        for name in appraised.asked:
            fact = self.scenario.story.fact(name)
            if not (mind.unlocked(fact.depth) or name in mind.memory.disclosed):
                closed = True
                continue
            line = self._teller.tell(fact, anew=name in mind.memory.disclosed)
            if line:
                lead = [asked] if asked else nod or ([self._stock("answers")] if self._chance("lead", 120) else [])
                return [*lead, line, *self._hint(mind, 250)]
        if closed:
            return [asked, self._stock("not_yet")]
        told = self._volunteer(mind, 850, appraised.mentioned)
        if not told:
            return [asked, self._stock("unsure"), *self._hint(mind, 800)]
        if self._teller.touched(told[-1], appraised.mentioned):
            return [*([asked] if asked else nod), *told]
        shift = [self._stock("shift")] if len(told) == 1 and self._chance("shift", 250) else nod
        return [*shift, *told]

    def _content(self, event: Event | None, reaction: str, mind: Mind, appraised: Appraised) -> list[str]:
        """What there is to tell after the reaction: at most two pieces."""
        own = self._item_line(event)
        if own:
            return [own, *self._hint(mind, 350)]
        if reaction == "permission_yes":
            return []
        heard = event is not None and event.amount > 0 and event.cause not in COOL
        told = self._volunteer(mind, 900 if heard else 450, appraised.mentioned)
        if told:
            return [*told, *self._hint(mind, 300)]
        told_all = all(f.id in mind.memory.disclosed for f in self.scenario.story.facts)
        return self._hint(mind, 800) or ([self._stock("nothing_more")] if told_all else [])

    def _volunteer(self, mind: Mind, share: int, topic: frozenset[str]) -> list[str]:
        """The next layer, unasked, if the seeker is open enough and nobody was cold to them just now."""
        if not self._chance("volunteer", share * (1000 - mind.memory.chill) // 1000):
            return []
        hidden = [f for f in self.scenario.story.facts if f.id not in mind.memory.disclosed and mind.unlocked(f.depth)]
        depth = min((f.depth for f in hidden), default=0)
        fact = self._teller.next([f for f in hidden if f.depth == depth], topic)
        if fact is None:
            return []
        lead = [self._stock("opens_up")] if depth >= 2 and self.voice != "terse" and self._chance("lead2", 350) else []
        return [*lead, self._teller.tell(fact)]

    def _item_line(self, event: Event | None) -> str:
        """What the seeker has to say of the tried thing, the fitting step, the motive or the deed that was met."""
        if event is None or event.met is None or event.met.kind == "fact":
            return ""
        if event.met.kind == "fit" and event.cause != "advice_fits":
            return ""
        item: Item | None = next((i for i in self.scenario.story.items if i.id == event.met.id), None)
        if item is None:
            return ""
        return self._new(item.lines, item.id)

    def _hint(self, mind: Mind, share: int) -> list[str]:
        """Something in which what they hope for, feel or believe shows through; rarer at higher difficulty."""
        share = share * (660 - 170 * mind.difficulty // 1000) // 1000
        if self.turn < 2 or self._hints >= HINTS or not self._chance("hint", share):
            return []
        kinds = [self._wishes, self._feels, self._believes]
        self._hints += 1
        for lines in [*kinds[self._hints % 3 :], *kinds[: self._hints % 3]]:
            for line in lines(mind):
                if line not in self._teller.used:
                    self._teller.used.add(line)
                    return [line]
        return []

    def _wishes(self, mind: Mind) -> list[str]:
        return shuffled(self.scenario.story.hints[self.scenario.intention], self.key, 0, "hints")

    def _feels(self, mind: Mind) -> list[str]:
        """A feeling, the nearest to the surface first, and never one that was told."""
        hidden = [
            f
            for f in self.scenario.story.facts
            if f.kind == "feeling" and f.id not in mind.memory.disclosed and f.depth < 3
        ]
        return [line for f in hidden[:1] for register, line in f.said if register != "long"]

    def _believes(self, mind: Mind) -> list[str]:
        return [line for item in self.scenario.story.of_kind("belief") for line in item.lines]

    def _takes(self, reaction: str, event: Event | None) -> tuple[str, int]:
        """What is taken up with a reaction, and per mille of the times: of platitudes what was said, of what only missed the thing it was about."""
        kind, share = TAKES_UP.get(reaction, ("takes_thing", 0))
        missed = event is not None and event.cause in ("generic_empathy", "informed", "shared")
        return ("takes_thing" if kind == "takes_saying" and missed else kind), share

    def _take_up(self, kind: str, share: int, event: Event | None) -> str:
        """A few of the other's words, in a line of that stock; empty where none fit."""
        if not self._chance(f"takes/{kind}", share):
            return ""
        at = event.span if event is not None else None
        parts = [self._reply[at[0] : at[1]]] if at else []
        parts += [self._reply[start:end] for start, end in reversed(sentences(self._reply))]
        for part in parts:
            words = TAKES[kind](part, self._teller.told)
            if words is not None and words.lower() not in self._taken:
                line = self._stock(kind)
                self._taken.add(words.lower())
                words = words[0].upper() + words[1:] if line.startswith("{") or "'{" in line else words
                return line.format(it=words) if line else ""
        return ""

    # -- how to say it --------------------------------------------------------------------------------------------------

    def _chance(self, slot: str, per_mille: int) -> bool:
        return draw(self.key, self.turn, slot) % 1000 < per_mille

    def _stock(self, kind: str) -> str:
        """A reaction of that kind not used in this talk, the voice's own ones first in two of three cases."""
        voices = stock()[kind]
        own, anyone = voices.get(self.voice, ()), voices["any"]
        if not own or not self._chance(kind + "/own", 670):
            return self._new(anyone, kind + "/any") or self._new(own, kind)
        return self._new(own, kind) or self._new(anyone, kind + "/any")

    def _new(self, lines: Sequence[str], slot: str) -> str:
        """One of some lines that was not said in this talk; empty if all were."""
        line = first_of(lines, self.key, self.turn, slot, self._teller.used)
        if line is None:
            return ""
        self._teller.used.add(line)
        return line

    def _unique(self, pieces: list[str]) -> str:
        """Join the pieces; where nothing is left to say, something that was not said before."""
        line = self._voiced(" ".join(p for p in pieces if p))
        extra = 0
        while not line or line in self._lines:
            for kind in ("neutral", "unsure", "nothing_more", "shift", "answers"):
                more = self._stock(kind)
                if more:
                    break
            else:
                extra += 1
                more = (
                    ("Yeah." + " Yeah." * (extra + self.turn))
                    if self.voice == "terse"
                    else "I don't know" + ", I don't know" * (extra + self.turn) + "."
                )
            line = self._voiced(f"{line} {more}".strip())
        self._lines.add(line)
        return line

    def _voiced(self, line: str) -> str:
        """Small habits of the voice that change no word."""
        if self.voice == "young" and line:
            line = line[0].lower() + line[1:] if not line.startswith(("I ", "I'")) else line
            return line[:-1] if line.endswith(".") and not line.endswith("..") else line
        return line
