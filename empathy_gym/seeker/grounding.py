"""Grounding: which facts, tried things and fitting things a sentence refers to.

A reference is met when enough of its content comes up, in any of its wordings or in other words of the same concepts. Rare
concepts weigh more than those that run through the whole story.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from empathy_gym.seeker.concepts import GENERIC, concepts, rarity
from empathy_gym.seeker.phrase import Phrase, phrase
from empathy_gym.seeker.predicates import Said, says, told_of
from empathy_gym.seeker.reading import Unit
from empathy_gym.seeker.scenario import Story
from empathy_gym.seeker.text import fold

NEEDED = 430
"""Per mille of a wording's weight (its four weightiest concepts at most) that a sentence must meet."""

TELLING = 40
"""Eighths of a bit by which what a sentence mentions must be likelier said of a fact than of anything, for it to say the fact back. Chosen on blind
references of train stories: of sentences about other people's stories one in five is taken for one about this (``benchmarks.references``)."""

ASKING = 24
"""The same for a question about the fact."""

CLEAR = 500
"""Strength of a fact that a sentence says back."""

DOUBTED = 250
"""Per mille of evidence more that it takes where a sentence would fit anybody's trouble."""

UNSAID = 6
"""Eighths of a bit that each concept speaks against a fact that has nothing of it: one that names many things is about none of them."""

TOP = 4
"""Concepts of one wording that count towards its whole: a long wording need not be met in full."""


GRADES = ((0, 0), (24, 250), (52, 700), (72, 900), (96, 1000))
"""Per mille of understanding by evidence (eighths of a bit): what is said in other words shows that it was understood, and soon all of it."""

MOST = 64
"""Evidence that one concept brings at most."""

ECHOES = 108
"""Rarity of echoes, and of words that fit anybody, of which an eighth is evidence, and of what goes beyond it half: two or three nouns of the last line in a
ready frame show that it was heard, not that it was understood; a whole clause given back shows more."""

ECHOED = 22
"""Evidence of echoes at most."""


class Met(NamedTuple):
    """A reference that a sentence met.

    Attributes:
        kind: ``fact`` or one of the kinds of :class:`~empathy_gym.seeker.scenario.Item`.
        id: of the fact or item.
        strength: per mille of the best wording's weight; of a fact, evidence that it is meant, :data:`CLEAR` where it is enough.
        asked: whether the wording that was met best is a question that the fact would answer.
        grade: per mille to which it shows understanding: the seeker's own words given back count for little, other words for
            the same thing for much.
        stated: whether its content was mentioned, and not only what a question after it would mention.
    """

    kind: str
    id: str
    strength: int
    asked: bool
    grade: int
    stated: bool = True


