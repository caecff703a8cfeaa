"""One episode, free of Gymnasium: turns, reward, format rule, info and transcript. Single and vector environments share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from empathy_gym.errors import EpisodeOver, InvalidAction, InvalidOption
from empathy_gym.seeker import bank
from empathy_gym.seeker.emotion import FULL
from empathy_gym.seeker.ledger import SKILLS
from empathy_gym.seeker.reading import Reading
from empathy_gym.seeker.scenario import SPLITS
from empathy_gym.seeker.seeker import Seeker
from empathy_gym.seeker.text import normalise, split_thought

DIFFICULTIES = {"vanilla": 0.0, "challenging": 1.0}
SCAFFOLDS = ("direct", "thinking")
REWARDS = ("final", "change")
PENALTIES = ("share", "zero", "none")


@dataclass(frozen=True)
class Config:
    """An environment's settings, checked.

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
        for name, among in (
            ("scaffold", SCAFFOLDS),
            ("split", SPLITS),
            ("reward", REWARDS),
            ("format_penalty", PENALTIES),
        ):
            value = getattr(self, name)
            if value not in among:
                raise InvalidOption(f"{name}: expected one of {', '.join(among)}, got {value!r}")
        if not isinstance(self.max_turns, int) or isinstance(self.max_turns, bool) or self.max_turns < 1:
            raise InvalidOption(f"max_turns: expected a whole number of at least 1, got {self.max_turns!r}")
        _ = self.dial

    @property
    def dial(self) -> int:
        """The difficulty in per mille, 0 to 1500."""
        value = (
            DIFFICULTIES.get(self.difficulty, self.difficulty) if isinstance(self.difficulty, str) else self.difficulty
        )
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1.5:
            raise InvalidOption(
                f"difficulty: expected vanilla, challenging or a number from 0 to 1.5, got {self.difficulty!r}"
            )
        return round(value * 1000)

    def as_dict(self) -> dict[str, Any]:
        """JSON-able keywords that make the same environment."""
        return asdict(self)


def check_options(options: Mapping[str, Any] | None) -> dict[str, Any]:
    """The options of ``reset``, checked: ``scenario`` alone is known.

    Raises:
        InvalidOption: for others.
    """
    if options is None:
        return {}
    unknown = sorted(set(options) - {"scenario"})
    if unknown:
        raise InvalidOption(f"options: expected 'scenario' alone, got {', '.join(map(repr, unknown))} as well")
    return dict(options)


class Episode:
    """One talk from its opening to its end.

    Args:
        config: the environment's settings.
        key: the episode's key, 0 to 2**64 - 1.
        scenario: an id, or None to let the key pick one of the split.
    """

    def __init__(self, config: Config, key: int, scenario: str | None = None) -> None:
        self.config = config
        self.key = int(key)
        self.seeker = Seeker(
            bank.scenario(scenario if scenario is not None else bank.pick(config.split, self.key)),
            self.key,
            config.dial,
        )
        self.turn = 0
        self.outcome: str | None = None
        self.well_formed = 0
        self.first_emotion = self.seeker.emotion
        self.skills = dict.fromkeys(SKILLS, 0)
        self._change = 0
        self._paid = 0  # milli-points already paid in change mode
        self._malformed = False
        self._thought: str | None = None
        self._ledger: tuple[dict[str, Any], ...] = ()
        self._turns: list[dict[str, Any]] = []

    @property
    def line(self) -> str:
        """The seeker's latest line."""
        return self.seeker.messages[-1]["content"]

    @property
    def over(self) -> bool:
        """Whether the talk has ended."""
        return self.outcome is not None

    def prepare(self, reply: Any) -> tuple[str, str | None, bool]:
        """``(heard, thought, well_formed)`` of a raw reply; changes nothing.

        Raises:
            EpisodeOver: after the end.
            InvalidAction: if the reply is no string.
        """
        if self.over:
            raise EpisodeOver(f"expected reset() after the episode's end (outcome {self.outcome}), got step()")
        if not isinstance(reply, str):
            raise InvalidAction(f"reply: expected str, got {type(reply).__name__}")
        thought, spoken, well_formed = split_thought(reply)
        return normalise(spoken), thought, well_formed

    def step(
        self, reply: str, prepared: tuple[str, str | None, bool] | None = None, reading: Reading | None = None
    ) -> float:
        """Take a reply; returns the reward.

        Args:
            reply: the raw reply.
            prepared: ``prepare(reply)``, where it has been called already.
            reading: of the heard reply, where it has been made already.
        """
        heard, thought, well_formed = self.prepare(reply) if prepared is None else prepared
        turn = self.seeker.hear(heard, reading)
        self.turn += 1
        counts = well_formed or self.config.scaffold == "direct"
        self.well_formed += counts
        self._malformed = self._malformed or not counts
        self._thought, self._change, self._ledger = thought, turn.change, turn.ledger
        for line in turn.ledger:
            if line["skill"] is not None:
                self.skills[line["skill"]] += line["amount"]
        self.outcome = turn.outcome or ("time" if self.turn >= self.config.max_turns else None)
        self._turns.append(
            {
                "reply": reply,
                "heard": heard,
                "line": turn.line,
                "emotion": turn.emotion,
                "ledger": [dict(x) for x in turn.ledger],
            }
        )
        return self._reward(turn.change, counts)

    def _reward(self, change: int, counts: bool) -> float:
        """RLVER's final reward, or each turn's change; one division of whole numbers."""
        penalty = self.config.format_penalty if self.config.scaffold == "thinking" else "none"
        if self.config.reward == "final":
            if not self.over:
                return 0.0
            if penalty == "zero" and self._malformed:
                return 0.0
            if penalty == "share":
                return (self.seeker.emotion * self.well_formed) / (FULL * self.turn)
            return self.seeker.emotion / FULL
        if penalty == "zero" and self.over and self._malformed:
            return -self._paid / FULL
        pays = 0 if penalty != "none" and not counts and change > 0 else change
        self._paid += pays
        return pays / FULL

    @property
    def terminated(self) -> bool:
        """Whether the emotion ended the talk."""
        return self.outcome in ("helped", "left")

    @property
    def truncated(self) -> bool:
        """Whether time ended it."""
        return self.outcome == "time"

    def info(self, privileged: bool = False) -> dict[str, Any]:
        """Plain JSON-able data, fresh at each call; see ``EmpathySupportEnv``."""
        found: dict[str, Any] = {
            "messages": [dict(m) for m in self.seeker.messages],
            "turn": self.turn,
            "emotion": self.seeker.emotion,
            "emotion_change": self._change,
            "ledger": [{**line, "span": None if line["span"] is None else list(line["span"])} for line in self._ledger],
            "skills": dict(self.skills),
            "scenario": self.seeker.scenario.id,
            "thought": self._thought,
        }
        if self.over:
            from empathy_gym.transcript import build

            found["outcome"] = self.outcome
            found["transcript"] = build(self)
        if privileged:
            found["privileged"] = self.seeker.privileged()
        return found

    @property
    def turns(self) -> list[dict[str, Any]]:
        """What a transcript keeps of each turn: raw reply, heard, line, emotion, ledger."""
        return self._turns
