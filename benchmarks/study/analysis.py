"""What the cells say: contrasts between arms over pairs of seeds, as ``PLAN.md`` declared them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from benchmarks.study import measures, rows
from benchmarks.study.inference import (
    clustered,
    equivalent,
    holm,
    improvement,
    sign_flip,
    studentised,
    t_interval,
)
from benchmarks.study.sweep import ARMS
from empathy_gym.seeker import bank
from empathy_gym.seeker.ledger import SKILLS

SMALLEST = 0.10
"""Smallest effect of interest, in the primary measure: a tenth of the way from stock comfort to the oracle."""

SMALLEST_FINAL = 5.0
"""The same of the final emotion, in points: what one clearly better reply is worth."""

LEVEL = 0.05

DEALT = 6
"""Seeds an arm from which its runs are dealt anew: sign flips over fewer pairs than six cannot reach p < 0.05, so that there could be no false alarm."""

PREDICTED = {"empathic_depth": 1, "core_insight": 1, "solution_crafting": -1}
"""RLVER's claim (arXiv 2507.03112): thinking grows in empathy and insight, direct in action."""

Rows = Mapping[str, Mapping[str, Any]]
Result = Mapping[str, Any]
"""What :func:`analysis` returns."""

Take = Callable[[Mapping[str, Any]], Mapping[str, float]]
"""From a row to numbers by name."""


class Contrast(NamedTuple):
    """One arm minus another.

    Attributes:
        name: of the contrast.
        ours: the one arm.
        theirs: the other.
        says: what a difference would mean.
        when: ``after``, ``before`` or ``growth`` (after minus before).
        other: whether both are taken on the difficulty that they were not trained on.
    """

    name: str
    ours: str
    theirs: str
    says: str
    when: str = "after"
    other: bool = False


_T, _D = "thinking-grpo-vanilla-none", "direct-grpo-vanilla-none"
CONTRASTS = (
    Contrast("primary", _T, _D, "the scaffold reshapes what is learnt"),
    Contrast("before", _T, _D, "the arms were unequal before training", "before"),
    Contrast("growth", _T, _D, "the scaffold reshapes growth", "growth"),
    Contrast("transfer", _T, _D, "the difference holds with harder seekers", "after", True),
    Contrast("ppo", "thinking-ppo-vanilla-none", "direct-ppo-vanilla-none", "the difference holds under PPO"),
    Contrast("challenging", "thinking-grpo-challenging-none", "direct-grpo-challenging-none", "the difference holds when trained on harder seekers"),
    Contrast("placebo minus direct", "thinking-grpo-vanilla-placebo", _D, "a pause of equal length does it"),
    Contrast("thinking minus placebo", _T, "thinking-grpo-vanilla-placebo", "the thought's content does it"),
    Contrast("budget minus direct", "direct-grpo-vanilla-budget", _D, "more training tokens do it"),
    Contrast("thinking minus budget", _T, "direct-grpo-vanilla-budget", "thinking gives more than its tokens"),
    Contrast("others' thoughts", "thinking-grpo-vanilla-others", "direct-grpo-vanilla-others", "the difference is there without informative thoughts to imitate"),
    Contrast("null", "direct-grpo-vanilla-null", _D, "nothing: both arms are direct"),
)  # fmt: skip


def arms(found: Rows) -> dict[str, dict[int, Mapping[str, Any]]]:
    """Rows by arm and seed, in the plan's order, whatever that of the file."""
    own = [row for name, row in found.items() if name != rows.ANCHORS]
    by_arm: dict[str, dict[int, Mapping[str, Any]]] = {}
    for arm in map("-".join, ARMS):
        by_seed = {row["seed"]: row for row in own if rows.cell_of(row).arm == arm}
        if by_seed:
            by_arm[arm] = dict(sorted(by_seed.items()))
    return by_arm


def profile_of(anchors: Mapping[str, Any], when: str, other: bool = False) -> Take:
    """The primary measure of a row; see :func:`benchmarks.study.measures.normalised`."""

    def take(row: Mapping[str, Any]) -> dict[str, float]:
        difficulty = rows.cell_of(row).other_difficulty if other else row["difficulty"]
        if when == "growth":
            after, before = (measures.normalised(row[w][difficulty], anchors, difficulty) for w in ("after", "before"))
            return {name: after[name] - before[name] for name in SKILLS}
        return measures.normalised(row[when][difficulty], anchors, difficulty)

    return take


