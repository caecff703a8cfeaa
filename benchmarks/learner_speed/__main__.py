"""How fast is the learner? Ours and TRL's GRPOTrainer in turn, on the same model, prompts, number of tokens and precision.

    python -m benchmarks.learner_speed --model runs/smollm2 [--trl-python PATH] [--rounds 3] [--record]
    python -m benchmarks.learner_speed --tiny --sides ours

The model comes from ``scripts/get_smollm2.py``. Every row is a process of its own, ours and TRL's alternating, so that a busy moment of the machine hits both;
its figures are kept in OUT, and an interrupted run goes on after the last row that was finished. Replies have equal lengths on both sides, because
neither may end one early. bf16 rows are left out, with a line, where the CPU has no bf16 instructions.

``update tokens/s`` are all tokens of the dialogues by the seconds of everything that is not rollout; ``rollout tokens/s`` are sampled tokens by the
seconds of the rollout, prefill and environments included. The best of the rounds counts, for each side and figure; all of them are in the record.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from benchmarks.learner_speed import trl_home
from benchmarks.learner_speed.jobs import JOBS, TINY, lengths, random_model, spec, write
from benchmarks.learner_speed.work import has_bfloat16
from benchmarks.record import append

SIDES = ("ours", "trl")
VARIANTS = {("trl", "bfloat16"): ("autocast", "weights")}
"""TRL's two ways to bf16; see ``theirs``."""

FIGURES = ("rollout_tokens_per_second", "update_tokens_per_second", "step_seconds", "cpu_seconds")
"""CPU seconds tell a step's cost where other processes are busy; threads that wait for each other add to them."""


class Row(NamedTuple):
    """One process."""

    job: str
    precision: str
    side: str
    variant: str
    round: int

    @property
    def name(self) -> str:
        """Of its files."""
        return "-".join(str(part) for part in self if part != "")

    @property
    def who(self) -> str:
        """The side, with its variant."""
        return f"{self.side} {self.variant}".strip()


def rows(args: argparse.Namespace, precisions: list[str]) -> Iterator[Row]:
    """All processes in their order: sides alternate, rounds are outermost."""
    for number in range(args.rounds):
        for job in args.jobs:
            for precision in precisions:
                for side in args.sides:
                    for variant in VARIANTS.get((side, precision), ("",)):
                        yield Row(job, precision, side, variant, number)


def measured(row: Row, told: dict[str, Any], out: Path, python: dict[str, Path]) -> dict[str, Any]:
    """The figures of a row: those in ``out``, if they are of the same spec, otherwise from a new process.

    Raises:
        RuntimeError: with the end of the process's log, if it failed.
    """
    told = {**told, "variant": row.variant, "lengths": lengths(told)}
    mark = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
    result, log = out / f"{row.name}.json", out / f"{row.name}.log"
    if result.exists():
        found = json.loads(result.read_text(encoding="utf-8"))
        if found["spec"] == mark:
            return dict(found)
    write(out / f"{row.name}.spec", told)
    module = "benchmarks.learner_speed." + ("ours" if row.side == "ours" else "theirs")
    fresh = out / f"{row.name}.fresh"
    with log.open("wb") as file:
        code = subprocess.run(
            [str(python[row.side]), "-m", module, str(out / f"{row.name}.spec"), str(fresh)],
            stdout=file, stderr=file, cwd=Path(__file__).resolve().parents[2], env=os.environ | {"OMP_NUM_THREADS": str(told["threads"])},
        ).returncode  # fmt: skip
    if code:
        tail = log.read_text(encoding="utf-8", errors="replace")[-1500:]
        raise RuntimeError(f"{row.name}: expected exit code 0, got {code}; the end of {log}:\n{tail}")
    found = {"spec": mark, **json.loads(fresh.read_text(encoding="utf-8"))}
    write(result, found)
    fresh.unlink()
    return found


