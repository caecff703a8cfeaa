"""Look for sameness in what was written: the reader's corpus and the stories.

    python scripts/check_writing.py [--most 20]

Prints pairs of messages whose 4-grams overlap (Jaccard above 0.4), opening trigrams that begin more than 2 % of the messages, and pairs of
stories whose content words are alike beyond their function words. Exits with 1 if there is any.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

from empathy_gym.seeker import bank
from empathy_gym.seeker.concepts import concepts
from empathy_gym.seeker.text import fold, words

CORPUS = Path(__file__).resolve().parents[1] / "empathy_gym" / "data" / "reader" / "corpus"
ALIKE = 0.4
OPENINGS = 0.02
STORIES_ALIKE = 0.35


def messages() -> list[tuple[str, str]]:
    """``(where, text)`` of every labelled message."""
    found = []
    for path in sorted(CORPUS.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), 1):
            found.append((f"{path.name}:{number}", " ".join(s for s, _, _ in json.loads(line)["u"])))
    return found


def grams(text: str) -> frozenset[str]:
    tokens = words(fold(text))
    return frozenset(" ".join(tokens[i : i + 4]) for i in range(max(1, len(tokens) - 3)))


def near_duplicates(rows: list[tuple[str, str]]) -> list[tuple[float, str, str]]:
    """Pairs above :data:`ALIKE`, the most alike first; only pairs that share a 4-gram are compared."""
    sets = [grams(text) for _, text in rows]
    holders: dict[str, list[int]] = defaultdict(list)
    for i, found in enumerate(sets):
        for gram in found:
            holders[gram].append(i)
    pairs = {pair for held in holders.values() for pair in combinations(held, 2)}
    alike = []
    for a, b in pairs:
        share = len(sets[a] & sets[b]) / len(sets[a] | sets[b])
        if share > ALIKE:
            alike.append((share, f"{rows[a][0]}: {rows[a][1]}", f"{rows[b][0]}: {rows[b][1]}"))
    return sorted(alike, reverse=True)


def common_openings(rows: list[tuple[str, str]]) -> list[tuple[str, int]]:
    """First three words that begin more than :data:`OPENINGS` of the messages."""
    counts = Counter(" ".join(words(fold(text))[:3]) for _, text in rows)
    return [(opening, n) for opening, n in counts.most_common() if n > OPENINGS * len(rows)]


def stories_alike() -> list[tuple[float, str, str]]:
    """Pairs of stories by the share of their content concepts that they have in common (Jaccard)."""
    said = {}
    for story in bank.stories().values():
        lines = [
            *story.openings,
            *(line for f in story.facts for _, line in f.said),
            *(g for f in story.facts for g in f.gists),
        ]
        said[story.id] = frozenset(c for line in lines for c in concepts(fold(line)))
    pairs = [(len(said[a] & said[b]) / len(said[a] | said[b]), a, b) for a, b in combinations(sorted(said), 2)]
    return sorted(pairs, reverse=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=20)
    most = parser.parse_args().most
    rows = messages()
    alike, openings, stories = near_duplicates(rows), common_openings(rows), stories_alike()
    print(f"{len(rows)} messages: {len(alike)} pairs above {ALIKE} in 4-gram Jaccard")
    for share, one, other in alike[:most]:
        print(f"  {share:.2f}  {one}\n        {other}")
    print(f"{len(openings)} openings in more than {OPENINGS:.0%} of the messages: {openings[:most]}")
    close = [p for p in stories if p[0] > STORIES_ALIKE]
    print(
        f"{len(bank.stories())} stories: {len(close)} pairs above {STORIES_ALIKE} in shared concepts; the closest: {stories[:3]}"
    )
    raise SystemExit(1 if alike or openings or close else 0)


if __name__ == "__main__":
    main()
