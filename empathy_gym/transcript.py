"""Transcripts: everything that was said and felt in an episode, and a replay that must agree byte for byte."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from empathy_gym.errors import EmpathyGymError, InvalidTranscript
from empathy_gym.seeker.seeker import DYNAMICS_VERSION

if TYPE_CHECKING:
    from empathy_gym.envs.episode import Episode

FORMAT = 1


@dataclass(frozen=True)
class Verification:
    """Whether a transcript is what the seeker does.

    Attributes:
        ok: true if the replay agrees in everything.
        first_difference: where it does not, what was expected and what the transcript has; None if it agrees.
    """

    ok: bool
    first_difference: str | None


def digest(transcript: Mapping[str, Any]) -> str:
    """SHA-256 of the transcript's canonical JSON, its own digest left out."""
    kept = {name: value for name, value in transcript.items() if name != "digest"}
    return hashlib.sha256(
        json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")
    ).hexdigest()


def build(episode: Episode) -> dict[str, Any]:
    """The transcript of an episode, JSON-able. Raw replies are kept."""
    found = {
        "format": FORMAT,
        "dynamics": DYNAMICS_VERSION,
        "env": episode.config.as_dict(),
        "scenario": episode.seeker.scenario.id,
        "key": f"{episode.key:016x}",
        "opening": episode.seeker.opening,
        "first_emotion": episode.first_emotion,
        "turns": copy.deepcopy(episode.turns),
        "outcome": episode.outcome,
        "final_emotion": episode.seeker.emotion,
        "skills": dict(episode.skills),
    }
    return {**found, "digest": digest(found)}


def verify(transcript: Mapping[str, Any]) -> Verification:
    """Replay a transcript.

    Args:
        transcript: as in ``info["transcript"]``, also after a JSON round trip.

    Returns:
        ``ok`` and, where something differs, the first difference.

    Raises:
        InvalidTranscript: if it does not have a transcript's form.
    """
    from empathy_gym.envs.episode import Config, Episode

    _check_form(transcript)
    if transcript["dynamics"] != DYNAMICS_VERSION:
        return Verification(
            False, f"dynamics: expected {DYNAMICS_VERSION} (this version's), got {transcript['dynamics']}"
        )
    try:
        config = Config(**transcript["env"])
        episode = Episode(config, int(transcript["key"], 16), transcript["scenario"])
    except (EmpathyGymError, TypeError, ValueError) as error:
        return Verification(False, f"env: {error}")
    for number, turn in enumerate(transcript["turns"]):
        if episode.over:
            return Verification(
                False, f"turns: expected {number} (the talk ended as {episode.outcome}), got {len(transcript['turns'])}"
            )
        episode.step(turn["reply"])
    difference = _difference("", build(episode), transcript)
    return Verification(difference is None, difference)


def _check_form(transcript: Any) -> None:
    if not isinstance(transcript, Mapping):
        raise InvalidTranscript(f"transcript: expected an object, got {type(transcript).__name__}")
    for name, kind in (("dynamics", str), ("env", Mapping), ("scenario", str), ("key", str), ("turns", list)):
        if not isinstance(transcript.get(name), kind):
            raise InvalidTranscript(
                f"transcript: {name}: expected {kind.__name__}, got {str(transcript.get(name))[:60]!r}"
            )
    for i, turn in enumerate(transcript["turns"]):
        if not isinstance(turn, Mapping) or not isinstance(turn.get("reply"), str):
            raise InvalidTranscript(f"transcript: turns[{i}].reply: expected str, got {str(turn)[:60]!r}")
    try:
        int(transcript["key"], 16)
    except ValueError as error:
        raise InvalidTranscript(
            f"transcript: key: expected a hexadecimal number, got {transcript['key'][:40]!r}"
        ) from error


def _difference(where: str, expected: Any, got: Any) -> str | None:
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        for name in expected:
            place = f"{where}.{name}" if where else name
            if name not in got:
                return f"{place}: expected {_short(expected[name])}, got nothing"
            found = _difference(place, expected[name], got[name])
            if found:
                return found
        extra = sorted(set(got) - set(expected))
        return f"{where}.{extra[0]}".lstrip(".") + f": expected nothing, got {_short(got[extra[0]])}" if extra else None
    if isinstance(expected, (list, tuple)) and isinstance(got, (list, tuple)):
        for i, (one, other) in enumerate(zip(expected, got, strict=False)):
            found = _difference(f"{where}[{i}]", one, other)
            if found:
                return found
        return None if len(expected) == len(got) else f"{where}: expected {len(expected)} entries, got {len(got)}"
    return (
        None
        if type(expected) is type(got) and expected == got
        else f"{where}: expected {_short(expected)}, got {_short(got)}"
    )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
