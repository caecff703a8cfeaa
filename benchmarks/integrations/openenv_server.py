"""Our OpenEnv server on loopback and its client (examples/openenv_server.py): talks over the socket beside the same ones in process."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from examples import openenv_server as example

LIBRARIES = ("openenv", "uvicorn", "gymnasium")
PIP = example.PIP


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--talks", type=int, default=20)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Play a supporter over the protocol, and replay what the server sent."""
    from empathy_gym import verify

    with (
        example.serving(reward="change", split="test") as url,
        example.adapter().EmpathyClient(base_url=url).sync() as client,
    ):
        found = [example.talk(client, seed) for seed in range(args.talks)]
    finals = [talk["emotion"] / 1000 for talk in found]
    replayed = sum(verify(talk["transcript"]).ok for talk in found)
    return {
        "what": "server and client on loopback, the competent supporter, test seekers",
        "steps": sum(len(talk["turn_rewards"]) for talk in found),
        "talks": args.talks,
        "turn_rewards": found[0]["turn_rewards"],
        "result": f"{args.talks} talks, final emotion {np.mean(finals):.1f}; {replayed} of {args.talks} transcripts replay to the byte",
    }
