"""A SkyRL-gym environment: chat messages out, replies in, a reward for each.

Written to skyrl-gym 0.4. Register it inside the Ray entry point of the training::

    skyrl_gym.register("empathy_support", entry_point="empathy_gym.integrations.skyrl_gym:EmpathyTextEnv")

A row of the data set has ``env_class: "empathy_support"`` and ``extra_info`` with the seeker's ``seed``; rows that SkyRL repeats to make a group meet the same
seeker. SkyRL puts each turn's reward on the turn's last token; with several turns it wants ``generator.batched=false``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from empathy_gym.errors import InvalidOption
from empathy_gym.integrations.talk import SYSTEM, Talk, missing

PIP = 'pip install "skyrl-gym>=0.4,<0.5"'

try:
    from skyrl_gym.envs.base_text_env import BaseTextEnv, BaseTextEnvStepOutput
except ImportError as error:
    raise missing(error, "skyrl-gym 0.4", PIP) from error

__all__ = ["PIP", "EmpathyTextEnv", "rows"]

Messages = list[dict[str, str]]


class EmpathyTextEnv(BaseTextEnv):
    """A talk with one seeker.

    Args:
        env_config: keywords of the environment, and ``env_id``; all of them may be left out.
        extras: the data set's row: ``extra_info["seed"]``, and perhaps ``max_turns``, which the trainer adds.
    """

    def __init__(self, env_config: Mapping[str, Any] | None = None, extras: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        extras = extras or {}
        told = extras.get("extra_info") or {}
        if "seed" not in told:
            raise InvalidOption(f"extras: expected extra_info with a 'seed', as rows() makes, got {dict(extras)!r}")
        kwargs = {"reward": "change", **(env_config or {})}
        if "max_turns" in extras:
            kwargs["max_turns"] = int(extras["max_turns"])
        self._seed = int(told["seed"])
        self._talk = Talk(kwargs.pop("env_id", "EmpathySupport-v0"), **kwargs)
        self.max_turns = int(kwargs.get("max_turns", 8))

    def init(self, prompt: Messages) -> tuple[Messages, dict[str, Any]]:
        """The prompt, its last message being the seeker's first line, whatever stood there before."""
        line = self._talk.open(self._seed)
        before = [dict(message) for message in prompt if message["role"] != "user"]
        return [*before, {"role": "user", "content": line}], {"seed": self._seed}

    def step(self, action: str) -> BaseTextEnvStepOutput:
        """Say something to the seeker. After the end there are no observations."""
        heard = self._talk.hear(action)
        self.turns += 1
        observations = [] if heard.over else [{"role": "user", "content": heard.line}]
        metadata = {"outcome": self._talk.info["outcome"]} if heard.over else {}
        return BaseTextEnvStepOutput(
            observations=observations,
            reward=heard.reward,
            done=heard.over,
            metadata=metadata,
            postprocessed_action=None,
        )

    def get_metrics(self) -> dict[str, Any]:
        """Numbers that SkyRL averages: final emotion in points, replies, and reward."""
        return {
            "final_emotion": self._talk.info["emotion"] / 1000,
            "replies": self.turns,
            "reward": self._talk.reward,
        }

    def close(self) -> None:
        """Close the environment."""
        self._talk.close()


def rows(
    count: int, seed: int = 0, system: str = SYSTEM, env_class: str = "empathy_support", **env_config: Any
) -> list[dict[str, Any]]:
    """Rows of a data set, one a seeker.

    Args:
        count: of rows.
        seed: of the first row's seeker; row i has ``seed + i``.
        system: a system prompt.
        env_class: the id under which the environment is registered.
        **env_config: as the environment has them.
    """
    talk = Talk(env_config.pop("env_id", "EmpathySupport-v0"), **env_config)
    return [
        {
            "data_source": "empathy_gym",
            "prompt": [{"role": "system", "content": system}, {"role": "user", "content": talk.open(i)}],
            "env_class": env_class,
            "reward_spec": {"method": "environment", "ground_truth": None},
            "extra_info": {"seed": i},
        }
        for i in range(seed, seed + count)
    ]
