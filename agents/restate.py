"""Saying back what somebody said, in other words: persons turned, a clause kept, everyday words exchanged.

Simple restatement as a helping-skills course drills it. What can be exchanged is in ``agents.other_words``; imports nothing of ``empathy_gym``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from agents.other_words import BASES, NOUNS, OTHERS, PARTICIPLES, PHRASAL, VERBS

_TURNED = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "i'm": "you are", "im": "you are", "i've": "you have",
    "i'd": "you'd", "i'll": "you'll", "we": "you", "us": "you", "our": "your", "ours": "yours", "we're": "you are", "we've": "you have",
    "we'd": "you'd", "we'll": "you'll", "ourselves": "yourselves",
}  # fmt: skip
_AFTER_YOU = {"am": "are", "was": "were", "wasn't": "were not", "'m": "are"}

_OF_THE_TALK = frozenset(
    """please jumping repeating repeat mentioned thanks thank sorry listened listening advice understood detours gets saying landing clue honestly question
    questions answer answers sentence recording echo subject topic discuss rephrase""".split()
)
"""Words of clauses about the talk itself, which are not said back."""

_SAYS_LITTLE = frozenset(
    """know knew wish talk about idea say said says tell told think thought mean meant guess suppose hear heard see saw ask asked asking word words follow lost true right
    sure something anything nothing point story part honest sit make makes sense find found try trying need want time day days let leave alone look
    keep come came feel feels felt put hard never always still maybe around everyone better much more place long""".split()
)
"""Words that alone make no clause worth saying back."""

_DROPPED = frozenset(
    "well oh yeah yes no honestly anyway just really actually even still so and but because then also look like hm huh damn".split()
)
_CUT = re.compile(
    r"[,;:] | and (?=(?:i|he|she|they|we|it|my|then|now|nobody|i'm|i've|i'd|the|his|her|their|somebody|someone|everyone|one|all|there|that|this)\b)"
    r"| but | because | so (?=(?:i|he|she|they|we|it|that)\b)| while | although |\.\.\.| - ",
    re.IGNORECASE,
)
_BEGINS = frozenset(
    """i i'm i've i'd i'll he he's he'd she she's she'd they they're they've they'd they'll he'll she'll we we're we've we'd it it's my our his her their the a an there there's
    nobody somebody someone everyone everybody one this""".split()
)
"""Words with which a clause begins that can stand alone; names do too."""

_AUXILIARIES = frozenset(
    """am is are was were be been has have had do does did will would can could should may might must isn't aren't wasn't weren't hasn't haven't hadn't
    don't doesn't didn't won't wouldn't can't cannot couldn't shouldn't i'm i've i'd i'll he's he'd she's she'd they're they've they'd we're we've we'd
    it's there's went got gets goes put took take takes made makes make came come comes gave give gives knew know knows meant set cut hit let lets
    turned read kept keeps hurt""".split()
)  # fmt: skip
_LEANS = frozenset("if when what how why who whom where whether though unless than as to not".split())
"""Words with which a clause begins that leans on another."""

_COMMON = frozenset(
    """other another many few six seven eight nine ten that these those hands kind good such what no my
    people some all two three four five in on at by with without under since before after for from or even every half most""".split()
)
"""Other words that are no names though a sentence begins with them."""

_OPEN_END = frozenset(
    "was is were are said says that the a an to of in on at for with and or my his her their goes it's as if than i'm i've which who whose one very so".split()
)
"""Words on which none ends."""

_PARTICLES = frozenset("up out off down over back away after round".split())
"""Words that make another verb of the one before them."""

_SPEAKERS = frozenset(
    "i he she they we i'm he's she's they're i'd he'd she'd they'd i've they've we'd you nobody".split()
)
_ASKED = frozenset("me him her them us my his people everyone everybody".split())
_REPORTS = {
    **dict.fromkeys(("say", "says", "said", "saying"), _SPEAKERS),
    **dict.fromkeys(("ask", "asks", "asked", "asking"), _ASKED),
}
"""Verbs that are exchanged before certain words alone: elsewhere the other verb would not fit."""

_KIN = frozenset("mum mam mom mother dad father gran nan nana grandma grandmother grandad grandpa grandfather".split())
_OBJECTS = frozenset("it me him her them us you that this".split())

_NO_SUBJECT = frozenset("Got Went Came Had Made Took Been Gave Put Did Kept Heard Saw Lost Found Left".split())
"""Words with which people begin who leave *I* away; so do other past forms."""

_SHORTEST = 4
"""Words of a clause that is said back, at least."""

_DULL = frozenset(
    """i you he she it we they me him her us them my your his its our their the a an this that these those to of in on at for with by from
    is are was were be been being am do does did have has had will would can could should may might must not no as if or than there here
    what how why where when who it's that's i'm i've don't didn't can't couldn't wasn't isn't get got go goes went going thing things
    something anything lot kind sort way bit know think mean feel there's he'd she'd they'd they're he's she's what's somebody
    someone every some all two three four five six seven eight nine ten everything one nobody nothing and i'd we'd i'll""".split()
)
_BEFORE_NOUN = frozenset(
    """the a an my our his her their your this that these those no some any each every another two three four five six seven eight nine ten of in on at for
    with by from under behind beside into onto old new big little small whole other last first next""".split()
)
_BEFORE_VERB = frozenset(
    """i you he she it we they who to will would can could should may might must not don't didn't doesn't can't cannot couldn't won't wouldn't never
    always just nobody everyone somebody someone i'd he'd she'd they'd we'd i'll he'll she'll they'll did does do""".split()
)
_DONE = frozenset(
    "got been had gone come lost taken made done put given kept seen told never always already just".split()
)
"""Words before which *she's* is *she has*."""

