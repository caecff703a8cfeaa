"""Rolling a policy out: groups of dialogues on the same scenario and key, one sequence of tokens an episode."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from agents.learner.chat import ChatFormat
from agents.learner.engine import Engine
from agents.learner.llama import Llama
from empathy_gym.envs.vector import EmpathySupportVectorEnv


@dataclass
class Row:
    """One training sequence: an episode, or one of its turns where earlier thoughts are dropped.

    Attributes:
        ids: all tokens, system to last end.
        policy: whether each token was sampled by the policy (what the loss is on).
        logprobs: of each token when it was sampled; 0 elsewhere.
        turn_of: the turn of each policy token, -1 elsewhere.
    """

    episode: int
    ids: list[int] = field(default_factory=list)
    policy: list[bool] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    turn_of: list[int] = field(default_factory=list)

    def add(self, ids: Sequence[int], logprobs: Sequence[float] | None = None, turn: int = -1) -> None:
        """Append tokens; with log-probabilities they are the policy's own."""
        self.ids += ids
        self.policy += [logprobs is not None] * len(ids)
        self.logprobs += logprobs if logprobs is not None else [0.0] * len(ids)
        self.turn_of += [turn] * len(ids)


@dataclass
class Rollout:
    """What came of a batch of dialogues.

    Attributes:
        rows: training sequences.
        groups: the group of each episode.
        rewards: per episode and turn, as the environment paid them.
        final: final emotion of each episode, points.
        infos: the last info of each episode.
        well_formed: share of replies that kept the format.
        truncated: share of replies cut at the length limit.
        reply_tokens: mean tokens a reply.
        seconds: in all, and in the environment.
    """

    rows: list[Row]
    groups: list[int]
    rewards: list[list[float]]
    final: list[float]
    infos: list[dict[str, Any]]
    well_formed: float
    truncated: float
    reply_tokens: float
    seconds: float
    env_seconds: float
    new_tokens: int


def rollout(
    model: Llama,
    chat: ChatFormat,
    env: EmpathySupportVectorEnv,
    scenarios: Sequence[str | None],
    seeds: Sequence[int],
    groups: Sequence[int],
    generator: torch.Generator,
    max_new: int,
    temperature: float = 1.0,
    keep_thoughts: bool = True,
) -> Rollout:
    """Play one episode in each sub-environment.

    Args:
        model: the policy.
        chat: its format.
        env: with ``autoreset_mode="DISABLED"``.
        scenarios: an id for each, or None for the seed's own.
        seeds: one for each; the members of a group share scenario and seed.
        groups: a number for each.
        generator: of the sampling.
        max_new: tokens a reply has at most.
        temperature: of the sampling.
        keep_thoughts: whether earlier thoughts stay in the policy's own history (one row an episode); otherwise each turn is its own
            row and is generated from a history of spoken words alone, as RLVER did.
    """
    began, in_env = time.perf_counter(), 0.0
    n = env.num_envs
    lines, _ = env.reset(seed=list(seeds), options={"scenario": list(scenarios)})
    engine = Engine(model, n, chat.end, generator, temperature=temperature)
    rows: list[Row] = []
    current = [Row(i) for i in range(n)]
    news: list[list[int]] = []
    for i in range(n):
        start = [*chat.begin(env.config.scaffold), *chat.line(lines[i], first=True)]
        current[i].add(start)
        news.append(list(start))
    spoken: list[list[int]] = [list(x) for x in news]  # history without thoughts, for keep_thoughts=False
    alive = list(range(n))
    rewards: list[list[float]] = [[] for _ in range(n)]
    infos: list[dict[str, Any]] = [{} for _ in range(n)]
    replies = cut = well = tokens = turn = 0
    while alive:
        if not keep_thoughts and turn:
            engine = Engine(model, n, chat.end, generator, temperature=temperature)
        sampled = engine.speak(alive, [news[i] for i in alive], max_new)
        texts = [""] * n
        for i, s in zip(alive, sampled, strict=True):
            current[i].add(s.ids, s.logprobs, turn)
            texts[i] = chat.text(s.ids)
            replies, cut, tokens = replies + 1, cut + (not s.ended), tokens + len(s.ids)
        mark = time.perf_counter()
        paid, outcome_infos, done = _step_alive(env, alive, texts)
        in_env += time.perf_counter() - mark
        for i, s in zip(alive, sampled, strict=True):
            rewards[i].append(paid[i])
            infos[i] = outcome_infos[i]
            if not s.ended:
                current[i].add([chat.end])  # forced, so not the policy's
            line = chat.line(env.episodes[i].line, first=False)
            if keep_thoughts:
                news[i] = [*engine.pending(s), *line]
            else:
                spoken[i] += [*_heard(chat, env.episodes[i].turns[-1]["heard"]), chat.end, *line]
                news[i] = list(spoken[i])
                rows.append(current[i])
                current[i] = Row(i)
                current[i].add(news[i])
                continue
            if not done[i]:
                current[i].add(line)
        alive = [i for i in alive if not done[i]]
        turn += 1
    if keep_thoughts:
        rows = current
    for i in range(n):
        well += env.episodes[i].well_formed
    return Rollout(
        rows=rows,
        groups=list(groups),
        rewards=rewards,
        final=[e.seeker.emotion / 1000 for e in env.episodes],
        infos=infos,
        well_formed=well / replies,
        truncated=cut / replies,
        reply_tokens=tokens / replies,
        seconds=time.perf_counter() - began,
        env_seconds=in_env,
        new_tokens=tokens,
    )


def _heard(chat: ChatFormat, text: str) -> list[int]:
    encode = getattr(chat, "encode", None) or chat.tokenizer.encode  # type: ignore[attr-defined]
    found = encode(text)
    return list(found if isinstance(found, list) else found.ids)


def _step_alive(
    env: EmpathySupportVectorEnv, alive: Sequence[int], texts: Sequence[str]
) -> tuple[dict[int, float], dict[int, dict], dict[int, bool]]:
    """Step the episodes that go on, and those alone (a vector environment without autoreset steps all or none)."""
    from empathy_gym.seeker.reading import read_many

    prepared = {i: env.episodes[i].prepare(texts[i]) for i in alive}
    readings = read_many([(prepared[i][0], env.episodes[i].seeker.messages) for i in alive])
    paid = {i: env.episodes[i].step(texts[i], prepared[i], reading) for i, reading in zip(alive, readings, strict=True)}
    done = {i: env.episodes[i].over for i in alive}
    infos = {i: env.episodes[i].info() if done[i] else {} for i in alive}
    return paid, infos, done
