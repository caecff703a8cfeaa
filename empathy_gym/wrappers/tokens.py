"""Token ids: the talk as ids in, the reply as ids out. The tokeniser is whatever is handed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs
from gymnasium.vector import VectorEnv, VectorWrapper
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from empathy_gym.errors import InvalidAction, InvalidOption
from empathy_gym.wrappers.base import Message, TalkObservation, VectorTalkObservation

__all__ = ["Decode", "Encode", "TokenActions", "TokenIds", "VectorTokenActions", "VectorTokenIds"]

Encode = Callable[[list[Message]], Sequence[int]]
"""From a talk to its ids: a chat template and a tokeniser, say ``lambda talk: tokenizer.apply_chat_template(talk, return_dict=False)``."""

Decode = Callable[[list[int]], str]
"""From a reply's ids to its text."""

FORMS = ("box", "multi_discrete")


class TokenIds(TalkObservation, RecordConstructorArgs):
    """The observation is the talk's token ids, (length,), int64: the latest of them, padded on the left.

    On the left, so that the latest token always stands last, where a causal model goes on.

    Args:
        env: an environment of this package.
        encode: from the messages of a talk to its ids, each from 0 to ``vocabulary - 1``.
        vocabulary: how many ids there are, at least 2.
        length: of the observation, tokens.
        padding: the id before a short talk.
        form: of the space: ``box`` or ``multi_discrete``.
        thoughts: whether the supporter's own thoughts stand before their replies.

    Example:
        >>> import gymnasium as gym
        >>> import empathy_gym
        >>> from empathy_gym.wrappers import TokenIds
        >>> encode = lambda talk: list(talk[-1]["content"].encode())
        >>> env = TokenIds(gym.make("EmpathySupport-v0"), encode, vocabulary=256, length=512)
        >>> ids, info = env.reset(seed=0)
        >>> bytes(ids[ids > 0].tolist()).decode() == info["messages"][-1]["content"]
        True
    """

    def __init__(
        self,
        env: gym.Env[Any, Any],
        encode: Encode,
        vocabulary: int,
        length: int = 1_024,
        padding: int = 0,
        form: str = "box",
        thoughts: bool = False,
    ) -> None:
        RecordConstructorArgs.__init__(
            self, encode=encode, vocabulary=vocabulary, length=length, padding=padding, form=form, thoughts=thoughts
        )
        view = _Ids(encode, vocabulary, length, padding)
        TalkObservation.__init__(self, env, view, view.space(form), thoughts)


class VectorTokenIds(VectorTalkObservation, RecordConstructorArgs):
    """:class:`TokenIds` for vector environments: (N, length), int64."""

    def __init__(
        self,
        env: VectorEnv[Any, Any, Any],
        encode: Encode,
        vocabulary: int,
        length: int = 1_024,
        padding: int = 0,
        form: str = "box",
        thoughts: bool = False,
    ) -> None:
        RecordConstructorArgs.__init__(
            self, encode=encode, vocabulary=vocabulary, length=length, padding=padding, form=form, thoughts=thoughts
        )
        view = _Ids(encode, vocabulary, length, padding)
        VectorTalkObservation.__init__(self, env, view, view.space(form), thoughts)


