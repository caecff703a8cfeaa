"""Reading: what a supporter's message *does* and *mentions*, from its text and the talk so far.

Pure, and blind to everything hidden. Each sentence gets its act (ESConv's eight strategies), finer moves, harms, the feelings
and concepts that it names, and how much of it was said before by either side.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from empathy_gym.errors import InvalidOption
from empathy_gym.seeker.cues import cues, no_advice, not_said
from empathy_gym.seeker.features import message_rows, sentence_rows
from empathy_gym.seeker.fluency import breaks_off, fluent
from empathy_gym.seeker.heads import (
    ACTS,
    HARMS,
    LEVELS,
    MOVES,
    ONE,
    SENTENCE_HEADS,
    coldness,
    message_heads,
    per_mille,
    sentence_heads,
    shares,
)
from empathy_gym.seeker.mechanisms import mechanisms
from empathy_gym.seeker.phrase import Phrase, phrase
from empathy_gym.seeker.sofar import Messages, Talk, checked, talk
from empathy_gym.seeker.text import Remembered, fold, is_question, normalise, sentences, split_thought, words

MAX_UNITS = 40
"""Sentences that are read; the rest of a longer message is heard as length alone."""

LONG_UNIT = 34
"""Words after which an unpunctuated run of talk is cut at the next joint."""

CUE = 3 * ONE
"""What a cue adds to the logit of its harm or move: sure, unless the sentence speaks against it."""

OF_YOU = 500
"""Per mille from which a sentence is taken to speak of the seeker or of their people."""

UNCUED = dict.fromkeys(
    (
        "false_promise",
        "prying_meta",
        "isolating",
        "diagnosing",
        "preaching",
        "agrees_distortion",
        "commanding",
        "interrogating",
    ),
    600,
)
"""Harms that have plain cues: without one, the fitted head alone is not believed beyond this."""

_HEAD = {name: i for i, name in enumerate(SENTENCE_HEADS)}
_UNCUED = [(HARMS.index(name), most, name) for name, most in UNCUED.items()]
_JOINTS = frozenset(("but", "and", "so", "because", "cause", "then", "also", "plus"))
_ROLE_TAGS = (
    "user:",
    "seeker:",
    "client:",
    "system:",
    "assistant:",
    "supporter:",
    "<|",
    "[inst",
    "###",
    '{"',
    "</",
    'role":',
)
_TAG_MARKS = re.compile(r"[:|\[#{<]")
_SAYS = re.compile(r"[a-z?]")


_REASSURES = re.compile(
    r"(?:(?:and|but|well|oh|no|yes|honestly),? )?i(?:'m| am) (?:quite |very |so )?(?:sure|certain) (?!you(?:'ll| will| can| could| should| must| think| thought| meant)\b)"
    r"|no,? how could you\b|(?:and |but |so |then )?(?:you|it|he|she|they) (?:didn't|don't|haven't|wasn't|weren't) (?:only|just) "
)
"""How people reassure, agree that nobody could have known, or say that it was more than it seemed; *I'm sure you think so* does none of it."""


class Unit(NamedTuple):
    """One sentence of a reply.

    Attributes:
        span: ``(start, end)`` in the heard reply.
        act: the likeliest of :data:`~empathy_gym.seeker.heads.ACTS`.
        acts: per mille of each act, summing to 1000.
        moves: per mille of each of :data:`~empathy_gym.seeker.heads.MOVES`.
        harms: per mille of each of :data:`~empathy_gym.seeker.heads.HARMS`.
        concepts: what it mentions, content words brought down to concepts.
        echoed: those of them that it names in words that the seeker used.
        feelings: the feelings that it names.
        words: its length.
        asks: whether it ends with a question mark.
        about: whether it speaks of the seeker or of their people, and not of people in general or of the speaker.
        copied: per mille of its word triples that the seeker said (first and second person taken as one).
        repeated: per mille of its word pairs and of its concepts that one earlier message of the supporter had.
        framed: earlier sentences of the supporter that had the same frame around other words of the seeker's.
        fluent: per mille to which it is a sentence at all; 0 for one that breaks off.
        crossed: what it changes in what the seeker told (``who``, ``number``), or None (:mod:`~empathy_gym.seeker.crossing`).
        said: its words.
    """

    span: tuple[int, int]
    act: str
    acts: Mapping[str, int]
    moves: Mapping[str, int]
    harms: Mapping[str, int]
    concepts: tuple[str, ...]
    echoed: frozenset[str]
    feelings: tuple[str, ...]
    words: int
    asks: bool
    about: bool
    copied: int
    repeated: int
    framed: int
    fluent: int
    crossed: str | None
    said: Phrase


