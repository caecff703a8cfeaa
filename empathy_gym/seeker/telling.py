"""Telling: which fact comes next and in which of its wordings, so that a listener can follow, and which of them answers a question.

What touches on what the supporter just said comes first; what would only be told again, or speaks of somebody who has not been
introduced, comes last. A question for an age, a time or a number is answered by a wording that has one, of what was asked about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from functools import lru_cache

from empathy_gym.seeker.concepts import GENERIC, concepts, rarity
from empathy_gym.seeker.details import (
    DETAILS,
    EITHER,
    MEN,
    NAME,
    WOMEN,
    counted,
    detail,
    has_person,
    people_of,
    points_back,
    same_question,
    topic_of,
)
from empathy_gym.seeker.keyed import draw, first_of, shuffled
from empathy_gym.seeker.phrase import phrase
from empathy_gym.seeker.scenario import Fact, Scenario, Story
from empathy_gym.seeker.text import fold, words

TOUCHES = 40
"""Eighths of a bit of shared content from which a fact touches on what was just said."""

RETOLD = 550
"""Per mille of a wording's content that has been told, from which it is the same again."""

REPEATED, FULLER = 800, 12
"""Per mille of a wording's content from which the opening told it; tenths of the words told from which another wording is a fuller one."""

RECALLED = 330
"""Per mille of a wording's content that came up before, from which whoever tells it knows that it is told again."""

REGISTERS = {
    "terse": ("terse", "plain", "long"),
    "rambling": ("long", "plain", "terse"),
    "old": ("long", "plain", "terse"),
}

OFTEN = 2
"""Wordings of a fact after which another tells nothing new."""

JITTER = 150
"""Points by which a wording may come before a better one, so that two talks about one story differ."""

ANSWERS_IT = 500
"""Per mille of a question that a fact would answer, by its telling words, from which another one like it is the same question."""

_PRESENTED = re.compile(
    r"\b(?:my|our|his|her|their|a|the) [a-z' -]{0,24}?([A-Z][a-z]+)|([A-Z][a-z]+), (?:my|our|his|her|their|who|the|from)\b"
)
_DANGLES = re.compile(r"(?:They|It|That|Those|These|This|He|She|Them|Same)\b(?!'s (?:just|only|been|not|hard|all))")
"""Beginnings that lean on a line before."""

_LEANS = re.compile(r"\b(?:went|go|goes|going|been|came) there\b")
"""The same inside a line."""

_CALENDAR = frozenset(
    """Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August September October
    November December Christmas Easter God English French German Spanish""".split()
)
_HER = frozenset("she she's she'd she'll her hers".split())
_HIM = frozenset("he he's he'd he'll him his".split())


