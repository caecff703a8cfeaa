"""Scoring any chat: how a seeker's emotion would have moved through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from empathy_gym.errors import InvalidOption
from empathy_gym.seeker import bank
from empathy_gym.seeker.appraisal import Appraisal
from empathy_gym.seeker.mind import HARDEST, Mind
from empathy_gym.seeker.reading import read_many
from empathy_gym.seeker.scenario import Scenario
from empathy_gym.seeker.sofar import checked
from empathy_gym.seeker.text import normalise, split_thought


@dataclass(frozen=True)
class Trajectory:
    """How the emotion moved.

    Attributes:
        emotions: milli-points, one more than there are supporter turns; the first is before any.
        changes: milli-points, one for each supporter turn.
        ledger: for each supporter turn, its lines as dicts.
    """

    emotions: tuple[int, ...]
    changes: tuple[int, ...]
    ledger: tuple[tuple[dict[str, Any], ...], ...]


def score_transcript(
    messages: Sequence[Mapping[str, str]],
    scenario: str | Scenario | None = None,
    situation: str | None = None,
    difficulty: int = 0,
) -> Trajectory:
    """Score a chat, also one between people.

    Args:
        messages: ``[{"role": "user" | "assistant", "content": str}]``: the seeker is ``user``, the supporter ``assistant``. Of any
            length, whoever speaks first; other roles are passed over, consecutive messages of one role are one turn, and
            nothing ends the talk early.
        scenario: a scenario or its id; on the environment's own talk the result equals the environment's bit for bit. None:
            the seeker is built from what the talk discloses.
        situation: without a scenario, a text that says what the talk is about.
        difficulty: per mille, as the environment's dial (0 vanilla, 1000 challenging).

    Raises:
        InvalidOption: if a message or another argument is not of that form.
        UnknownScenario: if the bank has no scenario of that id.
    """
    _check(scenario, situation, difficulty)
    known = bank.scenario(scenario) if isinstance(scenario, str) else scenario
    mind = Mind(known, difficulty, situation)
    emotions, changes, ledger = [mind.emotion], [], []
    heard: list[dict[str, str]] = []
    for role, content in _turns(messages):
        if role == "user":
            mind.observe(content)
        else:
            content = normalise(split_thought(content)[1])
            (reading,) = read_many([(content, heard)])  # the messages have been looked at
            appraised = Appraisal(mind, reading).run()
            changes.append(appraised.emotion - emotions[-1])
            emotions.append(appraised.emotion)
            ledger.append(tuple(line.as_dict() for line in appraised.lines))
        heard.append({"role": role, "content": content})
    return Trajectory(tuple(emotions), tuple(changes), tuple(ledger))


def _check(scenario: object, situation: object, difficulty: object) -> None:
    if scenario is not None and not isinstance(scenario, str | Scenario):
        raise InvalidOption(f"scenario: expected a scenario, its id or None, got {scenario!r}")
    if situation is not None and not isinstance(situation, str):
        raise InvalidOption(f"situation: expected a text or None, got {situation!r}")
    whole = isinstance(difficulty, int) and not isinstance(difficulty, bool)
    if not whole or not 0 <= difficulty <= HARDEST:  # type: ignore[operator]
        raise InvalidOption(
            f"difficulty: expected a whole number of thousandths from 0 to {HARDEST} (1000 is challenging), got {difficulty!r}"
        )


def _turns(messages: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    turns: list[tuple[str, str]] = []
    for role, content in checked(messages):
        if role not in ("user", "assistant"):
            continue
        if turns and turns[-1][0] == role:
            turns[-1] = (role, f"{turns[-1][1]} {content}")
        else:
            turns.append((role, content))
    return turns
