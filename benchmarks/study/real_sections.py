"""The page's parts that come from other rows than the cells': the start in both scaffolds, and a real model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.study import real_model, starts
from benchmarks.study.analysis import LEVEL, SMALLEST, SMALLEST_FINAL
from benchmarks.study.blocks import Block, Heading, Table, Text
from benchmarks.study.measures import Ends
from benchmarks.study.sections import SPOKEN, interval, over_seeds, small_p
from empathy_gym.seeker.ledger import SKILLS
from empathy_gym.seeker.seeker import DYNAMICS_VERSION

CONDUCT = {
    "well_formed": ("format kept", "{:.0%}"),
    "reply_words": ("words a reply", "{:.0f}"),
    "unfinished": ("replies without an end", "{:.0%}"),
    "understood": ("booked as understood, a talk", "{:.1f}"),
    "made_up": ("of them with one thing made up", "{:.0%}"),
    "made_up_twice": ("with two", "{:.0%}"),
    "claims": ("claims about the person, a talk", "{:.1f}"),
    "claims_fit": ("that fit their story", "{:.0%}"),
}
"""Figures of how replies are made, with their column and format; the claims are there if the seeker counts them."""


def equal_starts(row: Mapping[str, Any] | None, scale: Ends) -> list[Block]:
    """Whether the start's weights say as much in both scaffolds, over many talks; on the page's own scale, and between the ends that these talks give."""
    command = "`python -m benchmarks.study starts`"
    if row is None:
        return [Text(f"The start alone, over many talks in both scaffolds, is not played yet on dynamics {DYNAMICS_VERSION}: {command}.")]  # fmt: skip
    try:
        told, surer = starts.differences(row, scale), starts.differences(row)
    except ValueError as error:
        return [
            Text(f"The start alone was played in {row['episodes']} talks of each scaffold, too few to tell: {error}.")
        ]
    lines = []
    for name in (*SKILLS, "final"):
        digits, own = (1 if name == "final" else 2), told[name]
        cells = [
            SPOKEN.get(name, "final emotion"), *(f"{mean:.{digits}f}" for mean in own["means"]), interval(own["t"], digits + 1),
            interval(own["narrow"], digits + 1), small_p(own["p"]), small_p(own["equivalent"]),
        ]  # fmt: skip
        if name != "final":
            cells += [interval(surer[name]["narrow"], 3), small_p(surer[name]["equivalent"])]
        lines.append(cells)
    surest = starts.ends(row)
    long = {name: [high - low for low, high in (scale[name], surest[name])] for name in SKILLS}
    lengths = ", ".join(f"{SPOKEN[name]} {few:.3f} and {many:.3f}" for name, (few, many) in long.items())
    return [
        Text(
            f"The start's weights alone, {row['episodes']} talks in each scaffold, both with the same test seekers, of {len(row['stories'])} stories and more than the page's ({command}, {row['minutes']:.1f} minutes of processes on {row['device']}). "
            f"On the scale of this page: {_claim(told)} Between the ends that stock comfort and the oracle have in as many talks: {_claim(surer)} Intervals are over stories, which both scaffolds share: talks of one story count together; "
            f"the ends are taken as known. *Equal* is the p of equivalence within {SMALLEST:.2f} (final emotion: {SMALLEST_FINAL:.0f} points), which is below 0.05 where the 90 % interval lies within that band."
        ),
        Text(
            f"How long the scale is, from stock comfort to the oracle in points a reply, over the page's own seekers and over these {row['episodes']} talks: {lengths}. Where the two lie far apart, figures of that skill on this page are known to no better than that factor."
        ),
        Table(
            ["skill", "thinking", "direct", "difference, 95 %", "90 %", "p", "equal", "90 %, surer ends", "equal"],
            lines,
        ),
    ]


def _claim(told: Mapping[str, Any]) -> str:
    """Whether the arms are equal, in words."""
    unequal = [SPOKEN[name] for name in SKILLS if told[name]["equivalent"] >= LEVEL]
    if not unequal:
        return f"**equal before training**, in all five skills the difference lies within the smallest effect ({SMALLEST:.2f}; two one-sided tests, p below {LEVEL})."
    return f"equality within the smallest effect ({SMALLEST:.2f}) is shown in {len(SKILLS) - len(unequal)} of five skills, and *not* in {', '.join(unequal)}."


def real(rows: Sequence[Mapping[str, Any]]) -> list[Block]:
    """Thinking minus direct of a chat model, over few pairs of seeds."""
    blocks: list[Block] = [Heading("A real model")]
    groups = [(group, real_model.pairs(group)) for group in real_model.alike(rows)]
    if not rows:
        blocks.append(Text(f"No training of a chat model is recorded on dynamics {DYNAMICS_VERSION}: `python -m benchmarks.small_scale --record`. Earlier ones are in [small.md](small.md)."))  # fmt: skip
        return blocks
    for group, own in groups:
        blocks += _group(group, own)
    return [*blocks, Text(_WORTH)]


_WORTH = (
    "*What this can say*: whether, with a model that speaks English and the same minutes of training, one scaffold ends or grows so much higher that a few pairs of seeds show it. *What it cannot*: an "
    "interval that holds 0 is no sign of equality; seeds vary what training and sampling draw, not the imitation that all seeds of a scaffold start from, nor the machine; in the same minutes "
    "the scaffolds make different numbers of updates; and points may be earned by tricks that please the seeker ([small.md](small.md))."
)


def _group(group: Mapping[str, Mapping[int, Any]], own: Sequence[tuple[Any, Any]]) -> list[Block]:
    some = next(row for by_seed in group.values() for row in by_seed.values())
    counts = ", ".join(
        f"{name} {_range(r['updates'] for r in by_seed.values())}" for name, by_seed in group.items() if by_seed
    )
    words = (
        f"**Exploratory**: not declared in the plan. {some['agent']}, arm `{some['arm']}`, dynamics {some['dynamics']}: imitation once for each scaffold, then {some['minutes']:g} minutes of training for each seed "
        f"on {some['machine']} (updates of {some['dialogues']} dialogues: {counts}), {some['episodes']} test seekers before and after. "
    )
    told = {when: real_model.contrast(own, when) for when in ("before", "after", "growth")}
    after = told["after"]
    if after is None:
        return [Text(f"{words}{len(own)} pair{'' if len(own) == 1 else 's'} of seeds with both scaffolds: too few for an interval, so differences and skills are not shown."), _conduct(group)]  # fmt: skip
    smallest = 2 / 2 ** len(own)
    words += (
        f"{len(own)} pairs of seeds, thinking minus direct: 95 % t intervals over the pairs, and p by exact sign flips, of which {len(own)} pairs can give {smallest:g} at least"
        + (f", so that no difference here can reach {LEVEL}." if smallest >= LEVEL else ".")
        + f" Skills are points a reply, stock comfort 0 and the oracle 1 on the same seekers. {_beyond(told)}"
    )
    lines = []
    for name in (*SKILLS, "final"):
        digits = 1 if name == "final" else 2
        means = [told[when][name]["means"] for when in ("before", "after")]  # type: ignore[index]
        sides = [f"{means[0][k]:.{digits}f} to {means[1][k]:.{digits}f}" for k in (0, 1)]
        cells = []
        for when in ("after", "growth"):
            one = told[when][name]  # type: ignore[index]
            cells += [interval(one["t"], digits), f"{one['p']:.2f}"]
        pairs = " ".join(f"{d:+.{digits}f}" for d in after[name]["differences"])
        lines.append([SPOKEN.get(name, "final emotion"), *sides, *cells, pairs])
    head = [
        "skill",
        "thinking, before to after",
        "direct",
        "difference after",
        "p",
        "difference in growth",
        "p",
        "every pair, after",
    ]
    return [Text(words), Table(head, lines), _conduct(group)]


def _beyond(told: Mapping[str, Any]) -> str:
    """Which intervals leave 0 out, in words."""
    found = [
        f"{SPOKEN.get(name, 'final emotion')} {'in growth' if when == 'growth' else when} ({interval(one['t'], 1 if name == 'final' else 2)})"
        for when in ("after", "growth")
        for name, one in told[when].items()
        if one["t"].leaves_zero_out
    ]
    return f"Intervals that leave 0 out, uncorrected: {'; '.join(found)}." if found else "Every interval holds 0."


def _conduct(group: Mapping[str, Mapping[int, Any]]) -> Table:
    """How replies are made before and after, mean over seeds."""
    names = [
        n
        for n in CONDUCT
        if all(
            r[w].get(n) is not None for by_seed in group.values() for r in by_seed.values() for w in ("before", "after")
        )
    ]
    lines = []
    for scaffold, by_seed in group.items():
        for when in ("before", "after"):
            looks = [row[when] for row in by_seed.values()]
            if looks:
                cells = [CONDUCT[n][1].format(np.mean([look[n] for look in looks])) for n in names]
                lines.append(
                    [
                        f"{scaffold}, {when}",
                        str(len(looks)),
                        over_seeds([look["final_emotion"] for look in looks]),
                        *cells,
                    ]
                )
    return Table(["arm", "seeds", "final emotion", *(CONDUCT[n][0] for n in names)], lines)


def _range(values: Any) -> str:
    found = sorted(values)
    return f"{found[0]}" if found[0] == found[-1] else f"{found[0]} to {found[-1]}"