class Teller:
    """The facts of one talk and what has been said of them."""

    def __init__(self, scenario: Scenario, key: int) -> None:
        self.story = scenario.story
        self._content = _content(scenario.story)
        self.voice = scenario.persona.voice
        self.key = key
        self.turn = 0
        self.used: set[str] = set()
        """Every piece that was said, stock phrases too."""
        self.told: set[str] = set()
        """Concepts that came up, on either side."""
        self._known: set[str] = set()  # names and words for people
        self._spoken: list[str] = []  # what was said of the story
        self.latest: str | None = None
        """The fact that was told last."""
        self.voiced: dict[str, int] = {}
        """How often each fact was told in words, by its id."""
        self._longest: dict[str, int] = {}  # words of the fullest wording told, by fact
        self.again = ""
        """The line by which a fact was told anew in this turn; empty where none was."""

    def said(self, line: str) -> None:
        """Take in a line that was spoken by either side: what it mentions is told, whom it names is known."""
        heard = phrase(fold(line))
        self.told.update(heard.concepts)
        self._known.update(NAME.findall(line), heard.tokens)

    def began(self, line: str) -> None:
        """Take in the opening: a fact that it tells is told."""
        told, known, facts = _opened(self.story, line)
        self.told.update(told)
        self._known.update(known)
        self.keep(line)
        for name in facts:
            self.voiced[name] = 1
            self._longest[name] = len(line.split())

    def keep(self, line: str) -> None:
        """Keep in mind what was said of the story, of which a detail may be asked again."""
        self._spoken.append(line)

    def next(self, hidden: Sequence[Fact], topic: frozenset[str]) -> Fact | None:
        """Of the facts that can be told, the one to tell now.

        Args:
            hidden: candidates.
            topic: concepts of what the supporter just said.
        """
        if len(hidden) < 2:
            return hidden[0] if hidden else None
        ranks = [self._rank(fact, topic) for fact in hidden]
        best = min(ranks)
        behind = [at for at, rank in enumerate(ranks) if rank != best]
        at = first_of(range(len(hidden)), self.key, self.turn, "next", behind)
        return None if at is None else hidden[at]

    def tell(self, fact: Fact, anew: bool = False) -> str:
        """A wording of a fact not used yet, in the voice's own register where it can be followed; empty if none is left.

        Args:
            fact: to be told.
            anew: whether it was told before: then a wording that says nothing new is none.
        """
        order = REGISTERS.get(self.voice)
        if order is None:
            fits = draw(self.key, self.turn, f"long/{fact.id}") % 1000 < 350
            order = ("plain", "long", "terse") if fits else ("plain", "terse", "long")
        if draw(self.key, self.turn, f"second/{fact.id}") % 1000 < 400:
            order = (order[1], order[0], order[2])
        lines = [
            line
            for register in order
            for line in shuffled([line for r, line in fact.said if r == register], self.key, self.turn, fact.id)
            if line not in self.used and not (anew and not self._adds(fact, line))
        ]
        if not lines:
            return ""
        return self.voice_it(fact, min(lines, key=self.unclear))  # the first of equals

    def voice_it(self, fact: Fact, line: str) -> str:
        """Tell a fact in one of its wordings."""
        self.used.add(line)
        if fact.id in self.voiced and _share(line, self.told) >= RECALLED:
            self.again = line
        self._longest[fact.id] = max(self._longest.get(fact.id, 0), len(line.split()))
        self.latest = fact.id
        self.voiced[fact.id] = self.voiced.get(fact.id, 0) + 1
        return line

    def answer(self, question: str, kind: str, facts: Sequence[Fact]) -> str:
        """The wording that answers a question best; empty where none is near enough. Of a fact that was told, it must say something new.

        Args:
            question: a sentence.
            kind: one of :data:`DETAILS` for a question that only such a detail would answer, else anything.
            facts: those that can be told.
        """
        topic = topic_of(question)
        same_as = same_question(self.story, question)
        back = points_back(question)
        asked = people_of(question) if kind in ("who", "which") else frozenset()
        best: tuple[int, Fact, str] | None = None
        for fact in facts:
            about = sum(map(rarity, topic & self._content[fact.id]))
            same = same_as.get(fact.id, 0)
            if about < TOUCHES and same < ANSWERS_IT and kind != "age" and fact.id != self.latest and not asked:
                continue  # no line of it can be the answer: none is nearer than all of them together
            for line in self._untold(fact):
                near = _near(line, topic) if about else 0
                meant = same >= ANSWERS_IT or near >= TOUCHES
                if kind in DETAILS:
                    meant = meant or kind == "age" or (not topic and fact.id == self.latest)
                    meant = meant and detail(kind, line, question) is not None
                elif kind == "who":
                    meant = same >= ANSWERS_IT or (meant and has_person(line))
                    meant = meant or (back and fact.id == self.latest and bool(people_of(line)))
                    meant = meant or not asked.isdisjoint(people_of(line))
                else:
                    meant = meant or (back and fact.id == self.latest)
                if not meant:
                    continue
                score = 2 * near + about + same - 40 * self.unclear(line) + draw(self.key, self.turn, line) % JITTER
                if best is None or score > best[0]:
                    best = (score, fact, line)
        return self.voice_it(best[1], best[2]) if best else ""

    def brief(self, question: str, kind: str) -> tuple[str, bool] | None:
        """The detail that a question asks for, in the story's words, and whether it was said already; None if nothing says so.

        Args:
            question: a sentence; one that names nothing asks about what was told last, or early on about all of it.
            kind: one of :data:`DETAILS`, or ``how_many``.
        """
        topic = topic_of(question)
        early = [] if topic or kind == "age" or len(self.voiced) > 1 else self.story.openings
        for line in (*reversed(self._spoken), *early):
            if topic and topic.isdisjoint(_weights(line)[0]):
                continue
            found = counted(line, question) if kind == "how_many" else detail(kind, line, question)
            if found is not None:
                return found, line in self._spoken
            if not topic and kind != "age" and not early:
                break
        return None

    def same(self, question: str) -> set[str]:
        """The ids of the facts that would answer a question as one of their own."""
        return {name for name, same in same_question(self.story, question).items() if same >= ANSWERS_IT}

    def _untold(self, fact: Fact) -> list[str]:
        """The wordings of a fact that were not used, the voice's own register first; none if it was told often."""
        if self.voiced.get(fact.id, 0) >= OFTEN:
            return []
        order = REGISTERS.get(self.voice, ("plain", "terse", "long"))
        lines = [line for register in order for r, line in fact.said if r == register and line not in self.used]
        return [line for line in lines if fact.id not in self.voiced or self._adds(fact, line)]

    def _adds(self, fact: Fact, line: str) -> bool:
        """Whether a wording of a fact that was told says more of it: a fuller one, most of it new."""
        return len(line.split()) * 10 >= self._longest.get(fact.id, 0) * FULLER and not self._retold(line)

    def touched(self, line: str, topic: frozenset[str]) -> bool:
        """Whether a line is about what was just said."""
        return _near(line, topic) >= TOUCHES

    def latest_touches(self, topic: frozenset[str]) -> bool:
        """Whether the fact that was told last has, in any of its wordings, what a question is about."""
        content = self._content.get(self.latest or "", frozenset())
        return sum(map(rarity, topic & content)) >= TOUCHES

    def _rank(self, fact: Fact, topic: frozenset[str]) -> tuple[int, int, int]:
        """Lower is better: hard to follow in every wording, out of reach of the topic, and how hard."""
        near = sum(map(rarity, topic & self._content[fact.id]))
        worst = 9
        for _, line in fact.said:
            if line not in self.used:
                worst = min(worst, self.unclear(line) + 2 * self._retold(line))
                if worst == 0:
                    break
        return (int(worst > 0), int(near < TOUCHES), min(worst, 2))

    def unclear(self, line: str) -> int:
        """How many of a line's people a listener cannot know: names without a word of who that is, and pronouns of nobody."""
        names, pronouns, leans = _people(line)
        count = len(names - self._known) + leans
        for people in pronouns:
            count += self._known.isdisjoint(people)
        return count

    def _retold(self, line: str) -> bool:
        return _share(line, self.told) >= RETOLD


