"""What does a step cost as dialogues become more, longer in turns, or longer in replies? Seconds of rollout and update against each.

    python -m benchmarks.cost_curves [--shape nano|smollm2] [--steps 3] [--out runs/cost_curves] [--record]

Random weights of a shape: what a step costs depends on the shape alone, because replies have a fixed length. Keys and values are kept across turns
and a dialogue is one training sequence, so cost should grow in proportion to turns; feeding the history again at each turn would make it grow with
their square. The exponent of the nearest power law says which it is: over all points, and over the last two, where attention weighs most.
Each point is kept in OUT, and an interrupted run goes on after the last.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from agents.learner.llama import Shape
from benchmarks import pictures
from benchmarks.learner_speed import ours
from benchmarks.learner_speed.jobs import Job, lengths, random_model, spec, write
from benchmarks.learner_speed.work import power
from benchmarks.record import append

POSITIONS = 8_192
SHAPES = {
    "nano": Shape(2_048, 128, 352, 4, 4, 1, 32, "qwen2", max_position_embeddings=POSITIONS),
    "smollm2": Shape(49_152, 576, 1_536, 30, 9, 3, 64, max_position_embeddings=POSITIONS),
}
FIGURES = ("rollout_seconds", "update_seconds", "step_seconds", "cpu_seconds")
"""Wall time, and CPU time, which tells the same where other processes are busy; with one thread best."""

BASE = Job(turns=4, new=32, opening=16, scripts=2, generations=4)
AXES: dict[str, tuple[int, ...]] = {"dialogues": (4, 8, 16, 32), "turns": (1, 2, 4, 8, 16), "reply tokens": (8, 16, 32, 64, 128)}  # fmt: skip


def job(axis: str, x: int) -> Job:
    """The job at one point: all else is as in :data:`BASE`.

    Raises:
        ValueError: for an axis that there is not.
    """
    if axis == "dialogues":
        return replace(BASE, scripts=max(1, x // BASE.generations), generations=min(x, BASE.generations))
    if axis == "turns":
        return replace(BASE, turns=x)
    if axis == "reply tokens":
        return replace(BASE, new=x)
    raise ValueError(f"axis: expected one of {', '.join(AXES)}, got {axis!r}")


def point(axis: str, x: int, model: Path, steps: int, threads: int) -> dict[str, float]:
    """Seconds of the fastest of some steps, after one that does not count."""
    told = spec(job(axis, x), model, "float32", 1, steps, threads)
    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as folder:
        learner = ours.trainer(told, Path(folder))
        found = [ours.step(learner, told) for _ in range(1 + steps)][1:]
    best = {name: min(f[name] for f in found) for name in FIGURES}
    return {"x": x, "tokens": sum(lengths(told)), **best}


def exponents(points: Sequence[dict[str, float]]) -> dict[str, float]:
    """Of the power laws of each figure and of the tokens themselves, which is what is in proportion: over all points, and over the last two."""
    found = {}
    for name in (*FIGURES, "tokens"):
        x, y = [p["x"] for p in points], [p[name] for p in points]
        short = name.removesuffix("_seconds")
        found[short], found[f"{short}, last two"] = round(power(x, y), 3), round(power(x[-2:], y[-2:]), 3)
    return found


def main(argv: list[str] | None = None) -> dict[str, Any]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", default="nano", choices=sorted(SHAPES))
    parser.add_argument("--axes", nargs="+", default=list(AXES), choices=list(AXES))
    parser.add_argument("--points", type=int, default=9, help="of each axis, from its small end; at least 2")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, default=Path("runs/cost_curves"))
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args(argv)
    if args.points < 2 or args.steps < 1:
        raise SystemExit(
            f"cost_curves: expected at least 2 points and 1 step, got {args.points} points, {args.steps} steps"
        )
    model = args.out / args.shape
    if not (model / "tokenizer.json").exists():
        random_model(model, SHAPES[args.shape])
    curves: dict[str, list[dict[str, float]]] = {}
    bar = tqdm([(axis, x) for axis in args.axes for x in AXES[axis][: args.points]], unit="point")
    for axis, x in bar:
        bar.set_description(f"{x} {axis}")
        kept = args.out / f"{args.shape}-{axis.replace(' ', '-')}-{x}-{args.steps}-{args.threads}.json"
        if not kept.exists():
            write(kept, point(axis, x, model, args.steps, args.threads))
        curves.setdefault(axis, []).append(json.loads(kept.read_text(encoding="utf-8")))
    fits = {axis: exponents(points) for axis, points in curves.items()}
    for axis, fit in fits.items():
        print(
            f"{axis}: seconds grow with the power {fit['step']:.2f} ({fit['step, last two']:.2f} over the last two; CPU time {fit['cpu']:.2f}; tokens {fit['tokens']:.2f})"
        )
    picture = args.out / f"{args.shape}.svg"
    picture.write_text(pictures.costs(curves), encoding="utf-8")
    print(f"written to {picture}")
    found = {"shape": args.shape, "threads": args.threads, "curves": curves, "exponents": fits}
    write(args.out / f"{args.shape}.json", found)
    if args.record:
        append("cost_curves", found)
    return found


if __name__ == "__main__":
    main()
