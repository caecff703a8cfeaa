"""The examples run, or say what is missing and how to install it."""

import importlib.util
import sys

import gymnasium as gym
import numpy as np
import pytest

import examples
from benchmarks.integrations import strategy

AGENTS = {
    "sb3_ppo": ("stable_baselines3", {"observation": "dict"}),
    "sb3_maskable_ppo": ("sb3_contrib", {}),
    "sb3_recurrent_ppo": ("sb3_contrib", {}),
    "cleanrl_ppo": ("torch", {}),
    "rllib_ppo": ("ray", {}),
    "torchrl_ppo": ("torchrl", {}),
    "tianshou_ppo": ("tianshou", {}),
}


def example(name):
    return importlib.import_module(f"{examples.__name__}.{name}")


@pytest.mark.slow
@pytest.mark.parametrize("name", AGENTS)
def test_it_trains_and_plays(name):
    library, kwargs = AGENTS[name]
    pytest.importorskip(library)
    player = example(name).player(example(name).train(steps=1_024))
    finals = strategy.finals(player, 2, "test", **kwargs)
    assert len(finals) == 2 and all(0 <= final <= 100 for final in finals)


@pytest.mark.parametrize("name", AGENTS)
def test_what_is_missing_is_named_with_its_command(name, monkeypatch):
    library, _ = AGENTS[name]
    for loaded in [loaded for loaded in sys.modules if loaded.split(".")[0] == library]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, library, None)  # an import of it fails, as without the package
    with pytest.raises(SystemExit, match="expected .*, got .*; pip install"):
        example(name).train(steps=1)
    assert example(name).PIP in example(name).__doc__


def test_advantages_stop_at_ends():
    torch = pytest.importorskip("torch")
    cleanrl = example("cleanrl_ppo")
    rewards, values = torch.tensor([[1.0], [2.0], [4.0]]), torch.tensor([[0.5], [0.25], [0.125]])
    gains = cleanrl.advantages(rewards, values, torch.tensor([[0.0], [1.0], [0.0]]), torch.tensor([8.0]))
    second = 2 - 0.25
    assert gains[:, 0].tolist() == pytest.approx([1 + 0.25 - 0.5 + cleanrl.GAE * second, second, 4 + 8 - 0.125])


def test_a_policy_leaves_out_what_the_mask_does():
    torch = pytest.importorskip("torch")
    policy, _ = example("cleanrl_ppo").networks(5, 4)
    act = example("cleanrl_ppo").player(policy)()
    mask = np.array([False, False, True, False])
    assert act(np.zeros(5, dtype=np.float32), mask) == 2
    assert example("cleanrl_ppo").choices(policy, torch.zeros(1, 5), torch.tensor(mask)[None]).entropy().item() == 0


@pytest.mark.parametrize("observation", ["flat", "dict"])
def test_stable_baselines_own_check_is_content(observation):
    checker = pytest.importorskip("stable_baselines3.common.env_checker")
    checker.check_env(gym.make("EmpathyStrategy-v0", observation=observation), skip_render_check=True)


@pytest.mark.parametrize(
    ("env_id", "kwargs"),
    [("EmpathySupport-v0", {}), ("EmpathyStrategy-v0", {}), ("EmpathyStrategy-v0", {"observation": "dict"})],
)
def test_torchrl_own_check_is_content(env_id, kwargs):
    envs = pytest.importorskip("torchrl.envs")
    envs.check_env_specs(envs.GymEnv(env_id, **kwargs))


def test_torchrl_takes_the_vector_environment_as_it_is():
    """Turn by turn what the package's own shows and pays, through resets of some of the talks; the groups in the order of the flat form."""
    envs = pytest.importorskip("torchrl.envs")
    talks = example("torchrl_ppo").environment()
    envs.check_env_specs(talks)
    talks.set_seed(0)
    played = talks.rollout(20, break_when_any_done=False)  # (envs, turns)
    own = gym.make_vec("EmpathyStrategy-v0", num_envs=played.shape[0], autoreset_mode="DISABLED")
    own.reset(seed=0)  # TorchRL seeds by a reset, and then begins with another
    obs, _ = own.reset()
    for turn in range(20):
        assert np.array_equal(played["observation"][:, turn], obs)
        assert np.array_equal(played["action_mask"][:, turn], own.action_masks())
        obs, rewards, terminations, truncations, _ = own.step(played["action"][:, turn].numpy())
        assert np.allclose(played["next", "reward"][:, turn, 0], rewards)
        ended = terminations | truncations
        assert np.array_equal(played["next", "done"][:, turn, 0], ended)
        if ended.any():
            obs, _ = own.reset(options={"reset_mask": ended})


@pytest.mark.parametrize(("name", "library", "keys"), [("tianshou_ppo", "tianshou", ("obs", "mask")),
                                                       ("rllib_ppo", "ray", ("observations", "action_mask"))])  # fmt: skip
def test_features_and_mask_travel_together(name, library, keys):
    pytest.importorskip(library)
    env, plain = example(name).talk(), gym.make("EmpathyStrategy-v0")
    seen, expected = env.reset(seed=3)[0], plain.reset(seed=3)[0]
    for move in (0, 9, 2):
        assert seen in env.observation_space and np.array_equal(seen[keys[0]], expected)
        assert np.array_equal(seen[keys[1]].astype(bool), plain.get_wrapper_attr("action_masks")())
        seen, expected = env.step(move)[0], plain.step(move)[0]
