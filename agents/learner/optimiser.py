"""AdamW that keeps fp32 masters of bf16 weights, and accumulates their gradients in fp32."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from agents.learner.parallel import Team


class Optimiser:
    """AdamW with clipping and a linear warm-up.

    Weights in fp32 are stepped as they are. Weights in bf16 would swallow updates smaller than their 8 bits, so each has an fp32 master that is
    stepped and rounded back; gradients move to the masters as they come, micro-batch by micro-batch.

    Args:
        module: what is trained, in place.
        rate: the learning rate after the warm-up; no weight decay.
        warmup: steps over which it rises.
        clip: norm to which the gradient is cut.
    """

    def __init__(self, module: nn.Module, rate: float, warmup: int, clip: float) -> None:
        self.rate, self.warmup, self.clip, self.count = rate, warmup, clip, 0
        self.weights = [p for p in module.parameters() if p.requires_grad]
        self.masters: list[Tensor] = []
        for p in self.weights:
            master = p if p.dtype == torch.float32 else p.detach().float().clone().requires_grad_(True)
            if master is not p:
                p.register_post_accumulate_grad_hook(_mover(master))
            self.masters.append(master)
        on_gpu = any(m.is_cuda for m in self.masters)  # where one kernel for all is much less than one each
        self.adam = torch.optim.AdamW(self.masters, lr=rate, betas=(0.9, 0.95), weight_decay=0.0, fused=on_gpu or None)

    def reduce(self, team: Team) -> None:
        """Sum what has been accumulated over the processes."""
        team.sum_gradients(self.masters)

    @torch.no_grad()
    def step(self) -> float:
        """Step on what has been accumulated and clear it; the gradient's norm before clipping.

        A gradient that is not finite is thrown away and nothing changes: a step on it would leave no weight that is a number.
        """
        norm = self._clip()
        if not math.isfinite(norm):
            self.adam.zero_grad(set_to_none=True)
            return norm
        self.count += 1
        for group in self.adam.param_groups:
            group["lr"] = self.rate * min(1.0, self.count / max(1, self.warmup))
        self.adam.step()
        self.adam.zero_grad(set_to_none=True)
        self._round_back()
        return norm

    def state_dict(self) -> dict[str, Any]:
        """Everything that the next step depends on."""
        masters = [m.detach() for m, p in zip(self.masters, self.weights, strict=True) if m is not p]
        return {"adam": self.adam.state_dict(), "masters": masters, "count": self.count}

    @torch.no_grad()
    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from :meth:`state_dict`."""
        self.adam.load_state_dict(state["adam"])
        self.count = state["count"]
        own = [m for m, p in zip(self.masters, self.weights, strict=True) if m is not p]
        for master, saved in zip(own, state["masters"], strict=True):
            master.copy_(saved)
        self._round_back()

    def _clip(self) -> float:
        return float(nn.utils.clip_grad_norm_(self.masters, self.clip))

    def _round_back(self) -> None:
        for p, master in zip(self.weights, self.masters, strict=True):
            if p is not master:
                p.copy_(master)


def _mover(master: Tensor):  # type: ignore[no-untyped-def]
    def move(p: Tensor) -> None:
        assert p.grad is not None
        master.grad = p.grad.float() if master.grad is None else master.grad.add_(p.grad)
        p.grad = None

    return move
