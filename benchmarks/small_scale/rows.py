"""Rows of a small-scale run: the model as it comes, and each scaffold, arm and seed before and after training, measured as the study measures its cells."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agents.evaluate import summary
from agents.intervals import mean_interval
from agents.language_model import SCAFFOLDS
from agents.learner.metrics import read_rows
from benchmarks.record import write_whole
from benchmarks.small_scale.meet import DIFFICULTY, TURNS
from benchmarks.small_scale.steps import Settings, run_name
from benchmarks.small_scale.wording import wording
from benchmarks.study import measures
from benchmarks.study.anchors import CEILING, FLOOR, talks_of
from benchmarks.study.measure import booked

ANCHORS = "anchors"
"""Name, as an agent, of the row with the scripted supporters that skills are measured between."""

Talks = Sequence[Mapping[str, Any]]


def columns(talks: Talks) -> dict[str, Any]:
    """By seeker: final emotion in tenths of a point, outcome, turns, skills in hundredths."""
    return booked([talk["transcript"] for talk in talks])


def anchors(out: Path, seekers: int) -> dict[str, Any]:
    """The scripted supporters' row, on the same seekers; played once and kept in the run's folder."""
    path = out / "anchors.json"
    if not path.exists():
        talks = {name: talks_of(name, seekers, DIFFICULTY, TURNS) for name in (FLOOR, CEILING)}
        found = {
            "agent": ANCHORS, "split": "test", "difficulty": DIFFICULTY, "episodes": seekers,
            "supporters": {name: {DIFFICULTY: columns(own)} for name, own in talks.items()},
            "seekers": [talk["scenario"] for talk in talks[FLOOR]],
        }  # fmt: skip
        write_whole(path, json.dumps(found) + "\n")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def figures(talks: list[dict[str, Any]], between: Mapping[str, Any]) -> dict[str, Any]:
    """All that a row says of one evaluation.

    Args:
        talks: as :func:`benchmarks.small_scale.meet.meet` returns them.
        between: the scripted supporters' row.

    Returns:
        What :func:`agents.evaluate.summary` and :func:`~benchmarks.small_scale.wording.wording` say; ``skills_a_reply`` in points; ``normalised``, those
        with stock comfort at 0 and the oracle at 1, or None where these seekers are too few to part the two; ``claims``, particular
        things said about the person, a talk, and ``claims_fit``, the share of them that fit their story, where the seeker counts them; and ``columns``.
    """
    own = columns(talks)
    found = {**summary(talks), **wording(talks)}
    found["skills_a_reply"] = {name: round(value, 4) for name, value in measures.per_turn(own).items()}
    try:
        found["normalised"] = {n: round(v, 4) for n, v in measures.normalised(own, between, DIFFICULTY).items()}
    except ValueError:
        found["normalised"] = None
    counted = [talk["claims"] for talk in talks if "claims" in talk]
    if counted:
        made, fitted = (sum(pair[k] for pair in counted) for k in (0, 1))
        found |= {"claims": round(made / len(counted), 2), "claims_fit": round(fitted / made, 3) if made else None}
    return {**found, "columns": own}


def gain(after: Talks, before: Talks) -> list[float]:
    """Mean gain in final emotion and its 95 % interval, paired by seeker."""
    pairs = zip(after, before, strict=True)
    return [round(x, 2) for x in mean_interval([a["final_emotion"] - b["final_emotion"] for a, b in pairs])]


def dev_emotion(folder: Path) -> float | None:
    """By which an arm is chosen: the mean of a run's last two evaluations on dev seekers, that before the first update left out."""
    found = [
        row["dev_emotion"] for row in read_rows(folder / "metrics.jsonl") if row.get("step") and "dev_emotion" in row
    ]
    return round(float(np.mean(found[-2:])), 2) if found else None


def best_arm(settings: Settings, scaffold: str) -> str | None:
    """The arm with the highest dev emotion, mean over seeds."""
    means = {}
    for arm in settings.arms:
        found = [dev_emotion(settings.out / run_name(scaffold, arm, seed)) for seed in settings.seeds]
        scores = [score for score in found if score is not None]
        if scores:
            means[arm] = float(np.mean(scores))
    return max(means, key=lambda arm: means[arm], default=None)


def rows(settings: Settings) -> list[dict[str, Any]]:
    """The anchors, each scaffold's model as it comes, and one row for each scaffold, arm and seed that has been evaluated before and after."""
    between = anchors(settings.out, settings.episodes)
    found: list[dict[str, Any]] = [between]
    for scaffold in SCAFFOLDS:
        shared = {
            "agent": settings.model.name, "scaffold": scaffold, "split": "test", "difficulty": DIFFICULTY, "max_new": settings.max_new(scaffold),
            "dtype": settings.dtype,
        }  # fmt: skip
        raw = read_rows(settings.out / "eval" / f"raw-{scaffold}.jsonl")
        if raw:
            found.append({**shared, "stage": "raw", "seed": settings.seeds[0], **figures(raw, between)})
        best = best_arm(settings, scaffold)
        for arm in settings.arms:
            for seed in settings.seeds:
                trained = _trained(settings, scaffold, arm, seed, between)
                if trained is not None:
                    found.append({**shared, "stage": "trained", "chosen": arm == best, **trained})
    return found


def _trained(
    settings: Settings, scaffold: str, arm: str, seed: int, between: Mapping[str, Any]
) -> dict[str, Any] | None:
    name = run_name(scaffold, arm, seed)
    before = read_rows(settings.out / "eval" / f"warm-{scaffold}-{seed}.jsonl")
    after = read_rows(settings.out / "eval" / f"after-{name}.jsonl")
    if not (before and after):
        return None
    trained = json.loads((settings.out / name / "trained.json").read_text(encoding="utf-8"))
    metrics = [m for m in read_rows(settings.out / name / "metrics.jsonl") if "emotion" in m]
    return {
        "arm": arm, "seed": seed, "episodes": settings.episodes, **trained,
        "warm_steps": settings.warm_steps, "warm_rate": settings.warm_rate, "warm_talks": settings.warm_talks.stem,
        "dialogues": settings.groups * settings.side, "training_seconds": round(metrics[-1]["seconds"]) if metrics else 0,
        "dev_emotion": dev_emotion(settings.out / name), "before": figures(before, between), "after": figures(after, between),
        "gain": gain(after, before),
    }  # fmt: skip
