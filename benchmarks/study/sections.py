"""The page's sections, each from rows and analysis to blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.study import measures, rlver, rows
from benchmarks.study.analysis import LEVEL, SMALLEST, SMALLEST_FINAL, Result, Rows, arms
from benchmarks.study.anchors import SHOWN
from benchmarks.study.blocks import Block, Heading, Table, Text
from benchmarks.study.inference import Interval, t_interval
from benchmarks.study.measure import GUARDS, STRATEGIES
from empathy_gym.seeker.ledger import SKILLS

NAMED = {
    **dict.fromkeys(("primary", "before", "growth", "transfer", "ppo", "challenging", "others' thoughts"), " (thinking minus direct)"),
    "null": " (null minus direct)",
}  # fmt: skip
"""What is subtracted from what, where a contrast's name does not say it."""

LAST = 10
"""Updates at training's end whose replies that were cut off are shown."""

SPOKEN = {name: name.replace("_", " ") for name in (*SKILLS, *STRATEGIES, *GUARDS)}


def said(told: Mapping[str, Any], digits: int = 2, margin: float = SMALLEST) -> str:
    """A difference with its t interval: starred where its corrected p (or its own, where it stands alone) is below 0.05, with a question mark where the interval holds both zero and the smallest effect."""
    star = "\\*" if told.get("holm", told["p"]) < LEVEL else ""
    return f"{interval(told['t'], digits)}{star}{'?' if silent(told['t'], margin) else ''}"


def silent(t: Interval, margin: float = SMALLEST) -> bool:
    """Whether an interval says nothing: it holds zero, and the smallest effect as well."""
    return not t.leaves_zero_out and t.reaches(margin)


def listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``; ``none``."""
    if len(names) < 2:
        return "".join(names) or "none"
    return f"{', '.join(names[:-1])} and {names[-1]}"


def interval(value: Sequence[float], digits: int = 2) -> str:
    """``mean [low, high]``."""
    mean, low, high = value
    return f"{mean:+.{digits}f} [{low:+.{digits}f}, {high:+.{digits}f}]"


def over_seeds(values: Sequence[float], digits: int = 1) -> str:
    """Mean over seeds with a t interval, where there are several."""
    if len(values) < 2:
        return f"{values[0]:.{digits}f}"
    mean, low, high = t_interval(values)
    return f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def small_p(value: float) -> str:
    """A p as text."""
    return "<0.001" if value < 0.0005 else f"{value:.3f}"


def contrast_table(contrast: Mapping[str, Any]) -> Table:
    """Five skills and the final emotion, with everything that is said about a difference."""
    head = [
        "skill",
        contrast["contrast"]["ours"].split("-")[0],
        contrast["contrast"]["theirs"].split("-")[0],
        "difference, t interval",
        "studentised bootstrap",
        "p",
        "corrected",
        "equal",
        "improvement",
        "every pair",
    ]
    lines = []
    for name, told in (*contrast["skills"].items(), ("final emotion", contrast["final"])):
        digits = 1 if name == "final emotion" else 2
        lines.append([
            SPOKEN.get(name, name), *(f"{mean:.{digits}f}" for mean in told["means"]), interval(told["t"], digits), interval(told["studentised"], digits), small_p(told["p"]),
            small_p(told["holm"]) if "holm" in told else "", small_p(told["equivalent"]),
            "{:.2f} [{:.2f}, {:.2f}]".format(*told["improvement"]), " ".join(f"{d:+.{digits}f}" for d in told["differences"]),
        ])  # fmt: skip
    return Table(head, lines)


def before(result: Result) -> list[Block]:
    """Whether the cells' arms were equal before training."""
    contrast = result["contrasts"]["before"]
    if contrast is None:
        return []
    unequal = [SPOKEN[n] for n, told in contrast["skills"].items() if told["equivalent"] >= LEVEL]
    claim = (
        f"The arms are equal within the smallest effect ({SMALLEST:.2f}) in all five skills."
        if not unequal
        else f"Equality within the smallest effect is *not* shown by these few talks in: {', '.join(unequal)}. Growth (below) takes what they differ by out."
    )
    count = contrast["final"]["seeds"]
    return [
        Text(f"Both scaffolds on the start's weights, as the {count} pairs of cells evaluated them. {claim}"),
        contrast_table(contrast),
    ]


