"""A Llama-family causal LM in plain PyTorch, with a static KV cache that lives across turns.

Weights carry transformers' names, so any ``LlamaForCausalLM`` or ``Qwen2ForCausalLM`` checkpoint loads as it is, and what is trained here loads
there (a test holds both to equal logits). Written out because decoding a model of a few million parameters through a general library spends
nine tenths of its time outside the matrix products, and because the cache must take new tokens at a different place in every row.

B rows, T new tokens, S cache slots, H heads, K key/value heads, E head width, D model width, V vocabulary.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Shape:
    """What decides the parameters' shapes; read from a checkpoint's ``config.json``."""

    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    rope_theta: float = 10_000.0
    rms_norm_eps: float = 1e-5
    tie_word_embeddings: bool = True
    qkv_bias: bool = False
    max_position_embeddings: int = 2048

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Shape:
        """From the content of a transformers ``config.json``."""
        if config.get("model_type") not in ("llama", "qwen2"):
            raise ValueError(f"model_type: expected llama or qwen2, got {config.get('model_type')!r}")
        rope = config.get("rope_parameters") or {}
        if config.get("rope_scaling") or rope.get("rope_type", "default") != "default":
            raise ValueError(f"rope: expected the default kind, got {config.get('rope_scaling') or rope}")
        heads = config["num_attention_heads"]
        return cls(
            vocab_size=config["vocab_size"],
            hidden_size=config["hidden_size"],
            intermediate_size=config["intermediate_size"],
            num_hidden_layers=config["num_hidden_layers"],
            num_attention_heads=heads,
            num_key_value_heads=config.get("num_key_value_heads") or heads,
            head_dim=config.get("head_dim") or config["hidden_size"] // heads,
            rope_theta=float(rope.get("rope_theta") or config.get("rope_theta") or 10_000.0),
            rms_norm_eps=config.get("rms_norm_eps", 1e-5),
            tie_word_embeddings=config.get("tie_word_embeddings", True),
            qkv_bias=config["model_type"] == "qwen2" or bool(config.get("attention_bias")),
            max_position_embeddings=config.get("max_position_embeddings", 2048),
        )

    def to_config(self) -> dict[str, Any]:
        """A ``config.json`` that transformers reads."""
        kind = "qwen2" if self.qkv_bias else "llama"
        fields = {k: v for k, v in asdict(self).items() if k not in ("qkv_bias", "rope_theta")}
        return {
            **fields,
            "model_type": kind,
            "architectures": ["Qwen2ForCausalLM" if self.qkv_bias else "LlamaForCausalLM"],
            "hidden_act": "silu",
            "attention_bias": False,
            "rope_theta": self.rope_theta,
            "torch_dtype": "float32",
        }


class Cache:
    """Keys and values of every row, one slot a position; rows have lengths of their own."""

    def __init__(self, shape: Shape, rows: int, slots: int, device: torch.device, dtype: torch.dtype) -> None:
        size = (shape.num_hidden_layers, rows, shape.num_key_value_heads, slots, shape.head_dim)
        self.k = torch.zeros(size, device=device, dtype=dtype)  # (L, B, K, S, E)
        self.v = torch.zeros(size, device=device, dtype=dtype)  # (L, B, K, S, E)

    @property
    def slots(self) -> int:
        return self.k.shape[3]

    def grow(self, slots: int) -> None:
        """Make room for more positions; what is there stays."""
        if slots > self.slots:
            more = torch.zeros(
                *self.k.shape[:3], slots - self.slots, self.k.shape[4], device=self.k.device, dtype=self.k.dtype
            )
            self.k = torch.cat([self.k, more], dim=3)
            self.v = torch.cat([self.v, more.clone()], dim=3)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary position embedding, halves convention (as in Llama's transformers port)."""
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]  # (B, H, T, E/2)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)  # (B, H, T, E)


