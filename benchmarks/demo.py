"""The whole experiment in small: `make demo`.

Trains a thinking and a direct nano supporter under the same reward, side by side on two cores, evaluates them and the scripted supporters on
held-out stories, and writes one HTML page with curves, intervals, skills and three talks to read.

    python -m benchmarks.demo [--steps 40] [--seeds 1] [--episodes 100] [--out demo]

An interrupted run goes on where it was with the same command; ``--fresh`` begins again.
"""

from __future__ import annotations

import argparse
import html
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from agents.evaluate import run
from agents.intervals import mean_interval
from agents.language_model import NANO, LanguageModelSupporter
from agents.learner.metrics import read_rows
from agents.scripted import SUPPORTERS
from benchmarks import pictures
from benchmarks.record import append, write_whole
from empathy_gym.render import page, transcript_html
from empathy_gym.seeker.ledger import SKILLS

SCAFFOLDS = ("thinking", "direct")
SHOWN = ("silent", "stock_comfort", "advice_giver", "random", "competent", "oracle")
MAX_NEW = 64


def train(out: Path, steps: int, seeds: int, fresh: bool) -> None:
    """Train every scaffold and seed, two processes at a time with one thread each."""
    jobs = [(scaffold, seed) for seed in range(seeds) for scaffold in SCAFFOLDS]
    bar = tqdm(total=steps * len(jobs), desc="training", unit="update")
    running: list[tuple[subprocess.Popen[bytes], Path]] = []
    done = 0
    try:
        while jobs or running:
            while jobs and len(running) < max(1, min(2, os.cpu_count() or 1)):
                running.append(_start(out, *jobs.pop(0), steps, fresh))
            time.sleep(0.5)
            for process, folder in list(running):
                if process.poll() is not None:
                    running.remove((process, folder))
                    done += steps
                    if process.returncode:
                        raise SystemExit(
                            f"training in {folder} ended with {process.returncode}: see {folder / 'log.txt'}"
                        )
            bar.n = done + sum(min(steps, len(rows(folder))) for _, folder in running)
            bar.refresh()
    except KeyboardInterrupt:
        for process, _ in running:
            process.wait()
        raise SystemExit(130) from None
    finally:
        bar.close()


def _start(out: Path, scaffold: str, seed: int, steps: int, fresh: bool) -> tuple[subprocess.Popen[bytes], Path]:
    folder = out / f"{scaffold}-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "agents.train",
        "--preset",
        "nano",
        "--scaffold",
        scaffold,
        "--seed",
        str(seed),
        "--steps",
        str(steps),
    ]
    command += ["--out", str(folder), "--threads", "1", *(["--fresh"] if fresh else [])]
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log), folder


def rows(folder: Path) -> list[dict[str, Any]]:
    """The metrics that a run has written so far."""
    return read_rows(folder / "metrics.jsonl")


def evaluate(out: Path, seeds: int, episodes: int) -> dict[str, list[dict[str, Any]]]:
    """Talks of every supporter with the same held-out seekers; trained ones pool their seeds."""
    agents: list[tuple[str, list[Any], str]] = [(name, [SUPPORTERS[name]()], "direct") for name in SHOWN]
    for scaffold in SCAFFOLDS:
        agents.append((f"{scaffold}, before", [_nano(NANO / "start", scaffold, 0)], scaffold))
        trained = [_nano(out / f"{scaffold}-{seed}" / "policy", scaffold, seed) for seed in range(seeds)]
        agents.append((f"{scaffold}, after", trained, scaffold))
    found: dict[str, list[dict[str, Any]]] = {}
    for name, policies, scaffold in tqdm(agents, desc="evaluation", unit="supporter"):
        found[name] = [
            r for policy in policies for r in run(policy, episodes=episodes, split="test", scaffold=scaffold)
        ]
    return found


def _nano(folder: Path, scaffold: str, seed: int) -> LanguageModelSupporter:
    return LanguageModelSupporter.from_folder(folder, scaffold, max_new=MAX_NEW, seed=seed)


def profile(results: Sequence[dict[str, Any]]) -> dict[str, tuple[float, float, float]]:
    """Points an episode that each skill earned, with 95 % intervals over talks."""
    return {name: mean_interval([r["skills"][name] / 1000 for r in results]) for name in SKILLS}


