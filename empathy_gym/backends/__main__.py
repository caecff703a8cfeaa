"""Two people at one terminal: ``python -m empathy_gym.backends [--scenario ID] [--seed 0]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import gymnasium as gym

import empathy_gym  # noqa: F401  (registers the ids)
from empathy_gym.backends.human import HumanBackend, HumanSupporter
from empathy_gym.errors import EmpathyGymError
from empathy_gym.files import never_fail_on_characters


def main(argv: Sequence[str] | None = None) -> int:
    """Two people at one terminal: one plays the seeker, the other types the replies."""
    parser = argparse.ArgumentParser(prog="python -m empathy_gym.backends", description=main.__doc__)
    parser.add_argument(
        "--scenario", help="an id, as `python -m empathy_gym list` shows it; without one the seed picks"
    )
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    never_fail_on_characters()
    try:
        return _talk(args)
    except (EOFError, KeyboardInterrupt):
        print("\n-- broken off --")
        return 130
    except (EmpathyGymError, gym.error.Error) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2


def _talk(args: argparse.Namespace) -> int:
    env = gym.make("EmpathySupport-v0", backend=HumanBackend(), disable_env_checker=True)
    supporter = HumanSupporter()
    supporter.reset(1)
    _, info = env.reset(seed=args.seed, options=None if args.scenario is None else {"scenario": args.scenario})
    over = False
    while not over:
        *_, terminated, truncated, info = env.step(supporter.act([info["messages"]], [{"turn": info["turn"]}])[0])
        over = terminated or truncated
    print(f"-- {info['outcome']}, emotion {info['emotion'] / 1000:g} --")
    return 0


if __name__ == "__main__":
    sys.exit(main())
