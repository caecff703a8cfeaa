"""Rolling many dialogues out on few rows of the engine: a row whose dialogue has ended is given to the next one that waits.

So the engine works at full width until the queue is empty, and its cache is as large as its width, not as the batch. What a dialogue draws is keyed by
its own number, so neither the number of rows nor the order of ends changes what is said (up to the last bits of sums over another batch).

N dialogues, S rows.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

import gymnasium as gym
import torch

from agents.learner.chat import ChatFormat, aloud
from agents.learner.engine import Engine, Sampled
from agents.learner.llama import Llama
from agents.learner.rollout import Rollout, Row
from empathy_gym.seeker.text import normalise, split_thought


class Talk:
    """One dialogue: its environment, its tokens, and what the policy has to hear next.

    Args:
        number: its place in the batch.
        env: a text environment.
        chat: the model's format.
        scaffold: ``thinking`` or ``direct``.
        keep_thoughts: whether earlier thoughts stay in the policy's own history; see :func:`rollout_refilled`.
    """

    def __init__(
        self, number: int, env: gym.Env[str, str], chat: ChatFormat, scaffold: str, keep_thoughts: bool
    ) -> None:
        self.number, self.env, self.chat, self.scaffold, self.keep_thoughts = number, env, chat, scaffold, keep_thoughts
        self.rows: list[Row] = []
        self.news: list[int] = []
        self.rewards: list[float] = []
        self.changes: list[float] = []
        self.info: dict[str, Any] = {}
        self.well_formed = self.truncated = self.tokens = 0
        self.env_seconds = 0.0

    def begin(self, scenario: str | None, seed: int) -> None:
        """Hear the seeker's first line."""
        mark = time.perf_counter()
        line, self.info = self.env.reset(seed=seed, options=None if scenario is None else {"scenario": scenario})
        self.env_seconds += time.perf_counter() - mark
        self.news = [*self.chat.begin(self.scaffold), *self.chat.line(line, first=True)]
        self._spoken = list(self.news)  # the history without thoughts
        self._open(self.news)

    def reply(self, said: Sampled, pending: list[int]) -> bool:
        """Say it and hear the answer; whether the talk goes on."""
        turn, raw = len(self.rewards), aloud(self.chat.text(said.ids), self.scaffold)
        self.rows[-1].sampled(said, turn)
        mark = time.perf_counter()
        line, reward, terminated, over_time, self.info = self.env.step(raw)
        self.env_seconds += time.perf_counter() - mark
        self.rewards.append(float(reward))
        self.changes.append(self.info["emotion_change"] / 1000)
        _, heard, kept = split_thought(raw)
        self.well_formed += kept or self.scaffold == "direct"
        self.truncated += not said.ended
        self.tokens += len(said.ids)
        if terminated or over_time:
            return False
        after = self.chat.line(line, first=False)
        if self.keep_thoughts:
            self.news = [*pending, *after]
            self.rows[-1].given(after if said.ended else [self.chat.end, *after])  # a forced end is not the policy's
        else:
            self._spoken += [*self.chat.spoken(normalise(heard)), *after]
            self.news = list(self._spoken)
            self._open(self.news)
        return True

    def _open(self, ids: Sequence[int]) -> None:
        self.rows.append(Row(self.number))
        self.rows[-1].given(ids)


def rollout_refilled(
    model: Llama,
    chat: ChatFormat,
    envs: Sequence[gym.Env[str, str]],
    scaffold: str,
    scenarios: Sequence[str | None],
    seeds: Sequence[int],
    groups: Sequence[int],
    generator: torch.Generator,
    max_new: int,
    keep_thoughts: bool = True,
    slots: int | None = None,
    first: int = 0,
    engines: dict[int, Engine] | None = None,
) -> Rollout:
    """Play one episode in each environment, at most ``slots`` at a time.

    Args:
        model: the policy.
        chat: its format.
        envs: (N) text environments, wrapped or not.
        scaffold: ``thinking`` or ``direct``.
        scenarios: an id for each, or None for the seed's own.
        seeds: one for each; the members of a group share scenario and seed.
        groups: a number for each.
        generator: of the sampling: one number is drawn from it.
        max_new: tokens a reply has at most, thought included.
        keep_thoughts: whether earlier thoughts stay in the policy's own history, one row an episode. Otherwise each turn is a row of its
            own, and sees what was spoken alone, as in RLVER.
        slots: S; None takes one a dialogue.
        first: number of the first dialogue in a larger batch that several processes play.
        engines: of earlier rollouts of this model and length limit, by their rows: one is used again if it fits, and kept here if it is new.
            That spares a GPU capturing its graphs anew.

    Raises:
        ValueError: if ``slots`` is below 1.
    """
    if slots is not None and slots < 1:
        raise ValueError(f"slots: expected at least 1, got {slots}")
    began = time.perf_counter()
    width = min(slots or len(envs), len(envs))
    numbers, engine = range(first, first + width), (engines or {}).get(width)
    if engine is None:
        engine = Engine(model, width, chat.end, generator, numbers=numbers)
        if engines is not None:
            engines[width] = engine
    else:
        engine.restart(generator, numbers)
    talks = [Talk(i, env, chat, scaffold, keep_thoughts) for i, env in enumerate(envs)]
    seated = talks[:width]
    for talk in seated:
        talk.begin(scenarios[talk.number], seeds[talk.number])
    waiting = iter(talks[width:])
    speaking = list(range(width))  # rows of the engine
    while speaking:
        said = engine.speak(speaking, [seated[row].news for row in speaking], max_new)
        still = []
        for row, s in zip(speaking, said, strict=True):
            if seated[row].reply(s, engine.pending(s)):
                if not keep_thoughts:
                    engine.forget(row)
            elif (following := next(waiting, None)) is not None:
                seated[row] = following
                engine.seat(row, first + following.number)
                following.begin(scenarios[following.number], seeds[following.number])
            else:
                continue
            still.append(row)
        speaking = still
    return _gathered(talks, groups, time.perf_counter() - began)


def _gathered(talks: Sequence[Talk], groups: Sequence[int], seconds: float) -> Rollout:
    replies = sum(len(t.rewards) for t in talks)

    def share(counts: Iterable[int]) -> float:
        return sum(counts) / max(1, replies)

    return Rollout(
        rows=[row for t in talks for row in t.rows],
        groups=list(groups),
        rewards=[t.rewards for t in talks],
        changes=[t.changes for t in talks],
        infos=[t.info for t in talks],
        replies=replies,
        well_formed=share(t.well_formed for t in talks),
        truncated=share(t.truncated for t in talks),
        tokens=sum(t.tokens for t in talks),
        seconds=seconds,
        env_seconds=sum(t.env_seconds for t in talks),
    )
