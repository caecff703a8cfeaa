"""sb3-contrib MaskablePPO on EmpathyStrategy-v0 (examples/sb3_maskable_ppo.py)."""

from __future__ import annotations

import argparse
from typing import Any

from benchmarks.integrations import strategy
from examples import sb3_maskable_ppo as example

LIBRARIES = ("sb3-contrib", "stable-baselines3", "torch", "gymnasium")
PIP = example.PIP


def add_arguments(parser: argparse.ArgumentParser) -> None:
    strategy.add_arguments(parser, steps=120_000)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Train, then play held-out seekers."""
    player = example.player(example.train(args.steps, args.seed))
    return {
        "what": "MaskablePPO, flat features",
        "steps": args.steps,
        "seed": args.seed,
        **strategy.compared(player, args.episodes),
    }
