"""Our verl agent loop with the nano in process (examples/verl_agent_loop.py)."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from examples import verl_agent_loop as example

LIBRARIES = ("verl", "transformers", "torch", "gymnasium")
PIP = example.PIP


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seekers", type=int, default=4)
    parser.add_argument("--group", type=int, default=2, help="talks with each")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Play the nano through verl's base class, tokens in and out."""
    found = example.play(args.seekers, args.group, split="test")
    own, whole = (sum(f(output.response_mask) for output in found) for f in (sum, len))
    mean = np.mean([output.extra_fields["final_emotion"] for output in found])
    return {
        "what": "AgentLoopBase and verl's token merging, the nano in process instead of an inference server; no training: that wants GPUs",
        "steps": sum(len(output.extra_fields["turn_scores"]) for output in found),
        "talks": len(found),
        "turn_rewards": found[0].extra_fields["turn_scores"],
        "result": f"{len(found)} talks, final emotion {mean:.1f}; {own:,} of {whole:,} response tokens are the policy's and unmasked",
    }
