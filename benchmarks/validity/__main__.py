"""Hold the reader and the seeker against what people judged.

python -m benchmarks.validity run FOLDER          # files in the common form; prints the table, appends to results/validity.jsonl
python -m benchmarks.validity convert KIND FILE OUT    # KIND: esconv, annomi, epitome
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import append
from benchmarks.validity import converters, measures

EPITOME = (
    ("emotional_reaction", "emotional_reactions", "fitted 0.56; 12 phrases 0.41"),
    ("interpretation", "interpretations", "fitted 0.64; 12 phrases 0.33"),
    ("exploration", "explorations", "fitted 0.62; a bare question mark 0.73"),
)


def _rows(folder: Path, name: str) -> list[dict[str, Any]]:
    path = folder / name
    if not path.exists():
        raise SystemExit(
            f"expected {name} in the folder given, found {sorted(p.name for p in folder.glob('*')) or 'nothing'}"
        )
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def run(folder: Path) -> None:
    """Print every figure with its interval and append them to the results."""
    rng = np.random.default_rng(0)
    esconv, annomi = _rows(folder, "esconv.jsonl"), _rows(folder, "annomi.jsonl")
    by_id = {d["id"]: d for d in esconv}
    named = json.loads((folder / "esconv_pairs.json").read_text(encoding="utf-8"))
    pairs = [(by_id[failed], by_id[helped]) for failed, helped in named if failed in by_id and helped in by_id]
    figures = [measures.strategies(esconv, rng)[0], measures.behaviours(annomi, rng)[0]]
    for mechanism, file, beside in EPITOME:
        figures.append(measures.mechanism(mechanism, _rows(folder, f"epitome_{file}.jsonl"), beside, rng))
    figures += [
        measures.session_quality(annomi, rng),
        measures.helped_against_failed(pairs, rng),
        measures.helped_against_failed(pairs, rng, silent=True),
        measures.stars(esconv, rng),
    ]
    for f in figures:
        print(f"{f.name:46s} {f.value:6.3f} [{f.low:.3f}, {f.high:.3f}]  {f.beside}")
    path = append(
        "validity",
        {
            "figures": [
                {"name": f.name, "value": round(f.value, 3), "ci": [round(f.low, 3), round(f.high, 3)]} for f in figures
            ]
        },
    )
    print(f"appended to {path.name}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("run").add_argument("folder", type=Path)
    convert = actions.add_parser("convert")
    convert.add_argument("kind", choices=("esconv", "annomi", "epitome"))
    convert.add_argument("file", type=Path)
    convert.add_argument("out", type=Path)
    args = parser.parse_args()
    if args.action == "run":
        run(args.folder)
    else:
        rows = getattr(converters, args.kind)(args.file)
        converters.write(rows, args.out)
        print(f"{len(rows)} rows written")


if __name__ == "__main__":
    main()
