"""What is heard: text brought to one fixed alphabet, thoughts taken out, sentences and words found.

Nothing here asks the interpreter what a letter is: Python's own Unicode tables change between versions, and the same
reply must be the same bytes everywhere. A character is looked up in the table below or becomes U+FFFD.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MAX_REPLY_CHARS = 4_000
"""Longer replies are cut here before they are read (and cost patience long before)."""

MAX_RAW_CHARS = 40_000
"""No more than this of a raw reply, thoughts included, is looked at."""

UNKNOWN = "\ufffd"

# Letters with marks, beside the plain letters that they are read as. One character each, so spans stay aligned.
_MARKED = (
    "ÀÁÂÃÄÅĀĂĄàáâãäåāăą"
    "ÇĆĈĊČçćĉċč"
    "ĎĐÐďđð"
    "ÈÉÊËĒĔĖĘĚèéêëēĕėęě"
    "ĜĞĠĢĝğġģ"
    "ĤĦĥħ"
    "ÌÍÎÏĨĪĬĮİìíîïĩīĭįı"
    "Ĵĵ"
    "Ķķ"
    "ĹĻĽĿŁĺļľŀł"
    "ÑŃŅŇñńņň"
    "ÒÓÔÕÖØŌŎŐŒòóôõöøōŏőœ"
    "ŔŖŘŕŗř"
    "ŚŜŞŠśŝşšß"
    "ŢŤŦţťŧ"
    "ÙÚÛÜŨŪŬŮŰŲùúûüũūŭůűų"
    "Ŵŵ"
    "ÝŶŸýŷÿ"
    "ŹŻŽźżž"
    "Ææ"
    "Þþ"
)
_PLAIN = (
    "a" * 18
    + "c" * 10
    + "d" * 6
    + "e" * 18
    + "g" * 8
    + "h" * 4
    + "i" * 18
    + "j" * 2
    + "k" * 2
    + "l" * 10
    + "n" * 8
    + "o" * 20
    + "r" * 6
    + "s" * 9
    + "t" * 6
    + "u" * 20
    + "w" * 2
    + "y" * 6
    + "z" * 6
    + "a" * 2
    + "t" * 2
)
assert len(_MARKED) == len(_PLAIN), (len(_MARKED), len(_PLAIN))

# Letters of other scripts that look like Latin ones (an old way round a filter) and typographic signs.
_LOOKALIKES = dict(zip("АВЕКМНОРСТХаеорсухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTXaeopcyxijsABEZHIKMNOPTYXo", strict=True))
_SIGNS = {
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2032": "'", "\u00b4": "'", "\u02bc": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"', "\u2033": '"',
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2015": "-", "\u2212": "-",
    "\u2026": "...", "\u2022": "*", "\u00b7": "*", "\u00bf": "?", "\u00a1": "!", "\u203d": "?",
    "\u00a3": "\u00a3", "\u20ac": "\u20ac", "\u00b0": "\u00b0", "\u00bd": "\u00bd",
}  # fmt: skip


class Remembered(dict[K, V], Generic[K, V]):
    """A function's values by its argument: all are forgotten once there are too many.

    For words, which are looked up by the dozen: an ``lru_cache`` would order them anew each time.

    Args:
        function: of one argument, pure.
        most: values that are kept.
    """

    def __init__(self, function: Callable[[K], V], most: int = 65_536) -> None:
        super().__init__()
        self._function = function
        self._most = most

    def __missing__(self, key: K) -> V:
        if len(self) >= self._most:
            self.clear()
        found = self[key] = self._function(key)
        return found


class _Table(dict):
    """A translation table in which everything that is not listed becomes U+FFFD."""

    def __missing__(self, code: int) -> str:
        return UNKNOWN


def _build_table() -> _Table:
    table = _Table()
    table.update({code: chr(code) for code in range(0x20, 0x7F)})
    table.update({ord(c): c for c in _MARKED})
    table.update({ord(c): plain for c, plain in _LOOKALIKES.items()})
    table.update({ord(c): sign for c, sign in _SIGNS.items()})
    table.update({code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)})  # full-width ASCII
    table[0xFFFD] = UNKNOWN
    table[0x0A] = table[0x0D] = table[0x85] = table[0x2028] = table[0x2029] = "\n"
    for code in (0x09, 0x0B, 0x0C, 0xA0, 0x3000, *range(0x2000, 0x200B), 0x202F, 0x205F):
        table[code] = " "
    for code in range(0x20):
        table.setdefault(code, "")
    # Unseen marks: soft hyphen, zero-width and direction signs, variation selectors, combining accents, the BOM.
    for code in (0x7F, 0xAD, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)):
        table[code] = ""
    for code in (*range(0x300, 0x370), *range(0xFE00, 0xFE10), *range(0x80, 0x85), *range(0x86, 0xA0)):
        table[code] = ""
    return table


_TABLE = _build_table()
_FOLD = {
    **{ord(c): plain for c, plain in zip(_MARKED, _PLAIN, strict=True)},
    **{code: chr(code + 32) for code in range(0x41, 0x5B)},
}
_SPACES = re.compile(r"[ ]{2,}")
_LINES = re.compile(r" ?\n[ \n]*")
_UNKNOWNS = re.compile("\ufffd{2,}")
_THINK_OPEN = re.compile(r"<\s{0,3}think\s{0,3}>", re.IGNORECASE | re.ASCII)
_THINK_CLOSE = re.compile(r"<\s{0,3}/\s{0,3}think\s{0,3}>", re.IGNORECASE | re.ASCII)
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*|[0-9]+")
_ENDS = re.compile(
    r"[.!?\n;](?:(?<=[.!?])[.!?]*[\"')\]]*(?=\s|$)|(?<=\n)|(?<=;)(?=\s))"
)  # a first letter makes the search quick
_ABBREVIATIONS = frozenset(("mr", "mrs", "ms", "dr", "st", "vs", "etc", "e.g", "i.e", "approx", "no"))


@lru_cache(maxsize=256)
def _to_alphabet(raw: str) -> str:
    text = raw[:MAX_RAW_CHARS]
    if text.isascii() and text.isprintable():  # such text stands for itself
        return _SPACES.sub(" ", text) if "  " in text else text
    text = text.translate(_TABLE)
    text = _SPACES.sub(" ", text)
    text = _LINES.sub("\n", text)
    return _UNKNOWNS.sub(UNKNOWN, text)


def normalise(raw: str) -> str:
    """Bring a reply to the fixed alphabet.

    Args:
        raw: any string.

    Returns:
        The text as the seeker hears it: known characters (marked Latin letters stay, look-alikes and full-width forms
        become plain), others U+FFFD, white space folded, at most :data:`MAX_REPLY_CHARS` characters. Idempotent.
    """
    return _to_alphabet(raw).strip(" \n")[:MAX_REPLY_CHARS].rstrip(" \n")


def split_thought(raw: str) -> tuple[str | None, str, bool]:
    """Part what is thought from what is spoken.

    Args:
        raw: the supporter's reply, with or without ``<think>…</think>``.

    Returns:
        ``(thought, spoken, well_formed)``. Every thought is taken out, also an unclosed one, and whatever stands before
        a closing tag that was never opened. ``well_formed`` is true for exactly one closed thought at the very start,
        not empty, and words after it.
    """
    text = _to_alphabet(raw).strip(" \n")
    if "<" not in text:
        return None, text, False
    thoughts: list[str] = []
    spoken: list[str] = []
    opens = closes = position = 0
    opened, closed = _THINK_OPEN.search(text), _THINK_CLOSE.search(text)
    while True:  # what was found stays found until it has been passed: a search for each tag would take the square of their number
        if opened is not None and opened.start() < position:
            opened = _THINK_OPEN.search(text, position)
        if closed is not None and closed.start() < position:
            closed = _THINK_CLOSE.search(text, position)
        if opened is None and closed is None:
            spoken.append(text[position:])
            break
        if opened is None or (closed is not None and closed.start() < opened.start()):
            assert closed is not None
            thoughts.extend([*spoken, text[position : closed.start()]])
            spoken = []
            closes, position = closes + 1, closed.end()
            continue
        spoken.append(text[position : opened.start()])
        opens += 1
        if closed is None:
            thoughts.append(text[opened.end() :])
            break
        thoughts.append(text[opened.end() : closed.start()])
        closes, position = closes + 1, closed.end()
    parts = [part.strip(" \n") for part in spoken if part.strip(" \n")]
    said = " ".join([*filter(None, map(_without_half_tag, parts[:-1])), *parts[-1:]])
    thought = " ".join(part.strip(" \n") for part in thoughts if part.strip(" \n"))
    starts = _THINK_OPEN.match(text) is not None
    well_formed = starts and opens == closes == 1 and bool(thought) and bool(words(fold(said)))
    return (thought if opens or closes else None), said, well_formed


def _without_half_tag(part: str) -> str:
    """What stands before a thought, without the beginning of a tag at its end, which what comes after the thought would complete."""
    while True:
        bare = part[:-5].rstrip(" \n") if part[-5:].lower() == "think" else part
        bare = bare.removesuffix("/").rstrip(" \n")
        if not bare.endswith("<"):
            return part
        part = bare[:-1].rstrip(" \n")


def fold(text: str) -> str:
    """Lower case without marks, character for character (so that spans found in it are spans of ``text``)."""
    return text.lower() if text.isascii() else text.translate(_FOLD)


@lru_cache(maxsize=256)
def words(folded: str) -> tuple[str, ...]:
    """The words and numbers of a folded text, apostrophes kept inside (``don't``)."""
    return tuple(_WORD.findall(folded))


def is_question(text: str) -> bool:
    """Whether a sentence ends with a question mark, whatever quotes and brackets close after it."""
    return text.rstrip("\"') ").endswith("?")


@lru_cache(maxsize=256)
def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """The sentences of a heard text as ``(start, end)`` pairs, without the white space around them.

    Sentences end at ``.``, ``!``, ``?`` before a space, at a line's end and at a semicolon; those of a text and of the same text folded
    are the same. Linear time on any input.
    """
    spans = []
    start = 0
    for match in _ENDS.finditer(text):
        at, end = match.span()
        if end == at + 1 and text[at] == ".":
            before = text[max(start, at - 8) : at].rsplit(" ", 1)[-1]
            if fold(before) in _ABBREVIATIONS:
                continue
        spans.append((start, end))
        start = end
    spans.append((start, len(text)))
    trimmed = []
    for start, end in spans:
        piece = text[start:end].rstrip(" \n")
        begin = start + len(piece) - len(piece.lstrip(" \n"))
        if piece:
            trimmed.append((begin, start + len(piece)))
    return tuple(trimmed)
