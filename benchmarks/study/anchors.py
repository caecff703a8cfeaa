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


def measure(scale: Scale) -> dict[str, Any]:
    """The line with all of them, at both difficulties; the test seekers' ids as well."""
    found: dict[str, Any] = {"cell": ANCHORS, "scale": scale.name, "digest": scale.digest, "supporters": {}}
    for name in SHOWN:
        found["supporters"][name] = {}
        for difficulty in ("vanilla", "challenging"):
            talks = run(
                SUPPORTERS[name](), episodes=scale.seekers, split="test", seed=FIRST_SEED, difficulty=difficulty,
                max_turns=scale.grpo.max_turns,
            )  # fmt: skip
            found["supporters"][name][difficulty] = kept([talk["transcript"] for talk in talks])
            found["seekers"] = [talk["scenario"] for talk in talks]
    return found
