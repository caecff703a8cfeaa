"""What is kept of an evaluation: numbers by seeker, short enough that all cells' rows can be committed.

Seeker i is the same person with the same random numbers in every cell, so that columns of different cells are pairs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import torch

import empathy_gym  # noqa: F401  (registers the ids)
from agents.learner.chat import CLOSE, NANO_SPECIAL, ChatFormat, NanoFormat
from agents.learner.llama import Llama
from agents.learner.refill import rollout_refilled
from agents.learner.rollout import Rollout
from empathy_gym import read
from empathy_gym.seeker.ledger import SKILLS

FIRST_SEED = 60_000
"""Of the test seekers: seeker i has this plus i, in every cell."""

STRATEGIES = (
    "question", "restatement", "reflection", "self_disclosure", "affirmation", "suggestion", "information", "other",
)  # fmt: skip
"""ESConv's eight, as :func:`empathy_gym.read` names them."""

GUARDS = {"over_validation": "agrees_distortion", "stock_comfort": "stock_comfort", "self_focus": "self_focus", "false_promise": "false_promise", "gibberish": "gibberish"}  # fmt: skip
"""What a reward can be gamed by, and the harm of the reading that shows it. False self-disclosure is the strategy: a model has nothing to disclose."""

LETTER = {"helped": "h", "left": "l", "time": "t"}


def environments(
    count: int, split: str, scaffold: str, difficulty: str, max_turns: int, privileged: bool = False
) -> list[gym.Env[str, str]]:
    return [
        gym.make(
            "EmpathySupport-v0", disable_env_checker=True, split=split, scaffold=scaffold, difficulty=difficulty, max_turns=max_turns,
            privileged=privileged,
        )
        for _ in range(count)
    ]  # fmt: skip


def play(
    model: Llama, chat: ChatFormat, scaffold: str, difficulty: str, seekers: int, max_turns: int, max_new: int, key: int, split: str = "test",
    first: int = 0, privileged: bool = False,
) -> Rollout:  # fmt: skip
    """One talk with each seeker, all in lock-step.

    Args:
        model: the policy.
        chat: its format.
        scaffold: that the environment keeps.
        difficulty: of the seekers.
        seekers: how many.
        max_turns: supporter turns.
        max_new: tokens a reply.
        key: of the sampling.
        split: of the bank.
        first: number of the first seeker. What is said to one does not depend on where a batch begins.
        privileged: whether the last info shows what is hidden. The policy does not see it.
    """
    envs, numbers = environments(seekers, split, scaffold, difficulty, max_turns, privileged), list(range(seekers))
    seeds = [FIRST_SEED + first + i for i in numbers]
    return rollout_refilled(
        model, chat, envs, scaffold, [None] * seekers, seeds, numbers, torch.Generator().manual_seed(key), max_new, first=first
    )  # fmt: skip


def booked(transcripts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The columns of :func:`kept` that need no reading of the replies: ``final``, ``outcome``, ``turns`` and ``skills``."""
    return {
        "final": [round(t["final_emotion"] / 100) for t in transcripts],
        "outcome": "".join(LETTER[t["outcome"]] for t in transcripts),
        "turns": [len(t["turns"]) for t in transcripts],
        "skills": {name: [round(t["skills"][name] / 10) for t in transcripts] for name in SKILLS},
    }


def kept(transcripts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Columns by seeker of finished talks.

    Returns:
        ``final`` (tenths of a point), ``outcome`` (a letter each), ``turns``, ``skills`` (hundredths of a point each, by skill), ``strategies``
        (hundredths of a reply each, by strategy), ``harms`` (of a reply, by guard, mean over all), and ``worth``: strategy to ``[replies, points of emotion
        after them]``, where each reply counts for its likeliest strategy.
    """
    found = booked(transcripts)
    done = [_done(t) for t in transcripts]
    found["strategies"] = {name: [round(d[name] / 10) for d in done] for name in STRATEGIES}
    found["harms"] = {name: round(sum(d[name] for d in done) / 1000 / sum(found["turns"]), 4) for name in GUARDS}
    worth = {name: [0.0, 0.0] for name in STRATEGIES}
    for d in done:
        for name, change in d["worth"]:
            worth[name][0] += 1
            worth[name][1] += change
    found["worth"] = {name: [int(n), round(total, 1)] for name, (n, total) in worth.items()}
    return found


def _done(transcript: Mapping[str, Any]) -> dict[str, Any]:
    """Per mille of each strategy and guard, summed over the talk's replies; and what followed each reply."""
    messages = [{"role": "user", "content": transcript["opening"]}]
    found: dict[str, Any] = {**dict.fromkeys((*STRATEGIES, *GUARDS), 0), "worth": []}
    before = transcript["first_emotion"]
    for turn in transcript["turns"]:
        reading = read(turn["heard"], messages)
        for name in STRATEGIES:
            found[name] += reading.strategies[name]
        for name, harm in GUARDS.items():
            found[name] += reading.harms[harm]
        found["worth"].append((max(STRATEGIES, key=lambda s: reading.strategies[s]), (turn["emotion"] - before) / 1000))
        before = turn["emotion"]
        messages += [{"role": "assistant", "content": turn["heard"]}, {"role": "user", "content": turn["line"]}]
    return found


def spoken_and_thought(batch: Rollout, chat: ChatFormat) -> dict[str, list[int]]:
    """Tokens that the policy sampled in each talk, parted at the end of a thought: ``thought`` and ``reply``."""
    close = NANO_SPECIAL.index(CLOSE) if isinstance(chat, NanoFormat) else None
    found = {"thought": [0] * len(batch.groups), "reply": [0] * len(batch.groups)}
    for row in batch.rows:
        own = [i for i, policy in zip(row.ids, row.policy, strict=True) if policy]
        for turn in sorted(set(row.turns)):
            ids = [i for i, t in zip(own, row.turns, strict=True) if t == turn]
            cut = ids.index(close) + 1 if close in ids else 0
            found["thought"][row.episode] += cut
            found["reply"][row.episode] += len(ids) - cut
    return found


def evaluation(batch: Rollout, chat: ChatFormat) -> dict[str, Any]:
    """Columns by seeker of a rollout, with tokens, and the share of replies in the scaffold's format."""
    columns = kept([info["transcript"] for info in batch.infos])
    return {**columns, "tokens": spoken_and_thought(batch, chat), "well_formed": round(batch.well_formed, 3)}
