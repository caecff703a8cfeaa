"""sb3-contrib MaskablePPO on EmpathyStrategy-v0 (examples/sb3_maskable_ppo.py)."""

from __future__ import annotations

import argparse
from typing import Any

from benchmarks.integrations import strategy
from examples import sb3_maskable_ppo as example

LIBRARIES = ("sb3-contrib", "stable-baselines3", "torch", "gymnasium")
PIP = example.PIP


def add_arguments(parser: argparse.ArgumentParser) -> None:
    strategy.add_arguments(parser, steps=20_480, foresight=12)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Train with several seeds, then play held-out seekers."""
    return strategy.report(example, "MaskablePPO, flat features", args)
