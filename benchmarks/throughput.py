"""How fast is the environment? Steps a second of one environment and of the vector one, and where the time goes.

python -m benchmarks.throughput [--seconds 5] [--rounds 5] [--record]

Replies are made beforehand, about 25 words each (24.5 to 25.5 on average), no two alike, so that none is served from a cache twice. The same for an
LLM-backed seeker is arithmetic: calls an episode times seconds a call.

One environment, the vector one and two processes of it are measured in turn, round after round, and the best round of each counts, because a
neighbour on a shared machine only ever takes time away; all rounds are in the record.
"""

from __future__ import annotations

import argparse
import cProfile
import itertools
import multiprocessing
import os
import pstats
import time
from collections.abc import Iterator
from pathlib import Path

import gymnasium as gym
from tqdm import tqdm

import empathy_gym  # noqa: F401  (registers the ids)
from agents.restater import ANSWERS, DEEPER, INWARD, OPEN, REFLECT
from benchmarks.record import append
from empathy_gym.seeker import bank
from empathy_gym.seeker.keyed import choose, draw

LONGEST = 14
"""Words of the longest phrase that is used, its slots counted as one each: two phrases a reply come to 25 words."""

PHRASES = tuple(
    line
    for lines in (REFLECT, DEEPER, INWARD, OPEN, *ANSWERS.values())
    for line in lines
    if len(line.split()) <= LONGEST
)
STAGES = {
    "reading": "reading.py", "features and cues": ("features.py", "cues.py", "screening.py", "heads.py"),
    "text and concepts": ("text.py", "concepts.py", "phrase.py", "fluency.py"), "the talk so far": "sofar.py",
    "appraisal": ("appraisal.py", "meanings.py", "hearing.py", "helping.py", "booking.py", "grounding.py", "emotion.py", "mind.py"),
    "speech": ("speech.py", "answering.py", "details.py", "telling.py", "keyed.py"), "environment": ("episode.py", "support.py", "transcript.py", "vector.py", "ledger.py", "encoder.py"),
}  # fmt: skip
CALLS, SECONDS_A_CALL = 17, 1.5
"""Of an LLM-backed seeker an episode of eight turns: an emotion call and a reply call each, and the opening (SAGE's way; our assumption for a fast endpoint)."""


def replies(count: int, salt: int = 0) -> list[str]:
    """Different replies of about 25 words about different things."""
    things = sorted(
        {
            word
            for story in bank.stories().values()
            for fact in story.facts
            for _, line in fact.said
            for word in line.lower().split()
            if word.isalpha() and len(word) > 4
        }
    )
    found: dict[str, None] = {}
    for i in itertools.count():
        if len(found) == count:
            break
        slots = {slot: f"the {choose(things, salt, i, slot)}" for slot in "nmp"} | {
            "f": choose(("hurt", "worried", "lonely", "tired"), salt, i, "f")
        }
        text = f"{choose(PHRASES, salt, i, 'a')} {choose(PHRASES, salt, i, 'b')}"
        found.setdefault(text.format(**slots))
    return list(found)


def single(seconds: float, salt: int = 0) -> tuple[float, float]:
    """Steps a second of one environment on one core: the steps alone, and with the resets between them."""
    env = gym.make("EmpathySupport-v0", disable_env_checker=True)
    said = replies(20_000, salt)
    for _ in _play(env, said[:400]):
        pass
    began, steps, stepping = time.perf_counter(), 0, 0.0
    for spent in _play(env, said[400:]):
        steps += 1
        stepping += spent
        if time.perf_counter() - began > seconds:
            break
    return steps / stepping, steps / (time.perf_counter() - began)


def _play(env: gym.Env, said: list[str]) -> Iterator[float]:
    """Seconds of each step, episode after episode."""
    over, number = True, 0
    for reply in said:
        if over:
            env.reset(seed=draw(0, number, "seed") % 2**31)
            number += 1
        began = time.perf_counter()
        _, _, terminated, truncated, _ = env.step(reply)
        spent = time.perf_counter() - began
        over = terminated or truncated
        yield spent


def vector(seconds: float, num_envs: int = 32, salt: int = 1) -> float:
    """Steps a second of the native vector environment, in this process."""
    envs = gym.make_vec("EmpathySupport-v0", num_envs=num_envs)
    envs.reset(seed=0)
    said = replies(12_000, salt)
    began, steps = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        envs.step(tuple(said[(steps + i) % len(said)] for i in range(num_envs)))
        steps += num_envs
    return steps / (time.perf_counter() - began)


def _round(seconds: float, cores: int) -> tuple[float, float, float, float]:
    """Steps a second of one environment without and with resets, of the vector one, and of that in several processes."""
    steps, one = single(seconds)
    batch = vector(seconds)
    with multiprocessing.get_context("spawn").Pool(cores) as pool:
        both = sum(pool.map(_vector_in_process, [(seconds, 3 + i) for i in range(cores)]))
    return steps, one, batch, both


def _vector_in_process(job: tuple[float, int]) -> float:
    return vector(job[0], salt=job[1])


def stages(steps: int = 1_500) -> dict[str, float]:
    """Share of the time by stage, from a profile (which makes small functions look dearer than they are)."""
    env = gym.make("EmpathySupport-v0", disable_env_checker=True)
    said = replies(steps, salt=2)
    profile = cProfile.Profile()
    profile.enable()
    for _ in _play(env, said):
        pass
    profile.disable()
    spent = {name: 0.0 for name in (*STAGES, "other")}
    for (file, _, _), (_, _, own, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        stage = next(
            (s for s, files in STAGES.items() if Path(file).name in ((files,) if isinstance(files, str) else files)),
            "other",
        )
        spent[stage] += own
    whole = sum(spent.values())
    return {name: round(own / whole, 3) for name, own in spent.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    said = replies(1_000)
    words = sum(len(r.split()) for r in said) / len(said)
    cores = min(2, os.cpu_count() or 1)
    rounds = [_round(args.seconds, cores) for _ in tqdm(range(args.rounds), unit="round")]
    steps, one, batch, both = (max(column) for column in zip(*rounds, strict=True))
    where = stages()
    print(
        f"replies of {words:.1f} words; one environment {one:.0f} steps/s with resets, {steps:.0f} without; vector of 32 {batch:.0f}, {cores} processes of it {both:.0f} ({both / one:.2f} times one environment, {both / batch:.2f} times one process)"
    )
    print("time by stage: " + ", ".join(f"{name} {100 * share:.0f} %" for name, share in where.items()))
    print(
        f"an LLM-backed seeker: {CALLS} calls an episode, at {SECONDS_A_CALL} s each {8 / (CALLS * SECONDS_A_CALL):.2f} steps/s a stream (arithmetic)"
    )
    if args.record:
        append(
            "throughput",
            {
                "words": round(words, 1),
                "single": round(one),
                "single_without_resets": round(steps),
                "vector": round(batch),
                "cores": cores,
                "vector_on_cores": round(both),
                "rounds": [
                    [round(figure) for figure in (one, steps, batch, both)] for steps, one, batch, both in rounds
                ],
                "stages": where,
            },
        )


if __name__ == "__main__":
    main()
