"""Numbers from the visible talk, for agents and critics that read no text."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from empathy_gym.envs.features import MANY_WORDS, TALK, box, flat, grouped, grouped_space, talk_rows
from empathy_gym.envs.topics import Visible
from empathy_gym.errors import InvalidOption
from empathy_gym.seeker.reading import read
from empathy_gym.wrappers.base import Message, TalkObservation, VectorTalkObservation

__all__ = ["FEATURES", "TalkFeatures", "VectorTalkFeatures"]

_BLANK = read("")

FEATURES = {
    **TALK,
    "reply": (
        *(f"last reply, share: {name}" for name in _BLANK.strategies),
        *(f"last reply, level: {name}" for name in _BLANK.mechanisms),
        "last reply, strongest harm",
        "last reply, words / 60",
    ),
}
"""Groups, and the names of their rows in order. Stock comfort counts as no harm, as in ``docs/reading.md``."""

FORMS = ("flat", "dict")


class TalkFeatures(TalkObservation, RecordConstructorArgs):
    """The observation is numbers from 0 to 1: what the seeker's lines show, and how the last reply reads (``empathy_gym.read``).

    Nothing privileged: the same visible talk gives the same numbers, whoever the seeker is and whatever they feel.

    Args:
        env: an environment of this package.
        form: ``flat``, one ``Box``; or ``dict``, a flat ``Dict`` of the groups of :data:`FEATURES`.
        max_turns: by which the turn is divided; None takes the environment's.

    Example:
        >>> import gymnasium as gym
        >>> import empathy_gym
        >>> from empathy_gym.wrappers import TalkFeatures
        >>> env = TalkFeatures(gym.make("EmpathySupport-v0"), form="dict")
        >>> obs, info = env.reset(seed=0)
        >>> obs, *_ = env.step("What happened then?")
        >>> obs["progress"].tolist(), float(obs["reply"][0])
        ([0.125], 1.0)
    """

    def __init__(self, env: gym.Env[Any, Any], form: str = "flat", max_turns: int | None = None) -> None:
        RecordConstructorArgs.__init__(self, form=form, max_turns=max_turns)
        view = _Features(env, form, max_turns)
        TalkObservation.__init__(self, env, view, view.space)


class VectorTalkFeatures(VectorTalkObservation, RecordConstructorArgs):
    """:class:`TalkFeatures` for vector environments: (N, features), or a dict of (N, rows)."""

    def __init__(self, env: VectorEnv[Any, Any, Any], form: str = "flat", max_turns: int | None = None) -> None:
        RecordConstructorArgs.__init__(self, form=form, max_turns=max_turns)
        view = _Features(env, form, max_turns)
        VectorTalkObservation.__init__(self, env, view, view.space)


class _Features:
    """The view, in one of two forms."""

    def __init__(self, env: Any, form: str, max_turns: int | None) -> None:
        if form not in FORMS:
            raise InvalidOption(f"form: expected one of {', '.join(FORMS)}, got {form!r}")
        self.form = form
        self.max_turns = _max_turns(env) if max_turns is None else max_turns
        if not isinstance(self.max_turns, int) or isinstance(self.max_turns, bool) or self.max_turns < 1:
            raise InvalidOption(f"max_turns: expected a whole number of at least 1, got {self.max_turns!r}")
        self.space: spaces.Space[Any] = box(FEATURES) if form == "flat" else grouped_space(FEATURES)

    def __call__(self, messages: list[Message]) -> NDArray[np.float32] | dict[str, NDArray[np.float32]]:
        replies = [i for i, message in enumerate(messages) if message["role"] == "assistant"]
        rows = talk_rows(Visible.of(messages), len(replies), self.max_turns)
        rows["reply"] = _reply_rows(messages, replies[-1]) if replies else [0] * len(FEATURES["reply"])
        return flat(rows) if self.form == "flat" else grouped(rows)


def _reply_rows(messages: list[Message], at: int) -> list[float]:
    reading = read(messages[at]["content"], messages[:at])
    harms = [level for name, level in reading.harms.items() if name != "stock_comfort"]
    per_mille = [*reading.strategies.values(), *reading.mechanisms.values(), max(harms)]
    return [*(level / 1000 for level in per_mille), reading.words / MANY_WORDS]


def _max_turns(env: Any) -> int:
    """The environment's; of Gymnasium's own vector environments, the first one's."""
    base = env.unwrapped
    first = base.envs[0].unwrapped if hasattr(base, "envs") else base
    config = getattr(first, "config", None)
    if config is None:
        raise InvalidOption(
            f"max_turns: expected a number for an environment that does not say its own, got None for {base}"
        )
    return int(config.max_turns)
