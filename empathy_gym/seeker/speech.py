"""Speech: the seeker answers what was said, in their own voice, and never with the same line twice.

A line is a reaction to what weighed most, then what there is to tell: the answer to a question, one layer more for someone
who understood, what became of a thing already tried, or a hint at what they hope for.
"""

from __future__ import annotations

import re

from empathy_gym.seeker.answering import LONG, PRIVATE, Answering
from empathy_gym.seeker.appraisal import Appraised
from empathy_gym.seeker.booking import Event
from empathy_gym.seeker.concepts import GENERIC
from empathy_gym.seeker.details import asking_of, short_answer
from empathy_gym.seeker.heeding import heeded, proposes
from empathy_gym.seeker.mind import Mind
from empathy_gym.seeker.phrase import phrase
from empathy_gym.seeker.reactions import (
    ANSWERS,
    CLAIMS,
    COOL,
    INSIGHT_REACTIONS,
    MEANT_WELL,
    NONSENSE,
    OF_YOU,
    PLAIN,
    REACTIONS,
    SHOWS,
    UNHEARD,
    WITHDRAWS,
    stock,
)
from empathy_gym.seeker.scenario import Scenario
from empathy_gym.seeker.takeup import is_plain, step
from empathy_gym.seeker.text import fold, is_question

__all__ = ["PRIVATE", "Speech", "stock"]

STRUCK, STRIKES = 6_000, 1
"""Milli-points from which being understood strikes someone, and how often it does in one talk; otherwise a nod will do."""

STINGS, CURT = -1_500, -2_500
"""Milli-points above which something unkind only stings, for it may have been meant otherwise, and above which a cold question is a question."""

SAFETY = ("safe", "safe_other")
"""Questions for somebody's life, their own or another's."""

ASKED_STILL = ("lost", "copied", "too_short", "off_topic")
"""Reactions to what was odd in its manner, though it may have asked after a word of theirs: *what row?*"""

MAY_ADVISE = frozenset(
    ("hurt_judging", "hurt_dismissing", "hurt_minimising", "hurt_sore", "hurt_preaching", "hurt_again")
)
"""Hurts that general advice may do."""

AIMED = frozenset(("hurt_mocking", "hurt_sore"))
"""Hurts that are meant for somebody, though no word of the sentence says for whom."""

CHILLED = 300
"""Per mille of remembered coldness from which nothing private is told."""

LEADS = {"felt_understood": 800, "nod": 400, "stock": 60, "neutral": 60}
"""Per mille of the times that a word to the other stands before what is told: mostly where something was understood, for a story stands by itself."""


UNDERSTANDING = frozenset(("understood", "validated", "praised", "insight"))
"""Causes of lines that show that somebody listened."""

TOLD_AGAIN = 650
"""Per mille of the times that somebody who tells a thing anew says that they know."""

_ASKS_ON = re.compile(
    r"\b(?:ask|tell me|know|wonder)(?: you)? (?:how|what|who|when|where|why|which|if|whether)\b", re.IGNORECASE
)


