"""Policies of ``EmpathyStrategy-v0`` on held-out seekers, beside random moves and the privileged oracle."""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm

import empathy_gym  # noqa: F401  (registers the ids)
from agents.evaluate import run
from agents.scripted import SUPPORTERS
from empathy_gym.seeker import bank

Act = Callable[[Any, NDArray[np.bool_]], int]
"""``(observation, mask) -> move``."""

Player = Callable[[], Act]
"""Begins a talk anew."""

FIRST = 910_000
"""Seed of the first held-out talk: far from those of training, and looked at by recorded runs alone. What is tried out first takes another one."""


def add_arguments(parser: argparse.ArgumentParser, steps: int, foresight: int = 0) -> None:
    """What every trainer of strategies takes.

    Args:
        parser: to add to.
        steps: turns of training by default.
        foresight: talks played with foresight by default.
    """
    parser.add_argument("--steps", type=int, default=steps, help="turns of each training")
    parser.add_argument("--seed", type=int, default=0, help="of the first training")
    parser.add_argument("--seeds", type=int, default=3, help="trainings, each with a seed of its own")
    parser.add_argument("--episodes", type=int, default=200, help="held-out talks")
    parser.add_argument("--first", type=int, default=FIRST, help="seed of the first held-out talk")
    parser.add_argument("--split", default="test", choices=bank.SPLITS, help="of the held-out seekers")
    parser.add_argument(
        "--foresight", type=int, default=foresight, help="talks with foresight; each costs as much as 25"
    )


def report(example: ModuleType, what: str, args: argparse.Namespace, **env_kwargs: Any) -> dict[str, Any]:
    """Train with several seeds and play each policy on the same held-out seekers: a run's part of its row.

    Args:
        example: of :mod:`examples`: ``train(steps, seed)`` and ``player(model)``.
        what: the run in words.
        args: as :func:`add_arguments` has them.
        **env_kwargs: of the policies' environment.
    """
    talks = {"episodes": args.episodes, "split": args.split, "first": args.first, "foresight": args.foresight}
    seeds = [args.seed + i for i in range(args.seeds)]
    players = [example.player(example.train(args.steps, seed)) for seed in seeds]
    found = compared(players, **talks, **env_kwargs)
    return {"what": what, "steps": args.steps, "seeds": seeds, **found}


def uniform(seed: int = 0) -> Player:
    """Any of the moves that the mask leaves, each as likely as the others."""
    rng = np.random.default_rng(seed)
    return lambda: lambda obs, mask: int(rng.choice(np.flatnonzero(mask)))


def finals(player: Player, episodes: int, split: str, first: int = FIRST, **env_kwargs: Any) -> list[float]:
    """Final emotions, points, of talks with seeds ``first``, ``first + 1``, …: the same seekers for every player."""
    env = gym.make("EmpathyStrategy-v0", split=split, disable_env_checker=True, **env_kwargs)
    masks = env.get_wrapper_attr("action_masks")
    found = []
    for i in tqdm(range(episodes), desc="talks", mininterval=5):
        obs, info = env.reset(seed=first + i)
        act, over = player(), False
        while not over:
            obs, _, terminated, truncated, info = env.step(act(obs, masks()))
            over = terminated or truncated
        found.append(info["emotion"] / 1000)
    return found


def with_foresight(episodes: int, split: str, first: int = FIRST) -> list[float]:
    """The menu's ceiling from below: at each turn the move that pays most at once, found by trying all of them on copies."""
    env: Any = gym.make("EmpathyStrategy-v0", split=split, disable_env_checker=True).unwrapped
    found = []
    for i in tqdm(range(episodes), desc="foresight", mininterval=5):
        _, info = env.reset(seed=first + i)
        over = False
        while not over:
            frozen = pickle.dumps(env)
            best = max(range(env.action_space.n), key=lambda move: pickle.loads(frozen).step(move)[1])  # noqa: B023
            _, _, terminated, truncated, info = env.step(best)
            over = terminated or truncated
        found.append(info["emotion"] / 1000)
    return found


def compared(
    players: Sequence[Player], episodes: int, split: str, first: int = FIRST, foresight: int = 0, **env_kwargs: Any
) -> dict[str, Any]:
    """Trained players, random moves and the oracle on the same seekers.

    Args:
        players: the same training with several seeds.
        episodes: how many talks each.
        split: of the seekers.
        first: seed of the first talk.
        foresight: how many of the talks are also played with foresight.
        **env_kwargs: of the players' environment.

    Returns:
        ``figures``: mean final emotion and 95 % interval, points, of ``trained`` (all players), ``random``, ``oracle``, ``foresight``, and of the
        paired difference ``trained - random``; ``by_seed``, the mean of each player; and ``result``, the figures in words.
    """
    oracle = run(SUPPORTERS["oracle"](), episodes=episodes, split=split, seed=first)
    stories = [bank.scenario(talk["scenario"]).story.id for talk in oracle]
    trained = np.array([finals(player, episodes, split, first, **env_kwargs) for player in players])
    chance = np.array([finals(uniform(), episodes, split, first)])
    values = {
        "trained": trained,
        "random": chance,
        "oracle": np.array([[talk["final_emotion"] for talk in oracle]]),
        "trained - random": trained - chance,
    }
    if foresight:
        values["foresight"] = np.array([with_foresight(min(foresight, episodes), split, first)])
    figures = {name: interval(x, stories[: x.shape[1]]) for name, x in values.items()}
    said = ", ".join(f"{name} {mean} [{low}, {high}]" for name, (mean, low, high) in figures.items())
    by_seed = trained.mean(axis=1).round(1).tolist()
    return {
        **{"split": split, "episodes": episodes, "first": first, "figures": figures, "by_seed": by_seed},
        "result": f"final emotion: {said}",
    }


def interval(values: ArrayLike, stories: Sequence[str], reps: int = 2_000) -> list[float]:
    """Mean and 95 % percentile interval by resampling trainings and whole stories, each with replacement.

    Args:
        values: (trainings, talks).
        stories: the story of each talk; talks of one story move together.
        reps: resamples.
    """
    x = np.asarray(values, float)
    rng = np.random.default_rng(0)
    names = sorted(set(stories))
    member = np.array([[story == name for name in names] for story in stories], float)  # (talks, stories)
    sums, sizes = x @ member, member.sum(axis=0)  # (trainings, stories), (stories,)
    drawn = rng.integers(len(names), size=(reps, len(names)))
    trainings = rng.integers(len(x), size=(reps, len(x)))
    means = [
        sums[rows][:, columns].mean(axis=0).sum() / sizes[columns].sum()
        for rows, columns in zip(trainings, drawn, strict=True)
    ]
    low, high = np.quantile(means, [0.025, 0.975])
    return [round(float(v), 1) for v in (x.mean(), low, high)]
