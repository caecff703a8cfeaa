"""What the controls and the exchanged thoughts say about cause, in words made from their intervals."""

from __future__ import annotations

import numpy as np

from benchmarks.study import measures, rows
from benchmarks.study.analysis import LEVEL, SMALLEST, SMALLEST_FINAL, Result, Rows, arms
from benchmarks.study.blocks import Block, Text
from benchmarks.study.sections import SPOKEN, interval
from empathy_gym.seeker.ledger import SKILLS

CONTROLLED = (
    "placebo minus direct",
    "thinking minus placebo",
    "budget minus direct",
    "thinking minus budget",
    "others' thoughts",
    "null",
)


def scale(found: Rows) -> list[Block]:
    """What the smallest effect is in points of emotion, skill by skill: the oracle leaves little to earn in some."""
    ends = measures.ends(found[rows.ANCHORS], "vanilla")
    sizes = [f"{SPOKEN[name]} {SMALLEST * (ceiling - floor):.3f}" for name, (floor, ceiling) in ends.items()]
    return [
        Text(
            f"The scale is not the same amount of emotion in each skill: {SMALLEST:.2f} is, in points a reply, {', '.join(sizes)}. Where the oracle earns little (it hardly asks), the scale is short and "
            "small differences look large, and its ends are means over the study's seekers, which are few where amounts are small ([before training](#before-training) has them over many more). Where both arms stand at 0, equality is of two zeros and says nothing."
        )
    ]


def probes(found: Rows) -> list[Block]:
    """What the probes come to, in a sentence."""
    looks = [
        row[when]["probe"]
        for by_seed in arms(found).values()
        for row in by_seed.values()
        for when in ("before", "after")
    ]
    explained = [value for look in looks for value in look["emotion"].values()]
    need = [value for look in looks for place, value in look["need"].items() if place != "chance"]
    chance = [look["need"]["chance"] for look in looks]
    if not explained or not need:
        return []
    above = float(np.mean([value > 0 for value in explained]))
    return [
        Text(
            f"**In words**: over all arms, places and seeds the emotion is read better than by the mean in {above:.0%} of probes, and the need is named in {np.mean(need):.1%} of cases where chance is "
            f"{np.mean(chance):.1%}. What these probes cannot read may be there in another form."
        )
    ]


def controls(result: Result) -> list[Block]:
    """Whether there is an effect whose cause the controls could part, and how large differences come without any cause."""
    primary = result["contrasts"].get("primary")
    if primary is None:
        return []
    differing = [SPOKEN[n] for n in SKILLS if primary["skills"][n]["holm"] < LEVEL]
    words = "**What the controls say.** "
    words += (
        f"In the primary contrast the arms differ in {' and '.join(differing)}; the rows of the controls say whether that is the thought, its length or its imitation. "
        if differing
        else "In the primary contrast the arms differ in no skill, so there is no effect on skills whose cause the controls could part. "
    )
    null = result["contrasts"].get("null")
    words += f"In final emotion thinking minus direct is {interval(primary['final']['t'], 1)}"
    if null is not None:
        words += f"; direct with other seeds minus direct (null), where there is nothing to find, is {interval(null['final']['t'], 1)}"
        depth = {name: result["contrasts"][name]["skills"]["empathic_depth"]["t"] for name in ("primary", "null")}
        words += f". In empathic depth it is {interval(depth['primary'], 3)}, and null {interval(depth['null'], 3)}"
        if abs(depth["null"].mean) >= abs(depth["primary"].mean):
            words += ": as large a difference comes without any cause"
    beyond = [
        name
        for name in CONTROLLED
        if (c := result["contrasts"].get(name)) is not None and c["final"]["t"].leaves_zero_out
    ]
    words += f". Of the controls' intervals of final emotion, {_listed(beyond)} out, uncorrected. An interval that holds 0 does not show that two arms are equal: a difference of {SMALLEST_FINAL:.0f} points is excluded where the interval does not reach it."
    return [Text(words)]


def exchanges(result: Result) -> list[Block]:
    """Whether replies depend on the thought's being there, and on what it says."""
    words = []
    for condition in ("swapped", "start", "removed"):
        found = {arm: of[condition]["final"] for arm, of in result["exchanged"].items() if condition in of}
        if not found:
            continue
        beyond = [f"{arm} ({interval(told['t'], 1)})" for arm, told in found.items() if told["t"].leaves_zero_out]
        words.append(f"{condition}: {_listed(beyond)} out, of {len(found)} arms")
    if not words:
        return []
    places = [told for of in result["exchanged"].values() for told in of.values()]
    reaching = {
        name: sum(max(-told[name]["t"].low, told[name]["t"].high) >= SMALLEST for told in places) for name in SKILLS
    }
    wide = [f"{SPOKEN[name]} ({count} of {len(places)} intervals)" for name, count in reaching.items() if count]
    reading = f"The plan's reading of the exchanges: a change by the smallest effect ({SMALLEST:.2f}) or more "
    if wide:
        reading += f"is not excluded in {', '.join(wide)}, and is in the other skills: as far as those show, replies do not use their thoughts."
    else:
        reading += "is excluded in every skill: as far as skills show, replies do not use their thoughts."
    return [
        Text(reading),
        Text(
            f"**In words** (final emotion, uncorrected): {'; '.join(words)}. A removed thought is a format that no training has seen, so what it costs may be that and not the thought's content, which a swap takes away as well."
        ),
    ]


def _listed(names: list[str]) -> str:
    return f"{' and '.join(names)} leave{'s' if len(names) == 1 else ''} 0" if names else "none leaves 0"
