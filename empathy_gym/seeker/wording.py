"""Wording: how a seeker says a thing, in their voice, with a few of the other's words, and never with the same line twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set
from functools import lru_cache

from empathy_gym.seeker.booking import Event
from empathy_gym.seeker.concepts import NEAR, concepts, stem
from empathy_gym.seeker.details import PRONOUNS, UNNAMED, people_of, subject
from empathy_gym.seeker.heeding import Row, heeded
from empathy_gym.seeker.keyed import draw, first_of
from empathy_gym.seeker.mind import Mind
from empathy_gym.seeker.own_words import LEANING, VAGUE, kind_of_answer, own_lines
from empathy_gym.seeker.phrase import phrase
from empathy_gym.seeker.reactions import HEEDS, REFLEXES, TAKES_UP, stock
from empathy_gym.seeker.scenario import Scenario, Story
from empathy_gym.seeker.takeup import clause, mention, mood, platitude, saying, step, stray, tail, thing
from empathy_gym.seeker.telling import Teller
from empathy_gym.seeker.text import fold, is_question, sentences
from empathy_gym.seeker.text import words as words_of

TAKES: dict[str, Callable[[str, Set[str]], str | None]] = {
    "takes_thing": thing, "asked_thing": thing, "aside_thing": thing, "closing_thing": thing, "dodge_thing": thing, "takes_step": step, "takes_saying": platitude,
    "takes_harm": saying, "repeat_saying": saying, "taken_fault": clause, "lost_at": tail,
}  # fmt: skip
"""What is taken up of the other's words, by the stock of lines that it is said in."""

NAMED_AGAIN = frozenset(("takes_thing", "aside_thing", "closing_thing"))
"""Lines that say of a thing that it weighs on them, which is said of what the story is about and of nothing that it only mentions."""

THEME = 3
"""Facts of a story in which a thing must be for the story to be about it."""

BARE = frozenset(("who", "where", "which", "what", "how", "how_did", "why"))
"""Rows of the words that questions begin with, which may also stand inside a question of yes or no."""

RETURNS = 2
"""Times in one talk that someone comes back to what nobody took up."""

QUOTES, QUOTING = 1, frozenset(("takes_saying", "takes_harm", "repeat_saying", "taken_fault"))
"""Times in one talk that somebody says the other's words back as they were, and the lines that do."""

AGAIN = 250
"""Per mille of the times that somebody takes up the other's words two turns running."""

UNSURE = 600
"""Per mille of the questions without an answer to which a person says so in words of their own."""

PLAIN_VOICE = "any"
"""The voice that everybody's lines are in."""

OWN_DEED = re.compile(r"(?:and |so |but )?(?:have|haven't|did|didn't) you (?!always\b|ever\b)")
"""A question for what they did themselves, which nobody can have no idea of."""

_NAME = re.compile(r"[a-z,;:] ([A-Z][a-z]{2,})\b")
_WORD = re.compile(r"[A-Za-z']+")
_NO_NAMES = frozenset(
    """Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August September October November December
    Christmas Easter God Mum Dad Mam Gran New Year Chinese Japanese English Scottish Irish Welsh French Spanish Italian Portuguese German Polish Russian Turkish
    Greek Arabic Indian African European American""".split()
)
"""Words that have a capital and name nobody."""


