"""What is done otherwise on a GPU than on a CPU."""

from __future__ import annotations

import os
from pathlib import Path

import torch
from torch import Tensor

PIPES, CONTROL = "CUDA_MPS_PIPE_DIRECTORY", "/tmp/nvidia-mps"
"""The variable that names the folder of NVIDIA's multi-process service, and the folder without it (its manual, *Environment Variables*)."""


def served() -> bool:
    """Whether that service seems to run here, so that kernels of several processes run side by side."""
    return (Path(os.environ.get(PIPES, CONTROL)) / "control").exists()


def taking_turns(device: str, processes: int) -> str:
    """A warning for several processes that are about to take turns on one GPU; empty where they are not.

    Twelve trainings of nano make 3.7 updates a second by turns and 12.9 under the service (``docs/learner.md``, *On a GPU*).

    Args:
        device: as PyTorch names it.
        processes: that will use it.
    """
    if processes < 2 or not device.startswith("cuda") or served():
        return ""
    return (
        f"{processes} processes will take turns on the GPU, which can take several times as long as side by side: start NVIDIA's multi-process service "
        "first (nvidia-cuda-mps-control -d; docs/learner.md, On a GPU)"
    )


def steady(device: torch.device) -> None:
    """Leave cuDNN's attention aside: it makes a plan for each new shape, which takes far longer than the attention, and shapes are new at each turn.

    Process-wide, and nothing on a CPU. Products in fp32 stay in fp32: PyTorch does not round them to TF32 unless it is told to.
    """
    if device.type == "cuda":
        torch.backends.cuda.enable_cudnn_sdp(False)


def attend_one(q: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """Attention of one new token a row, by plain products.

    For fp32, where PyTorch's kernel gives each row and key head to one of the GPU's multiprocessors and leaves the others idle. In half precision the
    scores would be rounded, which sets sampling apart from training.

    Args:
        q: (B, K, G, E), a query head's group along the queries.
        keys: (B, K, S, E).
        values: (B, K, S, E).
        mask: (B, 1, 1, S), added to the scores: 0 or minus infinity.

    Returns:
        (B, K, G, E).
    """
    scores = torch.matmul(q * q.shape[-1] ** -0.5, keys.transpose(-1, -2)).add_(mask)  # (B, K, G, S)
    return torch.matmul(scores.softmax(dim=-1), values)
