"""All environment ids, one row each."""

from __future__ import annotations

from typing import Any

import gymnasium as gym

_SUPPORT = ("empathy_gym.envs.support:EmpathySupportEnv", "empathy_gym.envs.vector:EmpathySupportVectorEnv")
_STRATEGY = ("empathy_gym.envs.strategy:EmpathyStrategyEnv", None)

ENVIRONMENTS: tuple[tuple[str, tuple[str, str | None], dict[str, Any]], ...] = (
    ("EmpathySupport-v0", _SUPPORT, {}),
    ("EmpathySupportThinking-v0", _SUPPORT, {"scaffold": "thinking"}),
    ("EmpathySupportChallenging-v0", _SUPPORT, {"difficulty": "challenging"}),
    ("EmpathySupportThinkingChallenging-v0", _SUPPORT, {"scaffold": "thinking", "difficulty": "challenging"}),
    ("EmpathyStrategy-v0", _STRATEGY, {}),
)
"""``(id, (entry point, vector entry point), keywords)``. Keywords are JSON-able, so that a spec can be written down."""


def register_envs() -> None:
    """Register every id that is not registered yet."""
    for env_id, (entry_point, vector_entry_point), kwargs in ENVIRONMENTS:
        if env_id not in gym.registry:
            gym.register(id=env_id, entry_point=entry_point, vector_entry_point=vector_entry_point, kwargs=dict(kwargs))
