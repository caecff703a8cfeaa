"""How the nano learns from talks: batches, the loss, rows that can be copied only, and the two optimisers.

A model of this size does not come to copy by itself from a few thousand talks: it learns which word is likely and not which one was said. Three
things teach it. Its first layer is made to look back (:func:`look_back`), the half of a copying circuit that gradients take longest to find. Beside the
talks come random tokens that repeat. And in a share of the talks all rarer tokens are exchanged for random ones, the same in the whole talk: there
the frames stay and what fills them can only be taken up.

B rows, T tokens, M tokens with a weight, V vocabulary, N matrices of one form.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from agents.learner.llama import Attention, Llama

RARE = 700
"""Tokens from this id on are the rarer ones: ids below are special tokens, bytes and the commonest words."""

WIDTH, PERIODS = 96, (8, 32)
"""Random tokens of a row, and after how many of them it begins again (the least and the most)."""

WARM_UP = 50
"""Steps over which the rates rise."""

LOOKS_BACK = (1, 2, 0, 1)
"""How many tokens back each head of the first layer looks at the beginning; in turn, if there are more heads."""

SHARPNESS, PAIRS = 12.0, 4
"""How sharply, and by how many of a head's fastest rotations: slower ones hardly tell neighbours apart."""

LOUDER = 3.0
"""Factor of what the first layer's heads take (values), and of what the first two layers' attention gives."""

COPYING_WEIGHT, COPYING_AGAIN = 0.5, 12
"""Of random tokens that repeat: the weight of their loss, and after the first steps every which one has them."""

COPYING_ROWS = 8
"""Rows of them a step."""


class Example(NamedTuple):
    """One talk in one format: tokens and the loss weight of each."""

    ids: list[int]
    weights: list[float]


class Batch(NamedTuple):
    """Padded talks.

    Attributes:
        ids: (B, T) tokens.
        weights: (B, T) of the loss.
        known: (B, T) whether a token is common, or stood earlier in its row.
        row: (M,) rows of what has a weight.
        column: (M,) their columns, less one: where they are foretold.
    """

    ids: Tensor
    weights: Tensor
    known: Tensor
    row: Tensor
    column: Tensor


def batch_of(data: Sequence[Example], device: torch.device) -> Batch:
    """Pad talks on the right."""
    width = max(len(e.ids) for e in data)
    known = []
    for e in data:
        first = {token: at for at, token in reversed(list(enumerate(e.ids)))}
        known.append([t < RARE or first[t] < at for at, t in enumerate(e.ids)] + [False] * (width - len(e.ids)))
    ids = torch.tensor([e.ids + [0] * (width - len(e.ids)) for e in data])  # (B, T)
    weights = torch.tensor([e.weights + [0.0] * (width - len(e.ids)) for e in data])  # (B, T)
    row, column = (weights[:, 1:] > 0).nonzero(as_tuple=True)  # (M,) each
    return Batch(*(x.to(device) for x in (ids, weights, torch.tensor(known), row, column)))


