"""Does the policy know how the seeker feels and what they hope for? Linear probes of its hidden states and of its thoughts.

Ridge regression, fitted on some stories and scored on others (five folds, no story in both), so that a story learnt by heart does not count. Only the
bank knows the labels: the seeker's emotion when the policy is about to speak, and their hidden intention.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from agents.learner.chat import ChatFormat, NanoFormat
from agents.learner.llama import Llama
from agents.learner.rollout import Rollout, Row
from benchmarks.study.placebo import tags
from empathy_gym.seeker import bank

FOLDS = 5
RIDGE = 0.1
"""Penalty, per example, of standardised features."""

Array = NDArray[np.float64]


@torch.no_grad()
def decodable(model: Llama, chat: ChatFormat, batch: Rollout) -> dict[str, dict[str, float]]:
    """How far emotion and need can be read out linearly, on stories that the probe was not fitted on.

    Args:
        model: whose states are probed.
        chat: its format.
        batch: its talks, one row a talk.

    Returns:
        ``emotion``: R2, and ``need``: accuracy, each by where it is read: ``heard`` (the state before the policy says anything), and for policies that
        think ``thought_state`` (the state at the thought's end) and ``thought`` (the words of the thought, counted). ``need`` has ``chance`` as
        well: always guessing the likeliest.
    """
    features: dict[str, dict[int, Array]] = {"heard": {}, "thought_state": {}, "thought": {}}  # by reply
    emotions: list[float] = []
    needs: list[str] = []
    stories: list[str] = []
    for row in batch.rows:
        transcript = batch.infos[row.episode]["transcript"]
        scenario = bank.scenario(transcript["scenario"])
        before = [transcript["first_emotion"], *(turn["emotion"] for turn in transcript["turns"])]
        states = model.hidden(torch.tensor([row.ids], device=model.device))[0].float().cpu().numpy()  # (T, D)
        for turn, (first, ids) in enumerate(_replies(row)):
            n, cut = len(emotions), _thought(ids, chat)
            features["heard"][n] = states[first - 1].astype(float)
            if cut is not None:
                features["thought_state"][n] = states[first + cut].astype(float)
                features["thought"][n] = np.bincount(ids[:cut], minlength=model.shape.vocab_size).astype(float)
            emotions.append(before[turn] / 1000)
            needs.append(scenario.intention)
            stories.append(scenario.story.id)
    found: dict[str, dict[str, float]] = {"emotion": {}, "need": {"chance": _chance(needs, stories)}}
    for name, rows in features.items():
        if 2 * len(rows) > len(emotions):  # policies that hardly ever think have no thoughts to probe
            x, told = np.stack(list(rows.values())), [stories[n] for n in rows]
            found["emotion"][name] = round(_explained(x, np.array([emotions[n] for n in rows]), told), 3)
            found["need"][name] = round(_accuracy(x, [needs[n] for n in rows], told), 3)
    return found


def _replies(row: Row) -> list[tuple[int, list[int]]]:
    """Of each turn: where its first sampled token stands, and the sampled tokens."""
    found: list[tuple[int, list[int]]] = []
    own = [at for at, policy in enumerate(row.policy) if policy]
    for at, turn in zip(own, row.turns, strict=True):
        if turn == len(found):
            found.append((at, []))
        found[-1][1].append(row.ids[at])
    return found


def _thought(ids: Sequence[int], chat: ChatFormat) -> int | None:
    """Where in a reply its thought ends; None without one."""
    if not isinstance(chat, NanoFormat):
        return None
    opened, close = tags(chat)
    return list(ids).index(close) if ids[0] == opened and close in ids else None


def _folds(stories: Sequence[str]) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """(fitted on, scored on), by story."""
    names = sorted(set(stories))
    fold = np.array([names.index(story) % FOLDS for story in stories])
    return [(fold != k, fold == k) for k in range(FOLDS) if (fold == k).any() and (fold != k).any()]


def _predicted(x: Array, y: Array, stories: Sequence[str]) -> Array:
    """Out of fold; (N, K) targets."""
    found = np.zeros_like(y)
    for fit, score in _folds(stories):
        mean, spread = x[fit].mean(axis=0), np.maximum(x[fit].std(axis=0), 1e-6)
        a, b = (x[fit] - mean) / spread, (x[score] - mean) / spread
        level = y[fit].mean(axis=0)
        gram = a @ a.T / a.shape[1]  # the dual: words are more than examples
        found[score] = (b @ a.T / a.shape[1]) @ np.linalg.solve(gram + RIDGE * np.eye(len(a)), y[fit] - level) + level
    return found


def _explained(x: Array, y: Array, stories: Sequence[str]) -> float:
    """R2 against the mean of the stories that were fitted on."""
    guess = _predicted(x, y[:, None], stories)[:, 0]
    level = _predicted(np.zeros((len(y), 1)), y[:, None], stories)[:, 0]
    return float(1 - ((y - guess) ** 2).sum() / max(1e-9, ((y - level) ** 2).sum()))


def _one_hot(needs: Sequence[str]) -> Array:
    names = sorted(set(needs))
    return np.array([[float(need == name) for name in names] for need in needs])


def _accuracy(x: Array, needs: Sequence[str], stories: Sequence[str]) -> float:
    hot = _one_hot(needs)
    return float((_predicted(x, hot, stories).argmax(axis=1) == hot.argmax(axis=1)).mean())


def _chance(needs: Sequence[str], stories: Sequence[str]) -> float:
    return round(_accuracy(np.zeros((len(needs), 1)), needs, stories), 3)
