"""TRL's GRPOTrainer on EmpathySupport-v0 with the bundled nano (examples/trl_grpo.py): held-out talks before and after."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.stats import clustered_interval
from empathy_gym.seeker import bank
from examples import trl_grpo as example

LIBRARIES = ("trl", "transformers", "torch", "gymnasium")
PIP = example.PIP


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", type=int, default=50, help="optimiser steps, each on 32 fresh talks")
    parser.add_argument("--episodes", type=int, default=200, help="held-out talks")
    parser.add_argument("--seed", type=int, default=0, help="of training")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Play held-out seekers, train, and play the same seekers again."""
    before = example.held_out(example.START, args.episodes)
    folder, log = example.train(args.steps, args.seed)
    after = example.held_out(folder, args.episodes)
    stories = [bank.scenario(talk["scenario"]).story.id for talk in before]
    first, last = ([talk["final_emotion"] for talk in talks] for talks in (before, after))
    figures = {
        "before": _interval(first, stories),
        "after": _interval(last, stories),
        "after - before": _interval(np.subtract(last, first).tolist(), stories),
    }
    said = ", ".join(f"{name} {mean} [{low}, {high}]" for name, (mean, low, high) in figures.items())
    return {
        "what": f"GRPO on the nano, whole talks of {example.TURNS} turns by rollout_func, seeker's tokens masked",
        "steps": args.steps,
        "seed": args.seed,
        "episodes": args.episodes,
        "split": "test",
        "figures": figures,
        "reward_by_step": [round(row["reward"], 4) for row in log],
        "replies_by_talk": round(float(np.mean([len(talk["emotions"]) - 1 for talk in after])), 2),
        "result": f"final emotion: {said}",
    }


def _interval(values: Sequence[float], stories: Sequence[str]) -> list[float]:
    return [round(x, 1) for x in clustered_interval(values, stories, np.random.default_rng(0))]
