"""verifiers' vf-eval on our task set against a server on loopback (examples/verifiers_eval.py)."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from examples import verifiers_eval as example

LIBRARIES = ("verifiers", "gymnasium")
PIP = example.PIP


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tasks", type=int, default=3, help="seekers")
    parser.add_argument("--rollouts", type=int, default=2, help="talks with each")
    parser.add_argument("--agent", default="competent", help="who is served")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Serve a supporter, run the command, read what it wrote."""
    with example.listening(example.served(args.agent)) as address:
        episodes = example.evaluate(address, "served", args.tasks, args.rollouts, split="test")
    traces = [trace for episode in episodes for trace in episode["traces"]]
    ok = sum(episode["ok"] for episode in episodes)
    finals = [trace["metrics"]["final_emotion"] for trace in traces]
    return {
        "what": f"vf-eval, null harness, the {args.agent} supporter behind an OpenAI-compatible server on loopback, {args.rollouts} talks with each test seeker",
        "steps": sum(len(trace["info"]["turn_rewards"]) for trace in traces),
        "talks": len(traces),
        "turn_rewards": traces[0]["info"]["turn_rewards"],
        "result": f"{ok} of {args.tasks * args.rollouts} episodes ok, final emotion {np.mean(finals):.1f}, a reward for each reply",
    }