@dataclass(frozen=True)
class Reading:
    """What a message does, in per mille.

    Attributes:
        units: the sentences.
        words: length of the message.
        lists: lines that start as list items or headings.
        language: per mille of its words that hold English together (articles, pronouns, auxiliaries); 0 when empty.
        informal: per mille of marks of informal style; 500 is neutral.
    """

    units: tuple[Unit, ...]
    words: int
    lists: int
    language: int
    informal: int
    _sentences: tuple[str, ...] = field(repr=False)
    _rows: tuple[Collection[int], ...] = field(repr=False)

    # The seeker needs the sentences alone; what sums a message up is worked out when it is asked for.

    @cached_property
    def strategies(self) -> Mapping[str, int]:
        """ESConv's eight strategies, summing to 1000."""
        return _strategies(self.units)

    @cached_property
    def mechanisms(self) -> Mapping[str, int]:
        """EPITOME's ``emotional_reaction``, ``interpretation``, ``exploration``: per mille of the top level."""
        levels = per_mille(message_heads().logits(list(self._whole)))[: len(LEVELS)] if self.units else ()
        return mechanisms(levels, self.units, self._sentences)

    @property
    def cold(self) -> int:
        """Per mille to which the message as a whole is said in a cold way: impatient, fault-finding, officious."""
        return coldness(self._whole) if self.units else 0

    @property
    def _whole(self) -> set[int]:
        """The rows of the whole message."""
        return message_rows(self._rows, self.words, sum([unit.asks for unit in self.units]))

    @cached_property
    def harms(self) -> Mapping[str, int]:
        """The strongest of each harm over the sentences."""
        return {name: max((u.harms[name] for u in self.units), default=0) for name in HARMS}


def read(reply: str, messages: Messages | Talk = ()) -> Reading:
    """Read a supporter's message.

    Args:
        reply: the message; thoughts are taken out and the text is normalised first.
        messages: the talk so far, ``[{"role": "user" | "assistant", "content": str}]``; other roles are passed over. Or what
            :func:`~empathy_gym.seeker.sofar.talk` made of it.

    Returns:
        The :class:`Reading`; the same text and talk give the same integers everywhere.

    Raises:
        InvalidOption: if the message or the talk is not of that form.
    """
    if not isinstance(reply, str):
        raise InvalidOption(f"reply: expected str, got {type(reply).__name__}")
    if not isinstance(messages, Talk):
        messages = [{"role": role, "content": content} for role, content in checked(messages)]
    return read_many([(reply, messages)])[0]


def read_many(batch: Sequence[tuple[str, Messages | Talk]]) -> list[Reading]:
    """Read several messages, each beside its own talk: equal to :func:`read` one by one, bit for bit."""
    drafts = [_Draft(reply, messages) for reply, messages in batch]
    judged = _judged([piece for draft in drafts for piece in draft.pieces])
    return [
        _reading(draft, tuple([_unit(piece, draft.talk, *next(judged)) for piece in draft.pieces])) for draft in drafts
    ]


class _Piece(NamedTuple):
    """A sentence before it is judged."""

    span: tuple[int, int]
    folded: str
    said: Phrase
    cued: tuple[str, ...]
    rows: set[int]
    last: bool


