"""What the skills are measured between: scripted supporters on the study's own test seekers."""

from __future__ import annotations

from typing import Any

from agents.evaluate import run
from agents.scripted import SUPPORTERS
from benchmarks.study.measure import FIRST_SEED, kept
from benchmarks.study.rows import ANCHORS
from benchmarks.study.sweep import Scale

FLOOR, CEILING = "stock_comfort", "oracle"
SHOWN = ("silent", FLOOR, "random", "competent", CEILING)


def talks_of(
    name: str, seekers: int, difficulty: str = "vanilla", max_turns: int = 8, first: int = 0
) -> list[dict[str, Any]]:
    """A scripted supporter's talks with the study's test seekers, from number ``first`` on; see :func:`agents.evaluate.run`."""
    return run(
        SUPPORTERS[name](), episodes=seekers, split="test", seed=FIRST_SEED + first, difficulty=difficulty, max_turns=max_turns
    )  # fmt: skip


def measure(scale: Scale) -> dict[str, Any]:
    """The line with all of them, at both difficulties; the test seekers' ids as well."""
    found: dict[str, Any] = {"cell": ANCHORS, "scale": scale.name, "digest": scale.digest, "supporters": {}}
    for name in SHOWN:
        found["supporters"][name] = {}
        for difficulty in ("vanilla", "challenging"):
            talks = talks_of(name, scale.seekers, difficulty, scale.grpo.max_turns)
            found["supporters"][name][difficulty] = kept([talk["transcript"] for talk in talks])
            found["seekers"] = [talk["scenario"] for talk in talks]
    return found