def summary(found: dict[Row, dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry for each job, precision and side: the best of its steps in all rounds, every step, and what ours is against it."""
    entries: list[dict[str, Any]] = []
    for job, precision, who in dict.fromkeys((r.job, r.precision, r.who) for r in found):
        own = [f for r, f in found.items() if (r.job, r.precision, r.who) == (job, precision, who)]
        steps = [step for f in own for step in f["steps"]]
        entry: dict[str, Any] = {"job": job, "precision": precision, "side": who}
        for name in FIGURES:
            entry[name] = round((min if name.endswith("_seconds") else max)(s[name] for s in steps), 3)
        entry["gigabytes"] = round(max(f["max_bytes"] for f in own) / 1e9, 2)
        for name in ("matmul_flops", "copy_bytes_per_second"):
            entry[name] = round(max(f[name] for f in own))
        for name in ("update_share_of_matmul_peak", "decode_share_of_copy_bandwidth"):
            if all(name in f for f in own):
                entry[name] = round(max(f[name] for f in own), 3)
        entry["all_step_seconds"] = [round(s["step_seconds"], 3) for s in steps]
        entries.append(entry)
    for entry in entries:
        ours = [e for e in entries if e["side"] == "ours" and (e["job"], e["precision"]) == (entry["job"], entry["precision"])]  # fmt: skip
        if ours and entry["side"] != "ours":
            entry["ours_is_faster_by"] = round(entry["step_seconds"] / ours[0]["step_seconds"], 2)
            entry["ours_takes_less_cpu_by"] = round(entry["cpu_seconds"] / ours[0]["cpu_seconds"], 2)
            entry["ours_rolls_out_faster_by"] = round(ours[0][FIGURES[0]] / entry[FIGURES[0]], 2)
            entry["ours_updates_faster_by"] = round(ours[0][FIGURES[1]] / entry[FIGURES[1]], 2)
    return entries


def table(entries: list[dict[str, Any]]) -> str:
    """The summary to read."""
    lines = [f"{'job':12} {'precision':9} {'side':13} {'rollout':>9} {'update':>9} {'step':>9} {'memory':>8}  ours is"]
    for e in entries:
        ratio = f"{e['ours_is_faster_by']} times as fast" if "ours_is_faster_by" in e else ""
        lines.append(
            f"{e['job']:12} {e['precision']:9} {e['side']:13} {e[FIGURES[0]]:7.1f}/s {e[FIGURES[1]]:7.1f}/s {e['step_seconds']:7.2f} s "
            f"{e['gigabytes']:5.1f} GB  {ratio}"
        )
        if "update_share_of_matmul_peak" in e:
            lines.append(
                f"{'':37}update {100 * e['update_share_of_matmul_peak']:.0f} % of {e['matmul_flops'] / 1e9:.0f} GFLOP/s, "
                f"decode {100 * e['decode_share_of_copy_bandwidth']:.0f} % of {e['copy_bytes_per_second'] / 1e9:.1f} GB/s"
            )
    return "\n".join(lines)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--model", type=Path, default=Path("runs/smollm2"))
    found.add_argument("--jobs", nargs="+", default=list(JOBS), choices=list(JOBS))
    found.add_argument("--precisions", nargs="+", default=["float32", "bfloat16"], choices=("float32", "bfloat16"))
    found.add_argument("--sides", nargs="+", default=list(SIDES), choices=SIDES)
    found.add_argument("--rounds", type=int, default=3, help="processes of each row")
    found.add_argument("--warmup", type=int, default=1, help="steps of a process that do not count")
    found.add_argument("--steps", type=int, default=1, help="steps of a process that count")
    found.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    found.add_argument("--trl-python", type=Path, help="a Python that has TRL; default: one made under --cache")
    found.add_argument("--cache", type=Path, default=Path("runs/cache"))
    found.add_argument("--out", type=Path, default=Path("runs/learner_speed"))
    found.add_argument(
        "--tiny",
        action="store_true",
        help="a random model of a few thousand weights and short jobs, to see that it runs",
    )
    found.add_argument("--record", action="store_true")
    return found


def main(argv: list[str] | None = None) -> list[dict[str, Any]]:
    args = parser().parse_args(argv)
    if args.steps < 1 or args.rounds < 1:
        raise SystemExit(f"learner_speed: expected at least one step and round, got {args.steps} and {args.rounds}")
    jobs, model = (TINY, args.out / "tiny") if args.tiny else (JOBS, args.model)
    if args.tiny and not (model / "tokenizer.json").exists():
        random_model(model)
    if not (model / "tokenizer.json").exists():
        raise SystemExit(
            f"learner_speed: {model}: expected a model's folder, got none; make it with scripts/get_smollm2.py"
        )
    # Never resolved: a virtual environment's Python is a link, and knows by its own place which packages are its own.
    python = {"ours": Path(sys.executable)}
    if "trl" in args.sides:
        python["trl"] = (args.trl_python or trl_home.trl_python(args.cache)).absolute()
    left_out = [] if "bfloat16" not in args.precisions or has_bfloat16() else ["bfloat16"]
    if left_out:
        print(
            "bfloat16 rows left out: this CPU multiplies bf16 at less than a tenth of its fp32 speed", file=sys.stderr
        )
    wanted = list(rows(args, [p for p in args.precisions if p not in left_out]))
    found: dict[Row, dict[str, Any]] = {}
    bar = tqdm(wanted, unit="process")
    for row in bar:
        bar.set_description(row.name)
        told = spec(jobs[row.job], model.resolve(), row.precision, args.warmup, args.steps, args.threads)
        found[row] = measured(row, told, args.out.resolve(), python)
    entries = summary(found)
    print(table(entries))
    if args.record:
        versions = {"torch": trl_home.TORCH, "trl": trl_home.TRL[0]}
        append("learner_speed", {"threads": args.threads, "left_out": left_out, "against": versions, "rows": entries})
    return entries


if __name__ == "__main__":
    main()
