"""The space of what is said."""

import pickle

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.error import CustomSpaceError
from gymnasium.spaces.utils import flatten, flatten_space, unflatten
from gymnasium.vector.utils import create_shared_memory

from empathy_gym.envs.spaces import Dialogue


def test_contains_any_string_that_fits():
    space = Dialogue(10)
    assert "" in space and "\u4f60\n\ud800" in space
    assert "x" * 11 not in space and 3 not in space and b"a" not in space


def test_small_and_equal_by_length():
    space = Dialogue(40_000)
    assert len(repr(space)) < 40 and len(pickle.dumps(space)) < 4_000
    assert space == Dialogue(40_000) and space != Dialogue(5) and space != spaces.Text(40_000)


def test_samples_are_words_and_repeat_by_seed():
    one, other = Dialogue(200, seed=3), Dialogue(200, seed=3)
    lines = [one.sample() for _ in range(5)]
    assert lines == [other.sample() for _ in range(5)]
    assert all(line in one and " " in line for line in lines)


def test_flattening_goes_round():
    space = Dialogue(12)
    flat = flatten(space, "h\u00e9llo")
    assert flat in flatten_space(space) and flat.dtype == np.int32
    assert unflatten(space, flat) == "h\u00e9llo"


def test_shared_memory_is_refused():
    with pytest.raises(CustomSpaceError, match="shared_memory"):
        create_shared_memory(Dialogue(5), n=2)
