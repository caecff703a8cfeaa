"""Policies of ``EmpathyStrategy-v0`` on held-out seekers, beside random moves and the privileged oracle."""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Callable, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

import empathy_gym  # noqa: F401  (registers the ids)
from agents.evaluate import run
from agents.scripted import SUPPORTERS
from benchmarks.stats import clustered_interval
from empathy_gym.seeker import bank

Act = Callable[[Any, NDArray[np.bool_]], int]
"""``(observation, mask) -> move``."""

Player = Callable[[], Act]
"""Begins a talk anew."""

SEED = 50_000
"""Of the first held-out talk: far from the seeds of training."""

CEILING = 24
"""Talks that are played with foresight: each costs as much as 25 others."""


def add_arguments(parser: argparse.ArgumentParser, steps: int) -> None:
    """What every trainer of strategies takes."""
    parser.add_argument("--steps", type=int, default=steps, help="turns of training")
    parser.add_argument("--episodes", type=int, default=200, help="held-out talks")
    parser.add_argument("--seed", type=int, default=0, help="of training")


def uniform(seed: int = 0) -> Player:
    """Any of the moves that the mask leaves, each as likely as the others."""
    rng = np.random.default_rng(seed)
    return lambda: lambda obs, mask: int(rng.choice(np.flatnonzero(mask)))


def finals(player: Player, episodes: int, split: str, **env_kwargs: Any) -> list[float]:
    """Final emotions, points, of talks ``SEED``, ``SEED + 1``, …: the same seekers for every player."""
    env = gym.make("EmpathyStrategy-v0", split=split, disable_env_checker=True, **env_kwargs)
    masks = env.get_wrapper_attr("action_masks")
    found = []
    for i in tqdm(range(episodes), desc="talks", mininterval=5):
        obs, info = env.reset(seed=SEED + i)
        act, over = player(), False
        while not over:
            obs, _, terminated, truncated, info = env.step(act(obs, masks()))
            over = terminated or truncated
        found.append(info["emotion"] / 1000)
    return found


def foresight(episodes: int, split: str) -> list[float]:
    """The menu's ceiling from below: at each turn the move that pays most at once, found by trying all of them on copies."""
    env = gym.make("EmpathyStrategy-v0", split=split, disable_env_checker=True).unwrapped
    found = []
    for i in tqdm(range(episodes), desc="foresight", mininterval=5):
        _, info = env.reset(seed=SEED + i)
        over = False
        while not over:
            frozen = pickle.dumps(env)
            best = max(range(env.action_space.n), key=lambda move: pickle.loads(frozen).step(move)[1])  # noqa: B023
            _, _, terminated, truncated, info = env.step(best)
            over = terminated or truncated
        found.append(info["emotion"] / 1000)
    return found


def compared(player: Player, episodes: int, split: str = "test", **env_kwargs: Any) -> dict[str, Any]:
    """The player, random moves and the oracle on the same seekers, each with an interval that resamples whole stories.

    Args:
        player: the trained one.
        episodes: how many talks.
        split: of the seekers.
        **env_kwargs: of the player's environment.

    Returns:
        ``figures``: mean final emotion and 95 % interval, points, of ``trained``, ``random``, ``oracle`` and ``foresight`` (on the first
        :data:`CEILING` talks), and of the paired difference ``trained - random``; and ``result``, the same in words.
    """
    oracle = run(SUPPORTERS["oracle"](), episodes=episodes, split=split, seed=SEED)
    stories = [bank.scenario(talk["scenario"]).story.id for talk in oracle]
    trained, chance = finals(player, episodes, split, **env_kwargs), finals(uniform(), episodes, split)
    values = {
        "trained": trained,
        "random": chance,
        "oracle": [talk["final_emotion"] for talk in oracle],
        "trained - random": np.subtract(trained, chance).tolist(),
    }
    values["foresight"] = foresight(min(CEILING, episodes), split)
    figures = {name: _interval(x, stories[: len(x)]) for name, x in values.items()}
    said = ", ".join(f"{name} {mean} [{low}, {high}]" for name, (mean, low, high) in figures.items())
    return {"split": split, "episodes": episodes, "figures": figures, "result": f"final emotion: {said}"}


def _interval(values: Sequence[float], stories: Sequence[str]) -> list[float]:
    return [round(x, 1) for x in clustered_interval(values, stories, np.random.default_rng(0))]
