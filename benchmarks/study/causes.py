"""What the controls and the exchanged thoughts say about cause, in words made from their intervals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.study import measures, rows
from benchmarks.study.analysis import LEVEL, SMALLEST, SMALLEST_FINAL, Result, Rows, arms, differs
from benchmarks.study.blocks import Block, Table, Text
from benchmarks.study.sections import SPOKEN, interval, listed
from empathy_gym.seeker.ledger import SKILLS

CONTROLLED = (
    "placebo minus direct",
    "thinking minus placebo",
    "budget minus direct",
    "thinking minus budget",
    "others' thoughts",
    "null",
)


def scale(found: Rows, result: Result) -> list[Block]:
    """How long each skill's scale is and how surely that is known, and where it cannot be read."""
    anchors = found[rows.ANCHORS]
    ends = measures.ends(anchors, "vanilla")
    lengths = measures.lengths(anchors, "vanilla")
    scripted = measures.normalised(anchors["supporters"]["competent"]["vanilla"], anchors, "vanilla")
    lines = [
        [
            SPOKEN[name], f"{floor:.3f}", f"{ceiling:.3f}", f"{SMALLEST * (ceiling - floor):.3f}",
            f"[{SMALLEST * lengths[name][0]:.3f}, {SMALLEST * lengths[name][1]:.3f}]", f"{scripted[name]:.2f}",
        ]
        for name, (floor, ceiling) in ends.items()
    ]  # fmt: skip
    words = (
        f"The scale is not the same amount of emotion in each skill, because the oracle leaves little to earn in some. In points a reply, over the study's seekers; the interval of what {SMALLEST:.2f} is comes from drawing their talks anew. "
        "Where both arms stand at 0, equality is of two zeros and says nothing."
    )
    return [Text(words), Table(["skill", "stock comfort (0)", "oracle (1)", f"{SMALLEST:.2f} is", "95 %", "competent (scripted)"], lines), *_above(result, scripted)]  # fmt: skip


