"""The study's results: a line a cell in ``benchmarks/results/study.jsonl``. Lines of other dynamics, scales or starts are another study's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.record import RESULTS, append_to, lines_of
from benchmarks.study.sweep import Cell, Scale, counts, start_folder
from empathy_gym.seeker.seeker import DYNAMICS_VERSION

STUDY = RESULTS / "study.jsonl"
ANCHORS = "anchors"
"""Name of the line with the scripted supporters."""


def load(path: Path, scale: Scale, dynamics: str = DYNAMICS_VERSION) -> dict[str, dict[str, Any]]:
    """The lines that belong to this study, by the cell's name; of several for one cell the last counts. Another ``dynamics`` is another study's."""
    found = {}
    for row in lines_of(path):
        if row["dynamics"] == dynamics and row["digest"] == scale.digest and _of_this_start(row, scale):
            found[row["cell"]] = row
    return found


def _of_this_start(row: Mapping[str, Any], scale: Scale) -> bool:
    if row["cell"] == ANCHORS:
        return True
    folder = start_folder(scale, cell_of(row))
    return not (folder / "model.safetensors").exists() or counts(row, folder)


def cell_of(row: Mapping[str, Any]) -> Cell:
    """The cell of a line."""
    return Cell(row["scaffold"], row["algorithm"], row["difficulty"], row["control"], row["seed"])


def append(path: Path, row: Mapping[str, Any]) -> None:
    """Add a line with versions and machine, without spaces: they are long."""
    append_to(path, row, compact=True)
