"""support_pair: the supporter and the seeker are both played; a referee reads and keeps the emotion.

| | |
|---|---|
| Import | `from empathy_gym.multi import support_pair_v0` |
| Kind | AEC, turn by turn |
| Agents | `supporter_0`, `seeker_0` |
| Actions | text; `Discrete(33)` with a mask |
| Observations | `Dict` |
| Rewards | from the referee's ledger |

## Description
`EmpathySupport-v0` for two players. The scenario's opening line is said at reset. Then they take turns: `supporter_0` replies in words; the referee
hears the reply, which moves the emotion by the ledger of the single environment; `seeker_0` chooses what to tell and how to begin, and their line
is said in the scenario's words. What a seeker says of the talk moves no emotion: feigning fools the other player and not the referee. What they
tell counts, for only what is known can be understood. A seeker who plays `own` at each turn says what the single environment's seeker says: the
same seed and replies then give the same bytes.

## Action Space
`supporter_0`: `Dialogue(40000)`, any string; thoughts in `<think>…</think>` are not heard.

`seeker_0`: `Discrete(33)`, `support_pair_v0.MOVES`. 0 is `own`. The others are `what/how`, number 1 + 4 · what + how:

| what | tells | how | begins |
|---|---|---|---|
| 0 nothing | no more | 0 felt | with the reaction that was felt |
| 1 answer | the fact that was asked about | 1 plain | with none |
| 2 surface | the next fact of depth 0 or 1 | 2 warm | as if understood |
| 3 deeper | the next of depth 2 | 3 cold | as if hurt |
| 4 core | the next of depth 3 | | |
| 5 tried | a thing that was tried | | |
| 6 belief | the distorted belief | | |
| 7 wish | something in which the hidden intention shows | | |

The mask leaves out moves that have nothing new to tell; they are legal all the same, and say their beginning alone. Trust does not bind a played
seeker: they may tell the core at once. Anything else than text or a move raises `InvalidAction` and leaves the talk as it was.

## Observation Space
`supporter_0`: `{"line": Dialogue(4096), "time": Box(0, 1, (1,))}`: the seeker's latest line, and the share of the turns that is over.

`seeker_0`: `{"heard": Dialogue(4000), "emotion": Box(0, 1, (1,)), "time": Box(0, 1, (1,)), "action_mask": MultiBinary(33)}`: the latest reply, what
they feel (1 is 100 points), the time, and the moves that have something to tell (`own` alone when it is not their turn).

## Rewards
`supporter_0`: as in `EmpathySupport-v0` (`reward`, `scaffold`, `format_penalty`), paid with the reply. `seeker_0`: the same with
`seeker_reward="same"` (two who want the same), its negative with `"opposite"` (an adversary), 0 with `"none"`. The seeker's own moves pay nothing
at once.

## Episode End
As in `EmpathySupport-v0`, for both at once and with the supporter's reply: *terminated* `helped` or `left`, *truncated* `time` after `max_turns`
replies. The last line is the seeker's own.

## Information
As in `EmpathySupport-v0`. `seeker_0` knows their story: `privileged` is always in their information, with `move`, the name of their last one (None
before any). The transcript also has the `moves`; `support_pair_v0.verify` replays it.

## Arguments
Those of `EmpathySupport-v0`, and `seeker_reward` (`"same"`, `"opposite"`, `"none"`). `privileged` is about the supporter's information.
`reset(options={"scenario": id})` chooses the scenario; other options are passed over. `parallel_env()` is PettingZoo's turn-based conversion:
actions of whoever's turn it is not are ignored.

>>> env = env(max_turns=2)
>>> env.reset(seed=0)
>>> for agent in env.agent_iter():
...     observation, reward, terminated, truncated, info = env.last()
...     over = terminated or truncated
...     env.step(None if over else "What happened then?" if agent == "supporter_0" else OWN)
>>> info["outcome"]
'time'

## Version History
* v0: before the first release.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded
from pettingzoo import AECEnv, ParallelEnv
from pettingzoo.utils.conversions import turn_based_aec_to_parallel
from pettingzoo.utils.wrappers import OrderEnforcingWrapper

from empathy_gym.envs.episode import Config, check_privileged, draw_key
from empathy_gym.envs.spaces import Dialogue
from empathy_gym.envs.support import MAX_LINE_CHARS
from empathy_gym.errors import EpisodeOver, InvalidAction, InvalidOption
from empathy_gym.multi.common import (
    RENDER_MODES,
    check_render_mode,
    generator,
    known_options,
    share,
    share_space,
)
from empathy_gym.multi.pair import PairEpisode, verify
from empathy_gym.multi.played import MOVES, NAMES, OWN
from empathy_gym.render import ansi, opening_text, show, turn_text
from empathy_gym.seeker import bank
from empathy_gym.seeker.emotion import FULL
from empathy_gym.seeker.text import MAX_RAW_CHARS, MAX_REPLY_CHARS

__all__ = ["MOVES", "NAMES", "OWN", "SEEKER", "SUPPORTER", "env", "parallel_env", "raw_env", "verify"]

SUPPORTER, SEEKER = "supporter_0", "seeker_0"
SEEKER_REWARDS = {"same": 1, "opposite": -1, "none": 0}
"""What the supporter's reward is multiplied with for the seeker."""


def env(**kwargs: Any) -> AECEnv:
    """The environment with PettingZoo's guard for calls out of order; arguments as in the page above."""
    return OrderEnforcingWrapper(raw_env(**kwargs))


def parallel_env(**kwargs: Any) -> ParallelEnv:
    """The environment in the Parallel interface; actions of the agent whose turn it is not are ignored."""
    return turn_based_aec_to_parallel(env(**kwargs))


