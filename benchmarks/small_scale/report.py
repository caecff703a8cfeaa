"""Figures of a small-scale run: a row for each evaluation, paired gains, the arm chosen by dev seekers, transcripts to read, a picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agents.evaluate import summary
from agents.intervals import mean_interval
from agents.language_model import SCAFFOLDS
from agents.learner.metrics import read_rows
from benchmarks.record import write_whole
from benchmarks.small_scale.wording import wording

SHOWN = 10
"""Transcripts of each policy that are written out for reading."""


def gain(after: Sequence[dict[str, Any]], before: Sequence[dict[str, Any]]) -> list[float]:
    """Mean gain in final emotion and its 95 % interval, paired by seeker."""
    pairs = zip(after, before, strict=True)
    return [round(x, 2) for x in mean_interval([a["final_emotion"] - b["final_emotion"] for a, b in pairs])]


def dev_emotion(folder: Path) -> float | None:
    """By which an arm is chosen: the mean of a run's last two evaluations on dev seekers, that before the first update left out."""
    found = [
        row["dev_emotion"] for row in read_rows(folder / "metrics.jsonl") if row.get("step") and "dev_emotion" in row
    ]
    return round(float(np.mean(found[-2:])), 2) if found else None


def rows(out: Path, agent: str, arms: Sequence[str]) -> list[dict[str, Any]]:
    """One row for each evaluation there is: the model as it comes, after imitation, after each arm."""
    found = []
    for scaffold in SCAFFOLDS:
        raw, warm = (read_rows(out / "eval" / f"{stage}-{scaffold}.jsonl") for stage in ("raw", "warm"))
        dev = {arm: score for arm in arms if (score := dev_emotion(out / f"{scaffold}-{arm}")) is not None}
        best = max(dev, key=lambda arm: dev[arm], default=None)
        for stage, arm, talks in (
            ("raw", None, raw),
            ("warm", None, warm),
            *(("after", arm, read_rows(out / "eval" / f"after-{scaffold}-{arm}.jsonl")) for arm in arms),
        ):
            if not talks:
                continue
            row: dict[str, Any] = {
                "agent": agent,
                "scaffold": scaffold,
                "stage": stage,
                "split": "test",
                "seed": 0,
                "difficulty": "vanilla",
            }
            row |= {**summary(talks), **wording(talks)}
            if stage != "raw" and raw:
                row["gain_over_raw"] = gain(talks, raw)
            if arm is not None:
                metrics = [m for m in read_rows(out / f"{scaffold}-{arm}" / "metrics.jsonl") if "emotion" in m]
                row |= {"arm": arm, "updates": len(metrics), "chosen": arm == best, "dev_emotion": dev.get(arm)}
                row["training_seconds"] = round(metrics[-1]["seconds"]) if metrics else 0
                row["gain_over_warm"] = gain(talks, warm) if warm else None
            found.append(row)
    return found


def lines(found: Sequence[dict[str, Any]]) -> list[str]:
    """The rows as text."""
    written = []
    for row in found:
        low, high = row["interval"]
        name = f"{row['scaffold']}, {row['stage']}" + (f" ({row['arm']})" if "arm" in row else "")
        text = f"{name:24s} {row['final_emotion']:6.2f} [{low:.2f}, {high:.2f}]"
        if row.get("gain_over_warm"):
            text += "  over warm {:+.2f} [{:.2f}, {:.2f}]".format(*row["gain_over_warm"])
            text += f" in {row['updates']} updates" + (", chosen by dev seekers" if row["chosen"] else "")
        elif "gain_over_raw" in row:
            text += "  over raw {:+.2f} [{:.2f}, {:.2f}]".format(*row["gain_over_raw"])
        written.append(text)
        written.append(
            f"    format {row['well_formed']:.0%}, {row['reply_words']:.0f} words a reply, {row['unfinished']:.0%} unfinished; understood "
            f"{row['understood']:.1f} a talk, of them with one thing made up {row['made_up']:.0%}, with two {row['made_up_twice']:.0%}"
        )
        written.append("    " + ", ".join(f"{skill} {points:.1f}" for skill, points in row["skills"].items()))
    return written


def write_transcripts(out: Path, found: Sequence[dict[str, Any]]) -> list[Path]:
    """Ten talks of each policy, unless an arm was not chosen, as text: what was said, and under each reply its ledger."""
    written = []
    for row in found:
        if not row.get("chosen", True):
            continue
        name = f"{row['stage']}-{row['scaffold']}" + (f"-{row['arm']}" if "arm" in row else "")
        path = out / f"transcripts-{name}.txt"
        talks = read_rows(out / "eval" / f"{name}.jsonl")[:SHOWN]
        write_whole(path, "\n\n".join(map(talk_text, talks)) + "\n")
        written.append(path)
    return written


def talk_text(talk: dict[str, Any]) -> str:
    """One talk to read."""
    transcript = talk["transcript"]
    text = [f"# {talk['scenario']}: {talk['emotions'][0]:.0f} to {talk['final_emotion']:.0f}, {talk['outcome']}"]
    text.append(f"seeker: {transcript['opening']}")
    for turn in transcript["turns"]:
        text.append(f"supporter: {turn['reply']}")
        for line in turn["ledger"]:
            about = "" if line["span"] is None else " | " + turn["heard"][slice(*line["span"])]
            text.append(f"    {line['cause']} {line['amount'] / 1000:+.1f}{about}")
        text.append(f"seeker: {turn['line']}")
    return "\n".join(text)


def picture(out: Path, arms: Sequence[str]) -> str:
    """Emotion by training seconds, and beside it the share of replies that the limit of tokens cut off."""
    from benchmarks import pictures  # matplotlib is wanted here alone

    figure, (left, right) = pictures.plt.subplots(1, 2, figsize=(9, 3.4))
    for scaffold in SCAFFOLDS:
        for arm, style in zip(arms, ("-", "--", "-.", ":"), strict=False):
            metrics = read_rows(out / f"{scaffold}-{arm}" / "metrics.jsonl")
            own = [m for m in metrics if "emotion" in m]
            dev = [m for m in metrics if "dev_emotion" in m]
            look = {"color": pictures.COLOURS[scaffold], "linestyle": style, "linewidth": 1.6}
            seconds = [m["seconds"] for m in own]
            left.plot(seconds, [m["emotion"] for m in own], label=f"{scaffold}, {arm}", **look)
            # An evaluation before an update is written with that update's clock.
            left.plot(
                [m["seconds"] for m in dev], [m["dev_emotion"] for m in dev], "o", color=look["color"], markersize=4
            )
            right.plot(seconds, [m["truncated"] for m in own], **look)
    left.set_ylabel("final emotion")
    left.set_ylim(0, 100)
    left.legend(frameon=False, fontsize=8)
    right.set_ylabel("replies cut off, share")
    right.set_ylim(0, 1)
    for axes in (left, right):
        axes.set_xlabel("seconds of training")
    figure.tight_layout()
    return pictures.svg(
        figure, "Final emotion and replies cut off by seconds of training, both scaffolds and arms; dots: dev seekers"
    )


def write_report(out: Path, agent: str, arms: Sequence[str]) -> list[dict[str, Any]]:
    """Write ``report.json``, ``curve.svg`` and the transcripts; the rows."""
    found = rows(out, agent, arms)
    write_whole(out / "report.json", json.dumps(found, indent=1) + "\n")
    write_whole(out / "curve.svg", picture(out, arms) + "\n")
    write_transcripts(out, found)
    return found
