"""The page's first section: the verdict, skill by skill what it rests on, and the primary contrast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.study import measures
from benchmarks.study.analysis import CONTRASTS, LEVEL, PREDICTED, SMALLEST, Result, Rows, arms, contrasted, differs
from benchmarks.study.blocks import Block, Heading, Items, Text
from benchmarks.study.sections import SPOKEN, contrast_table, interval, listed

ALOUD = 1.0
"""Tokens in thought tags a reply, from which a training of the direct arm is said to think aloud."""

VERDICTS = {
    "supported": "The prediction is supported: the scaffold moves both sides, understanding up and solutions down.",
    "supported in part": "One side of the prediction is supported, the other is not.",
    "refuted": "The prediction is not borne out at this scale",
    "no answer": "There is no answer",
}
READINGS = {
    "as predicted": "as predicted, and at least the smallest effect",
    "the other way": "the other way from what was predicted, by at least the smallest effect",
    "equivalent": "equivalent within the smallest effect",
    "open": "neither an effect nor equivalence is shown",
}


def answer(result: Result, found: Rows) -> list[Block]:
    """The verdict with what it rests on and the primary contrast."""
    primary, growth = (result["contrasts"][name] for name in ("primary", "growth"))
    if primary is None:
        return [Heading("The answer"), Text("Too few cells are finished for the primary contrast.")]
    final = primary["final"]
    return [
        Heading("The answer"),
        Text(
            "RLVER's prediction: thinking grows empathic depth and core insight, speaking at once grows solution crafting."
        ),
        *_imitated(result),
        Text(
            f"**{_headline(result)}** (By `benchmarks/study/PLAN.md` this counts as: {result['verdict']}, of an effect in nano, and not of RLVER's claim about a model 7,000 times as large. "
            "The declared rule does not ask how far training moved a skill; the list does.)"
        ),
        Items([_skill(name, primary, growth) for name in PREDICTED]),
        *_with_ppo(result),
        Text(
            f"Thinking minus direct after GRPO on vanilla seekers, {final['seeds']} pairs of trainings. Skills are normalised points of emotion a reply, stock comfort 0 and the oracle 1; "
            f"the smallest effect of interest is {SMALLEST:.2f}. Intervals are 95 % over pairs; p by exact sign flips, corrected over the five skills (Holm); *equal* is the p of equivalence "
            f"within the smallest effect; *improvement* is how often a thinking run beats a direct one, any against any. Final emotion: {interval(final['t'], 1)} points "
            f"(p {final['p']:.3f}; with stories drawn anew as well [{final['clustered'].low:+.1f}, {final['clustered'].high:+.1f}])."
        ),
        contrast_table(primary),
        *_aloud(primary, found),
    ]


def reading(told: Mapping[str, Any], sign: int) -> str:
    """What one predicted skill's difference counts as: a key of :data:`READINGS`."""
    if differs(told, sign):
        return "as predicted"
    if differs(told, -sign):
        return "the other way"
    return "equivalent" if told["equivalent"] < LEVEL else "open"


def unmoved(growth: Mapping[str, Any]) -> list[str]:
    """The predicted skills that training moved by less than the smallest effect in both arms, so that equal arms say little. Not part of the declared verdict."""
    return [name for name in PREDICTED if max(map(abs, growth["skills"][name]["means"])) < SMALLEST]


def _headline(result: Result) -> str:
    primary, growth = (result["contrasts"][name] for name in ("primary", "growth"))
    words = VERDICTS[result["verdict"]]
    by_kind: dict[str, list[str]] = {kind: [] for kind in READINGS}
    for name, sign in PREDICTED.items():
        by_kind[reading(primary["skills"][name], sign)].append(SPOKEN[name])
    if result["verdict"] == "no answer":
        return f"{words}: in {listed(by_kind['open'])} neither the predicted effect nor equivalence is shown."
    if result["verdict"] == "refuted":
        other, equal = by_kind["the other way"], by_kind["equivalent"]
        parts = [f"in {listed(equal)} the arms are equivalent within the smallest effect"] if equal else []
        parts += [f"in {listed(other)} they differ the other way"] if other else []
        words += f": {'; '.join(parts)}."
    hardly = [SPOKEN[n] for n in unmoved(growth)]
    if hardly:
        words += f" Training moved {listed(hardly)} by less than the smallest effect in either arm, so there was little to differ by."
    return words