class Speech(Answering):
    """What one seeker says, with the memory of what was said."""

    def __init__(self, scenario: Scenario, key: int) -> None:
        super().__init__(scenario, key)
        self._strikes = 0
        self._questions: set[tuple[str, frozenset[str]]] = set()  # what was asked
        self._lost = False  # the other made no sense last time

    def opening(self) -> str:
        """The first line of the talk."""
        line = self._new(self.scenario.story.openings, "opening")
        self._lines.add(self._voiced(line))
        self._speak(line)
        self._teller.began(line)
        self._remember([line])
        return self._voiced(line)

    def answer(self, mind: Mind, appraised: Appraised, outcome: str | None, reply: str) -> str:
        """The next line.

        Args:
            mind: after the appraisal.
            appraised: what the reply meant.
            outcome: ``helped`` or ``left`` if the talk ends here.
            reply: what was said, of which a few words may be taken up.
        """
        self._listen(reply)
        self.turn = self._teller.turn = self.turn + 1
        event = self._weightiest(appraised)
        if outcome is not None:
            return self._unique(self._closing(outcome, event))
        lost = any(e.cause in NONSENSE for e in appraised.events) and not self._usual()
        self._close = lost or self._lost or self._wary(mind, appraised)
        self._lost = lost
        reaction = self._reaction(event, mind, appraised)
        self._now, self._teller.again = [], ""
        self._disclosed = frozenset((*mind.memory.disclosed, *self._teller.voiced))
        met = event.met.id if event is not None and event.met is not None else ""
        self._near = frozenset((*appraised.asked, self._teller.latest or "", met))
        of_safety = self._of_safety()
        if of_safety:
            pieces = [of_safety]
        elif reaction in WITHDRAWS:
            pieces = [*self._rebuff(reaction, event, mind, appraised), self._item_line(event)]
        elif appraised.question and reaction in PLAIN:
            pieces = self._to_question(event, reaction, mind, appraised)
        elif self._answers_too(reaction, event, appraised):
            pieces = [self._first(reaction, event, mind), *self._to_question(event, "answers", mind, appraised)]
        else:
            content = self._content(event, reaction, mind, appraised)
            pieces = [*self._reacts(reaction, event, mind, appraised, content), *content]
        pieces = self._again(pieces)
        self._earlier.update(self._folded)
        if appraised.question:
            self._questions.add(asking_of(self._asks))
        for line in self._now:
            self._teller.keep(line)
        self._remember(self._now)
        said = self._unique(pieces)
        self._teller.said(said)
        return said

    def _weightiest(self, appraised: Appraised) -> Event | None:
        """What weighs most in a reply. That it was said in a cold way is not answered where something in it was understood and no sentence hurts by its words."""
        event = max(appraised.events, key=lambda e: abs(e.amount), default=None)
        if event is not None and event.cause == "coldness" and not self._harmed():
            kind = [e for e in appraised.events if e.amount > 0 and e.cause in UNDERSTANDING]
            return max(kind, key=lambda e: e.amount, default=event)
        return event

    def _again(self, pieces: list[str]) -> list[str]:
        """The pieces, with a word that it was told before in front of what was."""
        again = self._teller.again
        if not again or again not in pieces or not self._chance("again/lead", TOLD_AGAIN):
            return pieces
        at = pieces.index(again)
        return [*pieces[:at], self._stock("told_again"), *pieces[at:]]

    # -- how to take it -------------------------------------------------------------------------------------------------

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
        if event.cause in ("manner_suits", "manner_jars") or (kind.startswith("permission_") and self._asks_what()):
            kind = "neutral"
        if kind == "felt_understood":
            struck = event.amount >= STRUCK and self._strikes < STRIKES and not appraised.question
            self._strikes += struck
            kind = "felt_understood" if struck else "nod" if self._claims(event) else "neutral"
        if kind.startswith("permission_") and heeded(self._asks, ("advice",)):
            return "advice_vague"
        if kind.startswith("advice_") and not self._advised(kind, event):
            kind = "answers" if appraised.question else "neutral"
        if kind == "repeat" and appraised.question:  # what was repeated may have been only what stood before it
            kind = "asked_before" if asking_of(self._asks) in self._questions else "answers"
        return kind

    def _claims(self, event: Event) -> bool:
        """Whether the reply says anything to which one can say yes."""
        return any(
            not is_question(part) and (CLAIMS.search(fold(part)) or self._of_theirs(part))
            for part in self._parts(event)
        )

    def _advised(self, kind: str, event: Event) -> bool:
        """Whether something was put as advice; what fits them may be said in many ways, though never only asked."""
        if any(map(proposes, self._cut)):
            return True
        part = self._parts(event)[0]
        return kind in ("advice_welcome", "advice_tried") and not is_question(part)

    def _of_safety(self) -> str:
        """The plain answer to whether somebody thinks of ending their life, which is never passed over; empty where nobody asked."""
        for part in self._cut:
            if not is_question(part):
                continue
            for row in heeded(part, ("question",)):
                if row.id in SAFETY:
                    return self._row_line(row) or self._framed("brief", "no") or "No."
        return ""

    def _wary(self, mind: Mind, appraised: Appraised) -> bool:
        """Whether something hurt just now, or the other is cold: no moment for private things."""
        hurt = any(REACTIONS.get(e.cause, "").startswith("hurt_") for e in appraised.events)
        return hurt or mind.memory.chill >= CHILLED

    def _rebuff(self, reaction: str, event: Event | None, mind: Mind, appraised: Appraised) -> list[str]:
        """What is said to somebody who hurt, made no sense or was not there: to their words where there is something to say to them."""
        asked = self._asks_own(mind) if reaction in ASKED_STILL else ""
        if asked:
            return [asked]
        tag = short_answer(self._asks) if reaction in ("lost", "confused", "off_topic") else ""
        if tag:
            return [self._framed("grants", tag)]
        if reaction == "lost" or (reaction == "confused" and self._usual()):
            return [
                self._heed(reaction, event, 1000 if self._usual() else 700)
                or self._not_followed(event, appraised)
                or self._stock(reaction)
            ]
        if reaction == "repeat":
            said_first = self._folded[:1]
            again = said_first and said_first[0] in self._earlier
            said = self._take_up("repeat_saying", 500, event) if again else self._heed(reaction, event)
            return [said or self._stock(reaction)]
        if reaction == "asked_before":
            return [self._stock(reaction)]
        if reaction == "off_topic":
            return [self._heed(reaction, event) or self._missed(event, 800) or self._stock(reaction)]
        if self._asks_still(reaction, event, appraised):
            row = self._question()
            dodged = self._row_line(row) if row is not None else ""
            return [self._plainly(row, mind) or dodged or self._stock("unsure")]
        if reaction in MAY_ADVISE:
            advised = self._as_advice(event)
            if advised:
                return [advised]
        heeded = self._heed(reaction, event)
        if heeded or not reaction.startswith("hurt_"):
            return [heeded or self._stock(reaction)]
        if reaction in ("hurt_self_focus", "hurt_interrogating"):
            return [self._stock(reaction)]
        shown = SHOWS.get(reaction)
        unlike = shown is not None and shown.search(fold(self._parts(event)[0])) is None
        if event is not None and (unlike or (event.amount > STINGS and reaction not in MEANT_WELL)):
            aimed = self._harmed() or reaction in AIMED or OF_YOU.search(fold(self._parts(event)[0]))
            reaction = "stung_little" if aimed else "not_reached"
        if event is not None and event.cause == "coldness" and event.amount > CURT and not self._harmed():
            return [self._stock("not_reached") or self._stock(reaction)]
        kind = self._usual() or reaction in MEANT_WELL or reaction == "stung_little"  # nobody takes offence at that
        return [("" if kind else self._take_up("takes_harm", 150, event)) or self._stock(reaction)]

    def _harmed(self) -> bool:
        """Whether any sentence is one that hurts by its words."""
        return any(heeded(part, ("harm",)) for part in self._cut)

    def _as_advice(self, event: Event | None) -> str:
        """The answer to general advice that hurt, for it was advice and no blame; empty where it was none."""
        part = next(iter(self._parts(event)), "")
        if heeded(part, ("harm",)) or not proposes(part):
            return ""
        rows = heeded(part, ("advice",))
        said = self._row_line(rows[0]) if rows else ""
        return said or self._take_up("takes_step", 400, event) or self._stock("advice_early")

    def _asks_own(self, mind: Mind) -> str:
        """The answer to a question about a word of their own, however it was put; empty where there was none."""
        asked = [part for part in self._cut if is_question(part) and is_plain(part)]
        if all(self._teller.told.isdisjoint(phrase(fold(part)).concepts) for part in asked):
            return ""
        row = self._question()
        return self._plainly(row, mind) or self._first_things(LONG) or self._dodge(row)

    def _not_followed(self, event: Event | None, appraised: Appraised) -> str:
        """To what made no sense: its last words, unless it was English, of which a question can be answered or something else said."""
        if not any(map(is_plain, self._parts(event)[:1])):
            return self._take_up("lost_at", 500, event)
        return self._dodge(self._question()) if appraised.question else self._unheard(500)

    def _answers_too(self, reaction: str, event: Event | None, appraised: Appraised) -> bool:
        """Whether the reply ends in a question that is answered though something else weighed more."""
        if not appraised.question or reaction not in ANSWERS or (event and event.met and event.met.kind != "fact"):
            return False
        proposed = any(step(part, self._teller.told) is not None for part in self._parts(event))
        return not (reaction.startswith("advice_") and proposed)

    def _first(self, reaction: str, event: Event | None, mind: Mind) -> str:
        """What is said of the rest of the reply before its question is answered."""
        if reaction == "wrong_feeling":
            return self._mood(event, mind) or self._stock(reaction)
        if reaction in ("apology_ok", "too_many_questions", "misheard"):
            return self._stock(reaction)
        return self._heed(reaction, event, 500)

    def _asks_still(self, reaction: str, event: Event | None, appraised: Appraised) -> bool:
        """Whether a question is heard as one though its manner jarred: it is one of many, a little cold, or beside what was copied."""
        if event is None or not appraised.question:
            return False
        if reaction == "copied":
            return True
        cold = event.cause == "coldness" and event.amount > CURT
        share = 850 if sum(map(is_question, self._cut)) == 1 else 600  # one question more is hardly resented aloud
        return cold or (reaction == "hurt_interrogating" and self._chance("answers", share))

    def _reacts(
        self, reaction: str, event: Event | None, mind: Mind, appraised: Appraised, content: list[str]
    ) -> list[str]:
        """The reaction before what is told: to what was said where it can be, else from the stock."""
        sorry = self._apologised()
        if sorry and reaction in PLAIN:
            return [sorry]
        lead = reaction not in PLAIN or not content or self._chance("lead", LEADS.get(reaction, 100))
        if reaction in ("nod", "wrong_feeling", "stock") and self._chance("mood", 350 if content else 700):
            felt = self._mood(event, mind)
            if felt:
                return [felt]
        cool = event is not None and event.cause in COOL
        if reaction in UNHEARD and cool:
            missed = self._missed(event, 700)
            if missed:
                return [missed]
        if reaction == "fault_lifts" and not content:
            clause = self._take_up("taken_fault", 700, event)
            if clause:
                return [clause]
        kind, takes = self._takes(reaction, event)
        # Before a line about something else, a word of the other's would only look pasted.
        apart = kind == "takes_thing" and content and not self._teller.touched(content[0], appraised.mentioned)
        share = 250 if content and self._invited() else 850 if content and reaction in PLAIN else 1000
        heeded = self._heed(reaction, event, share)
        if heeded:
            aside = "" if content else self._take_up("aside_thing", 400, event) or (self._unheard(250) if cool else "")
            return [heeded, aside]
        if reaction in ("vents_on", "answers") and not content:
            return [self._stock("nothing_yet")]
        said = "" if apart else self._take_up(kind, takes, event)
        if said and (reaction in PLAIN or reaction in UNHEARD or reaction.startswith("advice_")):
            return [said]
        if reaction == "stock" and not self._usual():  # no thanks where nothing kind was said
            reaction = "neutral"
        back = self._unheard(500) if cool and reaction in UNHEARD and not content else ""
        own = self._own_yes() if lead and reaction in ("nod", "felt_understood") else ""
        return [said, back or own or (self._stock(reaction) if lead else "")]

    def _apologised(self) -> str:
        """The answer to somebody who said that they were sorry for their own words; empty where nobody did."""
        rows = [row for part in self._cut for row in heeded(part, ("comfort",)) if row.id == "own_apology"]
        return self._row_line(rows[0]) if rows else ""

    def _asks_what(self) -> bool:
        """Whether the question wants more than leave, as *may I ask how old you are* does."""
        return super()._asks_what() or _ASKS_ON.search(self._asks) is not None

    def _unheard(self, share: int) -> str:
        """Back to the thing that they told and that nobody took up; empty where the reply spoke of anything of theirs."""
        heard = {c for part in self._folded for c in phrase(part).concepts} - GENERIC
        return "" if heard & self._teller.told else super()._unheard(share)

    def _closing(self, outcome: str, event: Event | None) -> list[str]:
        if outcome == "helped":
            return [self._take_up("closing_thing", 650, event) or self._stock("closing_helped")]
        return [self._heed("hurt_again", event, 600), self._stock("closing_left")]
