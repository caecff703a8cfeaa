"""Metrics to a JSON-lines file and, where it is installed, to TensorBoard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of JSON lines; a line cut by a kill is left out, and no file has none."""
    found: list[dict[str, Any]] = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


class Metrics:
    """Appends one line a step.

    Args:
        folder: where ``metrics.jsonl`` and the event files go.
        from_step: lines of later steps that are already there are dropped (a run that was killed after its last checkpoint
            goes on from the checkpoint).
    """

    def __init__(self, folder: Path, from_step: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "metrics.jsonl"
        kept = [row for row in self.rows() if row["step"] < from_step]
        temporary = self.path.with_suffix(".tmp")
        temporary.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
        temporary.replace(self.path)
        try:
            from torch.utils.tensorboard import SummaryWriter

            self._writer: Any = SummaryWriter(str(folder / "tensorboard"), purge_step=from_step)
        except ImportError:
            self._writer = None

    def rows(self) -> list[dict[str, Any]]:
        """What has been written so far."""
        return read_rows(self.path)

    def write(self, step: int, values: dict[str, float]) -> None:
        """Append a line for one step."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, **values}) + "\n")
        if self._writer is not None:
            for name, value in values.items():
                self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        """Flush the event files."""
        if self._writer is not None:
            self._writer.close()
