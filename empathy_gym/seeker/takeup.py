"""Taking up a few words of the other's: people answer *a walk? I tried a walk*, and not advice in general.

What is taken up is short and made of words that the seeker knows, so that nothing can be put into their mouth.
"""

from __future__ import annotations

import re
from collections.abc import Set

from empathy_gym.seeker.concepts import STOP, concept, is_known, rarity
from empathy_gym.seeker.grounding import GENERIC
from empathy_gym.seeker.text import fold

THING_WORDS, STEP_WORDS, SAYING_WORDS = 3, 6, (3, 7)
"""Words of a thing after its article at most, of a proposal at most, and of a saying at least and at most."""

_WORD = re.compile(r"[A-Za-z][A-Za-z']*")
_ARTICLE = frozenset("the a an your his her their".split())
_QUALITY = re.compile(
    r".*(?:ed|est|ing|ful|ous|ive|able|ible|ish|ic|less|al|ly|'s|n't)|own|old|young|little|big|small|new|good|bad|last|first|second|third|next"
    r"|whole|long|short|late|early|dear|grown-up|left|right|wrong|empty|full|hard|soft|deep|high|low|dark|light|cold|warm|hot|quiet|loud|wet|dry"
    r"|rich|poor|kind|nice|sad|happy|proud|free|true|false|real|same|other|only|very|such|great|fine|sure|clear|plain|simple|strange|odd|heavy"
    r"|red|blue|green|yellow|white|black|brown|grey|pink|purple|orange|cream|one|two|three|four|five|six|seven|eight|nine|ten|more|most|less"
)
"""Words before a thing that say which; by their endings, so a few things are passed over."""

_STEP = re.compile(
    r"\b(?:you (?:could|should|can|might|need to|ought to|have to|must)(?: (?:also|always|maybe|perhaps|just|try|start by|consider|simply))*"
    r"|why (?:don't|not) you|how about|what about|what if you|have you (?:tried|thought (?:of|about)|considered)|try|consider|maybe|perhaps)\s+([^.,;:?!]+)",
    re.IGNORECASE,
)
_JOINT = re.compile(r"\b(?:and|but|because|so that|so|if|when|while|which|who|before|after|until)\b", re.IGNORECASE)
_TURNED = {
    "your": "my", "yours": "mine", "yourself": "myself", "you're": "I'm", "you've": "I've", "you'd": "I'd", "you'll": "I'll", "my": "your", "me": "you",
    "i": "you", "i'm": "you're",
}  # fmt: skip
_BEFORE_ME = frozenset(
    "to for with of from at by on about like near behind without beside around than around help let make give tell".split()
)
_COURTESY = frozenset("thank thanks sorry hello hi goodbye".split())
_TRAILING = frozenset(
    "the a an your my his her their to of in on at for with and or that is are was were be so as".split()
)


def thing(text: str, told: Set[str]) -> str | None:
    """The most telling thing of those told that a sentence names, persons turned; None if it names none."""
    best: tuple[int, str] | None = None
    tokens = _WORD.findall(text)
    for at, article in enumerate(tokens):
        if article.lower() not in _ARTICLE:
            continue
        for end in range(at + 1, min(at + 1 + THING_WORDS, len(tokens))):
            word = fold(tokens[end])
            if word in STOP:
                break
            if _QUALITY.fullmatch(word):
                continue
            head = concept(word)
            if head is not None and head in told and head not in GENERIC:
                found = turned(tokens[at : end + 1], told)
                if found is not None and (best is None or rarity(head) > best[0]):
                    best = (rarity(head), found)
            break
    return best[1] if best else None


def step(text: str, told: Set[str]) -> str | None:
    """What a sentence proposes, persons turned; None if it proposes nothing that can be named."""
    for match in _STEP.finditer(text):
        tokens = _WORD.findall(_JOINT.split(match.group(1))[0])[:STEP_WORDS]
        while tokens and tokens[-1].lower() in _TRAILING:
            tokens = tokens[:-1]
        if len(tokens) >= 2 and any(concept(fold(t)) for t in tokens):
            found = turned(tokens, told)
            if found is not None:
                return found
    return None


def saying(text: str, told: Set[str]) -> str | None:
    """A sentence word for word if it is short; else None."""
    least, most = SAYING_WORDS
    tokens = _WORD.findall(text)
    if not least <= len(tokens) <= most or tokens[0].lower() in _COURTESY or tokens[-1].lower() in _TRAILING:
        return None
    return text.strip(" .!?,;:-\"'") if _known(tokens, told) else None


def turned(tokens: list[str], told: Set[str]) -> str | None:
    """Words with the persons turned; None where one of them is unknown."""
    if not _known(tokens, told):
        return None
    found: list[str] = []
    for at, token in enumerate(tokens):
        lower = token.lower()
        if lower == "you":
            found.append("me" if at and (at + 1 == len(tokens) or tokens[at - 1].lower() in _BEFORE_ME) else "I")
        else:
            found.append(_TURNED.get(lower, token if at else lower))
    return " ".join(found)


def _known(tokens: list[str], told: Set[str]) -> bool:
    return all((c := concept(fold(token))) is None or c in told or is_known(c) for token in tokens)
