"""Test talks of one policy: the study's own seekers, with what the policy samples keyed by seed, scaffold and seeker.

Before and after training a policy meets the same seekers with the same random numbers, so that gains are paired; another seed samples otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from agents.learner.chat import load_format
from agents.learner.llama import Llama
from benchmarks.record import write_whole
from benchmarks.study.measure import play
from empathy_gym.seeker.keyed import draw
from empathy_gym.seeker.text import split_thought

TURNS = 8
"""Of a test talk: the environment's own."""

ROWS = 60
"""Talks at a time, by what a small GPU holds; it changes nothing that is said, up to the last bits."""

DIFFICULTY = "vanilla"


def meet(
    folder: Path, scaffold: str, seed: int, seekers: int, max_new: int, device: str, dtype: str
) -> list[dict[str, Any]]:
    """Play a checkpoint folder with test seekers.

    Args:
        folder: of the model.
        scaffold: ``thinking`` or ``direct``.
        seed: of the sampling; the seekers are the same for all.
        seekers: how many.
        max_new: tokens a reply has at most, thought included.
        device: of the weights.
        dtype: of the weights.

    Returns:
        One dict a talk as :func:`agents.evaluate.run` makes it, and ``claims`` where the seeker keeps account of them.
    """
    model = Llama.load(folder, getattr(torch, dtype), device).eval()
    key = draw(seed, 0, f"small/{scaffold}") % 2**63
    chat, talks = load_format(folder), list[dict[str, Any]]()
    for first in range(0, seekers, ROWS):
        count = min(ROWS, seekers - first)
        batch = play(model, chat, scaffold, DIFFICULTY, count, TURNS, max_new, key, first=first, privileged=True)
        talks += [talk_of(info, scaffold) for info in batch.infos]
    return talks


def talk_of(info: Mapping[str, Any], scaffold: str) -> dict[str, Any]:
    """A finished talk from its last info."""
    transcript = info["transcript"]
    turns = transcript["turns"]
    kept = [split_thought(turn["reply"])[2] for turn in turns]
    found = {
        "scenario": info["scenario"],
        "final_emotion": info["emotion"] / 1000,
        "skills": info["skills"],
        "outcome": info["outcome"],
        "transcript": transcript,
        "well_formed": sum(kept) / len(kept) if scaffold == "thinking" else 1.0,
        "emotions": [transcript["first_emotion"] / 1000, *(turn["emotion"] / 1000 for turn in turns)],
    }
    counted = claims(info)
    return found if counted is None else {**found, "claims": counted}


def claims(info: Mapping[str, Any]) -> list[float] | None:
    """Particular things that the supporter said about the person, and how many of them fit their story; None if the seeker does not say.

    The seeker counts in thousandths: one that misses in its own terms counts half.
    """
    found = info.get("privileged", {}).get("claims")
    return [n / 1000 for n in found] if isinstance(found, list | tuple) and len(found) == 2 else None


def write(path: Path, talks: Sequence[Mapping[str, Any]]) -> None:
    """JSON lines, whole or not at all."""
    write_whole(path, "".join(json.dumps(talk) + "\n" for talk in talks))
