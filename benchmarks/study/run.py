"""Runs cells in processes of their own, several at a time. Finished ones are lines in the results; others go on where they were.

Ctrl-C (or SIGTERM, or the end of ``--minutes``) asks every process for an end after its update at hand, and waits for the checkpoints.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from agents.learner.gpu import taking_turns
from agents.learner.interrupt import Interrupt
from benchmarks.study import anchors, rows
from benchmarks.study.sweep import Cell, Scale, run_folder

POLL = 0.5
"""Seconds between two looks at the processes."""

EVALUATIONS = 12
"""Updates that a cell's evaluations take about as long as; for the estimate of what is left."""


@dataclass
class Running:
    """A process and its cell."""

    cell: Cell
    folder: Path
    process: subprocess.Popen[bytes]


def work(cell: Cell, scale: Scale) -> int:
    """What a cell takes, in updates."""
    return scale.preset(cell).steps + EVALUATIONS


def done(cell: Cell, scale: Scale, folder: Path) -> int:
    """What of that is done, by the files that the cell has written."""
    metrics, steps = folder / "metrics.jsonl", scale.preset(cell).steps
    updates = metrics.read_bytes().count(b"\n") if metrics.exists() else 0
    looks = sum((folder / f"{name}.json").exists() for name in ("before", "after", "thoughts"))
    return min(updates, steps) + looks * EVALUATIONS // 3


def run(
    wanted: Sequence[Cell], scale: Scale, out: Path, results: Path, jobs: int, device: str, minutes: float | None = None
) -> bool:
    """Run the cells that are not in the results yet, ``jobs`` at a time.

    Args:
        wanted: in the order in which they are begun.
        scale: of the study.
        out: a folder for each cell is made in it.
        results: the file that gets a line for each finished cell.
        jobs: processes, with one thread each where they are several.
        device: ``cpu`` or ``cuda``.
        minutes: after which the run ends as by Ctrl-C; None never.

    Returns:
        Whether all cells are finished.

    Raises:
        RuntimeError: if a cell failed; after all others.
    """
    known = rows.load(results, scale)
    if rows.ANCHORS not in known:
        rows.append(results, anchors.measure(scale))
    waiting = [cell for cell in wanted if cell.name not in known]
    total = sum(work(cell, scale) for cell in wanted)
    finished = total - sum(work(cell, scale) for cell in waiting)
    running: list[Running] = []
    failed: list[Running] = []
    began, asked = time.monotonic(), False
    begun = {cell: done(cell, scale, run_folder(out, scale, cell)) for cell in waiting}
    bar = tqdm(total=total, initial=finished + sum(begun.values()), unit="update", smoothing=0.02, mininterval=5)
    warning = taking_turns(device, min(jobs, len(waiting)))
    if warning:
        bar.write(warning, file=sys.stderr)
    with Interrupt() as interrupt, bar:
        while running or (waiting and not asked):
            while waiting and len(running) < jobs and not asked:
                running.append(_start(waiting.pop(0), scale, out, device, jobs))
            time.sleep(POLL)
            for one in [r for r in running if r.process.poll() is not None]:
                running.remove(one)
                row = one.folder / "row.json"
                if one.process.returncode == 0 and row.exists():
                    rows.append(results, json.loads(row.read_text(encoding="utf-8")))
                    finished += work(one.cell, scale)
                    bar.write(f"{one.cell.name} finished", file=sys.stderr)
                elif not asked:  # one that was asked to end before its first update just ends
                    failed.append(one)
                    bar.write(f"{one.cell.name} failed: see {one.folder / 'log.txt'}", file=sys.stderr)
            late = minutes is not None and time.monotonic() - began > 60 * minutes
            if (interrupt.asked or late) and not asked:
                asked = True
                _end(running)
            parts = sum(done(r.cell, scale, r.folder) for r in running)
            bar.n = finished + parts + sum(n for cell, n in begun.items() if cell in waiting)
            bar.set_postfix_str(f"{len(running)} running, {len(waiting)} waiting", refresh=False)
            bar.update(0)
    if failed:
        raise RuntimeError("cells: expected all to end well, got " + ", ".join(f"{r.cell.name} with exit code {r.process.returncode}" for r in failed))  # fmt: skip
    return set(rows.load(results, scale)) >= {cell.name for cell in wanted}


def _start(cell: Cell, scale: Scale, out: Path, device: str, jobs: int) -> Running:
    folder = run_folder(out, scale, cell)
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.study", "cell", cell.name, "--scale", scale.name, "--out", str(out), "--device", device]  # fmt: skip
    threads = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"} if jobs > 1 else {}
    with (folder / "log.txt").open("ab") as log:
        # A session of its own: a Ctrl-C at the terminal reaches it once, through us.
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env={**os.environ, **threads}, start_new_session=True
        )
    return Running(cell, folder, process)


def _end(running: Sequence[Running]) -> None:
    for one in running:
        one.process.terminate()
