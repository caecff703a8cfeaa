"""Transcripts: everything that was said and felt in an episode, and a replay that must agree byte for byte.

A transcript is one JSON object::

    format          1
    dynamics        version of the seeker's dynamics
    env             keywords that make the same environment
    scenario, key   who the seeker is; the episode's key, 16 hexadecimal digits (JSON numbers stop at 53 bits)
    opening         the seeker's first line
    first_emotion   milli-points, before any reply
    turns           a list of {reply (raw), heard, line, emotion (milli-points), ledger}
    outcome         "helped", "left", "time", or null for a talk that was broken off
    final_emotion   milli-points
    skills          milli-points earned by each of five skills
    well_formed     replies that kept the scaffold's format
    backend         only where another seeker answered: its name, whether it is nondeterministic, its thoughts; cannot be replayed
    digest          SHA-256 of all the rest
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, cast

from empathy_gym.errors import InvalidOption, InvalidTranscript, UnknownScenario
from empathy_gym.seeker.ledger import fresh
from empathy_gym.seeker.seeker import DYNAMICS_VERSION

if TYPE_CHECKING:
    from empathy_gym.envs.backend import BackendSeeker
    from empathy_gym.envs.episode import Episode

__all__ = ["FORMAT", "Verification", "build", "check_form", "digest", "verify"]

FORMAT = 1
"""Of the JSON object; the dynamics have a version of their own."""

_ENTRIES: tuple[tuple[str, type], ...] = (
    ("env", Mapping),
    ("scenario", str),
    ("key", str),
    ("opening", str),
    ("first_emotion", int),
    ("turns", list),
    ("final_emotion", int),
)
_TURN_ENTRIES: tuple[tuple[str, type], ...] = (
    ("reply", str),
    ("heard", str),
    ("line", str),
    ("emotion", int),
    ("ledger", list),
)
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
_KEY = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Verification:
    """Whether a transcript is what the seeker does.

    Attributes:
        ok: true if the replay agrees in everything.
        first_difference: where it does not, what the replay expected and what the transcript has; None if it agrees.
    """

    ok: bool
    first_difference: str | None


def build(episode: Episode) -> dict[str, Any]:
    """The transcript of an episode, over or not: fresh and JSON-able."""
    found = {
        "format": FORMAT,
        "dynamics": DYNAMICS_VERSION,
        "env": episode.config.as_dict(),
        "scenario": episode.seeker.scenario.id,
        "key": f"{episode.key:016x}",
        "opening": episode.seeker.opening,
        "first_emotion": episode.first_emotion,
        "turns": [{**turn, "ledger": fresh(turn["ledger"])} for turn in episode.turns],
        "outcome": episode.outcome,
        "final_emotion": episode.seeker.emotion,
        "skills": dict(episode.skills),
        "well_formed": episode.well_formed,
    }
    if episode.backend is not None:
        found["backend"] = cast("BackendSeeker", episode.seeker).record()
    return {**found, "digest": digest(found)}


def digest(transcript: Mapping[str, Any]) -> str:
    """SHA-256 of the transcript's canonical JSON (ASCII, sorted, no white space), its own digest left out."""
    kept = {name: value for name, value in transcript.items() if name != "digest"}
    return hashlib.sha256(_CANONICAL.encode(kept).encode("ascii")).hexdigest()


def verify(transcript: Mapping[str, Any]) -> Verification:
    """Replay a transcript.

    Args:
        transcript: as in ``info["transcript"]``, also after a JSON round trip.

    Returns:
        ``ok`` and, where something differs, the first difference. A transcript of other dynamics differs in its version, and one of another
        seeker in that: only the scripted seeker can be replayed.

    Raises:
        InvalidTranscript: if it does not have a transcript's form.
    """
    _expect("transcript", transcript, Mapping)
    _expect("dynamics", transcript.get("dynamics"), str)
    if transcript["dynamics"] != DYNAMICS_VERSION:
        return _differs("dynamics", f"{DYNAMICS_VERSION!r} (this version's)", repr(transcript["dynamics"]))
    check_form(transcript)
    if "backend" in transcript:
        return _differs("backend", "none (the scripted seeker, which can be replayed)", _short(transcript["backend"]))
    try:
        episode = _begin(transcript)
    except InvalidOption as error:
        return Verification(False, f"env.{error}")
    except UnknownScenario as error:
        return Verification(False, f"scenario: {error}")
    for number, turn in enumerate(transcript["turns"]):
        if episode.over:
            total = len(transcript["turns"])
            return _differs("turns", f"{number}, because the talk ended there ({episode.outcome})", str(total))
        episode.step(turn["reply"])
    difference = _difference("", build(episode), transcript)
    return Verification(difference is None, difference)


