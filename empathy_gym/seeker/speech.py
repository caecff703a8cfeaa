"""Speech: the seeker answers what was said, in their own voice, and never with the same line twice.

A line is a reaction to what weighed most, then what there is to tell: the answer to a question, one layer more for someone
who understood, what became of a thing already tried, or a hint at what they hope for.
"""

from __future__ import annotations

from empathy_gym.seeker.appraisal import Appraised
from empathy_gym.seeker.booking import Event
from empathy_gym.seeker.heeding import Row
from empathy_gym.seeker.keyed import shuffled
from empathy_gym.seeker.mind import Mind
from empathy_gym.seeker.reactions import (
    ANSWERS,
    COOL,
    INSIGHT_REACTIONS,
    MEANT_WELL,
    NONSENSE,
    PLAIN,
    REACTIONS,
    UNHEARD,
    WITHDRAWS,
    stock,
)
from empathy_gym.seeker.scenario import Item, Scenario
from empathy_gym.seeker.takeup import is_plain, step
from empathy_gym.seeker.wording import Wording, named_at

__all__ = ["Speech", "stock"]

HINTS = 5
"""Hints at what is hoped for, felt and believed in one talk, at most."""

STRUCK, STRIKES = 6_000, 1
"""Milli-points from which being understood strikes someone, and how often it does in one talk; otherwise a nod will do."""

STINGS, CURT = -1_500, -2_500
"""Milli-points above which something unkind only stings, for it may have been meant otherwise, and above which a cold question is a question."""

PRIVATE, CHILLED = 2, 300
"""Depth from which a fact is private, and per mille of remembered coldness from which nothing private is told."""

NEARBY = 36
"""Characters on either side of a name in which it must be said whose it is."""


