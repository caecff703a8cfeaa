"""The native vector environment: N talks at once, their replies read in one batch, equal to N single environments bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from empathy_gym.envs.episode import Config, Episode
from empathy_gym.envs.spaces import Dialogue
from empathy_gym.envs.support import MAX_LINE_CHARS
from empathy_gym.errors import EpisodeOver, InvalidAction, InvalidOption
from empathy_gym.seeker.reading import read_many
from empathy_gym.seeker.text import MAX_RAW_CHARS

_NUMBERS = {"turn": np.int64, "emotion": np.int64, "emotion_change": np.int64}


class EmpathySupportVectorEnv(VectorEnv):
    """``gym.make_vec("EmpathySupport-v0", num_envs=N)``.

    Actions: a sequence of N strings. Observations: a tuple of N strings. Infos: arrays for numbers, object arrays with one whole
    entry an environment for lists, dicts and strings, and ``_key`` masks.

    Args:
        num_envs: how many talks.
        autoreset_mode: ``NEXT_STEP`` (default: the step after an end resets and ignores its action), ``SAME_STEP`` (the end's observation
            and info are in ``final_obs`` and ``final_info``) or ``DISABLED`` (the caller resets with ``options={"reset_mask": …}``).
        render_mode: must be None.
        **kwargs: those of :class:`~empathy_gym.envs.support.EmpathySupportEnv`.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": [], "autoreset_mode": AutoresetMode.NEXT_STEP}

    def __init__(
        self,
        num_envs: int = 1,
        *,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        privileged: bool = False,
        render_mode: str | None = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(num_envs, int) or num_envs < 1:
            raise InvalidOption(f"num_envs: expected a whole number of at least 1, got {num_envs!r}")
        if render_mode is not None:
            raise InvalidOption(f"render_mode: expected None for the vector environment, got {render_mode!r}")
        self.num_envs = num_envs
        self.autoreset_mode = _mode(autoreset_mode)
        self.metadata = {**type(self).metadata, "autoreset_mode": self.autoreset_mode}  # type: ignore[misc]
        self.config = Config(**kwargs)
        self.privileged = privileged
        self.render_mode = render_mode
        self.single_observation_space = Dialogue(MAX_LINE_CHARS)
        self.single_action_space = Dialogue(MAX_RAW_CHARS)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._generators: list[np.random.Generator] = []
        self.episodes: list[Episode] = []

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[tuple[str, ...], dict[str, Any]]:
        """Begin talks.

        Args:
            seed: one number (environment i gets ``seed + i``), or one for each environment.
            options: ``scenario`` (one id, or one for each environment) and ``reset_mask`` (boolean array: reset those alone).
        """
        options = dict(options or {})
        mask = _mask(options.pop("reset_mask", None), self.num_envs)
        scenarios = self._scenarios(options.pop("scenario", None))
        if options:
            raise InvalidOption(
                f"options: expected 'scenario' and 'reset_mask' alone, got {', '.join(map(repr, sorted(options)))} as well"
            )
        if not self.episodes and not mask.all():
            raise InvalidOption(
                "options: reset_mask: expected a first reset of all environments, got a mask that leaves some out"
            )
        for i, one in enumerate(self._seeds(seed)):
            if mask[i] and (one is not None or len(self._generators) <= i):
                generator = gym.utils.seeding.np_random(one)[0]
                self._generators[i : i + 1] = [generator]
            if mask[i]:
                self.episodes[i : i + 1] = [self._begin(i, scenarios[i])]
        return self._lines(), self._infos(mask)

    def step(
        self, actions: Sequence[str]
    ) -> tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """One reply in each talk. A faulty action raises and leaves every talk as it was."""
        if not self.episodes:
            raise gym.error.ResetNeeded("expected reset() before step(), got none")
        if isinstance(actions, str) or len(actions) != self.num_envs:
            raise InvalidAction(
                f"actions: expected {self.num_envs} strings, got {type(actions).__name__} of {len(actions)}"
            )
        fresh = np.array([e.over for e in self.episodes])
        if self.autoreset_mode == AutoresetMode.DISABLED and fresh.any():
            raise EpisodeOver(
                f"expected reset(options={{'reset_mask': …}}) for ended environments, got step() with {int(fresh.sum())} ended"
            )
        prepared = {i: self.episodes[i].prepare(_text(actions[i], i)) for i in range(self.num_envs) if not fresh[i]}
        readings = read_many([(heard, self.episodes[i].seeker.messages) for i, (heard, _, _) in prepared.items()])
        rewards = np.zeros(self.num_envs, dtype=np.float64)
        for (i, ready), reading in zip(prepared.items(), readings, strict=True):
            rewards[i] = self.episodes[i].step(str(actions[i]), ready, reading)
        for i in np.flatnonzero(fresh):
            self.episodes[i] = self._begin(i, None)
        ended = np.array([e.terminated for e in self.episodes])
        cut = np.array([e.truncated for e in self.episodes])
        done = ended | cut
        if self.autoreset_mode == AutoresetMode.SAME_STEP and done.any():
            return self._same_step(rewards, ended, cut, done)
        return self._lines(), rewards, ended, cut, self._infos(np.ones(self.num_envs, dtype=bool))

    def _same_step(self, rewards, ended, cut, done):  # type: ignore[no-untyped-def]
        final_obs = np.full(self.num_envs, None, dtype=object)
        for i in np.flatnonzero(done):
            final_obs[i] = self.episodes[i].line
        final_info = self._infos(done)
        for i in np.flatnonzero(done):
            self.episodes[i] = self._begin(i, None)
        infos = self._infos(np.ones(self.num_envs, dtype=bool))
        infos |= {
            "final_obs": final_obs,
            "_final_obs": done.copy(),
            "final_info": final_info,
            "_final_info": done.copy(),
        }
        return self._lines(), rewards, ended, cut, infos

    # -- pieces -----------------------------------------------------------------------------------------------------------

    def _begin(self, i: int, scenario: str | None) -> Episode:
        return Episode(self.config, int(self._generators[i].bit_generator.random_raw()), scenario)

    def _lines(self) -> tuple[str, ...]:
        return tuple(e.line for e in self.episodes)

    def _infos(self, mask: NDArray[np.bool_]) -> dict[str, Any]:
        """One whole entry an environment under each key, and ``_key`` masks of who has it."""
        merged: dict[str, Any] = {}
        for i in np.flatnonzero(mask):
            for name, value in self.episodes[i].info(self.privileged).items():
                if name not in merged:
                    kind = _NUMBERS.get(name)
                    merged[name] = (
                        np.zeros(self.num_envs, dtype=kind) if kind else np.full(self.num_envs, None, dtype=object)
                    )
                    merged[f"_{name}"] = np.zeros(self.num_envs, dtype=bool)
                merged[name][i] = value
                merged[f"_{name}"][i] = True
        return merged

    def _seeds(self, seed: int | Sequence[int | None] | None) -> list[int | None]:
        if seed is None:
            return [None] * self.num_envs
        if isinstance(seed, (int, np.integer)):
            return [int(seed) + i for i in range(self.num_envs)]
        if len(seed) != self.num_envs:
            raise InvalidOption(f"seed: expected one number or {self.num_envs}, got {len(seed)}")
        return [None if s is None else int(s) for s in seed]

    def _scenarios(self, chosen: str | Sequence[str | None] | None) -> list[str | None]:
        if chosen is None or isinstance(chosen, str):
            return [chosen] * self.num_envs
        if len(chosen) != self.num_envs:
            raise InvalidOption(f"options: scenario: expected one id or {self.num_envs}, got {len(chosen)}")
        return list(chosen)


def _mode(value: str | AutoresetMode) -> AutoresetMode:
    for mode in AutoresetMode:
        if value in (mode, mode.value, mode.name):
            return mode
    raise InvalidOption(f"autoreset_mode: expected one of {', '.join(m.name for m in AutoresetMode)}, got {value!r}")


def _mask(value: Any, count: int) -> NDArray[np.bool_]:
    if value is None:
        return np.ones(count, dtype=bool)
    mask = np.asarray(value)
    if mask.shape != (count,) or mask.dtype != np.bool_ or not mask.any():
        raise InvalidOption(f"options: reset_mask: expected {count} booleans with one true, got {str(value)[:60]}")
    return mask


def _text(action: Any, i: int) -> str:
    if not isinstance(action, str):
        raise InvalidAction(f"actions[{i}]: expected str, got {type(action).__name__}")
    return str(action)