_BEFORE_PARTICIPLE = frozenset(
    "have has had i've we've they've was were been be is are haven't hasn't hadn't wasn't weren't isn't".split()
)


class Manner(NamedTuple):
    """How somebody says things back. As it stands, in own words as a helping-skills course asks for it.

    Attributes:
        exchanged: words of a clause that are exchanged at most: with more than three it is no longer what somebody would say, nor what was meant.
        longest: words of a clause at most.
        kept: per mille of a clause's runs of words that may stand as they were said; with more of them, saying it back is parroting.
        vocabulary: the words that are exchanged, in lower case; None for all that :mod:`agents.other_words` knows.
    """

    exchanged: int = 3
    longest: int = 18
    kept: int = 950
    vocabulary: frozenset[str] | None = None


OWN_WORDS = Manner()


class Clause(NamedTuple):
    """Something that was said, as it can be said back.

    Attributes:
        back: in other words, the persons turned; it can stand after *that*.
        exchanged: content words that were exchanged.
        telling: content words in all.
        kept: per mille of its runs of three words that stood in what was said, the persons turned.
    """

    back: str
    exchanged: int
    telling: int
    kept: int


def _content(words: Sequence[str]) -> list[str]:
    return [w for w in words if w not in _DULL and w not in _TURNED and len(w) > 2]


def _stands_alone(tokens: Sequence[str]) -> bool:
    """Whether a run of words has a beginning, a verb and an end."""
    lower = [t.lower() for t in tokens]
    if lower[0] in _LEANS:
        return False
    begins = lower[0] in _BEGINS or (tokens[0][0].isupper() and lower[0] not in VERBS and lower[0] not in OTHERS)
    verb = "-" not in tokens[0] and any(w in _AUXILIARIES or w in VERBS or w.endswith("ed") for w in lower[:7])
    return begins and verb and lower[-1] not in _OPEN_END


def clauses(line: str, longest: int = OWN_WORDS.longest) -> list[str]:
    """What was said, cut at its joints, each part of at least four words that can stand alone; questions left out."""
    found = []
    for sentence in re.findall(r"[^.!?]+[.!?]*", line):
        if sentence.rstrip().endswith("?"):
            continue
        for part in _CUT.split(sentence.strip(" .!")):
            tokens = re.findall(r"[A-Za-z0-9'-]+", part)
            while tokens and tokens[0].lower() in _DROPPED:
                tokens = tokens[1:]
            if not _SHORTEST <= len(tokens) <= longest:
                continue
            if tokens[0] in _NO_SUBJECT or (tokens[0][0].isupper() and tokens[0].lower() in PARTICIPLES):
                tokens = ["I", tokens[0].lower(), *tokens[1:]]
            if _stands_alone(tokens):
                found.append(" ".join(tokens))
    return found


def _exchange(word: str, before: str, after: str, named: bool, apart: bool = False) -> str | None:
    """What else one calls something, between the words that stand beside it.

    Args:
        word: in lower case.
        before: the word before it.
        after: the word after it.
        named: whether an article or the like stands before it and no verb since: then a verb's base form is a noun (*a bus stop*).
        apart: whether a particle of the verb follows its object (*picked it up*).
    """
    verb = (
        None if apart or after in _PARTICLES or (word in _REPORTS and after not in _REPORTS[word]) else VERBS.get(word)
    )
    if verb is not None and word in ("say", "says", "said", "saying"):
        verb += " that"
    if before in _BEFORE_PARTICIPLE and word in PARTICIPLES:
        return verb and PARTICIPLES[word]
    if before in _BEFORE_VERB:
        return verb or OTHERS.get(word)
    noun = _noun(word)
    if before in _BEFORE_NOUN or (named and word in BASES):
        other = OTHERS.get(word)
        return noun or (other if other is not None and " " not in other else None)
    if noun is not None and (named or before in OTHERS or word not in VERBS):
        return noun
    return verb or OTHERS.get(word)


