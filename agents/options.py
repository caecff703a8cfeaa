"""What command lines name, looked at before anything is loaded."""

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


def checked_difficulty(text: str) -> str | float:
    """A difficulty as the environment takes it: a name, which the environment looks at, or a number.

    Raises:
        ValueError: for what is neither.
    """
    if text.isalpha():
        return text
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"difficulty: expected vanilla, challenging or a number from 0 to 1.5, got {text!r}") from None
