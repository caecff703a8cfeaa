"""A small-scale run to read: its rows as text, transcripts, a picture."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.language_model import SCAFFOLDS
from agents.learner.metrics import read_rows
from benchmarks.record import write_whole
from benchmarks.small_scale.rows import ANCHORS, rows
from benchmarks.small_scale.steps import Settings, run_name

SHOWN = 10
"""Transcripts of each policy that are written out for reading."""


def lines(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """The rows as text."""
    written = []
    for row in found:
        if row["agent"] == ANCHORS:
            continue
        name = f"{row['scaffold']}, {row['stage']}" + (f" ({row['arm']}, seed {row['seed']})" if "arm" in row else "")
        if row["stage"] == "raw":
            written += [f"{name}: {_emotion(row)}", *_said(row)]
            continue
        dev = "" if row["dev_emotion"] is None else f", on dev seekers {row['dev_emotion']}"
        chosen = ", arm chosen by dev seekers" if row["chosen"] else ""
        written.append(f"{name}: {row['updates']} updates in {row['training_seconds']} s{dev}{chosen}")
        written += [f"  before {_emotion(row['before'])}", *_said(row["before"])]
        written.append(
            f"  after {_emotion(row['after'])}, paired gain " + "{:+.2f} [{:.2f}, {:.2f}]".format(*row["gain"])
        )
        written += _said(row["after"])
    return written


def _emotion(figures: Mapping[str, Any]) -> str:
    low, high = figures["interval"]
    return f"{figures['final_emotion']:.2f} [{low:.2f}, {high:.2f}]"


def _said(figures: Mapping[str, Any]) -> list[str]:
    fitting = f"; claims a talk {figures['claims']:.1f}" if "claims" in figures else ""
    fitting += f", that fit {figures['claims_fit']:.0%}" if figures.get("claims_fit") is not None else ""
    return [
        f"    format {figures['well_formed']:.0%}, {figures['reply_words']:.0f} words a reply, {figures['unfinished']:.0%} unfinished; understood "
        f"{figures['understood']:.1f} a talk, of them with one thing made up {figures['made_up']:.0%}, with two {figures['made_up_twice']:.0%}{fitting}",
        "    points a talk: " + ", ".join(f"{skill} {points:.1f}" for skill, points in figures["skills"].items()),
        "    stock comfort 0 to oracle 1: "
        + ", ".join(f"{s} {v:.2f}" for s, v in (figures["normalised"] or {}).items()),
    ]


def write_transcripts(settings: Settings, found: Sequence[Mapping[str, Any]]) -> list[Path]:
    """Ten talks of each policy of the first seed, unless an arm was not chosen, as text: what was said, and under each reply its ledger."""
    names = []
    for row in found:
        if row["agent"] == ANCHORS or row["seed"] != settings.seeds[0] or not row.get("chosen", True):
            continue
        scaffold, seed = row["scaffold"], row["seed"]
        if row["stage"] == "raw":
            names.append(f"raw-{scaffold}")
        else:
            names += [f"warm-{scaffold}-{seed}", f"after-{run_name(scaffold, row['arm'], seed)}"]
    written = []
    for name in names:
        talks = read_rows(settings.out / "eval" / f"{name}.jsonl")[:SHOWN]
        written.append(settings.out / f"transcripts-{name}.txt")
        write_whole(written[-1], "\n\n".join(map(talk_text, talks)) + "\n")
    return written


def talk_text(talk: Mapping[str, Any]) -> str:
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


def picture(settings: Settings) -> str:
    """Emotion by training seconds, a line for each seed, and beside it the share of replies that the limit of tokens cut off."""
    from benchmarks import pictures  # matplotlib is wanted here alone

    figure, (left, right) = pictures.plt.subplots(1, 2, figsize=(9, 3.4))
    for scaffold in SCAFFOLDS:
        for arm, style in zip(settings.arms, ("-", "--", "-.", ":"), strict=False):
            for seed in settings.seeds:
                metrics = read_rows(settings.out / run_name(scaffold, arm, seed) / "metrics.jsonl")
                own = [m for m in metrics if "emotion" in m]
                dev = [m for m in metrics if "dev_emotion" in m]
                look = {"color": pictures.COLOURS[scaffold], "linestyle": style, "linewidth": 1.6}
                seconds, label = (
                    [m["seconds"] for m in own],
                    f"{scaffold}, {arm}" if seed == settings.seeds[0] else None,
                )
                left.plot(seconds, [m["emotion"] for m in own], label=label, **look)
                # An evaluation before an update is written with that update's clock.
                dots = [m["seconds"] for m in dev], [m["dev_emotion"] for m in dev]
                left.plot(*dots, "o", color=look["color"], markersize=4)
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


def write_report(settings: Settings) -> list[dict[str, Any]]:
    """Write ``report.json``, ``curve.svg`` and the transcripts; the rows."""
    found = rows(settings)
    write_whole(settings.out / "report.json", json.dumps(found, indent=1) + "\n")
    write_transcripts(settings, found)
    write_whole(settings.out / "curve.svg", picture(settings) + "\n")
    return found
