"""The talk as chat messages, as chat templates take them."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs
from gymnasium.vector import VectorEnv

from empathy_gym.envs.spaces import Dialogue
from empathy_gym.errors import InvalidOption
from empathy_gym.seeker.text import MAX_RAW_CHARS
from empathy_gym.wrappers.base import Message, TalkObservation, VectorTalkObservation

__all__ = ["ChatMessages", "Role", "VectorChatMessages"]

ROLES = ("system", "user", "assistant")


class Role(Dialogue):
    """One of ``system``, ``user`` (the seeker) and ``assistant`` (the supporter)."""

    def __init__(self) -> None:
        super().__init__(max(map(len, ROLES)))

    def sample(self, mask: Any = None, probability: Any = None) -> str:
        """One of the roles, each as likely as the others."""
        super().sample(mask, probability)  # refuses a mask
        return ROLES[int(self.np_random.integers(len(ROLES)))]

    def contains(self, x: Any) -> bool:
        """Whether it is one of the roles."""
        return isinstance(x, str) and x in ROLES

    def __repr__(self) -> str:
        return "Role()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Role)

    __hash__ = None  # type: ignore[assignment]


class ChatMessages(TalkObservation, RecordConstructorArgs):
    """The observation is a tuple of ``{"role", "content"}``: the seeker is ``user``, the supporter ``assistant``.

    Args:
        env: an environment of this package.
        system: the content of a first message of role ``system``; None for none.
        thoughts: whether the supporter's own thoughts stand before their replies, in ``<think>…</think>``.

    Example:
        >>> import gymnasium as gym
        >>> import empathy_gym
        >>> from empathy_gym.wrappers import ChatMessages
        >>> env = ChatMessages(gym.make("EmpathySupport-v0"), system="You listen to a friend.")
        >>> messages, info = env.reset(seed=0)
        >>> [message["role"] for message in messages]
        ['system', 'user']
    """

    def __init__(self, env: gym.Env[Any, Any], system: str | None = None, thoughts: bool = False) -> None:
        RecordConstructorArgs.__init__(self, system=system, thoughts=thoughts)
        TalkObservation.__init__(self, env, _Chat(system), _space(system), thoughts)


class VectorChatMessages(VectorTalkObservation, RecordConstructorArgs):
    """:class:`ChatMessages` for vector environments: a tuple of chats."""

    def __init__(self, env: VectorEnv[Any, Any, Any], system: str | None = None, thoughts: bool = False) -> None:
        RecordConstructorArgs.__init__(self, system=system, thoughts=thoughts)
        VectorTalkObservation.__init__(self, env, _Chat(system), _space(system), thoughts)


class _Chat:
    """The view: the system message, where there is one, and the talk."""

    def __init__(self, system: str | None) -> None:
        if system is not None and not isinstance(system, str):
            raise InvalidOption(f"system: expected a text or None, got {system!r:.80}")
        self.system = system

    def __call__(self, messages: list[Message]) -> tuple[Message, ...]:
        first = () if self.system is None else ({"role": "system", "content": self.system},)
        return (*first, *messages)


def _space(system: str | None) -> spaces.Sequence:
    longest = max(MAX_RAW_CHARS + len("<think></think> "), len(system or ""))
    return spaces.Sequence(spaces.Dict({"role": Role(), "content": Dialogue(longest)}))
