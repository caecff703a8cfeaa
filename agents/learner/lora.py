"""Low-rank adapters on every linear layer of a Llama (Hu et al., arXiv 2106.09685).

The model stays as it is, names and all: adapters are a module of their own that adds to the layers' outputs. So the base for a KL is the model with the
adapter off, and saving takes the adapter merged into the weights. So does decoding where the weights are single-precision, at no cost a token; half-precision
weights would round most of a small adapter away, so there it stays beside them.

Projections that share an input are one matrix here, hence so is their ``down``; the output head and the embedding keep their weights.

R rank, I inputs and O outputs of a layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from agents.learner.llama import Llama


class Adapter(nn.Module):
    """What one layer's output gets on top: ``scale * up(down(x))``, zero at the start.

    Kept in fp32, since its steps are small; multiplied in the precision of its input.
    """

    def __init__(self, layer: nn.Linear, rank: int, scale: float, generator: torch.Generator) -> None:
        super().__init__()
        self.scale, device = scale, layer.weight.device
        bound = layer.in_features**-0.5  # as nn.Linear begins, and LoRA's own code
        start = torch.empty(rank, layer.in_features).uniform_(-bound, bound, generator=generator)
        self.down = nn.Parameter(start.to(device))  # (R, I)
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank, device=device))  # (O, R)

    def forward(self, x: Tensor) -> Tensor:
        return self.scale * F.linear(F.linear(x, self.down.to(x.dtype)), self.up.to(x.dtype))

    def difference(self) -> Tensor:
        """What it amounts to as a change of the layer's weight, (O, I), fp32."""
        return self.scale * (self.up @ self.down)


class Lora(nn.Module):
    """Adapters on all linear layers of a model's blocks; from here on the model's own weights are frozen.

    Train the parameters of this module; checkpoint its ``state_dict``.

    Args:
        model: whose layers are adapted, in place.
        rank: R.
        alpha: an adapter's output is scaled by ``alpha / rank``.
        generator: of the start, on the CPU.

    Raises:
        ValueError: for a rank below 1 or a model that is adapted already.
    """

    def __init__(self, model: Llama, rank: int, alpha: float, generator: torch.Generator) -> None:
        super().__init__()
        if rank < 1:
            raise ValueError(f"rank: expected at least 1, got {rank}")
        model.requires_grad_(False)
        self._layers = {
            name.replace(".", "/"): layer
            for name, layer in model.model.layers.named_modules()
            if isinstance(layer, nn.Linear)
        }
        if any(layer._forward_hooks for layer in self._layers.values()):
            raise ValueError("model: expected one without adapters, got one that has some")
        self.adapters = nn.ModuleDict(
            {name: Adapter(layer, rank, alpha / rank, generator) for name, layer in self._layers.items()}
        )
        self._on = True
        for name, layer in self._layers.items():
            layer.register_forward_hook(self._adding(name))

    def _adding(self, name: str):  # type: ignore[no-untyped-def]
        adapter = self.adapters[name]

        def add(layer: nn.Module, inputs: tuple[Tensor], output: Tensor) -> Tensor:
            return output + adapter(inputs[0]) if self._on else output

        return add

    @contextmanager
    def off(self) -> Iterator[None]:
        """Inside, the model is what it was before it was adapted."""
        before, self._on = self._on, False
        try:
            yield
        finally:
            self._on = before

    @contextmanager
    def decoding(self) -> Iterator[None]:
        """Inside, the model samples as the adapted one: merged where that loses nothing, and as it is where merging would round.

        A step of 1e-4 on bf16 weights changes a twentieth of them once merged, so what sampled would hardly be what trains.
        """
        exact = all(layer.weight.dtype == torch.float32 for layer in self._layers.values())
        with self.merged() if exact else nullcontext():
            yield

    @contextmanager
    def merged(self, dtype: torch.dtype | None = None) -> Iterator[None]:
        """Inside, the adapters are part of the model's weights: for decoding and saving, not for training.

        The base is put aside and put back, so that merging a thousand times loses no bit. It costs one copy of the layers while it lasts.

        Args:
            dtype: of the merged weights; None: the model's own, to which they are rounded.
        """
        base = {name: layer.weight.data for name, layer in self._layers.items()}
        with self.off():
            try:
                for name, layer in self._layers.items():
                    layer.weight.data = self._whole(name, dtype)
                yield
            finally:
                for name, layer in self._layers.items():
                    layer.weight.data = base[name]

    @torch.no_grad()
    def _whole(self, name: str, dtype: torch.dtype | None) -> Tensor:
        adapter, weight = self.adapters[name], self._layers[name].weight
        assert isinstance(adapter, Adapter)
        return (weight.float() + adapter.difference()).to(dtype or weight.dtype)  # (O, I)
