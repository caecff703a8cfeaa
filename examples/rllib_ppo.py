"""RLlib's PPO (new API stack) on EmpathyStrategy-v0, with RLlib's own masking module.

    pip install torch==2.13.0 'ray[rllib]'
    python -m examples.rllib_ppo --steps 20000 [--runners 1] [--save FILE.pt]

``ActionMaskingTorchRLModule`` wants an observation of ``observations`` and ``action_mask``: one ``TransformObservation`` makes it. RLlib pins
Gymnasium 1.2.2, which this package is tested on. With ``--runners 0`` (the default) turns are played in the learner's own process.
"""

from __future__ import annotations

import argparse
from typing import Any

import gymnasium as gym
import numpy as np

import empathy_gym  # noqa: F401  (registers the ids)
from empathy_gym.wrappers import FixedHorizon

PIP = "pip install torch==2.13.0 'ray[rllib]'"

ENVS, ROLLOUT = 16, 64
"""Talks at a time, over all runners, and turns of each between updates."""


def talk(settings: Any = None) -> gym.Env[Any, Any]:
    """A talk with a seeker of the train split; observation: ``observations``, (features,), and ``action_mask``, (moves,).

    Args:
        settings: what RLlib hands to an environment; unused.
    """
    env: Any = FixedHorizon(gym.make("EmpathyStrategy-v0"))
    masks = env.get_wrapper_attr("action_masks")
    mask = gym.spaces.Box(0, 1, (int(env.action_space.n),), np.float32)
    space = gym.spaces.Dict({"observations": env.observation_space, "action_mask": mask})
    return gym.wrappers.TransformObservation(
        env, lambda seen: {"observations": seen, "action_mask": masks().astype(np.float32)}, space
    )


def configured(steps: int, seed: int, runners: int) -> Any:
    """PPO's settings."""
    from ray.rllib.algorithms.ppo import PPOConfig
    from ray.rllib.core.rl_module.default_model_config import DefaultModelConfig
    from ray.rllib.core.rl_module.rl_module import RLModuleSpec
    from ray.rllib.examples.rl_modules.classes.action_masking_rlm import ActionMaskingTorchRLModule

    model = DefaultModelConfig(fcnet_hiddens=[64, 64], fcnet_activation="tanh")
    return (
        PPOConfig()
        .environment("EmpathyStrategy")
        .env_runners(
            num_env_runners=runners, num_envs_per_env_runner=ENVS // max(1, runners), rollout_fragment_length=ROLLOUT
        )
        .rl_module(rl_module_spec=RLModuleSpec(module_class=ActionMaskingTorchRLModule, model_config=model))
        .training(
            lr=[[0, 1.5e-3], [steps, 0.0]], gamma=1.0, lambda_=0.95, train_batch_size_per_learner=ENVS * ROLLOUT,
            minibatch_size=256, num_epochs=8, clip_param=0.2, use_kl_loss=False, entropy_coeff=0.005,
            vf_loss_coeff=0.5, grad_clip=0.5, grad_clip_by="global_norm",
        )
        .debugging(seed=seed, log_level="ERROR")
    )  # fmt: skip


def train(steps: int, seed: int = 0, runners: int = 0) -> Any:
    """A module after that many turns with seekers of the train split.

    Args:
        steps: turns.
        seed: of networks, sampling and seekers.
        runners: processes that play the turns; 0: the learner's own.
    """
    try:
        import ray
        from ray.tune.registry import register_env
    except ImportError as error:
        raise SystemExit(f"expected RLlib, got {error}; {PIP}") from error
    if not ray.is_initialized():
        ray.init(num_cpus=max(1, runners), include_dashboard=False, log_to_driver=False)
    register_env("EmpathyStrategy", talk)
    algorithm = configured(steps, seed, runners).build_algo()
    turns, update = 0, 0
    while turns < steps:
        found = algorithm.train()["env_runners"]
        turns, update = int(found["num_env_steps_sampled_lifetime"]), update + 1
        if update % 5 == 0 or turns >= steps:
            gain = 100 * found["episode_return_mean"]
            print(f"turn {turns:7d}  change of emotion over a talk {gain:5.1f}", flush=True)
    module = algorithm.get_module()
    algorithm.stop()
    return module


def player(module: Any) -> Any:
    """A function that begins a talk anew and returns its policy: ``(observation, mask) -> move``; the observation is the flat one."""
    import torch

    def act(obs: Any, mask: Any) -> int:
        allowed = torch.as_tensor(mask, dtype=torch.float32)[None]
        with torch.no_grad():
            made = module.forward_inference(
                {"obs": {"observations": torch.as_tensor(obs)[None], "action_mask": allowed}}
            )
        return int(made["action_dist_inputs"].argmax())

    return lambda: act


def main() -> None:
    """Train, then show one talk with a seeker of the test split."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20_000, help="turns")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runners", type=int, default=0, help="processes that play the turns; 0: the learner's own")
    parser.add_argument("--save", help="a file for the module's weights")
    args = parser.parse_args()
    module = train(args.steps, args.seed, args.runners)
    if args.save:
        import torch

        torch.save(module.get_state(), args.save)
    env = gym.make("EmpathyStrategy-v0", split="test", render_mode="ansi")
    obs, info = env.reset(seed=0)
    act, over = player(module)(), False
    while not over:
        obs, _, terminated, truncated, info = env.step(act(obs, env.get_wrapper_attr("action_masks")()))
        over = terminated or truncated
    print(env.render())


if __name__ == "__main__":
    main()
