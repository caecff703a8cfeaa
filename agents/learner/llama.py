"""A Llama-family causal LM in plain PyTorch, with a static KV cache that lives across turns.

Checkpoints are transformers' own: any ``LlamaForCausalLM``, ``Qwen2ForCausalLM`` or ``Qwen3ForCausalLM`` folder loads, and what is trained here
loads there (a test holds both to equal logits). Written out because decoding a model of a million parameters through a general library spends
nine tenths of its time outside the matrix products, and because each row of the cache must take new tokens at a place of its own.

Three things differ inside from transformers' code, and are undone on saving. Projections that share an input are one matrix. Query and
key rows are in Meta's order, so that rotating them is one complex product. A query head's group is laid along the query axis, so that keys that several
heads share are read once a step and never copied.

B rows, T new tokens, S cache slots, H heads, K key/value heads, G heads a key/value head, E head width, D model width, V vocabulary, P positions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from agents.learner.gpu import attend_one, steady
from agents.learner.packing import Segments, attend
from agents.learner.weights import from_transformers, to_transformers

KINDS = {"llama": "LlamaForCausalLM", "qwen2": "Qwen2ForCausalLM", "qwen3": "Qwen3ForCausalLM"}


@dataclass(frozen=True)
class Shape:
    """What decides the parameters' shapes, under the names that a checkpoint's ``config.json`` gives them."""

    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    model_type: str = "llama"
    rope_theta: float = 10_000.0
    rms_norm_eps: float = 1e-5
    tie_word_embeddings: bool = True
    max_position_embeddings: int = 2048

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Shape:
        """From the content of a transformers ``config.json``.

        Raises:
            ValueError: for another family, scaled rotations, biases, a sliding window, another activation, or without its sizes.
        """
        kind = config.get("model_type")
        if kind not in KINDS:
            raise ValueError(f"model_type: expected {', '.join(KINDS)}, got {kind!r}")
        rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
        if rope.get("rope_type", rope.get("type", "default")) != "default":
            raise ValueError(f"rope: expected the default kind, got {rope}")
        for name in ("attention_bias", "mlp_bias", "use_sliding_window"):
            if config.get(name) and (kind, name) != ("qwen2", "attention_bias"):
                raise ValueError(f"{name}: expected false, got {config[name]!r}")
        if config.get("hidden_act", "silu") not in ("silu", "swish"):
            raise ValueError(f"hidden_act: expected 'silu', got {config['hidden_act']!r}")
        sizes = ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads")
        missing = [name for name in sizes if not isinstance(config.get(name), int)]
        if missing:
            raise ValueError(
                f"config.json: expected whole numbers {', '.join(sizes)}, got none for {', '.join(missing)}"
            )
        heads = config["num_attention_heads"]
        return cls(
            vocab_size=config["vocab_size"],
            hidden_size=config["hidden_size"],
            intermediate_size=config["intermediate_size"],
            num_hidden_layers=config["num_hidden_layers"],
            num_attention_heads=heads,
            num_key_value_heads=config.get("num_key_value_heads") or heads,
            head_dim=config.get("head_dim") or config["hidden_size"] // heads,
            model_type=kind,
            rope_theta=float(rope.get("rope_theta") or config.get("rope_theta") or 10_000.0),
            rms_norm_eps=config.get("rms_norm_eps", 1e-6),
            tie_word_embeddings=config.get("tie_word_embeddings", False),
            max_position_embeddings=config.get("max_position_embeddings", 2048),
        )

    def to_config(self) -> dict[str, Any]:
        """A ``config.json`` that transformers reads."""
        return {**asdict(self), "architectures": [KINDS[self.model_type]], "hidden_act": "silu"}


class Cache:
    """Keys and values of B rows; a row's token at position p lies in slot p."""

    def __init__(self, k: Tensor, v: Tensor) -> None:
        self.k, self.v = k, v  # (L, B, K, S, E)

    @property
    def slots(self) -> int:
        """Positions that fit."""
        return self.k.shape[3]

    def grown(self, slots: int) -> Cache:
        """A cache with more slots; what is there stays."""
        more = (0, 0, 0, slots - self.slots)
        return Cache(F.pad(self.k, more), F.pad(self.v, more))

    def take(self, rows: Tensor, slots: int) -> Cache:
        """The first slots of some rows, copied."""
        return Cache(self.k[:, rows, :, :slots], self.v[:, rows, :, :slots])