def outcome_of(when: str, other: bool = False) -> Take:
    """Final emotion and kin of a row."""

    def take(row: Mapping[str, Any]) -> dict[str, float]:
        difficulty = rows.cell_of(row).other_difficulty if other else row["difficulty"]
        if when == "growth":
            after, before = (measures.outcomes(row[w][difficulty]) for w in ("after", "before"))
            return {name: after[name] - before[name] for name in after}
        return measures.outcomes(row[when][difficulty])

    return take


def paired(
    ours: Mapping[int, Mapping[str, Any]], theirs: Mapping[int, Mapping[str, Any]], take: Take
) -> dict[str, tuple[list[float], list[float]]]:
    """Values of both arms by name, over the seeds that both have."""
    seeds = sorted(set(ours) & set(theirs))
    a, b = [take(ours[s]) for s in seeds], [take(theirs[s]) for s in seeds]
    names = list(a[0]) if a else []
    return {name: ([x[name] for x in a], [x[name] for x in b]) for name in names if name in b[0]}


def compared(ours: Sequence[float], theirs: Sequence[float], margin: float) -> dict[str, Any]:
    """All that is said about one difference."""
    rng = np.random.default_rng(0)
    d = np.array(ours) - np.array(theirs)
    return {
        "seeds": len(d),
        "means": (float(np.mean(ours)), float(np.mean(theirs))),
        "sides": (t_interval(ours), t_interval(theirs)),
        "differences": [round(float(x), 4) for x in d],
        "t": t_interval(d),
        "studentised": studentised(d, rng),
        "p": sign_flip(d, rng),
        "equivalent": equivalent(d, margin),
        "improvement": improvement(ours, theirs, rng),
    }


def contrasted(found: Rows, contrast: Contrast) -> dict[str, Any] | None:
    """A contrast's five skills, corrected, and its final emotion; None with fewer than two pairs."""
    by_arm, anchors = arms(found), found.get(rows.ANCHORS)
    ours, theirs = by_arm.get(contrast.ours, {}), by_arm.get(contrast.theirs, {})
    if anchors is None or len(set(ours) & set(theirs)) < 2:
        return None
    pairs = paired(ours, theirs, profile_of(anchors, contrast.when, contrast.other))
    skills = {name: compared(*pairs[name], SMALLEST) for name in SKILLS}
    for name, p in holm({name: skills[name]["p"] for name in SKILLS}).items():
        skills[name]["holm"] = p
    ends = paired(ours, theirs, outcome_of(contrast.when, contrast.other))
    final = compared(*ends["final"], SMALLEST_FINAL)
    if contrast.when != "growth":
        final["clustered"] = _over_stories(ours, theirs, anchors["seekers"], contrast)
    return {"contrast": contrast._asdict(), "skills": skills, "final": final}


def _over_stories(
    ours: Mapping[int, Any], theirs: Mapping[int, Any], seekers: Sequence[str], contrast: Contrast
) -> Any:
    """Interval of the final emotion's difference over seeds and stories both."""
    differences = []
    for seed in sorted(set(ours) & set(theirs)):
        row = ours[seed]
        difficulty = rows.cell_of(row).other_difficulty if contrast.other else row["difficulty"]
        a, b = (np.array(r[contrast.when][difficulty]["final"]) / 10 for r in (row, theirs[seed]))
        differences.append(a - b)
    stories = [bank.scenario(seeker).story.id for seeker in seekers]
    return clustered(np.array(differences), stories, np.random.default_rng(0))


def exchanged(found: Rows, arm: str) -> dict[str, dict[str, Any]]:
    """Of a thinking arm: what each way to exchange its thoughts does, against its own thoughts sampled in the same two steps."""
    by_arm, anchors = arms(found), found.get(rows.ANCHORS)
    own = [row for _, row in sorted(by_arm.get(arm, {}).items()) if row["thoughts"]]
    if anchors is None or len(own) < 2:
        return {}
    result: dict[str, dict[str, Any]] = {}
    for condition in own[0]["thoughts"]:
        if condition == "own":
            continue
        values: dict[str, tuple[list[float], list[float]]] = {}
        for row in own:
            looks = [row["thoughts"][c] for c in (condition, "own")]
            both = [
                {**measures.normalised(look, anchors, row["difficulty"]), "final": measures.outcomes(look)["final"]}
                for look in looks
            ]
            for name in (*SKILLS, "final"):
                a, b = values.setdefault(name, ([], []))
                a.append(both[0][name])
                b.append(both[1][name])
        told = {name: compared(*pair, SMALLEST_FINAL if name == "final" else SMALLEST) for name, pair in values.items()}
        for name, p in holm({name: told[name]["p"] for name in SKILLS}).items():
            told[name]["holm"] = p
        result[condition] = told
    return result


