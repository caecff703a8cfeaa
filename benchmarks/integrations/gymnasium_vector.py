"""Gymnasium: its checker on every id, and the native vector environments beside its own SyncVectorEnv."""

from __future__ import annotations

import argparse
import time
import warnings
from typing import Any

import gymnasium as gym
import numpy as np

import empathy_gym  # noqa: F401  (registers the ids)
from empathy_gym.registration import ENVIRONMENTS

LIBRARIES = ("gymnasium", "numpy")
PIP = "pip install empathy_gym"

ENVS = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", type=int, default=4_800, help="turns of each vector environment")


def play(envs: Any, steps: int) -> tuple[Any, Any, float]:
    """Observations, (turns, envs, features), and rewards, (turns, envs), under moves that depend on the turn alone; and turns a second of processor time."""
    rng = np.random.default_rng(0)
    seen, paid = [envs.reset(seed=0)[0]], []
    start = time.process_time()
    for _ in range(steps // ENVS):
        obs, rewards, *_ = envs.step(rng.integers(24, size=ENVS))
        seen.append(np.array(obs))
        paid.append(np.array(rewards))
    return np.array(seen), np.array(paid), ENVS * len(paid) / (time.process_time() - start)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Check every id; play the same moves in both vector environments."""
    from gymnasium.utils.env_checker import check_env

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for row in ENVIRONMENTS:
            check_env(gym.make(row.id).unwrapped)
    native = play(gym.make_vec("EmpathyStrategy-v0", num_envs=ENVS), args.steps)
    sync = play(gym.make_vec("EmpathyStrategy-v0", num_envs=ENVS, vectorization_mode="sync"), args.steps)
    equal = all(np.array_equal(one, other) for one, other in zip(native[:2], sync[:2], strict=True))
    return {
        "what": f"check_env with warnings as errors; EmpathyStrategy-v0 × {ENVS}, native and SyncVectorEnv, same moves",
        "steps": args.steps,
        "figures": {"native": round(native[2]), "sync": round(sync[2]), "equal": equal},
        "result": f"{len(ENVIRONMENTS)} ids without a warning; vector environments {'equal' if equal else 'NOT equal'}; "
        f"{native[2]:,.0f} turns a CPU second native, {sync[2]:,.0f} SyncVectorEnv",
    }
