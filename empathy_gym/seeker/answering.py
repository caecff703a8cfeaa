"""Answering: what there is to tell, asked or unasked, and what is said where there is no answer.

A question is answered by what the story has on it: the detail it asks for, the fact that it is after, the nearest thing that can be told; only then is
it dodged.
"""

from __future__ import annotations

import re

from empathy_gym.seeker.appraisal import Appraised
from empathy_gym.seeker.booking import Event
from empathy_gym.seeker.details import DETAILS, UNNAMED, about_whom, in_words, people_of, short_answer, topic_of
from empathy_gym.seeker.heeding import Row, heeded, kind_of, proposes
from empathy_gym.seeker.keyed import shuffled
from empathy_gym.seeker.mind import Mind
from empathy_gym.seeker.own_words import kind_of_answer
from empathy_gym.seeker.reactions import COOL, HARD, OF_YOU, REACTIONS, REFUSES, TAKES_UP
from empathy_gym.seeker.scenario import Fact, Item, Scenario
from empathy_gym.seeker.takeup import speaks_of, step
from empathy_gym.seeker.text import is_question
from empathy_gym.seeker.wording import OWN_DEED, Wording, named_at

HINTS = 5
"""Hints at what is hoped for, felt and believed in one talk, at most."""

PRIVATE = 2
"""Depth from which a fact is private."""

EARLY, LONG = 4, 99
"""Turns in which a question that nothing answers is answered with what the whole is about, and in which somebody who understood is told it."""

PLAINEST = ("name", "age", "work", "own_people", "sleep_eat", "safe", "growing_up")
"""Plain questions to which nothing near is an answer."""

NEARBY = 36
"""Characters on either side of a name in which it must be said whose it is."""


ANY_ANSWER = frozenset(("happened", "more", "how_are_you", "hardest", "beneath"))
"""Open questions to which whatever there is to tell is an answer."""

TOLD_AS_ANSWER = ANY_ANSWER | {"what", "how", "how_did", "why"}
"""Questions to which what the whole is about is an answer, as long as it has not been said."""

HAPPENS = frozenset(("event", "deed", "person", "context"))
"""Kinds of facts with which one begins to tell: what happened, before how it felt."""

MAY_PROPOSE = frozenset(("whether", "what", "which", "next"))
"""Questions that may be advice: *have you thought of*, *what if you*."""

TAGGED = "Is that right?"
_TAG = re.compile(
    r", ?(?:isn't|wasn't|aren't|weren't|doesn't|didn't|don't|hasn't|haven't|won't|wouldn't|can't|couldn't) (?:it|you|he|she|they|that|there)\?$|, (?:right|yes|no)\?$",
    re.IGNORECASE,
)
"""What asks for a yes at the end of a sentence, as :data:`TAGGED` does."""

_INVITES = re.compile(
    r"\b(?:(?:please |do )go on\b(?! about)|go on[.!,]|^go on\b|(?:please |then |and )?tell me (?:about|more|everything|anything|the|what)|carry on[.!]|say more|you were saying"
    r"|i'm (?:all ears|listening)|i am listening|in your own time|i'd like to hear)",
    re.IGNORECASE,
)
"""What asks somebody to go on."""

_INVITING = ("go on", "tell me", "carry on", "say more", "saying", "all ears", "listening", "own time", "like to hear")
"""Of which one stands, folded, in whatever does."""

OWN_FIRST, OWN_FURTHER, OWN_YES = 800, 300, 700
"""Per mille of the times that a question which is asked of everything is answered in somebody's own words, that more is told behind them, and that such
words stand for a nod."""

_PLACES = frozenset("in at on near from through over off via".split())
"""Words before the name of a place."""


