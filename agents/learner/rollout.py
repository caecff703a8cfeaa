"""What a rollout is made of: dialogues as rows of tokens, and what came of them. :mod:`agents.learner.refill` plays it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.learner.engine import Sampled


@dataclass
class Row:
    """One training sequence: an episode, or one of its turns where earlier thoughts are dropped.

    Attributes:
        episode: its number.
        ids: all tokens, from the system prompt to the last reply's end.
        policy: of each token, whether the policy sampled it: what the loss is on.
        logprobs: of each when it was sampled; 0 elsewhere.
        turns: the turn of each policy token, in their order.
    """

    episode: int
    ids: list[int] = field(default_factory=list)
    policy: list[bool] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)

    def given(self, ids: Sequence[int]) -> None:
        """Append tokens that are not the policy's: prompt, seeker, glue, a forced end."""
        self.ids += ids
        self.policy += [False] * len(ids)
        self.logprobs += [0.0] * len(ids)

    def sampled(self, sampled: Sampled, turn: int) -> None:
        """Append what the policy said in a turn."""
        self.ids += sampled.ids
        self.policy += [True] * len(sampled.ids)
        self.logprobs += sampled.logprobs
        self.turns += [turn] * len(sampled.ids)


@dataclass
class Rollout:
    """What came of a batch of dialogues. N episodes.

    Attributes:
        rows: training sequences, by episode, then by turn.
        groups: (N) the group of each episode.
        rewards: (N, turns) as the environment paid them.
        changes: (N, turns) of the emotion, in points.
        infos: (N) the last info of each episode, with outcome, skills and transcript.
        replies: in all.
        well_formed: share of replies that kept the scaffold's format.
        truncated: share of replies cut at the length limit.
        tokens: that the policy sampled.
        seconds: in all.
        env_seconds: of them, in the environment.
    """

    rows: list[Row]
    groups: list[int]
    rewards: list[list[float]]
    changes: list[list[float]]
    infos: list[dict[str, Any]]
    replies: int
    well_formed: float
    truncated: float
    tokens: int
    seconds: float
    env_seconds: float

    @property
    def final(self) -> list[float]:
        """(N) final emotion, points."""
        return [info["emotion"] / 1000 for info in self.infos]
