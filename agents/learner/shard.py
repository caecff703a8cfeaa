"""Full fine-tunes whose weights, gradients and moments are shared out over the processes: FSDP2, ``torch.distributed.fsdp.fully_shard``.

Each process keeps one part in W of every weight, in fp32, with its gradient and moments. A layer is gathered when it is used, in the precision that
it had before, and let go again; gradients are summed to the part that is kept after each micro-batch. Gathering takes every process, so all of them
go through as many micro-batches (``Trainer._rounds``).

What samples is a whole model that no gathering interrupts, in the weights' own precision: after an update the parts are copied into it. Checkpoints
are whole too, and those of a run without sharding: either may go on from the other's.

W processes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from agents.learner.optimiser import Optimiser
from agents.learner.parallel import Team, mesh


def shard(module: nn.Module, parts: Sequence[nn.Module], train: bool = True) -> None:
    """Share a module's weights out, in place. From here on they are gathered by its ``forward`` alone.

    Args:
        module: the same in every process; its own ``forward`` reaches all of its parts.
        parts: what is gathered on its own, for instance layers; the rest of the module is gathered together. Weights of a part have one type.
        train: keep the parts in fp32, as masters; otherwise in their own type.

    Raises:
        ValueError: for a part with weights of several types.
    """
    from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
    from torch.distributed.tensor import DTensor

    row = mesh(next(module.parameters()).device.type)
    for part in (*parts, module):
        own = [p for p in part.parameters() if not isinstance(p, DTensor)]
        dtypes = {p.dtype for p in own}
        if len(dtypes) > 1:
            raise ValueError(f"parts: expected weights of one type in each, got {sorted(map(str, dtypes))}")
        policy = MixedPrecisionPolicy(next(iter(dtypes), None), reduce_dtype=torch.float32, cast_forward_inputs=False)
        if train:
            for p in own:
                p.data = p.data.float()
        # While it is trained the outermost part is wanted for the way back at once.
        fully_shard(part, mesh=row, mp_policy=policy, reshard_after_forward=part is not module or not train)


def whole(state: Any, keep: bool = True) -> Any:
    """A nested state with every shared-out tensor put together, on the CPU. All processes have to call it.

    Args:
        state: dicts and lists of anything.
        keep: whether this process wants the result; otherwise empty tensors stand in, so that one process alone needs the memory.
    """
    from torch.distributed.tensor import DTensor

    if isinstance(state, dict):
        return {name: whole(value, keep) for name, value in state.items()}
    if isinstance(state, list):
        return [whole(value, keep) for value in state]
    if not isinstance(state, DTensor):
        return state
    full = state.detach().full_tensor()  # type: ignore[attr-defined]
    return full.cpu() if keep else full.new_empty(0)


def spread(full: Tensor, like: Tensor) -> Tensor:
    """This process's part of a whole tensor, shared out as another one is; whole if that one is. All processes have to call it."""
    from torch.distributed.tensor import DTensor, distribute_tensor

    if not isinstance(like, DTensor):
        return full
    return distribute_tensor(full.to(like.device, like.dtype), like.device_mesh, like.placements)


def load(module: nn.Module, state: dict[str, Tensor]) -> None:
    """``load_state_dict`` of whole weights into a module that may be shared out."""
    own = module.state_dict()
    module.load_state_dict({name: spread(value, own[name]) if name in own else value for name, value in state.items()})


class ShardedOptimiser(Optimiser):
    """:class:`Optimiser` over weights that it shares out.

    Args:
        module: what is trained; shared out here, in place.
        parts: see :func:`shard`.
        team: the processes.
        rate: as the other's.
        warmup: as the other's.
        clip: as the other's; the norm is that of all processes' parts.
    """

    def __init__(
        self, module: nn.Module, parts: Sequence[nn.Module], team: Team, rate: float, warmup: int, clip: float
    ) -> None:
        rounded = [p.dtype != torch.float32 for p in module.parameters()]
        shard(module, parts)
        super().__init__(module, rate, warmup, clip)
        self.team = team
        self._rounded = [p for p, is_rounded in zip(self.weights, rounded, strict=True) if is_rounded]
        """Those that a run without sharding keeps masters of."""

    def reduce(self, team: Team) -> None:
        """From FSDP2's mean over processes to their sum. Its own ways to a sum are newer, and one needs an operation that gloo lacks (PREMUL_SUM)."""
        for p in self.weights:
            if p.grad is not None:
                p.grad.mul_(team.size)

    def state_dict(self) -> dict[str, Any]:
        """Whole in the leader. All processes have to call it."""
        state = {**super().state_dict(), "masters": [p.detach() for p in self._rounded]}
        found: dict[str, Any] = whole(state, self.team.leads)
        return found

    @torch.no_grad()
    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a whole state. All processes have to call it."""
        adam = state["adam"]
        moments = {
            i: {name: value if value.dim() == 0 else spread(value, self.weights[i]) for name, value in of.items()}
            for i, of in adam["state"].items()
        }
        super().load_state_dict({**state, "adam": {**adam, "state": moments}, "masters": []})
        for p, saved in zip(self._rounded, state["masters"], strict=True):
            p.copy_(spread(saved, p))

    def _clip(self) -> float:
        norm = nn.utils.clip_grad_norm_(self.masters, self.clip)
        return float(whole(norm))  # of a process's own parts until it is put together

    @torch.no_grad()
    def take(self, weights: Iterable[Tensor]) -> None:
        """Set the weights to whole ones, in the module's order."""
        for p, full in zip(self.weights, weights, strict=True):
            p.copy_(spread(full.detach(), p))

    @torch.no_grad()
    def give(self, weights: Iterable[Tensor]) -> None:
        """Put the weights together in whole ones, in the module's order and rounded to their type."""
        for p, full in zip(self.weights, weights, strict=True):
            full.copy_(p.detach().to(full.dtype).full_tensor())  # type: ignore[attr-defined]
