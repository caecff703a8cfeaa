"""Hold the reader and the seeker against what people judged.

python -m benchmarks.validity run FOLDER          # files in the common form; prints the table, appends to results/validity.jsonl, writes docs/validity.md
python -m benchmarks.validity convert KIND FILE OUT    # KIND: esconv, annomi, epitome
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import append, write_whole
from benchmarks.validity import converters, measures
from empathy_gym.seeker.seeker import DYNAMICS_VERSION

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


PAGE = Path(__file__).resolve().parents[2] / "docs" / "validity.md"
INTRODUCTION = """# What people judged, and what the reader and the seeker say

Made by `python -m benchmarks.validity run FOLDER` on dynamics {version}. Three public sets with human labels are looked at and never fitted to; no sentence of
them is in this repository. ESConv (Liu et al. 2021; CC BY-NC) has supporters' strategies and stars by seekers, AnnoMI (Wu et al. 2022) therapists'
acts in good and poor sessions, EPITOME (Sharma et al. 2020) levels of three mechanisms of empathy in peers' replies. Intervals are 95 % bootstraps.

| figure | value | interval | beside it |
|---|---|---|---|
"""
AFTER = """
A classifier fitted to a set knows its annotators' habits; ours has never seen them. Where people themselves agree little, nobody can agree with them
much: the same person's stars and their relief agree at 0.27. The last rows ask more than a reading: whether talks that people found good
raise the seeker more. Good sessions of counselling are told from poor ones better than by chance; support chats that helped are hardly told from those that did not.
"""


def confusion(title: str, gold: Sequence[str], guess: Sequence[str]) -> str:
    """A Markdown table, people's labels down and the reader's across, in per cent of each row."""
    names = sorted({*gold, *guess})
    counts = {g: {p: 0 for p in names} for g in names}
    for g, p in zip(gold, guess, strict=True):
        counts[g][p] += 1
    lines = [f"\n## {title}\n", "People's labels down, the reader's across, per cent of each row.\n"]
    lines += [f"| | {' | '.join(names)} | n |", "|---|" + "---|" * (len(names) + 1)]
    for g in names:
        n = sum(counts[g].values())
        if n:
            cells = " | ".join(
                f"**{100 * counts[g][p] / n:.0f}**" if p == g else f"{100 * counts[g][p] / n:.0f}" for p in names
            )
            lines.append(f"| {g} | {cells} | {n} |")
    return "\n".join(lines) + "\n"


def run(folder: Path) -> None:
    """Print every figure with its interval, append them to the results and write the page."""
    rng = np.random.default_rng(0)
    esconv, annomi = _rows(folder, "esconv.jsonl"), _rows(folder, "annomi.jsonl")
    by_id = {d["id"]: d for d in esconv}
    named = json.loads((folder / "esconv_pairs.json").read_text(encoding="utf-8"))
    pairs = [(by_id[failed], by_id[helped]) for failed, helped in named if failed in by_id and helped in by_id]
    acts, behaviours = measures.strategies(esconv, rng), measures.behaviours(annomi, rng)
    figures = [acts[0], behaviours[0]]
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
    rows = "".join(f"| {f.name} | {f.value:.3f} | {f.low:.3f} to {f.high:.3f} | {f.beside} |\n" for f in figures)
    tables = confusion("ESConv's strategies", *acts[1:]) + confusion("AnnoMI's therapist acts", *behaviours[1:])
    page = INTRODUCTION.format(version=DYNAMICS_VERSION) + rows + AFTER + tables
    write_whole(PAGE, page)
    print(f"appended to {path.name}, written {PAGE.name}")


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
