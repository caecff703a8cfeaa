"""EmpathyStrategy: the same talk for agents that choose and do not write: features of what is visible in, a move of a menu out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from empathy_gym.envs.episode import chosen_scenario
from empathy_gym.envs.moves import MOVES, NAMES, fitting, realise
from empathy_gym.envs.support import EmpathySupportEnv
from empathy_gym.envs.topics import MOST_TOPICS, Visible
from empathy_gym.errors import InvalidAction
from empathy_gym.seeker.concepts import FEELINGS
from empathy_gym.seeker.text import words

__all__ = ["CUES", "FEATURES", "EmpathyStrategyEnv", "features"]

CUES = {
    "asks for advice": ("what do i do", "how do i", "what should i", "what would you", "any idea", "first step"),
    "asks why they did it": (
        "why would",
        "why did he",
        "why did she",
        "why did they",
        "what was going on in",
        "what makes someone",
    ),
    "tells what they did": ("i tried", "i kept", "i did", "i went", "i wrote", "i told"),
    "blames themselves": ("my fault", "should have", "should've", "if i had", "blame myself", "because of me"),
    "weighs two sides": ("on the one hand", "both", "the other side", "another way to see", "maybe they"),
    "looks at themselves": ("about me", "the way i", "my half", "i always", "i never", "what i do"),
    "wants to tell": ("let me", "out loud", "get it out", "just listen", "hear me"),
    "feels not understood": ("nobody gets", "not really about", "isn't that", "it's not that", "understands"),
    "is hurt by the reply": ("don't tell me", "not helping", "that stung", "you don't know", "not fair", "unfair"),
    "is tired of the reply": ("you said that", "already said", "again", "that's all", "everyone says"),
    "is met by the reply": ("that's it", "exactly", "thank you", "yes, yes", "put it better", "never thought of it"),
}
"""Turns of phrase in the seeker's latest line, by what they usually mean."""

MANY_WORDS, MANY_TIMES = 60, 4
"""Words of a line, and uses of one move, that count as a full feature."""

FEATURES = (
    "turn / max_turns",
    "words of the latest line / 60",
    "the latest line ends with a question",
    "things that the latest line speaks of / 4",
    "something from earlier can be spoken of",
    "a person can be spoken of",
    *(f"named so far: {name}" for name in FEELINGS),
    *(f"seems nearest: {name}" for name in FEELINGS),
    *(f"latest line: {name}" for name in CUES),
    *(f"uses / 4: {name}" for name in NAMES),
    *(f"last move: {name}" for name in NAMES),
)
"""The observation's rows in order, each from 0 to 1."""


class EmpathyStrategyEnv(gym.Env[NDArray[np.float32], np.int64]):
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
    `Box(0, 1, (89,), float32)`, from the visible talk and the agent's own moves alone; `empathy_gym.envs.strategy.FEATURES` names each row.

    | rows | meaning |
    |---|---|
    | 0 | turn / `max_turns` |
    | 1 | words of the latest line / 60 |
    | 2 | the latest line ends with a question |
    | 3 | things that the latest line speaks of / 4 |
    | 4, 5 | something from earlier, a person can be spoken of |
    | 6 to 17 | feelings that the seeker has named so far |
    | 18 to 29 | the feeling that seems nearest, one-hot or all 0 |
    | 30 to 40 | cues in the latest line (`empathy_gym.envs.strategy.CUES`) |
    | 41 to 64 | uses of each move / 4 |
    | 65 to 88 | the last move, one-hot; all 0 at first |

    ## Rewards
    As in `EmpathySupport-v0`, but `reward="change"` by default: the change of emotion / 100 each turn.

    ## Starting State
    As in `EmpathySupport-v0`; the same seed picks the same scenario.

    ## Episode End
    As in `EmpathySupport-v0`.

    ## Information
    As in `EmpathySupport-v0`; after a step also `move` (its name) and `reply` (its words).

    ## Arguments
    `difficulty`, `split`, `reward`, `max_turns`, `privileged` and `render_mode` of `EmpathySupport-v0`. There is no scaffold: a move has no
    thought.

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

    metadata: dict[str, Any] = {"render_modes": ["ansi", "human"], "render_fps": 1}

    def __init__(
        self,
        *,
        difficulty: str | float = "vanilla",
        split: str = "train",
        reward: str = "change",
        max_turns: int = 8,
        privileged: bool = False,
        render_mode: str | None = None,
    ) -> None:
        self.text_env = EmpathySupportEnv(
            difficulty=difficulty,
            split=split,
            reward=reward,
            max_turns=max_turns,
            privileged=privileged,
            render_mode=render_mode,
        )
        self.render_mode = render_mode
        self.action_space = spaces.Discrete(len(MOVES))
        self.observation_space = spaces.Box(0.0, 1.0, (len(FEATURES),), np.float32)
        self._moves: list[int] = []

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin a talk; seed and options as in :class:`~empathy_gym.envs.support.EmpathySupportEnv`."""
        chosen_scenario(options)  # raises before anything is changed
        super().reset(seed=seed)
        self.text_env.np_random = self.np_random
        _, info = self.text_env.reset(options=options)
        self._moves = []
        return self._observe(), info

    def step(self, action: Any) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Make a move.

        Raises:
            InvalidAction: if it is not in the menu; the episode is as it was.
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

    def action_masks(self) -> NDArray[np.bool_]:
        """Which moves have something to speak of now, (24,), under the name that MaskablePPO looks for."""
        return np.array(fitting(self._visible("action_masks()")))

    def render(self) -> str | None:  # type: ignore[override]
        """As in :class:`~empathy_gym.envs.support.EmpathySupportEnv`."""
        return self.text_env.render()

    def _observe(self) -> NDArray[np.float32]:
        return features(self._visible("step()"), self._moves, self.text_env.config.max_turns)

    def _visible(self, call: str) -> Visible:
        return Visible.of(self.text_env.running(call).seeker.messages)


def features(visible: Visible, moves: Sequence[int], max_turns: int) -> NDArray[np.float32]:
    """The observation, (89,), each row from 0 to 1.

    Args:
        visible: the visible talk.
        moves: those made so far.
        max_turns: of the episode.
    """
    line = visible.line
    row = [
        len(moves) / max_turns,
        len(words(line)) / MANY_WORDS,
        line.endswith("?"),
        len(visible.here) / MOST_TOPICS,
        bool(visible.earlier),
        visible.person is not None,
        *(name in visible.named for name in FEELINGS),
        *(name == visible.feeling for name in FEELINGS),
        *(any(cue in line for cue in cues) for cues in CUES.values()),
        *(moves.count(move) / MANY_TIMES for move in range(len(MOVES))),
        *(bool(moves) and moves[-1] == move for move in range(len(MOVES))),
    ]
    return np.clip(np.array(row, dtype=np.float32), 0.0, 1.0)
