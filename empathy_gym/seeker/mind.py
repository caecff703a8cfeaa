"""The seeker's mind: what they remember of the talk, and what a reply means to them now."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from empathy_gym.seeker.concepts import FEELINGS, concepts, feelings
from empathy_gym.seeker.emotion import FULL, MOOD, STEADIER, State
from empathy_gym.seeker.grounding import Index, story_index
from empathy_gym.seeker.keyed import draw
from empathy_gym.seeker.needs import TEMPERAMENTS, Temperament
from empathy_gym.seeker.scenario import Scenario, Story
from empathy_gym.seeker.text import fold, normalise, sentences

OPEN_START = 25_000
"""First emotion, milli-points, of a seeker of whom nothing is known."""

LATELY = 3
"""Turns in which a feeling that was told can still be named."""


HARDEST = 1_500
"""The end of the dial of difficulty, per mille."""

FIRST_CREDIT = 400
"""Per mille of credit that a stranger has."""


@dataclass
class Memory:
    """What was disclosed, understood, offered and said; counts are of turns or leaky, in per mille."""

    disclosed: dict[str, int] = field(default_factory=dict)
    """Fact ids in the order of disclosure, with the turn."""
    understood: dict[str, int] = field(default_factory=dict)
    """By fact, the most understanding that was shown of it, per mille of evidence."""
    used: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    generic: int = 0
    idle_questions: int = 0
    questions_running: int = 0
    empty_running: int = 0
    hurts: int = 0
    nods: int = 0
    """Signs of listening that were taken for one."""
    chill: int = 0
    tone: int = 0
    """Per mille to which the supporter's way of speaking has lately been cold."""
    sense: tuple[int, int] = (0, 0)
    """Words heard, and thousandths of words among them that stood in no sentence."""
    claims: tuple[int, int] = (0, 0)
    """Things that were said about the person, and how many of them fit what happened."""
    tells: tuple[int, int] = (0, 0)
    """Sentences that said a fact back, and those of them that said something of its things and did not only name them, in thousandths."""
    credit: int = 0
    """Per mille to which the supporter has shown lately that they understand (perceived responsiveness, Reis et al. 2004, builds up and fades)."""
    leave: bool = False
    asked_leave: bool = False
    turn: int = 0


@dataclass(frozen=True)
class Known:
    """What the mind knows of a fact."""

    depth: int
    emotion: str | None


