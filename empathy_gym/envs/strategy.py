"""EmpathyStrategy: the same talk for classical agents: features of what is visible in, one of a menu of moves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from empathy_gym.envs.moves import NAMES, fillers, realise
from empathy_gym.envs.support import EmpathySupportEnv
from empathy_gym.errors import InvalidAction
from empathy_gym.seeker.concepts import FEELINGS, feelings
from empathy_gym.seeker.text import fold, words

_CUES = {
    "advice": ("what do i do", "how do i", "a plan", "what would", "what should", "first step"),
    "others": ("why would", "what was going on", "what makes", "in her head", "in his head", "understand why"),
    "praise": ("noticed", "nobody saw", "counted", "thank"),
    "fault": ("my fault", "should have", "should've", "if i had", "blame"),
    "sides": ("one minute", "both", "another way", "other side"),
    "self": ("about me", "the way i", "my half", "something i do", "i always"),
    "vent": ("let me", "out loud", "get it out", "listen"),
    "depth": ("nobody gets", "not really about", "isn't that", "understands"),
    "hurt_by_me": ("that stung", "don't tell me", "not helping", "you don't", "unfair"),
    "tired_of_me": ("you said that", "again", "same", "that's all", "generic"),
    "warmer": ("that's it", "exactly", "thank you", "closer", "put it better"),
}
FEATURES = (
    "turn / max_turns", "words of the latest line / 60", "ends with a question", "topics named / 4", "topics left from earlier / 8",
    *(f"feeling named so far: {f}" for f in FEELINGS), *(f"cue: {c}" for c in _CUES), *(f"times used / 4: {n}" for n in NAMES),
    *(f"last move: {n}" for n in NAMES),
)  # fmt: skip
"""One row of the observation each, all from 0 to 1, from the visible talk and the agent's own moves alone."""


class EmpathyStrategyEnv(gym.Env[NDArray[np.float32], np.int64]):
    """
    ## Description
    :class:`~empathy_gym.envs.support.EmpathySupportEnv` for agents that choose and do not write. Each move of the menu is put into words from
    the visible talk and goes through the same reader as any text.

    ## Action Space
    ``Discrete(22)``: the moves of ``empathy_gym.envs.moves.MOVES`` (a strategy with a focus each). ``action_masks()`` leaves out moves that
    need something earlier in the talk when there is none.

    ## Observation Space
    ``Box(0, 1, (len(FEATURES),), float32)``; the rows' meanings are in ``empathy_gym.envs.strategy.FEATURES``. Nothing privileged.

    ## Rewards, Starting State, Episode End, Information
    As ``EmpathySupportEnv``; ``reward="change"`` by default, because classical agents like dense rewards. ``info`` also has ``reply``.

    ## Arguments
    Those of ``EmpathySupportEnv`` but for the scaffold.

    ## Version History
    * v0: before the first release.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["ansi", "human"], "render_fps": 1}

    def __init__(self, reward: str = "change", render_mode: str | None = None, **kwargs: Any) -> None:
        self.text_env = EmpathySupportEnv(reward=reward, render_mode=render_mode, **kwargs)
        self.render_mode = render_mode
        self.action_space = spaces.Discrete(len(NAMES))
        self.observation_space = spaces.Box(0.0, 1.0, (len(FEATURES),), np.float32)
        self._moves: list[int] = []

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin a talk."""
        super().reset(seed=seed)
        self.text_env._np_random, self.text_env._np_random_seed = self.np_random, self.np_random_seed
        _, info = self.text_env.reset(options=options)
        self._moves = []
        return self._features(), info

    def step(self, action: Any) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Make a move."""
        if not self.action_space.contains(action):
            raise InvalidAction(f"action: expected a whole number from 0 to {len(NAMES) - 1}, got {action!r}")
        episode = self.text_env._running()
        reply = realise(int(action), episode.seeker.messages, episode.key)
        _, reward, terminated, truncated, info = self.text_env.step(reply)
        self._moves.append(int(action))
        return self._features(), reward, terminated, truncated, {**info, "reply": reply}

    def action_masks(self) -> NDArray[np.bool_]:
        """Which moves make sense now, as MaskablePPO asks for them."""
        early = len(self._moves) == 0
        needs_earlier = {"ask_open_earlier", "restate_links", "reflect_deeper", "insight_pattern"}
        return np.array([not (early and name in needs_earlier) for name in NAMES])

    def render(self) -> str | None:
        """As the text environment."""
        return self.text_env.render()

    def _features(self) -> NDArray[np.float32]:
        episode = self.text_env._running()
        return features(episode.seeker.messages, self._moves, episode.config.max_turns)


def features(messages: Sequence[Mapping[str, str]], moves: Sequence[int], max_turns: int) -> NDArray[np.float32]:
    """The observation, (len(FEATURES),), each row from 0 to 1."""
    lines = [fold(m["content"]) for m in messages if m["role"] == "user"]
    filled = fillers(messages)
    felt = {f for line in lines for f in feelings(line)}
    last = lines[-1]
    row = [
        len(moves) / max_turns,
        len(words(last)) / 60,
        float(last.endswith("?")),
        sum(filled[x] not in ("all of this", "what came with it") for x in "ab") / 2,
        min(len(lines), 8) / 8,
        *(float(f in felt) for f in FEELINGS),
        *(float(any(cue in last for cue in cues)) for cues in _CUES.values()),
        *(sum(m == i for m in moves) / 4 for i in range(len(NAMES))),
        *(float(bool(moves) and moves[-1] == i) for i in range(len(NAMES))),
    ]
    return np.clip(np.array(row, dtype=np.float32), 0.0, 1.0)
