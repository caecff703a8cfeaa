"""Tianshou's PPO on EmpathyStrategy-v0 (examples/tianshou_ppo.py)."""

from __future__ import annotations

import argparse
from typing import Any

from benchmarks.integrations import strategy
from examples import tianshou_ppo as example

LIBRARIES = ("tianshou", "torch", "gymnasium")
PIP = example.PIP


def add_arguments(parser: argparse.ArgumentParser) -> None:
    strategy.add_arguments(parser, steps=15_360)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Train with several seeds, then play held-out seekers."""
    return strategy.report(example, "PPO, flat features, masked by the actor", args)