def _skill(name: str, primary: Mapping[str, Any], growth: Mapping[str, Any]) -> str:
    """How far training moved a skill, how the arms differ after it, and what that counts as."""
    told, sides = primary["skills"][name], growth["skills"][name]["sides"]
    sign = PREDICTED[name]
    most = max(abs(side.mean) for side in sides)
    kind = reading(told, sign)
    words = (
        f"*{SPOKEN[name]}* (predicted: {'more' if sign > 0 else 'less'} in thinking). Training moved it by {interval(sides[0])} in thinking and by {interval(sides[1])} in direct. "
        f"After it thinking minus direct is {interval(told['t'], 3)}: {READINGS[kind]}"
    )
    if kind == "equivalent":
        small = most < SMALLEST / 2
        larger = "more than twice what either arm moved" if small else f"{SMALLEST / most:.0%} of the larger movement"
        words += f" ({SMALLEST:.2f}), which is {larger}"
        if most < 2 * SMALLEST:
            words += ", so that by itself rules out little"
    bound = told["t"].high if sign > 0 else told["t"].low
    if sign * bound < SMALLEST:
        words += f"; in the predicted direction the interval goes to {bound:+.3f}"
    return words + "."


def _with_ppo(result: Result) -> list[Block]:
    ppo = result["contrasts"]["ppo"]
    if ppo is None:
        return []
    depth = ppo["skills"]["empathic_depth"]
    return [
        Text(
            "PPO, which was not the declared test, ends at an empathic depth of {:.2f} (thinking) and {:.2f} (direct), difference {}.".format(
                *depth["means"], interval(depth["t"], 3)
            )
        )
    ]


def _imitated(result: Result) -> list[Block]:
    """The plan asks that it be said first if the contrast is gone where the imitated thoughts were other talks'."""
    primary, others = (result["contrasts"][name]["skills"] if result["contrasts"][name] else None for name in ("primary", "others' thoughts"))  # fmt: skip
    if primary is None or others is None:
        return []
    gone = [SPOKEN[n] for n in primary if differs(primary[n]) and others[n]["equivalent"] < LEVEL]
    if not gone:
        return []
    return [Text(f"**The imitated thoughts made the difference in {listed(gone)}**: it is gone where the start had imitated thoughts of other talks.")]  # fmt: skip


def _aloud(primary: Mapping[str, Any], found: Rows) -> list[Block]:
    """Trainings of the direct arm that think aloud, and the primary contrast without their pairs."""
    contrast = CONTRASTS[0]
    loud = {}
    for row in arms(found)[contrast.theirs].values():
        tokens = measures.outcomes(row["after"][row["difficulty"]])["thought_tokens"]
        if tokens >= ALOUD:
            loud[row["cell"]] = tokens
    without = contrasted({name: row for name, row in found.items() if name not in loud}, contrast) if loud else None
    if without is None:
        return []
    who = listed([f"`{name}` ({tokens:.1f} tokens a reply)" for name, tokens in loud.items()])
    depth, final = without["skills"]["empathic_depth"]["t"], without["final"]
    return [
        Text(
            f"The direct arm's start knows the thought's tags, and what a direct policy puts in them is said aloud. After training {who} did so; of the {final['seeds']} pairs without, thinking minus direct is {interval(depth, 3)} in "
            f"empathic depth and {interval(final['t'], 1)} in final emotion (all {primary['final']['seeds']}: {interval(primary['skills']['empathic_depth']['t'], 3)} and {interval(primary['final']['t'], 1)}). They are not left out anywhere else."
        )
    ]
