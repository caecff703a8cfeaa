"""Words brought down to concepts: a small stemmer and a thesaurus, so that other people's words are understood.

``sibling`` and ``sisters`` come to the same concept, ``rang`` and ``phoned`` to another. The thesaurus is a file of word
classes (``data/thesaurus.json``), written for general English and blind to the stories.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources

from empathy_gym.seeker.text import words

FEELINGS = (
    "anger", "sadness", "anxiety", "shame", "guilt", "loneliness",
    "grief", "hurt", "overwhelm", "helplessness", "disappointment", "worry",
)  # fmt: skip
"""The feelings that a story's facts carry and a reply can name; ``relief`` and ``joy`` can be named wrongly."""

NEAR = {
    "anger": {"hurt"},
    "hurt": {"anger", "sadness", "disappointment"},
    "sadness": {"grief", "loneliness", "disappointment", "hurt"},
    "grief": {"sadness", "loneliness"},
    "anxiety": {"worry", "overwhelm"},
    "worry": {"anxiety", "overwhelm"},
    "overwhelm": {"anxiety", "helplessness", "worry"},
    "helplessness": {"overwhelm", "sadness"},
    "shame": {"guilt", "hurt"},
    "guilt": {"shame"},
    "loneliness": {"sadness", "hurt", "grief"},
    "disappointment": {"sadness", "hurt", "anger"},
}
"""Feelings close enough that naming one for the other is no mistake (but earns less)."""

STOP = frozenset(
    """a an the and or but if so as at by for from in into of on onto to up with without about over under than then that this these
    those there here it its it's i i'm i've i'd i'll me my mine myself you you're you've you'd you'll your yours yourself he he's him his
    she she's her hers they they're them their theirs we we're us our ours who whom whose which what when where why how is are was were
    be been being am do does did doing done have has had having will would can could shall should may might must not no nor n't don't
    doesn't didn't isn't aren't wasn't weren't haven't hasn't hadn't won't wouldn't can't couldn't shouldn't just very really quite too
    also even still yet only all any some each every both either neither few more most much many other another such own same like got get
    gets getting go goes going went gone say says said saying tell tells told thing things something anything nothing everything someone
    anyone everyone nobody one ones way lot bit kind sort maybe perhaps sounds sound seems seem feel feels feeling felt think thinks
    thought know knows knew known mean means meant want wants wanted make makes made making take takes took taken let lets put keep keeps
    kept come comes came now again ever never always often sometimes well oh yeah yes okay ok um uh hmm right sure please thanks thank
    because since while though although until after before during between off out down back away around through when's that's there's
    what's who's how's let's he'd she'd it'd we'd they'd who'd there'd that'd he'll she'll it'll we'll they'll who'll that'll
    where's here's could've would've should've might've must've im dont cant ive youre thats u ur r idk gonna wanna gotta kinda good better best well bad hard tough
    difficult strong stronger strength okay fine time times day days today""".split()
)

