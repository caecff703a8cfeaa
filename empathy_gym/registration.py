"""All environment ids, one row each."""

from __future__ import annotations

from typing import Any, NamedTuple

import gymnasium as gym

__all__ = ["ENVIRONMENTS", "Row", "register_envs"]


class Row(NamedTuple):
    """One id.

    Attributes:
        id: as ``gym.make`` takes it.
        entry_points: of the environment and of its native vector environment (None: ``make_vec`` makes a ``SyncVectorEnv``), as strings, so
            that a spec can be written down and sent to another process.
        kwargs: JSON-able keywords.
    """

    id: str
    entry_points: tuple[str, str | None]
    kwargs: dict[str, Any]


_SUPPORT = ("empathy_gym.envs.support:EmpathySupportEnv", "empathy_gym.envs.vector:EmpathySupportVectorEnv")
_CRISIS = ("empathy_gym.envs.crisis:EmpathyCrisisEnv", None)
_STRATEGY = (
    "empathy_gym.envs.strategy:EmpathyStrategyEnv",
    "empathy_gym.envs.strategy_vector:EmpathyStrategyVectorEnv",
)

ENVIRONMENTS = (
    Row("EmpathySupport-v0", _SUPPORT, {}),
    Row("EmpathySupportThinking-v0", _SUPPORT, {"scaffold": "thinking"}),
    Row("EmpathySupportChallenging-v0", _SUPPORT, {"difficulty": "challenging"}),
    Row("EmpathySupportThinkingChallenging-v0", _SUPPORT, {"scaffold": "thinking", "difficulty": "challenging"}),
    Row("EmpathyStrategy-v0", _STRATEGY, {}),
    Row("EmpathyCrisis-v0", _CRISIS, {}),
)
"""Every id is deterministic: another seeker (a language model, a person) would be a keyword, never an id."""


def register_envs() -> None:
    """Register every id that is not registered yet; calling it again changes nothing."""
    for row in ENVIRONMENTS:
        if row.id not in gym.registry:
            entry_point, vector_entry_point = row.entry_points
            gym.register(
                id=row.id, entry_point=entry_point, vector_entry_point=vector_entry_point, kwargs=dict(row.kwargs)
            )
