"""What came of a batch of dialogues, in figures. Batches of several processes add up before anything is divided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, stdev

from agents.learner.advantages import alike
from agents.learner.rollout import Rollout


@dataclass(frozen=True)
class Talk:
    """What is counted of one dialogue.

    Attributes:
        group: its group.
        reward: in all.
        emotion: the final one, points.
        outcome: as the environment names it.
        skills: points of emotion by skill.
        turns: how many.
    """

    group: int
    reward: float
    emotion: float
    outcome: str
    skills: dict[str, float]
    turns: int


@dataclass(frozen=True)
class Tally:
    """Dialogues and counts of their replies.

    Attributes:
        talks: one for each dialogue, in their order.
        well_formed: replies in the scaffold's format.
        truncated: replies cut at the length limit.
        tokens: that the policy sampled.
        trained_tokens: of all training sequences, prompts and seekers included.
        seconds: of the rollout; the slowest process's.
        env_seconds: of them in the environment; the slowest process's.
    """

    talks: tuple[Talk, ...]
    well_formed: float
    truncated: float
    tokens: int
    trained_tokens: int
    seconds: float
    env_seconds: float

    @property
    def replies(self) -> int:
        """In all."""
        return sum(talk.turns for talk in self.talks)

    @classmethod
    def of(cls, batch: Rollout) -> Tally:
        """Of one rollout."""
        talks = tuple(
            Talk(
                group, sum(rewards), info["emotion"] / 1000, str(info["outcome"]),
                {name: amount / 1000 for name, amount in info["skills"].items()}, len(rewards),
            )
            for group, rewards, info in zip(batch.groups, batch.rewards, batch.infos, strict=True)
        )  # fmt: skip
        replies, trained = batch.replies, sum(len(row.ids) for row in batch.rows)
        return cls(
            talks, batch.well_formed * replies, batch.truncated * replies, batch.tokens, trained, batch.seconds, batch.env_seconds
        )  # fmt: skip

    @classmethod
    def sum(cls, parts: Iterable[Tally]) -> Tally:
        """Of several processes, in the order of ranks."""
        every = list(parts)
        return cls(
            talks=tuple(talk for part in every for talk in part.talks),
            well_formed=sum(part.well_formed for part in every),
            truncated=sum(part.truncated for part in every),
            tokens=sum(part.tokens for part in every),
            trained_tokens=sum(part.trained_tokens for part in every),
            seconds=max(part.seconds for part in every),
            env_seconds=max(part.env_seconds for part in every),
        )

    def groups(self) -> dict[int, list[float]]:
        """The dialogues' rewards by group."""
        found: dict[int, list[float]] = {}
        for talk in self.talks:
            found.setdefault(talk.group, []).append(talk.reward)
        return found


def figures(tally: Tally) -> dict[str, float]:
    """Points, shares and means."""
    talks, groups = tally.talks, list(tally.groups().values())
    n, rewards, outcomes = len(talks), [talk.reward for talk in talks], [talk.outcome for talk in talks]
    found = {
        "emotion": sum(talk.emotion for talk in talks) / n,
        "reward": sum(rewards) / n,
        "reward_std": stdev(rewards) if n > 1 else 0.0,
        "flat_groups": sum(map(alike, groups)) / len(groups),
        "helped": outcomes.count("helped") / n,
        "left": outcomes.count("left") / n,
        "format": tally.well_formed / tally.replies,
        "truncated": tally.truncated / tally.replies,
        "turns": tally.replies / n,
        "reply_tokens": tally.tokens / tally.replies,
    }
    spreads = [0.0 if alike(g) else stdev(g) for g in groups if len(g) > 1]
    if spreads:
        found["group_std"] = fmean(spreads)
    for outcome in sorted(set(outcomes)):
        found[f"turns/{outcome}"] = fmean(talk.turns for talk in talks if talk.outcome == outcome)
    for name in sorted({name for talk in talks for name in talk.skills}):
        found[f"skill/{name}"] = sum(talk.skills.get(name, 0.0) for talk in talks) / n
    return found


def speed(tally: Tally, update_seconds: float) -> dict[str, float]:
    """Seconds and tokens a second, of all processes together."""
    return {
        "rollout_seconds": tally.seconds,
        "env_seconds": tally.env_seconds,
        "update_seconds": update_seconds,
        "rollout_tokens_per_second": tally.tokens / tally.seconds,
        "update_tokens_per_second": tally.trained_tokens / update_seconds,
    }
