"""The space of what is said: any string within a length.

``gymnasium.spaces.Text`` checks each character against a character set. A set of all of Unicode takes it more than a second to build and
46 megabytes to pickle, and its shared memory hands out garbage (Gymnasium 1.2 to 1.4). This subclass takes any string, samples words,
stays small, and refuses shared memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.error import CustomSpaceError
from gymnasium.spaces.utils import flatdim, flatten, flatten_space, unflatten
from gymnasium.vector.utils import create_shared_memory
from numpy.typing import NDArray

from empathy_gym.errors import InvalidOption

__all__ = ["Dialogue"]

PADDING = -1
"""Stands after a flattened string; no code point is negative."""

_WORDS = """I you we she they it what how when why that this the a my your sister work day night feel felt hear heard know think said
 tell told sorry glad maybe could would like want need and but because so then now still alone tired angry afraid sad better talk
 listen friend mother father home time really very much more first last happened made keep let help matter""".split()


class Dialogue(spaces.Text):
    """Any string of at most ``max_length`` characters, the empty one included; a sample is a few common English words.

    Args:
        max_length: characters, at least 1.
        seed: of the sampling.

    Example:
        >>> space = Dialogue(100, seed=0)
        >>> "Oh… I didn't know that." in space
        True
        >>> space
        Dialogue(100)
    """

    def __init__(self, max_length: int, *, seed: int | np.random.Generator | None = None) -> None:
        super().__init__(max_length, min_length=0, charset=" ", seed=seed)

    def sample(self, mask: Any = None, probability: Any = None) -> str:
        """Between 3 and 12 common words, cut at the length.

        Args:
            mask: must be None: any string is in the space, so there is nothing to leave out.
            probability: must be None.
        """
        if mask is not None or probability is not None:
            raise InvalidOption("Dialogue.sample: expected neither mask nor probability, got one")
        count = int(self.np_random.integers(3, 13))
        return " ".join(_WORDS[i] for i in self.np_random.integers(len(_WORDS), size=count).tolist())[: self.max_length]

    def contains(self, x: Any) -> bool:
        """Whether it is a string that is not too long."""
        return isinstance(x, str) and len(x) <= self.max_length

    @property
    def is_np_flattenable(self) -> bool:
        """Whether it flattens to an array: of code points, padded with :data:`PADDING`."""
        return True

    def __repr__(self) -> str:
        return f"Dialogue({self.max_length})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dialogue) and self.max_length == other.max_length

    __hash__ = None  # type: ignore[assignment]


@create_shared_memory.register(Dialogue)
def _create_shared_memory(space: Dialogue, n: int = 1, ctx: Any = None) -> None:
    """Asynchronous vectorisation through shared memory hands out garbage for text in Gymnasium 1.x: refuse it loudly."""
    raise CustomSpaceError(
        "expected text to stay out of shared memory, got a Dialogue space: use gym.make_vec(id, num_envs=N) (native, batched) or "
        "vectorization_mode='async' with vector_kwargs={'shared_memory': False}"
    )


@flatdim.register(Dialogue)
def _flatdim(space: Dialogue) -> int:
    return space.max_length


@flatten_space.register(Dialogue)
def _flatten_space(space: Dialogue) -> spaces.Box:
    return spaces.Box(low=PADDING, high=0x10FFFF, shape=(space.max_length,), dtype=np.int32)


@flatten.register(Dialogue)
def _flatten(space: Dialogue, x: str) -> NDArray[np.int32]:  # type: ignore[misc]
    codes = np.full(space.max_length, PADDING, dtype=np.int32)
    codes[: len(x)] = np.frombuffer(x.encode("utf-32-le", "surrogatepass"), dtype="<i4")
    return codes


@unflatten.register(Dialogue)
def _unflatten(space: Dialogue, x: NDArray[np.int32]) -> str:  # type: ignore[misc]
    return "".join(chr(code) for code in x.tolist() if code != PADDING)
