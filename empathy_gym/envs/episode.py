"""One episode, free of Gymnasium: turns, reward, format rule, info and transcript.

The single, the vector and the strategy environment all play through :class:`Episode`, so that they agree by construction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from empathy_gym.envs.backend import Backend, BackendSeeker
from empathy_gym.errors import EpisodeOver, InvalidAction, InvalidOption
from empathy_gym.seeker import bank, mind
from empathy_gym.seeker.emotion import FULL
from empathy_gym.seeker.ledger import SKILLS, fresh
from empathy_gym.seeker.reading import Reading
from empathy_gym.seeker.scenario import SPLITS, Scenario
from empathy_gym.seeker.seeker import Seeker
from empathy_gym.seeker.text import normalise, split_thought
from empathy_gym.transcript import build

__all__ = ["DIFFICULTIES", "Config", "Episode", "Prepared", "check_options", "chosen_scenario", "draw_key"]

DIFFICULTIES = {"vanilla": 0.0, "challenging": 1.0}
"""Names for points of the dial, after RLVER's two user simulators."""

HARDEST = mind.HARDEST / 1000
"""The dial's upper end, dimensionless."""

SCAFFOLDS = ("direct", "thinking")
REWARDS = ("final", "change")
PENALTIES = ("share", "zero", "none")

Prepared = tuple[str, str | None, bool]
"""``(heard, thought, well_formed)`` of a raw reply."""


@dataclass(frozen=True)
class Config:
    """An environment's settings, checked when they are made.

    Attributes:
        scaffold: ``direct`` or ``thinking``.
        difficulty: ``vanilla`` (0.0), ``challenging`` (1.0) or a number from 0 to 1.5.
        split: ``train``, ``dev`` or ``test``.
        reward: ``final`` or ``change``.
        max_turns: supporter turns after which the episode is truncated, at least 1.
        format_penalty: ``share``, ``zero`` or ``none``; matters for ``thinking`` alone.

    Raises:
        InvalidOption: naming the keyword.
    """

    scaffold: str = "direct"
    difficulty: str | float = "vanilla"
    split: str = "train"
    reward: str = "final"
    max_turns: int = 8
    format_penalty: str = "share"

    def __post_init__(self) -> None:
        _expect_one_of("scaffold", self.scaffold, SCAFFOLDS)
        _expect_one_of("split", self.split, SPLITS)
        _expect_one_of("reward", self.reward, REWARDS)
        _expect_one_of("format_penalty", self.format_penalty, PENALTIES)
        if not isinstance(self.max_turns, int) or isinstance(self.max_turns, bool) or self.max_turns < 1:
            raise InvalidOption(f"max_turns: expected a whole number of at least 1, got {self.max_turns!r}")
        _dial(self.difficulty)

    @property
    def dial(self) -> int:
        """The difficulty in per mille, 0 to 1500."""
        return _dial(self.difficulty)

    def as_dict(self) -> dict[str, Any]:
        """JSON-able keywords that make the same environment."""
        plain = self.difficulty if isinstance(self.difficulty, str) else float(self.difficulty)
        return {**vars(self), "difficulty": plain}


def _expect_one_of(name: str, value: Any, among: tuple[str, ...]) -> None:
    if not isinstance(value, str) or value not in among:
        raise InvalidOption(f"{name}: expected one of {', '.join(among)}, got {value!r}")


def _dial(difficulty: Any) -> int:
    value = DIFFICULTIES.get(difficulty) if isinstance(difficulty, str) else difficulty
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= HARDEST:
        names = ", ".join(DIFFICULTIES)
        raise InvalidOption(f"difficulty: expected {names} or a number from 0 to {HARDEST}, got {difficulty!r}")
    return round(value * 1000)


def check_options(options: Mapping[str, Any] | None, known: tuple[str, ...] = ("scenario",)) -> dict[str, Any]:
    """The options of ``reset``, checked before anything is changed.

    Args:
        options: as given to ``reset``.
        known: the names that may stand in it.

    Raises:
        InvalidOption: for other names.
    """
    if options is None:
        return {}
    if not isinstance(options, Mapping):
        raise InvalidOption(f"options: expected a dict or None, got {type(options).__name__}")
    unknown = [name for name in options if name not in known]
    if unknown:
        raise InvalidOption(
            f"options: expected {' and '.join(map(repr, known))} alone, got {', '.join(map(repr, unknown))} as well"
        )
    return dict(options)


def check_privileged(privileged: Any) -> bool:
    """The keyword, known to be a truth: any other would show what a policy must not see.

    Raises:
        InvalidOption: for anything else.
    """
    if not isinstance(privileged, bool | np.bool_):
        raise InvalidOption(f"privileged: expected True or False, got {privileged!r:.80}")
    return bool(privileged)


def chosen_scenario(options: Mapping[str, Any] | None) -> str | None:
    """The scenario that the options of a single environment's ``reset`` ask for, known to be in the bank; None without one.

    Raises:
        InvalidOption: for other options.
        UnknownScenario: if the bank has no scenario of that id.
    """
    scenario_id = check_options(options).get("scenario")
    return None if scenario_id is None else bank.scenario(scenario_id).id


def draw_key(generator: np.random.Generator) -> int:
    """An episode's key, 0 to 2**64 - 1: a raw draw, because the streams of NumPy's distributions may change between its versions."""
    return int(generator.bit_generator.random_raw())  # type: ignore[attr-defined]


