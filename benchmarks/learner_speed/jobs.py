"""The jobs, and their prompts as tokens that both sides read from one file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from agents.language_model import NANO
from agents.learner.chat import ChatFormat, load_format
from agents.learner.llama import Llama, Shape
from benchmarks.record import write_whole
from empathy_gym.seeker import bank
from empathy_gym.seeker.keyed import shuffled


@dataclass(frozen=True)
class Job:
    """What one step does.

    Attributes:
        turns: supporter turns a dialogue has.
        new: tokens of each reply: no fewer, no more.
        opening: tokens of the first prompt, at least this many and less than two sentences more.
        scripts: different dialogues, each played ``generations`` times.
        generations: the group.
        rows: sequences of a micro-batch of the update.
    """

    turns: int
    new: int
    opening: int
    scripts: int = 2
    generations: int = 8
    rows: int = 4


JOBS = {
    # The size that TRL was first measured at here: 16 completions of 64 tokens on prompts of about 245.
    "single-turn": Job(turns=1, new=64, opening=245),
    "eight-turn": Job(turns=8, new=32, opening=100, rows=2),
}
TINY = {
    "single-turn": Job(turns=1, new=6, opening=24, generations=2, rows=2),
    "eight-turn": Job(turns=8, new=4, opening=16, generations=2, rows=2),
}


def scripts(job: Job, chat: ChatFormat) -> list[list[list[int]]]:
    """For each dialogue, what is given before each reply, as tokens with all glue. The sentences are told by seekers of the package's stories."""
    told = sorted({line for story in bank.stories().values() for fact in story.facts for _, line in fact.said})
    found = []
    for number in range(job.scripts):
        lines = iter(shuffled(told, number, 0, "speed"))
        given = [*chat.begin("direct"), *chat.line(next(lines), first=True)]
        while len(given) < job.opening:  # a talk that is under way already
            given += [*chat.spoken(next(lines)), *chat.line(next(lines), first=False)]
        found.append([given, *(chat.line(next(lines), first=False) for _ in range(job.turns - 1))])
    return found


def spec(job: Job, model: Path, precision: str, warmup: int, steps: int, threads: int) -> dict[str, Any]:
    """All that a child process is told, ready for JSON."""
    chat = load_format(model)
    return {
        "model": str(model), "precision": precision, "warmup": warmup, "steps": steps, "threads": threads, "turns": job.turns, "new": job.new,
        "generations": job.generations, "rows": job.rows, "end": chat.end, "pad": chat.pad, "scripts": scripts(job, chat),
    }  # fmt: skip


def lengths(told: dict[str, Any]) -> list[int]:
    """Tokens of each finished dialogue of a spec, the forced end of every reply but the last included."""
    return [
        sum(len(line) for line in script) + told["turns"] * (told["new"] + 1) - 1
        for script in told["scripts"]
        for _ in range(told["generations"])
    ]


def random_model(folder: Path, shape: Shape | None = None, tokenizer: Path | None = None) -> Path:
    """Random weights and a tokeniser, by default of the nano size, as a folder that both sides read."""
    nano = Shape(
        vocab_size=2048, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=8,
    )  # fmt: skip
    Llama(shape or nano).init(torch.Generator().manual_seed(0)).save(folder, torch.float32)
    shutil.copyfile(tokenizer or NANO / "start" / "tokenizer.json", folder / "tokenizer.json")
    return folder


def means(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """Means of the figures that all rows have."""
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0] if all(name in r for r in rows)}


def write(path: Path, content: dict[str, Any]) -> None:
    """JSON, whole or not at all."""
    write_whole(path, json.dumps(content) + "\n")
