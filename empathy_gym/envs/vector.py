"""The native vector environment: N talks at once, their replies read in one batch, equal to N single environments bit for bit.

``gymnasium.vector.SyncVectorEnv`` takes dictionaries in ``info`` apart, and ``AsyncVectorEnv`` cannot share text memory; this one does
neither, and reads all replies of a step in one call.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from gymnasium.envs.registration import EnvSpec
from gymnasium.error import ResetNeeded
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from empathy_gym.envs.backend import BackendSeeker, declared, read_all, resolve
from empathy_gym.envs.episode import Config, Episode, check_options, check_privileged, draw_key
from empathy_gym.envs.spaces import Dialogue
from empathy_gym.envs.support import MAX_LINE_CHARS
from empathy_gym.errors import EpisodeOver, InvalidAction, InvalidOption
from empathy_gym.seeker import bank
from empathy_gym.seeker.reading import read_many
from empathy_gym.seeker.seeker import Seeker
from empathy_gym.seeker.text import MAX_RAW_CHARS

__all__ = ["EmpathySupportVectorEnv"]

Step = tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]

_NUMBERS = ("turn", "emotion", "emotion_change")
"""Entries of ``info`` that become int64 arrays; all others become object arrays of whole entries."""


class EmpathySupportVectorEnv(VectorEnv[tuple[str, ...], Sequence[str], NDArray[Any]]):
    """N talks with seekers: ``gym.make_vec("EmpathySupport-v0", num_envs=N)``.

    Actions are a sequence of N strings, observations a tuple of N strings. In ``info``, numbers are int64 arrays; lists, dicts and strings
    stand whole in object arrays, one entry an environment; a mask ``_key`` beside each says which environments have it.

    Args:
        num_envs: how many talks.
        autoreset_mode: an ``AutoresetMode``, its name or value. ``NEXT_STEP``: the step after an end resets, ignores its action and pays 0.
            ``SAME_STEP``: the ending step resets, and what it ended with is in ``final_obs`` and ``final_info``. ``DISABLED``: the
            caller resets with ``options={"reset_mask": …}``.
        privileged: whether ``info`` shows what is hidden.
        backend: who plays the seekers; they are asked at the same time, as many as the backend allows.
        render_mode: None.
        **kwargs: the others of :class:`~empathy_gym.envs.support.EmpathySupportEnv`.

    Example:
        >>> import gymnasium as gym
        >>> import empathy_gym
        >>> envs = gym.make_vec("EmpathySupport-v0", num_envs=2, autoreset_mode="SAME_STEP")
        >>> lines, infos = envs.reset(seed=0)
        >>> lines, rewards, terminations, truncations, infos = envs.step(["What happened?", "How are you?"])
        >>> infos["turn"].tolist()
        [1, 1]
    """

    metadata: dict[str, Any] = {"render_modes": [], "autoreset_mode": AutoresetMode.NEXT_STEP}

    def __init__(
        self,
        num_envs: int = 1,
        *,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        privileged: bool = False,
        backend: Any = None,
        render_mode: str | None = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(num_envs, int) or isinstance(num_envs, bool) or num_envs < 1:
            raise InvalidOption(f"num_envs: expected a whole number of at least 1, got {num_envs!r}")
        if render_mode is not None:
            raise InvalidOption(f"render_mode: expected None for a vector environment, got {render_mode!r}")
        self.num_envs = num_envs
        self.autoreset_mode = _parse_mode(autoreset_mode)
        self.metadata = {**type(self).metadata, "autoreset_mode": self.autoreset_mode}
        self.backend = resolve(backend)
        self.config = Config(**kwargs)
        self.privileged = check_privileged(privileged)
        self.render_mode = render_mode
        self.single_observation_space = Dialogue(MAX_LINE_CHARS)
        self.single_action_space = Dialogue(MAX_RAW_CHARS)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.episodes: list[Episode] = []
        self._generators: list[np.random.Generator] = []
        self._seeds: list[int] = []
        self._spec: EnvSpec | None = None

    @property  # type: ignore[override]
    def spec(self) -> EnvSpec | None:
        """As ``gym.make_vec`` gave it; with another seeker it says whether that one is nondeterministic."""
        return self._spec

    @spec.setter
    def spec(self, spec: EnvSpec | None) -> None:
        self._spec = declared(spec, self.backend)

    @property  # type: ignore[misc]
    def np_random(self) -> tuple[np.random.Generator, ...]:  # type: ignore[override]
        """The random numbers of each talk, as in ``SyncVectorEnv``; empty before the first ``reset``."""
        return tuple(self._generators)

    @property
    def np_random_seed(self) -> tuple[int, ...]:  # type: ignore[override]
        """The seed of each talk's random numbers."""
        return tuple(self._seeds)

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[tuple[str, ...], dict[str, Any]]:
        """Begin talks.

        Args:
            seed: one number (environment i gets ``seed + i``), or one number or None for each environment; None goes on with the random
                numbers that an environment has.
            options: ``scenario`` (one id, or an id or None for each environment) and ``reset_mask`` (N booleans: reset those alone;
                ``info`` is then about those alone).

        Raises:
            InvalidOption: for other options; nothing is changed.
            UnknownScenario: if the bank has no scenario of such an id; nothing is changed.
        """
        chosen = check_options(options, ("scenario", "reset_mask"))
        mask = self._parse_mask(chosen.get("reset_mask"))
        scenarios = self._parse_scenarios(chosen.get("scenario"))
        seeds = self._parse_seeds(seed)
        fresh = [seeding.np_random(one) if one is not None or not self._generators else None for one in seeds]
        for i in np.flatnonzero(mask).tolist():
            made = fresh[i]
            if made is not None:
                self._generators[i : i + 1], self._seeds[i : i + 1] = [made[0]], [made[1]]
            self.episodes[i : i + 1] = [self._begin(i, scenarios[i])]
        return self._lines(), self._infos(mask)

    def step(self, actions: Sequence[str]) -> Step:
        """One reply in each talk.

        Raises:
            InvalidAction: if the replies are not N strings; every talk is as it was.
            BackendFailed: if another seeker gives no answer in one of them; every talk is as it was.
            EpisodeOver: in mode ``DISABLED``, if a talk has ended and was not reset.
            ResetNeeded: before the first ``reset``.
        """
        if not self.episodes:
            raise ResetNeeded("expected reset() before step(), got no reset")
        resting = np.array([episode.over for episode in self.episodes])
        if self.autoreset_mode == AutoresetMode.DISABLED and resting.any():
            names = ", ".join(map(str, np.flatnonzero(resting)))
            raise EpisodeOver(
                f"expected reset(options={{'reset_mask': …}}) of ended environments ({names}), got step()"
            )
        rewards = self._play(self._replies(actions, resting))
        for i in np.flatnonzero(resting).tolist():
            self.episodes[i] = self._begin(i, None)
        terminations = np.array([episode.terminated for episode in self.episodes])
        truncations = np.array([episode.truncated for episode in self.episodes])
        final: dict[str, Any] = {}
        if self.autoreset_mode == AutoresetMode.SAME_STEP:
            final = self._restart(terminations | truncations)
        infos = self._infos(np.ones(self.num_envs, dtype=np.bool_))
        return self._lines(), rewards, terminations, truncations, {**infos, **final}

    def _replies(self, actions: Any, resting: NDArray[np.bool_]) -> dict[int, str]:
        """The replies of the talks that go on, by environment, checked before any is heard."""
        if isinstance(actions, (str, bytes)) or not isinstance(actions, (Sequence, np.ndarray)):
            raise InvalidAction(f"actions: expected {self.num_envs} strings, got {type(actions).__name__}")
        if len(actions) != self.num_envs:
            raise InvalidAction(f"actions: expected {self.num_envs} strings, got {len(actions)}")
        replies = {i: actions[i] for i in range(self.num_envs) if not resting[i]}
        for i, reply in replies.items():
            if not isinstance(reply, str):
                raise InvalidAction(f"actions[{i}]: expected str, got {type(reply).__name__}")
        return replies

    def _play(self, replies: dict[int, str]) -> NDArray[np.float64]:
        """Say the replies, all read in one batch; returns the rewards, 0 where nothing was said."""
        prepared = {i: self.episodes[i].prepare(reply) for i, reply in replies.items()}
        readings = self._read({i: heard for i, (heard, _, _) in prepared.items()})
        rewards = np.zeros(self.num_envs, dtype=np.float64)
        for (i, reply), reading in zip(replies.items(), readings, strict=True):
            rewards[i] = self.episodes[i].step(reply, prepared[i], reading)
        return rewards

    def _read(self, heard: dict[int, str]) -> list[Any]:
        """What the seekers make of what they hear, by environment; all of it before any talk goes on."""
        seekers = {i: self.episodes[i].seeker for i in heard}
        if self.backend is not None:
            return read_all(self.backend, [(cast(BackendSeeker, seekers[i]), heard[i]) for i in heard])
        return list(read_many([(heard[i], cast(Seeker, seekers[i]).talk) for i in heard]))

    def _restart(self, done: NDArray[np.bool_]) -> dict[str, Any]:
        """Begin the ended talks anew; returns what they ended with, as Gymnasium's ``SAME_STEP`` names it."""
        if not done.any():
            return {}
        final_obs = np.full(self.num_envs, None, dtype=object)
        final_info = self._infos(done)
        for i in np.flatnonzero(done).tolist():
            final_obs[i] = self.episodes[i].line
            self.episodes[i] = self._begin(i, None)
        return {
            "final_obs": final_obs,
            "_final_obs": done.copy(),
            "final_info": final_info,
            "_final_info": done.copy(),
        }

    def _begin(self, i: int, scenario: str | None) -> Episode:
        return Episode(self.config, draw_key(self._generators[i]), scenario, self.backend)

    def _lines(self) -> tuple[str, ...]:
        return tuple(episode.line for episode in self.episodes)

    def _infos(self, mask: NDArray[np.bool_]) -> dict[str, Any]:
        """The infos of the masked environments: an array for each key, and a ``_key`` mask of who has it."""
        merged: dict[str, Any] = {}
        for i in np.flatnonzero(mask).tolist():
            for name, value in self.episodes[i].info(self.privileged).items():
                if name not in merged:
                    number = name in _NUMBERS
                    merged[name] = np.full(self.num_envs, 0 if number else None, dtype=np.int64 if number else object)
                    merged[f"_{name}"] = np.zeros(self.num_envs, dtype=np.bool_)
                merged[name][i] = value
                merged[f"_{name}"][i] = True
        return merged

    def _parse_mask(self, mask: Any) -> NDArray[np.bool_]:
        if mask is None:
            return np.ones(self.num_envs, dtype=np.bool_)
        found = np.asarray(mask)
        if found.shape != (self.num_envs,) or found.dtype != np.bool_ or not found.any():
            raise InvalidOption(
                f"options: reset_mask: expected {self.num_envs} booleans, one of them true, got {mask!r}"
            )
        if not self.episodes and not found.all():
            raise InvalidOption("options: reset_mask: expected a first reset of all environments, got one of some")
        return found

    def _parse_scenarios(self, scenario: Any) -> list[str | None]:
        if not (scenario is None or isinstance(scenario, str | Sequence)):
            raise InvalidOption(f"options: scenario: expected an id, a list of them or None, got {scenario!r}")
        chosen = [scenario] * self.num_envs if scenario is None or isinstance(scenario, str) else list(scenario)
        if len(chosen) != self.num_envs:
            raise InvalidOption(f"options: scenario: expected one id or {self.num_envs}, got {len(chosen)}")
        for one in chosen:
            if one is not None:
                bank.scenario(one)
        return chosen

    def _parse_seeds(self, seed: int | Sequence[int | None] | None) -> list[int | None]:
        if seed is None or isinstance(seed, (int, np.integer)):
            return [None if seed is None else int(seed) + i for i in range(self.num_envs)]
        if isinstance(seed, str) or not isinstance(seed, Sequence | np.ndarray):
            raise InvalidOption(f"seed: expected a whole number, a list of them or None, got {seed!r}")
        if len(seed) != self.num_envs:
            raise InvalidOption(f"seed: expected one number or {self.num_envs}, got {len(seed)}")
        for one in seed:
            if one is not None and not isinstance(one, int | np.integer):
                raise InvalidOption(f"seed: expected whole numbers or None, got {one!r}")
        return [None if one is None else int(one) for one in seed]


def _parse_mode(value: Any) -> AutoresetMode:
    for mode in AutoresetMode:
        if value in (mode, mode.name, mode.value):
            return mode
    raise InvalidOption(f"autoreset_mode: expected one of {', '.join(m.name for m in AutoresetMode)}, got {value!r}")
