"""Does the reply depend on the thought? A trained thinking policy talks on, while its thoughts are exchanged, taken out, or written by another.

At each turn a thinker writes a thought after the talk as the speaker knows it. Then a thought (its own, another seeker's, none, or that of the
untrained start) is put into the speaker's history, and the reply is sampled after it. Nothing is trained.

N talks, all with a place of their own in both engines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import torch

from agents.learner.chat import NanoFormat
from agents.learner.engine import Engine
from agents.learner.llama import Llama
from benchmarks.study.measure import FIRST_SEED, environments
from benchmarks.study.placebo import tags

CONDITIONS = ("own", "swapped", "removed", "start")
"""``own`` is sampled in the same two steps, so that the others differ from it by the thought alone."""

MAX_THOUGHT = 32
"""Tokens; longer thoughts are closed here. The warm start's have 14 at most in 99 of 100 cases."""


class Talks:
    """The talks of one condition.

    Args:
        thinker: who writes thoughts; the policy, or the start.
        speaker: the policy.
        chat: the format of both.
        condition: one of :data:`CONDITIONS`.
        envs: one for each talk.
        max_new: tokens of thought and reply together.
        key: of the sampling, the same for all conditions.

    Raises:
        ValueError: for a condition that there is not.
    """

    def __init__(
        self,
        thinker: Llama,
        speaker: Llama,
        chat: NanoFormat,
        condition: str,
        envs: Sequence[gym.Env[str, str]],
        max_new: int,
        key: int,
    ) -> None:
        if condition not in CONDITIONS:
            raise ValueError(f"condition: expected one of {', '.join(CONDITIONS)}, got {condition!r}")
        self.chat, self.condition, self.envs, self.max_new = chat, condition, envs, max_new
        self.open, self.close = tags(chat)
        count = len(envs)

        def engine(model: Llama, end: int, shift: int) -> Engine:
            generator = torch.Generator().manual_seed(key + shift)
            return Engine(model, count, end, generator, numbers=range(count))

        self.thinker, self.speaker = engine(thinker, self.close, 0), engine(speaker, chat.end, 1)
        self.thoughts: list[list[int]] = [[] for _ in envs]
        """The latest of each talk, tags left out, also of talks that are over."""

    def play(self) -> list[dict[str, Any]]:
        """Transcripts of all talks."""
        transcripts: list[dict[str, Any]] = [{} for _ in self.envs]
        unheard: list[list[int]] = []  # by the speaker
        unread: list[list[int]] = []  # by the thinker
        for i, env in enumerate(self.envs):
            line, _ = env.reset(seed=FIRST_SEED + i)
            unheard.append([*self.chat.begin("thinking"), *self.chat.line(line, first=True)])
            unread.append(list(unheard[i]))
        live = list(range(len(self.envs)))
        while live:
            if self.condition != "removed":
                self._think(live, unread)
            given = {i: self._given(i, live) for i in live}
            said = self.speaker.speak(live, [[*unheard[i], *given[i]] for i in live], self.max_new)
            still = []
            for i, s in zip(live, said, strict=True):
                line, _, terminated, truncated, info = self.envs[i].step(self.chat.text([*given[i], *s.ids]))
                if terminated or truncated:
                    transcripts[i] = info["transcript"]
                    continue
                after = self.chat.line(line, first=False)
                unheard[i] = [*self.speaker.pending(s), *after]
                unread[i] = [*given[i], *s.ids, *([] if s.ended else [self.chat.end]), *after]
                still.append(i)
            live = still
        return transcripts

    def _think(self, live: Sequence[int], unread: Sequence[list[int]]) -> None:
        """A thought for each talk; the thinker then forgets it, and reads the one that was given instead at the next turn."""
        before = [self.thinker.lengths[i] for i in live]
        found = self.thinker.speak(live, [[*unread[i], self.open] for i in live], MAX_THOUGHT)
        for i, length, sampled in zip(live, before, found, strict=True):
            self.thinker.lengths[i] = length + len(unread[i])
            special = {self.close, self.open, self.chat.end}
            cut = next((at for at, token in enumerate(sampled.ids) if token in special), len(sampled.ids))
            self.thoughts[i] = sampled.ids[:cut]

    def _given(self, i: int, live: Sequence[int]) -> list[int]:
        """What stands before the reply of talk ``i``."""
        if self.condition == "removed":
            return [self.open, self.close]
        whose = i
        if self.condition == "swapped":  # the next talk that goes on; the last one's neighbour where none does
            others = [*live[live.index(i) + 1 :], *live[: live.index(i)], (i + 1) % len(self.envs)]
            whose = others[0]
        return [self.open, *self.thoughts[whose], self.close]


def talks(
    condition: str, start: Llama, policy: Llama, chat: NanoFormat, difficulty: str, seekers: int, max_turns: int, max_new: int, key: int
) -> list[dict[str, Any]]:  # fmt: skip
    """Transcripts of the test seekers' talks under one condition.

    Args:
        condition: one of :data:`CONDITIONS`.
        start: the untrained policy.
        policy: the trained one.
        chat: the format of both.
        difficulty: of the seekers.
        seekers: how many.
        max_turns: supporter turns.
        max_new: tokens a reply.
        key: of the sampling.
    """
    # Environments without a format rule: a thought that was taken out is no fault of the reply's.
    envs = environments(seekers, "test", "direct", difficulty, max_turns)
    return Talks(start if condition == "start" else policy, policy, chat, condition, envs, max_new, key).play()
