"""EmpathyStrategy: the same talk for agents that choose and do not write: features of what is visible in, a move of a menu out."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec
from numpy.typing import NDArray

from empathy_gym.envs.episode import Config, chosen_scenario
from empathy_gym.envs.features import STRATEGY, box, flat, grouped, grouped_space, strategy_rows
from empathy_gym.envs.moves import MOVES, NAMES, fitting, realise
from empathy_gym.envs.support import EmpathySupportEnv
from empathy_gym.envs.topics import Visible
from empathy_gym.errors import InvalidAction, InvalidOption

__all__ = ["OBSERVATIONS", "EmpathyStrategyEnv", "View"]

OBSERVATIONS = ("flat", "dict")

Observation = NDArray[np.float32] | dict[str, NDArray[Any]]


class View:
    """What an agent sees of the talk and of its own moves, in one of two forms; the single and the vector environment share it.

    Args:
        form: ``flat``, one vector; or ``dict``, its groups by name and the mask of the moves beside them.

    Attributes:
        space: of one observation.

    Raises:
        InvalidOption: for another form.
    """

    def __init__(self, form: str) -> None:
        if form not in OBSERVATIONS:
            raise InvalidOption(f"observation: expected one of {', '.join(OBSERVATIONS)}, got {form!r}")
        self.form = form
        self.space: spaces.Space[Any] = box(STRATEGY)
        if form == "dict":
            self.space = spaces.Dict({**grouped_space(STRATEGY), "action_mask": spaces.MultiBinary(len(MOVES))})

    def __call__(self, visible: Visible, moves: list[int], max_turns: int) -> Observation:
        """The observation.

        Args:
            visible: the visible talk.
            moves: those made so far.
            max_turns: of the episode.
        """
        rows = strategy_rows(visible, moves, max_turns)
        if self.form == "flat":
            return flat(rows)
        return {**grouped(rows), "action_mask": np.array(fitting(visible), dtype=np.int8)}


class EmpathyStrategyEnv(gym.Env[Observation, np.int64]):
    """
    ## Description
    `EmpathySupport-v0` for agents that choose and do not write. Each move of a menu (a strategy with a focus) is put into words from the
    visible talk, with nouns and feelings of the seeker's own lines, and then goes through the same reader, seeker and reward as any text.

    ## Action Space
    `Discrete(24)`: the moves of `empathy_gym.envs.moves.MOVES`.

    | strategy | focus |
    |---|---|
    | question | 0 latest, 1 earlier, 2 feeling, 3 inward, 4 wish, 5 tried, 6 closed |
    | restatement | 7 latest, 8 link |
    | reflection | 9 feeling, 10 depth |
    | interpretation | 11 pattern, 12 others, 13 sides |
    | affirmation | 14 feeling, 15 blame, 16 deed, 17 comfort |
    | suggestion | 18 leave, 19 step, 20 together |
    | information | 21 common |
    | self_disclosure | 22 own |
    | other | 23 room |

    `action_masks()` leaves out moves that speak of something from earlier, or of a person, when there is none yet; they are legal all the
    same, and said in general words. Anything that is no move raises `InvalidAction` and leaves the episode as it was.

    ## Observation Space
    `Box(0, 1, (89,), float32)`, from the visible talk and the agent's own moves alone; `empathy_gym.envs.features.STRATEGY` names each row.

    | rows | group | meaning |
    |---|---|---|
    | 0 | `progress` | turn / `max_turns` |
    | 1 | `line` | words of the latest line / 60 |
    | 2 | | the latest line ends with a question |
    | 3 | | things that the latest line speaks of / 4 |
    | 4, 5 | | something from earlier, a person can be spoken of |
    | 6 to 17 | `named` | feelings that the seeker has named so far |
    | 18 to 29 | `nearest` | the feeling that seems nearest, one-hot or all 0 |
    | 30 to 40 | `cues` | cues in the latest line (`empathy_gym.envs.features.CUES`) |
    | 41 to 64 | `uses` | uses of each move / 4 |
    | 65 to 88 | `last` | the last move, one-hot; all 0 at first |

    With `observation="dict"` it is a flat `Dict` of these groups, each a `Box`, and of `action_mask`, `MultiBinary(24)`: what
    `action_masks()` says.

    ## Rewards
    As in `EmpathySupport-v0`, but `reward="change"` by default: the change of emotion / 100 each turn.

    ## Starting State
    As in `EmpathySupport-v0`; the same seed picks the same scenario.

    ## Episode End
    As in `EmpathySupport-v0`.

    ## Information
    As in `EmpathySupport-v0`; after a step also `move` (its name) and `reply` (its words).

    ## Arguments
    `difficulty`, `split`, `reward`, `max_turns`, `privileged`, `backend` and `render_mode` of `EmpathySupport-v0`, and `observation`: `"flat"`
    (default) or `"dict"`. There is no scaffold: a move has no thought.

    `gym.make_vec("EmpathyStrategy-v0", num_envs=N)` gives a native vector environment, equal to N single ones bit for bit; its
    `action_masks()` has a row for each.

    >>> import gymnasium as gym
    >>> import empathy_gym
    >>> env = gym.make("EmpathyStrategy-v0")
    >>> obs, info = env.reset(seed=0)
    >>> obs, reward, terminated, truncated, info = env.step(9)
    >>> info["move"]
    'reflection/feeling'

    ## References
    ESConv: Liu et al., ACL 2021. Hill: *Helping Skills*, 2020.

    ## Registered Configurations
    `EmpathyStrategy-v0`.

    ## Version History
    * v0: before the first release.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi", "human", "rgb_array"], "render_fps": 1}

    def __init__(
        self,
        *,
        difficulty: str | float = "vanilla",
        split: str = "train",
        reward: str = "change",
        max_turns: int = 8,
        observation: str = "flat",
        privileged: bool = False,
        backend: Any = None,
        render_mode: str | None = None,
    ) -> None:
        self.view = View(observation)
        self.text_env = EmpathySupportEnv(
            difficulty=difficulty,
            split=split,
            reward=reward,
            max_turns=max_turns,
            privileged=privileged,
            backend=backend,
            render_mode=None if render_mode == "rgb_array" else render_mode,
        )
        # Stable-Baselines3's make_vec_env asks every environment for rgb_array: what draws is needed no sooner than something is drawn.
        self.text_env.render_mode = self.render_mode = render_mode
        self.action_space = spaces.Discrete(len(MOVES))
        self.observation_space = self.view.space
        self._moves: list[int] = []

    @property  # type: ignore[override]
    def spec(self) -> EnvSpec | None:
        """As ``gym.make`` gave it; with another seeker it says whether that one is nondeterministic."""
        return self.text_env.spec

    @spec.setter
    def spec(self, spec: EnvSpec | None) -> None:
        self.text_env.spec = spec

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin a talk; seed and options as in :class:`~empathy_gym.envs.support.EmpathySupportEnv`."""
        chosen_scenario(options)  # raises before anything is changed
        super().reset(seed=seed)
        self.text_env.np_random = self.np_random
        _, info = self.text_env.reset(options=options)
        self._moves = []
        return self._observe(), info

    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Make a move.

        Raises:
            InvalidAction: if it is not in the menu; the episode is as it was.
            BackendFailed: if another seeker gives no answer; the episode is as it was.
            EpisodeOver: after the end.
            ResetNeeded: before the first ``reset``.
        """
        episode = self.text_env.running("step()")
        if not self.action_space.contains(action):
            raise InvalidAction(f"action: expected a whole number from 0 to {len(MOVES) - 1}, got {action!r}")
        move = int(action)
        reply = realise(move, episode.seeker.messages, episode.key)
        _, reward, terminated, truncated, info = self.text_env.step(reply)
        self._moves.append(move)
        return self._observe(), reward, terminated, truncated, {**info, "move": NAMES[move], "reply": reply}

    @property
    def config(self) -> Config:
        """The settings of the talk."""
        return self.text_env.config

    def action_masks(self) -> NDArray[np.bool_]:
        """Which moves have something to speak of now, (24,), under the name that MaskablePPO looks for."""
        return np.array(fitting(self._visible("action_masks()")))

    def render(self) -> str | NDArray[np.uint8] | None:  # type: ignore[override]
        """As in :class:`~empathy_gym.envs.support.EmpathySupportEnv`."""
        return self.text_env.render()

    def _observe(self) -> Observation:
        return self.view(self._visible("step()"), self._moves, self.text_env.config.max_turns)

    def _visible(self, call: str) -> Visible:
        return Visible.of(self.text_env.running(call).seeker.messages)
