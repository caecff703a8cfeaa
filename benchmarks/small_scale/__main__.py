"""Does a small chat model learn here in a few minutes, and what?

    python scripts/get_smollm2.py
    python -m benchmarks.small_scale --model runs/smollm2 --minutes 4 --arms fast --seeds 3 [--device cuda] [--record]

For each scaffold: the model as it comes meets held-out seekers; it imitates a few short talks, once for all seeds; it is trained by reward for so many
minutes, once for each arm and seed; and before and after it meets the study's test seekers with the same random numbers, so that gains are paired. The
arm is chosen by dev seekers. Ten transcripts of each policy are written out with their ledgers: read them before you believe the curve. The rows have what
``docs/study.md`` wants: each scaffold, arm and seed before and after, with skills between stock comfort and the oracle on the same seekers.

On a GPU all trainings of both scaffolds run side by side, which takes an H200 for six of them; on a CPU one after the other. Ctrl-C ends after the
update at hand, and the same command goes on from there; more minutes train further, more seeds train more.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from tqdm import tqdm

from agents.imitate import TALKS
from agents.language_model import SCAFFOLDS
from agents.learner.gpu import taking_turns
from benchmarks.record import RESULTS, append_to
from benchmarks.small_scale.report import lines, write_report
from benchmarks.small_scale.steps import ARMS, Settings, learn, look_before, run_name, updates, warm_up


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--model", type=Path, required=True, help="a folder with a Llama or Qwen chat model")
    found.add_argument("--minutes", type=float, default=4.0, help="of training, for each arm of each scaffold")
    found.add_argument("--seeds", type=int, default=1, help="trainings of each arm of each scaffold")
    found.add_argument("--first-seed", type=int, default=0)
    found.add_argument("--out", type=Path, default=Path("runs/small-scale"))
    found.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    found.add_argument("--dtype", choices=("float32", "bfloat16"), help="default: bfloat16 on a GPU, float32 on a CPU")
    found.add_argument("--arms", nargs="+", default=["fast", "ppo"], metavar="ARM", help=f"of {', '.join(ARMS)}")
    found.add_argument("--processes", type=int, help="side by side; default: all on a GPU, 1 on a CPU")
    found.add_argument("--episodes", type=int, default=120, help="test talks of each evaluation")
    found.add_argument("--dev-episodes", type=int, default=32)
    found.add_argument("--warm-steps", type=int, default=48, help="of imitation")
    found.add_argument("--warm-rate", type=float, default=2e-5)
    found.add_argument("--warm-talks", type=Path, default=TALKS, help="to imitate; default: the bundled twelve")
    found.add_argument("--groups", type=int, default=16, help="of dialogues an update")
    found.add_argument("--side", type=int, default=6, help="dialogues a group")
    found.add_argument("--turns", type=int, default=8, help="of a dialogue in training")
    found.add_argument("--max-new", type=int, nargs=2, default=[96, 64], metavar=("THINKING", "DIRECT"))
    found.add_argument("--record", action="store_true", help="append the rows to --results")
    found.add_argument("--results", type=Path, default=RESULTS / "smollm2.jsonl")
    found.add_argument("--report", action="store_true", help="play and train nothing: report what lies in --out")
    found.add_argument("--only", help=argparse.SUPPRESS)  # one job, in a process of its own
    return found


def jobs(settings: Settings) -> list[str]:
    """``scaffold`` imitates, ``scaffold:before`` evaluates, ``scaffold:arm:seed`` trains and evaluates; in an order that keeps pairs of seeds whole."""
    trainings = [
        f"{scaffold}:{arm}:{seed}" for seed in settings.seeds for arm in settings.arms for scaffold in SCAFFOLDS
    ]
    return [*SCAFFOLDS, *trainings, *(f"{scaffold}:before" for scaffold in SCAFFOLDS)]


def ready(job: str, unfinished: Sequence[str]) -> bool:
    """Whether the imitation that a job starts from is over."""
    scaffold, colon, _ = job.partition(":")
    return not colon or scaffold not in unfinished


def do(settings: Settings, job: str) -> None:
    """One job in this process."""
    scaffold, *rest = job.split(":")
    if not rest:
        warm_up(settings, scaffold)
    elif rest == ["before"]:
        look_before(settings, scaffold)
    else:
        learn(settings, scaffold, rest[0], int(rest[1]))


def side_by_side(settings: Settings, names: Sequence[str], argv: Sequence[str], processes: int) -> None:
    """Jobs in processes of their own, with one thread each.

    Raises:
        SystemExit: if some of them failed, with the paths of their logs; after all others.
        KeyboardInterrupt: if they were asked to end; they have then.
    """
    waiting, failed = list(names), list[str]()
    running: dict[str, subprocess.Popen[bytes]] = {}
    asked = False
    with tqdm(total=len(names), desc="jobs", unit="job") as bar:
        warning = taking_turns(settings.device, min(processes, len(names)))
        if warning:
            bar.write(warning, file=sys.stderr)
        while running or (waiting and not asked):
            try:
                waiting = [job for job in waiting if ready(job, failed)]  # without its imitation a job cannot be done
                for job in [j for j in waiting if ready(j, [*waiting, *running])]:
                    if not asked and len(running) < processes:
                        waiting.remove(job)
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
                if process.returncode not in (0, 130):
                    failed.append(job)
                    bar.write(f"{job} failed: see {_log(settings, job)}", file=sys.stderr)
            counts = [updates(settings.out / run_name(s, arm, int(seed))) for s, arm, seed in _trainings(running)]
            bar.set_postfix(running=len(running), updates=" ".join(map(str, counts)))
    if asked:
        raise KeyboardInterrupt
    if failed:
        logs = ", ".join(str(_log(settings, job)) for job in failed)
        raise SystemExit(f"small_scale: expected all jobs to end well, got {len(failed)} that failed: see {logs}")


def _trainings(names: Iterable[str]) -> list[list[str]]:
    return [parts for parts in (name.split(":") for name in names) if len(parts) == 3]


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
            args.turns, args.dev_episodes, (args.max_new[0], args.max_new[1]), tuple(range(args.first_seed, args.first_seed + args.seeds)),
            args.warm_rate, args.warm_talks,
        )  # fmt: skip
        settings.claim()
    except ValueError as error:
        raise SystemExit(f"small_scale: {error}") from error
    names = jobs(settings)
    processes = args.processes or (len(names) if args.device.startswith("cuda") else 1)
    try:
        if args.only:
            do(settings, args.only)
            return 0
        if args.report:
            pass
        elif processes == 1:
            for job in tqdm(names, desc="jobs", unit="job"):
                do(settings, job)
        else:
            side_by_side(settings, names, words, processes)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from there", file=sys.stderr)
        return 130
    found = write_report(settings)
    print("\n".join(lines(found)))
    if args.record:
        for row in found:
            append_to(args.results, row, compact=True)
        print(f"rows appended to {args.results}")
    print(f"transcripts, curve.svg and report.json written to {settings.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
