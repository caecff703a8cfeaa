"""Results as JSON lines: each with its command, versions and machine, appended whole or not at all."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

from empathy_gym import files

RESULTS = Path(__file__).resolve().parent / "results"


def circumstances() -> dict[str, Any]:
    """What a figure depends on: the command without its paths, versions, the machine in words."""
    versions = {"python": platform.python_version()}
    for name in ("gymnasium", "numpy", "torch", "transformers"):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    from empathy_gym.seeker.seeker import DYNAMICS_VERSION

    words = [Path(w).name if os.sep in w else w for w in sys.argv[1:]]
    return {
        "command": " ".join(["python -m", _module(), *words]),
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "dynamics": DYNAMICS_VERSION,
        "versions": versions,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
    }


def _module() -> str:
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    return spec.name.removesuffix(".__main__") if spec is not None else Path(sys.argv[0]).name


def append(name: str, row: Mapping[str, Any]) -> Path:
    """Add one line to ``benchmarks/results/NAME.jsonl``; the file is replaced as a whole."""
    path = RESULTS / f"{name}.jsonl"
    append_to(path, row)
    return path


def append_to(path: Path, row: Mapping[str, Any], compact: bool = False) -> None:
    """Add one line to a file, which is replaced as a whole, so that a kill leaves no half line; ``compact`` is without spaces."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    line = json.dumps({**circumstances(), **row}, separators=(",", ":") if compact else None)
    write_whole(path, f"{before}{line}\n")


def lines_of(path: Path) -> list[dict[str, Any]]:
    """The lines of a results file, of whatever dynamics; none where there is no file.

    Raises:
        ValueError: for a line that is no JSON.
    """
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_whole(path, text)