class Index:
    """Finds the references of one talk that a sentence meets. References can be added as the talk goes on."""

    def __init__(self) -> None:
        self._names: list[tuple[str, str]] = []
        self._texts: list[tuple[int, bool, tuple[str, ...]]] = []  # (reference, is a question, concepts)
        # For each concept, in the order of adding: the texts, the facts and all references that it comes up in.
        self._where: dict[str, list[int]] = {}
        self._content: dict[str, dict[int, int]] = {}  # the facts, with what it speaks for each
        self._spread: dict[str, list[int]] = {}
        self._facts: dict[str, int] = {}
        self._told: dict[str, set[Said]] = {}  # what the wordings of each fact say

    def add(self, kind: str, name: str, statements: Iterable[str], questions: Iterable[str] = ()) -> None:
        """Add a reference by its wordings."""
        number = len(self._names)
        self._names.append((kind, name))
        if kind == "fact":
            self._facts.setdefault(name, number)
        told: list[tuple[str, ...]] = []
        heard: dict[str, None] = {}
        for texts, asked in ((statements, False), (questions, True)):
            for text in texts:
                found = concepts(fold(text))
                if not found:
                    continue
                heard.update(dict.fromkeys(found))
                if kind == "fact" and not asked:
                    self._told.setdefault(name, set()).update(told_of(phrase(fold(text))))
                    told.append(found)
                    continue
                for c in found:
                    self._where.setdefault(c, []).append(len(self._texts))
                self._texts.append((number, asked, found))
        for c in heard:
            self._spread.setdefault(c, []).append(number)
        for c, count in Counter(chain.from_iterable(told)).items():
            self._content.setdefault(c, {})[number] = max(0, rarity(c) + _log2(count, len(told)))

    def weight(self, c: str) -> int:
        """How telling a concept is here: 2 for one that runs through everything, more the rarer it is."""
        spread = len(self._spread.get(c, ()))
        return 1 + (2 * len(self._names) // spread).bit_length() if spread else 0

    def knows(self, c: str) -> bool:
        """Whether a concept comes up in any reference."""
        return c in self._spread

    def telling(self, kind: str, name: str, said: Sequence[str]) -> bool:
        """Whether a sentence has a concept that, in all of the story, few references but this one have."""
        if (kind, name) not in self._names:
            return False
        number = self._names.index((kind, name))
        return any(number in (spread := self._spread.get(c, ())) and len(spread) <= 3 for c in said)

    def own(self, fact: str, said: Sequence[str]) -> frozenset[str]:
        """The particular concepts of a sentence that a fact has in any of its wordings."""
        number = self._facts[fact]
        return frozenset([c for c in said if c not in GENERIC and number in self._content.get(c, ())])

    def tells(self, fact: str, said: Phrase) -> bool:
        """Whether a sentence says of half of a fact's things in it what a wording of the fact says of them, and does not only name them."""
        known, own = self._told.get(fact, set()), self.own(fact, said.concepts)
        linked = {
            c for what in says(said) if what in known for c in ((what,) if isinstance(what, str) else what) if c in own
        }
        return 2 * len(linked) >= len(own) > 0

    def meet(self, said: Sequence[str], echoed: frozenset[str] | None = None) -> list[Met]:
        """The references that a sentence's concepts meet, strongest first (ties in the order of adding).

        Args:
            said: the sentence's concepts.
            echoed: those of them that it names in words that the seeker used; None where the seeker's words are all that is known
                of the story, and no sentence can show more than that it heard them.
        """
        own = echoed or frozenset()
        if self._spread.keys().isdisjoint(said):
            return []
        found = self._by_text(said, own)
        for met, number in self._by_content(said, own):
            other = found.get(number)
            if other is None:
                found[number] = met
            else:
                better = met if met.strength > other.strength else other
                found[number] = better._replace(stated=met.stated or other.stated, grade=max(met.grade, other.grade))
        if len(found) < 2:
            return list(found.values())
        return [found[number] for number in sorted(found, key=lambda number: (-found[number].strength, number))]

    def _by_text(self, said: Sequence[str], echoed: frozenset[str]) -> dict[int, Met]:
        """The items of which one wording is met, and the facts of which one question after them is."""
        hits: dict[int, list[str]] = {}
        for c in said:
            for text in self._where.get(c, ()):
                hits.setdefault(text, []).append(c)
        best: dict[int, Met] = {}
        for text in sorted([text for text, met in hits.items() if len(met) > 1]):
            number, asked, found = self._texts[text]
            whole = sum(sorted(map(self.weight, found), reverse=True)[:TOP])
            strength = min(1000, 1000 * sum(map(self.weight, hits[text])) // whole)
            if strength < NEEDED:
                continue
            grade = _grade(hits[text], echoed)
            if number in best:
                grade = max(grade, best[number].grade)
            if number not in best or strength > best[number].strength:
                best[number] = Met(*self._names[number], strength, asked, grade, not asked)
            elif grade > best[number].grade:
                best[number] = best[number]._replace(grade=grade)
        return best

    def _by_content(self, said: Sequence[str], echoed: frozenset[str]) -> list[tuple[Met, int]]:
        """The facts that what a sentence mentions speaks for, whatever the wording (naive Bayes: the fact against anything)."""
        # By fact: the weight of what is new, echoed and general, and how many particular concepts it lacks.
        tallies: dict[int, list[int]] = {}
        particular = len(said) - len(GENERIC.intersection(said))
        for c in said:
            told = self._content.get(c)
            if told is None:
                continue
            side = 2 if c in GENERIC else 1 if c in echoed else 0
            for number, weight in told.items():
                tally = tallies.get(number)
                if tally is None:
                    tally = tallies[number] = [0, 0, 0, particular]
                tally[side] += weight
                if side < 2:
                    tally[3] -= 1
        found = []
        for number, (new, echo, general, left) in tallies.items():
            evidence = new + echo + general // 3 - UNSAID * left
            if evidence >= ASKING:
                grade = _shown(new + _heard(echo + general) - UNSAID * left)
                found.append((Met(*self._names[number], CLEAR * evidence // TELLING, False, grade), number))
        return found


@lru_cache(maxsize=4_096)
def _log2(part: int, whole: int) -> int:
    """Eighths of a bit of a share, rounded down, in whole numbers."""
    return ((part**8 << 64) // whole**8).bit_length() - 65


def refers(unit: Unit, met: Met) -> bool:
    """Whether a sentence that mentions enough of a fact speaks of it: of the seeker or their people, or asking what it would answer. Of a sentence that
    would fit anybody it takes more evidence.
    """
    if met.kind != "fact" or unit.asks:
        return True
    return unit.about and met.stated and met.strength * 1000 >= CLEAR * (1000 + DOUBTED * unit.moves["vague"] // 1000)


def _grade(met: Sequence[str], echoed: frozenset[str]) -> int:
    """Per mille of understanding that the concepts of an item's wording are evidence of."""
    others = rest = 0
    for c in met:
        if c in echoed or c in GENERIC:
            rest += rarity(c)
        else:
            others += min(rarity(c), MOST)
    return _shown(others + _heard(rest))


def _heard(echoes: int) -> int:
    """Evidence of echoes."""
    return min(min(echoes, ECHOES) // 8 + max(0, echoes - ECHOES) // 2, ECHOED)


def _shown(evidence: int) -> int:
    """Per mille of understanding, by :data:`GRADES`."""
    for (low, shown), (high, more) in zip(GRADES, GRADES[1:], strict=False):
        if evidence < high:
            return max(0, shown + (more - shown) * (evidence - low) // (high - low))
    return GRADES[-1][1]


@lru_cache(maxsize=512)
def story_index(story: Story) -> Index:
    """The index of a story's facts and items. Do not add to it."""
    index = Index()
    answers = [answer for lines in story.answers.values() for answer in lines]
    for fact in story.facts:
        own = [answer.line for answer in answers if answer.about == fact.id]
        index.add("fact", fact.id, [*(line for _, line in fact.said), *fact.gists, *own], fact.asks)
    for item in story.items:
        statements = [*item.gists, *item.lines] if item.kind in ("tried", "obstacle") else item.gists
        index.add(item.kind, item.id, statements)
    return index