class Answering(Wording):
    """What one seeker tells, with the memory of what was told."""

    def __init__(self, scenario: Scenario, key: int) -> None:
        super().__init__(scenario, key)
        self._hints = 0
        self._close = False  # nothing private is told now
        self._now: list[str] = []  # this turn's facts

    # -- what to say ----------------------------------------------------------------------------------------------------

    def _to_question(self, event: Event | None, reaction: str, mind: Mind, appraised: Appraised) -> list[str]:
        """The answer to a question: the fact asked about, or that there is none to give."""
        row = self._question()
        if _TAG.search(self._asks):
            row = next(iter(heeded(TAGGED, ("question",))), row)
        if row is not None and row.id == "check":
            return self._confirmed(event, row, mind, appraised)
        advised = heeded(self._asks, ("advice",)) if row is None or row.id in MAY_PROPOSE else []
        if advised:
            return [self._row_line(advised[0]), *self._volunteer(mind, 250, appraised.mentioned)]
        if (row is None or row.id in MAY_PROPOSE) and proposes(self._asks) and step(self._asks, self._teller.told):
            return [self._to_proposal(appraised), *self._volunteer(mind, 250, appraised.mentioned)]
        felt = self._felt(event, mind, row) if reaction == "nod" else []
        kind = kind_of(row, self._asks)
        if kind == "own_age":
            return [self._framed("own_age", in_words(self.scenario.persona.age)) or self._stock("unsure")]
        exact = self._who_that_is(mind) if kind == "who_is" else self._exact(kind, mind)
        if exact:
            return exact
        if kind == "who_is" and row is not None and row.id == "name":
            kind = "name"
        asking, story = self._asks, self.scenario.story
        same = self._teller.same(asking)
        if same and any(f.id in same and not self._tellable(f, mind) for f in story.facts):
            begun = self._first_things(EARLY) if row is not None and row.open else ""
            return [*felt, begun] if begun else self._not_yet(row, mind, appraised)
        plain, own_kind = row is not None and row.plain, kind_of_answer(row)
        own = self._own_line(own_kind) if self._chance("own/first", OWN_FIRST) else ""
        if own:
            further = self._volunteer(mind, OWN_FURTHER, appraised.mentioned)
            return [own, *(further[-1:] or self._hint(mind, 250))]
        told = self._asked_fact(kind, mind, appraised)
        if told and row is not None and plain:  # no answer, but what there is about it
            private = self._teller.latest in {f.id for f in story.facts if f.depth >= PRIVATE}
            dodged = "" if self._teller.touched(told, topic_of(asking)) else self._named_or_dodged(row, mind, appraised)
            if private and REFUSES.search(dodged):
                dodged = self._stock("instead")
            return [dodged, told]
        if told:
            return [*(felt or [self._asked(150, told)]), told, *self._hint(mind, 250)]
        if row is not None and plain:
            return [self._named_or_dodged(row, mind, appraised)]
        if row is None or row.open or kind in ("what", "how", "why"):
            first = self._first_things(EARLY)
            if first:
                if row is not None and row.id == "how_are_you":
                    return [self._row_line(row), first]
                answers = row is None or row.id in TOLD_AS_ANSWER
                return [*(felt or ["" if answers else self._apart(row, first)]), first]
        if appraised.asked:  # all of them are closed
            return self._not_yet(row, mind, appraised)
        further = self._volunteer(mind, 850, appraised.mentioned)
        apart = self._apart(row, further[-1]) if further else ""
        if further and row is not None and row.id == "how_are_you":
            return [self._row_line(row), *further]
        if further and not apart:
            leads = (
                row.leads if row is not None and row.open and len(further) == 1 and self._chance("leads", 250) else ()
            )
            return [*(felt or [self._new(leads, "leads")]), *further]
        if further:  # another matter: said as one, and never as if it were the answer
            return [apart, further[-1]]
        dodged = self._dodge(row)
        return [*felt, dodged, *([] if REFUSES.search(dodged) else self._hint(mind, 800))]

    def _to_proposal(self, appraised: Appraised) -> str:
        """The answer to something to do that was put as a question, as it was taken; a nod to what stood before it would be none."""
        kinds = (REACTIONS.get(event.cause, "") for event in reversed(appraised.events))
        kind = next((kind for kind in kinds if kind.startswith("advice_")), "advice_vague")
        return self._take_up(*TAKES_UP["advice_vague"], None) or self._stock(kind)

    def _not_yet(self, row: Row | None, mind: Mind, appraised: Appraised) -> list[str]:
        """That it is too early for that, unless there is something that can be said, and what else there is; what may be the answer comes without a refusal."""
        own = self._own_line(kind_of_answer(row))
        further = self._volunteer(mind, 500, appraised.mentioned, shallow=True)
        if own or not further:
            return [own or self._later(), *further[-1:]]
        if (row is not None and row.id in ANY_ANSWER) or self._teller.latest_touches(topic_of(self._asks)):
            return further
        return [self._later(), self._stock("instead"), further[-1]]

    def _apart(self, row: Row | None, line: str) -> str:
        """What is said before another matter than was asked about, so that it does not pass for the answer; empty where it may be one."""
        asked = topic_of(self._asks)
        if (
            row is None
            or row.id in ANY_ANSWER
            or self._teller.touched(line, asked)
            or self._teller.latest_touches(asked)
        ):
            return ""
        if OWN_DEED.match(self._asks.lower()):
            return self._stock("own_deed")
        own = self._own_answer(row)
        if own:
            return own
        words = self._subject()
        named = words is not None and words not in UNNAMED and self._chance("instead/thing", 800)
        return (self._framed("instead_thing", words) if words is not None and named else "") or self._stock("instead")

    def _asked_fact(self, kind: str, mind: Mind, appraised: Appraised) -> str:
        """A wording that answers the question, or is of a fact that it asks about, or is near it."""
        facts = [f for f in self.scenario.story.facts if self._tellable(f, mind)]
        asking = self._asks
        same = self._teller.same(asking)
        asked = shuffled([f for f in facts if f.id in same], self.key, self.turn, "same") + [
            f for f in facts if f.id in appraised.asked
        ]
        line = self._teller.answer(asking, kind if kind == "who" else "", asked[:1]) if asked else ""
        for fact in asked if kind not in PLAINEST else ():
            line = line or self._teller.tell(fact, anew=fact.id in self._teller.voiced)
        line = line or ("" if kind in DETAILS or kind in PLAINEST else self._teller.answer(asking, kind, facts))
        if line:
            self._now.append(line)
        return line

    def _invited(self) -> bool:
        """Whether the other asked them to go on, to which there is something to tell."""
        parts = zip(self._cut, self._folded, strict=True)
        return any(any(mark in folded for mark in _INVITING) and _INVITES.search(part) for part, folded in parts)

    def _first_things(self, until: int) -> str:
        """What the whole is about, as long as it has not been said: nothing else could be followed."""
        facts = [f for f in self.scenario.story.facts if f.depth == 0 and f.id not in self._teller.voiced]
        if self.turn > until or not facts:
            return ""
        facts = [f for f in facts if f.kind in HAPPENS] or facts
        fact = self._teller.next(facts, frozenset(self._teller.told))
        line = self._teller.tell(fact) if fact is not None else ""
        if line:
            self._now.append(line)
        return line

    def _tellable(self, fact: Fact, mind: Mind) -> bool:
        """Whether a fact was told, or may be told now."""
        known = fact.id in mind.memory.disclosed
        return known or (mind.unlocked(fact.depth) and not (self._close and fact.depth >= PRIVATE))

    def _exact(self, kind: str, mind: Mind) -> list[str]:
        """The age, the time, the place or the number that was asked for, where the story has it; empty where it has none."""
        if kind not in DETAILS and kind != "how_many":
            return []
        facts = [f for f in self.scenario.story.facts if self._tellable(f, mind)]
        line = self._teller.answer(self._asks, kind, facts) if kind in DETAILS else ""
        if line:
            self._now.append(line)
            return [line, *self._hint(mind, 250)]
        brief = self._teller.brief(self._asks, kind) if kind != "where" else None
        said = self._framed("brief" if brief[1] else "brief_new", brief[0]) if brief else ""
        return [said, *self._hint(mind, 250)] if said else []

    def _plainly(self, row: Row | None, mind: Mind) -> str:
        """The bare answer, of what was told already or is no secret; empty where there is none."""
        asking = self._asks
        kind = kind_of(row, asking)
        if kind == "own_age":
            return self._framed("own_age", in_words(self.scenario.persona.age))
        brief = self._teller.brief(asking, kind) if kind in DETAILS or kind == "how_many" else None
        if brief and kind != "where":
            return self._framed("brief" if brief[1] else "brief_new", brief[0])
        open_ones = [f for f in self.scenario.story.facts if f.depth == 0 or f.id in self._teller.voiced]
        line = "" if kind in PLAINEST else self._teller.answer(asking, kind, open_ones)
        if line:
            self._now.append(line)
        return line

    def _named_or_dodged(self, row: Row, mind: Mind, appraised: Appraised) -> str:
        """A wording with the name that was asked for, or that there is no answer."""
        named = self._name(mind, appraised.mentioned) if row.id == "name" else ""
        return named or self._row_line(row) or self._stock("unsure")

    def _who_that_is(self, mind: Mind) -> list[str]:
        """Who somebody is that was asked about by a pronoun or as *your friend*: a wording with their name, or the name alone; empty where there is none."""
        story = self.scenario.story
        found: list[tuple[int, str, str, Fact]] = []
        for fact in story.facts:
            if not self._tellable(fact, mind):
                continue
            for _, line in fact.said:
                for at in named_at(line, story):
                    if line[:at].split()[-1:] and line[:at].split()[-1].lower() in _PLACES:
                        continue
                    name = line[at:].split()[0].strip(".,;:!?'")
                    close = about_whom(self._asks, line[max(0, at - NEARBY) : at + NEARBY])
                    near = people_of(self._asks) or fact.id == self._teller.latest
                    if close > 1 or (close and fact.depth == 0 and near):
                        rank = close - (line in self._teller.used) - (fact.id != self._teller.latest)
                        found.append((rank, line, name.removesuffix("'s"), fact))
        if not found:
            return []
        _, line, name, fact = max(found, key=lambda f: f[0])
        if line in self._teller.used:
            said = self._framed("brief", name)
            return [said] if said else []
        self._now.append(self._teller.voice_it(fact, line))
        return [line]

    def _confirmed(self, event: Event | None, row: Row, mind: Mind, appraised: Appraised) -> list[str]:
        """To *is that right?*: yes where something was understood, and what there is to add."""
        tag = short_answer(self._asks)
        if event is not None and event.amount > 0 and event.cause not in COOL:
            yes = self._mood(event, mind) or self._own_yes() or self._agreed(tag) or self._stock("nod")
            return [yes, *self._volunteer(mind, 850, appraised.mentioned)]
        if event is not None and event.cause == "wrong_feeling":
            return [self._mood(event, mind) or self._stock("wrong_feeling")]
        granted = ""
        if tag and HARD.search(self._asks):
            granted = self._agreed(tag)
        elif tag and not OF_YOU.search(self._asks) and not self._of_theirs(self._asks):
            granted = self._framed("grants", tag)
        return [granted or self._row_line(row), *self._volunteer(mind, 400, appraised.mentioned)]

    def _agreed(self, tag: str) -> str:
        """That it is so, in the words of the tag that asked; empty where none did."""
        return self._new([f"{tag[0].upper()}{tag[1:]}."], "tag") if tag else ""

    def _of_theirs(self, part: str) -> bool:
        """Whether a sentence speaks of anything that was told."""
        return speaks_of(part, self._teller.told)

    def _felt(self, event: Event | None, mind: Mind, row: Row | None) -> list[str]:
        """A nod to what was said before a question; none where it would pass for the answer."""
        if (row is not None and row.id == "whether") or all(map(is_question, self._cut)):
            return []
        mood = self._mood(event, mind) if self._chance("mood", 400) else ""
        return [mood] if mood else [self._own_yes() or self._stock("nod")] if self._chance("nod", 150) else []

    def _own_yes(self) -> str:
        """This person's own yes to somebody who understood what is at hand; empty where they have none."""
        return self._own_line("yes", near=True) if self._chance("own/yes", OWN_YES) else ""

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
        invited = self._invited()
        told = self._volunteer(mind, 1000 if invited else 900 if heard else 450, appraised.mentioned)
        if told:
            return [*told, *self._hint(mind, 300)]
        told_all = all(f.id in mind.memory.disclosed for f in self.scenario.story.facts)
        first = self._first_things(LONG) if (heard or invited) and not told_all else ""
        return self._hint(mind, 800) or ([first] if first else [self._stock("nothing_more")] if told_all else [])

    def _volunteer(self, mind: Mind, share: int, topic: frozenset[str], shallow: bool = False) -> list[str]:
        """The next layer, unasked, if the seeker is open enough and nobody was cold to them just now; if ``shallow``, nothing private."""
        if not self._chance("volunteer", share * (1000 - mind.memory.chill) // 1000):
            return []
        hidden = [f for f in self.scenario.story.facts if f.id not in mind.memory.disclosed and mind.unlocked(f.depth)]
        depth = min((f.depth for f in hidden), default=0)
        if (self._close or shallow) and depth >= PRIVATE:
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
        return self._new(item.lines, item.id)

    def _hint(self, mind: Mind, share: int) -> list[str]:
        """Something in which what they hope for, feel or believe shows through; rarer at higher difficulty, and not to somebody cold."""
        share = share * (655 - 190 * mind.difficulty // 1000) // 1000
        if self._close or self.turn < 2 or self._hints >= HINTS or not self._chance("hint", share):
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
