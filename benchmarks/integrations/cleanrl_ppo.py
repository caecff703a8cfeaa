"""PPO in a single file, in the manner of CleanRL, on EmpathyStrategy-v0 (examples/cleanrl_ppo.py)."""

from __future__ import annotations

import argparse
from typing import Any

from benchmarks.integrations import strategy
from examples import cleanrl_ppo as example

LIBRARIES = ("torch", "gymnasium")
PIP = example.PIP


def add_arguments(parser: argparse.ArgumentParser) -> None:
    strategy.add_arguments(parser, steps=60_000)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Train, then play held-out seekers."""
    player = example.player(example.train(args.steps, args.seed))
    return {
        "what": "PPO, single file, flat features, masked",
        "steps": args.steps,
        "seed": args.seed,
        **strategy.compared(player, args.episodes),
    }