IRREGULAR = {
    "left": "leave", "lost": "lose", "spoke": "speak", "spoken": "speak", "rang": "ring", "rung": "ring", "wrote": "write",
    "written": "write", "drove": "drive", "driven": "drive", "broke": "break", "broken": "break", "fell": "fall", "fallen": "fall",
    "gave": "give", "given": "give", "found": "find", "saw": "see", "seen": "see", "heard": "hear", "hid": "hide", "hidden": "hide",
    "held": "hold", "paid": "pay", "sold": "sell", "bought": "buy", "brought": "bring", "caught": "catch", "taught": "teach",
    "fought": "fight", "slept": "sleep", "ate": "eat", "eaten": "eat", "drank": "drink", "drunk": "drink", "forgot": "forget",
    "forgotten": "forget", "chose": "choose", "chosen": "choose", "stood": "stand", "sat": "sit", "ran": "run", "met": "meet",
    "sent": "send", "spent": "spend", "built": "build", "began": "begin", "begun": "begin", "knew": "know", "grew": "grow",
    "grown": "grow", "threw": "throw", "thrown": "throw", "wore": "wear", "worn": "wear", "shook": "shake", "woke": "wake",
    "died": "die", "dying": "die", "dead": "die", "death": "die", "lying": "lie", "lied": "lie", "lies": "lie", "children": "child",
    "kids": "kid", "men": "man", "women": "woman", "people": "person", "worse": "bad", "worst": "bad", "better": "good",
    "best": "good", "moved": "move", "moving": "move", "cried": "cry", "crying": "cry", "cries": "cry", "tried": "try",
    "trying": "try", "tries": "try", "families": "family", "studies": "study", "studied": "study", "parties": "party",
    "friends": "friend", "wife's": "wife", "shouted": "shout", "yelled": "yell", "stole": "steal", "swore": "swear",
    "blew": "blow", "cut": "cut", "hit": "hit", "hurt": "hurt", "quit": "quit", "shut": "shut", "beat": "beat", "bent": "bend",
}  # fmt: skip


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A light English stem of a folded word: plural, past, progressive and adverb endings off. Same word, same stem."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word.endswith("'s"):
        word = word[:-2]
    word = word.replace("'", "")
    for ending, floor in (("ingly", 4), ("edly", 4), ("iness", 4), ("ments", 4), ("ment", 4), ("ness", 4), ("ings", 4)):
        if word.endswith(ending) and len(word) - len(ending) >= floor - 1:
            word = word[: -len(ending)] + ("y" if ending == "iness" else "")
            break
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("ied") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("sses"):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        word = word[:-1]
    for ending in ("ing", "ed", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    if word.endswith("e") and len(word) > 4:
        word = word[:-1]
    if word.endswith("i") and len(word) > 3:
        word = word[:-1] + "y"
    return word


@lru_cache(maxsize=1)
def _thesaurus() -> tuple[dict[str, str], dict[str, str]]:
    raw = json.loads(resources.files("empathy_gym").joinpath("data/thesaurus.json").read_text(encoding="ascii"))
    concept: dict[str, str] = {}
    for group in raw["classes"]:
        head = stem(group[0])
        for word in group:
            concept.setdefault(stem(word), head)
    feeling: dict[str, str] = {}
    for name in sorted(raw["feelings"]):
        for word in raw["feelings"][name]:
            feeling.setdefault(word, name)
            feeling.setdefault(stem(word), name)
    return concept, feeling


@lru_cache(maxsize=1)
def _rarities() -> tuple[dict[str, int], int]:
    raw = json.loads(resources.files("empathy_gym").joinpath("data/reader/rarity.json").read_text(encoding="ascii"))
    return raw["rarity"], max(raw["rarity"].values()) + 8


def rarity(concept: str) -> int:
    """Eighths of a bit by which a concept is rarer in our own writing than one of every sentence; one never written is rarer than all."""
    found, most = _rarities()
    return found.get(concept, most)


def is_known(concept: str) -> bool:
    """Whether a concept comes up in our own writing."""
    return concept in _rarities()[0]


@lru_cache(maxsize=65_536)
def concept(word: str) -> str | None:
    """The concept of a folded word, or None for a word that carries no content."""
    if word in STOP or len(word) < 2:
        return None
    stemmed = stem(word)
    if stemmed in STOP:
        return None
    return _thesaurus()[0].get(stemmed, stemmed)


@lru_cache(maxsize=1_024)
def concepts(folded: str) -> tuple[str, ...]:
    """The concepts of a folded text in order of first mention, each once."""
    return tuple(c for c in dict.fromkeys(map(concept, words(folded))) if c is not None)


@lru_cache(maxsize=65_536)
def feeling(word: str) -> str | None:
    """The feeling that a folded word names, or None."""
    table = _thesaurus()[1]
    return table.get(word) or table.get(stem(word))


@lru_cache(maxsize=1_024)
def feelings(folded: str) -> tuple[str, ...]:
    """The feelings named in a folded text, in order, each once, a negated one left out (``not angry``)."""
    tokens = words(folded)
    return named(tokens, list(map(feeling, tokens)))


_DENIES = frozenset(("not", "never", "no", "isn't", "aren't", "don't", "without", "aren", "weren't", "wasn't"))


def named(tokens: Sequence[str], by_word: Sequence[str | None]) -> tuple[str, ...]:
    """The feelings of some words (``by_word``), in order, each once, those denied within three words before left out."""
    return tuple(
        dict.fromkeys(
            name
            for at, name in enumerate(by_word)
            if name is not None and _DENIES.isdisjoint(tokens[max(0, at - 3) : at])
        )
    )


GENERIC = frozenset(
    c
    for word in """accept adult age alive alone angry anxious ashamed beautiful begin believe body brave breathe bright calm care change
    cherish choice comfort courage cry deal deserve different dream emotion emotional energy enough escape experience
    family fault fear fight find focus forget forgive forward free friend friendly future gentle grief grieve group grow
    grown happen happiness happy heal heart help hobby home honest hope human hurt imagine important journey joy kind
    learn life light listen live loneliness lonely long lose loss love loving matter meet memory mind mistake moment
    natural need new nice normal open opinion overcome pain past patience peace people perfect person plan positive
    practice problem process proud push reach reason remember rest sad safe scared self share situation sleep small smile
    soon sorry space special start stay step stress struggle support sweet talk together trust try understand upset valid
    value wait walk whole wonder wonderful world worry worth wound
    ask answer bring carry come count else end everybody face first full give half hand hold hour last least leave leaving fail love minute miss month visit pull turn
    morning move name near next night notice number once part pick point real right run second send set show side sit somebody stand
    tonight twice use week weekend year two three four five six seven eight nine ten
    already anybody back behind bottom break cannot circle close cold dark deep easy explain fall far front inside late leave
    allow look obvious outside rather right see story straight top true under used word
    anyone anything course everyone everything nobody nothing someone something whether""".split()
    if (c := concept(word)) is not None
)
"""What any kind word to anybody is made of: such a concept shows little understanding, however it is said. The list is ours."""
