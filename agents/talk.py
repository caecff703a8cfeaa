"""What can be heard in a seeker's lines by anyone: whom and what they speak of, and how it seems to feel.

Used by the scripted supporters that see the talk alone. Imports nothing of ``empathy_gym``: what these supporters understand,
they understand by their own small means.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

Message = Mapping[str, str]

_PEOPLE = frozenset(
    """mother mum mom father dad brother sister son daughter wife husband partner boss manager friend friends colleague neighbour neighbor
    teacher doctor nurse landlord kid kids child parents aunt uncle cousin grandmother grandfather gran grandma grandpa nan team family
    dog cat girlfriend boyfriend ex housemate flatmate roommate coach priest nephew niece customers customer""".split()
)
DULL = frozenset(
    """the a an my your his her their our its this that these those same whole other one two three all some any bit lot kind sort way thing
    things time times day days week weeks month months year years minute hour moment rest end part point fact couple few something
    anything nothing everything somebody anybody everyone people person maybe just really then there here now and but or so because
    when while with from into onto about after before again still even only never ever always not no yes like more most much many very
    too also else who what where why how if than as at in on of to for by up out down off over back away around is are was were be been
    being has have had having do does did doing will would can could should may might must get got getting go goes going went come came
    say says said tell told know knew think thought feel felt make made take took want wanted need keep kept put let see saw look looked
    it it's that's i i'm i've he she they we you me him them us don't didn't can't won't wasn't isn't couldn't sunday monday tuesday
    wednesday thursday friday saturday today tomorrow yesterday tonight morning evening night o'clock""".split()
)

FEELS = (
    (
        (
            "unfair",
            "furious",
            "angry",
            "robbed",
            "idiot",
            "rude",
            "how dare",
            "sick of",
            "livid",
            "lied",
            "cheated",
            "in front of",
        ),
        "angry",
    ),
    (("ashamed", "embarrass", "stupid", "face", "laughed", "pathetic", "humiliat", "hide it", "red"), "ashamed"),
    (("my fault", "should have", "should've", "i did that", "guilty", "i shouted", "because of me", "sorry"), "guilty"),
    (("alone", "nobody", "no one", "lonely", "without me", "by myself", "on my own", "empty"), "lonely"),
    (("died", "dead", "funeral", "gone", "grave", "miss ", "used to"), "sad"),
    (("scared", "afraid", "what if", "terrified", "panic", "frighten", "shaking"), "scared"),
    (("worried", "worry", "money", "rent", "bank", "results", "can't sleep", "awake"), "worried"),
    (
        ("tired", "exhaust", "every day", "too much", "everything at once", "on top of", "no break", "again and again"),
        "exhausted",
    ),
    (
        (
            "can't do anything",
            "stuck",
            "no way out",
            "what's the point",
            "pointless",
            "whatever i do",
            "no say",
            "decided for",
        ),
        "helpless",
    ),
    (("passed over", "didn't get", "hoped", "thought they", "promised", "let down", "expected"), "let down"),
    (("said", "never called", "ignored", "didn't ask", "left", "walked out", "forgot"), "hurt"),
)
"""Cues in what people say, and the feeling that usually goes with them; the first that fits wins."""


def said_by(chat: Sequence[Message], role: str = "user") -> list[str]:
    """The messages of a role, oldest first."""
    return [m["content"] for m in chat if m["role"] == role]


def latest(chat: Sequence[Message], role: str = "user", count: int = 1) -> str:
    """The last ``count`` messages of a role, joined, oldest first."""
    return " ".join(said_by(chat, role)[-count:])