class Episode:
    """One talk from its opening to its end.

    Args:
        config: the environment's settings.
        key: the episode's key, 0 to 2**64 - 1; picks the scenario and all wordings.
        scenario: an id of the bank, or None to let the key pick one of the split.
        backend: who plays the seeker; None: the scripted one.

    Attributes:
        seeker: the simulated person.
        turn: replies so far.
        outcome: ``helped``, ``left``, ``time``, or None while the talk goes on.
        well_formed: replies so far that kept the scaffold's format (all of them under ``direct``).
        first_emotion: milli-points before any reply.
        skills: milli-points earned so far by each of the five.
        turns: what a transcript keeps of each turn: raw reply, heard, line, emotion, ledger.
    """

    def __init__(self, config: Config, key: int, scenario: str | None = None, backend: Backend | None = None) -> None:
        self.config = config
        self.key = int(key)
        self.backend = backend
        scenario_id = bank.pick(config.split, self.key) if scenario is None else scenario
        make: Callable[[Scenario, int, int], Seeker | BackendSeeker] = Seeker if backend is None else backend.seeker
        self.seeker = make(bank.scenario(scenario_id), self.key, config.dial)
        self.turn = 0
        self.outcome: str | None = None
        self.well_formed = 0
        self.first_emotion = self.seeker.emotion
        self.skills = dict.fromkeys(SKILLS, 0)
        self.turns: list[dict[str, Any]] = []
        self._change = 0
        self._paid = 0  # milli-points, in change mode
        self._thought: str | None = None

    @property
    def line(self) -> str:
        """The seeker's latest line."""
        return self.seeker.messages[-1]["content"]

    @property
    def over(self) -> bool:
        """Whether the talk has ended."""
        return self.outcome is not None

    @property
    def terminated(self) -> bool:
        """Whether the emotion ended the talk."""
        return self.outcome in ("helped", "left")

    @property
    def truncated(self) -> bool:
        """Whether time ended it."""
        return self.outcome == "time"

    def prepare(self, reply: Any) -> Prepared:
        """What of a raw reply is heard and thought; changes nothing.

        Raises:
            EpisodeOver: after the end.
            InvalidAction: if the reply is no string.
        """
        if self.over:
            raise EpisodeOver(f"expected reset() after the episode's end (outcome: {self.outcome}), got step()")
        if not isinstance(reply, str):
            raise InvalidAction(f"reply: expected str, got {type(reply).__name__}")
        thought, spoken, well_formed = split_thought(reply)
        return normalise(spoken), thought, well_formed

    def step(self, reply: str, prepared: Prepared | None = None, reading: Reading | Any = None) -> float:
        """Take a reply.

        Args:
            reply: the raw reply.
            prepared: ``prepare(reply)``, where it has been called already.
            reading: of the heard reply, where it has been made already.

        Returns:
            The reward.

        Raises:
            BackendFailed: if another seeker gives no answer; the episode is as it was.
        """
        heard, thought, well_formed = self.prepare(reply) if prepared is None else prepared
        well_formed = well_formed or self.config.scaffold == "direct"
        turn = self.seeker.hear(heard, reading)
        self.turn += 1
        self.well_formed += well_formed
        self._thought, self._change = thought, turn.change
        for line in turn.ledger:
            if line["skill"] is not None:
                self.skills[line["skill"]] += line["amount"]
        self.outcome = turn.outcome or ("time" if self.turn >= self.config.max_turns else None)
        self.turns.append(
            {
                "reply": str(reply),
                "heard": heard,
                "line": turn.line,
                "emotion": turn.emotion,
                "ledger": list(turn.ledger),
            }
        )
        return self._final_reward() if self.config.reward == "final" else self._change_reward(well_formed)

    def _final_reward(self) -> float:
        """RLVER's: the final emotion over 100, and 0 before. One division of whole numbers."""
        if not self.over:
            return 0.0
        if self._penalty == "zero" and self.well_formed < self.turn:
            return 0.0
        if self._penalty == "share":
            return (self.seeker.emotion * self.well_formed) / (FULL * self.turn)
        return self.seeker.emotion / FULL

    def _change_reward(self, well_formed: bool) -> float:
        """Each turn's change over 100; sums to ``(e_T - e_0) / 100`` without a penalty. One division of whole numbers."""
        pays = self._change
        if self._penalty == "share" and not well_formed:
            pays = min(pays, 0)
        if self._penalty == "zero" and self.over and self.well_formed < self.turn:
            pays = -self._paid
        self._paid += pays
        return pays / FULL

    @property
    def _penalty(self) -> str:
        return self.config.format_penalty if self.config.scaffold == "thinking" else "none"

    def info(self, privileged: bool = False) -> dict[str, Any]:
        """Plain JSON-able data, fresh at each call; see :class:`~empathy_gym.envs.support.EmpathySupportEnv`."""
        found: dict[str, Any] = {
            "messages": [dict(message) for message in self.seeker.messages],
            "turn": self.turn,
            "emotion": self.seeker.emotion,
            "emotion_change": self._change,
            "ledger": fresh(self.turns[-1]["ledger"]) if self.turns else [],
            "skills": dict(self.skills),
            "scenario": self.seeker.scenario.id,
            "thought": self._thought,
        }
        if self.over:
            found["outcome"] = self.outcome
            found["transcript"] = build(self)
        if privileged:
            found["privileged"] = self.seeker.privileged()
        return found