class Mind:
    """State, memory and references of one seeker, scripted (``scenario``) or built from what a talk discloses (None).

    Args:
        scenario: who the seeker is, or None.
        difficulty: per mille, 0 (vanilla) to 1500.
        situation: for a seeker without a scenario, a text that says what it is about.
    """

    def __init__(self, scenario: Scenario | None, difficulty: int = 0, situation: str | None = None) -> None:
        self.scenario = scenario
        self.difficulty = difficulty
        self.memory = Memory(credit=FIRST_CREDIT)
        self.facts: dict[str, Known] = {}
        self.intention: str | None = None
        temperament = Temperament(trust=350, openness=300, gain=1000, harm=1000, advice=850)
        start = OPEN_START
        if scenario is not None:
            self.intention = scenario.intention
            temperament = TEMPERAMENTS[scenario.persona.temperament]
            self.index = story_index(scenario.story)
            self.facts = _known(scenario.story)
            start = max(12_000, scenario.initial_emotion - 3 * difficulty)
        else:
            self.index = Index()
            if situation:
                self._learn(situation)
        self.gain = temperament.gain * (1000 - 260 * difficulty // 1000) // 1000
        self.harm = temperament.harm * (1000 + 250 * difficulty // 1000) // 1000
        self.advice = temperament.advice
        self.bar = 60 * difficulty // 1000
        self.state = State(
            trust=temperament.trust * FULL // 1000,
            openness=temperament.openness * FULL // 1000,
            belief=50_000,
            distress_fast=88_000,
            distress_slow=92_000,
        )
        self.state.base = start - self.state.potential()
        self.emotion = start
        self.start = start

    # -- what the seeker's own words add -----------------------------------------------------------------------------

    def observe(self, line: str) -> None:
        """Take in what the seeker said: what it disclosed. Nothing that they say of the talk moves the emotion."""
        if self.scenario is None:
            self._learn(line)
            return
        heard = fold(line)
        by_word = _wordings(self.scenario.story)
        possible = chain.from_iterable([by_word[word] for word in ("", *heard.split(" ")) if word in by_word])
        for _, name in sorted({fact for wording, fact in possible if wording in heard}):
            self.memory.disclosed.setdefault(name, self.memory.turn)
        if self.memory.turn == 0:
            for fact in self.scenario.story.facts:
                if fact.depth == 0:
                    self.memory.disclosed.setdefault(fact.id, 0)

    def _learn(self, text: str) -> None:
        """Without a scenario, what the talk discloses is the story: each sentence with enough content is a fact."""
        heard = normalise(text)
        depth = min(2, len(self.facts) // 4)
        for start, end in sentences(heard)[:12]:
            piece = heard[start:end]
            folded = fold(piece)
            if len(concepts(folded)) < 2 or len(self.facts) >= 200:
                continue
            named = feelings(folded)
            name = f"t{len(self.facts)}"
            tried = any(mark in folded for mark in ("i tried", "i've tried", "i already", "tried to", "i've already"))
            self.index.add("tried" if tried else "fact", name, [piece])
            self.facts[name] = Known(depth, named[0] if named and named[0] in FEELINGS else None)
            self.memory.disclosed[name] = self.memory.turn

    # -- what is felt -------------------------------------------------------------------------------------------------

    def feelings(self) -> set[str]:
        """The feelings that go with what was told in the last turns: those of earlier things have been passed."""
        since = self.memory.turn - LATELY
        return {
            k.emotion
            for f, turn in self.memory.disclosed.items()
            if turn >= since and (k := self.facts.get(f)) is not None and k.emotion is not None
        }

    def main_feeling(self) -> str:
        """The feeling of what was disclosed last (``sadness`` if none is known)."""
        for name in reversed(self.memory.disclosed):
            known = self.facts.get(name)
            if known is not None and known.emotion is not None:
                return known.emotion
        return "sadness"

    def hidden_share(self) -> int:
        """Per mille of the facts that have not been disclosed; 400 for a seeker whose story is not known beforehand."""
        if self.scenario is None:
            return 400
        return 1000 * (len(self.facts) - len(self.memory.disclosed)) // len(self.facts)

    def change_mood(self) -> int:
        """Let the turn bring a mood of its own, the same whatever is said to this person; none where nobody is known. Returns the step, milli-points."""
        if self.scenario is None:
            return 0
        before, most = self.state.mood, MOOD * max(0, 1000 - STEADIER * self.difficulty // 1000) // 1000
        self.state.mood = draw(0, self.memory.turn, f"mood/{self.scenario.id}") % (2 * most + 1) - most
        return self.state.mood - before

    def unlocked(self, depth: int) -> bool:
        """Whether the seeker is open enough to speak of something at that depth."""
        return self.state.openness >= (100 + 170 * depth + self.bar) * FULL // 1000


@lru_cache(maxsize=512)
def _known(story: Story) -> dict[str, Known]:
    """What a mind knows of a story's facts, by id: nothing is learnt of them in a talk."""
    return {fact.id: Known(fact.depth, fact.emotion) for fact in story.facts}


@lru_cache(maxsize=512)
def _wordings(story: Story) -> dict[str, list[tuple[str, tuple[int, str]]]]:
    """The wordings of a story as they are found again in a spoken line, each with the place and the id of its fact, by its longest word between blanks."""
    found: dict[str, list[tuple[str, tuple[int, str]]]] = {}
    for place, fact in enumerate(story.facts):
        for _, line in fact.said:
            wording = spoken(line)
            found.setdefault(max(wording.split(" ")[1:-1], key=len, default=""), []).append((wording, (place, fact.id)))
    return found


def spoken(wording: str) -> str:
    """A wording as it is found again in a spoken line, whatever the voice did to its capitals and its full stop."""
    return fold(wording).rstrip(". ")
