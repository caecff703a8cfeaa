"""A leaderboard of supporters: one line each in benchmarks/results/leaderboard.jsonl, one page in docs/leaderboard.md.

    python -m benchmarks.leaderboard add --agent competent
    python -m benchmarks.leaderboard add --model FOLDER --name "My supporter" --link https://example.org/card
    python -m benchmarks.leaderboard page

``add`` plays 200 talks with the same test seekers for everybody, at both difficulties, appends the line and writes the page. Rows of other dynamics
than the installed ones are kept in the file and left out of the page. To take part: run ``add``, commit both files, open a pull request. Privileged
supporters, which are shown the seeker's hidden state, are marked.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.evaluate import load_agent, run, summary
from benchmarks.record import RESULTS, append, lines_of
from empathy_gym.seeker.ledger import SKILLS
from empathy_gym.seeker.seeker import DYNAMICS_VERSION

NAME = "leaderboard"
PAGE = Path(__file__).resolve().parent.parent / "docs" / f"{NAME}.md"
EPISODES, FIRST_SEED = 200, 70_000
"""Talks of an entry; talk i has this seed plus i."""

DIFFICULTIES = ("vanilla", "challenging")


def entry(policy: Any, name: str, link: str = "", episodes: int = EPISODES) -> dict[str, Any]:
    """A supporter's line.

    Args:
        policy: as :func:`agents.evaluate.run` wants it.
        name: to be shown; no two alike.
        link: to a card or paper, or nothing.
        episodes: talks at each difficulty.

    Raises:
        ValueError: for an empty name, or one that would break a table.
    """
    if not name or "|" in name or "\n" in name:
        raise ValueError(f"name: expected a line without |, got {name!r}")
    scaffold = getattr(policy, "scaffold", "direct")
    found: dict[str, Any] = {"name": name, "link": link, "scaffold": scaffold, "privileged": bool(getattr(policy, "privileged", False))}  # fmt: skip
    for difficulty in DIFFICULTIES:
        talks = run(policy, episodes=episodes, seed=FIRST_SEED, progress=True, scaffold=scaffold, difficulty=difficulty)
        found[difficulty] = summary(talks)
    return found


def board(lines: Sequence[Mapping[str, Any]]) -> str:
    """The page of these dynamics' lines, best first; of several lines of one name the last counts."""
    latest = {line["name"]: line for line in lines if line["dynamics"] == DYNAMICS_VERSION}
    head = [
        "supporter",
        "scaffold",
        "final emotion",
        "95 %",
        "challenging",
        "helped",
        "left",
        *(s.replace("_", " ") for s in SKILLS),
        "format",
    ]
    rows = []
    for line in sorted(latest.values(), key=lambda line: -line["vanilla"]["final_emotion"]):
        v, c = line["vanilla"], line["challenging"]
        name = f"[{line['name']}]({line['link']})" if line["link"] else line["name"]
        shares = [f"{v['outcomes'].get(outcome, 0) / v['episodes']:.0%}" for outcome in ("helped", "left")]
        low, high = v["interval"]
        rows.append([
            name + (" (privileged)" if line["privileged"] else ""), line["scaffold"], f"{v['final_emotion']:.1f}", f"{low:.1f} to {high:.1f}",
            f"{c['final_emotion']:.1f}", *shares, *(f"{v['skills'][s]:.1f}" for s in SKILLS), f"{v['well_formed']:.0%}",
        ])  # fmt: skip
    rule = ["---", "---", *["---:"] * (len(head) - 2)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))
    return (
        "# Leaderboard\n\n"
        f"Dynamics {DYNAMICS_VERSION}; {EPISODES} talks with the same test seekers, vanilla, and as many challenging ones. Intervals are over talks of one checkpoint and say nothing about training seeds. "
        "Skills are points of emotion a talk.\n\n"
        f"{table}\n\n"
        "To add a row: `python -m benchmarks.leaderboard add --model FOLDER --name NAME --link URL` (or `--agent NAME` for a bundled supporter), commit "
        "`benchmarks/results/leaderboard.jsonl` and this page, and open a pull request. Say in the card what the supporter was trained on: no story or persona of the test split may be in it.\n"
    )


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("add", "page"))
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--agent", help="a scripted supporter or a bundled model")
    which.add_argument("--model", type=Path, help="a checkpoint folder")
    parser.add_argument("--name", help="default: the agent's")
    parser.add_argument("--link", default="")
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args(argv)
    if args.what == "add":
        try:
            if not args.agent and not args.model:
                raise ValueError("add: expected --agent or --model, got neither")
            policy = load_agent(args.agent or "", args.model, device=args.device)
            append(NAME, entry(policy, args.name or args.agent or args.model.name, args.link))
        except (ValueError, FileNotFoundError) as error:
            raise SystemExit(f"leaderboard: {error}") from error
    PAGE.write_text(board(lines_of(RESULTS / f"{NAME}.jsonl")), encoding="utf-8")
    print(f"written to {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
