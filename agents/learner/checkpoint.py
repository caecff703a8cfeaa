"""Checkpoints: everything that training needs to go on as if nothing had happened, written whole or not at all."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import torch


def save(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint beside the old one, then put it in its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def load(path: Path) -> dict[str, Any]:
    """Read a checkpoint; tensors on the CPU.

    Raises:
        ValueError: for a file that is none, such as one that was cut short.
    """
    try:
        found: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, IndexError, KeyError, pickle.UnpicklingError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ValueError(f"{path}: expected a checkpoint, got a file that cannot be read as one: {reason}") from error
    return found
