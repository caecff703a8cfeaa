"""The study's page, in Markdown and as one HTML file that stands alone. Every figure comes from the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import write_whole
from benchmarks.study import answer, causes, measures, pictures, real_sections, rows, sections
from benchmarks.study.analysis import SMALLEST, Result, Rows, analysis, arms
from benchmarks.study.anchors import CEILING, FLOOR
from benchmarks.study.blocks import Block, Heading, Picture, Raw, Text, hypertext, markdown
from benchmarks.study.measure import STRATEGIES
from benchmarks.study.simulate import Shape, coverage, false_alarms, power
from benchmarks.study.sweep import CONTROLS, Scale, cells
from empathy_gym.render import page, transcript_html
from empathy_gym.seeker import bank
from empathy_gym.seeker.ledger import SKILLS
from empathy_gym.seeker.seeker import DYNAMICS_VERSION

TITLE = "Do reasoning scaffolds reshape which skills grow?"
STUDIES = 1_000
"""Simulated studies a line."""

WHOLE, PARTLY = ("0.9", "0.10", "0.11"), "72 on 0.8"
"""Dynamics on which every cell was run, and what was run of the study before."""

WORDS = (
    "*In a few words*: **nano** is the bundled language model of a million parameters. A simulated person tells of a trouble; a scripted ledger books what each reply does to their emotion, 0 to 100, under five **skills**: empathic depth (being "
    "understood), core insight (a new view of it), solution crafting (something to do), dialogue guidance (leading the talk, mostly by questions) and style adaptability (manner). **Stock comfort** is a scripted supporter that says kind things to anybody, "
    "the **oracle** one that reads what the person hides, **competent** a scripted one that listens. *Vanilla* seekers are the usual ones, *challenging* ones harder to please; a talk ends *helped* at an emotion of 100, *left* under 10. All arms but *others* begin from the same weights, which imitated the same replies in both formats; a thought is some eight tokens. An arm's name is scaffold, algorithm, what it was trained on, control."
)

SHOWN_ARMS = ("thinking-grpo-vanilla-none", "direct-grpo-vanilla-none")
FORESTS = (
    "primary",
    "ppo",
    "challenging",
    "thinking minus placebo",
    "thinking minus budget",
    "others' thoughts",
    "null",
)


def short(arm: str) -> str:
    """A name for a legend: the control's, or the scaffold's with what differs from the first arms."""
    scaffold, algorithm, difficulty, control = arm.split("-")
    if control in ("placebo", "budget", "null"):
        return control
    extra = [x for x, usual in ((algorithm, "grpo"), (difficulty, "vanilla"), (control, "none")) if x != usual]
    return ", ".join([scaffold, *extra])


def write_pages(
    found: Rows, scale: Scale, folder: Path, studies: int = STUDIES, starts: Mapping[str, Any] | None = None, real: Sequence[Mapping[str, Any]] = ()
) -> list[Path]:  # fmt: skip
    """Write ``study.md`` and ``study.html``.

    Args:
        found: the study's rows.
        scale: of the study.
        folder: where they go.
        studies: simulated ones for each check.
        starts: the row of :func:`benchmarks.study.starts.load`.
        real: those of :func:`benchmarks.study.real_model.load`.

    Raises:
        ValueError: without the scripted supporters' row, which comes with the first run.
    """
    if rows.ANCHORS not in found:
        raise ValueError("rows: expected some of these dynamics, scale and start, got none; run `make study` first")
    blocks = _blocks(found, scale, studies, starts, real)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / "study.md", folder / "study.html"]
    for path, text in zip(paths, (markdown(TITLE, blocks, "study.html"), page(TITLE, hypertext(blocks))), strict=True):
        write_whole(path, text)
    return paths


def _blocks(
    found: Rows, scale: Scale, studies: int, starts: Mapping[str, Any] | None, real: Sequence[Mapping[str, Any]]
) -> list[Block]:
    result = analysis(found)
    return [
        *_head(found, scale),
        *answer.answer(result, found),
        *causes.scale(found, result),
        *_forest(result),
        Heading("Before training"),
        *real_sections.equal_starts(starts, measures.ends(found[rows.ANCHORS], "vanilla")),
        *sections.before(result),
        *sections.contrasts(result),
        *causes.controls(result),
        *sections.exchanged(result),
        *causes.exchanges(result),
        *_radar(found),
        *sections.skills(found),
        *sections.outcomes(found, scale.grpo.max_new),
        *_curves(found),
        *sections.strategies(found),
        *_rivers(found),
        *sections.probes(found),
        *causes.probes(found),
        *real_sections.real(real),
        *sections.beside_rlver(found),
        *sections.checks(result, _simulated(found, studies), _power(found, studies)),
        *_limits(),
        *_talks(found),
    ]


def _different(seekers: Sequence[str]) -> str:
    """How many of them there are, and stories: a seed may draw one twice."""
    stories = {bank.scenario(seeker).story.id for seeker in seekers}
    return f"{len(set(seekers))} of them different, with {len(stories)} stories"


def _history(dynamics: str) -> str:
    """What was run of the same contrasts before; of dynamics that the list does not have, all that it has."""
    before = WHOLE[: WHOLE.index(dynamics)] if dynamics in WHOLE else WHOLE
    whole = " and ".join(filter(None, (", ".join(before[:-1]), *before[-1:])))
    ran = f"all cells on dynamics {whole}, {PARTLY}" if whole else PARTLY
    return f"The same contrasts were run on earlier seekers, most of them from earlier starts ({ran}): none is left out of `docs/log.md`, and none counts here."


def _head(found: Rows, scale: Scale) -> list[Block]:
    own = [row for name, row in found.items() if name != rows.ANCHORS]
    # Rows before 2026-11-26, evening, have "minutes" instead, which count the training of an uninterrupted cell twice.
    hours = sum(row.get("wall_minutes", row.get("minutes", 0)) for row in own) / 60
    most = "" if all("wall_minutes" in row for row in own) else "At most "
    machines = sorted({f"{row['machine']}, {row['device']}" for row in own})
    starts = sorted({row["start"] for row in own})
    return [
        Text(
            f"Made by `python -m benchmarks.study page{_earlier_flag(found[rows.ANCHORS]['dynamics'])}` from `benchmarks/results/study.jsonl`: {len(own)} of {len(cells())} cells, dynamics {found[rows.ANCHORS]['dynamics']}, "
            f"scale `{scale.name}` ({scale.grpo.steps} updates of {scale.grpo.scenarios * scale.grpo.group} dialogues, {scale.seekers} test seekers, {_different(found[rows.ANCHORS]['seekers'])}), start {', '.join(starts) or 'none'}. "
            f"{_earlier(found[rows.ANCHORS]['dynamics'])}{most}{hours:.1f} hours of processes in all, on: {'; '.join(machines) or 'none'}. What was declared and when, and what changed since, is in `benchmarks/study/PLAN.md`; to repeat it, `make study`. {_history(found[rows.ANCHORS]['dynamics'])}"
        ),
        Text(WORDS),
        Text("Controls: " + "; ".join(f"*{name}*: {what}" for name, what in CONTROLS.items() if name != "none") + "."),
    ]


def _earlier_flag(dynamics: str) -> str:
    """What the command needs for another study's rows."""
    return "" if dynamics == DYNAMICS_VERSION else f" --dynamics {dynamics}"


