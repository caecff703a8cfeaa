"""Reward forms, made from what ``info`` says of the emotion: the final one, its change, or its change weighted by skill.

Every reward is one division of whole numbers. The emotion knows no format rule, so a thinking environment has to have
``format_penalty="none"`` to be wrapped in these: a rule that silently stopped would be an invitation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.utils import RecordConstructorArgs
from gymnasium.vector import AsyncVectorEnv, VectorEnv, VectorWrapper

from empathy_gym.errors import InvalidOption
from empathy_gym.seeker.emotion import FULL
from empathy_gym.seeker.ledger import SKILLS
from empathy_gym.wrappers.base import expect, masked

__all__ = [
    "ChangeReward",
    "FinalReward",
    "SkillReward",
    "VectorChangeReward",
    "VectorFinalReward",
    "VectorSkillReward",
]

PER_MILLE = 1000

Pay = Callable[[Mapping[str, Any], bool], float]
"""From an info, and whether the talk is over, to the reward."""


class _Paid(gym.Wrapper[Any, Any, Any, Any]):
    """An environment that pays by its info."""

    def __init__(self, env: gym.Env[Any, Any], pay: Pay) -> None:
        super().__init__(env)
        _refuse_penalty(env)
        self._pay = pay

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """As the environment's, paid otherwise."""
        obs, _, terminated, truncated, info = self.env.step(action)
        return obs, self._pay(info, terminated or truncated), terminated, truncated, info


class _VectorPaid(VectorWrapper):
    """N environments that pay by their infos; what ends in the same step is paid by ``final_info``."""

    def __init__(self, env: VectorEnv[Any, Any, Any], pay: Pay) -> None:
        super().__init__(env)
        _refuse_penalty(env)
        self._pay = pay

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """As the environments', paid otherwise."""
        obs, _, terminations, truncations, infos = self.env.step(actions)
        over = terminations | truncations
        finals = infos.get("final_info", {})
        final = masked(infos, "final_info", self.num_envs)
        rewards = np.array(
            [self._pay(_entry(finals if final[i] else infos, i), bool(over[i])) for i in range(self.num_envs)],
            dtype=np.float64,
        )
        return obs, rewards, terminations, truncations, infos


class FinalReward(_Paid, RecordConstructorArgs):
    """RLVER's reward: the final emotion / 100 (emotion in points) at the end, 0 before."""

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        _Paid.__init__(self, env, _final)


class VectorFinalReward(_VectorPaid, RecordConstructorArgs):
    """:class:`FinalReward` for vector environments."""

    def __init__(self, env: VectorEnv[Any, Any, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        _VectorPaid.__init__(self, env, _final)


class ChangeReward(_Paid, RecordConstructorArgs):
    """Each turn's change of emotion / 100; sums to (last - first emotion) / 100."""

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        _Paid.__init__(self, env, _change)


class VectorChangeReward(_VectorPaid, RecordConstructorArgs):
    """:class:`ChangeReward` for vector environments."""

    def __init__(self, env: VectorEnv[Any, Any, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        _VectorPaid.__init__(self, env, _change)


class SkillReward(_Paid, RecordConstructorArgs):
    """Each turn's change of emotion / 100, every ledger line times the weight of its skill.

    With all weights 1 it is :class:`ChangeReward`.

    Args:
        env: an environment of this package.
        weights: by skill; a skill that is not named has 1. Taken to three decimals.
        rest: weight of lines that no skill earned: harm, limits, momentum, mood, patience.

    Example:
        >>> import gymnasium as gym
        >>> import empathy_gym
        >>> from empathy_gym.wrappers import SkillReward
        >>> env = SkillReward(gym.make("EmpathySupport-v0"), {"solution_crafting": 0.5, "core_insight": 2})
        >>> line, info = env.reset(seed=0)
        >>> line, reward, *_ = env.step("What happened then?")
    """

    def __init__(self, env: gym.Env[Any, Any], weights: Mapping[str, float], rest: float = 1) -> None:
        RecordConstructorArgs.__init__(self, weights=weights, rest=rest)
        _Paid.__init__(self, env, _Weighted(weights, rest))


class VectorSkillReward(_VectorPaid, RecordConstructorArgs):
    """:class:`SkillReward` for vector environments."""

    def __init__(self, env: VectorEnv[Any, Any, Any], weights: Mapping[str, float], rest: float = 1) -> None:
        RecordConstructorArgs.__init__(self, weights=weights, rest=rest)
        _VectorPaid.__init__(self, env, _Weighted(weights, rest))


def _final(info: Mapping[str, Any], over: bool) -> float:
    expect(info, "emotion")
    return int(info["emotion"]) / FULL if over else 0.0


def _change(info: Mapping[str, Any], over: bool) -> float:
    expect(info, "emotion_change")
    return int(info["emotion_change"]) / FULL


class _Weighted:
    """Pays each ledger line by its skill."""

    def __init__(self, weights: Mapping[str, float], rest: float) -> None:
        if not isinstance(weights, Mapping) or not set(weights) <= set(SKILLS):
            raise InvalidOption(f"weights: expected a dict by {', '.join(SKILLS)}, got {weights!r}")
        by_skill: dict[Any, Any] = {**dict.fromkeys(SKILLS, 1), **weights, None: rest}
        for name, weight in by_skill.items():
            if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not abs(weight) <= PER_MILLE:
                said = "rest" if name is None else f"weights[{name!r}]"
                raise InvalidOption(f"{said}: expected a number from -{PER_MILLE} to {PER_MILLE}, got {weight!r}")
        self.weights = {name: round(weight * PER_MILLE) for name, weight in by_skill.items()}

    def __call__(self, info: Mapping[str, Any], over: bool) -> float:
        expect(info, "ledger")
        return sum(self.weights[line["skill"]] * line["amount"] for line in info["ledger"]) / (FULL * PER_MILLE)


def _entry(infos: Mapping[str, Any], i: int) -> dict[str, Any]:
    return {name: infos[name][i] for name in ("emotion", "emotion_change", "ledger") if name in infos}


def _refuse_penalty(env: Any) -> None:
    base = env.unwrapped
    bases: Sequence[Any] = [one.unwrapped for one in base.envs] if hasattr(base, "envs") else [base]
    configs = [getattr(one, "config", None) for one in bases]
    if isinstance(base, AsyncVectorEnv):  # they live in other processes
        configs = list(base.get_attr("config"))
    for config in configs:
        if config is not None and config.scaffold == "thinking" and config.format_penalty != "none":
            raise InvalidOption(
                f"env: expected format_penalty='none' under a reward wrapper, got {config.format_penalty!r}: rewards made from the emotion know no "
                "format rule; gym.make(..., reward=...) has those that do"
            )
