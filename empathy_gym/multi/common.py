"""What both environments for several agents share: seeding, options, spaces of a part of something, checks of keywords."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.utils import seeding
from numpy.typing import NDArray

from empathy_gym.errors import InvalidOption

__all__ = ["RENDER_MODES", "check_render_mode", "generator", "known_options", "share", "share_space"]

RENDER_MODES = ("ansi", "human")


def check_render_mode(mode: str | None) -> None:
    """Raise InvalidOption for a mode that is neither None nor one of :data:`RENDER_MODES`."""
    if mode is not None and mode not in RENDER_MODES:
        raise InvalidOption(f"render_mode: expected one of {', '.join(RENDER_MODES)} or None, got {mode!r}")


def generator(seed: int | None, before: np.random.Generator | None) -> np.random.Generator:
    """The random numbers of an environment after a reset, as Gymnasium has it: None goes on with those that it has."""
    return before if seed is None and before is not None else seeding.np_random(seed)[0]


def known_options(options: Mapping[str, Any] | None, name: str) -> Any:
    """The option of that name, or None. Others are passed over: PettingZoo's own tests and wrappers send some of theirs.

    Raises:
        InvalidOption: if the options are no mapping.
    """
    if options is not None and not isinstance(options, Mapping):
        raise InvalidOption(f"options: expected a dict or None, got {type(options).__name__}")
    return None if options is None else options.get(name)


def share_space() -> spaces.Box:
    """The space of one number from 0 to 1, (1,)."""
    return spaces.Box(0.0, 1.0, (1,), np.float32)


def share(part: int, whole: int) -> NDArray[np.float32]:
    """``part / whole``, (1,)."""
    return np.array([part / whole], dtype=np.float32)
