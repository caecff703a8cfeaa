"""Pictures as inline SVG, made with matplotlib, for pages that stand alone."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update(
    {"svg.hashsalt": "empathy_gym", "font.size": 10, "axes.spines.top": False, "axes.spines.right": False}
)
import matplotlib.pyplot as plt  # noqa: E402  (the backend is chosen first)

COLOURS = {"thinking": "#7a5ea8", "direct": "#2f7f6f", "scripted": "#8a8178", "before": "#c2a25a"}


def svg(figure: Any, label: str) -> str:
    """A figure as an SVG element with a label for readers who do not see it; the figure is closed."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
    text = buffer.getvalue()
    return text[text.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{label}"', 1)


def learning_curves(
    curves: Mapping[str, Sequence[tuple[Sequence[float], Sequence[float]]]],
    dev: Mapping[str, Sequence[tuple[Sequence[float], Sequence[float]]]],
) -> str:
    """Mean emotion at the end of training talks by update, and on dev seekers (dots), a line a seed."""
    figure, axes = plt.subplots(figsize=(7, 3.2))
    for name, runs in curves.items():
        for i, (x, y) in enumerate(runs):
            smooth = [sum(y[max(0, j - 4) : j + 5]) / len(y[max(0, j - 4) : j + 5]) for j in range(len(y))]
            axes.plot(x, smooth, color=COLOURS[name], label=name if i == 0 else None, linewidth=1.8)
        for x, y in dev.get(name, ()):
            axes.plot(x, y, "o", color=COLOURS[name], markersize=5, alpha=0.8)
    axes.set_xlabel("policy updates")
    axes.set_ylabel("final emotion")
    axes.set_ylim(0, 100)
    axes.legend(frameon=False)
    return svg(figure, "Learning curves: final emotion by policy update for both scaffolds")


def bars(rows: Sequence[tuple[str, float, float, float, str]]) -> str:
    """Horizontal bars with 95 % intervals: ``(name, mean, low, high, colour name)``."""
    figure, axes = plt.subplots(figsize=(7, 0.38 * len(rows) + 0.8))
    for i, (_, mean, low, high, colour) in enumerate(reversed(rows)):
        axes.barh(i, mean, color=COLOURS[colour], alpha=0.85)
        axes.plot([low, high], [i, i], color="#333333", linewidth=1.6)
        axes.text(min(high + 1.5, 94), i, f"{mean:.1f}", va="center", fontsize=9)
    axes.set_yticks(range(len(rows)), [r[0] for r in reversed(rows)])
    axes.set_xlim(0, 100)
    axes.set_xlabel("final emotion on held-out stories, 95 % interval over talks")
    return svg(figure, "Final emotion of every supporter with intervals")


def skills(profiles: Mapping[str, Mapping[str, tuple[float, float, float]]]) -> str:
    """Grouped bars: points that each skill earned an episode, ``{agent: {skill: (mean, low, high)}}``."""
    figure, axes = plt.subplots(figsize=(7, 3.4))
    names = list(next(iter(profiles.values())))
    width = 0.8 / len(profiles)
    for k, (agent, profile) in enumerate(profiles.items()):
        colour = COLOURS["thinking" if "thinking" in agent else "direct"]
        for j, name in enumerate(names):
            mean, low, high = profile[name]
            at = j + (k - (len(profiles) - 1) / 2) * width
            axes.bar(
                at,
                mean,
                width * 0.92,
                color=colour,
                alpha=0.4 if "before" in agent else 0.95,
                label=agent if j == 0 else None,
            )
            axes.plot([at, at], [low, high], color="#333333", linewidth=1.2)
    axes.set_xticks(range(len(names)), [n.replace("_", "\n") for n in names])
    axes.set_ylabel("points an episode")
    axes.legend(frameon=False, fontsize=9)
    return svg(figure, "The five skills of each scaffold side by side")


def costs(curves: Mapping[str, Sequence[Mapping[str, float]]]) -> str:
    """Seconds of rollout and update against each axis, ``{axis: [{"x", "rollout_seconds", "update_seconds"}]}``, with what would be proportional."""
    figure, row = plt.subplots(1, len(curves), figsize=(3.2 * len(curves), 3), squeeze=False)
    for axes, (axis, points) in zip(row[0], curves.items(), strict=True):
        x = [p["x"] for p in points]
        for part, colour in (("rollout", COLOURS["thinking"]), ("update", COLOURS["direct"])):
            y = [p[f"{part}_seconds"] for p in points]
            axes.plot(x, y, "o-", color=colour, label=part, linewidth=1.8)
            axes.plot(x, [y[-1] * a / x[-1] for a in x], ":", color=colour, linewidth=1)
        axes.set_xscale("log", base=2)
        axes.set_yscale("log", base=2)
        axes.set_xticks(x, [f"{a:g}" for a in x])
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.3g}")
        axes.set_xlabel(axis)
    row[0][0].set_ylabel("seconds")
    row[0][0].legend(frameon=False)
    figure.tight_layout()
    return svg(figure, "Seconds of rollout and update by dialogues, turns and reply tokens; dotted: in proportion")