class raw_env(AECEnv[str, dict[str, Any], Any]):
    """The environment itself; see the module's page.

    Raises:
        InvalidOption: naming the keyword.
    """

    metadata: dict[str, Any] = {
        "name": "support_pair_v0",
        "render_modes": list(RENDER_MODES),
        "is_parallelizable": False,
        "render_fps": 1,
    }

    def __init__(
        self,
        *,
        scaffold: str = "direct",
        difficulty: str | float = "vanilla",
        split: str = "train",
        reward: str = "final",
        max_turns: int = 8,
        format_penalty: str = "share",
        seeker_reward: str = "same",
        privileged: bool = False,
        render_mode: str | None = None,
    ) -> None:
        super().__init__()
        self.config = Config(scaffold, difficulty, split, reward, max_turns, format_penalty)
        if not isinstance(seeker_reward, str) or seeker_reward not in SEEKER_REWARDS:
            raise InvalidOption(f"seeker_reward: expected one of {', '.join(SEEKER_REWARDS)}, got {seeker_reward!r}")
        check_render_mode(render_mode)
        self.seeker_reward = seeker_reward
        self.privileged = check_privileged(privileged)
        self.render_mode = render_mode
        self.possible_agents = [SUPPORTER, SEEKER]
        self._observation_spaces: dict[str, spaces.Dict] = {
            SUPPORTER: spaces.Dict({"line": Dialogue(MAX_LINE_CHARS), "time": share_space()}),
            SEEKER: spaces.Dict(
                {
                    "heard": Dialogue(MAX_REPLY_CHARS),
                    "emotion": share_space(),
                    "time": share_space(),
                    "action_mask": spaces.MultiBinary(len(MOVES)),
                }
            ),
        }
        self._action_spaces: dict[str, spaces.Space] = {
            SUPPORTER: Dialogue(MAX_RAW_CHARS),
            SEEKER: spaces.Discrete(len(MOVES)),
        }
        self.agents: list[str] = []
        self.episode: PairEpisode | None = None
        self._np_random: np.random.Generator | None = None

    def observation_space(self, agent: str) -> spaces.Dict:
        """The agent's space, always the same object."""
        return self._observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space:
        """The agent's space, always the same object."""
        return self._action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Begin a talk; `supporter_0` is the first to move.

        Args:
            seed: of the environment's random numbers; None goes on with those that it has.
            options: ``{"scenario": id}`` chooses the scenario; others are passed over.

        Raises:
            UnknownScenario: if the bank has no scenario of that id; nothing is changed.
        """
        chosen = known_options(options, "scenario")
        scenario = None if chosen is None else bank.scenario(chosen).id
        self._np_random = generator(seed, self._np_random)
        self.episode = PairEpisode(self.config, draw_key(self._np_random), scenario)
        self.agents = list(self.possible_agents)
        self.agent_selection = SUPPORTER
        self._skip_agent_selection = None
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos = self._infos(self.episode)
        if self.render_mode == "human":
            show(opening_text(self.episode))

    def step(self, action: Any) -> None:
        """Take the reply of the supporter or the move of the seeker, whoever's turn it is; None for one whose talk has ended.

        Raises:
            InvalidAction: if it is neither; the talk is as it was.
            EpisodeOver: when no agent is left.
            ResetNeeded: before the first ``reset``.
        """
        episode, agent = self._running("step()"), self.agent_selection
        if not self.agents:
            raise EpisodeOver(f"expected reset() after the talk's end (outcome: {episode.outcome}), got step()")
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        paid = 0.0
        if agent == SUPPORTER:
            paid = episode.step(action)
        elif self._action_spaces[SEEKER].contains(action):
            episode.answer(int(action))
        else:
            raise InvalidAction(f"move: expected a whole number from 0 to {len(MOVES) - 1}, got {action!r}")
        self._cumulative_rewards[agent] = 0.0
        self.rewards = {SUPPORTER: paid, SEEKER: paid * SEEKER_REWARDS[self.seeker_reward] + 0.0}  # never -0.0
        self._accumulate_rewards()
        self.terminations = dict.fromkeys(self.agents, episode.terminated)
        self.truncations = dict.fromkeys(self.agents, episode.truncated)
        self.infos = self._infos(episode)
        self.agent_selection = SEEKER if agent == SUPPORTER else SUPPORTER
        if self.render_mode == "human" and not episode.seeker.waiting:
            show(turn_text(episode, episode.turn - 1))

    def observe(self, agent: str) -> dict[str, Any]:
        """What the agent sees now, fresh."""
        episode = self._running("observe()")
        time = share(episode.turn, self.config.max_turns)
        if agent == SUPPORTER:
            return {"line": episode.line, "time": time}
        return {
            "heard": episode.heard,
            "emotion": share(episode.seeker.emotion, FULL),
            "time": time,
            "action_mask": np.array(episode.seeker.fitting(), dtype=np.int8),
        }

    def render(self) -> str | None:  # type: ignore[override]
        """``ansi``: the talk so far as text. ``human``: None, because each turn has been printed already."""
        episode = self._running("render()")
        return ansi(episode) if self.render_mode == "ansi" else None

    def close(self) -> None:
        """Nothing is held open."""

    def _infos(self, episode: PairEpisode) -> dict[str, dict[str, Any]]:
        move = NAMES[episode.moves[-1]] if episode.moves else None
        return {SUPPORTER: episode.info(self.privileged), SEEKER: {**episode.info(privileged=True), "move": move}}

    def _running(self, call: str) -> PairEpisode:
        if self.episode is None:
            raise ResetNeeded(f"expected reset() before {call}, got no reset")
        return self.episode
