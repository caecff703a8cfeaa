"""Do the scripted seeker and a language model's feel alike? Both hear the same replies, in the same talks.

python -m benchmarks.agreement --base-url http://127.0.0.1:8000/v1 --model NAME [--episodes 24] [--cache FOLDER] [--record]
python -m benchmarks.agreement --local FOLDER

Scripted supporters talk with the scripted seeker. The language model then judges each reply in that same talk, the scripted lines included,
with its own emotion running from the same start; neither side's end cuts the other short. Spearman by turn (changes), by episode (final
emotions), by seeker (mean over supporters) and by supporter (mean over seekers), with 95 % intervals over seekers. Replies are natural or
inept alike, so agreement by episode and by supporter is mostly about telling these apart; agreement by seeker is about the person.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.evaluate import run
from agents.scripted import SUPPORTERS
from benchmarks.record import append
from benchmarks.stats import bootstrap, spearman
from empathy_gym.backends import EndpointClient, LanguageModelBackend, LocalClient, Retries
from empathy_gym.errors import BackendFailed
from empathy_gym.seeker import bank
from empathy_gym.seeker.emotion import FULL

POLICIES = ("hostile", "stock_comfort", "advice_giver", "random", "competent", "oracle")
"""Supporters from bad to good, so that there is something to agree about."""


@dataclass(frozen=True)
class Pair:
    """One talk as both seekers felt it; emotions and changes in milli-points."""

    policy: str
    scenario: str
    scripted: tuple[int, ...]
    other: tuple[int, ...]


def felt(backend: LanguageModelBackend, transcript: dict[str, Any]) -> tuple[int, ...]:
    """The language model's emotions over a talk, milli-points: the first, then one a reply.

    Raises:
        BackendFailed: if one reply got no usable answer.
    """
    scenario = bank.scenario(transcript["scenario"])
    messages = [{"role": "user", "content": transcript["opening"]}]
    emotions = [transcript["first_emotion"]]
    for turn in transcript["turns"]:
        messages.append({"role": "assistant", "content": turn["heard"]})
        judged = backend.judge(scenario, messages, emotions[-1])
        emotions.append(max(0, min(FULL, emotions[-1] + 1_000 * judged.change)))
        messages.append({"role": "user", "content": turn["line"]})
    return tuple(emotions)


def pairs(
    backend: LanguageModelBackend, policies: Sequence[str], episodes: int, max_turns: int = 8, seed: int = 0
) -> tuple[list[Pair], int]:
    """Play and judge; returns the talks that were judged to their end, and how many were not."""
    talks = []
    for name in policies:
        for talk in run(SUPPORTERS[name](), episodes=episodes, seed=seed, max_turns=max_turns):
            talks.append((name, talk["transcript"]))

    def judged(talk: tuple[str, dict[str, Any]]) -> Pair | None:
        name, transcript = talk
        scripted = (transcript["first_emotion"], *(turn["emotion"] for turn in transcript["turns"]))
        try:
            return Pair(name, transcript["key"], scripted, felt(backend, transcript))
        except BackendFailed as error:
            print(f"lost: {name}, {transcript['scenario']}: {error}", flush=True)
            return None

    with ThreadPoolExecutor(backend.concurrency) as pool:
        done = list(pool.map(judged, talks))
    kept = [pair for pair in done if pair is not None]
    return kept, len(done) - len(kept)


def agreement(found: Sequence[Pair], rng: np.random.Generator, reps: int = 1_000) -> dict[str, list[float]]:
    """Spearman and its 95 % interval by ``turn``, ``episode``, ``seeker`` and ``policy``; NaN where one side does not vary."""
    seekers = sorted({pair.scenario for pair in found})
    own = [[pair for pair in found if pair.scenario == name] for name in seekers]
    figures = {}
    for name, columns in _LEVELS.items():

        def measure(chosen: NDArray[np.int64], columns: Columns = columns) -> float:
            return spearman(*columns([own[i] for i in chosen]))

        rho = measure(np.arange(len(seekers)))
        varied = len(seekers) > 1 and not np.isnan(rho)
        low, high = bootstrap(measure, len(seekers), rng, reps) if varied else (float("nan"), float("nan"))
        figures[name] = [round(x, 3) for x in (rho, low, high)]
    return figures


Columns = Callable[[Sequence[Sequence[Pair]]], tuple[list[float], list[float]]]


def _by_turn(groups: Sequence[Sequence[Pair]]) -> tuple[list[float], list[float]]:
    talks = [pair for group in groups for pair in group]
    return (
        [float(x) for pair in talks for x in np.diff(pair.scripted)],
        [float(x) for pair in talks for x in np.diff(pair.other)],
    )


def _by_episode(groups: Sequence[Sequence[Pair]]) -> tuple[list[float], list[float]]:
    talks = [pair for group in groups for pair in group]
    return [float(pair.scripted[-1]) for pair in talks], [float(pair.other[-1]) for pair in talks]


def _by_seeker(groups: Sequence[Sequence[Pair]]) -> tuple[list[float], list[float]]:
    return (
        [float(np.mean([pair.scripted[-1] for pair in group])) for group in groups],
        [float(np.mean([pair.other[-1] for pair in group])) for group in groups],
    )


def _by_policy(groups: Sequence[Sequence[Pair]]) -> tuple[list[float], list[float]]:
    talks = [pair for group in groups for pair in group]
    names = sorted({pair.policy for pair in talks})
    return _by_seeker([[pair for pair in talks if pair.policy == name] for name in names])


_LEVELS: dict[str, Columns] = {"turn": _by_turn, "episode": _by_episode, "seeker": _by_seeker, "policy": _by_policy}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base-url", help="of an OpenAI-compatible endpoint, version included")
    parser.add_argument("--model", help="the endpoint's name of the model")
    parser.add_argument("--api-key-env", help="the environment variable that holds the endpoint's key")
    parser.add_argument("--local", help="instead: a folder with a transformers model")
    parser.add_argument("--episodes", type=int, default=24, help="seekers for each supporter")
    parser.add_argument("--turns", type=int, default=8)
    parser.add_argument("--policies", default=",".join(POLICIES))
    parser.add_argument("--attempts", type=int, default=4)
    parser.add_argument("--max-tokens", type=int, default=600)
    parser.add_argument("--timeout", type=float, default=120.0)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--cache", help="a folder for answers")
    parser.add_argument("--record", action="store_true", help="append to benchmarks/results/agreement.jsonl")
    args = parser.parse_args()
    if (args.local is None) == (args.base_url is None or args.model is None):
        parser.error("expected --base-url and --model, or --local")
    client: Any = (
        LocalClient(args.local)
        if args.local
        else EndpointClient(args.base_url, args.model, timeout=args.timeout, api_key_env=args.api_key_env)
    )
    backend = LanguageModelBackend(
        client, cache=args.cache, retries=Retries(args.attempts), max_tokens=args.max_tokens, concurrency=args.concurrency
    )  # fmt: skip
    policies = args.policies.split(",")
    found, lost = pairs(backend, policies, args.episodes, args.turns)
    figures = agreement(found, np.random.default_rng(0)) if found else {}
    for name, (rho, low, high) in figures.items():
        print(f"{name:8s} {rho:6.3f} [{low:6.3f}, {high:6.3f}]")
    used = backend.meter.read()
    print(f"{len(found)} talks judged, {lost} lost; {used}")
    if args.record:
        row = {"model": backend.name, "policies": policies, "episodes": args.episodes, "turns": args.turns}
        plain = {name: [None if np.isnan(x) else x for x in values] for name, values in figures.items()}
        append("agreement", {**row, "judged": len(found), "lost": lost, "used": used, "spearman": plain})


if __name__ == "__main__":
    main()
