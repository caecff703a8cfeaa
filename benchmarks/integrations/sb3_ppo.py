"""Stable-Baselines3 PPO on EmpathyStrategy-v0 (examples/sb3_ppo.py)."""

from __future__ import annotations

import argparse
from typing import Any

from benchmarks.integrations import strategy
from examples import sb3_ppo as example

LIBRARIES = ("stable-baselines3", "torch", "gymnasium")
PIP = example.PIP


def add_arguments(parser: argparse.ArgumentParser) -> None:
    strategy.add_arguments(parser, steps=20_480)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Train with several seeds, then play held-out seekers."""
    return strategy.report(example, "PPO, grouped features", args, observation="dict")
