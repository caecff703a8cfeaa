"""The device that a command line names, looked at before anything is loaded."""

from __future__ import annotations

import torch


def checked_device(name: str) -> str:
    """The name, if there is such a device here.

    Raises:
        ValueError: for another name than ``cpu``, ``cuda`` or ``cuda:N``, or for a GPU that is not there.
    """
    try:
        kind = torch.device(name)
    except RuntimeError as error:
        raise ValueError(f"device: expected cpu, cuda or cuda:N, got {name!r}") from error
    if kind.type not in ("cpu", "cuda"):
        raise ValueError(f"device: expected cpu, cuda or cuda:N, got {name!r}")
    there = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if kind.type == "cuda" and (kind.index or 0) >= there:
        raise ValueError(f"device: expected one that is here ({there} GPUs that PyTorch can use), got {name!r}")
    return name