MOST = 10**9
"""No number of a talk is larger; one that is could not be shown."""


def check_form(transcript: Any) -> None:
    """Check what a replay, or a page, needs to find in a transcript.

    Raises:
        InvalidTranscript: naming the first entry that is missing or of a wrong type.
    """
    _expect("transcript", transcript, Mapping)
    _expect_entries("", transcript, _ENTRIES)
    if not _KEY.fullmatch(transcript["key"]):
        raise InvalidTranscript(f"key: expected 16 hexadecimal digits, got {_short(transcript['key'])}")
    for i, turn in enumerate(transcript["turns"]):
        _expect(f"turns[{i}]", turn, Mapping)
        _expect_entries(f"turns[{i}].", turn, _TURN_ENTRIES)
        for j, line in enumerate(turn["ledger"]):
            _check_line(f"turns[{i}].ledger[{j}]", line)


def _check_line(place: str, line: Any) -> None:
    _expect(place, line, Mapping)
    _expect_entries(f"{place}.", line, (("cause", str), ("amount", int)))
    if line.get("skill") is not None:
        _expect(f"{place}.skill", line["skill"], str)
    span = line.get("span")
    if span is not None and not (_is_list(span) and len(span) == 2 and all(isinstance(at, int) for at in span)):
        raise InvalidTranscript(f"{place}.span: expected [start, end] or null, got {_short(span)}")


def _begin(transcript: Mapping[str, Any]) -> Episode:
    """The episode of a transcript before its first reply."""
    # Here, because an episode builds transcripts: envs.episode imports this module.
    from empathy_gym.envs.episode import Config, Episode

    known = {field.name for field in fields(Config)}
    unknown = sorted(str(name) for name in transcript["env"] if name not in known)
    if unknown:
        raise InvalidTranscript(f"env: expected {', '.join(sorted(known))} alone, got {', '.join(unknown)} as well")
    return Episode(Config(**transcript["env"]), int(transcript["key"], 16), transcript["scenario"])


def _expect(name: str, value: Any, kind: type) -> None:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise InvalidTranscript(f"{name}: expected {kind.__name__.lower()}, got {_short(value)}")
    if isinstance(value, int) and abs(value) > MOST:
        raise InvalidTranscript(f"{name}: expected a whole number from -{MOST} to {MOST}, got one beyond")


def _expect_entries(place: str, value: Mapping[str, Any], entries: tuple[tuple[str, type], ...]) -> None:
    for name, kind in entries:
        _expect(f"{place}{name}", value.get(name), kind)


def _difference(place: str, expected: Any, got: Any) -> str | None:
    """The first place where two JSON values differ, depth first in the expected one's order."""
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        missing = object()
        for name in [*expected, *sorted(str(name) for name in got if name not in expected)]:
            at = f"{place}.{name}" if place else str(name)
            one, other = expected.get(name, missing), got.get(name, missing)
            if one is missing or other is missing:
                return f"{at}: expected {_known(one, missing)}, got {_known(other, missing)}"
            found = _difference(at, one, other)
            if found is not None:
                return found
        return None
    if _is_list(expected) and _is_list(got):
        for i, (one, other) in enumerate(zip(expected, got, strict=False)):
            found = _difference(f"{place}[{i}]", one, other)
            if found is not None:
                return found
        same = len(expected) == len(got)
        return None if same else f"{place}: expected {len(expected)} entries, got {len(got)}"
    same = type(expected) is type(got) and expected == got
    return None if same else f"{place}: expected {_short(expected)}, got {_short(got)}"


def _differs(place: str, expected: str, got: str) -> Verification:
    return Verification(False, f"{place}: expected {expected}, got {got}")


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _known(value: Any, missing: object) -> str:
    return "nothing" if value is missing else _short(value)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
