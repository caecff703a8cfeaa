"""Rolling a policy out: dialogues in lock-step, groups on the same scenario and key, tokens in and tokens out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import gymnasium as gym
import torch

from agents.learner.chat import ChatFormat
from agents.learner.engine import Engine, Sampled
from agents.learner.llama import Llama
from empathy_gym.seeker.text import normalise, split_thought


@dataclass
class Row:
    """One training sequence: an episode, or one of its turns where earlier thoughts are dropped.

    Attributes:
        episode: its number.
        ids: all tokens, from the system prompt to the last reply's end.
        policy: of each token, whether the policy sampled it: what the loss is on.
        logprobs: of each when it was sampled; 0 elsewhere.
        turns: the turn of each policy token, in their order.
    """

    episode: int
    ids: list[int] = field(default_factory=list)
    policy: list[bool] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)

    def given(self, ids: Sequence[int]) -> None:
        """Append tokens that are not the policy's: prompt, seeker, glue, a forced end."""
        self.ids += ids
        self.policy += [False] * len(ids)
        self.logprobs += [0.0] * len(ids)

    def sampled(self, sampled: Sampled, turn: int) -> None:
        """Append what the policy said in a turn."""
        self.ids += sampled.ids
        self.policy += [True] * len(sampled.ids)
        self.logprobs += sampled.logprobs
        self.turns += [turn] * len(sampled.ids)


@dataclass
class Rollout:
    """What came of a batch of dialogues. N episodes.

    Attributes:
        rows: training sequences, by episode, then by turn.
        groups: (N) the group of each episode.
        rewards: (N, turns) as the environment paid them.
        changes: (N, turns) of the emotion, in points.
        infos: (N) the last info of each episode, with outcome, skills and transcript.
        replies: in all.
        well_formed: share of replies that kept the scaffold's format.
        truncated: share of replies cut at the length limit.
        tokens: that the policy sampled.
        seconds: in all.
        env_seconds: of them, in the environment.
    """

    rows: list[Row]
    groups: list[int]
    rewards: list[list[float]]
    changes: list[list[float]]
    infos: list[dict[str, Any]]
    replies: int
    well_formed: float
    truncated: float
    tokens: int
    seconds: float
    env_seconds: float

    @property
    def final(self) -> list[float]:
        """(N) final emotion, points."""
        return [info["emotion"] / 1000 for info in self.infos]


def rollout(
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
) -> Rollout:
    """Play one episode in each environment.

    Args:
        model: the policy.
        chat: its format.
        envs: text environments, wrapped or not.
        scaffold: ``thinking`` or ``direct``.
        scenarios: an id for each, or None for the seed's own.
        seeds: one for each; the members of a group share scenario and seed.
        groups: a number for each.
        generator: of the sampling.
        max_new: tokens a reply has at most, thought included.
        keep_thoughts: whether earlier thoughts stay in the policy's own history, one row an episode. Otherwise each turn is a row of its
            own, and sees what was spoken alone, as in RLVER.
    """
    began, in_env, n = time.perf_counter(), 0.0, len(envs)
    engine = Engine(model, n, chat.end, generator)
    open_rows = [Row(i) for i in range(n)]
    rows = open_rows if keep_thoughts else []
    news: list[list[int]] = []
    infos: list[dict[str, Any]] = []
    for i, env in enumerate(envs):
        options = None if scenarios[i] is None else {"scenario": scenarios[i]}
        line, info = env.reset(seed=seeds[i], options=options)
        infos.append(info)
        news.append([*chat.begin(scaffold), *chat.line(line, first=True)])
        open_rows[i].given(news[i])
    in_env += time.perf_counter() - began
    spoken = [list(ids) for ids in news]  # each history without thoughts
    rewards: list[list[float]] = [[] for _ in range(n)]
    changes: list[list[float]] = [[] for _ in range(n)]
    alive, turn = list(range(n)), 0
    replies = well_formed = truncated = tokens = 0
    while alive:
        said = engine.speak(alive, [news[i] for i in alive], max_new)
        still = []
        for i, s in zip(alive, said, strict=True):
            raw = chat.text(s.ids)
            open_rows[i].sampled(s, turn)
            mark = time.perf_counter()
            line, reward, terminated, over_time, infos[i] = envs[i].step(raw)
            in_env += time.perf_counter() - mark
            rewards[i].append(float(reward))
            changes[i].append(infos[i]["emotion_change"] / 1000)
            _, heard, kept = split_thought(raw)
            replies, tokens, truncated = replies + 1, tokens + len(s.ids), truncated + (not s.ended)
            well_formed += kept or scaffold == "direct"
            if not keep_thoughts:
                rows.append(open_rows[i])
            if terminated or over_time:
                continue
            still.append(i)
            after = chat.line(line, first=False)
            if keep_thoughts:
                news[i] = [*engine.pending(s), *after]
                open_rows[i].given(after if s.ended else [chat.end, *after])  # a forced end is not the policy's
            else:
                engine.forget(i)
                spoken[i] += [*chat.spoken(normalise(heard)), *after]
                news[i], open_rows[i] = spoken[i], Row(i)
                open_rows[i].given(spoken[i])
        alive, turn = still, turn + 1
    return Rollout(
        rows=sorted(rows, key=lambda row: (row.episode, row.turns[0])),
        groups=list(groups),
        rewards=rewards,
        changes=changes,
        infos=infos,
        replies=replies,
        well_formed=well_formed / max(1, replies),
        truncated=truncated / max(1, replies),
        tokens=tokens,
        seconds=time.perf_counter() - began,
        env_seconds=in_env,
    )