class Placement:
    """Where a chunk of new tokens goes in a cache, and what each of them sees.

    Args:
        cache: with room for every token.
        starts: (B,) position of each row's first new token.
        width: T, new tokens a row, padding on the right included.
        live: slots to read: one more than the highest position (known to the caller without asking the device).
    """

    def __init__(self, cache: Cache, starts: Tensor, width: int, live: int) -> None:
        self.cache, self.live = cache, live
        # A real token never gets the last slot (the engine keeps one more than is fed), so padding may.
        positions = starts[:, None] + torch.arange(width, device=starts.device)
        self.positions = positions.clamp(max=cache.slots - 1)  # (B, T)
        self.rows = torch.arange(len(starts), device=starts.device)[:, None]  # (B, 1)
        # A token sees the slots up to its own. What padding writes lies behind every real token of its row, and is overwritten before a
        # real token can see it.
        seen = torch.arange(live, device=starts.device) <= self.positions[:, :, None]  # (B, T, S)
        self.mask = seen[:, None]  # (B, 1, T, S)
        if seen.is_cuda:  # where attention adds a mask, and would make one of these at each layer
            none = torch.zeros(self.mask.shape, dtype=cache.k.dtype, device=seen.device)
            self.mask = none.masked_fill_(~self.mask, -torch.inf)

    def store(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Put keys and values (B, T, K, E) in their slots; all that is live back, (B, K, S, E)."""
        self.cache.k[layer][self.rows, :, self.positions] = k
        self.cache.v[layer][self.rows, :, self.positions] = v
        return self.cache.k[layer][:, :, : self.live], self.cache.v[layer][:, :, : self.live]


Place = Placement | Segments | None
"""Where tokens stand: in a cache, in a packed row, or in whole sequences of their own."""


def rotate(x: Tensor, turns: Tensor) -> Tensor:
    """Rotary position embedding in Meta's order: pairs of neighbours are complex numbers. ``x`` (B, T, H, E), ``turns`` (B or 1, T, 1, E/2)."""
    pairs = torch.view_as_complex(x.float().unflatten(-1, (-1, 2)))  # (B, T, H, E/2)
    return torch.view_as_real(pairs * turns).flatten(-2).to(x.dtype)  # (B, T, H, E)


class Attention(nn.Module):
    def __init__(self, s: Shape) -> None:
        super().__init__()
        self.s = s
        heads = s.num_attention_heads + 2 * s.num_key_value_heads
        self.qkv_proj = nn.Linear(s.hidden_size, heads * s.head_dim, bias=s.model_type == "qwen2")
        self.o_proj = nn.Linear(s.num_attention_heads * s.head_dim, s.hidden_size, bias=False)
        if s.model_type == "qwen3":
            self.q_norm = nn.RMSNorm(s.head_dim, eps=s.rms_norm_eps)
            self.k_norm = nn.RMSNorm(s.head_dim, eps=s.rms_norm_eps)

    def forward(self, x: Tensor, turns: Tensor, place: Place, layer: int) -> Tensor:
        s, (B, T, _) = self.s, x.shape
        H, K, E = s.num_attention_heads, s.num_key_value_heads, s.head_dim
        x = self.qkv_proj(x).view(B, T, H + 2 * K, E)
        if s.model_type == "qwen3":
            q, k, v = x.split([H, K, K], dim=2)
            q, k = rotate(self.q_norm(q), turns), rotate(self.k_norm(k), turns)
        else:
            qk, v = x.split([H + K, K], dim=2)
            q, k = rotate(qk, turns).split([H, K], dim=2)  # (B, T, H, E), (B, T, K, E)
        if place is None:
            y = F.scaled_dot_product_attention(
                q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), is_causal=True, enable_gqa=H != K
            )  # (B, H, T, E)
            return self.o_proj(y.transpose(1, 2).flatten(2))  # (B, T, D)
        if isinstance(place, Segments):
            return self.o_proj(attend(q, k, v, place).flatten(2))  # (1, T, D)
        keys, values = place.store(layer, k, v)  # (B, K, S, E)
        q = q.view(B, T, K, H // K, E).permute(0, 2, 3, 1, 4).flatten(2, 3)  # (B, K, G*T, E)
        mask = place.mask if T == 1 else place.mask.repeat(1, 1, H // K, 1)  # (B, 1, G*T or 1, S)
        if T == 1 and q.is_cuda and q.dtype == torch.float32:
            y = attend_one(q, keys, values, mask)  # (B, K, G, E)
        else:
            y = F.scaled_dot_product_attention(q, keys, values, attn_mask=mask)  # (B, K, G*T, E)
        y = y.view(B, K, H // K, T, E).permute(0, 3, 1, 2, 4)  # (B, T, K, G, E)
        return self.o_proj(y.reshape(B, T, H * E))  # (B, T, D)


class Mlp(nn.Module):
    def __init__(self, s: Shape) -> None:
        super().__init__()
        self.gate_up_proj = nn.Linear(s.hidden_size, 2 * s.intermediate_size, bias=False)
        self.down_proj = nn.Linear(s.intermediate_size, s.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        gate, up = self.gate_up_proj(x).chunk(2, dim=-1)
        return self.down_proj(F.silu(gate) * up)


class Layer(nn.Module):
    def __init__(self, s: Shape) -> None:
        super().__init__()
        self.self_attn = Attention(s)
        self.mlp = Mlp(s)
        self.input_layernorm = nn.RMSNorm(s.hidden_size, eps=s.rms_norm_eps)
        self.post_attention_layernorm = nn.RMSNorm(s.hidden_size, eps=s.rms_norm_eps)

    def forward(self, x: Tensor, turns: Tensor, place: Place, layer: int, at: tuple[Tensor, Tensor] | None) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), turns, place, layer)
        if at is not None:
            x = x[at]  # (M, D): from here on each token stands alone
        return x + self.mlp(self.post_attention_layernorm(x))


class Trunk(nn.Module):
    def __init__(self, s: Shape) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(s.vocab_size, s.hidden_size)
        self.layers = nn.ModuleList(Layer(s) for _ in range(s.num_hidden_layers))
        self.norm = nn.RMSNorm(s.hidden_size, eps=s.rms_norm_eps)


class Llama(nn.Module):
    """The model. ``hidden`` gives states and ``head`` turns states into logits, so that logits need never stand whole.

    Attributes:
        checkpointing: keep only each layer's input for the way back and compute the rest again; a third more work (a second
            forward) for a fraction of the memory.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape, self.checkpointing = shape, False
        self.model = Trunk(shape)
        self.lm_head = nn.Linear(shape.hidden_size, shape.vocab_size, bias=False)
        if shape.tie_word_embeddings:
            self.lm_head.weight = self.model.embed_tokens.weight
        rates = shape.rope_theta ** -(
            torch.arange(0, shape.head_dim, 2, dtype=torch.float64, device="cpu") / shape.head_dim
        )
        places = torch.arange(shape.max_position_embeddings, dtype=torch.float64, device="cpu")
        angles = torch.outer(places, rates)  # (P, E/2)
        # No buffer: .to(bfloat16) would round the angles, which have to stay exact at high positions.
        self._turns = torch.polar(torch.ones_like(angles), angles).to(torch.complex64)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.model.embed_tokens.weight.device

    @property
    def dtype(self) -> torch.dtype:
        """Of the weights."""
        return self.model.embed_tokens.weight.dtype

    def init(self, generator: torch.Generator) -> Llama:
        """Fresh weights: normal with 0.02, output projections scaled down by depth (GPT-2)."""
        deep = 0.02 / (2 * self.shape.num_hidden_layers) ** 0.5
        with torch.no_grad():
            for name, p in self.named_parameters():
                if p.dim() == 1:
                    p.fill_(0.0 if name.endswith("bias") else 1.0)
                else:
                    out = name.endswith(("o_proj.weight", "down_proj.weight"))
                    p.copy_(torch.randn(p.shape, generator=generator) * (deep if out else 0.02))
        return self

    def hidden(self, ids: Tensor, place: Place = None, at: tuple[Tensor, Tensor] | None = None) -> Tensor:
        """States after the last norm.

        Args:
            ids: (B, T) tokens; without a placement whole sequences from position 0, padded on the right.
            place: where the cache takes the new tokens, or where the sequences of a packed row lie; then B is 1.
            at: (M,) rows and (M,) columns whose states are wanted; the last layer then does without the others.

        Returns:
            (B, T, D), or (M, D) with ``at``.
        """
        if self._turns.device != ids.device:
            self._turns = self._turns.to(ids.device)
            steady(ids.device)
        turns = self._turns[None, : ids.shape[1]] if place is None else self._turns[place.positions]
        turns = turns[:, :, None]  # (B or 1, T, 1, E/2)
        x = self.model.embed_tokens(ids)  # (B, T, D)
        last = self.shape.num_hidden_layers - 1
        again = self.checkpointing and torch.is_grad_enabled() and not isinstance(place, Placement)
        for i, layer in enumerate(self.model.layers):
            given = (x, turns, place, i, at if i == last else None)
            x = checkpoint(layer, *given, use_reentrant=False) if again else layer(*given)
        return self.model.norm(x)

    def head(self, hidden: Tensor) -> Tensor:
        """Logits in fp32, (..., D) to (..., V)."""
        return self.lm_head(hidden).float()

    def new_cache(self, rows: int, slots: int) -> Cache:
        """An empty cache on the model's device."""
        s = self.shape
        size = (s.num_hidden_layers, rows, s.num_key_value_heads, slots, s.head_dim)
        return Cache(*(torch.zeros(size, device=self.device, dtype=self.dtype) for _ in range(2)))

    def save(self, folder: Path, dtype: torch.dtype | None = None, more: Mapping[str, Any] | None = None) -> None:
        """Write ``config.json`` and ``model.safetensors`` as transformers does, each whole or not at all.

        Args:
            folder: made if it is not there.
            dtype: of the weights; None: their own.
            more: what else ``config.json`` shall say, such as ``eos_token_id``.
        """
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        weights = {
            k: v.to(dtype or v.dtype).contiguous().cpu()
            for k, v in to_transformers(self.state_dict(), self.shape).items()
        }
        save_file(weights, folder / "model.tmp", metadata={"format": "pt"})
        (folder / "model.tmp").replace(folder / "model.safetensors")
        config = {
            **self.shape.to_config(),
            "torch_dtype": str(dtype or self.dtype).removeprefix("torch."),
            **(more or {}),
        }
        (folder / "config.tmp").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
        (folder / "config.tmp").replace(folder / "config.json")

    @classmethod
    def load(cls, folder: Path, dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu") -> Llama:
        """Read a folder with ``config.json`` and ``*.safetensors``.

        Raises:
            FileNotFoundError: naming what the folder holds instead.
            ValueError: for a model of another family, and naming the file that cannot be read or the weights that do not fit.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        files = sorted(folder.glob("*.safetensors"))
        if not (folder / "config.json").exists() or not files:
            found = sorted(p.name for p in folder.glob("*")) or "nothing"
            raise FileNotFoundError(f"{folder}: expected config.json and *.safetensors, got {found}")
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{folder / 'config.json'}: expected JSON, got {error}") from error
        shape = Shape.from_config(config)
        weights: dict[str, Tensor] = {}
        for file in files:
            try:
                weights |= load_file(file)
            except SafetensorError as error:
                raise ValueError(f"{file}: expected whole safetensors, got {error}") from error
        with torch.device("meta"):  # no time spent on weights that are thrown away
            model = cls(shape)
        try:
            model.load_state_dict(from_transformers(weights, shape, dtype), assign=True)
        except (RuntimeError, KeyError) as error:
            reason = " ".join(str(error).split())
            raise ValueError(f"{folder}: expected weights as its config.json says, got: {reason}") from error
        if shape.tie_word_embeddings:
            model.lm_head.weight = model.model.embed_tokens.weight
        return model.to(device).requires_grad_(True)
