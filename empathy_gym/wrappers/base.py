"""What the wrappers share: observations made from the visible talk, alike for one environment and for many.

Gymnasium's own vector observation wrappers refuse the autoreset mode ``SAME_STEP``; these take all three modes, because each observation is made
from ``info["messages"]``, and what a talk ended with is in ``final_info``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.vector import VectorEnv, VectorWrapper
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array
from numpy.typing import NDArray

from empathy_gym.errors import InvalidOption

__all__ = ["Message", "TalkObservation", "VectorTalkObservation", "View", "expect", "masked"]

Message = dict[str, str]
TALK = ("messages", "turn")
"""Of an info, what a talk is seen by."""

View = Callable[[list[Message]], Any]
"""From a talk to an observation; a function of the talk alone, with a fresh observation each time."""


class Thoughts:
    """The supporter's own thoughts in one talk, so that they can be put back before the replies that they led to."""

    def __init__(self) -> None:
        self._by_turn: list[str | None] = []

    def talk(self, messages: Sequence[Mapping[str, str]], turn: int, thought: str | None) -> list[Message]:
        """The talk with ``<think>…</think>`` before each reply that had a thought.

        Args:
            messages: the talk as it was heard.
            turn: replies so far; at 0 all thoughts of the talk before are forgotten.
            thought: before the latest reply.
        """
        self._by_turn = [] if turn == 0 else [*self._by_turn, thought]
        kept = iter(self._by_turn)
        return [_with_thought(m, next(kept, None)) if m["role"] == "assistant" else dict(m) for m in messages]


def _with_thought(message: Mapping[str, str], thought: str | None) -> Message:
    if thought is None:
        return dict(message)
    return {"role": message["role"], "content": f"<think>{thought}</think> {message['content']}"}


class TalkObservation(gym.Wrapper[Any, Any, Any, Any]):
    """An environment whose observation is a view of ``info["messages"]``.

    Args:
        env: any environment of this package, wrapped or not, whose ``info`` has the talk.
        view: from a talk to an observation.
        space: of the observation.
        thoughts: whether the supporter's own thoughts stand before their replies; needs ``info["thought"]``.
    """

    def __init__(self, env: gym.Env[Any, Any], view: View, space: spaces.Space[Any], thoughts: bool = False) -> None:
        super().__init__(env)
        self.observation_space = space
        self._view = view
        self._thoughts = Thoughts() if thoughts else None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin a talk; nothing of the one before is kept."""
        _, info = self.env.reset(seed=seed, options=options)
        return self._observe(info), info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """As the environment's, seen through the view."""
        _, reward, terminated, truncated, info = self.env.step(action)
        return self._observe(info), reward, terminated, truncated, info

    def _observe(self, info: Mapping[str, Any]) -> Any:
        expect(info, *TALK)
        if self._thoughts is None:
            return self._view([dict(message) for message in info["messages"]])
        expect(info, "thought")
        return self._view(self._thoughts.talk(info["messages"], info["turn"], info["thought"]))


class VectorTalkObservation(VectorWrapper):
    """N environments whose observations are views of their talks, in any autoreset mode.

    Args:
        env: a vector environment of this package, or Gymnasium's of its environments.
        view: from a talk to an observation.
        space: of one observation.
        thoughts: as for :class:`TalkObservation`.
    """

    def __init__(
        self, env: VectorEnv[Any, Any, Any], view: View, space: spaces.Space[Any], thoughts: bool = False
    ) -> None:
        super().__init__(env)
        self.single_observation_space = space
        self.observation_space = batch_space(space, self.num_envs)
        self._view = view
        self._thoughts = [Thoughts() for _ in range(self.num_envs)] if thoughts else None
        self._seen: list[Any] = [None] * self.num_envs

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin talks, all or those of ``reset_mask``; nothing of the ones before is kept."""
        _, infos = self.env.reset(seed=seed, options=options)  # type: ignore[arg-type]
        self._look(infos)
        return self._observations(), infos

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """As the environments', seen through the view; ``final_obs`` as well."""
        _, rewards, terminations, truncations, infos = self.env.step(actions)
        if "final_info" in infos:
            infos["final_obs"] = np.full(self.num_envs, None, dtype=object)
            for i, seen in self._views(infos["final_info"]).items():
                infos["final_obs"][i] = seen
        self._look(infos)
        return self._observations(), rewards, terminations, truncations, infos

    def _look(self, infos: Mapping[str, Any]) -> None:
        for i, seen in self._views(infos).items():
            self._seen[i] = seen

    def _views(self, infos: Mapping[str, Any]) -> dict[int, Any]:
        """The observations of those whom the infos are about."""
        expect(infos, *TALK, *(() if self._thoughts is None else ("thought",)))
        found = {}
        for i in np.flatnonzero(infos["_messages"]).tolist():
            messages = infos["messages"][i]
            if self._thoughts is None:
                found[i] = self._view([dict(message) for message in messages])
            else:
                found[i] = self._view(self._thoughts[i].talk(messages, int(infos["turn"][i]), infos["thought"][i]))
        return found

    def _observations(self) -> Any:
        space = self.single_observation_space
        return concatenate(space, self._seen, create_empty_array(space, self.num_envs))  # type: ignore[arg-type]


def masked(infos: Mapping[str, Any], name: str, count: int) -> NDArray[np.bool_]:
    """Which environments have an entry in a vector's infos, (count,)."""
    return np.asarray(infos.get(f"_{name}", np.zeros(count, dtype=np.bool_)))


def expect(info: Mapping[str, Any], *names: str) -> None:
    """Whether an info has what a wrapper makes something of.

    Raises:
        InvalidOption: naming what is missing.
    """
    for name in names:
        if name not in info:
            raise InvalidOption(
                f"info: expected {name!r}, got {', '.join(map(repr, info)) or 'nothing'}; the support environments have it "
                "(EmpathyCrisis has the talk and no emotion), and StripInfo goes outside of other wrappers"
            )