@lru_cache(maxsize=16_384)
def _people(line: str) -> tuple[frozenset[str], tuple[frozenset[str], ...], int]:
    """Names that a line does not introduce, for each pronoun without somebody before it in the line whom it may stand for, and how often it leans on another."""
    presented = {name for pair in _PRESENTED.findall(line) for name in pair if name}
    names = frozenset(NAME.findall(line)) - presented - _CALENDAR
    tokens = words(fold(line))
    waiting = []
    for pronouns, people in ((_HER, WOMEN), (_HIM, MEN)):
        at = next((i for i, token in enumerate(tokens) if token in pronouns), None)
        if at is not None and not presented and (people | EITHER).isdisjoint(tokens[:at]):
            waiting.append(people | EITHER)
    return names, tuple(waiting), (_DANGLES.match(line) is not None) + (_LEANS.search(line) is not None)


@lru_cache(maxsize=16_384)
def _weights(line: str) -> tuple[dict[str, int], int]:
    """A line's telling concepts with their rarities, and the sum of these."""
    found = {c: rarity(c) for c in concepts(fold(line)) if c not in GENERIC}
    return found, sum(found.values())


def _near(line: str, topic: Set[str]) -> int:
    """Eighths of a bit of a line's telling content that are of a topic."""
    return sum([weight for c, weight in _weights(line)[0].items() if c in topic])


def _share(line: str, told: Set[str]) -> int:
    """Per mille of a wording's content that is among what came up."""
    whole = _weights(line)[1]
    return 1000 * _near(line, told) // whole if whole else 0


@lru_cache(maxsize=1_024)
def _opened(story: Story, opening: str) -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    """What an opening mentions, its names and words, and the ids of the facts that it tells."""
    heard = phrase(fold(opening))
    told = frozenset(heard.concepts)
    facts = (f.id for f in story.facts if any(_share(wording, told) >= REPEATED for _, wording in f.said))
    return told, frozenset((*NAME.findall(opening), *heard.tokens)), tuple(facts)


@lru_cache(maxsize=512)
def _content(story: Story) -> dict[str, frozenset[str]]:
    """The telling concepts of each fact in all its wordings, by its id."""
    return {
        fact.id: frozenset(c for text in (*(line for _, line in fact.said), *fact.gists) for c in concepts(fold(text)))
        - GENERIC
        for fact in story.facts
    }