def _noun(word: str) -> str | None:
    if word in NOUNS:
        return NOUNS[word]
    if word.endswith("'s") and word[:-2] in NOUNS:
        return NOUNS[word[:-2]] + "'s"
    if word.endswith("s") and word[:-1] in NOUNS:
        other = NOUNS[word[:-1]]
        return other if other.endswith("s") else other + ("es" if other.endswith(("sh", "ch", "x")) else "s")
    return None


def _said_back(clause: str, manner: Manner) -> Clause:
    words = clause.split()
    lower = [word.lower() for word in words]
    found: list[str] = []
    exchanged, at, named = 0, 0, False
    while at < len(words):
        word, low, before = words[at], lower[at], lower[at - 1] if at else ""
        after = lower[at + 1] if at + 1 < len(words) else ""
        name = word[0].isupper() and at > 0 and low not in _KIN
        apart = any(w in _PARTICLES for w in lower[at + 2 : at + (3 if after in _OBJECTS else 4)]) and (
            after in _OBJECTS or after in _BEFORE_NOUN
        )
        if f"{low} {after}" in PHRASAL and before not in _BEFORE_NOUN:
            found.append(PHRASAL[f"{low} {after}"])
            exchanged += 1
            at += 1
        elif low in _TURNED:
            found.append(_TURNED[low])
        elif before in _TURNED and found[-1] == "you" and low in _AFTER_YOU:
            found.append(_AFTER_YOU[low])
        elif (
            not name
            and exchanged < manner.exchanged
            and (manner.vocabulary is None or low in manner.vocabulary)
            and (other := _exchange(low, before, after, named, apart)) is not None
        ):
            other = other.capitalize() if at and word[0].isupper() else other
            found.append(other[:-2] + "has" if other.endswith(" is") and after in _DONE else other)
            exchanged += low not in _DULL
        else:
            found.append(low if not at and (low in _BEGINS or low in _COMMON or _noun(low)) else word)
        ends = low in _AUXILIARIES or low in _BEFORE_VERB or (low in VERBS and low not in BASES and low not in NOUNS)
        named = low in _BEFORE_NOUN or (named and not ends)
        at += 1
    text = re.sub(r"\ba (?=[aeiou])", "an ", " ".join(found))
    text = re.sub(r"\ban (?=[bcdfgjklmnpqrstvwxyz])", "a ", text)
    runs = _runs(text.lower().split())
    same = runs & _runs([_TURNED.get(word, word) for word in lower])
    return Clause(text, exchanged, len(_content(lower)), 1000 * len(same) // max(1, len(runs)))


def _runs(words: Sequence[str]) -> set[tuple[str, ...]]:
    return set(zip(words, words[1:], words[2:], strict=False))


def in_other_words(clause: str) -> str:
    """The clause with the persons turned and everyday words exchanged."""
    return _said_back(clause, OWN_WORDS).back


def matter(line: str) -> str:
    """What is left of a line without the sentences that speak to the supporter, or of the talk, or say next to nothing."""
    sentences = [sentence.strip() for sentence in re.findall(r"[^.!?]+[.!?]*", line)]
    return " ".join(s for s in sentences if not _about_the_talk(re.findall(r"[a-z0-9'-]+", s.lower())))


def _about_the_talk(lower: Sequence[str]) -> bool:
    """Whether a clause speaks to the supporter, or of the talk, or says next to nothing."""
    if any(w in _OF_THE_TALK or w in ("you", "you've", "you're", "your", "you'd") for w in lower):
        return True
    return sum(w not in _SAYS_LITTLE for w in _content(lower)) < 2


def sayable(line: str, said: str = "", manner: Manner = OWN_WORDS) -> list[Clause]:
    """The clauses of a line that can be said back, those first that have most to them and most of it in other words.

    Args:
        line: what the other said.
        said: what was said back already, in lower case; a clause that is in it is passed over.
        manner: how it is said back.
    """
    ranked = []
    for at, clause in enumerate(clauses(line, manner.longest)):
        found = _said_back(clause, manner)
        if found.back.lower() in said or _about_the_talk(clause.lower().split()):
            continue
        if found.kept > manner.kept:
            continue
        worth = 2 * min(found.telling, 5) + 3 * min(found.exchanged, 4) - found.kept // 150
        ranked.append((-worth, -at, found))
    return [found for *_, found in sorted(ranked, key=lambda entry: entry[:2])]


def restatement(line: str, said: str = "") -> str | None:
    """The clause with the most to it, in other words; None where nothing can be said back.

    Args:
        line: what the other said.
        said: what was said back already, in lower case; a clause that is in it is passed over.
    """
    found = sayable(line, said)
    return found[0].back if found else None
