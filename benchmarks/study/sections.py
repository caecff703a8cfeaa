"""The page's sections, each from rows and analysis to blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.study import measures, rlver, rows
from benchmarks.study.analysis import LEVEL, PREDICTED, SMALLEST, SMALLEST_FINAL, Result, Rows, arms
from benchmarks.study.anchors import SHOWN
from benchmarks.study.blocks import Block, Heading, Table, Text
from benchmarks.study.inference import t_interval
from benchmarks.study.measure import GUARDS, STRATEGIES
from empathy_gym.seeker.ledger import SKILLS

SPOKEN = {name: name.replace("_", " ") for name in (*SKILLS, *STRATEGIES, *GUARDS)}


def said(told: Mapping[str, Any], digits: int = 2) -> str:
    """A difference with its t interval, starred where its corrected p (or its own, where it stands alone) is below 0.05."""
    star = "\\*" if told.get("holm", told["p"]) < LEVEL else ""
    return f"{interval(told['t'], digits)}{star}"


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


VERDICTS = {
    "supported": "The prediction is supported: the scaffold moves both sides, understanding up and solutions down.",
    "supported in part": "One side of the prediction is supported, the other is not.",
    "refuted": "The prediction is refuted at this scale: in each of the three skills the arms are equivalent, or differ the other way.",
    "no answer": "There is no answer: the intervals hold both no difference and one that would matter, or what was found was not predicted.",
}


def answer(result: Result) -> list[Block]:
    """The verdict with the primary contrast."""
    primary = result["contrasts"]["primary"]
    if primary is None:
        return [Heading("The answer"), Text("Too few cells are finished for the primary contrast.")]
    final, low = primary["final"], _unlearnt(primary)
    verdict = VERDICTS[result["verdict"]]
    if low and result["verdict"] == "refuted":
        tested = [SPOKEN[n] for n in PREDICTED if SPOKEN[n] not in low]
        verdict = f"The prediction is not supported. Of the three predicted skills only {' and '.join(tested) or 'nothing'} could be tested, and there the arms are equivalent; neither arm has learnt {' or '.join(low)}."
    return [
        Heading("The answer"),
        Text(
            "RLVER's prediction: thinking grows empathic depth and core insight, speaking at once grows solution crafting."
        ),
        Text(
            f"**{verdict}** (By `benchmarks/study/PLAN.md`, which did not foresee skills that nobody learns, this counts as: {result['verdict']}, of an effect in nano, and not of RLVER's claim about a model 7,000 times as large.)"
        ),
        *_grown(result),
        Text(
            f"Thinking minus direct after GRPO on vanilla seekers, {final['seeds']} pairs of trainings. Skills are normalised points of emotion a reply, stock comfort 0 and the oracle 1; "
            f"the smallest effect of interest is {SMALLEST:.2f}. Intervals are 95 % over pairs; p by exact sign flips, corrected over the five skills (Holm); *equal* is the p of equivalence "
            f"within the smallest effect; *improvement* is how often a thinking run beats a direct one. Final emotion: {interval(final['t'], 1)} points "
            f"(p {final['p']:.3f}; with stories drawn anew as well [{final['clustered'].low:+.1f}, {final['clustered'].high:+.1f}])."
        ),
        contrast_table(primary),
    ]


def _unlearnt(primary: Mapping[str, Any]) -> list[str]:
    """The predicted skills that neither arm has learnt: that the arms are equal there says nothing about growth."""
    return [SPOKEN[n] for n in PREDICTED if max(map(abs, primary["skills"][n]["means"])) < SMALLEST / 2]


def _grown(result: Result) -> list[Block]:
    """How much of empathic depth there was to differ by."""
    start, after, ppo = (result["contrasts"][name] for name in ("before", "primary", "ppo"))
    if start is None or after is None:
        return []
    (t0, d0), (t1, d1) = (told["skills"]["empathic_depth"]["means"] for told in (start, after))
    words = f"How much was learnt: GRPO brings empathic depth in thinking from {t0:.2f} to {t1:.2f} and in direct from {d0:.2f} to {d1:.2f}"
    if max(t1 - t0, d1 - d0) < SMALLEST:
        words += f"; the smallest effect of interest, {SMALLEST:.2f}, is about as large as that growth, so equivalence within it rules out little"
    if ppo is not None:
        words += ". PPO, which was not the declared test, brings it to {:.2f} and {:.2f}".format(
            *ppo["skills"]["empathic_depth"]["means"]
        )
    return [Text(f"{words}.")]


def small_p(value: float) -> str:
    """A p as text."""
    return "<0.001" if value < 0.0005 else f"{value:.3f}"


def contrast_table(contrast: Mapping[str, Any]) -> Table:
    """Five skills and the final emotion, with everything that is said about a difference."""
    head = ["skill", "t interval", "studentised bootstrap", "p", "corrected", "equal", "improvement", "every pair"]
    lines = []
    for name, told in (*contrast["skills"].items(), ("final emotion", contrast["final"])):
        digits = 1 if name == "final emotion" else 2
        lines.append([
            SPOKEN.get(name, name), interval(told["t"], digits), interval(told["studentised"], digits), small_p(told["p"]),
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
            lines.append([f"{name}: {contrast['contrast']['says']}", str(contrast["final"]["seeds"]), said(contrast["final"], 1), *cells])  # fmt: skip
    missing = [name for name, contrast in result["contrasts"].items() if contrast is None]
    return [
        Heading("All contrasts, and what each would mean"),
        Text(
            "What stands before the colon is the contrast (*null* is null minus direct), what stands after it is what a difference would mean. Only the primary one is confirmatory. A star marks a corrected p below 0.05 within the row's own five skills (the final emotion stands alone)."
            + (f" Not run yet: {', '.join(missing)}." if missing else "")
        ),
        Table(["contrast", "pairs", "final emotion", *(SPOKEN[s] for s in SKILLS)], lines),
    ]


def outcomes(found: Rows) -> list[Block]:
    """Each arm's outcomes before and after, beside the scripted supporters."""
    head = ["supporter", "seeds", "final emotion", "worst decile", "helped", "left", "thought tokens", "reply tokens", "on the other difficulty"]  # fmt: skip
    lines = []
    anchors = found[rows.ANCHORS]["supporters"]
    for name in SHOWN:
        o = measures.outcomes(anchors[name]["vanilla"])
        other = measures.outcomes(anchors[name]["challenging"])["final"]
        lines.append([f"{name.replace('_', ' ')} (scripted)", "", f"{o['final']:.1f}", f"{o['worst_decile']:.1f}", f"{o['helped']:.0%}", f"{o['left']:.0%}", "", "", f"{other:.1f}"])  # fmt: skip
    for arm, by_seed in arms(found).items():
        for when in ("before", "after"):
            own = [measures.outcomes(r[when][r["difficulty"]]) for r in by_seed.values()]
            other_way = [
                measures.outcomes(r[when][rows.cell_of(r).other_difficulty])["final"] for r in by_seed.values()
            ]
            lines.append([
                f"{arm}, {when}", str(len(own)), *(over_seeds([o[k] for o in own]) for k in ("final", "worst_decile")),
                *(f"{np.mean([o[k] for o in own]):.0%}" for k in ("helped", "left")),
                *(f"{np.mean([o[k] for o in own]):.1f}" for k in ("thought_tokens", "reply_tokens")), over_seeds(other_way),
            ])  # fmt: skip
    return [
        Heading("Outcomes"),
        Text(
            "Points of emotion from 0 to 100 on the test seekers, with 95 % intervals over seeds; tokens a reply. The worst decile is the mean of the lowest tenth of seekers."
        ),
        Table(head, lines),
    ]


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
        [arm, condition, said(told["final"], 1), *(said(told[s]) for s in SKILLS)]
        for arm, conditions in result["exchanged"].items()
        for condition, told in conditions.items()
    ]
    if not lines:
        return []
    return [
        Heading("Does the reply depend on the thought?"),
        Text(
            "Trained thinking policies, at test time: the thought is another seeker's (swapped), empty (removed) or the untrained start's (start). Differences from the policy's own thoughts."
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
            "nano's replies are broken sentences throughout, which no column counts: read them."
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
            f"Theirs: {rlver.SOURCE}, one run each, no intervals; before training {rlver.BASE_FINAL}. {rlver.WHY_NOT}"
        ),
        Table(["arm", "RLVER: final emotion", "ours: final emotion", "RLVER: ratings, 1 to 5"], lines),
    ]


def checks(result: Result, simulated: Mapping[str, Mapping[str, float]]) -> list[Block]:
    """Coverage and false alarms."""
    lines = [[name, *(f"{value:.1%}" for value in of.values())] for name, of in simulated.items()]
    dealt = result["relabelled"]
    body: list[Block] = [
        Heading("Checks of the statistics"),
        Text(
            f"Studies of this shape were simulated with deviations taken from the cells: how often a 95 % interval holds the truth, how often a test finds a difference where there is none, and how often it finds one of "
            f"{SMALLEST:.2f} in one skill (with the root mean square of the five skills' deviations, of which dialogue guidance has by far the largest: so the power is guidance's; that of skills with smaller deviations is larger and not simulated). Final emotion has a smallest effect of {SMALLEST_FINAL:.0f} points."
        ),
        Table(["simulated", "t interval holds", "studentised holds", "false alarm, a skill", "false alarm, any after Holm", "power"], lines),
    ]  # fmt: skip
    if dealt is not None:
        body.append(Text(f"Direct and null runs dealt into two arms at random: a skill differs (p < 0.05) in {dealt['a skill']:.1%}, any of five after Holm in {dealt['any of five, corrected']:.1%}."))  # fmt: skip
    return body
