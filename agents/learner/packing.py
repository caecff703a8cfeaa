"""Several sequences in one row without padding: positions restart, and no token sees another sequence's.

N sequences, T tokens in all, H heads, K key/value heads, E head width.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

varlen_attn: Callable[..., Any] | None
try:
    from torch.nn.attention.varlen import varlen_attn
except ImportError:  # PyTorch before 2.10
    varlen_attn = None

KNOWN = () if varlen_attn is None else tuple(inspect.signature(varlen_attn).parameters)
"""What this PyTorch's ``varlen_attn`` can be asked for."""


class Segments:
    """Where each sequence of a packed row begins and ends.

    Args:
        lengths: of the sequences, in their order; all at least 1.
        device: of the tokens.
    """

    def __init__(self, lengths: Sequence[int], device: torch.device | str = "cpu") -> None:
        if not lengths or min(lengths) < 1:
            raise ValueError(f"lengths: expected at least one, each at least 1, got {list(lengths)}")
        self.lengths = list(lengths)
        ends = torch.tensor([0, *self.lengths]).cumsum(0)  # (N + 1,)
        before = ends[:-1].repeat_interleave(torch.tensor(self.lengths))  # (T,)
        self.positions = (torch.arange(int(ends[-1])) - before)[None].to(device)  # (1, T)
        self.bounds = ends.to(device, torch.int32)  # (N + 1,)
        self.longest = max(self.lengths)
        rows = torch.arange(len(self.lengths)).repeat_interleave(torch.tensor(self.lengths))  # (T,)
        self.places = (rows * self.longest).to(device) + self.positions[0]  # (T,) in rows padded to the longest

    def to(self, device: torch.device) -> Segments:
        """The same on another device."""
        return self if self.bounds.device == device else Segments(self.lengths, device)


def attend(q: Tensor, k: Tensor, v: Tensor, segments: Segments) -> Tensor:
    """Causal attention inside each sequence; ``q`` (1, T, H, E), ``k`` and ``v`` (1, T, K, E), result (1, T, H, E).

    On a GPU in half precision one kernel takes all sequences as they lie; in full precision it takes them as padded rows, since a launch for each
    would cost more than the padding. On a CPU each goes through PyTorch's ordinary attention by itself.
    """
    grouped = q.shape[2] != k.shape[2]
    if varlen_attn is not None and q.is_cuda and q.dtype in (torch.float16, torch.bfloat16):
        options = causal_options(KNOWN, grouped)
        if grouped and "enable_gqa" not in options:
            k, v = (x.repeat_interleave(q.shape[2] // k.shape[2], dim=2) for x in (k, v))
        bounds, longest = segments.bounds, segments.longest
        found: Tensor = varlen_attn(q[0], k[0], v[0], bounds, bounds, longest, longest, **options)
        return found[None]
    if q.is_cuda:
        return attend_padded(q, k, v, segments)
    pieces = zip(*(x.transpose(1, 2).split(segments.lengths, dim=2) for x in (q, k, v)), strict=True)
    each = [F.scaled_dot_product_attention(a, b, c, is_causal=True, enable_gqa=grouped) for a, b, c in pieces]
    return torch.cat(each, dim=2).transpose(1, 2)  # (1, T, H, E)


def attend_padded(q: Tensor, k: Tensor, v: Tensor, segments: Segments) -> Tensor:
    """As :func:`attend`, the sequences laid in rows of the longest one's length. No token sees the padding: it lies behind all of them."""
    size = (len(segments.lengths), segments.longest)
    if q.shape[2] != k.shape[2]:  # the kernel for fp32 wants a key head for each query head
        k, v = (x.repeat_interleave(q.shape[2] // k.shape[2], dim=2) for x in (k, v))

    def laid(x: Tensor) -> Tensor:
        wide = x.new_zeros(size[0] * size[1], *x.shape[2:]).index_copy(0, segments.places, x[0])  # (N * longest, H, E)
        return wide.unflatten(0, size).transpose(1, 2)  # (N, H, longest, E)

    y = F.scaled_dot_product_attention(laid(q), laid(k), laid(v), is_causal=True).transpose(1, 2)
    return y.flatten(0, 1).index_select(0, segments.places)[None]  # (1, T, H, E)


def causal_options(known: Collection[str], grouped: bool) -> dict[str, Any]:
    """What makes ``varlen_attn`` causal and, where it can, share keys among query heads.

    PyTorch 2.10 has ``is_causal``; 2.11 has ``window_size`` in its place; 2.12 adds ``enable_gqa``.

    Args:
        known: names of its parameters.
        grouped: whether several query heads share a key head.
    """
    options: dict[str, Any] = {"is_causal": True} if "is_causal" in known else {"window_size": (-1, 0)}
    if grouped and "enable_gqa" in known:
        options["enable_gqa"] = True
    return options