class Attention(nn.Module):
    def __init__(self, s: Shape) -> None:
        super().__init__()
        self.s = s
        self.q_proj = nn.Linear(s.hidden_size, s.num_attention_heads * s.head_dim, bias=s.qkv_bias)
        self.k_proj = nn.Linear(s.hidden_size, s.num_key_value_heads * s.head_dim, bias=s.qkv_bias)
        self.v_proj = nn.Linear(s.hidden_size, s.num_key_value_heads * s.head_dim, bias=s.qkv_bias)
        self.o_proj = nn.Linear(s.num_attention_heads * s.head_dim, s.hidden_size, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, where: _Where | None, layer: int) -> Tensor:
        B, T, _ = x.shape
        s = self.s
        q = self.q_proj(x).view(B, T, s.num_attention_heads, s.head_dim).transpose(1, 2)  # (B, H, T, E)
        k = self.k_proj(x).view(B, T, s.num_key_value_heads, s.head_dim).transpose(1, 2)  # (B, K, T, E)
        v = self.v_proj(x).view(B, T, s.num_key_value_heads, s.head_dim).transpose(1, 2)  # (B, K, T, E)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        grouped = s.num_key_value_heads != s.num_attention_heads
        if where is None:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=grouped)  # (B, H, T, E)
        else:
            keys, values = where.store(layer, k, v)  # (B, K, S', E)
            y = F.scaled_dot_product_attention(q, keys, values, attn_mask=where.mask, enable_gqa=grouped)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, -1))  # (B, T, D)


class Mlp(nn.Module):
    def __init__(self, s: Shape) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(s.hidden_size, s.intermediate_size, bias=False)
        self.up_proj = nn.Linear(s.hidden_size, s.intermediate_size, bias=False)
        self.down_proj = nn.Linear(s.intermediate_size, s.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, s: Shape) -> None:
        super().__init__()
        self.self_attn = Attention(s)
        self.mlp = Mlp(s)
        self.input_layernorm = nn.RMSNorm(s.hidden_size, eps=s.rms_norm_eps)
        self.post_attention_layernorm = nn.RMSNorm(s.hidden_size, eps=s.rms_norm_eps)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, where: _Where | None, layer: int) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, where, layer)
        return x + self.mlp(self.post_attention_layernorm(x))


