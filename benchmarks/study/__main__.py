"""The study, in three steps that can each be repeated.

    python -m benchmarks.study list
    python -m benchmarks.study run [--cells PATTERN ...] [--jobs N] [--device cpu|cuda] [--minutes M] [--out runs/study]
    python -m benchmarks.study starts [--episodes 4000] [--jobs N] [--device cpu|cuda]
    python -m benchmarks.study analyse
    python -m benchmarks.study page [--dynamics 0.10]
    python -m benchmarks.study cost

``run`` trains and evaluates the cells that ``benchmarks/results/study.jsonl`` does not have yet, in processes of their own; stopped or killed, the same
command goes on. ``starts`` plays the start's weights in both scaffolds on many test seekers, to see whether the arms are equal before training; it goes on
where it was as well. ``analyse`` prints the contrasts, ``page`` writes docs/study.md and docs/study.html; both take all their figures from that
file, from starts.jsonl and, of a real model (``benchmarks.small_scale``), from smollm2.jsonl beside it. A study of earlier dynamics keeps its rows, and ``page --dynamics`` makes its page
again. ``cost`` estimates the same study at the size of a
paper.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks.study import rows
from benchmarks.study.sweep import SCALES, SEEDS, Scale, chosen, named, run_folder, runnable
from empathy_gym.seeker.seeker import DYNAMICS_VERSION


def main(argv: list[str] | None = None) -> int:
    """0 if all is done, 130 after an interruption, 1 if a cell failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("list", "run", "cell", "starts", "analyse", "page", "cost"))
    parser.add_argument("name", nargs="?", help="of one cell, for `cell`")
    parser.add_argument("--cells", nargs="+", default=[], metavar="PATTERN", help="default: all")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--scale", default="nano", choices=sorted(SCALES))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument(
        "--episodes",
        type=int,
        default=4_000,
        help="talks of each scaffold, for `starts`; 200 take about a minute of one CPU thread",
    )
    parser.add_argument("--minutes", type=float, help="end as by Ctrl-C after so many")
    parser.add_argument("--out", type=Path, default=Path("runs/study"), help="folder of the cells' runs")
    parser.add_argument("--results", type=Path, default=rows.STUDY, help="default: benchmarks/results/study.jsonl")
    parser.add_argument("--docs", type=Path, default=Path(__file__).resolve().parents[2] / "docs", help="for `page`")
    parser.add_argument(
        "--dynamics", default=DYNAMICS_VERSION, help="for `page`: of an earlier study whose rows are kept"
    )
    args = parser.parse_args(argv)
    scale = SCALES[args.scale]
    try:
        return _DO[args.what](args, scale)
    except (ValueError, FileNotFoundError, RuntimeError) as error:
        print(f"study: {error}", file=sys.stderr)
        return 1


def _list(args: argparse.Namespace, scale: Scale) -> int:
    known = rows.load(args.results, scale)
    for cell in chosen(args.cells, args.seeds):
        print(f"{'done' if cell.name in known else 'to do':6s} {cell.name}")
    return 0


def _run(args: argparse.Namespace, scale: Scale) -> int:
    from benchmarks.study.run import run

    if args.jobs < 1:
        raise ValueError(f"jobs: expected at least 1, got {args.jobs}")
    wanted = chosen(args.cells, args.seeds)
    able = list(runnable(scale, wanted))
    if len(able) < len(wanted):
        print(f"study: {len(wanted) - len(able)} cells are left out, as their warm start is not there: see OTHERS in sweep.py", file=sys.stderr)  # fmt: skip
    whole = run(able, scale, args.out, args.results, args.jobs, args.device, args.minutes)
    return 0 if whole else 130


def _cell(args: argparse.Namespace, scale: Scale) -> int:
    import torch

    from benchmarks.study.cell import alone, run, write

    if args.device == "cpu":
        torch.use_deterministic_algorithms(True)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    cell = named(args.name or "")
    folder = run_folder(args.out, scale, cell)
    with alone(folder):
        row = run(cell, scale, folder, args.device)
        if row is None:
            return 130
        write(folder / "row.json", row)
    return 0


def _starts(args: argparse.Namespace, scale: Scale) -> int:
    from benchmarks.study import starts

    results = args.results.with_name(starts.STARTS.name)
    if not starts.run(scale, args.episodes, args.device, args.out, results, args.jobs):
        print("study: interrupted; the same command goes on from there", file=sys.stderr)
        return 130
    row = starts.load(results, scale)
    assert row is not None
    print(starts.text(row))
    return 0


def _analyse(args: argparse.Namespace, scale: Scale) -> int:
    from benchmarks.study.analysis import analysis, text

    print(text(analysis(rows.load(args.results, scale))))
    return 0


def _page(args: argparse.Namespace, scale: Scale) -> int:
    from benchmarks.study import real_model, starts
    from benchmarks.study.page import write_pages

    beside = starts.load(args.results.with_name(starts.STARTS.name), scale, args.dynamics)
    real = real_model.load(args.results.with_name(real_model.ROWS.name), args.dynamics)
    found = rows.load(args.results, scale, args.dynamics)
    for path in write_pages(found, scale, args.docs, starts=beside, real=real):
        print(f"written to {path}")
    return 0


def _cost(args: argparse.Namespace, scale: Scale) -> int:
    from benchmarks.study.cost import text

    print(text())
    return 0


_DO = {"list": _list, "run": _run, "cell": _cell, "starts": _starts, "analyse": _analyse, "page": _page, "cost": _cost}


if __name__ == "__main__":
    sys.exit(main())
