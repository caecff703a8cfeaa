"""RLlib's PPO (new API stack) on EmpathyStrategy-v0 (examples/rllib_ppo.py)."""

from __future__ import annotations

import argparse
from typing import Any

from benchmarks.integrations import strategy
from examples import rllib_ppo as example

LIBRARIES = ("ray", "torch", "gymnasium")
PIP = example.PIP


def add_arguments(parser: argparse.ArgumentParser) -> None:
    strategy.add_arguments(parser, steps=15_360)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Train with several seeds, then play held-out seekers."""
    return strategy.report(example, "PPO, new API stack, flat features, masked", args)