def contrasts(result: Result) -> list[Block]:
    """All contrasts in one table."""
    lines = []
    for name, contrast in result["contrasts"].items():
        if contrast is not None:
            cells = [said(told) for told in contrast["skills"].values()]
            lines.append([f"{name}{NAMED.get(name, '')}: {contrast['contrast']['says']}", str(contrast["final"]["seeds"]), said(contrast["final"], 1, SMALLEST_FINAL), *cells])  # fmt: skip
    missing = [name for name, contrast in result["contrasts"].items() if contrast is None]
    return [
        Heading("All contrasts, and what each would mean"),
        Text(
            "What stands before the colon is the contrast, what stands after it is what a difference would mean. Only the primary one is confirmatory. A star marks a corrected p below 0.05 within the row's own five skills (the final emotion stands alone); "
            f"a question mark an interval that holds both zero and the smallest effect ({SMALLEST:.2f}; {SMALLEST_FINAL:.0f} points of final emotion) before rounding, and so decides neither. *transfer* and *challenging* are measured on challenging seekers, on whose own scale 0 and 1 are other amounts."
            + (f" Not run yet: {', '.join(missing)}." if missing else "")
        ),
        Table(["contrast", "pairs", "final emotion", *(SPOKEN[s] for s in SKILLS)], lines),
    ]


def _last(column: Sequence[float | None]) -> list[float]:
    """The last values of a curve's column."""
    return [value for value in column if value is not None][-LAST:]


def outcomes(found: Rows, limit: int) -> list[Block]:
    """Each arm's outcomes before and after, beside the scripted supporters; ``limit`` is the longest reply in tokens."""
    head = ["supporter", "seeds", "final emotion", "worst decile", "helped", "left", "tokens in thought tags", "tokens after them", "cut off in training", "on the other difficulty"]  # fmt: skip
    lines = []
    anchors = found[rows.ANCHORS]["supporters"]
    for name in SHOWN:
        o = measures.outcomes(anchors[name]["vanilla"])
        other = measures.outcomes(anchors[name]["challenging"])["final"]
        lines.append([f"{name.replace('_', ' ')} (scripted)", "", f"{o['final']:.1f}", f"{o['worst_decile']:.1f}", f"{o['helped']:.0%}", f"{o['left']:.0%}", "", "", "", f"{other:.1f}"])  # fmt: skip
    for arm, by_seed in arms(found).items():
        for when in ("before", "after"):
            own = [measures.outcomes(r[when][r["difficulty"]]) for r in by_seed.values()]
            other_way = [
                measures.outcomes(r[when][rows.cell_of(r).other_difficulty])["final"] for r in by_seed.values()
            ]
            cut = (
                [x for r in by_seed.values() for x in _last(r["curve"].get("truncated", ()))] if when == "after" else []
            )
            lines.append([
                f"{arm}, {when}", str(len(own)), *(over_seeds([o[k] for o in own]) for k in ("final", "worst_decile")),
                *(f"{np.mean([o[k] for o in own]):.0%}" for k in ("helped", "left")),
                *(f"{np.mean([o[k] for o in own]):.1f}" for k in ("thought_tokens", "reply_tokens")),
                f"{np.mean(cut):.0%}" if cut else "", over_seeds(other_way),
            ])  # fmt: skip
    return [
        Heading("Outcomes"),
        Text(
            "Points of emotion from 0 to 100 on the test seekers, with 95 % intervals over seeds; tokens a reply. The worst decile is the mean of the lowest tenth of seekers. Arms that were trained on challenging seekers are measured on "
            "challenging ones, which are harder: their last column compares with the others. What stands in thought tags is said aloud in `direct` and `placebo` arms, whose policies imitated both formats. A reply ends after "
            f"{limit} tokens, thought included (a placebo's filler is not counted); *cut off* is the share that did in the last {LAST} updates."
        ),
        Table(head, lines),
        *_budget(found),
    ]


def _budget(found: Rows) -> list[Block]:
    """How many tokens ``budget`` trained on, over those of thinking."""
    own = arms(found)
    budget, thinking = (own.get(arm, {}) for arm in ("direct-grpo-vanilla-budget", "thinking-grpo-vanilla-none"))
    ratios = [_trained(budget[s]) / _trained(thinking[s]) for s in sorted(set(budget) & set(thinking))]
    if not ratios:
        return []
    return [
        Text(
            f"*budget* was to be trained on as many tokens as thinking. It has {over_seeds(ratios, 2)} times as many (tokens sampled a reply, over all updates; from {min(ratios):.2f} to {max(ratios):.2f} by seed)."
        )
    ]


