"""Does a small chat model learn here in a few minutes, and what?

    python scripts/get_smollm2.py
    python -m benchmarks.small_scale --model runs/smollm2 --minutes 4 [--device cuda] [--record]

For each scaffold: the model as it comes meets held-out seekers; it imitates a few short talks; it is trained by reward for so many minutes, once in
each arm; and before and after it meets the same seekers with the same random numbers, so that gains are paired. The arm is chosen by dev seekers. Ten
transcripts of each policy are written out with their ledgers: read them before you believe the curve.

On a GPU all arms of both scaffolds run side by side, which takes an H200 for the default ones; on a CPU one after the other. Ctrl-C ends after the
update at hand, and the same command goes on from there; more minutes train further.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from tqdm import tqdm

from agents.language_model import SCAFFOLDS
from benchmarks.record import append
from benchmarks.small_scale.report import lines, write_report
from benchmarks.small_scale.steps import ARMS, Settings, learn, prepare, updates


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--model", type=Path, required=True, help="a folder with a Llama or Qwen chat model")
    found.add_argument("--minutes", type=float, default=4.0, help="of training, for each arm of each scaffold")
    found.add_argument("--out", type=Path, default=Path("runs/small-scale"))
    found.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    found.add_argument("--dtype", choices=("float32", "bfloat16"), help="default: bfloat16 on a GPU, float32 on a CPU")
    found.add_argument("--arms", nargs="+", default=["fast", "ppo"], metavar="ARM", help=f"of {', '.join(ARMS)}")
    found.add_argument("--processes", type=int, help="side by side; default: all on a GPU, 1 on a CPU")
    found.add_argument("--episodes", type=int, default=120, help="test talks of each evaluation")
    found.add_argument("--dev-episodes", type=int, default=32)
    found.add_argument("--warm-steps", type=int, default=48, help="of imitation")
    found.add_argument("--groups", type=int, default=16, help="of dialogues an update")
    found.add_argument("--side", type=int, default=6, help="dialogues a group")
    found.add_argument("--turns", type=int, default=8, help="of a dialogue in training")
    found.add_argument("--max-new", type=int, nargs=2, default=[96, 64], metavar=("THINKING", "DIRECT"))
    found.add_argument("--record", action="store_true", help="append the rows to benchmarks/results/smollm2.jsonl")
    found.add_argument("--only", help=argparse.SUPPRESS)  # one job, in a process of its own
    return found


def jobs(arms: Sequence[str]) -> tuple[list[str], list[str]]:
    """What can run side by side, and what after it: ``scaffold`` and ``scaffold:arm``."""
    return list(SCAFFOLDS), [f"{scaffold}:{arm}" for scaffold in SCAFFOLDS for arm in arms]


def do(settings: Settings, job: str) -> None:
    """One job in this process."""
    scaffold, _, arm = job.partition(":")
    if arm:
        learn(settings, scaffold, arm)
    else:
        prepare(settings, scaffold)


def side_by_side(settings: Settings, names: Sequence[str], argv: Sequence[str], processes: int) -> None:
    """Jobs in processes of their own, with one thread each.

    Raises:
        SystemExit: if one of them failed, with the path of its log.
        KeyboardInterrupt: if they were asked to end; they have then.
    """
    waiting = list(names)
    running: dict[str, subprocess.Popen[bytes]] = {}
    asked, failed = False, ""
    with tqdm(total=len(names), desc="jobs", unit="job") as bar:
        while running or (waiting and not asked):
            try:
                while waiting and not asked and len(running) < processes:
                    job = waiting.pop(0)
                    running[job] = _start(settings, job, argv)
                time.sleep(0.5)
            except KeyboardInterrupt:  # a terminal tells the children too
                asked = True
            for job, process in list(running.items()):
                if process.poll() is None:
                    continue
                del running[job]
                bar.update()
                asked |= process.returncode == 130
                if process.returncode not in (0, 130) and not failed:
                    failed, asked = f"{job} ended with {process.returncode}: see {_log(settings, job)}", True
                    for other in running.values():
                        other.send_signal(signal.SIGINT)
            counts = {job: updates(settings.out / job.replace(":", "-")) for job in running if ":" in job}
            bar.set_postfix({job: f"{count} updates" for job, count in counts.items()})
    if failed:
        raise SystemExit(f"small_scale: {failed}")
    if asked:
        raise KeyboardInterrupt


def _log(settings: Settings, job: str) -> Path:
    return settings.out / "log" / f"{job.replace(':', '-')}.log"


def _start(settings: Settings, job: str, argv: Sequence[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "benchmarks.small_scale", *argv, "--only", job]
    with _log(settings, job).open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "OMP_NUM_THREADS": "1"})


def main(argv: list[str] | None = None) -> int:
    """Run what is missing and print the figures; exit code 130 after an interruption."""
    words = sys.argv[1:] if argv is None else argv
    args = parser().parse_args(words)
    dtype = args.dtype or ("bfloat16" if args.device.startswith("cuda") else "float32")
    try:
        settings = Settings(
            args.model, args.out, args.minutes, args.device, dtype, tuple(args.arms), args.episodes, args.warm_steps, args.groups, args.side,
            args.turns, args.dev_episodes, (args.max_new[0], args.max_new[1]),
        )  # fmt: skip
        settings.claim()
    except ValueError as error:
        raise SystemExit(f"small_scale: {error}") from error
    first, second = jobs(settings.arms)
    processes = args.processes or (len(second) if args.device.startswith("cuda") else 1)
    try:
        if args.only:
            do(settings, args.only)
            return 0
        for wave in (first, second):
            if processes == 1:
                for job in tqdm(wave, desc="jobs", unit="job"):
                    do(settings, job)
            else:
                side_by_side(settings, wave, words, processes)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from there", file=sys.stderr)
        return 130
    found = write_report(settings.out, args.model.name, settings.arms)
    print("\n".join(lines(found)))
    if args.record:
        for row in found:
            append("smollm2", {**row, "minutes": settings.minutes, "device": settings.device})
    print(f"transcripts, curve.svg and report.json written to {settings.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
