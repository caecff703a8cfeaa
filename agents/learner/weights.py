"""Weights from transformers' layout to ours and back; :mod:`agents.learner.llama` says where they differ."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from agents.learner.llama import Shape


ENDS = 64
"""Numbers of either end of a weight that tell two models apart."""


@torch.no_grad()
def digest(model: nn.Module) -> str:
    """What tells a model's weights from others': of their names, shapes and ends, in bf16, so that fp32 and bf16 copies of one are alike."""
    found = hashlib.sha256()
    for name, weight in model.named_parameters():
        flat = weight.detach().reshape(-1)
        ends = torch.cat([flat[:ENDS], flat[-ENDS:]]).to("cpu", torch.bfloat16).view(torch.int16)
        found.update(f"{name} {tuple(weight.shape)} {ends.tolist()}".encode())
    return found.hexdigest()[:12]


def to_transformers(weights: dict[str, Tensor], s: Shape) -> dict[str, Tensor]:
    """Our state under transformers' names and in its order."""
    out: dict[str, Tensor] = {}
    H, K, E = s.num_attention_heads, s.num_key_value_heads, s.head_dim
    for name, w in weights.items():
        if ".qkv_proj." in name:
            q, k, v = w.split([H * E, K * E, K * E])
            for part, rows in (("q", _halves(q, E)), ("k", _halves(k, E)), ("v", v)):
                out[name.replace(".qkv_", f".{part}_")] = rows
        elif ".gate_up_proj." in name:
            gate, up = w.chunk(2)
            out[name.replace(".gate_up_", ".gate_")], out[name.replace(".gate_up_", ".up_")] = gate, up
        elif name.endswith(("q_norm.weight", "k_norm.weight")):
            out[name] = _halves(w, E)
        elif name != "lm_head.weight" or not s.tie_word_embeddings:
            out[name] = w
    return out


def from_transformers(weights: dict[str, Tensor], s: Shape, dtype: torch.dtype) -> dict[str, Tensor]:
    """The reverse of :func:`to_transformers`."""
    out: dict[str, Tensor] = {}
    E = s.head_dim
    for name, w in weights.items():
        if ".q_proj." in name:
            k, v = (weights[name.replace(".q_", f".{part}_")] for part in "kv")
            out[name.replace(".q_", ".qkv_")] = torch.cat([_pairs(w, E), _pairs(k, E), v])
        elif ".gate_proj." in name:
            out[name.replace(".gate_", ".gate_up_")] = torch.cat([w, weights[name.replace(".gate_", ".up_")]])
        elif name.endswith(("q_norm.weight", "k_norm.weight")):
            out[name] = _pairs(w, E)
        elif not any(part in name for part in (".k_proj.", ".v_proj.", ".up_proj.", "rotary")):
            out[name] = w
    if s.tie_word_embeddings:
        out["lm_head.weight"] = out["model.embed_tokens.weight"]
    return {name: w.to(dtype) for name, w in out.items()}


def _pairs(rows: Tensor, width: int) -> Tensor:
    """Rows of each head from transformers' order (first halves, then second halves) to Meta's (neighbours are pairs)."""
    return rows.unflatten(0, (-1, 2, width // 2)).transpose(1, 2).flatten(0, 2)


def _halves(rows: Tensor, width: int) -> Tensor:
    """The reverse of :func:`_pairs`."""
    return rows.unflatten(0, (-1, width // 2, 2)).transpose(1, 2).flatten(0, 2)