def batches(data: Sequence[Example], tokens: int) -> list[list[Example]]:
    """Batches of like length; the order is fixed by hash."""

    def shuffled(things: list, salt: str) -> list:
        return [
            things[i]
            for _, i in sorted((hashlib.blake2b(f"{salt}/{i}".encode()).digest(), i) for i in range(len(things)))
        ]

    order, found = shuffled(list(range(len(data))), "order"), []
    chunk = max(512, tokens // 8)  # talks are sorted by length within one
    for start in range(0, len(order), chunk):
        taken: list[Example] = []
        for e in sorted((data[i] for i in order[start : start + chunk]), key=lambda e: len(e.ids)):
            if taken and (len(taken) + 1) * len(e.ids) > tokens:
                found.append(taken)
                taken = []
            taken.append(e)
        found.append(taken)
    return shuffled(found, "batches")


def with_random_words(batch: Batch, share: float, vocab: int, generator: torch.Generator) -> Batch:
    """The batch, in a share of its rows the rarer tokens exchanged for one another at random; what cannot be known there loses its weight.

    Args:
        batch: of talks.
        share: of the rows, 0 to 1.
        vocab: V.
        generator: on the batch's device.
    """
    B, device = len(batch.ids), batch.ids.device
    other = torch.rand(B, vocab - RARE, device=device, generator=generator).argsort(dim=1) + RARE  # (B, V - RARE)
    table = torch.cat([torch.arange(RARE, device=device).expand(B, RARE), other], dim=1)  # (B, V)
    chosen = torch.rand(B, 1, device=device, generator=generator) < share  # (B, 1)
    ids = torch.where(chosen, table.gather(1, batch.ids), batch.ids)  # (B, T)
    return batch._replace(ids=ids, weights=batch.weights * (~chosen | batch.known))


def loss_of(model: Llama, batch: Batch) -> Tensor:
    """Weighted mean cross-entropy."""
    with torch.autocast(batch.ids.device.type, torch.bfloat16, enabled=batch.ids.is_cuda):
        logits = model.head(model.hidden(batch.ids[:, :-1], at=(batch.row, batch.column)))  # (M, V)
    weights, targets = batch.weights[batch.row, batch.column + 1], batch.ids[batch.row, batch.column + 1]  # (M,) each
    return (F.cross_entropy(logits.float(), targets, reduction="none") * weights).sum() / weights.sum()


def repeating(rows: int, kinds: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Random tokens that begin again after a while, over and over.

    Args:
        rows: B.
        kinds: how many different tokens there are.
        generator: on the device that is wanted.

    Returns:
        (B, T) tokens and (B, T) whether one could be known.
    """
    device = generator.device
    least, most = PERIODS
    fresh = torch.randint(8, 8 + kinds, (rows, most), device=device, generator=generator)  # past the special tokens
    period = torch.randint(least, most + 1, (rows, 1), device=device, generator=generator)  # (B, 1)
    place = torch.arange(WIDTH, device=device)
    return fresh.gather(1, place % period), place >= period


@torch.no_grad()
def look_back(model: Llama) -> None:
    """Give a model whose first two layers have fresh attention a first layer that knows which token came before.

    To copy, a model looks for what followed the last time that its present token was said (an induction head: Olsson et al. 2022, arXiv 2209.11895). For
    that each place has to know the token before it. Gradients find such a head slowly here, since it can only come from rotations, and fresh
    queries and keys have no part that is the same for all tokens and could be rotated. Biases are such a part: those of the queries are turned so
    that scores are highest a fixed number of tokens back. All of it goes on learning.

    Args:
        model: changed in place.

    Raises:
        ValueError: for a model whose queries and keys have no biases.
    """
    s = model.shape
    attention, following = [part for part in model.modules() if isinstance(part, Attention)][:2]
    if attention.qkv_proj.bias is None:
        raise ValueError(f"model: expected one with biases (qwen2), got {s.model_type}")
    H, K, E = s.num_attention_heads, s.num_key_value_heads, s.head_dim
    # Views: what is written into them is written into the model.
    weights = attention.qkv_proj.weight.view(H + 2 * K, E, s.hidden_size)
    biases = attention.qkv_proj.bias.view(H + 2 * K, E)
    loud = (SHARPNESS * E**0.5) ** 0.5 * (torch.arange(E // 2) < PAIRS).double()  # (E/2)
    rates = s.rope_theta ** -(torch.arange(0, E, 2, dtype=torch.float64) / E)  # (E/2)
    for head in range(H + K):
        back = LOOKS_BACK[head % len(LOOKS_BACK)] if head < H else 0
        biases[head] = torch.view_as_real(torch.polar(loud, -back * rates)).flatten()
    weights[: H + K] *= 1 / LOUDER  # what a token is matters less here than where it stands
    weights[H + K :] *= LOUDER
    for part in (attention, following):
        part.o_proj.weight *= LOUDER


@torch.no_grad()
def with_fresh_attention(old: Llama, generator: torch.Generator) -> Llama:
    """A model that keeps what another has learnt, but for the attention of its first two layers, which looks back.

    Args:
        old: a Llama, or one with biases already.
        generator: of the fresh weights.
    """
    model = Llama(replace(old.shape, model_type="qwen2")).init(generator)
    fresh = ("model.layers.0.self_attn.", "model.layers.1.self_attn.")
    kept = {name: weights for name, weights in old.state_dict().items() if not name.startswith(fresh)}
    model.load_state_dict({**model.state_dict(), **kept})
    look_back(model)
    return model


@torch.no_grad()
def sharpen(model: Llama, temperature: float) -> None:
    """Make what a temperature gives the model's own distribution: its logits are divided by it, through the scale of the last norm.

    One wrong token breaks a clause that is said back, and imitation leaves each of a dozen some chance of that. A policy gradient has to sample at
    temperature 1, so what it samples is made surer before it begins. A model that goes on learning after this learns its own certainty anew.

    Args:
        model: changed in place.
        temperature: above 0; below 1 makes it surer.
    """
    model.model.norm.weight /= temperature


def copying_loss(model: Llama, ids: Tensor, known: Tensor) -> Tensor:
    """Mean cross-entropy of what repeats: what :func:`repeating` gives, (B, T) each."""
    row, column = known[:, 1:].nonzero(as_tuple=True)  # (M,) each
    with torch.autocast(ids.device.type, torch.bfloat16, enabled=ids.is_cuda):
        logits = model.head(model.hidden(ids[:, :-1], at=(row, column)))  # (M, V)
    return F.cross_entropy(logits.float(), ids[row, column + 1])


class Muon:
    """Momentum whose steps are made orthogonal, for the matrices inside the layers (Keller Jordan, 2024: "Muon", with its coefficients).

    Args:
        weights: matrices, stepped in place.
        rate: step per unit of the orthogonal matrix.
    """

    def __init__(self, weights: Sequence[Tensor], rate: float) -> None:
        self.rate = rate
        forms = sorted({tuple(p.shape) for p in weights})
        self.groups = [[p for p in weights if tuple(p.shape) == form] for form in forms]
        self.moments = [torch.zeros_like(torch.stack(group)) for group in self.groups]  # (N, rows, columns) each

    @torch.no_grad()
    def step(self, share: float) -> None:
        """Step with a share of the rate, on the gradients that are there."""
        for group, moment in zip(self.groups, self.moments, strict=True):
            gradients = torch.stack([p.grad for p in group if p.grad is not None])  # (N, rows, columns)
            moment.mul_(0.95).add_(gradients)
            form = group[0].shape
            size = self.rate * share * max(1.0, form[0] / form[1]) ** 0.5
            for p, step in zip(group, orthogonal(gradients + 0.95 * moment), strict=True):
                p.sub_(step, alpha=size)


def orthogonal(x: Tensor) -> Tensor:
    """Near the closest matrices with singular values of one, (N, rows, columns): five steps of Newton and Schulz."""
    upright = x.shape[1] > x.shape[2]
    x = (x.mT if upright else x) / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        square = x @ x.mT
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x.mT if upright else x


class Stepper:
    """AdamW, with ``muon`` above zero for all but the matrices inside the layers, which then are Muon's."""

    def __init__(self, model: Llama, rate: float, muon: float) -> None:
        self.model, self.rate = model, rate
        inside = [p for p in model.model.layers.parameters() if p.dim() == 2] if muon else []
        apart = {id(p) for p in inside}
        self.rest = [p for p in model.parameters() if id(p) not in apart]
        self.muon = Muon(inside, muon) if inside else None
        on_gpu = model.device.type == "cuda"
        self.adam = torch.optim.AdamW(self.rest, lr=rate, betas=(0.9, 0.95), weight_decay=0.01, fused=on_gpu or None)

    def step(self, loss: Tensor, share: float) -> None:
        """Step on a loss with a share of the rates."""
        for group in self.adam.param_groups:
            group["lr"] = self.rate * share
        self.model.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.rest, 1.0)
        self.adam.step()
        if self.muon is not None:
            self.muon.step(share)


def progress(steps: int, seconds: float) -> Iterator[float]:
    """The share of the time that has gone, step after step: of the steps, or of the seconds where they are given. It ends below 1."""
    began, step = time.perf_counter(), 0
    while (now := (time.perf_counter() - began) / seconds if seconds else step / steps) < 1:
        yield now
        step += 1


def imitate(
    model: Llama, stepper: Stepper, todo: Sequence[Batch], random_words: float, copying: int, seconds: float, generator: torch.Generator
) -> int:  # fmt: skip
    """Warm-up, then a straight line to zero; once through the batches, or round and round them until the time is over.

    Args:
        model: changed in place.
        stepper: of the model.
        todo: batches in their order.
        random_words: share of the rows with random words.
        copying: first steps that have random tokens that repeat beside the talks, and whether later ones have any: 0 for none.
        seconds: that it takes; 0 for once through.
        generator: on the model's device.

    Returns:
        Steps taken.
    """
    bar = tqdm(total=None if seconds else len(todo), desc="imitation", mininterval=5)
    mean, step, vocab = 0.0, 0, model.shape.vocab_size
    for step, gone in enumerate(progress(len(todo), seconds)):
        batch = todo[step % len(todo)]
        if random_words:
            batch = with_random_words(batch, random_words, vocab, generator)
        loss = talks = loss_of(model, batch)
        if step < copying or (copying and step % COPYING_AGAIN == 0):
            loss = talks + COPYING_WEIGHT * copying_loss(model, *repeating(COPYING_ROWS, vocab - 8, generator))
        stepper.step(loss, min(1.0, (step + 1) / WARM_UP) * (1 - gone))
        bar.update()
        if step % 50 == 0:  # a look at the loss makes a GPU wait
            mean = 0.7 * mean + 0.3 * talks.item() if step else talks.item()
            bar.set_postfix(loss=f"{mean:.3f}", refresh=False)
    bar.close()
    return step + 1
