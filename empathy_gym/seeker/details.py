"""Details: what a question asks for, and where a wording of the story says it: an age, a time, a place, a number, a person."""

from __future__ import annotations

import re
from functools import lru_cache

from empathy_gym.seeker.concepts import GENERIC, STOP, concept, rarity, stem
from empathy_gym.seeker.phrase import phrase
from empathy_gym.seeker.scenario import Story
from empathy_gym.seeker.takeup import BARE, JOINS, KIN, WORD, definite, says_which, things_in
from empathy_gym.seeker.text import fold, words

STANDS = 40
"""Eighths of a bit of rarity from which a word without an article is a thing that can be named."""

NAME = re.compile(r"[A-Z](?<=[a-z,;:] [A-Z])[a-z]+")
"""A name inside a sentence."""

WOMEN = frozenset(
    """mother mum mom mam mama mamma sister wife daughter girl girlfriend grandmother grandma gran nan nana aunt auntie niece woman lady madam
    mrs miss ms queen widow""".split()
)
MEN = frozenset(
    """father dad daddy papa baba brother husband son boy boyfriend grandfather grandpa grandad granddad uncle nephew man lad gentleman sir
    mr king widower chap bloke guy""".split()
)
EITHER = frozenset(
    """partner boss manager doctor nurse friend neighbour cousin teacher professor landlord tenant colleague child kid baby coach captain
    priest vicar officer driver clerk judge lawyer dog cat""".split()
)

_TEN = "twen|thir|for|fif|six|seven|eigh|nine"
_NUMBER = (
    rf"(?:(?:{_TEN})ty(?:-[a-z]+)?|(?:thir|four|fif|six|seven|eigh|nine)teen|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|(?:a|two|three|four|five|six) (?:dozen|hundred|thousand)|\d+)"
)
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December|Christmas|Easter"
_DAY = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_LAPSE = "(?:hour|day|night|week|month|year)s?"
DETAILS = {
    "when": re.compile(
        rf"\b(?:(?:a|an|{_NUMBER}) {_LAPSE} (?:ago|back)\b|(?:on|last) (?:{_DAY})\b(?: (?:morning|evening|night|afternoon))?|(?:in|last) (?:{_MONTH})\b"
        rf"|on the [a-z-]+ of (?:{_MONTH})\b|yesterday\b|last (?:week|month|year|spring|summer|autumn|winter)\b|when I was {_NUMBER}\b"
        rf"|(?:at )?(?:half|quarter|five|ten|twenty) (?:past|to) {_NUMBER}\b)"
    ),
    "how_long": re.compile(rf"\b(?:(?:for |since )?(?:nearly |almost |over |about )?{_NUMBER} {_LAPSE}\b(?! ago| back| old| late| away)|since (?:{_DAY}|{_MONTH})\b)", re.I),
    "age": re.compile(
        r"\b(?!It|That|There|This|Here|What|Which)(she|he|who|(?:my|our|his|her|the) [a-z]+|[A-Z][a-z]+)(?:'s| is| was| turned)(?: (?:barely|only|nearly|just|about|almost))*"
        rf" (?P<it>{_NUMBER})(?=[.,;!?]| and\b| years old)"
    ),
    "how_often": re.compile(rf"\b(?:every|each|once a|twice a|{_NUMBER} times a) (?:day|night|week|month|year|morning|evening|{_DAY})\b"),
    "where": re.compile(rf"\b(?:in|at|on|from|near|outside|behind|down) (?!(?:{_DAY}|{_MONTH}|God)\b)(?:the )?[A-Z][a-z]+(?: [A-Z][a-z]+)*"),
}  # fmt: skip
"""Where a wording has what is asked for, by the kind of question; ``it`` is what says so, or all of it."""

_ABOUT_DETAILS = frozenset(
    map(stem, "old age name call long often many much time day date year ago exactly place live".split())
)
_SHE, _HE = frozenset("she she's her hers".split()), frozenset("he he's him his".split())
_SMALL = frozenset(
    map(
        stem,
        """a an the i you your my it its it's this that to of in on at for with by from up and or but so if be is are was were been being do does did
        done have has had can could will would should may might just really very now then there here about as me we us our they them their he him his
        she her hers you're you've you'd i'm what who whom whose when where why how which tell say think feel get go make thing like one some any
        ever still all most more much not don't didn't doesn't""".split(),
    )
)
"""Words by which no question is known again."""

