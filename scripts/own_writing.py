"""The project's own sentences, and the same sentences broken: what the reader learns from that a sentence is one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from empathy_gym.seeker.keyed import draw, shuffled
from empathy_gym.seeker.text import fold, normalise, sentences, words

DATA = Path(__file__).resolve().parents[1] / "empathy_gym" / "data"
BLIND = Path(__file__).resolve().parents[1] / "benchmarks"
SHORTEST = 4
GISTS = 4
"""Gists of a fact that are taken: they are clauses, and must not outweigh sentences."""


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def _load(path: Path):  # type: ignore[no-untyped-def]
    return json.loads(path.read_text(encoding="utf-8"))


def own_lines() -> Iterator[str]:
    """Sentences of the corpus that are not marked as gibberish, all that the training stories' seekers and gists say, the stock of reactions, and plain
    replies, and what was written blind about training stories.
    """
    for path in sorted((DATA / "reader" / "corpus").glob("*.jsonl")):
        for line in path.read_text(encoding="ascii").splitlines():
            yield from (sentence for sentence, _, moves in json.loads(line)["u"] if "gibberish" not in moves)
    for line in (DATA / "reader" / "plain.jsonl").read_text(encoding="ascii").splitlines():
        yield json.loads(line)["said"]
    for name in _load(DATA / "splits.json")["train"]:
        story = _load(DATA / "stories" / f"{name}.json")
        yield from _strings(story["admits"]["intentions"])
        yield from story["openings"]
        for fact in story["facts"]:
            yield from _strings([fact["said"], fact["gists"][:GISTS], fact["asks"]])
        for kind in ("tried", "fits", "obstacles", "motives", "deeds", "sides", "mirrors", "sores"):
            for item in story[kind]:
                lead = "you could " if kind in ("tried", "fits") else ""
                yield from (lead + gist for gist in item["gists"])
                yield from _strings([item.get("said", []), item.get("accept", []), item.get("reply", [])])
        yield from _strings(story["belief"])
    for name in ("speech", "speech_heard", "speech_more"):
        yield from _strings(_load(DATA / f"{name}.json"))
    for name, kinds in (("references", ("refers", "near")), ("paraphrases", ("wordings",))):
        for line in (BLIND / name / "train.jsonl").read_text(encoding="ascii").splitlines():
            row = json.loads(line)
            yield from (sentence for kind in kinds for sentence in row[kind])


def own_sentences() -> list[list[str]]:
    """The words of each sentence that is long enough to be judged."""
    found = []
    for line in own_lines():
        text = normalise(line)
        for start, end in sentences(text):
            tokens = list(words(fold(text[start:end])))
            if len(tokens) >= SHORTEST:
                found.append(tokens)
    return found


def broken(tokens: list[str], others: list[list[str]], number: int) -> list[str]:
    """A sentence as a machine breaks it: shuffled in whole or in part, stuttering, or gone over into another in the middle."""
    kind, at = draw(number, 0, "kind") % 100, draw(number, 0, "at")
    if kind < 40:
        return shuffled(tokens, number, 0, "all")
    if kind < 65:
        size = min(len(tokens), 4 + at % 5)
        start = at // 8 % (len(tokens) - size + 1)
        return [*tokens[:start], *shuffled(tokens[start : start + size], number, 0, "part"), *tokens[start + size :]]
    if kind < 82:
        start = at % len(tokens)
        return [*tokens[:start], *[tokens[start]] * (2 + at // 64 % 3), *tokens[start + 1 :]]
    other = others[draw(number, 0, "other") % len(others)]
    return [*tokens[: 1 + at % (len(tokens) - 1)], *other[1 + at // 64 % (len(other) - 1) :]]