def _trained(row: Mapping[str, Any]) -> float:
    return float(sum(value for value in row["curve"]["reply_tokens"] if value is not None))


def skills(found: Rows) -> list[Block]:
    """Each arm's skills: points a talk and share, before and after."""
    lines = []
    for arm, by_seed in arms(found).items():
        for when in ("before", "after"):
            looks = [r[when][r["difficulty"]] for r in by_seed.values()]
            talk, share = [measures.per_talk(x) for x in looks], [measures.shares(x) for x in looks]
            cells = [f"{over_seeds([t[s] for t in talk])} ({np.mean([h[s] for h in share]):.0%})" for s in SKILLS]
            lines.append([f"{arm}, {when}", *cells])
    return [
        Heading("Skills in points of emotion"),
        Text("Points a talk with 95 % intervals over seeds; in brackets the share of what all five earned."),
        Table(["arm", *(SPOKEN[s] for s in SKILLS)], lines),
    ]


def exchanged(result: Result) -> list[Block]:
    """What becomes of replies when the thought is another's."""
    lines = [
        [arm, condition, said(told["final"], 1, SMALLEST_FINAL), *(said(told[s]) for s in SKILLS)]
        for arm, conditions in result["exchanged"].items()
        for condition, told in conditions.items()
    ]
    if not lines:
        return []
    return [
        Heading("Does the reply depend on the thought?"),
        Text(
            "Trained thinking policies, at test time: the thought is another seeker's (swapped), empty (removed) or the untrained start's (start). Differences from the policy's own thoughts; stars and question marks as in the table above."
        ),
        Table(["arm", "thought", "final emotion", *(SPOKEN[s] for s in SKILLS)], lines),
    ]


def probes(found: Rows) -> list[Block]:
    """What can be read out of states and thoughts."""
    lines = []
    for arm, by_seed in arms(found).items():
        for when in ("before", "after"):
            looks = [row[when]["probe"] for row in by_seed.values()]
            cells = []
            for kind in ("emotion", "need"):
                for where in ("heard", "thought_state", "thought"):
                    values = [look[kind][where] for look in looks if where in look[kind]]
                    cells.append(over_seeds(values, 2) if values else "")
            lines.append([f"{arm}, {when}", *cells, f"{np.mean([look['need']['chance'] for look in looks]):.2f}"])
    head = ["arm"]
    head += [f"{kind}: {where}" for kind in ("emotion R2", "need") for where in ("before the reply", "end of thought", "words of thought")]  # fmt: skip
    return [
        Heading("What the policy knows of the seeker"),
        Text(
            "Linear probes, fitted on some test stories and scored on others: the emotion (R2; below 0 is worse than a guess of the mean) and the hidden need (accuracy; the last column is chance). From "
            "the hidden state before anything is said, the state at the thought's end, and the thought's words."
        ),
        Table([*head, "chance"], lines),
    ]


def strategies(found: Rows) -> list[Block]:
    """Shares of strategies, what followed them, the plane, and what a reward can be gamed by."""
    shares, worth, guards = [], [], []
    for arm, by_seed in arms(found).items():
        for when in ("before", "after"):
            looks = [r[when][r["difficulty"]] for r in by_seed.values()]
            share = [measures.strategies(x) for x in looks]
            planes = np.array([measures.plane(x) for x in looks]).mean(axis=0)
            shares.append([f"{arm}, {when}", *(f"{np.mean([s[n] for s in share]):.0%}" for n in STRATEGIES), f"({planes[0]:+.1f}, {planes[1]:+.1f})"])  # fmt: skip
            pooled = {n: np.sum([x["worth"][n] for x in looks], axis=0) for n in STRATEGIES}
            worth.append([f"{arm}, {when}", *(f"{total / count:+.1f}" if count else "" for count, total in pooled.values())])  # fmt: skip
            guards.append([f"{arm}, {when}", *(f"{np.mean([x['harms'][n] for x in looks]):.1%}" for n in GUARDS)])
    named = [SPOKEN[n] for n in STRATEGIES]
    return [
        Heading("Strategies"),
        Text(
            "Share of the replies by ESConv's strategies, as the environment's reader sees them. The last column is RLVER's plane computed from acts: (one strategy alone -5 to all alike 5, solution -5 to "
            "empathy 5); RLVER's own coordinates came from a language model that was shown all models at once, so only the second axis means the same, and neither is on its scale."
        ),
        Table(["arm", *named, "plane"], shares),
        Text("Mean change of emotion, in points, after replies of which that strategy is the likeliest."),
        Table(["arm", *named], worth),
        Text(
            "What a reward can be gamed by, per reply. Self-disclosure, above, is false in a model that has no life. Gibberish means that a reply as a whole is in no language; "
            "many of nano's replies are broken sentences, which no column counts: read them."
        ),
        Table(["arm", *(SPOKEN[n] for n in GUARDS)], guards),
    ]


