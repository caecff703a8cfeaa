"""How much work a job is, and how much of it this machine can do at best.

The floating-point operations are those that the mathematics needs and ours does: the head and the last layer's MLP on policy tokens alone, attention
on the half that is not masked. So a share of the peak is not flattered by work that was left out.

Needs nothing but torch, because TRL's process imports it too.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch


def layer_weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """Weights in the matrix products of one layer, by the names of ``config.json``: ``(attention, MLP)``."""
    heads = config["num_attention_heads"] + config["num_key_value_heads"]
    width = config["hidden_size"]
    return 2 * width * heads * config["head_dim"], 3 * width * config["intermediate_size"]


def update_flops(config: Mapping[str, Any], lengths: Sequence[int], policy: int) -> float:
    """Operations of one forward and backward pass (3 x forward, 2 a multiply-add).

    Args:
        config: the model's ``config.json``.
        lengths: tokens of each sequence.
        policy: tokens that have a log-probability in the loss.
    """
    attention, mlp = layer_weights(config)
    layers, tokens = config["num_hidden_layers"], sum(lengths)
    dense = (layers * attention + (layers - 1) * mlp) * tokens
    dense += (mlp + config["vocab_size"] * config["hidden_size"]) * policy
    # Scores and their sum over values: two products of n x n x (heads x width), half of them masked.
    pairs = layers * config["num_attention_heads"] * config["head_dim"] * sum(n * n for n in lengths)
    return 3.0 * (2 * dense + 2 * pairs)


def decode_bytes(config: Mapping[str, Any], rows: int, live: float, size: int) -> float:
    """Bytes that one decode step has to read: every weight once, and each row's keys and values.

    Args:
        config: the model's ``config.json``.
        rows: that decode together.
        live: tokens in each row's cache.
        size: bytes of a number.
    """
    layers = config["num_hidden_layers"]
    weights = layers * sum(layer_weights(config)) + config["vocab_size"] * config["hidden_size"]
    cache = 2 * layers * config["num_key_value_heads"] * config["head_dim"] * live * rows
    return float(size * (weights + cache))


def matmul_peak(dtype: torch.dtype, device: str = "cpu", sides: Sequence[int] = (256, 1024, 2048)) -> float:
    """Operations a second of a square matrix product, the best of some sizes. Sizes that would take long are left out: without bf16 instructions
    a CPU multiplies bf16 tens of times more slowly than fp32.
    """
    best = 0.0
    for side in sides:
        work = 2.0 * side**3
        if best and work / best > 1.0:  # seconds
            break
        a, b = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
        best = max(best, work / _best(lambda a=a, b=b: a @ b, 5, device))  # type: ignore[misc]
    return best


def has_bfloat16() -> bool:
    """Whether this CPU multiplies bf16 at least a tenth as fast as fp32; a fifth of a second to find out."""
    half, full = (matmul_peak(dtype, sides=(256,)) for dtype in (torch.bfloat16, torch.float32))
    return half > full / 10


def copy_bandwidth(device: str = "cpu", size: int = 2**28, repeats: int = 5) -> float:
    """Bytes a second, read and written both counted, of copying ``size`` bytes; the best of some."""
    source = torch.zeros(size // 4, device=device)
    target = torch.ones_like(source)
    return 2.0 * size / _best(lambda: target.copy_(source), repeats, device)


def power(x: Sequence[float], y: Sequence[float]) -> float:
    """The exponent k of the law y = c x^k that is nearest in logarithms.

    Raises:
        ValueError: for fewer than two points.
    """
    if len(x) < 2:
        raise ValueError(f"x: expected at least two points, got {len(x)}")
    u, v = [math.log(a) for a in x], [math.log(b) for b in y]
    mean_u, mean_v = sum(u) / len(u), sum(v) / len(v)
    above = sum((a - mean_u) * (b - mean_v) for a, b in zip(u, v, strict=True))
    return above / sum((a - mean_u) ** 2 for a in u)


def settle(device: str | torch.device) -> None:
    """Wait for what a GPU was told to do."""
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize()


def _best(job: Callable[[], Any], repeats: int, device: str) -> float:
    job()
    spent = []
    for _ in range(repeats):
        settle(device)
        began = time.perf_counter()
        job()
        settle(device)
        spent.append(time.perf_counter() - began)
    return min(spent)