_TAG = re.compile(r", ?([a-z]+)n't (it|you|he|she|they|that|there)\?$", re.IGNORECASE)
_DOES, _I_DO = {"ca": "can", "wo": "will"}, {"are": "am", "were": "was"}

_OPENS = frozenset("what who whom whose when where why how which".split())


_FOLK = KIN | frozenset("family parents friends children kids neighbours group others colleagues people".split())
"""Those of whom one can refuse to talk, though the words are everybody's."""

_CALENDAR = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|June|July|August|September|October|November|December|Christmas|Easter)\b"
)
_STANDS = re.compile(
    r"\b(?:at|about|with|of|from|on|in) ([a-z]+)(?=[?,.]| (?:yet|then|now|since|these|today|like|really|go|going)\b)",
    re.IGNORECASE,
)
"""Where a thing stands without an article: *at practice*."""

_HOW = frozenset("alone together again anyway instead back home".split())
"""Words after a thing that are no part of its name."""

_OFTEN_BARE = frozenset("school work practice church chapel college training lunch dinner breakfast".split())
_ENDS = re.compile(
    r"(?<!did )(?<!does )(?<!do )\b(?:the|your) ((?:[a-z]+ ){0,2}[a-z]+)(?=[?,.]| (?:for|with|at|yet|then|now)\b)",
    re.IGNORECASE,
)
"""A thing of several words that a clause ends with: *the balloon business*."""

_YOURS = re.compile(rf"\b((?:your own|your|the) (?:{'|'.join(sorted(_FOLK))}))\b", re.IGNORECASE)
_THAT = re.compile(
    r"\b(?:of|in|on|at|to|by|from|with|about|since|before|after|was|is|did|does|happened|said|for|all|you|there) that ([a-z]+)"
    r"(?=[?,.]| (?:like|mean|to|for|so|with|between)\b)",
    re.IGNORECASE,
)
_MOMENTS = frozenset("night day morning evening moment lesson summer winter spring autumn week".split())
_AFTER = (
    (r"how (?:did|has|have) \w+ (?:ever )?(?:come|came|end up|get (?:to|into|here|there))", "how it came about"),
    (r"how did (?:you|she|he|they) (?:find out|hear)", "how I found out"),
    (r"what (?:have you done|did you do)", "what I did"),
    (r"how long (?:have|has) \w+ (?:been|had|known|lived|worked|looked)", "how long it's been"),
    (r"afraid|fear|dread|frightens?|scares?", "what I'm afraid of"),
    (r"miss most|do you miss", "what I miss"),
    (
        r"earlier in your life|when you were (?:small|little|young|a child)|as a child|growing up|grew up",
        "my childhood",
    ),
    (r"ahead|future|next months|next step|happens next|comes next", "what comes next"),
    (r"at night|awake", "the nights"),
    (r"why", "the why of it"),
)
_HOW_IT_WAS = tuple((re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), name) for pattern, name in _AFTER)
"""What a question that names nothing is after."""

_ANY_OF_IT = re.compile(rf"\b(?:{'|'.join(pattern for pattern, _ in _AFTER)})\b")
"""All of these at once, for a lower-case question: most have none."""

_SOMEBODY = {"she": "her", "her": "her", "he": "him", "him": "him", "they": "them", "them": "them"}
PRONOUNS = frozenset(_SOMEBODY.values())
UNNAMED = PRONOUNS | {name for _, name in _AFTER}
"""What can be refused, though nobody says of it that they know nothing of it."""


@lru_cache(maxsize=256)
def topic_of(question: str) -> frozenset[str]:
    """The telling concepts of a question."""
    return frozenset(c for c in phrase(fold(question)).concepts if c not in GENERIC and c not in _ABOUT_DETAILS)


