"""Run one integration, or print the table of those that ran.

python -m benchmarks.integrations maskable_ppo [--steps 120000] [--record]
python -m benchmarks.integrations table [--write]    # --write: into docs/integrations/README.md
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import re
import sys
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import benchmarks.integrations as package
from benchmarks.record import RESULTS, append

HELPERS = ("__main__", "strategy")
"""Modules of the package that are no integrations."""

PAGE = Path(__file__).resolve().parents[2] / "docs" / "integrations" / "README.md"

BLOCK = re.compile(r"(<!-- runs: ([\w ]+) -->\n).*?(<!-- end of runs -->)", re.DOTALL)
"""A table on the page: the names of its integrations, in its order, stand in its first line."""

COLUMNS = ("integration", "library", "version", "what ran", "steps", "result", "minutes")


def names() -> list[str]:
    """The integrations, by module."""
    return sorted(found.name for found in pkgutil.iter_modules(package.__path__) if found.name not in HELPERS)


def load(name: str) -> ModuleType:
    return importlib.import_module(f"{package.__name__}.{name}")


def version(library: str) -> str:
    """Of an installed distribution; ``not installed`` otherwise."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "not installed"


def measured(name: str, args: argparse.Namespace) -> dict[str, Any]:
    """The row of a run: what the integration says of itself, with versions and minutes."""
    module = load(name)
    missing = [library for library in module.LIBRARIES if version(library) == "not installed"]
    if missing:
        raise SystemExit(f"integrations: expected {', '.join(missing)} for {name}, got none; {module.PIP}")
    start, busy = time.perf_counter(), time.process_time()
    found = module.run(args)
    minutes, own = (time.perf_counter() - start) / 60, (time.process_time() - busy) / 60
    libraries = {library: version(library) for library in module.LIBRARIES}
    return {
        **{"integration": name, "libraries": libraries, "pip": module.PIP, "cpu_minutes": round(own, 1)},
        **found,
        "minutes": round(minutes, 1),
    }


def table(lines: Sequence[str], chosen: Sequence[str] | None = None) -> str:
    """A Markdown table of the latest row of each integration.

    Args:
        lines: of the results file, oldest first.
        chosen: the integrations, in order; one without a run says so. None: all that have run.
    """
    latest = {row["integration"]: row for row in map(json.loads, lines)}
    rows = [COLUMNS, tuple("---" for _ in COLUMNS)]
    for name in sorted(latest) if chosen is None else chosen:
        if name not in latest:
            rows.append((name, ", ".join(load(name).LIBRARIES[:1]), "", "no run is recorded yet", "", "", ""))
            continue
        row = latest[name]
        library, number = next(iter(row["libraries"].items()))
        steps = f"{len(row['seeds'])} × {row['steps']:,}" if "seeds" in row else f"{row['steps']:,}"
        rows.append((name, library, number, row["what"], steps, row["result"], str(row["minutes"])))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def filled(page: str, lines: Sequence[str]) -> str:
    """A page with its tables made anew."""
    return BLOCK.sub(lambda found: f"{found[1]}{table(lines, found[2].split())}\n{found[3]}", page)


def main(argv: list[str] | None = None) -> int:
    """Parse the command and run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="name", required=True, metavar="NAME")
    printed = commands.add_parser("table", help="print the recorded runs as Markdown")
    printed.add_argument("--write", action="store_true", help="into docs/integrations/README.md instead")
    for name in names():
        module = load(name)
        command = commands.add_parser(name, help=(module.__doc__ or "").splitlines()[0])
        command.add_argument("--record", action="store_true", help="append the row to benchmarks/results")
        if hasattr(module, "add_arguments"):
            module.add_arguments(command)
    args = parser.parse_args(argv)
    if args.name == "table":
        path = RESULTS / "integrations.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        if args.write:
            PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), lines), encoding="utf-8")
        else:
            print(table(lines))
        return 0
    row = measured(args.name, args)
    print(json.dumps(row))
    if args.record:
        append("integrations", row)
    return 0


if __name__ == "__main__":
    sys.exit(main())
