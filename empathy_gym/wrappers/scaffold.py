"""The thinking scaffold: thought and reply as two strings, or replies that a prompt has opened a thought for.

The environment's own rule (``scaffold="thinking"``) says what a malformed reply costs; these put well-formed ones together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs
from gymnasium.vector import VectorEnv, VectorWrapper
from gymnasium.vector.utils import batch_space, iterate

from empathy_gym.envs.spaces import Dialogue
from empathy_gym.errors import InvalidAction
from empathy_gym.seeker.text import MAX_RAW_CHARS

__all__ = ["OPENING", "OpenThought", "ThinkingScaffold", "VectorOpenThought", "VectorThinkingScaffold", "together"]

OPENING, CLOSING = "<think>", "</think>"

_TAG = re.compile(r"<\s*/?\s*think\s*>", re.IGNORECASE)
_HALF = (MAX_RAW_CHARS - len(OPENING + CLOSING)) // 2
"""Characters of a thought, and of a reply: both are looked at whole."""


def together(thought: str, reply: str) -> str:
    """One raw reply. Tags within either part are taken out, so that neither can end or begin a thought.

    Args:
        thought: not heard by the seeker.
        reply: heard.

    Returns:
        Well-formed for every thought and reply with at least one word each.
    """
    return f"{OPENING}{_untagged(thought)}{CLOSING}{_untagged(reply)}"


def _untagged(text: str) -> str:
    # Anew until none is left: taking one out may join the halves of another.
    while _TAG.search(text):
        text = _TAG.sub(" ", text)
    return text


class ThinkingScaffold(gym.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """The action is ``{"thought": str, "reply": str}``; the environment gets ``<think>thought</think>reply``.

    Args:
        env: a text environment of this package, of either scaffold.

    Example:
        >>> import gymnasium as gym
        >>> import empathy_gym
        >>> from empathy_gym.wrappers import ThinkingScaffold
        >>> env = ThinkingScaffold(gym.make("EmpathySupportThinking-v0"))
        >>> line, info = env.reset(seed=0)
        >>> *_, info = env.step({"thought": "They sound tired.", "reply": "What happened then?"})
        >>> info["thought"], info["messages"][1]["content"]
        ('They sound tired.', 'What happened then?')
    """

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        super().__init__(env)
        self.action_space = _pair_space()

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Think and say.

        Raises:
            InvalidAction: if it is no such pair; the episode is as it was.
        """
        return self.env.step(_joined(action, "action"))


class VectorThinkingScaffold(VectorWrapper, RecordConstructorArgs):
    """:class:`ThinkingScaffold` for vector environments.

    The action is ``{"thought": N strings, "reply": N strings}``, as Gymnasium batches a ``Dict``, or a sequence of N pairs.
    """

    def __init__(self, env: VectorEnv[Any, Any, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        super().__init__(env)
        self.single_action_space = _pair_space()
        self.action_space = batch_space(self.single_action_space, self.num_envs)

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Think and say; every talk is as it was if some action is no pair."""
        return self.env.step([_joined(pair, f"actions[{i}]") for i, pair in enumerate(self._pairs(actions))])

    def _pairs(self, actions: Any) -> list[Any]:
        batched = isinstance(actions, Mapping) and set(actions) == {"thought", "reply"}
        parts = list(actions.values()) if batched else [actions]
        if any(
            isinstance(x, (str, bytes, Mapping)) or not hasattr(x, "__len__") or len(x) != self.num_envs for x in parts
        ):
            raise InvalidAction(f"actions: expected {self.num_envs} thoughts and replies, got {actions!r:.80}")
        return list(iterate(self.action_space, actions)) if batched else list(actions)


class OpenThought(gym.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """The action is what a model wrote after a prompt that ends in ``<think>``: the opening tag is put before it again.

    Chat templates of reasoning models open the thought in the prompt, so what comes out of the model begins inside of it. A reply that opens a
    thought itself is left alone.

    Args:
        env: a text environment of this package.
    """

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        super().__init__(env)

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Say it, with the opening tag."""
        return self.env.step(_opened(action))


class VectorOpenThought(VectorWrapper, RecordConstructorArgs):
    """:class:`OpenThought` for vector environments."""

    def __init__(self, env: VectorEnv[Any, Any, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        super().__init__(env)

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Say them, each with the opening tag."""
        several = isinstance(actions, (Sequence, np.ndarray)) and not isinstance(actions, (str, bytes))
        return self.env.step([_opened(action) for action in actions] if several else actions)


def _opened(action: Any) -> Any:
    # What is no string goes on as it is: the environment names the error.
    if not isinstance(action, str) or action.lstrip().startswith(OPENING):
        return action
    return f"{OPENING}{action}"


def _joined(action: Any, name: str) -> str:
    right = isinstance(action, Mapping) and set(action) == {"thought", "reply"}
    if not right or not all(isinstance(part, str) for part in action.values()):
        raise InvalidAction(f"{name}: expected a dict of two strings, 'thought' and 'reply', got {action!r:.80}")
    return together(action["thought"], action["reply"])


def _pair_space() -> spaces.Dict:
    return spaces.Dict({"thought": Dialogue(_HALF), "reply": Dialogue(_HALF)})