class Speech(Wording):
    """What one seeker says, with the memory of what was said."""

    def __init__(self, scenario: Scenario, key: int) -> None:
        super().__init__(scenario, key)
        self._hints = 0
        self._strikes = 0
        self._close = False  # nothing private is told now
        self._lost = False  # the other made no sense last time
        self._now: list[str] = []  # this turn's facts
        self._added: list[str] = []  # this turn's hints and what else the story has to say

    def opening(self) -> str:
        """The first line of the talk."""
        line = self._new(self.scenario.story.openings, "opening")
        self._lines.add(self._voiced(line))
        self._teller.said(line)
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
        event = max(appraised.events, key=lambda e: abs(e.amount), default=None)
        if outcome is not None:
            return self._unique(self._closing(outcome, event))
        lost = any(e.cause in NONSENSE for e in appraised.events) and not self._usual()
        self._close = lost or self._lost or self._wary(mind, appraised)
        self._lost = lost
        reaction = self._reaction(event, mind, appraised)
        self._now, self._added = [], []
        if reaction in WITHDRAWS:
            pieces = [*self._rebuff(reaction, event, appraised), self._item_line(event)]
        elif appraised.question and reaction in PLAIN:
            pieces = self._to_question(event, reaction, mind, appraised)
        elif self._answers_too(reaction, event, appraised):
            pieces = [self._first(reaction, event, mind), *self._to_question(event, "answers", mind, appraised)]
        else:
            content = self._content(event, reaction, mind, appraised)
            pieces = [*self._reacts(reaction, event, mind, appraised, content), *content]
        self._earlier.update(self._sentences())
        self._teller.said(" ".join([*self._now, *self._added]))
        self._remember(self._now)
        return self._unique(pieces)

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
            kind = "felt_understood" if struck else "nod"
        if kind == "repeat" and appraised.question:
            kind = "asked_before"
        return kind

    def _wary(self, mind: Mind, appraised: Appraised) -> bool:
        """Whether something hurt just now, or the other is cold: no moment for private things."""
        hurt = any(REACTIONS.get(e.cause, "").startswith("hurt_") for e in appraised.events)
        return hurt or mind.memory.chill >= CHILLED

    def _rebuff(self, reaction: str, event: Event | None, appraised: Appraised) -> list[str]:
        """What is said to somebody who hurt, made no sense or was not there: to their words where there is something to say to them."""
        if reaction == "lost":
            return [self._heed(reaction, event, 700) or self._not_followed(event, appraised) or self._stock(reaction)]
        if reaction == "repeat":
            said_first = self._sentences()[:1]
            again = said_first and said_first[0] in self._earlier
            said = self._take_up("repeat_saying", 800, event) if again else self._heed(reaction, event)
            return [said or self._stock(reaction)]
        if reaction == "asked_before":
            return [self._asked(700), self._stock(reaction)]
        if reaction == "off_topic":
            return [self._heed(reaction, event) or self._missed(event, 800) or self._stock(reaction)]
        if self._asks_still(reaction, event, appraised):
            row = self._question()
            return [(self._row_line(row) if row is not None else "") or self._stock("unsure")]
        heeded = self._heed(reaction, event)
        if heeded or not reaction.startswith("hurt_"):
            return [heeded or self._stock(reaction)]
        if reaction in ("hurt_self_focus", "hurt_interrogating"):
            return [self._stock(reaction)]
        if event is not None and event.amount > STINGS and reaction not in MEANT_WELL:
            reaction = "stung_little"
        said = self._take_up("takes_harm", 750, event)
        return [said, self._stock(reaction) if not said or self._chance("both", 500) else ""]

    def _not_followed(self, event: Event | None, appraised: Appraised) -> str:
        """To what made no sense: its last words, unless it was English, of which a question can be answered or something else said."""
        if not any(map(is_plain, self._parts(event)[:1])):
            return self._take_up("lost_at", 800, event)
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
        if reaction in ("apology_ok", "too_many_questions"):
            return self._stock(reaction)
        return self._heed(reaction, event, 500)

    def _asks_still(self, reaction: str, event: Event | None, appraised: Appraised) -> bool:
        """Whether a question is heard as one though its manner jarred: it is one of many, a little cold, or beside what was copied."""
        if event is None or not appraised.question:
            return False
        if reaction == "copied":
            return True
        cold = event.cause == "coldness" and event.amount > CURT
        return cold or (reaction == "hurt_interrogating" and self._chance("answers", 600))

    def _reacts(
        self, reaction: str, event: Event | None, mind: Mind, appraised: Appraised, content: list[str]
    ) -> list[str]:
        """The reaction before what is told: to what was said where it can be, else from the stock."""
        lead = reaction not in PLAIN or not content or self._chance("lead", 120 if self.voice == "terse" else 250)
        if reaction in ("nod", "wrong_feeling", "stock") and self._chance("mood", 450 if content else 700):
            felt = self._mood(event, mind)
            if felt:
                return [felt]
        if reaction in UNHEARD and event is not None and event.cause in COOL:
            missed = self._missed(event, 700)
            if missed:
                return [missed]
        if reaction == "fault_lifts" and not content:
            clause = self._take_up("taken_fault", 700, event)
            if clause:
                return [clause]
        kind, share = self._takes(reaction, event)
        # Before a line about something else, a word of the other's would only look pasted.
        apart = kind == "takes_thing" and content and not self._teller.touched(content[0], appraised.mentioned)
        heeded = self._heed(reaction, event, 850 if content and reaction in PLAIN else 1000)
        if heeded:
            aside = (
                ""
                if content
                else self._take_up("aside_thing", 800, event)
                or self._missed(event, 700, "aside_thing")
                or self._unheard(450)
            )
            return [heeded, aside]
        if reaction in ("vents_on", "answers") and not content:
            return [self._stock("nothing_yet")]
        said = "" if apart else self._take_up(kind, share, event)
        if said and (reaction in PLAIN or reaction in UNHEARD or reaction.startswith("advice_")):
            return [said, "" if content or reaction not in UNHEARD else self._unheard(300)]
        if reaction == "stock" and not self._usual():  # no thanks where nothing kind was said
            reaction = "neutral"
        back = self._unheard(900) if reaction in UNHEARD and not content else ""
        return [said, back or (self._stock(reaction) if lead else "")]

    def _closing(self, outcome: str, event: Event | None) -> list[str]:
        if outcome == "helped":
            return [self._take_up("closing_thing", 650, event) or self._stock("closing_helped")]
        said = self._heed("hurt_again", event, 600) or self._take_up("takes_harm", 500, event)
        return [said, self._stock("closing_left")]

    # -- what to say ----------------------------------------------------------------------------------------------------

    def _to_question(self, event: Event | None, reaction: str, mind: Mind, appraised: Appraised) -> list[str]:
        """The answer to a question: the fact asked about, or that there is none to give."""
        row = self._question()
        felt = self._felt(event, mind, row) if reaction == "nod" else []
        closed = False
        for name in appraised.asked:
            fact = self.scenario.story.fact(name)
            known = name in mind.memory.disclosed
            if not known and (not mind.unlocked(fact.depth) or (self._close and fact.depth >= PRIVATE)):
                closed = True
                continue
            line = self._teller.tell(fact, anew=known)
            if line:
                self._now.append(line)
                return [*(felt or [self._asked(500, line)]), line, *self._hint(mind, 250)]
        if closed:
            return [self._asked(700), self._stock("not_yet")]
        if row is not None and row.plain:
            named = self._name(mind, appraised.mentioned) if row.id == "name" else ""
            return [named or self._row_line(row) or self._stock("unsure")]
        told = self._volunteer(mind, 850, appraised.mentioned)
        if told and (row is None or row.open or self._teller.touched(told[-1], appraised.mentioned)):
            begins = "" if felt or len(told) > 1 else self._asked(400, told[-1])
            leads = row.leads if row is not None and row.open and len(told) == 1 else ()
            lead = "" if felt or begins else self._new(leads, "leads")
            return [*(felt or [begins or lead]), *told]
        if told:  # another matter: said as one, and never as if it were the answer
            return [self._stock("instead") if len(told) == 1 and self._chance("instead", 450) else "", *told]
        return [*felt, self._dodge(row), *self._hint(mind, 800)]

    def _felt(self, event: Event | None, mind: Mind, row: Row | None) -> list[str]:
        """A nod to what was said before a question; none where it would pass for the answer."""
        if row is not None and row.id == "whether":
            return []
        mood = self._mood(event, mind) if self._chance("mood", 400) else ""
        return [mood] if mood else [self._stock("nod")] if self._chance("nod", 150) else []

    def _name(self, mind: Mind, topic: frozenset[str]) -> str:
        """A wording that names somebody beside what was asked about, of a fact that can be told."""
        for fact in self.scenario.story.facts:
            if not mind.unlocked(fact.depth) or (self._close and fact.depth >= PRIVATE):
                continue
            for _, line in fact.said:
                beside = [line[max(0, at - NEARBY) : at + NEARBY] for at in named_at(line, self.scenario.story)]
                if line not in self._teller.used and any(self._teller.touched(part, topic) for part in beside):
                    self._teller.used.add(line)
                    self._now.append(line)
                    return line
        return ""

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
        if self._close and depth >= PRIVATE:
            return []
        fact = self._teller.next([f for f in hidden if f.depth == depth], topic)
        if fact is None:
            return []
        lead = (
            [self._stock("opens_up")]
            if depth >= PRIVATE and self.voice != "terse" and self._chance("lead2", 350)
            else []
        )
        self._now.append(self._teller.tell(fact))
        return [*lead, self._now[-1]]

    def _item_line(self, event: Event | None) -> str:
        """What the seeker has to say of the tried thing, the fitting step, the motive or the deed that was met."""
        if event is None or event.met is None or event.met.kind == "fact":
            return ""
        if event.met.kind == "fit" and event.cause != "advice_fits":
            return ""
        item: Item | None = next((i for i in self.scenario.story.items if i.id == event.met.id), None)
        if item is None:
            return ""
        self._added.append(self._new(item.lines, item.id))
        return self._added[-1]

    def _hint(self, mind: Mind, share: int) -> list[str]:
        """Something in which what they hope for, feel or believe shows through; rarer at higher difficulty, and not to somebody cold."""
        share = share * (660 - 170 * mind.difficulty // 1000) // 1000
        if self._close or self.turn < 2 or self._hints >= HINTS or not self._chance("hint", share):
            return []
        kinds = [self._wishes, self._feels, self._believes]
        self._hints += 1
        for lines in [*kinds[self._hints % 3 :], *kinds[: self._hints % 3]]:
            for line in lines(mind):
                if line not in self._teller.used:
                    self._teller.used.add(line)
                    self._added.append(line)
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
