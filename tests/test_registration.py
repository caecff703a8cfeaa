"""Every id keeps Gymnasium's contract."""

import json
import multiprocessing
import pickle
import warnings

import gymnasium as gym
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env

import empathy_gym
from empathy_gym.registration import ENVIRONMENTS

IDS = [row.id for row in ENVIRONMENTS]


@pytest.mark.parametrize("env_id", IDS)
def test_check_env_is_silent(env_id):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(gym.make(env_id).unwrapped)


@pytest.mark.parametrize("env_id", IDS)
def test_playing_through_the_usual_wrappers_is_silent(env_id):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        env = gym.make(env_id)
        env.reset(seed=0)
        env.action_space.seed(0)
        over = False
        while not over:
            *_, terminated, truncated, info = env.step(env.action_space.sample())
            over = terminated or truncated
        assert "transcript" not in info or empathy_gym.verify(info["transcript"]).ok
        env.close()
        env.close()


@pytest.mark.parametrize("row", ENVIRONMENTS, ids=IDS)
def test_specs_can_be_written_down(row):
    spec = gym.spec(row.id)
    assert EnvSpec.from_json(spec.to_json()) == spec
    assert gym.make(EnvSpec.from_json(spec.to_json())).spec.id == row.id
    assert not spec.nondeterministic and spec.max_episode_steps is None
    assert json.loads(json.dumps(row.kwargs)) == row.kwargs == spec.kwargs
    assert isinstance(spec.entry_point, str) and pickle.loads(pickle.dumps(spec)) == spec


@pytest.mark.parametrize("env_id", IDS)
def test_vectors_of_every_id(env_id):
    vector = gym.make_vec(env_id, num_envs=2)
    vector.reset(seed=0)
    vector.action_space.seed(0)
    for _ in range(10):
        obs, *_ = vector.step(vector.action_space.sample())
    assert obs in vector.observation_space
    vector.close()


def test_registering_again_changes_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = dict(gym.registry)
        empathy_gym.register_envs()
        gym.register_envs(empathy_gym)
        assert dict(gym.registry) == before


def _make(env_id):
    return gym.make(env_id).reset(seed=3)[1]["scenario"]


def test_the_id_with_its_module_works_in_a_fresh_process():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(_make, ("empathy_gym:EmpathySupport-v0",)) == _make("EmpathySupport-v0")


def test_ids_differ_as_they_say():
    configs = {row.id: gym.make(row.id).unwrapped for row in ENVIRONMENTS if "Strategy" not in row.id}
    assert configs["EmpathySupportThinking-v0"].config.scaffold == "thinking"
    assert configs["EmpathySupportChallenging-v0"].config.dial == 1000
    both = configs["EmpathySupportThinkingChallenging-v0"].config
    assert (both.scaffold, both.dial) == ("thinking", 1000)
    assert gym.make("EmpathySupportThinking-v0", scaffold="direct").unwrapped.config.scaffold == "direct"


def test_what_the_package_exposes():
    for name in (
        "read",
        "Reading",
        "score_transcript",
        "Trajectory",
        "verify",
        "Verification",
        "errors",
        "__version__",
    ):
        assert hasattr(empathy_gym, name)
    assert set(empathy_gym.__all__) <= set(dir(empathy_gym))
