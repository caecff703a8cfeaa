"""Information that a policy must not see, taken out of ``info``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
from gymnasium.utils import RecordConstructorArgs
from gymnasium.vector import VectorEnv, VectorWrapper

from empathy_gym.errors import InvalidOption

__all__ = ["VISIBLE", "StripInfo", "VectorStripInfo"]

VISIBLE = ("messages", "turn", "thought", "move", "reply", "episode", "final_obs")
"""What a supporter knows by themselves: the talk, the clock, their own thought and move; and Gymnasium's statistics and observations.

Emotion, ledger, skills, outcome, transcript, the scenario's id and whatever is privileged are not among them.
"""


class StripInfo(gym.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """``info`` keeps what a supporter could know; ``full_info`` of the wrapper has all of it, for the log.

    Goes outside of wrappers that need more: rewards, statistics.

    Args:
        env: an environment of this package.
        keep: names that stay.

    Example:
        >>> import gymnasium as gym
        >>> import empathy_gym
        >>> from empathy_gym.wrappers import StripInfo
        >>> env = StripInfo(gym.make("EmpathySupport-v0", privileged=True))
        >>> line, info = env.reset(seed=0)
        >>> sorted(info), "privileged" in env.full_info
        (['messages', 'thought', 'turn'], True)
    """

    def __init__(self, env: gym.Env[Any, Any], keep: Sequence[str] = VISIBLE) -> None:
        RecordConstructorArgs.__init__(self, keep=keep)
        super().__init__(env)
        self._keep = _names(keep)
        self.full_info: dict[str, Any] = {}

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin a talk."""
        obs, self.full_info = self.env.reset(seed=seed, options=options)
        return obs, _stripped(self.full_info, self._keep)

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """As the environment's, with less information."""
        obs, reward, terminated, truncated, self.full_info = self.env.step(action)
        return obs, reward, terminated, truncated, _stripped(self.full_info, self._keep)


class VectorStripInfo(VectorWrapper, RecordConstructorArgs):
    """:class:`StripInfo` for vector environments; ``final_info`` is stripped as well."""

    def __init__(self, env: VectorEnv[Any, Any, Any], keep: Sequence[str] = VISIBLE) -> None:
        RecordConstructorArgs.__init__(self, keep=keep)
        super().__init__(env)
        self._keep = _names(keep)
        self.full_info: dict[str, Any] = {}

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin talks."""
        obs, self.full_info = self.env.reset(seed=seed, options=options)  # type: ignore[arg-type]
        return obs, _stripped(self.full_info, self._keep)

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """As the environments', with less information."""
        obs, rewards, terminations, truncations, self.full_info = self.env.step(actions)
        return obs, rewards, terminations, truncations, _stripped(self.full_info, self._keep)


def _names(keep: Sequence[str]) -> frozenset[str]:
    if isinstance(keep, str) or not all(isinstance(name, str) for name in keep):
        raise InvalidOption(f"keep: expected several names, got {keep!r:.80}")
    return frozenset(keep)


def _stripped(info: Mapping[str, Any], keep: frozenset[str]) -> dict[str, Any]:
    """What is left; a mask ``_key`` goes or stays with its key."""
    found = {name: value for name, value in info.items() if name in keep or name.removeprefix("_") in keep}
    if "final_info" in info:
        found |= {"final_info": _stripped(info["final_info"], keep), "_final_info": info["_final_info"]}
    return found