class TokenActions(gym.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """The action is a reply's token ids: ``MultiDiscrete([vocabulary] * length)``, cut at the first end token.

    Args:
        env: a text environment of this package.
        decode: from ids to text.
        vocabulary: how many ids there are.
        length: tokens of an action; shorter ones are taken as well.
        end: the id that ends a reply; it and all after it are not said. None for none.
    """

    def __init__(
        self, env: gym.Env[Any, Any], decode: Decode, vocabulary: int, length: int = 64, end: int | None = None
    ) -> None:
        RecordConstructorArgs.__init__(self, decode=decode, vocabulary=vocabulary, length=length, end=end)
        super().__init__(env)
        self._reply = _Reply(decode, vocabulary, length, end)
        self.action_space = self._reply.space

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Say what the ids say.

        Raises:
            InvalidAction: if they are not ids of the vocabulary; the episode is as it was.
        """
        return self.env.step(self._reply(action, "action"))


class VectorTokenActions(VectorWrapper, RecordConstructorArgs):
    """:class:`TokenActions` for vector environments: (N, length), or N sequences of ids."""

    def __init__(
        self, env: VectorEnv[Any, Any, Any], decode: Decode, vocabulary: int, length: int = 64, end: int | None = None
    ) -> None:
        RecordConstructorArgs.__init__(self, decode=decode, vocabulary=vocabulary, length=length, end=end)
        super().__init__(env)
        self._reply = _Reply(decode, vocabulary, length, end)
        self.single_action_space = self._reply.space
        self.action_space = batch_space(self._reply.space, self.num_envs)

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Say what the ids say; every talk is as it was if some are no ids."""
        if isinstance(actions, Mapping) or not hasattr(actions, "__len__") or len(actions) != self.num_envs:
            raise InvalidAction(f"actions: expected {self.num_envs} sequences of token ids, got {actions!r:.80}")
        return self.env.step([self._reply(action, f"actions[{i}]") for i, action in enumerate(actions)])


class _Ids:
    """The view: the last ids, padded before."""

    def __init__(self, encode: Encode, vocabulary: int, length: int, padding: int) -> None:
        _expect_counts(encode=encode, vocabulary=vocabulary, length=length)
        if not _whole(padding) or not 0 <= padding < vocabulary:
            raise InvalidOption(f"padding: expected an id from 0 to {vocabulary - 1}, got {padding!r}")
        self.encode, self.vocabulary, self.length, self.padding = encode, vocabulary, length, padding

    def space(self, form: str) -> spaces.Space[Any]:
        if form not in FORMS:
            raise InvalidOption(f"form: expected one of {', '.join(FORMS)}, got {form!r}")
        if form == "box":
            return spaces.Box(0, self.vocabulary - 1, (self.length,), np.int64)
        return spaces.MultiDiscrete([self.vocabulary] * self.length)

    def __call__(self, messages: list[Message]) -> NDArray[np.int64]:
        encoded = self.encode(messages)
        try:
            ids = np.asarray(encoded)
        except ValueError:
            ids = np.asarray(None)
        if ids.size and ids.dtype.kind not in "iu":
            raise InvalidOption(f"encode: expected a sequence of whole numbers, got {encoded!r:.80}")
        ids = ids.astype(np.int64)
        if ids.ndim != 1 or (ids.size and not (0 <= ids.min() and ids.max() < self.vocabulary)):
            raise InvalidOption(
                f"encode: expected a sequence of ids from 0 to {self.vocabulary - 1}, got shape {ids.shape}"
                + (f", {ids.min()} to {ids.max()}" if ids.size else "")
            )
        found = np.full(self.length, self.padding, dtype=np.int64)
        kept = ids[-self.length :]
        found[self.length - len(kept) :] = kept
        return found


class _Reply:
    """From ids to what is said."""

    def __init__(self, decode: Decode, vocabulary: int, length: int, end: int | None) -> None:
        _expect_counts(decode=decode, vocabulary=vocabulary, length=length)
        if end is not None and (not _whole(end) or not 0 <= end < vocabulary):
            raise InvalidOption(f"end: expected an id from 0 to {vocabulary - 1} or None, got {end!r}")
        self.decode, self.vocabulary, self.length, self.end = decode, vocabulary, length, end
        self.space = spaces.MultiDiscrete([vocabulary] * length)

    def __call__(self, action: Any, name: str) -> str:
        try:
            ids = np.asarray(action)
        except ValueError as error:
            raise self._faulty(name, action) from error
        right = ids.ndim == 1 and len(ids) <= self.length and (not ids.size or ids.dtype.kind in "iu")
        if not right or (ids.size and not (0 <= ids.min() and ids.max() < self.vocabulary)):
            raise self._faulty(name, action)
        said: list[int] = ids.tolist()
        return self.decode(said[: said.index(self.end)] if self.end in said else said)  # type: ignore[arg-type]

    def _faulty(self, name: str, action: Any) -> InvalidAction:
        limit = self.vocabulary - 1
        return InvalidAction(f"{name}: expected at most {self.length} ids from 0 to {limit}, got {action!r:.80}")


def _whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _expect_counts(vocabulary: int, length: int, **functions: Any) -> None:
    for name, function in functions.items():
        if not callable(function):
            raise InvalidOption(f"{name}: expected a function, got {type(function).__name__}")
    for name, value, least in (("vocabulary", vocabulary, 2), ("length", length, 1)):
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise InvalidOption(f"{name}: expected a whole number of at least {least}, got {value!r}")
