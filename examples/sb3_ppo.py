"""Stable-Baselines3 PPO on EmpathyStrategy-v0.

    pip install torch==2.13.0 stable-baselines3
    python -m examples.sb3_ppo --steps 20000 [--save FILE.zip]

``observation="dict"`` shows the talk in named groups; SB3's ``MultiInputPolicy`` takes them as they are.
"""

from __future__ import annotations

import argparse
from typing import Any

import gymnasium as gym

import empathy_gym  # noqa: F401  (registers the ids)
from empathy_gym.wrappers import FixedHorizon

PIP = "pip install torch==2.13.0 stable-baselines3"


def train(steps: int, seed: int = 0, envs: int = 16) -> Any:
    """A model after that many turns with seekers of the train split."""
    try:
        from stable_baselines3 import PPO
        from stable_baselines3.common.env_util import make_vec_env
    except ImportError as error:
        raise SystemExit(f"expected Stable-Baselines3, got {error}; {PIP}") from error
    talks = make_vec_env(
        "EmpathyStrategy-v0", envs, seed, wrapper_class=FixedHorizon, env_kwargs={"observation": "dict"}
    )
    model = PPO(
        "MultiInputPolicy", talks, learning_rate=lambda left: 1.5e-3 * left, n_steps=64, batch_size=256, n_epochs=8,
        gamma=1.0, ent_coef=0.005, seed=seed, device="cpu", verbose=1,
    )  # fmt: skip
    return model.learn(steps, log_interval=10)


def player(model: Any) -> Any:
    """A function that begins a talk anew and returns its policy: ``(observation, mask) -> move``."""
    return lambda: lambda obs, mask: int(model.predict(obs, deterministic=True)[0])


def main() -> None:
    """Train, then show one talk with a seeker of the test split."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20_000, help="turns")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", help="a file for the model")
    args = parser.parse_args()
    model = train(args.steps, args.seed)
    if args.save:
        model.save(args.save)
    env = gym.make("EmpathyStrategy-v0", split="test", observation="dict", render_mode="ansi")
    obs, info = env.reset(seed=0)
    act, over = player(model)(), False
    while not over:
        obs, _, terminated, truncated, info = env.step(act(obs, None))
        over = terminated or truncated
    print(env.render())


if __name__ == "__main__":
    main()
