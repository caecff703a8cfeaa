"""What somebody sees who knows nothing of the code: picked messages and rated skills.

python -m benchmarks.blind make FOLDER [--split test]
python -m benchmarks.blind score FOLDER --rater "who or what" [--record]

``make`` writes two sheets for raters and a key that they must not see. *Pick*: a line of the seeker and four supporters' messages, one of which came
just before it; two of the others come from the same supporter's other talks where these have any, the rest from other turns of this talk. *Rate*: whole talks without any
figure, to be rated 1 to 5 on each of RLVER's five skills. ``score`` reads ``pick.answers.txt`` (lines ``12: B``) and ``rate.answers.txt``
(lines ``7: 3 2 4 1 5``, in the order of the sheet) and prints the share picked right and, for each skill, Spearman's
correlation of the rating with what the ledger says was earned.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from agents.evaluate import run
from agents.scripted import SUPPORTERS
from benchmarks import stats
from benchmarks.record import append
from benchmarks.skills import SPECIALISTS
from empathy_gym.seeker.ledger import SKILLS

LINES, TALKS = 300, 60
PICKED_FROM = ("oracle", "competent", "random", "advice_giver", "stock_comfort", "inept")
RATED = (*PICKED_FROM, "hostile")
"""With the five specialists twelve kinds of supporter, five talks each."""

ASKED = {
    "empathic_depth": "is with what the other feels and lives through, beyond the surface",
    "core_insight": "helps the other see what lies underneath: a need, a pattern, another's motive, both sides",
    "solution_crafting": "finds something to do that fits the other's situation",
    "dialogue_guidance": "leads the talk: questions and openings that let the other go on",
    "style_adaptability": "suits manner, length and register to the other",
}


def talks_of(name: str, episodes: int, split: str, base: int) -> list[dict[str, Any]]:
    """Talks of one supporter with their messages."""
    factory = SUPPORTERS.get(name) or SPECIALISTS[name]
    talks = run(factory(), episodes=episodes, split=split, seed=base)
    for talk in talks:
        turns = talk["transcript"]["turns"]
        spoken = [
            m
            for t in turns
            for m in ({"role": "assistant", "content": t["reply"]}, {"role": "user", "content": t["line"]})
        ]
        talk["messages"] = [{"role": "user", "content": talk["transcript"]["opening"]}, *spoken]
    return talks


def pick_items(split: str, rng: np.random.Generator) -> list[dict[str, Any]]:
    """The seeker's line, four messages in random order and the place of the right one."""
    found = []
    for name in PICKED_FROM:
        talks = [t["messages"] for t in talks_of(name, 24, split, 40_000)]
        spots = [(i, k) for i, m in enumerate(talks) for k in range(1, len(m) - 1, 2)]
        others = [talks[i][k]["content"] for i, k in spots]
        for at in rng.permutation(len(spots)):
            i, k = spots[at]
            right = talks[i][k]["content"]
            same = [talks[i][j]["content"] for j in range(1, len(talks[i]) - 1, 2) if talks[i][j]["content"] != right]
            far = [
                others[j] for j in rng.permutation(len(others)) if spots[j][0] != i and others[j] not in (right, *same)
            ]
            mixed = [same[int(j)] for j in rng.permutation(len(same))]
            # Who says a few lines again and again has none in other talks that was not said in this one.
            wrong = list(dict.fromkeys([*mixed[:1], *far, *mixed]))[:3]
            if len({right, *wrong}) < 4:
                continue
            order = rng.permutation(4)
            options = [[right, *wrong][int(j)] for j in order]
            found.append(
                {
                    "supporter": name,
                    "line": talks[i][k + 1]["content"],
                    "options": options,
                    "right": "ABCD"[int(np.argmin(order))],
                }
            )
            if sum(item["supporter"] == name for item in found) == LINES // len(PICKED_FROM):
                break
    return [found[int(j)] for j in rng.permutation(len(found))]


