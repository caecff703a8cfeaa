"""A model's answer, read strictly: one JSON object with the four entries, or a fault that can be told to the model."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from empathy_gym.backends.prompt import LIMIT
from empathy_gym.seeker.text import normalise

__all__ = ["Answer", "Malformed", "parse"]

MOST_CHARS = 20_000
"""Longer answers are not looked at."""

_FENCED = re.compile(r"```(?:json)?\s*(\{.*\})\s*```", re.DOTALL)


class Malformed(ValueError):
    """The answer cannot be used; the message says why, in the words that the model is told."""


@dataclass(frozen=True)
class Answer:
    """What a model says that the person feels, thinks and says.

    Attributes:
        analysis: what the reply does.
        thoughts: the inner monologue.
        change: points, within ±10.
        given: the change as it was given, before it was brought within ±10.
        reply: the next line, normalised, not empty.
    """

    analysis: str
    thoughts: str
    change: int
    given: int
    reply: str


def parse(text: str) -> Answer:
    """Read an answer; one code fence around the object is let pass.

    Raises:
        Malformed: for anything else than one object with exactly ``analysis``, ``thoughts``, ``change`` and ``reply``.
    """
    text = text.strip()
    if len(text) > MOST_CHARS:
        raise Malformed(f"expected at most {MOST_CHARS} characters, got {len(text)}")
    fenced = _FENCED.fullmatch(text)
    try:
        found = json.loads(fenced[1] if fenced else text, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError as error:
        raise Malformed("expected a flat JSON object, got a deeply nested one") from error
    except Malformed:
        raise
    except ValueError as error:  # also a whole number of too many digits
        raise Malformed(f"expected one JSON object, got text that is none ({str(error)[:80]})") from error
    if not isinstance(found, dict):
        raise Malformed(f"expected one JSON object, got {type(found).__name__}")
    names = ("analysis", "thoughts", "change", "reply")
    if set(found) != set(names):
        raise Malformed(f"expected the entries {', '.join(names)}, got {', '.join(sorted(found))[:120] or 'none'}")
    for name in ("analysis", "thoughts", "reply"):
        if not isinstance(found[name], str):
            raise Malformed(f"{name}: expected text, got {type(found[name]).__name__}")
    given = found["change"]
    if not isinstance(given, int) or isinstance(given, bool):
        raise Malformed(f"change: expected a whole number, got {json.dumps(given)[:40]}")
    reply = normalise(found["reply"])
    if not reply:
        raise Malformed("reply: expected words, got none")
    return Answer(found["analysis"], found["thoughts"], max(-LIMIT, min(LIMIT, given)), given, reply)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Malformed("expected each entry once, got one twice")
    return found


def _no_constant(name: str) -> None:
    raise Malformed(f"expected JSON, got {name}")
