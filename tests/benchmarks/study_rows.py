"""Rows as the study writes them, with a truth that is known: for tests of analysis and page."""

import numpy as np

from benchmarks.study.measure import GUARDS, STRATEGIES
from benchmarks.study.rows import ANCHORS
from benchmarks.study.sweep import SCALES, Cell
from empathy_gym.seeker import bank
from empathy_gym.seeker.ledger import SKILLS
from empathy_gym.seeker.seeker import DYNAMICS_VERSION

SCALE = SCALES["tiny"]
SEEKERS = 24
FLOOR, CEILING = 100, 900
"""Hundredths of a point that stock comfort and the oracle earn a talk of eight turns, in every skill."""


def columns(rng, level, tokens=True):
    """An evaluation with mean ``level`` in each skill, as a share of the way from floor to ceiling."""
    levels = dict.fromkeys(SKILLS, level) if isinstance(level, float) else level
    earned = {
        name: [round(FLOOR + (CEILING - FLOOR) * (levels[name] + 0.2 * x)) for x in rng.standard_normal(SEEKERS)]
        for name in SKILLS
    }
    found = {
        "final": [round(x) for x in rng.uniform(200, 800, SEEKERS)],
        "outcome": "".join("hlt"[i] for i in rng.integers(3, size=SEEKERS)),
        "turns": [8] * SEEKERS,
        "skills": earned,
        "strategies": {name: [100] * SEEKERS for name in STRATEGIES},
        "harms": dict.fromkeys(GUARDS, 0.01),
        "worth": {name: [SEEKERS, 10.0] for name in STRATEGIES},
    }
    if tokens:
        found |= {"tokens": {"thought": [40] * SEEKERS, "reply": [160] * SEEKERS}, "well_formed": 1.0}
    return found


def row(cell, rng, before=0.1, after=0.3, thoughts=None):
    """A cell's row with these levels; ``after`` may be a dict by skill."""
    probe = {"emotion": {"heard": 0.2}, "need": {"heard": 0.2, "chance": 0.15}}

    def looks(level):
        return {d: columns(rng, level) for d in ("vanilla", "challenging")} | {"probe": probe, "transcripts": []}

    steps = [0, 1, 2]
    return {
        "dynamics": DYNAMICS_VERSION, "machine": "2 cores", "cell": cell.name, **vars(cell), "scale": SCALE.name, "digest": SCALE.digest, "start": "0" * 12,
        "steps": 1, "device": "cpu", "wall_minutes": 1.0, "before": looks(before), "after": looks(after), "thoughts": thoughts or {},
        "curve": {"step": steps, **{n: [1.0, 2.0, None] for n in ("emotion", "dev_emotion", "entropy", "reply_tokens")}},
        "river": {"step": [0, 1], **{name: [1 / 8, 1 / 8] for name in STRATEGIES}},
    }  # fmt: skip


def anchors(rng):
    """The scripted supporters' row: exactly the floor and the ceiling."""
    found = {}
    for name, level in (("silent", 0.0), ("stock_comfort", 0.0), ("random", 0.1), ("competent", 0.6), ("oracle", 1.0)):
        exact = columns(rng, level, tokens=False)
        exact["skills"] = {s: [round(FLOOR + (CEILING - FLOOR) * level)] * SEEKERS for s in SKILLS}
        found[name] = {"vanilla": exact, "challenging": exact}
    return {
        "dynamics": DYNAMICS_VERSION, "machine": "2 cores", "cell": ANCHORS, "scale": SCALE.name, "digest": SCALE.digest,
        "supporters": found, "seekers": bank.scenario_ids("test")[:SEEKERS],
    }  # fmt: skip


def study(difference, seeds=8, spread=0.03, seed=0):
    """Rows of the primary and null arms, whose trainings vary by ``spread`` and where thinking has ``difference`` more, by skill."""
    rng = np.random.default_rng(seed)
    found = {ANCHORS: anchors(rng)}
    for scaffold, control, more in (("thinking", "none", difference), ("direct", "none", {}), ("direct", "null", {})):
        for number in range(seeds):
            cell = Cell(scaffold, "grpo", "vanilla", control, number)
            after = {s: 0.3 + more.get(s, 0.0) + spread * float(rng.standard_normal()) for s in SKILLS}
            found[cell.name] = row(cell, rng, after=after)
    return found