class _Where:
    """Where a chunk of new tokens goes in the cache, and what each of them may see."""

    def __init__(self, cache: Cache, starts: Tensor, width: int) -> None:
        self.cache = cache
        self.positions = starts[:, None] + torch.arange(width, device=starts.device)  # (B, T)
        self.live = int(self.positions.max()) + 1
        seen = torch.arange(self.live, device=starts.device)
        # A token sees every slot up to its own position. Slots that padding wrote lie behind every real query, and are
        # overwritten before a real query can reach them.
        self.mask = (seen[None, None, :] <= self.positions[:, :, None])[:, None]  # (B, 1, T, S')
        self.rows = torch.arange(starts.shape[0], device=starts.device)[:, None]  # (B, 1)

    def store(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        self.cache.k[layer][self.rows, :, self.positions] = k.transpose(1, 2)  # (B, T, K, E)
        self.cache.v[layer][self.rows, :, self.positions] = v.transpose(1, 2)
        return self.cache.k[layer][:, :, : self.live], self.cache.v[layer][:, :, : self.live]


class Trunk(nn.Module):
    def __init__(self, s: Shape) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(s.vocab_size, s.hidden_size)
        self.layers = nn.ModuleList(Layer(s) for _ in range(s.num_hidden_layers))
        self.norm = nn.RMSNorm(s.hidden_size, eps=s.rms_norm_eps)


class Llama(nn.Module):
    """The model. ``hidden`` gives states, ``head`` turns states into logits (fp32), so that logits need never stand whole."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.model = Trunk(shape)
        self.lm_head = nn.Linear(shape.hidden_size, shape.vocab_size, bias=False)
        if shape.tie_word_embeddings:
            self.lm_head.weight = self.model.embed_tokens.weight
        half = torch.arange(0, shape.head_dim, 2, dtype=torch.float64) / shape.head_dim
        angles = torch.outer(
            torch.arange(shape.max_position_embeddings, dtype=torch.float64), shape.rope_theta**-half
        )  # (P, E/2)
        self.register_buffer("cos", angles.cos().float(), persistent=False)
        self.register_buffer("sin", angles.sin().float(), persistent=False)

    def init(self, generator: torch.Generator) -> Llama:
        """Fresh weights: normal with 0.02, output projections scaled down by depth (GPT-2)."""
        with torch.no_grad():
            for name, p in self.named_parameters():
                if p.dim() == 1:
                    p.fill_(0.0 if name.endswith("bias") else 1.0)
                    continue
                scale = (
                    0.02 / (2 * self.shape.num_hidden_layers) ** 0.5
                    if name.endswith(("o_proj.weight", "down_proj.weight"))
                    else 0.02
                )
                p.copy_(torch.randn(p.shape, generator=generator) * scale)
        return self

    def hidden(self, ids: Tensor, cache: Cache | None = None, starts: Tensor | None = None) -> Tensor:
        """States after the last norm.

        Args:
            ids: (B, T) tokens; without a cache whole sequences from position 0, padded on the right.
            cache: where keys and values of earlier tokens lie and the new ones go.
            starts: (B,) position of each row's first new token.

        Returns:
            (B, T, D).
        """
        where = None if cache is None or starts is None else _Where(cache, starts, ids.shape[1])
        if where is None:
            cos, sin = self.cos[None, None, : ids.shape[1]], self.sin[None, None, : ids.shape[1]]  # (1, 1, T, E/2)
        else:
            cos, sin = self.cos[where.positions][:, None], self.sin[where.positions][:, None]  # (B, 1, T, E/2)
        x = self.model.embed_tokens(ids)  # (B, T, D)
        cos, sin = cos.to(x.dtype), sin.to(x.dtype)
        for i, layer in enumerate(self.model.layers):
            x = layer(x, cos, sin, where, i)
        return self.model.norm(x)

    def head(self, hidden: Tensor) -> Tensor:
        """Logits in fp32, (..., D) to (..., V)."""
        return self.lm_head(hidden).float()

    def new_cache(self, rows: int, slots: int) -> Cache:
        """An empty cache on the model's device."""
        p = self.model.embed_tokens.weight
        return Cache(self.shape, rows, min(slots, self.shape.max_position_embeddings), p.device, p.dtype)

    def save(self, folder: Path, dtype: torch.dtype = torch.float32) -> None:
        """Write ``config.json`` and ``model.safetensors`` as transformers does, each whole or not at all."""
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        weights = {k: v.detach().to(dtype).contiguous().cpu() for k, v in self.state_dict().items()}
        if self.shape.tie_word_embeddings:
            weights.pop("lm_head.weight")
        save_file(weights, folder / "model.tmp", metadata={"format": "pt"})
        (folder / "model.tmp").replace(folder / "model.safetensors")
        (folder / "config.tmp").write_text(json.dumps(self.shape.to_config(), indent=1) + "\n", encoding="utf-8")
        (folder / "config.tmp").replace(folder / "config.json")

    @classmethod
    def load(cls, folder: Path, dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu") -> Llama:
        """Read a folder with ``config.json`` and ``*.safetensors``."""
        from safetensors.torch import load_file

        files = sorted(folder.glob("*.safetensors"))
        if not (folder / "config.json").exists() or not files:
            raise FileNotFoundError(
                f"{folder}: expected config.json and *.safetensors, got {sorted(p.name for p in folder.glob('*'))}"
            )
        shape = Shape.from_config(json.loads((folder / "config.json").read_text(encoding="utf-8")))
        model = cls(shape)
        weights: dict[str, Tensor] = {}
        for file in files:
            weights |= load_file(file)
        if shape.tie_word_embeddings:
            weights["lm_head.weight"] = weights["model.embed_tokens.weight"]
        model.load_state_dict({k: v.to(torch.float32) for k, v in weights.items() if "rotary" not in k})
        return model.to(device=device, dtype=dtype)
