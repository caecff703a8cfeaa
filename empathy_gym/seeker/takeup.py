"""Taking up a few words of the other's: people answer *a walk? I tried a walk*, and not advice in general.

What is taken up is short and made of words that the seeker knows, so that nothing can be put into their mouth.
"""

from __future__ import annotations

import re
from collections.abc import Set
from functools import lru_cache

from empathy_gym.seeker.concepts import GENERIC, STOP, concept, feeling, is_known, rarity, stem
from empathy_gym.seeker.phrase import phrase
from empathy_gym.seeker.text import fold, is_question

THING_WORDS, STEP_WORDS, SAYING_WORDS, CLAUSE_WORDS, TAIL_WORDS = 3, 6, (3, 7), (3, 12), (2, 3)
"""Words of a thing after its article at most, of a proposal at most, and of a saying, of a reason and of a sentence's end at least and at most."""

STRAY = 50
"""Eighths of a bit of rarity from which a thing that nobody spoke of is worth a question."""

WORD = re.compile(r"(?<!\w)[A-Za-z][A-Za-z']*(?!\w)")
"""A whole word of plain letters; half of one with an accent is none."""

_ARTICLE = frozenset("the a an your his her their".split())
_OWN_ARTICLE = frozenset("the a an my our".split())
KIN = frozenset(
    """mother mum mom mam father dad papa sister brother wife husband daughter son aunt uncle grandmother grandma gran nan grandfather grandpa
    cousin niece nephew boy girl man woman friend boss manager nurse doctor neighbour teacher child baby partner""".split()
)
"""People, of whom the next word tells what they do, and who are not taken up as somebody else's: *her mother* may be the seeker's own."""

BARE = frozenset("size age sake turn share point view mind sense case matter idea".split())
"""Words that name nothing to talk about by themselves."""

_PASSING = frozenset(
    """foot feet leg arm hand head face eye ear mouth throat stomach chest back backside shoulder knee finger hair voice god truth lap row side
    bunch word name whole fortnight hour minute moment link line corner edge end top bottom rest lot bit kind sort piece pair couple middle square""".split()
)
"""What one mentions in passing and would not come back to."""

_WHERE = frozenset(
    "to in on at by under over behind beside near from into onto through across along past against round above below off out down up".split()
)
"""Words before what only says where something is."""

_LIKENESS = frozenset("like as than".split())
"""Words before what something is only likened to."""

_OBJECTS = frozenset("you me him her them us it".split())
_OTHERS = frozenset("his her their".split())
_IS = frozenset("is are was were have had".split())
JOINS = frozenset(
    "is was were are had has and or but on in at of for with to from when that which who because so if as by above below near behind beside across along past under inside outside over towards upon against between round".split()
)
_QUALITY = re.compile(
    r".*(?:ed|est|ing|ful|ous|ive|able|ible|ish|ic|less|al|ly|'s|s'|n't)|own|old|young|little|big|small|new|good|bad|last|first|second|third|next"
    r"|whole|long|short|late|early|dear|grown-up|left|right|wrong|empty|full|hard|soft|deep|high|low|dark|light|cold|warm|hot|quiet|loud|wet|dry"
    r"|rich|poor|kind|nice|sad|happy|proud|free|true|false|real|same|other|only|very|such|great|fine|sure|clear|plain|simple|strange|odd|heavy"
    r"|red|blue|green|yellow|white|black|brown|grey|pink|purple|orange|cream|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|.*(?:teenth|tieth)"
    r"|burnt|gone|broken|done|lost|torn|shut|open|asleep|awake|stuck|bent|dead|alive|undone|hidden|fallen|dozen|twenty|thirty|forty|fifty|hundred|more|most|less|spare|entire|half|double|extra"
)
"""Words before a thing that say which; by their endings, so a few things are passed over."""

_ALSO_THINGS = frozenset("light dark cold heat quiet half double square orange left right hundred dozen".split())
"""Such words that name things as well: *the toilet light* is no toilet."""