def _earlier(dynamics: str) -> str:
    """That the seekers have changed since, if they have."""
    if dynamics == DYNAMICS_VERSION:
        return ""
    return f"**These are seekers of dynamics {dynamics}**; the package is at {DYNAMICS_VERSION} now, on which `make study` runs every cell again. "


def _forest(result: Result) -> list[Block]:
    groups = {
        name: {skill: tuple(told["t"]) for skill, told in contrast["skills"].items()}
        for name in FORESTS
        if (contrast := result["contrasts"][name]) is not None
    }
    if not groups:
        return []
    picture = pictures.forest(
        groups, SMALLEST, "Differences between arms by skill with intervals", "difference, stock comfort 0 to oracle 1"
    )
    return [Picture(picture, "Differences with 95 % t intervals over pairs of seeds; the band is the smallest effect of interest.")]  # fmt: skip


def _radar(found: Rows) -> list[Block]:
    anchors, profiles = found[rows.ANCHORS], {}
    for arm in SHOWN_ARMS:
        by_seed = arms(found).get(arm, {})
        for when in ("before", "after"):
            looks = [measures.normalised(r[when]["vanilla"], anchors, "vanilla") for r in by_seed.values()]
            if looks:
                profiles[f"{short(arm)}, {when}"] = {s: float(np.mean([x[s] for x in looks])) for s in SKILLS}
    if not profiles:
        return []
    caption = f"Skills a reply, {FLOOR.replace('_', ' ')} at 0 and the {CEILING} at 1, cut off at {pictures.RIM:g}; mean over seeds."
    return [Heading("Profiles"), Picture(pictures.radar(profiles, "Skill profiles of both scaffolds before and after training"), caption)]  # fmt: skip


def _curves(found: Rows) -> list[Block]:
    blocks: list[Block] = [Heading("Learning")]
    for name, label in (("emotion", "final emotion in training"), ("entropy", "entropy, nats a token"), ("reply_tokens", "tokens a reply")):  # fmt: skip
        runs = {}
        for arm, by_seed in arms(found).items():
            own = [_column(row["curve"], name) for row in by_seed.values()]
            if all(own):
                runs[short(arm)] = own
        if runs:
            blocks.append(Picture(pictures.curves(runs, f"{label} by update", label), f"{label}: mean over seeds with a 95 % band, smoothed over nine updates."))  # fmt: skip
    return blocks


