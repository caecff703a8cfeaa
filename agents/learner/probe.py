"""Do replies depend on what the seeker said? Each is weighed after its own dialogue and after another seeker's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch

from agents.learner.batch import micro_batches, policy_logprobs
from agents.learner.llama import Llama
from agents.learner.parallel import Team
from agents.learner.rollout import Rollout, Row

PROBED = 32
"""Replies that are weighed at most, each to another seeker."""


@torch.no_grad()
def information(model: Llama, batch: Rollout, pad: int, tokens: int, team: Team) -> dict[str, float]:
    """How many nats a token replies owe to their own dialogue, against another seeker's; nothing where there is a single group.

    A proxy for the mutual information of dialogue and reply (RAGEN-2, arXiv 2604.06268): near zero where replies ignore the seeker.

    Args:
        model: the policy.
        batch: this process's dialogues.
        pad: fills rows.
        tokens: of a micro-batch, padding included.
        team: whose dialogues are crossed with each other.
    """
    replies = [r for part in team.gather(last_replies(batch.rows, batch.groups)) for r in part][:PROBED]
    if len(replies) < 2:
        return {}
    sums = [
        sum(
            float(policy_logprobs(model, m.to(model.device))[0].sum())
            for m in micro_batches(rows, range(len(rows)), pad, tokens)
        )
        for rows in straight_and_crossed(replies, team.share(len(replies)))
    ]
    own, other = team.total(*sums)
    return {"information": (own - other) / sum(len(r.said) for r in replies)}


class Reply(NamedTuple):
    """A reply and the tokens before it."""

    context: list[int]
    said: list[int]


def last_replies(rows: Sequence[Row], groups: Sequence[int]) -> list[Reply]:
    """The last reply of the first dialogue of each group: replies to different seekers."""
    last: dict[int, Row] = {}
    for row in rows:
        group = groups[row.episode]
        if group not in last or (row.episode == last[group].episode and row.turns[-1] > last[group].turns[-1]):
            last[group] = row
    found = []
    for group in sorted(last):
        ids, turns = last[group].ids, last[group].turns
        count = turns.count(turns[-1])  # a row ends with its last reply
        found.append(Reply(ids[:-count], ids[-count:]))
    return found


def straight_and_crossed(replies: Sequence[Reply], chosen: Sequence[int]) -> tuple[list[Row], list[Row]]:
    """The chosen replies after their own dialogues, and after the next seeker's."""
    own = [_row(replies[i].context, replies[i].said) for i in chosen]
    other = [_row(replies[(i + 1) % len(replies)].context, replies[i].said) for i in chosen]
    return own, other


def _row(context: Sequence[int], said: Sequence[int]) -> Row:
    n = len(said)
    return Row(0, [*context, *said], [False] * len(context) + [True] * n, [0.0] * (len(context) + n), [0] * n)
