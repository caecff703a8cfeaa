"""A verifiers (v1) task set and environment: one task a seeker, the talk played turn by turn with the agent under evaluation or training.

Written to verifiers 0.4. verifiers finds a task set by the name of a top-level module that exports it; `examples/empathy_support.py` is such a module. Its
traces mark which messages the agent sampled; the seeker's are user messages. What each reply was paid stands in ``trace.info["turn_rewards"]``.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any

from empathy_gym.integrations.talk import SYSTEM, Talk, missing

PIP = 'pip install "verifiers>=0.4,<0.5"'

try:
    import verifiers.v1 as vf
except ImportError as error:
    raise missing(error, "verifiers 0.4", PIP) from error

__all__ = ["PIP", "EmpathyData", "EmpathyEnv", "EmpathyTask", "EmpathyTaskset", "EmpathyTasksetConfig"]


class EmpathyTasksetConfig(vf.TasksetConfig):
    """Which seekers, under ``--env.taskset.*``; what has the name of an environment's keyword is that keyword."""

    env_id: str = "EmpathySupport-v0"
    """Of a text environment."""
    first_seed: int = 0
    """Of the first task's seeker; task i has ``first_seed + i``."""
    scaffold: str = "direct"
    difficulty: str | float = "vanilla"
    split: str = "train"
    reward: str = "change"
    max_turns: int = 8
    instructions: str = SYSTEM
    """The system prompt; ``system_prompt`` takes it from a file instead."""

    def env_kwargs(self) -> dict[str, Any]:
        """As ``gym.make`` takes them."""
        return {k: getattr(self, k) for k in ("scaffold", "difficulty", "split", "reward", "max_turns")}


class EmpathyData(vf.TaskData):
    """One seeker: the environment and the seed, so that the members of a group meet the same one; the prompt is their first line."""

    env_id: str
    env_kwargs: dict[str, Any]
    seed: int


class EmpathyTask(vf.Task[EmpathyData, vf.State, vf.TaskConfig]):
    """A talk with one seeker. It is scored by :class:`EmpathyEnv`, which holds the talk."""


class EmpathyTaskset(vf.Taskset[EmpathyTask, EmpathyTasksetConfig]):
    """Seekers without end; bound it by ``-n`` or ``--select``."""

    INFINITE = True

    def load(self) -> Iterator[EmpathyTask]:
        """One task a seed."""
        config = self.config
        talk = Talk(config.env_id, **config.env_kwargs())
        for seed in itertools.count(config.first_seed):
            data = EmpathyData(
                name=f"{config.env_id}#{seed}", prompt=talk.open(seed), system_prompt=config.instructions,
                env_id=config.env_id, env_kwargs=config.env_kwargs(), seed=seed,
            )  # fmt: skip
            yield EmpathyTask(data, config.task)


class EmpathyEnv(vf.SingleAgentEnv):
    """The seeker is the user of the one agent, ``--env.agent.*``."""

    async def run(self, task: Any, agents: Any) -> None:
        """Play one talk. A talk that the agent cannot finish keeps what it was paid until then."""
        talk = Talk(task.data.env_id, **task.data.env_kwargs)
        talk.open(task.data.seed)
        async with agents.agent.interaction(task) as interaction:
            segment = await interaction.turn()
            while not segment.terminated:
                heard = await asyncio.to_thread(talk.hear, segment.last_reply)
                if heard.over:
                    break
                segment = await interaction.turn(heard.line)
        trace = interaction.trace
        trace.record_reward("emotion", talk.reward)
        trace.record_metrics({"final_emotion": talk.info["emotion"] / 1000, "talk_turns": len(talk.turn_rewards)})
        names = ("outcome", "skills", "transcript")
        trace.info |= {"turn_rewards": list(talk.turn_rewards)} | {k: talk.info[k] for k in names if k in talk.info}
        talk.close()
