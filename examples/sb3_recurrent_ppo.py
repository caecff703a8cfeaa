"""sb3-contrib RecurrentPPO on EmpathyStrategy-v0: an LSTM keeps what the features of the latest line have lost.

pip install torch==2.13.0 stable-baselines3 sb3-contrib
python -m examples.sb3_recurrent_ppo --steps 20000 [--save FILE.zip]
"""

from __future__ import annotations

import argparse
from typing import Any

import gymnasium as gym
import numpy as np

import empathy_gym  # noqa: F401  (registers the ids)
from empathy_gym.wrappers import FixedHorizon

PIP = "pip install torch==2.13.0 stable-baselines3 sb3-contrib"


def train(steps: int, seed: int = 0, envs: int = 16) -> Any:
    """A model after that many turns with seekers of the train split."""
    try:
        from sb3_contrib import RecurrentPPO
        from stable_baselines3.common.env_util import make_vec_env
    except ImportError as error:
        raise SystemExit(f"expected sb3-contrib, got {error}; {PIP}") from error
    talks = make_vec_env("EmpathyStrategy-v0", envs, seed, wrapper_class=FixedHorizon)
    model = RecurrentPPO(
        "MlpLstmPolicy", talks, learning_rate=lambda left: 1.5e-3 * left, n_steps=64, batch_size=256, n_epochs=8,
        gamma=1.0, ent_coef=0.005, seed=seed, device="cpu", verbose=1, policy_kwargs={"lstm_hidden_size": 64},
    )  # fmt: skip
    return model.learn(steps, log_interval=10)


def player(model: Any) -> Any:
    """A function that begins a talk anew and returns its policy: ``(observation, mask) -> move``."""

    def begin() -> Any:
        state: Any = None

        def act(obs: Any, mask: Any) -> int:
            nonlocal state
            first = np.array([state is None])
            move, state = model.predict(obs, state=state, episode_start=first, deterministic=True)
            return int(move)

        return act

    return begin


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
    env = gym.make("EmpathyStrategy-v0", split="test", render_mode="ansi")
    obs, info = env.reset(seed=0)
    act, over = player(model)(), False
    while not over:
        obs, _, terminated, truncated, info = env.step(act(obs, None))
        over = terminated or truncated
    print(env.render())


if __name__ == "__main__":
    main()
