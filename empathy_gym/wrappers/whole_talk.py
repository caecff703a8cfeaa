"""The whole talk so far as one string, a line for each message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
from gymnasium.utils import RecordConstructorArgs
from gymnasium.vector import VectorEnv

from empathy_gym.envs.spaces import Dialogue
from empathy_gym.errors import InvalidOption
from empathy_gym.wrappers.base import Message, TalkObservation, VectorTalkObservation

__all__ = ["MAX_TALK_CHARS", "VectorWholeTalk", "WholeTalk"]

MAX_TALK_CHARS = 65_536
"""Room for eight replies and nine lines of the greatest length, characters."""

NAMES = {"assistant": "Supporter", "user": "Seeker"}
"""Who speaks, before each line."""


class WholeTalk(TalkObservation, RecordConstructorArgs):
    """The observation is the whole talk: ``Seeker: …``, a line for each message, the latest last.

    A message is one line: line breaks within it become spaces, so that no reply can put words into the other's mouth. Whole lines are left
    out from the beginning where the talk is too long.

    Args:
        env: an environment of this package.
        max_chars: of the observation, at least 1; the latest are kept.
        thoughts: whether the supporter's own thoughts stand before their replies.

    Example:
        >>> import gymnasium as gym
        >>> import empathy_gym
        >>> from empathy_gym.wrappers import WholeTalk
        >>> env = WholeTalk(gym.make("EmpathySupport-v0"))
        >>> opening, info = env.reset(seed=0)
        >>> talk, *_ = env.step("What happened then?")
        >>> [line.split(":")[0] for line in talk.splitlines()]
        ['Seeker', 'Supporter', 'Seeker']
    """

    def __init__(self, env: gym.Env[Any, Any], max_chars: int = MAX_TALK_CHARS, thoughts: bool = False) -> None:
        RecordConstructorArgs.__init__(self, max_chars=max_chars, thoughts=thoughts)
        view = _Lines(max_chars)
        TalkObservation.__init__(self, env, view, Dialogue(max_chars), thoughts)


class VectorWholeTalk(VectorTalkObservation, RecordConstructorArgs):
    """:class:`WholeTalk` for vector environments: a tuple of strings."""

    def __init__(self, env: VectorEnv[Any, Any, Any], max_chars: int = MAX_TALK_CHARS, thoughts: bool = False) -> None:
        RecordConstructorArgs.__init__(self, max_chars=max_chars, thoughts=thoughts)
        view = _Lines(max_chars)
        VectorTalkObservation.__init__(self, env, view, Dialogue(max_chars), thoughts)


def as_text(messages: Sequence[Mapping[str, str]]) -> str:
    """A talk as text, a line for each message."""
    return "\n".join(f"{NAMES[m['role']]}: {m['content']}".replace("\n", " ") for m in messages)


class _Lines:
    """The view: as many whole lines as there is room for."""

    def __init__(self, max_chars: int) -> None:
        if not isinstance(max_chars, int) or isinstance(max_chars, bool) or max_chars < 1:
            raise InvalidOption(f"max_chars: expected a whole number of at least 1, got {max_chars!r}")
        self.max_chars = max_chars

    def __call__(self, messages: list[Message]) -> str:
        text = as_text(messages)
        if len(text) <= self.max_chars:
            return text
        cut = text[-self.max_chars :]
        first_whole = (
            0 if text[-self.max_chars - 1] == "\n" else cut.find("\n") + 1
        )  # 0 as well where only one line is left
        return cut[first_whole:]