def _column(curve: Mapping[str, Any], name: str) -> tuple[list[float], list[float]]:
    pairs = [(x, y) for x, y in zip(curve["step"], curve[name], strict=True) if y is not None]
    return [x for x, _ in pairs], [y for _, y in pairs]


def _rivers(found: Rows) -> list[Block]:
    blocks: list[Block] = []
    for arm in SHOWN_ARMS:
        looks = [row["river"] for row in arms(found).get(arm, {}).values()]
        if looks:
            steps = min((look["step"] for look in looks), key=len)
            shares = {n: np.mean([look[n][: len(steps)] for look in looks], axis=0).tolist() for n in STRATEGIES}
            blocks.append(Picture(pictures.river(steps, shares, short(arm)), f"Strategies over training, {short(arm)}; mean over seeds."))  # fmt: skip
    return blocks


def _simulated(found: Rows, studies: int) -> dict[str, dict[str, float]]:
    shape = shape_of(found)
    simulated = {}
    for name, like in (("normal", shape), ("skewed, one training in eight astray", replace(shape, skewed=True))):
        simulated[name] = {
            **coverage(like, studies),
            **false_alarms(like, studies),
        }
    return simulated


def _power(found: Rows, studies: int) -> dict[str, tuple[float, float]]:
    """By skill, the deviation of a pair's difference and how often the smallest effect is found, at that skill's own deviations."""
    told = {}
    for name in SKILLS:
        shape = shape_of(found, (name,))
        pair = float(np.sqrt(2 * (shape.seed**2 + shape.talk**2 / shape.seekers)))
        told[name] = (pair, power(shape, SMALLEST, studies))
    return told


def shape_of(found: Rows, skills: Sequence[str] = SKILLS) -> Shape:
    """The study's shape with deviations from its primary arms: by training, by seeker and by talk, root mean square over these skills.

    Without two seeds in both arms the defaults stand.
    """
    anchors, both = found[rows.ANCHORS], [arms(found).get(arm, {}) for arm in SHOWN_ARMS]
    seeds = sorted(set(both[0]) & set(both[1]))
    if len(seeds) < 2:
        return Shape()
    floor, ceiling = (measures.per_turn(anchors["supporters"][name]["vanilla"]) for name in (FLOOR, CEILING))
    trained, seekers, talks = [], [], []
    for arm in both:
        for skill in skills:
            looks = [arm[s]["after"]["vanilla"] for s in seeds]
            x = np.array([np.array(c["skills"][skill]) / 100 / np.array(c["turns"]) for c in looks]) / (ceiling[skill] - floor[skill])  # fmt: skip
            rest = x - x.mean(axis=0) - x.mean(axis=1, keepdims=True) + x.mean()
            talk = (rest**2).sum() / max(1, (x.shape[0] - 1) * (x.shape[1] - 1))
            trained.append(max(0.0, x.mean(axis=1).var(ddof=1) - talk / x.shape[1]))
            seekers.append(max(0.0, x.mean(axis=0).var(ddof=1) - talk / x.shape[0]))
            talks.append(talk)
    seed, seeker, talk = (float(np.sqrt(np.mean(v))) for v in (trained, seekers, talks))
    return Shape(seeds=len(seeds), seekers=len(anchors["seekers"]), seed=seed, seeker=seeker, talk=talk)


def _limits() -> list[Block]:
    return [
        Heading("What this can and cannot say"),
        Text(
            "The policy has a million parameters. It imitated scripted supporters and learnt for some tens of updates; its thoughts are short mutterings about what was mentioned. So this tests whether "
            "*room for a thought* changes what *this* reward grows, and whether replies use it. It does not test reasoning as large models do it: a null result here does not refute RLVER's claim about a "
            "7-billion-parameter model. Where training hardly moves a skill, equal arms say little of its growth. All trainings of an arm begin at one start and are measured on the same seekers: intervals say nothing of other warm starts, and those of skills nothing of other stories. "
            "The limit of tokens a reply takes the thought's room from the reply after it, so more of thinking's replies are cut off. The seeker is a simulation, the skills are its ledger's "
            "and not people's judgement, and a trained nano may have found words that please the simulation and no person: read its talks."
        ),
    ]


def _talks(found: Rows) -> list[Block]:
    blocks: list[Block] = []
    for arm in SHOWN_ARMS:
        row = arms(found).get(arm, {}).get(0)
        if row is not None:
            for when in ("before", "after"):
                blocks += [
                    Raw(transcript_html(t, f"Test seeker 0, {short(arm)}, {when}")) for t in row[when]["transcripts"]
                ]
    return [Heading("Talks"), Text("Of seed 0 with test seeker 0, which no result chose; in the HTML page."), *blocks]
