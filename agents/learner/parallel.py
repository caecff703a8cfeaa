"""Several processes that train one policy, started by ``torchrun``: each plays its own groups, and what a whole batch decides is exchanged.

Every process holds the whole policy. Gradients are summed once an optimiser step; what a loss divides by is summed before. What is drawn depends on
(seed, step, number in the whole batch) and never on the process, so a run is the same on one process and on several up to the order of sums: as
long as no sampled token falls on the other side of such a rounding, after which the two are different draws of the same run. The same number of
processes gives the same bits.

W processes (ranks).
"""

from __future__ import annotations

import atexit
import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh

T = TypeVar("T")

PATIENCE = timedelta(hours=1)
"""How long a rank waits for the others: one may evaluate or download while the rest stand."""

MESHES: dict[str, DeviceMesh] = {}
"""Those that :func:`mesh` has made for the group that stands."""


@dataclass(frozen=True)
class Team:
    """The processes of a run, as one of them sees it. Alone by default: then nothing is exchanged.

    Attributes:
        rank: this process's number, from 0.
        size: W.
    """

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes what a run leaves behind."""
        return self.rank == 0

    def share(self, count: int) -> range:
        """Which of ``count`` things are this rank's: a stretch, so that the ranks' stretches in turn are the whole."""
        return range(count * self.rank // self.size, count * (self.rank + 1) // self.size)

    def gather(self, mine: T) -> list[T]:
        """Every rank's, in the order of ranks. For small things: they are pickled."""
        if self.size == 1:
            return [mine]
        found: list[T | None] = [None] * self.size
        dist.all_gather_object(found, mine)
        return found  # type: ignore[return-value]

    def total(self, *mine: float) -> list[float]:
        """Each number summed over ranks."""
        return [sum(column) for column in zip(*self.gather(mine), strict=True)]

    def any(self, mine: bool) -> bool:
        """Whether it holds on some rank."""
        return any(self.gather(mine))

    def moments(self, mine: Tensor) -> tuple[float, float]:
        """Mean and (n - 1) deviation of the ranks' numbers taken together; ``mine`` (M,), M may differ by rank. Zeros where they are too few."""
        x = mine.double()
        count, total = self.total(len(x), float(x.sum()))
        mean = total / max(1.0, count)
        (squares,) = self.total(float(((x - mean) ** 2).sum()))
        return mean, (squares / (count - 1)) ** 0.5 if count > 1 else 0.0

    def sum_gradients(self, weights: Sequence[Tensor]) -> None:
        """Put the sum over ranks in each weight's ``grad``. A weight without one counts as zero if another rank has one, and stays without otherwise."""
        if self.size == 1:
            return
        device = weights[0].device
        wanted = torch.tensor([w.grad is not None for w in weights], dtype=torch.int32, device=device)
        dist.all_reduce(wanted, dist.ReduceOp.MAX)
        chosen = [w for w, some in zip(weights, wanted.tolist(), strict=True) if some]
        if not chosen:
            return
        flat = torch.cat([(torch.zeros_like(w) if w.grad is None else w.grad).reshape(-1) for w in chosen])
        dist.all_reduce(flat, dist.ReduceOp.SUM)
        for w, part in zip(chosen, flat.split([w.numel() for w in chosen]), strict=True):
            w.grad = part.view_as(w).clone()

    def wait(self) -> None:
        """Until every rank has come here."""
        if self.size > 1:
            self.gather(None)


@contextmanager
def team(device: str) -> Iterator[tuple[Team, str]]:
    """Join the processes that ``torchrun`` started, if it did, and leave them at the end.

    Args:
        device: ``cpu`` or ``cuda``; with several GPUs each process takes the one of its local rank.

    Yields:
        The team and this process's device.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield Team(), device
        return
    if device == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        device = f"cuda:{os.environ['LOCAL_RANK']}"
    dist.init_process_group("cpu:gloo,cuda:nccl" if device.startswith("cuda") else "gloo", timeout=PATIENCE)
    try:
        yield Team(dist.get_rank(), size), device
    finally:
        dist.destroy_process_group()
        while MESHES:
            # DTensor's caches keep a mesh for good, and the mesh would keep the group and its threads. One of them that lets go of a tensor while the
            # interpreter shuts down aborts the process (pytorch/pytorch#190489): all is written, and torchrun calls the whole run failed.
            MESHES.popitem()[1]._pg_registry.clear()
        atexit.register(gc.collect)  # the caller's sharded model, which goes round in a circle, keeps the group too


def mesh(device: str) -> DeviceMesh:
    """All processes in a row, for tensors on a kind of device (``cpu`` or ``cuda``)."""
    if device not in MESHES:
        MESHES[device] = init_device_mesh(device, (dist.get_world_size(),))
    return MESHES[device]