def subject(question: str, own: frozenset[str], names: frozenset[str]) -> str | None:
    """What a question is about, as it can be named by somebody who would rather not talk of it; None if it names nothing of theirs.

    Args:
        question: a sentence.
        own: stems of the words that the seeker knows it by.
        names: of the people and animals of the story.
    """
    spoken = WORD.findall(question)
    for word in spoken[1:]:
        if word in names:
            return word
    best: tuple[int, str] | None = None
    for tokens, head in things_in(question):
        last = fold(tokens[-1])
        if last in BARE or (head in GENERIC and last not in _FOLK):
            continue
        if last in _FOLK and tokens[0].lower() in ("a", "an"):  # *as a child*
            continue
        if last not in _FOLK and not own.issuperset(stem(fold(token)) for token in tokens[1:]):
            continue
        if best is None or rarity(head) > best[0]:
            best = (rarity(head), _mine(" ".join(definite(tokens))))
    if best is not None:
        return best[1]
    for match in _ENDS.finditer(question):
        whole = match.group(1).lower().split()
        named = None if whole[-1] in _HOW else concept(whole[-1])
        if named is None or named in GENERIC or whole[-1].endswith("self") or not JOINS.isdisjoint(whole):
            continue
        if own.issuperset(map(stem, whole)):
            return _mine(match.group())
    yours = _YOURS.search(question)
    if yours is not None:
        return _mine(yours.group(1))
    day = _CALENDAR.search(question)
    if day is not None:
        return day.group()
    for match in _THAT.finditer(question) if " that " in question.lower() else ():
        word = match.group(1).lower()
        named = concept(word)
        if word in _MOMENTS or (stem(word) in own and named is not None and named not in GENERIC and word not in STOP):
            return f"that {word}"
    for match in _STANDS.finditer(question):
        word = match.group(1).lower()
        named = concept(word)
        if stem(word) not in own or named is None or word in STOP or re.fullmatch(_NUMBER, word):
            continue
        if word in _OFTEN_BARE or (named not in GENERIC and rarity(named) >= STANDS and not says_which(word)):
            return word
    somebody = next((_SOMEBODY[word] for word in map(str.lower, spoken) if word in _SOMEBODY), None)
    return somebody or how_it_was(question)


def how_it_was(question: str) -> str | None:
    """What a question that names nothing is after; None if that cannot be said either."""
    if question.isascii() and not _ANY_OF_IT.search(question.lower()):
        return None
    return next((name for pattern, name in _HOW_IT_WAS if pattern.search(question)), None)


def _mine(words: str) -> str:
    return "my " + words[5:] if words.lower().startswith("your ") else words.lower()


def short_answer(question: str) -> str:
    """The short answer that a tag asks for, *they can* to *can't they?*; empty where there is no tag."""
    tag = _TAG.search(question)
    if tag is None:
        return ""
    does, who = tag.group(1).lower(), tag.group(2).lower()
    does = _DOES.get(does, does)
    if who == "you":
        return f"I {_I_DO.get(does, does)}"
    return f"{'it' if who == 'that' else who} {does}"


@lru_cache(maxsize=256)
def asking_of(question: str) -> tuple[str, frozenset[str]]:
    """The word that a question asks with (empty for one of yes or no), and the stems by which it is known again."""
    heard = phrase(fold(question))
    opening = next((token for token in heard.tokens if token in _OPENS), "")
    stems = frozenset(heard.stems)
    return opening, (stems - _SMALL) or stems


