"""One talk of two players, free of PettingZoo: an episode in which moves choose the seeker's lines, its transcript and its replay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from empathy_gym.envs.episode import Config, Episode, Prepared
from empathy_gym.errors import InvalidOption, InvalidTranscript, UnknownScenario
from empathy_gym.multi.played import NAMES, OWN, PlayedSeeker
from empathy_gym.seeker import bank
from empathy_gym.seeker.reading import Reading
from empathy_gym.seeker.seeker import DYNAMICS_VERSION
from empathy_gym.transcript import Verification, check_form, digest

__all__ = ["PairEpisode", "verify"]


class PairEpisode(Episode):
    """An :class:`~empathy_gym.envs.episode.Episode` whose seeker is played. After the last reply the line is the seeker's own.

    Args:
        config: the environment's settings.
        key: the episode's key, 0 to 2**64 - 1.
        scenario: an id of the bank, or None to let the key pick one of the split.

    Attributes:
        moves: those of the seeker so far, by number.
    """

    seeker: PlayedSeeker

    def __init__(self, config: Config, key: int, scenario: str | None = None) -> None:
        super().__init__(config, key, scenario)
        self.seeker = PlayedSeeker(bank.scenario(self.seeker.scenario.id), self.key, config.dial)
        self.moves: list[int] = []

    @property
    def line(self) -> str:
        """The seeker's latest line."""
        return next(m["content"] for m in reversed(self.seeker.messages) if m["role"] == "user")

    @property
    def heard(self) -> str:
        """The supporter's latest reply as it was heard; empty before the first."""
        return self.turns[-1]["heard"] if self.turns else ""

    def step(self, reply: str, prepared: Prepared | None = None, reading: Reading | None = None) -> float:
        """Take the supporter's reply; see :meth:`~empathy_gym.envs.episode.Episode.step`."""
        reward = super().step(reply, prepared, reading)
        if self.over:
            self._say(OWN)
        return reward

    def answer(self, number: int) -> None:
        """Take the seeker's move, by its number, after a reply that did not end the talk."""
        self._say(number)
        self.moves.append(number)

    def _say(self, number: int) -> None:
        self.turns[-1]["line"] = self.seeker.answer(number)

    def info(self, privileged: bool = False) -> dict[str, Any]:
        """As in the single environment; the transcript also has the names of the seeker's ``moves``."""
        found = super().info(privileged)
        if "transcript" in found:
            whole = {**found["transcript"], "moves": [NAMES[number] for number in self.moves]}
            found["transcript"] = {**whole, "digest": digest(whole)}
        return found


def verify(transcript: Mapping[str, Any]) -> Verification:
    """Replay the transcript of a pair, also after a JSON round trip; every byte must agree.

    Args:
        transcript: as in ``info["transcript"]`` of :mod:`~empathy_gym.multi.support_pair_v0`.

    Raises:
        InvalidTranscript: if it does not have the form of one.
    """
    check_form(transcript)
    moves = transcript.get("moves")
    known = {field.name for field in fields(Config)}
    if not isinstance(moves, list) or any(name not in NAMES for name in moves):
        raise InvalidTranscript(f"moves: expected a list of {NAMES[0]}, {NAMES[1]}, ..., got {str(moves)[:80]!r}")
    if not set(transcript["env"]) <= known:
        raise InvalidTranscript(f"env: expected {', '.join(sorted(known))} alone, got {sorted(transcript['env'])}")
    if transcript.get("dynamics") != DYNAMICS_VERSION:
        return Verification(False, f"dynamics: expected {DYNAMICS_VERSION!r}, got {transcript.get('dynamics')!r}")
    try:
        episode = PairEpisode(Config(**transcript["env"]), int(transcript["key"], 16), transcript["scenario"])
    except (InvalidOption, UnknownScenario) as error:
        return Verification(False, f"env or scenario: {error}")
    for number, turn in enumerate(transcript["turns"]):
        if episode.over:
            return Verification(False, f"turns: expected {number}, got {len(transcript['turns'])}")
        episode.step(turn["reply"])
        if not episode.over:
            episode.answer(NAMES.index(moves[number]) if number < len(moves) else OWN)
    if not episode.over:
        return Verification(False, "outcome: expected a talk that ended, got one that goes on")
    replayed = episode.info()["transcript"]
    for name in [*replayed, *(extra for extra in transcript if extra not in replayed)]:
        if replayed.get(name) != transcript.get(name):
            return Verification(False, _first(name, replayed.get(name), transcript.get(name)))
    return Verification(True, None)


def _first(name: str, expected: Any, got: Any) -> str:
    """Where two entries differ, to the turn."""
    if isinstance(expected, list) and isinstance(got, list):
        for number, (one, other) in enumerate(zip(expected, got, strict=False)):
            if one != other:
                return f"{name}[{number}]: expected {str(one)[:80]}, got {str(other)[:80]}"
    return f"{name}: expected {str(expected)[:80]}, got {str(got)[:80]}"