def relabelled(found: Rows, draws: int = 2_000) -> dict[str, float] | None:
    """Runs of the direct arm and of the null arm dealt into two arms at random: how often a skill, or any after Holm, differs.

    None unless both arms have :data:`DEALT` seeds at least.
    """
    by_arm, anchors = arms(found), found.get(rows.ANCHORS)
    both = [list(by_arm.get(arm, {}).values()) for arm in (_D, "direct-grpo-vanilla-null")]
    if anchors is None or min(map(len, both)) < DEALT:
        return None
    every = both[0] + both[1]
    take, rng = profile_of(anchors, "after"), np.random.default_rng(0)
    values = np.array([[take(row)[name] for name in SKILLS] for row in every])  # (runs, skills)
    half, single, family = len(every) // 2, 0, 0
    for _ in range(draws):
        order = rng.permutation(len(every))
        d = values[order[:half]] - values[order[half : 2 * half]]
        p = {name: sign_flip(d[:, k], rng) for k, name in enumerate(SKILLS)}
        single += sum(value < LEVEL for value in p.values())
        family += min(holm(p).values()) < LEVEL
    return {"a skill": single / draws / len(SKILLS), "any of five, corrected": family / draws}


def differs(told: Mapping[str, Any], sign: int | None = None) -> bool:
    """Whether a skill's difference has that sign (None: either), a corrected p below 0.05 and at least the smallest effect."""
    size = abs(told["t"].mean) if sign is None else sign * told["t"].mean
    return bool(told["holm"] < LEVEL and size >= SMALLEST)


def verdict(primary: Mapping[str, Any] | None) -> str:
    """The plan's reading of the primary contrast: ``supported``, ``supported in part``, ``refuted`` or ``no answer``."""
    if primary is None:
        return "no answer"
    skills = primary["skills"]
    empathy = any(differs(skills[name], 1) for name in ("empathic_depth", "core_insight"))
    action = differs(skills["solution_crafting"], -1)
    if empathy and action:
        return "supported"
    if empathy or action:
        return "supported in part"
    against = [skills[n]["equivalent"] < LEVEL or differs(skills[n], -sign) for n, sign in PREDICTED.items()]
    return "refuted" if all(against) else "no answer"


def analysis(found: Rows) -> dict[str, Any]:
    """Everything: contrasts by name, exchanged thoughts by arm, the null arm dealt anew, the verdict, and how many seeds each arm has."""
    contrasts = {c.name: contrasted(found, c) for c in CONTRASTS}
    return {
        "seeds": {arm: len(by_seed) for arm, by_seed in arms(found).items()},
        "contrasts": contrasts,
        "exchanged": {arm: exchanged(found, arm) for arm in (_T, "thinking-ppo-vanilla-none", "thinking-grpo-challenging-none")},
        "relabelled": relabelled(found),
        "verdict": verdict(contrasts["primary"]),
    }  # fmt: skip


def text(result: Mapping[str, Any]) -> str:
    """For a terminal."""
    lines = [f"primary contrast: {result['verdict']}", ""]
    for name, contrast in result["contrasts"].items():
        if contrast is None:
            lines.append(f"{name}: not run yet")
            continue
        lines.append(f"{name}, {contrast['final']['seeds']} pairs: final emotion {_said(contrast['final'])}")
        lines += [f"    {skill:20s} {_said(told)}" for skill, told in contrast["skills"].items()]
    for arm, conditions in result["exchanged"].items():
        for condition, told in conditions.items():
            lines.append(f"{arm}, thought {condition}: final emotion {_said(told['final'])}")
            lines += [f"    {skill:20s} {_said(told[skill])}" for skill in SKILLS]
    lines.append(f"null arm dealt anew: {result['relabelled']}")
    return "\n".join(lines)


def _said(told: Mapping[str, Any]) -> str:
    corrected = f", corrected {told['holm']:.3f}" if "holm" in told else ""
    t = told["t"]
    return f"{t.mean:+.3f} [{t.low:+.3f}, {t.high:+.3f}], p {told['p']:.3f}{corrected}, equivalent {told['equivalent']:.3f}"
