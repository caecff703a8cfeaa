"""What a sentence says of things beyond naming them: that somebody does or is one, that one is so, which stand side by side.

A list of the right nouns is no understanding, whatever frame it stands in. Small words and word order show as much; nothing is parsed.
"""

from __future__ import annotations

from functools import lru_cache

from empathy_gym.seeker.concepts import IRREGULAR
from empathy_gym.seeker.fluency import follows
from empathy_gym.seeker.phrase import Phrase

Said = str | tuple[str, str]
"""A concept of which something is said, or two that stand side by side."""

_SUBJECTS = frozenset(
    """i you he she they we it who which nobody everyone everybody somebody someone anyone one none both all nothing something i've you've they've
    we've i'd you'd he'd she'd they'd we'd it'd i'll you'll he'll she'll they'll we'll it'll who'd""".split()
)
_HELPERS = frozenset(
    """have has had do does did will would can could should may might must don't didn't doesn't haven't hasn't hadn't won't wouldn't can't cannot
    couldn't shouldn't to let lets make made makes""".split()
)
_COPULAS = frozenset(
    """am is are was were be been being isn't aren't wasn't weren't i'm you're he's she's it's they're we're that's there's who's get gets got
    getting""".split()
)
_BETWEEN = frozenset(
    """just really still even never ever always only also already not then now finally almost simply quietly suddenly actually somehow all both
    quite hardly barely once again too so often""".split()
)
"""Words that may stand between somebody and what they do."""

_BEFORE_THINGS = frozenset(
    """the a an my your his her their our its this these those every each no some any another what which whose of in on at for with into onto
    about over under between against through""".split()
)
"""Words after which a word in *-ed* or *-ing* is a thing or says which."""

DOES = -300
"""What a word weighs at least (``fluency.follows``) that somebody can do: *they call*, not *they truck*."""

JOINTS = 3
"""Small words between two things that stand side by side, at most."""

_LISTS = frozenset("and or nor plus".split())
"""Words that list."""

_NO_VERBS = frozenset(
    "children kids men women people worse worst better best families studies parties friends wife's death lies dead".split()
)
_VERBS = frozenset(word for word in IRREGULAR if word not in _NO_VERBS) | frozenset(
    """went took made came got put let set read lost left kept said told thought felt knew saw had did was gone done taken seen become became won
    led fed hung stuck swept wept lent bled flew drew swam sang sank rode rose""".split()
)


def _is_verb(word: str) -> bool:
    return word in _VERBS or (word.endswith("ed") and len(word) > 4) or (word.endswith("ing") and len(word) > 5)


def says(said: Phrase) -> frozenset[Said]:
    """The concepts that somebody does or is in a sentence or that are said to be something, and those that stand side by side."""
    return _says(said.tokens, said.contents)


@lru_cache(maxsize=256)
def _says(tokens: tuple[str, ...], contents: tuple[str | None, ...]) -> frozenset[Said]:
    found: set[Said] = set()
    for at, (word, here) in enumerate(zip(tokens, contents, strict=True)):
        if here is None:
            continue
        near = at - 1
        while near >= 0 and (tokens[near] in _BETWEEN or (tokens[near].endswith("ly") and len(tokens[near]) > 4)):
            near -= 1
        before = tokens[near] if near >= 0 else ""
        after = tokens[at + 1] if at + 1 < len(tokens) else ""
        if (
            before in _COPULAS or (before in _SUBJECTS and (_is_verb(word) or follows(before, word) >= DOES))
            or (_is_verb(word) and before not in _BEFORE_THINGS)
            or after in _COPULAS or (after in _HELPERS and after != "to")
        ):  # fmt: skip
            found.add(here)
        beside = _beside(tokens, contents, at)
        if beside is not None:
            found.add((beside, here))
    return frozenset(found)


def _beside(tokens: tuple[str, ...], contents: tuple[str | None, ...], at: int) -> str | None:
    """What stands before a word, with small words between that join the two and do not only list them."""
    for before in range(at - 1, max(-1, at - 2 - JOINTS), -1):
        if contents[before] is not None:
            return contents[before]
        if tokens[before] in _LISTS:
            return None
    return None


def told_of(said: Phrase) -> frozenset[Said]:
    """The same of one wording of a fact, and what stands side by side whatever small words are between."""
    told = [c for c in said.contents if c is not None]
    return says(said) | frozenset(zip(told, told[1:], strict=False))