def _above(result: Result, scripted: Mapping[str, float]) -> list[Block]:
    """The skills in which arms and the scripted supporter stand above the oracle, whose differences cannot be read on its scale."""
    primary = result["contrasts"].get("primary")
    if primary is None:
        return []
    above = [n for n in SKILLS if scripted[n] > 1 and min(primary["skills"][n]["means"]) > 1]
    return [
        Text(
            f"**{SPOKEN[n].capitalize()} cannot be read on this scale.** Thinking stands at {primary['skills'][n]['means'][0]:.2f} after training, direct at {primary['skills'][n]['means'][1]:.2f} and the scripted competent supporter at {scripted[n]:.2f}: "
            "the oracle, which takes the shortest way, earns next to nothing here, so that 1 is no mark of skill and a small difference looks large."
        )
        for n in above
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
    """What the plan's rules say of the cause of each difference, and how large differences come without any cause."""
    primary = result["contrasts"].get("primary")
    if primary is None:
        return []
    differing = [n for n in SKILLS if differs(primary["skills"][n])]
    equal = [SPOKEN[n] for n in SKILLS if primary["skills"][n]["equivalent"] < LEVEL]
    still = [SPOKEN[n] for n in SKILLS if n not in differing and SPOKEN[n] not in equal]
    words = "**What the controls say.** "
    if differing:
        words += " ".join(_cause(result, name) for name in differing) + " "
    else:
        words += f"In the primary contrast no difference of the smallest effect is shown in any skill, so there is none whose cause the controls could part; equivalence is shown in {listed(equal)}"
        words += f"; of {listed(still)} neither is shown. " if still else ". "
    null = result["contrasts"].get("null")
    words += f"In final emotion thinking minus direct is {interval(primary['final']['t'], 1)}"
    depth = primary["skills"]["empathic_depth"]["t"]
    if null is not None:
        alone = null["skills"]["empathic_depth"]["t"]
        words += (
            f"; direct with other seeds minus direct (null), where there is nothing to find, is {interval(null['final']['t'], 1)}. "
            f"In empathic depth thinking minus direct is {interval(depth, 3)}, and null {interval(alone, 3)}"
        )
        if abs(alone.mean) >= abs(depth.mean):
            words += ": as large a difference comes without any cause"
    ran = [name for name in CONTROLLED if result["contrasts"].get(name) is not None]
    beyond = [name for name in ran if result["contrasts"][name]["final"]["t"].leaves_zero_out]
    if ran:
        words += f". Of the controls' {len(ran)} intervals of final emotion, {_leaving(beyond)} out, uncorrected. An interval that holds 0 does not show that two arms are equal: a difference of {SMALLEST_FINAL:.0f} points is excluded where the interval does not reach it"
    return [Text(words + ".")]


def _cause(result: Result, name: str) -> str:
    """The plan's rules for one skill in which the arms differ."""
    said = []
    for control, does in (("thinking minus placebo", "a pause does it and not the thought"), ("thinking minus budget", "tokens do it")):  # fmt: skip
        contrast = result["contrasts"].get(control)
        if contrast is None:
            said.append(f"{control} is not run yet")
            continue
        told = contrast["skills"][name]
        within = told["equivalent"] < LEVEL
        said.append(f"{control} is {interval(told['t'])}, {f'within the smallest effect: {does}' if within else 'not shown to be within the smallest effect'}")  # fmt: skip
    return f"In {SPOKEN[name]} thinking and direct differ; {'; '.join(said)}."


def exchanges(result: Result) -> list[Block]:
    """Whether replies depend on the thought's being there, and on what it says."""
    words = []
    for condition in ("swapped", "start", "removed"):
        found = {arm: of[condition]["final"] for arm, of in result["exchanged"].items() if condition in of}
        if not found:
            continue
        beyond = [f"{arm} ({interval(told['t'], 1)})" for arm, told in found.items() if told["t"].leaves_zero_out]
        words.append(f"{condition}: {_leaving(beyond)} out, of {len(found)} arm{'' if len(found) == 1 else 's'}")
    if not words:
        return []
    reading = f"The plan's reading of the exchanges: a change by the smallest effect ({SMALLEST:.2f}) or more is {_changes(result)}."
    beyond = [
        f"{SPOKEN[name]}, {condition}, {arm} ({interval(told[name]['t'])})"
        for arm, of in result["exchanged"].items()
        for condition, told in of.items()
        for name in SKILLS
        if told[name]["t"].leaves_zero_out
    ]
    return [
        Text(f"{reading} Intervals of skills that leave 0 out, uncorrected: {'; '.join(beyond) or 'none'}."),
        Text(
            f"**In words** (final emotion, uncorrected): {'; '.join(words)}. A removed thought is a format that no training has seen, so what it costs may be that and not the thought's content, which a swap takes away as well."
        ),
    ]


def _changes(result: Result) -> str:
    """In which skills an exchange is shown to change something, may, and does not."""
    places = [told for of in result["exchanged"].values() for told in of.values()]
    shown, possible, none = [], [], []
    for name in SKILLS:
        intervals = [told[name]["t"] for told in places]
        beyond = sum(t.low >= SMALLEST or t.high <= -SMALLEST for t in intervals)
        reach = sum(t.reaches(SMALLEST) for t in intervals)
        if beyond:
            shown.append(f"{SPOKEN[name]} ({beyond} of {len(places)} intervals)")
        elif reach:
            possible.append(f"{SPOKEN[name]} ({reach} of {len(places)} intervals)")
        else:
            none.append(SPOKEN[name])
    words = []
    if shown:
        words.append(f"shown in {listed(shown)}: there replies use their thoughts")
    if possible:
        words.append(f"not excluded in {listed(possible)}")
    if none:
        words.append(f"excluded in {listed(none)}: as far as {'those show' if shown or possible else 'skills show'}, by the plan's rule replies do not use their thoughts")  # fmt: skip
    return "; ".join(words)


def _leaving(names: list[str]) -> str:
    return f"{listed(names)} leave{'s' if len(names) == 1 else ''} 0" if names else "none leaves 0"
