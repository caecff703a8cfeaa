"""The native vector form of EmpathyStrategy equals single environments, in every autoreset mode."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lockstep import MODES, Singles, agree, of, same

from empathy_gym import errors
from empathy_gym.envs.features import STRATEGY
from empathy_gym.envs.moves import MOVES
from empathy_gym.envs.strategy import EmpathyStrategyEnv
from empathy_gym.envs.strategy_vector import EmpathyStrategyVectorEnv

COUNT = 3
MOVE = st.integers(0, len(MOVES) - 1)


@pytest.mark.parametrize("observation", ["flat", "dict"])
@pytest.mark.parametrize("mode", MODES)
@given(data=st.data())
@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])
def test_equal_to_single_environments(mode, observation, data):
    kwargs = {"max_turns": 3, "observation": observation}
    seeds = data.draw(st.lists(st.integers(0, 1_000), min_size=COUNT, max_size=COUNT))
    vector = gym.make_vec("EmpathyStrategy-v0", num_envs=COUNT, autoreset_mode=mode, **kwargs)
    singles = Singles(mode, [EmpathyStrategyEnv(**kwargs) for _ in range(COUNT)])
    agree(vector, singles, lambda: data.draw(st.lists(MOVE, min_size=COUNT, max_size=COUNT)), seeds)
    masks = vector.action_masks()
    assert masks.dtype == np.bool_ and masks.shape == (COUNT, len(MOVES))
    assert (masks == [env.action_masks() for env in singles.envs]).all()


def test_both_forms_show_the_same():
    flat, grouped = (EmpathyStrategyVectorEnv(2, observation=form) for form in ("flat", "dict"))
    one, _ = flat.reset(seed=1)
    two, _ = grouped.reset(seed=1)
    for _ in range(4):
        assert (np.concatenate([two[name] for name in STRATEGY], axis=1) == one).all()
        assert (two["action_mask"] == grouped.action_masks()).all() and two in grouped.observation_space
        one, two = flat.step([0, 9])[0], grouped.step([0, 9])[0]


def test_observations_are_fresh():
    vector = EmpathyStrategyVectorEnv(2)
    first, _ = vector.reset(seed=1)
    kept = first.copy()
    vector.step([0, 1])
    assert same(of(first, 0), of(kept, 0)) and same(of(first, 1), of(kept, 1))


@pytest.mark.parametrize("actions", [[0], [0, 24], [0, -1], [0, 1.5], [0, None], "ab", None, 3, np.zeros((2, 2))])
def test_faulty_actions_leave_every_talk_as_it_was(actions):
    vector, other = EmpathyStrategyVectorEnv(2), EmpathyStrategyVectorEnv(2)
    vector.reset(seed=0), other.reset(seed=0)
    with pytest.raises(errors.InvalidAction, match="expected .*, got"):
        vector.step(actions)
    assert (vector.step(np.array([3, 4]))[0] == other.step((3, 4))[0]).all()


def test_calls_out_of_order_are_named():
    vector = EmpathyStrategyVectorEnv(2, autoreset_mode="DISABLED", max_turns=1)
    for call in (lambda: vector.step([0, 0]), vector.action_masks):
        with pytest.raises(gym.error.ResetNeeded, match="reset"):
            call()
    vector.reset()
    vector.step([0, 0])
    with pytest.raises(errors.EpisodeOver, match="ended environments"):
        vector.step([0, 0])
    with pytest.raises(errors.InvalidOption, match="observation: expected one of flat, dict"):
        EmpathyStrategyVectorEnv(2, observation="text")
    assert vector.metadata["autoreset_mode"] is AutoresetMode.DISABLED