@lru_cache(maxsize=256)
def same_question(story: Story, question: str) -> dict[str, int]:
    """Per mille to which one of the questions that a fact would answer is the one asked, by the ids of the facts that have anything of it."""
    opening, marks = asking_of(question)
    found: dict[str, int] = {}
    for name, own in _asks(story).get(opening, ()):
        shared = len(own & marks)
        if shared:
            found[name] = max(found.get(name, 0), 1000 * shared // max(len(own), len(marks)))
    return found


@lru_cache(maxsize=512)
def _asks(story: Story) -> dict[str, list[tuple[str, frozenset[str]]]]:
    """The questions that a story's facts would answer, by the word that they ask with: the fact's id and the stems."""
    found: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for fact in story.facts:
        for opening, stems in map(asking_of, fact.asks):
            found.setdefault(opening, []).append((fact.id, stems))
    return found


def detail(kind: str, line: str, question: str) -> str | None:
    """The detail of a kind that a wording has, as it says it; None if it has none of what is asked about."""
    for subject, found in _details(kind, line):
        if kind != "age" or _meant(subject, line, question):
            return found
    return None


@lru_cache(maxsize=16_384)
def _details(kind: str, line: str) -> tuple[tuple[str, str], ...]:
    """The details of a kind that a wording has, and whose they are where it is an age."""
    pattern = DETAILS.get(kind)
    if pattern is None:
        return ()
    if kind == "age":
        return tuple((match.group(1), match.group("it")) for match in pattern.finditer(line))
    return tuple(("", match.group()) for match in pattern.finditer(line))


def _meant(subject: str, line: str, question: str) -> bool:
    """Whether somebody in a wording is the one that a question asks about: by the word for them, or by a pronoun."""
    tokens = set(words(fold(question)))
    heard = set(words(fold(subject)))
    if not tokens.isdisjoint(_PEOPLE):
        return not (tokens & _PEOPLE).isdisjoint(heard)
    for pronouns, people, others in ((_SHE, WOMEN, _HE), (_HE, MEN, _SHE)):
        if not tokens.isdisjoint(pronouns):
            return not heard.isdisjoint(pronouns | people) or (
                subject[0].isupper() and others.isdisjoint(words(fold(line)))
            )
    return False


def counted(line: str, question: str) -> str | None:
    """The number of what a question asks *how many* of, with its noun, as a wording says it."""
    tokens = words(fold(question))
    at = next((i for i, token in enumerate(tokens) if token in ("many", "much")), len(tokens))
    if at + 1 >= len(tokens):
        return None
    for match in _COUNT.finditer(line):
        for end in (1, 2):  # the noun, or one behind an adjective
            if match.group(end) and stem(fold(match.group(end))) == stem(tokens[at + 1]):
                return line[match.start() : match.end(end)]
    return None


_COUNT = re.compile(rf"\b{_NUMBER} ([a-z]+)(?: ([a-z]+))?\b", re.IGNORECASE)
_PEOPLE = WOMEN | MEN | EITHER


_ANIMALS = frozenset("dog cat".split())
_OF_ANIMALS = frozenset(
    "died barked lead paw paws fur collar vet tail bowl basket walkies puppy kitten fitted old".split()
)


def people_of(text: str) -> frozenset[str]:
    """The words for people that a text has: *your brother or your sister* has two."""
    return _PEOPLE.intersection(words(fold(text)))


@lru_cache(maxsize=16_384)
def has_person(line: str) -> bool:
    """Whether a wording has somebody else in it."""
    return NAME.search(line) is not None or not _PEOPLE.isdisjoint(words(fold(line)))


_ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen""".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def in_words(number: int) -> str:
    """A number from 0 to 99 as it is written out."""
    if number < len(_ONES):
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else "")


_BACK = frozenset("it that this it's that's its".split())


def points_back(question: str) -> bool:
    """Whether a question has nothing of its own and asks about what was told last, as *what did it say* does."""
    return not topic_of(question) and not _BACK.isdisjoint(words(fold(question)))


_ONLY = re.compile(r"\b(?:only|just) (?:a|the) (?:dog|cat)\b")


def about_whom(question: str, part: str) -> int:
    """How surely a part of a wording with a name in it names the one that a question asks about; 0 if it may be anybody, 1 if
    nothing speaks against it.
    """
    asked, said = set(words(fold(question))), set(words(fold(part)))
    people = {word.removesuffix("'s") for word in asked} & _PEOPLE
    if people and people <= _ANIMALS:
        if said & _PEOPLE - _ANIMALS or _ONLY.search(part):
            return 0
        return 4 if people & said else 2 if said & _OF_ANIMALS else 1
    if people:
        return 4 if not people.isdisjoint(said) else int(people <= EITHER)
    she, he = not asked.isdisjoint(_SHE), not asked.isdisjoint(_HE)
    women, men = not said.isdisjoint(_SHE | WOMEN), not said.isdisjoint(_HE | MEN)
    if she or he:
        mine, other = (women, men) if she else (men, women)
        return 3 if mine and not other else int(not other)
    return 0
