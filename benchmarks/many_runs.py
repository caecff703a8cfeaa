"""Seconds an update of the nano preset: in one process, and in several at a time that share the machine. Says how to run a study.

    python -m benchmarks.many_runs [--device cuda] [--processes 12] [--updates 3] [--record]

Processes that share a GPU take turns on it, one's kernels never beside another's, and a nano model's kernels leave most of it idle. NVIDIA's
multi-process service (``nvidia-cuda-mps-control -d``, ended with ``echo quit | nvidia-cuda-mps-control``) lets them run side by side; it is another
row, told apart by the variable ``CUDA_MPS_PIPE_DIRECTORY`` that names its folder. One thread a process; the first update of each does not count.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from agents.learner.loop import Trainer
from agents.presets import PRESETS, Preset
from agents.train import build
from benchmarks.learner_speed.work import settle
from benchmarks.record import append

PATIENCE = 300.0
"""Seconds that a process waits for the others: their start may be slow."""

PARTS = ("play", "env", "learn")


def update(trainer: Trainer) -> dict[str, float]:
    """One update without evaluation: seconds of the rollout, of the environment in it, and of the learning."""
    device = trainer.model.device
    settle(device)
    began = time.perf_counter()
    batch = trainer.play()
    settle(device)
    middle = time.perf_counter()
    scores = trainer.learn(batch)
    settle(device)
    trainer.step += 1
    return {
        "play": middle - began, "env": batch.env_seconds, "learn": time.perf_counter() - middle,
        "mismatch": scores.get("mismatch", 0.0),
    }  # fmt: skip


def work(number: int, preset: Preset, scaffold: str, device: str, updates: int, barrier: Any, results: Any) -> None:
    """What one process does: an update that does not count, then the first process alone, then all."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        trainer = build(preset, scaffold, number, Path(folder), device)
        update(trainer)
        barrier.wait(PATIENCE)
        alone = [update(trainer) for _ in range(updates)] if number == 0 else []
        barrier.wait(PATIENCE)
        began = time.perf_counter()
        together = [update(trainer) for _ in range(updates)]
        results.put({"alone": alone, "together": together, "seconds": time.perf_counter() - began})


def measure(device: str, processes: int, updates: int, preset: Preset, scaffold: str = "thinking") -> dict[str, Any]:
    """Mean seconds an update and of its parts, alone and together."""
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(processes), context.Queue()
    crew = [
        context.Process(target=work, args=(i, preset, scaffold, device, updates, barrier, results))
        for i in range(processes)
    ]
    for process in crew:
        process.start()
    rows = [results.get(timeout=2 * PATIENCE + 600) for _ in crew]
    for process in crew:
        process.join()
    alone, together = ([u for row in rows for u in row[name]] for name in ("alone", "together"))
    seconds = _mean([row["seconds"] / updates for row in rows])
    return {
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "mps": device == "cuda" and "CUDA_MPS_PIPE_DIRECTORY" in os.environ,
        "processes": processes, "scaffold": scaffold, "tokens": preset.tokens,
        "alone": {part: _mean([u[part] for u in alone]) for part in PARTS},
        "together": {part: _mean([u[part] for u in together]) for part in PARTS},
        "seconds_an_update_alone": _mean([u["play"] + u["learn"] for u in alone]),
        "seconds_an_update_together": seconds, "updates_a_second": round(processes / seconds, 3),
        "mismatch": max(u["mismatch"] for u in together),
    }  # fmt: skip


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 3)


def main(argv: list[str] | None = None) -> int:
    """Measure one setting; exit code 2 without the device."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=("cuda", "cpu"))
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--updates", type=int, default=3)
    parser.add_argument("--tokens", type=int, help="of a micro-batch; default: 32768 on a GPU, the preset's on a CPU")
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args(argv)
    if args.device == "cuda" and not torch.cuda.is_available():
        print("many_runs: expected a CUDA device, got none (--device cpu runs without)", file=sys.stderr)
        return 2
    tokens = args.tokens or (32_768 if args.device == "cuda" else PRESETS["nano"].tokens)
    found = measure(args.device, args.processes, args.updates, replace(PRESETS["nano"], tokens=tokens))
    print(json.dumps(found, indent=1))
    if args.record:
        append("many_runs", found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
