"""Telling: which fact comes next and in which of its wordings, so that a listener can follow.

What touches on what the supporter just said comes first; what would only be told again, or speaks of somebody who has not been
introduced, comes last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from empathy_gym.seeker.concepts import concepts, rarity
from empathy_gym.seeker.grounding import GENERIC
from empathy_gym.seeker.keyed import draw, first_of, shuffled
from empathy_gym.seeker.phrase import phrase
from empathy_gym.seeker.scenario import Fact, Scenario, Story
from empathy_gym.seeker.text import fold, words

TOUCHES = 40
"""Eighths of a bit of shared content from which a fact touches on what was just said."""

RETOLD = 550
"""Per mille of a wording's content that has been told, from which it is the same again."""

REGISTERS = {
    "terse": ("terse", "plain", "long"),
    "rambling": ("long", "plain", "terse"),
    "old": ("long", "plain", "terse"),
}
_NAME = re.compile(r"[A-Z](?<=[a-z,;:] [A-Z])[a-z]+")
_PRESENTED = re.compile(
    r"\b(?:my|our|his|her|their|a|the) [a-z' -]{0,24}?([A-Z][a-z]+)|([A-Z][a-z]+), (?:my|our|his|her|their|who|the|from)\b"
)
_DANGLES = re.compile(r"(?:They|It|That|Those|These|This|He|She|Them|Same)\b(?!'s (?:just|only|been|not|hard|all))")
"""Beginnings that lean on a line before."""

_CALENDAR = frozenset(
    """Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August September October
    November December Christmas Easter God English French German Spanish""".split()
)
_HER = frozenset("she she's she'd she'll her hers".split())
_HIM = frozenset("he he's he'd he'll him his".split())
_WOMEN = frozenset(
    """mother mum mom mam mama mamma sister wife daughter girl girlfriend grandmother grandma gran nan nana aunt auntie niece woman lady madam
    mrs miss ms queen widow""".split()
)
_MEN = frozenset(
    """father dad daddy papa baba brother husband son boy boyfriend grandfather grandpa grandad granddad uncle nephew man lad gentleman sir
    mr king widower chap bloke guy""".split()
)
_EITHER = frozenset(
    """partner boss manager doctor nurse friend neighbour cousin teacher professor landlord tenant colleague child kid baby coach captain
    priest vicar officer driver clerk judge lawyer dog cat""".split()
)


class Teller:
    """The facts of one talk and what has been said of them."""

    def __init__(self, scenario: Scenario, key: int) -> None:
        self.facts = scenario.story.facts
        self._content = _content(scenario.story)
        self.voice = scenario.persona.voice
        self.key = key
        self.turn = 0
        self.used: set[str] = set()
        """Every piece that was said, stock phrases too."""
        self.told: set[str] = set()
        """Concepts that came up, on either side."""
        self._known: set[str] = set()  # names and words for people

    def said(self, line: str) -> None:
        """Take in a line that was spoken by either side: what it mentions is told, whom it names is known."""
        heard = phrase(fold(line))
        self.told.update(heard.concepts)
        self._known.update(_NAME.findall(line), heard.tokens)

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
        lines = [
            line
            for register in order
            for line in shuffled([line for r, line in fact.said if r == register], self.key, self.turn, fact.id)
            if line not in self.used and not (anew and self._retold(line))
        ]
        if not lines:
            return ""
        line = min(lines, key=self._unclear)  # the first of equals
        self.used.add(line)
        return line

    def touched(self, line: str, topic: frozenset[str]) -> bool:
        """Whether a line is about what was just said."""
        found = concepts(fold(line))
        return sum(rarity(c) for c in found if c in topic and c not in GENERIC) >= TOUCHES

    def _rank(self, fact: Fact, topic: frozenset[str]) -> tuple[int, int, int]:
        """Lower is better: hard to follow in every wording, out of reach of the topic, and how hard."""
        near = sum(map(rarity, topic & self._content[fact.id]))
        lines = [line for _, line in fact.said if line not in self.used]
        worst = min([self._unclear(line) + 2 * self._retold(line) for line in lines], default=9)
        return (int(worst > 0), int(near < TOUCHES), worst)

    def _unclear(self, line: str) -> int:
        """How many of a line's people a listener cannot know: names without a word of who that is, and pronouns of nobody."""
        names, pronouns = _people(line)
        count = len(names - self._known) + (_DANGLES.match(line) is not None)
        for people in pronouns:
            count += self._known.isdisjoint(people)
        return count

    def _retold(self, line: str) -> bool:
        weights, whole = _weights(line)
        return whole > 0 and sum([w for c, w in weights if c in self.told]) * 1000 >= RETOLD * whole


@lru_cache(maxsize=16_384)
def _people(line: str) -> tuple[frozenset[str], tuple[frozenset[str], ...]]:
    """Names that a line does not introduce, and for each pronoun without somebody before it in the line whom it may stand for."""
    presented = {name for pair in _PRESENTED.findall(line) for name in pair if name}
    names = frozenset(_NAME.findall(line)) - presented - _CALENDAR
    tokens = words(fold(line))
    waiting = []
    for pronouns, people in ((_HER, _WOMEN), (_HIM, _MEN)):
        at = next((i for i, token in enumerate(tokens) if token in pronouns), None)
        if at is not None and not presented and (people | _EITHER).isdisjoint(tokens[:at]):
            waiting.append(people | _EITHER)
    return names, tuple(waiting)


@lru_cache(maxsize=16_384)
def _weights(line: str) -> tuple[tuple[tuple[str, int], ...], int]:
    """A line's telling concepts with their rarities, and the sum of these."""
    found = tuple((c, rarity(c)) for c in concepts(fold(line)) if c not in GENERIC)
    return found, sum(w for _, w in found)


@lru_cache(maxsize=512)
def _content(story: Story) -> dict[str, frozenset[str]]:
    """The telling concepts of each fact in all its wordings, by its id."""
    return {
        fact.id: frozenset(c for text in (*(line for _, line in fact.said), *fact.gists) for c in concepts(fold(text)))
        - GENERIC
        for fact in story.facts
    }