_STEP = re.compile(
    r"\b(?:you (?:could|should|can|might|need to|ought to|have to|must)(?: (?:also|always|maybe|perhaps|just|try|start by|consider|simply))*"
    r"|why (?:don't|not) you|how about|what about|what if you|have you (?:tried|thought (?:of|about)|considered)|try|consider|(?:maybe|perhaps)(?! (?:you|i|we|he|she|they|it|that|this|there|your|my|his|her|their|the|an?|some|most|not|too|both|all|none|nobody|somebody|everybody|now|then|even|because|with|if|when|what|how|why|where|who|in|on|at|for|by|so|more|one|two)(?:\b|')))\s+([^.,;:?!]+)",
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
_MOOD = re.compile(
    r"\b(?:so |very |rather |quite |really )?(angry|furious|mad|cross|sad|sorrowful|down|low|upset|hurt|wounded|let down|left out|disappointed|ashamed|embarrassed"
    r"|humiliated|foolish|guilty|lonely|alone|anxious|nervous|afraid|scared|frightened|worried|helpless|powerless|stuck|trapped|overwhelmed|exhausted|worn out"
    r"|tired|jealous|envious|betrayed|rejected|abandoned|bitter|frustrated|numb|empty|lost|relieved|glad|happy|grieving|heartbroken|torn|confused|resentful)\b"
)
"""Words for what somebody is, as they are said of them."""

_DENIED = re.compile(r"\b(?:not|never|no|isn't|aren't|don't|wasn't|weren't|without)\b[^.,;]{0,16}$")
_FELT = re.compile(
    r"(?:\byou're|\byou (?:are|were|seem|sound|must be|look)|\b(?:feel|feels|feeling|felt|being|be|seem|seems|sound|sounds)|\b(?:leaves?|left|makes?|made) you"
    r"|that is|that's|\band you|\bhow) (?:(?:so|very|really|quite|rather|that|feeling|a bit|a little|just|also|still) )*$"
)
_MINE = re.compile(
    r"\b(?:i|i'd|i'm|i'll|we|we'd|we're|we'll|it)(?: (?:am|are|was|would|will|should|can|could))?(?: [a-z]+ly)? (?:be|being|feel|am)?\s*$"
)
"""Words after which a feeling is the speaker's own: *I'd be glad to listen*."""

_CLAUSE = re.compile(
    r"\b(?:i|you|he|she|it|we|they|that|there|this|who|what)(?:'(?:m|s|re|ve|d|ll)|\s+(?:is|are|was|were|am|have|has|had|do|does|did|would|could|can|will)\b)"
    r"|\b(?:is|are|was|were|am|have|has|had|do|does|did|would|could|can|will)(?:n't)? (?:i|you|he|she|it|we|they|that|there|this)\b"
    r"|\b(?:you|your|me|my)\b"
)
PLAIN_WORDS = 8
"""Words of a sentence that may lack a verb and still be English, at most."""

_INTERJECTION = re.compile(r"^(?:well|oh|so|look|honestly|right|okay|ok|yes|no|and|but),? ", re.IGNORECASE)
"""What stands before a saying and is no part of it."""

_COURTESY = frozenset("thank thanks sorry hello hi goodbye yes no please sure okay ok fine right fair".split())
_LEAVE = re.compile(
    r"^(?:of course|no problem|go on|go ahead|you can|you may|tell me|take your time|i|i'm|i'll|i'd|let me|you're right|you are right)\b",
    re.IGNORECASE,
)
"""What gives leave or speaks of the speaker, which nobody says to comfort."""
_TRAILING = frozenset(
    "the a an your my his her their to of in on at for with and or that is are was were be so as what how who about you".split()
)


def thing(text: str, told: Set[str]) -> str | None:
    """The most telling thing of those told that a sentence names, persons turned; None if it names none."""
    best: tuple[int, str] | None = None
    for tokens, head in things_in(text):
        if head in told and head not in GENERIC:
            found = turned(definite(tokens), told)
            if found is not None and (best is None or rarity(head) > best[0]):
                best = (rarity(head), found)
    return best[1] if best else None


def speaks_of(text: str, told: Set[str]) -> bool:
    """Whether a sentence speaks of anything that was told."""
    return any(c in told and c not in GENERIC for c in phrase(fold(text)).concepts)


def stray(text: str, told: Set[str], story: Set[str]) -> str | None:
    """A thing that a sentence names and nobody spoke of, persons turned; None if it names none.

    A sentence that has anything of theirs is about it, and its other things may be theirs by another name: *the trolley* for their cart.

    Args:
        text: a sentence.
        told: concepts that came up.
        story: concepts that might yet come up.
    """
    if speaks_of(text, told):
        return None
    for tokens, head in things_in(text):
        if head in story or head in GENERIC or rarity(head) < STRAY or tokens[0].lower() == "your":
            continue
        if all(concept(fold(t)) not in story for t in tokens):
            found = turned(tokens, told)
            if found is not None:
                return found
    return None


@lru_cache(maxsize=16_384)
def mention(text: str) -> str | None:
    """The most telling thing of a sentence of the seeker's own, as it can be named again; not one that only says where, *next to the salt*, or what it was like, *like a wire*."""
    best: tuple[int, str] | None = None
    for tokens, head in things_in(text, _OWN_ARTICLE):
        before = WORD.findall(text.partition(" ".join(tokens))[0])[-1:]
        if before and before[0].lower() in _WHERE | _LIKENESS:
            continue
        if head not in GENERIC and head not in _PASSING and (best is None or rarity(head) > best[0]):
            best = (rarity(head), " ".join(definite(tokens)))
    return best[1] if best else None


def definite(tokens: list[str]) -> list[str]:
    """A thing as it is named for the second time."""
    first = tokens[0].lower()
    return ["the" if first in ("a", "an") else first, *tokens[1:]]


@lru_cache(maxsize=256)
def things_in(text: str, articles: frozenset[str] = _ARTICLE) -> tuple[tuple[list[str], str], ...]:
    """Articles with what follows them, and the concept that it is about: *the van*, *your old school*, *a bike shop*."""
    matches = list(WORD.finditer(text))
    found = []
    for at, match in enumerate(matches):
        if match.group().lower() not in articles:
            continue
        for end in range(at + 1, min(at + 1 + THING_WORDS, len(matches))):
            word = fold(matches[end].group())
            if word in STOP or text[matches[end - 1].end() : matches[end].start()] != " ":
                break
            if word.endswith("'s"):  # whose it is, or what it is: *the post's slow*
                break
            if says_which(word):
                continue
            head = concept(word)
            if head is None or word in BARE or (match.group().lower() in _OTHERS and word in KIN):
                break
            more = _goes_on(text, matches, end)
            if more is not None:
                found.append(([m.group() for m in matches[at : end + more + 1]], head))
            break
    return tuple(found)


@lru_cache(maxsize=16_384)
def says_which(word: str) -> bool:
    """Whether a word before a thing says which."""
    return _QUALITY.fullmatch(word) is not None


def _goes_on(text: str, matches: list[re.Match[str]], at: int) -> int | None:
    """How many words more a thing's name has, *shop* after *bike*; None where that cannot be seen, for half a name is worse than none."""
    if text[matches[at].end() : matches[at].end() + 1] == "-":
        return None
    if at + 1 >= len(matches) or text[matches[at].end() : matches[at + 1].start()] != " ":
        return 0
    word = fold(matches[at + 1].group())
    if word.endswith("'s") or word in _ALSO_THINGS:
        return None
    if concept(word) is None or word in JOINS or fold(matches[at].group()) in KIN:
        return 0
    after = text[matches[at + 1].end() : matches[at + 2].start()] if at + 2 < len(matches) else "."
    following = fold(matches[at + 2].group()) if after == " " else None
    if word.endswith("s") and stem(word) != word:  # a plural, or what the thing does
        later = fold(matches[at + 3].group()) if at + 3 < len(matches) else None
        return 1 if following in _IS else 0 if following in _OBJECTS or later in _OBJECTS else None
    if stem(word) not in (word, word.removesuffix("e")) or says_which(word):
        return 0
    return 1 if following is None or following in JOINS else None


def mood(text: str) -> tuple[str, str | None] | None:
    """The word that a sentence has for how the other feels, and the feeling that it names; None if it has none or denies it."""
    folded = fold(text)
    for match in _MOOD.finditer(folded):
        before = folded[: match.start()]
        if _FELT.search(before) and not _DENIED.search(before) and not _MINE.search(before):
            return match.group(1), feeling(match.group(1))
    return None


def step(text: str, told: Set[str]) -> str | None:
    """What a sentence proposes, persons turned; None if it proposes nothing that can be named."""
    for match in _STEP.finditer(text):
        whole = WORD.findall(_JOINT.split(match.group(1))[0])
        if whole and whole[0].lower() == "to":
            whole = whole[1:]
        tokens = whole[:STEP_WORDS]
        while tokens and (
            tokens[-1].lower() in _TRAILING or (len(tokens) < len(whole) and says_which(tokens[-1].lower()))
        ):
            tokens = tokens[:-1]
        if len(tokens) >= 2 and any(concept(fold(t)) for t in tokens):
            found = turned(tokens, told)
            if found is not None:
                return found
    return None


def saying(text: str, told: Set[str]) -> str | None:
    """A sentence word for word if it is short; else None."""
    least, most = SAYING_WORDS
    tokens = WORD.findall(text)
    if is_question(text) or _LEAVE.match(text.strip()):
        return None
    if not least <= len(tokens) <= most or tokens[0].lower() in _COURTESY or tokens[-1].lower() in _TRAILING:
        return None
    whole = _INTERJECTION.sub("", text.strip(" .!?,;:-\"'"))
    return whole if _known(tokens, told) and len(WORD.findall(whole)) >= least else None


def platitude(text: str, told: Set[str]) -> str | None:
    """A short sentence word for word that has nothing of what was told: only of such can one say that everybody says it."""
    own = any((c := concept(fold(token))) in told and c not in GENERIC for token in WORD.findall(text))
    return None if own else saying(text, told)


def is_plain(text: str) -> bool:
    """Whether a sentence is English as far as its small words show: somebody is or does something in it, or it is short."""
    folded = fold(text)
    return _CLAUSE.search(folded) is not None or len(WORD.findall(folded)) <= PLAIN_WORDS


def clause(text: str, told: Set[str]) -> str | None:
    """What a sentence says after its colon, word for word if it is short; else None."""
    least, most = CLAUSE_WORDS
    after = text.partition(":")[2]
    tokens = WORD.findall(after)
    if not least <= len(tokens) <= most:
        return None
    return after.strip(" .!?,;:-\"'") if _known(tokens, told) else None


def tail(text: str, told: Set[str]) -> str | None:
    """The last words of a sentence; None where one of them is unknown."""
    least, most = TAIL_WORDS
    tokens = WORD.findall(text)[-most:]
    return " ".join(tokens) if len(tokens) >= least and _known(tokens, told) else None


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