class Wording:
    """The lines of one seeker, with the memory of what was said."""

    def __init__(self, scenario: Scenario, key: int) -> None:
        self.scenario = scenario
        self.key = key
        voice = scenario.persona.voice
        self.voice = PLAIN_VOICE if voice == "formal" and scenario.story.dialect else voice
        self.turn = 0
        self._teller = Teller(scenario, key)
        self._lines: set[str] = set()  # whole lines
        self._taken: set[str] = set()
        self._own: list[str] = []  # things that were told
        self._spoken: set[str] = set()  # stems of their own words
        self._earlier: set[str] = set()  # sentences of the other's
        self._returns = 0
        self._quotes = 0
        self._reflex = -1  # the turn that last took up the other's words
        self._reply = ""
        self._cut: list[str] = []  # its sentences
        self._folded: list[str] = []  # the same as they are known again
        self._asks = ""  # its last question, or its last sentence
        self._disclosed: frozenset[str] = frozenset()  # the facts that were told
        self._near: frozenset[str] = frozenset()  # those that the talk is about just now

    # -- a few of the other's words -------------------------------------------------------------------------------------

    def _listen(self, reply: str) -> None:
        """Take the other's reply, of which a few words may be taken up."""
        folded = fold(reply)
        spans = sentences(folded)
        self._reply = reply
        self._cut = [reply[start:end] for start, end in spans]
        self._folded = [folded[start:end] for start, end in spans]
        self._asks = next(filter(is_question, reversed(self._cut)), self._cut[-1] if self._cut else "")

    def _parts(self, event: Event | None) -> list[str]:
        """The sentence that weighed most, then the others from the last on."""
        at = event.span if event is not None else None
        first = [self._reply[at[0] : at[1]]] if at else []
        return [*first, *reversed(self._cut)]

    def _take_up(self, kind: str, share: int, event: Event | None) -> str:
        """A few of the other's words, in a line of that stock; empty where none fit."""
        if not self._chance(f"takes/{kind}", share) or (kind in QUOTING and self._quotes >= QUOTES):
            return ""
        for part in self._parts(event):
            words = TAKES[kind](part, self._teller.told)
            if words is None or (kind == "aside_thing" and people_of(words)):  # of people one says more than that
                continue
            if TAKES[kind] is thing and not self._is_theirs(words):
                continue
            if kind == "takes_saying" and heeded(part, ("harm",)):
                continue
            if kind in NAMED_AGAIN and not self._is_theme(words):
                continue
            if words.lower() not in self._taken:
                return self._framed(kind, words)
        return ""

    def _is_theirs(self, words: str) -> bool:
        """Whether the seeker called it that: what the other calls by another name is not repeated by that name."""
        return self._spoken.issuperset(phrase(fold(words.split(" ", 1)[1])).stems)

    def _is_theme(self, words: str) -> bool:
        """Whether the story is about a thing, so that one may come back to it."""
        return not _themes(self.scenario.story).isdisjoint(concepts(fold(words)))

    def _takes(self, reaction: str, event: Event | None) -> tuple[str, int]:
        """What is taken up with a reaction, and per mille of the times: of platitudes what was said, of what only missed the thing it was about."""
        kind, share = TAKES_UP.get(reaction, ("takes_thing", 0))
        platitude = event is not None and event.cause in ("generic_comfort", "stock_comfort")
        return ("takes_saying" if reaction == "stock" and platitude else kind), share

    def _framed(self, kind: str, words: str) -> str:
        """Words of the other's in a line of some stock; empty if all its lines were said."""
        if kind in REFLEXES and self._reflex == self.turn - 1 and not self._chance("reflex", AGAIN):
            return ""
        line = self._stock(kind)
        if not line:
            return ""
        if kind in REFLEXES:
            self._reflex = self.turn
        self._quotes += kind in QUOTING
        self._taken.add(words.lower())
        if line.startswith("{") or ". {" in line:
            line = line.replace("{it}", words[0].upper() + words[1:], 1)
        return line.format(it=words)

    def _mood(self, event: Event | None, mind: Mind) -> str:
        """Whether the word that the other had for how they feel is the right one; empty if there was none."""
        for part in self._parts(event):
            found = mood(part)
            if found is None or found[0] in self._taken:
                continue
            present = mind.feelings()
            near = any(found[1] in NEAR.get(feeling, ()) for feeling in present)
            wrong = event is not None and event.cause == "wrong_feeling"
            kind = "felt_no" if wrong else "felt_yes" if found[1] in present or near else "felt_maybe"
            return self._framed(kind, found[0])
        return ""

    def _missed(self, event: Event | None, share: int, kind: str = "missed_thing") -> str:
        """That it is not about the thing that the other spoke of; empty where they spoke of what was told."""
        if not self._chance("missed", share):
            return ""
        for part in self._parts(event)[:1]:
            found = stray(part, self._teller.told, _content(self.scenario.story))
            if found is not None and found.lower() not in self._taken:
                return self._framed(kind, found)
        return ""

    def _unheard(self, share: int) -> str:
        """Back to the thing that they told and that nobody took up."""
        if (
            not self._own
            or self._own[-1].lower() in self._taken
            or self._returns >= RETURNS
            or not self._chance("unheard", share)
        ):
            return ""
        self._returns += 1
        return self._framed("unheard", self._own[-1])

    def _remember(self, pieces: Sequence[str]) -> None:
        """Keep in mind what was told, as it can be named again."""
        self._own += [found for found in map(mention, pieces) if found is not None and self._is_theme(found)]

    # -- answers to what people say -------------------------------------------------------------------------------------

    def _heed(self, reaction: str, event: Event | None, share: int = 900) -> str:
        """The answer to what was said, as a reaction may give it; empty where the words are none that many people use."""
        groups = HEEDS.get(reaction)
        if groups is None or not self._chance("heed", share):
            return ""
        for part in self._parts(event):
            for row in heeded(part, groups):
                line = self._row_line(row)
                if line:
                    return line
        return ""

    def _usual(self) -> bool:
        """Whether the other said something that many people say, however it was put."""
        return any(heeded(part, ("comfort", "advice", "inform", "share")) for part in self._cut)

    def _asks_what(self) -> bool:
        """Whether the question wants more than leave: *what would you like to hear* offers nothing."""
        return self._asks.lower().startswith(("what", "who", "how", "when", "where", "why", "which"))

    def _question(self) -> Row | None:
        """What the last question asked, if it asked what many people ask."""
        rows = heeded(self._asks, ("question",))
        timed = [row for row in rows if row.id == "how_long" and self._asks.lower().startswith("how long")]
        timed = [row for row in rows if row.id == "when" and " ago" in self._asks] or timed
        return (timed or rows)[0] if rows else None

    def _own_line(self, kind: str, near: bool = False) -> str:
        """What only this person would say of that kind, of what is at hand first; empty where nothing is left.

        Args:
            kind: of :data:`~empathy_gym.seeker.scenario.ANSWERS`; may be empty.
            near: whether it has to be of what is at hand.
        """
        heard = fold(self._reply) if kind in LEANING else ""
        close, rest = own_lines(self.scenario.story, kind, self._disclosed, self._near, heard)
        for lines in (close,) if near else (close, rest):
            line = self._new([said for said in lines if not self._teller.unclear(said)], f"own/{kind}")
            if line:
                self._teller.keep(line)
                return line
        return ""

    def _own_answer(self, row: Row | None) -> str:
        """This person's own answer to a question; empty where they have none."""
        if row is None or row.id in VAGUE:
            return self._own_line("unsure") if self._chance("own/unsure", UNSURE) else ""
        return self._own_line(kind_of_answer(row))

    def _row_line(self, row: Row) -> str:
        """An answer of a row: the person's own, else one of those that speak of nothing which was not said, else any."""
        own = self._own_answer(row) if row.group == "question" else ""
        if own:
            return own
        lines = row.lines if row.group == "question" else row.fitting(self._reply)
        return self._voice_line(lines, f"heed/{row.id}") or self._voice_line(row.lines, f"heed/{row.id}")

    def _asked(self, share: int, answer: str = "") -> str:
        """The thing that the question was about, before its answer; empty where the answer speaks of something else."""
        words = thing(self._asks, self._teller.told) if self._chance("takes/asked_thing", share) else None
        if words is None or words.lower() in self._taken or not self._is_theirs(words):
            return ""
        if answer and set(concepts(fold(words))).isdisjoint(concepts(fold(answer))):
            return ""
        return self._framed("asked_thing", words)

    def _subject(self) -> str | None:
        """What the question was about, in words of theirs; None if it named nothing of the story."""
        return subject(self._asks, _stems(self.scenario.story), _names(self.scenario.story))

    def _later(self) -> str:
        """That it is too early for that, and for what, where the question named it: of what they brought up themselves, for more of it."""
        words = self._subject()
        if words is None:
            return self._stock("not_yet")
        begun = words in PRONOUNS or not self._teller.told.isdisjoint(concepts(fold(words)))
        return self._framed("not_yet_more" if begun else "not_yet_thing", words) or self._stock("not_yet")

    def _dodge(self, row: Row | None) -> str:
        """The person's own answer, or that there is none: of the thing that was asked about, else of the question."""
        own = self._own_line(kind_of_answer(row))
        if own:
            return own
        words = thing(self._asks, self._teller.told)
        words = words if words is not None and self._is_theirs(words) else self._subject()
        words = None if words in UNNAMED else words
        if words is not None and words.lower() not in self._taken and self._chance("dodge/thing", 700):
            return self._framed("dodge_thing", words)
        if OWN_DEED.match(self._asks.lower()):
            return self._stock("own_deed")
        closed = [r for r in heeded(self._asks, ("question",)) if r.id == "whether"]
        if (
            row is not None and row.id != "more" and closed and (row.open or row.id in BARE)
        ):  # one of yes or no, whatever it speaks of
            row = closed[0]
        if row is not None and row.id in ("happened", "more") and self._chance("dodge/on", 600):
            return self._stock("nothing_yet")
        return (self._row_line(row) if row is not None else self._own_answer(row)) or self._stock("unsure")

    # -- how to say it --------------------------------------------------------------------------------------------------

    def _chance(self, slot: str, per_mille: int) -> bool:
        return per_mille > 0 and (per_mille >= 1000 or draw(self.key, self.turn, slot) % 1000 < per_mille)

    def _stock(self, kind: str) -> str:
        """A reaction of that kind not used in this talk."""
        return self._voice_line(stock()[kind], kind)

    def _voice_line(self, voices: dict[str, list[str]], kind: str) -> str:
        """A line not used in this talk, the voice's own ones first mostly, then those of anybody's that this person has a habit of."""
        own, anyone = voices.get(self.voice, ()), voices["any"]
        mine = _repertoire(self.scenario.persona.id, tuple(anyone))
        if not self._chance(kind + "/own", min(850, 350 * len(own))):
            return self._new(mine, kind + "/any") or self._new(own, kind) or self._new(anyone, kind + "/any")
        return self._new(own, kind) or self._new(mine, kind + "/any") or self._new(anyone, kind + "/any")

    def _new(self, lines: Sequence[str], slot: str) -> str:
        """One of some lines that was not said in this talk; empty if all were."""
        line = first_of(lines, self.key, self.turn, slot, self._teller.used)
        if line is None:
            return ""
        self._teller.used.add(line)
        return line

    def _unique(self, pieces: Sequence[str]) -> str:
        """Join the pieces; where nothing is left to say, something that was not said before."""
        line = self._voiced(" ".join(p for p in pieces if p))
        extra = 0
        while not line or line in self._lines:
            for kind in ("nothing_yet", "neutral", "unsure", "nothing_more", "shift", "answers"):
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
        self._speak(line)
        return line

    def _speak(self, line: str) -> None:
        """Keep in mind the words of a line of their own."""
        self._spoken.update(phrase(fold(line)).stems)

    def _voiced(self, line: str) -> str:
        """Small habits of the voice that change no word."""
        if self.voice == "young" and line:
            line = line[0].lower() + line[1:] if not line.startswith(("I ", "I'")) else line
            return line[:-1] if line.endswith(".") and not line.endswith("..") else line
        return line