def rated_talks(split: str, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Talks of every kind of supporter, in random order."""
    names = [*RATED, *SPECIALISTS]
    found = [{"supporter": n, "messages": t["messages"], "skills": t["skills"]} for n in names for t in talks_of(n, TALKS // len(names), split, 50_000)]  # fmt: skip
    return [found[int(j)] for j in rng.permutation(len(found))]


def make(folder: Path, split: str) -> None:
    """Write the sheets and the keys."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    items, talks = pick_items(split, rng), rated_talks(split, rng)
    sheet = [f"{n}. Seeker: {item['line']}\n" + "\n".join(f"   {letter}) {text}" for letter, text in zip("ABCD", item["options"], strict=True))
             for n, item in enumerate(items, 1)]  # fmt: skip
    (folder / "pick.txt").write_text(
        "Which message came just before the seeker's line? One line each: `12: B`\n\n" + "\n".join(sheet) + "\n"
    )
    head = "Rate the SUPPORTER of each talk from 1 (not at all) to 5 (very much). One line a talk: `7: 3 2 4 1 5`, in this order:\n"
    head += "\n".join(f"  {name}: {what}" for name, what in ASKED.items())
    pages = [
        "\n".join(f"{'SEEKER' if m['role'] == 'user' else 'SUPPORTER'}: {m['content']}" for m in t["messages"])
        for t in talks
    ]
    (folder / "rate.txt").write_text(
        head + "".join(f"\n\n=== talk {n}\n{page}" for n, page in enumerate(pages, 1)) + "\n"
    )
    key = {
        "pick": [[i["supporter"], i["right"]] for i in items],
        "rate": [[t["supporter"], t["skills"]] for t in talks],
    }
    (folder / "key.json").write_text(json.dumps(key) + "\n")
    print(f"{len(items)} lines to pick and {len(talks)} talks to rate in {folder}; keep key.json from the raters")


def score(folder: Path) -> dict[str, Any]:
    """Hold the answers against the key."""
    key, figures = json.loads((folder / "key.json").read_text()), {}
    rng = np.random.default_rng(0)
    answers = folder / "pick.answers.txt"
    if answers.exists():
        given = {
            int(n): letter for n, letter in re.findall(r"^\s*(\d+)\s*[:.]\s*([ABCD])\b", answers.read_text(), re.M)
        }
        right = [float(given[n] == letter) for n, (_, letter) in enumerate(key["pick"], 1) if n in given]
        by = {
            s: float(np.mean([given[n] == x for n, (who, x) in enumerate(key["pick"], 1) if n in given and who == s]))
            for s in PICKED_FROM
            if any(who == s for who, _ in key["pick"])
        }
        figures["picked"] = [
            round(x, 3)
            for x in (
                float(np.mean(right)),
                *stats.bootstrap(lambda i: float(np.mean(np.array(right)[i])), len(right), rng),
            )
        ]
        figures["picks"], figures["picked_by"] = len(right), {s: round(v, 3) for s, v in by.items()}
        print(
            f"picked right among four: {figures['picked'][0]:.3f} {figures['picked'][1:]} of {len(right)} lines (goal 0.80); {figures['picked_by']}"
        )
    answers = folder / "rate.answers.txt"
    if answers.exists():
        given = {
            int(n): [int(x) for x in re.findall(r"[1-5]", row)]
            for n, row in re.findall(r"^\s*(\d+)\s*:\s*([1-5][ 1-5]+)$", answers.read_text(), re.M)
        }
        rows = [
            (given[n], skills) for n, (_, skills) in enumerate(key["rate"], 1) if len(given.get(n, ())) == len(SKILLS)
        ]
        figures["rated"], figures["ratings"] = {}, len(rows)
        for at, skill in enumerate(ASKED):
            ratings, earned = np.array([r[at] for r, _ in rows]), np.array([s[skill] for _, s in rows])
            rho = stats.spearman(ratings, earned)
            low, high = stats.bootstrap(lambda i, a=ratings, b=earned: stats.spearman(a[i], b[i]), len(rows), rng)
            figures["rated"][skill] = [round(x, 3) for x in (rho, low, high)]
            print(
                f"{skill:20s} rating against ledger, Spearman {rho:+.3f} [{low:+.3f}, {high:+.3f}] over {len(rows)} talks"
            )
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("make", "score"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", default="test")
    parser.add_argument("--rater", help="who or what answered")
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    if args.what == "make":
        make(args.folder, args.split)
        return
    figures = score(args.folder)
    if args.record:
        append("blind", {"rater": args.rater, "split": args.split, **figures})


if __name__ == "__main__":
    main()
