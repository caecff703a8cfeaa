"""The study's pictures as inline SVG: forest, radar, curves, river."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks import pictures
from benchmarks.pictures import COLOURS, plt

ARM_COLOURS = {**COLOURS, "placebo": "#b0698f", "budget": "#6f9f3f", "null": "#8a8178", "others": "#3f74a8"}
RIVER = ("#7a5ea8", "#a48fc9", "#c2a25a", "#2f7f6f", "#79b3a5", "#b0698f", "#3f74a8", "#b9b2a8")

RIM = 1.2
"""Where a radar ends: one skill far beyond the oracle would squeeze the others into the middle."""


def forest(groups: Mapping[str, Mapping[str, tuple[float, float, float]]], margin: float, label: str, unit: str) -> str:
    """Differences with intervals, a row each: ``{group: {row: (mean, low, high)}}``; the band is the smallest effect of interest."""
    rows = [(group, name, *value) for group, of in groups.items() for name, value in of.items()]
    figure, axes = plt.subplots(figsize=(7, 0.26 * (len(rows) + len(groups)) + 0.8))
    at, ticks, names = 0.0, [], []
    for k, (group, of) in enumerate(groups.items()):
        axes.text(
            -0.01,
            -at,
            group,
            transform=axes.get_yaxis_transform(),
            fontsize=9,
            fontweight="bold",
            va="center",
            ha="right",
        )
        at += 1
        for name, (mean, low, high) in of.items():
            axes.plot([low, high], [-at, -at], color="#55504a", linewidth=1.6)
            axes.plot(mean, -at, "o", color=("#7a5ea8", "#2f7f6f", "#b0698f", "#3f74a8")[k % 4], markersize=5)
            ticks.append(-at)
            names.append(name.replace("_", " "))
            at += 1
    axes.axvspan(-margin, margin, color="#c2a25a", alpha=0.18, linewidth=0)
    axes.axvline(0, color="#8a8178", linewidth=0.8)
    axes.set_yticks(ticks, names)
    axes.set_ylim(-at + 0.4, 0.7)
    axes.set_xlabel(unit)
    return pictures.svg(figure, label)


def radar(profiles: Mapping[str, Mapping[str, float]], label: str) -> str:
    """A line an arm over the skills, ``{arm: {skill: value}}``; the circles are stock comfort (0) and the oracle (1), values beyond :data:`RIM` lie on the rim."""
    figure, axes = plt.subplots(figsize=(5.4, 4.4), subplot_kw={"projection": "polar"})
    skills = list(next(iter(profiles.values())))
    angles = np.linspace(0, 2 * np.pi, len(skills), endpoint=False)
    for name, profile in profiles.items():
        values = [min(profile[s], RIM) for s in skills]
        colour = ARM_COLOURS[name.split(",")[0].split(" ")[0]]
        style = ":" if "before" in name else "-"
        axes.plot([*angles, angles[0]], [*values, values[0]], style, color=colour, label=name, linewidth=1.8)
    axes.set_xticks(angles, [s.replace("_", "\n") for s in skills], fontsize=8)
    low = min(-0.25, *(min(p.values()) for p in profiles.values()))
    axes.set_ylim(low, RIM)
    axes.set_yticks([0, 0.5, 1], ["0", "0.5", "1"], fontsize=7)
    axes.legend(frameon=False, fontsize=8, loc="upper right", bbox_to_anchor=(1.45, 1.1))
    return pictures.svg(figure, label)


def curves(arms: Mapping[str, Sequence[tuple[Sequence[float], Sequence[float]]]], label: str, name: str) -> str:
    """Mean over seeds by update with a 95 % t band, ``{arm: [(x, y) a seed]}``, smoothed over nine updates."""
    from benchmarks.study.inference import t_interval

    figure, axes = plt.subplots(figsize=(7, 3.2))
    for arm, runs in arms.items():
        length = min(len(y) for _, y in runs)
        smooth = np.array([[np.mean(y[max(0, j - 4) : j + 5]) for j in range(length)] for _, y in runs])
        x, colour = list(runs[0][0])[:length], ARM_COLOURS[arm.split(",")[0].split(" ")[0]]
        axes.plot(x, smooth.mean(axis=0), "--" if "," in arm else "-", color=colour, label=arm, linewidth=1.8)
        if len(runs) > 1:
            bands = [t_interval(column) for column in smooth.T]
            axes.fill_between(x, [b.low for b in bands], [b.high for b in bands], color=colour, alpha=0.12, linewidth=0)
    axes.set_xlabel("policy updates")
    axes.set_ylabel(name)
    axes.legend(frameon=False, fontsize=8)
    return pictures.svg(figure, label)


def river(steps: Sequence[float], shares: Mapping[str, Sequence[float]], title: str) -> str:
    """Share of each strategy in the replies over training, stacked."""
    figure, axes = plt.subplots(figsize=(7, 2.8))
    axes.stackplot(
        steps, *shares.values(), labels=[n.replace("_", " ") for n in shares], colors=RIVER[: len(shares)], alpha=0.9
    )
    axes.set_ylim(0, 1)
    axes.set_xlim(steps[0], max(steps[-1], steps[0] + 1))
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_xlabel("policy updates")
    axes.legend(frameon=False, fontsize=7, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return pictures.svg(figure, f"Strategies over training: {title}")
