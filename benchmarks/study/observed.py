"""A trainer that now and then writes down which strategies its training talks are made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agents.learner.loop import Trainer
from agents.learner.rollout import Rollout
from benchmarks.study.measure import STRATEGIES, kept

__all__ = ["Observed"]


class Observed(Trainer):
    """As :class:`~agents.learner.loop.Trainer`, with a look at the strategies of the first dialogue of each group.

    Args:
        *args: the trainer's.
        every: updates between two looks.
        **kwargs: the trainer's.
    """

    def __init__(self, *args: Any, every: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.every = every

    @property
    def _path(self) -> Path:
        return self.out / "strategies.jsonl"

    def play(self) -> Rollout:
        """The trainer's rollout, looked at."""
        batch = super().play()
        if self.step % self.every == 0:
            first = [batch.groups.index(group) for group in dict.fromkeys(batch.groups)]
            columns = kept([batch.infos[i]["transcript"] for i in first])
            replies = sum(columns["turns"])
            shares = [round(sum(columns["strategies"][name]) / 100 / replies, 3) for name in STRATEGIES]
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([self.step, shares, columns["worth"]]) + "\n")
        return batch

    def river(self) -> dict[str, Any]:
        """``step``, and by strategy its share of the replies; of an update that was played twice the last look counts."""
        looks: dict[int, list[float]] = {}
        for line in self._path.read_text(encoding="utf-8").splitlines():
            step, shares, _ = json.loads(line)
            looks[step] = shares
        steps = sorted(looks)
        return {"step": steps, **{name: [looks[s][k] for s in steps] for k, name in enumerate(STRATEGIES)}}