@lru_cache(maxsize=4_096)
def _repertoire(persona: str, lines: tuple[str, ...]) -> tuple[str, ...]:
    """About half of the lines that anybody might say: those that one person says, so that two people sound less alike."""
    return tuple(line for line in lines if draw(0, 0, f"{persona}/{line}") % 2)


def named_at(line: str, story: Story) -> list[int]:
    """Where a line has names of the story's people and animals, other than as the owners of something."""
    return [match.start() for match in _WORD.finditer(line) if match.group() in _names(story)]


@lru_cache(maxsize=512)
def _names(story: Story) -> frozenset[str]:
    """The names in a story: words that have a capital inside a sentence."""
    said = [line for fact in story.facts for _, line in fact.said]
    return frozenset(name for line in said for name in _NAME.findall(line)) - _NO_NAMES


@lru_cache(maxsize=512)
def _themes(story: Story) -> frozenset[str]:
    """The concepts that a story is about: those of several of its facts."""
    facts = [frozenset(c for _, line in fact.said for c in concepts(fold(line))) for fact in story.facts]
    return frozenset(c for fact in facts for c in fact if sum(c in other for other in facts) >= THEME)


@lru_cache(maxsize=512)
def _content(story: Story) -> frozenset[str]:
    """The concepts of everything that a story says."""
    return frozenset(c for text in _texts(story) for c in concepts(fold(text)))


@lru_cache(maxsize=512)
def _stems(story: Story) -> frozenset[str]:
    """The stems of everything that a story says."""
    return frozenset(map(stem, {word for text in _texts(story) for word in words_of(fold(text))}))


def _texts(story: Story) -> tuple[str, ...]:
    return (
        *story.openings,
        *(line for fact in story.facts for _, line in fact.said),
        *(text for fact in story.facts for text in (*fact.gists, *fact.asks)),
        *(text for item in story.items for text in (*item.lines, *item.gists)),
        *(line for lines in story.hints.values() for line in lines),
        *(answer.line for answers in story.answers.values() for answer in answers),
    )
