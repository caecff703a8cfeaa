"""PPO's critic: a value for the state before each policy token."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from agents.learner.batch import MicroBatch
from agents.learner.llama import Llama


class Critic(nn.Module):
    """A copy of the policy's trunk with a scalar head that starts at zero."""

    def __init__(self, policy: Llama) -> None:
        super().__init__()
        self.trunk = copy.deepcopy(policy)
        self.out = nn.Linear(policy.shape.hidden_size, 1, device=policy.device, dtype=torch.float32)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, batch: MicroBatch) -> Tensor:
        """(M,) values, fp32."""
        return self.out(self.trunk.hidden(batch.ids, at=batch.states).float())[:, 0]
