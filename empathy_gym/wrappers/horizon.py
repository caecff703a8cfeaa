"""Time's end as an end like any other, for learners that look beyond a truncation."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.utils import RecordConstructorArgs
from gymnasium.vector import VectorEnv, VectorWrapper

__all__ = ["FixedHorizon", "VectorFixedHorizon"]


class FixedHorizon(gym.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """A talk that ends by time is *terminated*, not truncated.

    Learners that add the value of the last observation after a truncation (Stable-Baselines3, CleanRL with bootstrapping) would add the value
    of a turn that is never played, and so was never learned. The number of turns is fixed and the agent sees the clock, so nothing is lost.

    Args:
        env: an environment of this package.
    """

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        super().__init__(env)

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """As the environment's; never truncated."""
        obs, reward, terminated, truncated, info = self.env.step(action)
        return obs, reward, terminated or truncated, False, info


class VectorFixedHorizon(VectorWrapper, RecordConstructorArgs):
    """:class:`FixedHorizon` for vector environments."""

    def __init__(self, env: VectorEnv[Any, Any, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        super().__init__(env)

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """As the environments'; never truncated."""
        obs, rewards, terminations, truncations, infos = self.env.step(actions)
        return obs, rewards, terminations | truncations, np.zeros_like(truncations), infos
