"""Our environment in SkyRL-gym's registry (examples/skyrl_gym_env.py)."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from examples import skyrl_gym_env as example

LIBRARIES = ("skyrl-gym", "gymnasium")
PIP = example.PIP


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seekers", type=int, default=20)
    parser.add_argument("--group", type=int, default=2, help="talks with each")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Play a supporter in groups; one that replies alike is paid alike within a group."""
    found = example.play(args.seekers, args.group, split="test")
    alike = sum(
        len({tuple(talk["turn_rewards"]) for talk in found[i : i + args.group]}) == 1
        for i in range(0, len(found), args.group)
    )
    mean = np.mean([talk["final_emotion"] for talk in found])
    return {
        "what": f"the competent supporter through skyrl_gym.make, {args.group} talks with each test seeker",
        "steps": sum(talk["replies"] for talk in found),
        "talks": len(found),
        "turn_rewards": found[0]["turn_rewards"],
        "result": f"{len(found)} talks, final emotion {mean:.1f}; {alike} of {args.seekers} groups met the same seeker",
    }
