"""PettingZoo's own test functions on support_pair_v0 and support_circle_v0."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

LIBRARIES = ("pettingzoo", "gymnasium")
PIP = "pip install 'empathy_gym[pettingzoo]'"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--steps", type=int, default=200, help="cycles of each test")


def tests(cycles: int) -> dict[str, Callable[[], Any]]:
    """Every test by its name."""
    from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, seed_test
    from pettingzoo.test.max_cycles_test import max_cycles_test

    from empathy_gym.multi import support_circle_v0, support_pair_v0

    found: dict[str, Callable[[], Any]] = {}
    for name, module in (("pair", support_pair_v0), ("circle", support_circle_v0)):
        found[f"{name} api_test"] = partial(api_test, module.env(), cycles)
        found[f"{name} parallel_api_test"] = partial(parallel_api_test, module.parallel_env(), cycles)
        found[f"{name} seed_test"] = partial(seed_test, module.env, cycles)
        found[f"{name} parallel_seed_test"] = partial(parallel_seed_test, module.parallel_env, cycles)
    found["circle max_cycles_test"] = partial(max_cycles_test, support_circle_v0)
    return found


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Run each test; one that fails is named with what it said."""
    failed = {}
    found = tests(args.steps)
    for name, test in found.items():
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Observation")  # it expects arrays; talk is text
                test()
        except Exception as error:  # whatever another library's test raises is its verdict
            failed[name] = f"{type(error).__name__}: {error}"
    return {
        "what": "api_test, parallel_api_test, seed_test, parallel_seed_test on both, max_cycles_test on the circle",
        "steps": args.steps,
        "failed": failed,
        "result": f"{len(found) - len(failed)} of {len(found)} pass"
        + "".join(f"; {n}: {f}" for n, f in failed.items()),
    }
