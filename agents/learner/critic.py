"""PPO's critic: a value for the state before each policy token."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from agents.learner.batch import MicroBatch
from agents.learner.llama import Llama
from agents.learner.lora import Lora


class Critic(nn.Module):
    """A copy of the policy's trunk with a scalar head that starts at zero.

    Args:
        policy: what is copied; without adapters.
        rank: 0 for a trunk of its own; otherwise the policy's frozen weights, shared, with adapters of this rank.
        alpha: of the adapters; see :class:`Lora`.
        generator: of the adapters' start.
    """

    def __init__(
        self, policy: Llama, rank: int = 0, alpha: float = 32.0, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        shared = {id(p): p for p in policy.parameters()} if rank else {}
        self.trunk = copy.deepcopy(policy, shared)
        self.adapters = Lora(self.trunk, rank, alpha, generator or torch.Generator()) if rank else None
        self.out = nn.Linear(policy.shape.hidden_size, 1, device=policy.device, dtype=torch.float32)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    @property
    def parts(self) -> list[nn.Module]:
        """What can be gathered on its own; see :func:`agents.learner.shard.shard`."""
        return [*self.trunk.model.layers, self.out]

    def forward(self, batch: MicroBatch) -> Tensor:
        """(M,) values, fp32."""
        values = self.out(self.trunk.hidden(batch.ids, batch.segments, batch.states).float())  # (M, 1)
        return values[:, 0].clone()  # no view: see Scorer