def write_page(out: Path, results: dict[str, list[dict[str, Any]]], seeds: int, minutes: float) -> Path:
    """One self-contained page."""
    curves: dict[str, list[tuple[list[float], list[float]]]] = {s: [] for s in SCAFFOLDS}
    dev: dict[str, list[tuple[list[float], list[float]]]] = {s: [] for s in SCAFFOLDS}
    for scaffold in SCAFFOLDS:
        for seed in range(seeds):
            found = rows(out / f"{scaffold}-{seed}")
            for key, into in (("emotion", curves), ("dev_emotion", dev)):
                with_key = [r for r in found if key in r]
                into[scaffold].append(([r["step"] for r in with_key], [r[key] for r in with_key]))
    bars = []
    for name, talks in results.items():
        mean, low, high = mean_interval([t["final_emotion"] for t in talks])
        colour = "scripted" if name in SHOWN else name.split(",")[0]
        bars.append((name, mean, low, high, colour))
    profiles = {name: profile(talks) for name, talks in results.items() if name not in SHOWN}
    nth = _telling(results)
    body = [
        f"<p>Two small language models (a million parameters) learnt to support simulated people under the same reward, the person's final emotion: one "
        f"that thinks before it speaks, one that speaks at once. Both began as the same imitation of mediocre supporters. {seeds} seed(s), "
        f"{minutes:.1f} minutes in all.</p>",
        f"<h2>Learning</h2><figure>{pictures.learning_curves(curves, dev)}<figcaption>Lines: training talks, smoothed. Dots: seekers of the dev split.</figcaption></figure>",
        f"<h2>Final emotion</h2><figure>{pictures.bars(bars)}</figure>{_table(results)}",
        f"<h2>Skills</h2><figure>{pictures.skills(profiles)}<figcaption>From the same ledger that pays the reward; 95 % intervals over talks.</figcaption></figure>",
        '<p class="soft">One or two seeds show that it walks. They do not answer whether scaffolds reshape skills: that takes the study.</p>',
    ]
    for name in ("thinking, before", "thinking, after", "direct, after"):
        body.append(transcript_html(results[name][nth]["transcript"], f"A talk: {name}"))
    path = out / "index.html"
    write_whole(path, page("empathy_gym: thinking and direct supporters", "\n".join(body)))
    return path


def _telling(results: dict[str, list[dict[str, Any]]]) -> int:
    """The seeker whose talks after training are nearest to the median of both scaffolds: typical, not the best."""
    after = [results[f"{s}, after"] for s in SCAFFOLDS]
    count = min(len(results["thinking, before"]), *(len(a) for a in after))
    medians = [sorted(t["final_emotion"] for t in a)[len(a) // 2] for a in after]
    return min(
        range(count), key=lambda i: sum(abs(a[i]["final_emotion"] - m) for a, m in zip(after, medians, strict=True))
    )


def _table(results: dict[str, list[dict[str, Any]]]) -> str:
    lines = []
    for name, talks in results.items():
        mean, low, high = mean_interval([t["final_emotion"] for t in talks])
        helped = sum(t["outcome"] == "helped" for t in talks) / len(talks)
        left = sum(t["outcome"] == "left" for t in talks) / len(talks)
        formed = sum(t["well_formed"] for t in talks) / len(talks)
        lines.append(
            f"<tr><td>{html.escape(name)}</td><td class=n>{mean:.1f}</td><td class=n>{low:.1f} to {high:.1f}</td>"
            f"<td class=n>{helped:.0%}</td><td class=n>{left:.0%}</td><td class=n>{formed:.0%}</td><td class=n>{len(talks)}</td></tr>"
        )
    head = "<tr><th>supporter</th><th class=n>final emotion</th><th class=n>95 %</th><th class=n>helped</th><th class=n>left</th><th class=n>format kept</th><th class=n>talks</th></tr>"
    return f"<table>{head}{''.join(lines)}</table>"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=40, help="policy updates of each run")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--episodes", type=int, default=100, help="held-out talks of each supporter")
    parser.add_argument("--out", type=Path, default=Path("demo"))
    parser.add_argument("--fresh", action="store_true", help="begin again although there are checkpoints")
    parser.add_argument("--record", action="store_true", help="append the figures to benchmarks/results/demo.jsonl")
    args = parser.parse_args(argv)
    began = time.perf_counter()
    train(args.out, args.steps, args.seeds, args.fresh)
    results = evaluate(args.out, args.seeds, args.episodes)
    minutes = (time.perf_counter() - began) / 60
    path = write_page(args.out, results, args.seeds, minutes)
    figures = {}
    for name, talks in results.items():
        mean, low, high = mean_interval([t["final_emotion"] for t in talks])
        print(f"{name:18s} {mean:5.1f}  [{low:.1f}, {high:.1f}]")
        figures[name] = {
            "final_emotion": round(mean, 2),
            "interval": [round(low, 2), round(high, 2)],
            "talks": len(talks),
        }
        if name not in SHOWN:
            skills = profile(talks)
            figures[name]["skills"] = {k: [round(x, 2) for x in v] for k, v in skills.items()}
            print("    " + ", ".join(f"{k} {v[0]:.1f}" for k, v in skills.items()))
    if args.record:
        append("demo", {"minutes": round(minutes, 1), "steps": args.steps, "seeds": args.seeds, "figures": figures})
    print(f"{minutes:.1f} minutes; page written to {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