def pick(options: Sequence[str], chat: Sequence[Message], slot: str) -> str:
    """One of the options, fixed by the talk so far; one that was not said before, where there is one."""
    before = latest(chat, "assistant", 99)
    fresh = [o for o in options if max(re.split(r"\{\w\}", o), key=len) not in before] or list(options)
    data = f"{slot}|{len(chat)}|{latest(chat)}".encode()
    return fresh[int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big") % len(fresh)]


TIRED = ("repeating", "you said that", "you've said that", "just said that", "same again", "mentioned that", "word for word", "you mentioned")  # fmt: skip
"""How people say that they have heard it before."""

_NOT_NOUNS = re.compile(r".*(?:ed|ly|n't|'s|'d|'ll|'ve|'re)$")
_VERBS = frozenset(
    """sound sounds keep keeps call calls ask asks ring rings show shows run runs start starts stop stops turn turns stand sit sits hold
    holds bring brings give gives find finds lose loses work works live lives hear hears leave leaves wait waits read reads write writes
    talk talks walk walks mean means seem seems look move moves pull pulls push pushes knew came took went sat ran held gave found lost
    left stood brought heard wrote began broke fell drove spoke sent paid lied cried tried shouted laughed smiled help helps hurt hurts
    only first last next old new little big small good bad best worst right wrong own real sure able ready late early long short
    exactly enough twentieth gets idiot fault record coward what's who's she's he's they're didn't wasn't apart together alone sorry dramatic""".split()
)
_ADJECTIVES = frozenset(
    "old new little big small red blue green yellow white black brown front back kitchen spare first last".split()
)
_NOT_NAMES = frozenset(
    """Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mondays Tuesdays Wednesdays Thursdays Fridays Saturdays Sundays January
    February March April May June July August September October November December Easter Christmas Ramadan English Spanish French
    German Polish Arabic Chinese God Mami Facebook Instagram WhatsApp Zoom Excel""".split()
)


def nouns(text: str, most: int = 3) -> list[str]:
    """Noun phrases of one or two words, turned to the second person: ``your sister``, ``the brochure``."""
    found: dict[str, None] = {}
    for match in re.finditer(
        r"\b(my|the|our|his|her|their|a|an|this)\s+([a-z][a-z'-]+)(?:\s+([a-z][a-z'-]+))?(?=([.,;!?]|\s|$))",
        text.lower(),
    ):
        owner, first, second, _ = match.groups()
        name = first
        if first in _ADJECTIVES and second:
            name = f"{first} {second}"
        head = name.split()[-1]
        if head in DULL or head in _VERBS or len(head) < 3 or _NOT_NOUNS.match(head) or head.endswith("ing"):
            continue
        if owner in ("a", "an", "this") and head in ("way", "word", "bit"):
            continue
        article = {"my": "your", "our": "your", "his": "his", "her": "her", "their": "their"}.get(owner, "the")
        found.setdefault(f"{article} {name}")
    return list(found)[:most]


def people(text: str) -> list[str]:
    """Those who are spoken of, in order of first mention: family words and names."""
    lower = text.lower()
    found: dict[str, int] = {}
    for word in sorted(_PEOPLE):
        match = re.search(rf"\b(?:my|our) {word}\b", lower)
        if match:
            found[f"your {word}"] = match.start()
    for match in re.finditer(r"(?<=[a-z,;] )([A-Z][a-z]{2,})\b(?! [A-Z])", text):
        if match.group(1) not in _NOT_NAMES and match.group(1).lower() not in DULL:
            found.setdefault(match.group(1), match.start())
    return sorted(found, key=lambda name: (found[name], name))


def feelings(*lines: str) -> list[str]:
    """The feelings that seem to go with what is said, those of the first line first."""
    found: dict[str, None] = {}
    for line in lines:
        lower = f" {line.lower()} "
        found.update(dict.fromkeys(name for cues, name in FEELS if any(cue in lower for cue in cues)))
    return list(found)


def feeling(text: str) -> str | None:
    """The first of them, or None."""
    return next(iter(feelings(text)), None)


def asked_lately(chat: Sequence[Message]) -> bool:
    """Whether the supporter's last two replies ended in questions: a third makes an interrogation."""
    replies = said_by(chat, "assistant")
    return len(replies) > 1 and all(reply.endswith("?") for reply in replies[-2:])


def unsaid(chat: Sequence[Message], sentences: Sequence[str]) -> str | None:
    """The first of some sentences that the supporter has not said in this talk."""
    said = latest(chat, "assistant", 99)
    return next((sentence for sentence in sentences if sentence not in said), None)
