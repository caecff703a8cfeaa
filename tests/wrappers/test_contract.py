"""Every wrapper keeps Gymnasium's contract and forgets everything at a reset."""

import inspect
import json
import warnings

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from lockstep import same
from talks import SAID, play
from test_vector_equals_single import CASES, ENV, wrapped

from empathy_gym import wrappers


@pytest.mark.parametrize("case", CASES)
def test_check_env(case):
    env = wrapped(case, gym.make("EmpathySupport-v0", **ENV))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*different from the unwrapped version.*")
        check_env(env, skip_render_check=True)


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_kept_over_a_reset(case):
    env, fresh = (wrapped(case, gym.make("EmpathySupport-v0", **ENV)) for _ in range(2))
    env.action_space.seed(0)
    play(env, [env.action_space.sample() for _ in range(2)], seed=1)
    actions = [env.action_space.sample() for _ in range(3)]
    for one, other in zip(play(env, actions, seed=5), play(fresh, actions, seed=5), strict=True):
        assert same(one[0], other[0]) and one[1:] == other[1:]


@pytest.mark.parametrize("case", CASES)
def test_specs_remember_their_wrappers(case):
    spec = wrapped(case, gym.make("EmpathySupport-v0", **ENV)).spec
    assert spec.additional_wrappers[-1].name == case.split()[0]
    assert type(gym.make(spec)).__name__ == case.split()[0]
    if not any(callable(value) for value in CASES[case][0].values()):
        assert type(gym.make(gym.envs.registration.EnvSpec.from_json(spec.to_json()))).__name__ == case.split()[0]


def test_infos_stay_plain():
    env = wrapped("StripInfo", wrapped("SkillReward", gym.make("EmpathySupport-v0", **ENV)))
    for step in play(env, SAID[:3]):
        assert json.loads(json.dumps(step[-1])) == step[-1]


def test_each_has_a_vector_form_that_takes_the_same():
    singles = [name for name in wrappers.__all__ if not name.startswith("Vector")]
    assert {f"Vector{name}" for name in singles} == set(wrappers.__all__) - set(singles)
    assert set(singles) == {case.split()[0] for case in CASES}
    for name in singles:
        one, many = getattr(wrappers, name), getattr(wrappers, f"Vector{name}")
        assert list(inspect.signature(one).parameters) == list(inspect.signature(many).parameters)
        assert one.__doc__ and many.__doc__


def test_statistics_go_inside_and_stay_visible():
    inner = gym.wrappers.RecordEpisodeStatistics(gym.make("EmpathySupport-v0", max_turns=2))
    last = play(wrappers.StripInfo(wrappers.ChangeReward(inner)), ["What happened?"] * 2)[-1]
    assert last[-1]["episode"]["l"] == 2 and "outcome" not in last[-1]
    vector = gym.wrappers.vector.RecordEpisodeStatistics(
        wrappers.VectorChangeReward(gym.make_vec("EmpathySupport-v0", num_envs=2, max_turns=2))
    )
    vector.reset(seed=0)
    first = vector.step(["What happened?", "Go on."])[1]
    _, second, *_, infos = vector.step(["What happened?", "Go on."])
    assert np.allclose(infos["episode"]["r"], first + second)
