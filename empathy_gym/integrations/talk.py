"""A talk as language-model trainers take it: opened by a seed, then reply in, line and reward out."""

from __future__ import annotations

from typing import Any, NamedTuple

import gymnasium as gym

import empathy_gym  # noqa: F401  (registers the ids)

__all__ = ["SYSTEM", "Heard", "Talk", "missing"]

SYSTEM = (
    "You are talking with someone who is having a hard time. Listen to what they say, take it seriously, and answer in one to three short, "
    "natural sentences that fit what they just said. Write only what you say to them."
)
"""A system prompt for instruction-tuned models in the direct scaffold; own words."""


class Heard(NamedTuple):
    """What came of a reply.

    Attributes:
        line: what the seeker says to it.
        reward: as the environment paid it.
        over: whether the talk has ended, by its end or by time.
    """

    line: str
    reward: float
    over: bool


class Talk:
    """One environment, one talk at a time.

    Two talks that are opened by the same seed meet the same seeker with the same story, mood and wording, so the members of a group differ by
    the replies alone.

    Args:
        env_id: of a text environment.
        **env_kwargs: its keywords.

    Attributes:
        turn_rewards: one for each reply so far, as the environment paid it.
        info: the environment's latest.
        over: whether the talk has ended.

    Example:
        >>> from empathy_gym.integrations.talk import Talk
        >>> talk = Talk(reward="change")
        >>> line = talk.open(seed=0)
        >>> heard = talk.hear("That sounds exhausting. What happened then?")
        >>> talk.reward == sum(talk.turn_rewards) == heard.reward
        True
    """

    def __init__(self, env_id: str = "EmpathySupport-v0", **env_kwargs: Any) -> None:
        self._env = gym.make(env_id, disable_env_checker=True, **env_kwargs)
        self.turn_rewards: list[float] = []
        self.info: dict[str, Any] = {}
        self.over = False

    def open(self, seed: int | None = None, scenario: str | None = None) -> str:
        """Begin a talk; nothing of the one before is kept.

        Args:
            seed: of the seeker and of all wordings; None goes on with the random numbers at hand.
            scenario: an id of the bank, instead of the seed's choice.

        Returns:
            The seeker's first line.
        """
        options = None if scenario is None else {"scenario": scenario}
        line, self.info = self._env.reset(seed=seed, options=options)
        self.turn_rewards, self.over = [], False
        return str(line)

    def hear(self, reply: str) -> Heard:
        """Say something to the seeker.

        Raises:
            EpisodeOver: after the end.
        """
        line, reward, terminated, truncated, self.info = self._env.step(reply)
        self.turn_rewards.append(float(reward))
        self.over = terminated or truncated
        return Heard(str(line), float(reward), self.over)

    @property
    def reward(self) -> float:
        """Of the talk so far: the sum of what was paid."""
        return sum(self.turn_rewards)

    def close(self) -> None:
        """Close the environment."""
        self._env.close()


def missing(error: ImportError, what: str, pip: str) -> ImportError:
    """The error for a library that is not there.

    Args:
        error: of the import that failed.
        what: the library, with the versions that the adapter is written to.
        pip: the command that installs it.
    """
    return ImportError(f"expected {what}, got {error}; {pip}")