def beside_rlver(found: Rows) -> list[Block]:
    """RLVER's own figures beside ours."""
    lines = []
    for arm, theirs in (*rlver.FINAL.items(), *rlver.CHALLENGING.items()):
        by_seed = arms(found).get(arm, {})
        ours = [measures.outcomes(r["after"][r["difficulty"]])["final"] for r in by_seed.values()]
        rated = ", ".join(f"{SPOKEN[s]} {value}" for s, value in rlver.SKILLS.get(arm, {}).items())
        lines.append([arm, f"{theirs:.1f}", over_seeds(ours) if ours else "", rated])
    return [
        Heading("RLVER's figures beside ours"),
        Text(
            f"Theirs: {rlver.SOURCE}, one run each, no intervals; before training {rlver.BASE_FINAL}. {rlver.WHY_NOT} {_signs(found)}"
        ),
        Table(["arm", "RLVER: final emotion", "ours: final emotion", "RLVER: ratings, 1 to 5"], lines),
    ]


def _signs(found: Rows) -> str:
    """The sign of thinking minus direct in final emotion, theirs and ours."""
    words = []
    for algorithm in ("ppo", "grpo"):
        pair = [f"{scaffold}-{algorithm}-vanilla-none" for scaffold in ("thinking", "direct")]
        sides = [[measures.outcomes(r["after"]["vanilla"])["final"] for r in arms(found).get(arm, {}).values()] for arm in pair]  # fmt: skip
        if all(sides):
            theirs = rlver.FINAL[pair[0]] - rlver.FINAL[pair[1]]
            words.append(f"{algorithm.upper()} {theirs:+.1f} theirs, {np.mean(sides[0]) - np.mean(sides[1]):+.1f} ours")
    return f"Thinking minus direct: {'; '.join(words)}. PPO on challenging seekers, RLVER's last two rows, has no arm here." if words else ""  # fmt: skip


def checks(
    result: Result, simulated: Mapping[str, Mapping[str, float]], found_at: Mapping[str, tuple[float, float]]
) -> list[Block]:
    """Coverage and false alarms; ``found_at`` has, by skill, the deviation of a pair and the power."""
    lines = [[name, *(f"{value:.1%}" for value in of.values())] for name, of in simulated.items()]
    dealt = result["relabelled"]
    body: list[Block] = [
        Heading("Checks of the statistics"),
        Text(
            "Studies of this shape were simulated with deviations taken from the cells (the root mean square of the five skills'): how often a 95 % interval holds the truth, how often a test finds a difference where there is none."
        ),
        Table(["simulated", "t interval holds", "studentised holds", "false alarm, a skill", "false alarm, any after Holm"], lines),
        Text(
            f"Power: how often a difference of {SMALLEST:.2f} in that skill alone is found after Holm, if trainings, seekers and talks deviate as they do in it; and the deviation of a pair's difference. Where the power is small, no difference "
            f"found means little; where training moved a skill by less than {SMALLEST:.2f}, a difference of that size was hardly to be expected. Final emotion has a smallest effect of {SMALLEST_FINAL:.0f} points."
        ),
        Table(["skill", "deviation of a pair", "power"], [[SPOKEN[name], f"{d:.3f}", f"{p:.0%}"] for name, (d, p) in found_at.items()]),
    ]  # fmt: skip
    if dealt is not None:
        body.append(Text(f"Direct and null runs dealt into two arms at random: a skill differs (p < 0.05) in {dealt['a skill']:.1%}, any of five after Holm in {dealt['any of five, corrected']:.1%}."))  # fmt: skip
    return body