class _Draft:
    """A reply cut into its sentences, beside the talk."""

    def __init__(self, reply: str, messages: Messages | Talk) -> None:
        self.heard = normalise(split_thought(reply)[1])
        self.folded = fold(self.heard)
        self.talk = messages if isinstance(messages, Talk) else talk(messages)
        spans, whole = _spans(self.folded)
        self.pieces = []
        for i, (start, end) in enumerate(spans):
            folded, last = self.folded[start:end], i == len(spans) - 1
            said, cued = phrase(folded), cues(folded)
            rows = sentence_rows(folded, said, cued, self.talk.latest, i == 0, last)
            self.pieces.append(_Piece((start, end), folded, said, cued, rows, last))
        tokens = chain.from_iterable([piece.said.tokens for piece in self.pieces])
        self.tokens = tuple(tokens) if whole else words(self.folded)


def _reading(draft: _Draft, units: tuple[Unit, ...]) -> Reading:
    return Reading(
        units=units,
        words=len(draft.tokens),
        lists=_list_lines(draft.heard),
        language=_language(draft.folded, draft.tokens),
        informal=_informal(draft.heard, draft.tokens),
        _sentences=tuple(piece.folded for piece in draft.pieces),
        _rows=tuple(piece.rows for piece in draft.pieces),
    )


