"""N strategy environments at once, over the native vector environment of the talk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array
from numpy.typing import NDArray

from empathy_gym.envs.episode import Config
from empathy_gym.envs.moves import MOVES, NAMES, fitting, realise
from empathy_gym.envs.strategy import Observation, View
from empathy_gym.envs.topics import Visible
from empathy_gym.envs.vector import EmpathySupportVectorEnv
from empathy_gym.errors import InvalidAction

__all__ = ["EmpathyStrategyVectorEnv"]

Step = tuple[Observation, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]


class EmpathyStrategyVectorEnv(VectorEnv[Observation, NDArray[np.int64], NDArray[Any]]):
    """N strategy environments: ``gym.make_vec("EmpathyStrategy-v0", num_envs=N)``, equal to single ones bit for bit.

    Args:
        num_envs: how many talks.
        reward: ``change`` or ``final``.
        observation: ``flat`` or ``dict``.
        render_mode: None.
        **kwargs: others of :class:`~empathy_gym.envs.strategy.EmpathyStrategyEnv`, and ``autoreset_mode`` of
            :class:`~empathy_gym.envs.vector.EmpathySupportVectorEnv`.

    Example:
        >>> import gymnasium as gym
        >>> import empathy_gym
        >>> envs = gym.make_vec("EmpathyStrategy-v0", num_envs=2)
        >>> obs, infos = envs.reset(seed=0)
        >>> obs.shape, envs.action_masks().shape
        ((2, 89), (2, 24))
        >>> obs, rewards, terminations, truncations, infos = envs.step([0, 9])
        >>> infos["move"].tolist()
        ['question/latest', 'reflection/feeling']
    """

    metadata: dict[str, Any] = EmpathySupportVectorEnv.metadata

    def __init__(
        self,
        num_envs: int = 1,
        *,
        reward: str = "change",
        observation: str = "flat",
        render_mode: str | None = None,
        difficulty: str | float = "vanilla",
        split: str = "train",
        max_turns: int = 8,
        privileged: bool = False,
        backend: Any = None,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
    ) -> None:
        self.view = View(observation)
        self.text_envs = EmpathySupportVectorEnv(
            num_envs,
            reward=reward,
            difficulty=difficulty,
            split=split,
            max_turns=max_turns,
            render_mode=render_mode,
            privileged=privileged,
            backend=backend,
            autoreset_mode=autoreset_mode,
        )
        self.num_envs = num_envs
        self.metadata = self.text_envs.metadata
        self.autoreset_mode = self.text_envs.autoreset_mode
        self.render_mode = render_mode
        self.single_observation_space = self.view.space
        self.single_action_space = spaces.Discrete(len(MOVES))
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._moves: list[list[int]] = [[] for _ in range(num_envs)]

    @property  # type: ignore[override]
    def spec(self) -> EnvSpec | None:
        """As ``gym.make_vec`` gave it; with another seeker it says whether that one is nondeterministic."""
        return self.text_envs.spec

    @spec.setter
    def spec(self, spec: EnvSpec | None) -> None:
        self.text_envs.spec = spec

    @property
    def config(self) -> Config:
        """The settings of the talks."""
        return self.text_envs.config

    @property  # type: ignore[misc]
    def np_random(self) -> tuple[np.random.Generator, ...]:  # type: ignore[override]
        """The random numbers of each talk, as in ``SyncVectorEnv``; empty before the first ``reset``."""
        return self.text_envs.np_random

    @property
    def np_random_seed(self) -> tuple[int, ...]:  # type: ignore[override]
        """The seed of each talk's random numbers."""
        return self.text_envs.np_random_seed

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin talks; seed and options as in :class:`~empathy_gym.envs.vector.EmpathySupportVectorEnv`."""
        _, infos = self.text_envs.reset(seed=seed, options=options)
        for i in np.flatnonzero(infos["_messages"]).tolist():
            self._moves[i] = []
        return self._observe(), infos

    def step(self, actions: Any) -> Step:
        """One move in each talk; the move of a talk that begins anew is ignored.

        Raises:
            InvalidAction: if they are not N moves of the menu; every talk is as it was.
            EpisodeOver: in mode ``DISABLED``, if a talk has ended and was not reset.
            ResetNeeded: before the first ``reset``.
        """
        episodes = self._running("step()")
        resting = [episode.over for episode in episodes]
        moves = self._parse(actions, resting)
        replies = [
            "" if rests else realise(move, episode.seeker.messages, episode.key)
            for move, episode, rests in zip(moves, episodes, resting, strict=True)
        ]
        _, rewards, terminations, truncations, infos = self.text_envs.step(replies)
        for i, move in enumerate(moves):
            self._moves[i] = [] if resting[i] else [*self._moves[i], move]
        played = ~np.array(resting)
        if self.autoreset_mode == AutoresetMode.SAME_STEP:
            ended = terminations | truncations
            self._close(infos, ended, moves, replies)
            played &= ~ended
        _tell(infos, played, moves, replies)
        return self._observe(), rewards, terminations, truncations, infos

    def action_masks(self) -> NDArray[np.bool_]:
        """Which moves have something to speak of now, (N, 24)."""
        return np.array([fitting(Visible.of(e.seeker.messages)) for e in self._running("action_masks()")])

    def _running(self, call: str) -> list[Any]:
        if not self.text_envs.episodes:
            raise ResetNeeded(f"expected reset() before {call}, got no reset")
        return list(self.text_envs.episodes)

    def _parse(self, actions: Any, resting: Sequence[bool]) -> list[int]:
        """The moves, checked before any is made; 0 where a talk rests."""
        if isinstance(actions, (str, bytes)) or not isinstance(actions, (Sequence, np.ndarray)):
            raise InvalidAction(f"actions: expected {self.num_envs} whole numbers, got {type(actions).__name__}")
        if len(actions) != self.num_envs:
            raise InvalidAction(f"actions: expected {self.num_envs} whole numbers, got {len(actions)}")
        for i, action in enumerate(actions):
            if not resting[i] and not self.single_action_space.contains(action):
                raise InvalidAction(f"actions[{i}]: expected a whole number from 0 to {len(MOVES) - 1}, got {action!r}")
        return [0 if rests else int(action) for action, rests in zip(actions, resting, strict=True)]

    def _close(
        self, infos: dict[str, Any], ended: NDArray[np.bool_], moves: Sequence[int], replies: Sequence[str]
    ) -> None:
        """What talks ended with, seen as any other observation; their successors have no moves yet."""
        if not ended.any():
            return
        _tell(infos["final_info"], ended, moves, replies)
        for i in np.flatnonzero(ended).tolist():
            visible = Visible.of(infos["final_info"]["messages"][i])
            infos["final_obs"][i] = self.view(visible, self._moves[i], self.config.max_turns)
            self._moves[i] = []

    def _observe(self) -> Observation:
        seen = [
            self.view(Visible.of(episode.seeker.messages), moves, self.config.max_turns)
            for episode, moves in zip(self.text_envs.episodes, self._moves, strict=True)
        ]
        space = self.single_observation_space
        return concatenate(space, seen, create_empty_array(space, self.num_envs))  # type: ignore[return-value, arg-type]


def _tell(infos: dict[str, Any], who: NDArray[np.bool_], moves: Sequence[int], replies: Sequence[str]) -> None:
    """Add the names of moves, and their words, for those who made one."""
    if not who.any():
        return
    for name, values in (("move", [NAMES[move] for move in moves]), ("reply", replies)):
        infos[name] = np.array([value if own else None for value, own in zip(values, who, strict=True)], dtype=object)
        infos[f"_{name}"] = who.copy()