def _spans(folded: str) -> tuple[list[tuple[int, int]], bool]:
    """Sentences, long unpunctuated ones cut at their joints, those without a word left out; and whether that is all of the text."""
    spans = []
    for start, end in sentences(folded)[: 2 * MAX_UNITS]:
        if end - start < 4 * LONG_UNIT:
            spans.append((start, end))
            continue
        count, cut = 0, start
        for at, word in _word_positions(folded[start:end]):
            count += 1
            if (count > LONG_UNIT // 2 and word in _JOINTS) or count > LONG_UNIT:
                spans.append((cut, cut + len(folded[cut : start + at].rstrip(" \n"))))
                count, cut = 1, start + at
        spans.append((cut, end))
    saying = [(start, end) for start, end in spans if _SAYS.search(folded, start, end)]
    return saying[:MAX_UNITS], len(saying) == len(spans) <= MAX_UNITS


def _word_positions(folded: str) -> list[tuple[int, str]]:
    found, at = [], 0
    for word in folded.split(" "):
        found.append((at, word.strip(".,;:!?'\"()")))
        at += len(word) + 1
    return found


def _judged(pieces: Sequence[_Piece]) -> Iterator[tuple[list[int], list[int]]]:
    """What the fitted heads and the cues make of sentences: shares of the acts, and per mille of the harms and moves."""
    if not pieces:
        return iter(())
    logits = sentence_heads().many([piece.rows for piece in pieces])
    for i, piece in enumerate(pieces):
        for name in piece.cued:
            logits[i, _HEAD[name]] += CUE
    acts = map(shares, logits[:, : len(ACTS)].tolist())
    return zip(acts, per_mille(logits[:, len(ACTS) :]), strict=True)


def _unit(piece: _Piece, talk: Talk, act_shares: list[int], rest: list[int]) -> Unit:
    """A sentence judged, with what the rules have to say of it."""
    folded, said, cued = piece.folded, piece.said, piece.cued
    asks = is_question(folded)
    for i, most, name in _UNCUED:
        if rest[i] > most and name not in cued:
            rest[i] = most
    acts = dict(zip(ACTS, act_shares, strict=True))
    harms = dict(zip(HARMS, rest, strict=False))
    moves = dict(zip(MOVES, rest[len(HARMS) :], strict=True))
    if cued:
        _heed_cues(cued, harms, moves)
    if _REASSURES.match(folded):  # kind or hollow, but no blow: what is cold in it is heard in the whole
        harms["judging"], harms["dismissing"] = min(harms["judging"], 500), min(harms["dismissing"], 500)
        moves["hurts"] = min(moves["hurts"], 500)
    if _TAG_MARKS.search(folded) and any(tag in folded for tag in _ROLE_TAGS):
        harms["prying_meta"] = 1000
    act = ACTS[act_shares.index(max(act_shares))]
    instead = no_advice(folded) if act in ("suggestion", "other") else None
    if instead is not None:
        act, acts = instead, _only(instead)
        moves["hurts"] = min(moves["hurts"], 500)
        if instead == "question":
            moves["invites_more"] = max(moves["invites_more"], 700)
    mentioned, named = said.concepts, said.feelings
    if not_said(folded):  # quoted or withheld: neither its kindness nor its content is given
        mentioned, named, moves = (), (), dict.fromkeys(moves, 0)
        act, acts = "other", _only("other")
    return Unit(
        span=piece.span,
        act=act,
        acts=acts,
        moves=moves,
        harms=harms,
        concepts=mentioned,
        echoed=talk.echoed(said),
        feelings=named,
        words=len(said.tokens),
        asks=asks,
        about=moves["speaks_of_you"] >= OF_YOU,
        copied=talk.copied(said),
        repeated=talk.repeated(said, mentioned),
        framed=talk.framed(said),
        fluent=0 if piece.last and breaks_off(folded, said.tokens) else fluent(said.tokens, said.classes),
        crossed=None if asks else talk.crossed(said),
        said=said,
    )


def _only(act: str) -> dict[str, int]:
    """The shares of a sentence that is one act and no other."""
    return {name: 1000 * (name == act) for name in ACTS}


def _heed_cues(cued: Sequence[str], harms: dict[str, int], moves: dict[str, int]) -> None:
    """What cues say beyond their own harm or move."""
    if "not_at_fault" in cued:  # "not your fault" has all the words of blame
        harms["judging"] = min(harms["judging"], 300)
    if "commanding" in cued and "judging" not in cued:  # an order is no verdict
        harms["judging"] = min(harms["judging"], 500)
    if "invites_more" in cued:  # "take all the time you need" has the words of advice
        moves["invites_more"] = max(moves["invites_more"], 700)


def _strategies(units: Sequence[Unit]) -> dict[str, int]:
    """The acts of the sentences, each weighing as its length (between 3 and 24 words), in per mille that sum to 1000."""
    if not units:
        return _only("other")
    weights = [min(max(u.words, 3), 24) for u in units]
    totals = [sum(w * u.acts[name] for w, u in zip(weights, units, strict=True)) for name in ACTS]
    whole = sum(totals)
    parts = [1000 * t // whole for t in totals]
    parts[totals.index(max(totals))] += 1000 - sum(parts)
    return dict(zip(ACTS, parts, strict=True))


def _list_lines(heard: str) -> int:
    count = 0
    for line in heard.split("\n"):
        mark = line.lstrip(" ")[:3]
        count += mark[:2] in ("* ", "- ", "# ", "##", "**") or (
            mark[:1].isascii() and mark[:1].isdigit() and mark[1:2] in ".)"
        )
    return count


_NO_LETTERS = bytes(set(range(128)).difference(b"abcdefghijklmnopqrstuvwxyz '.,?!"))
_GLUE = frozenset(
    """the a an and or but of to in on at for with from by as is are was were be been it that this these those i you he she they we me
    him her them us my your his their our not do does did have has had will would can could should so if what how when who where why
    there about just no yes it's that's you're i'm don't didn't im dont u r ur""".split()
)
_CASUAL = frozenset(
    "lol yeah yep nah gonna wanna kinda sorta hey omg idk u ur dunno gotta cuz tbh haha ok okay yup ya man dude mate".split()
)
_FORMAL = frozenset(
    "regarding therefore however furthermore moreover perhaps kindly sincerely indeed shall whilst hence upon dear".split()
)


def _language(folded: str, tokens: Sequence[str]) -> int:
    if not tokens:
        return 0
    letters = len(folded.encode("ascii", "ignore").translate(None, _NO_LETTERS))
    glue = sum(map(_GLUE.__contains__, tokens))
    return (1000 * glue // len(tokens)) * letters // max(1, len(folded))


def _informal(heard: str, tokens: Sequence[str]) -> int:
    if not tokens:
        return 500
    casual = heard.count("!") - heard.count(";") + sum(map(_CASUAL_BY_WORD.__getitem__, tokens))
    return max(0, min(1000, 500 + 2500 * casual // len(tokens)))


def _casual(word: str) -> int:
    """How casual a word is: less than 0 for a formal or a long one."""
    return (word in _CASUAL) + ("'" in word) - (word in _FORMAL) - (len(word) > 9)


_CASUAL_BY_WORD = Remembered(_casual)
