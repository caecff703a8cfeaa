"""How the nano learns from talks: batches, the loss, rows that can be copied only, and the two optimisers.

A model of this size does not come to copy by itself from a few thousand talks: it learns which word is likely and not which one was said. Two things
teach it. Before the talks come random tokens that repeat, of few kinds at first. And in a share of the talks all rarer tokens are exchanged
for random ones, the same in the whole talk: there the frames stay and what fills them can only be taken up.

B rows, T tokens, M tokens with a weight, V vocabulary, N matrices of one form.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from agents.learner.llama import Llama

RARE = 700
"""Tokens from this id on are the rarer ones: ids below are special tokens, bytes and the commonest words."""

FIRST_KINDS = 256
"""Kinds of random tokens that the copying begins with."""

WIDTH, PERIODS = 96, (8, 32)
"""Random tokens of a row, and after how many of them it begins again (the least and the most)."""

WARM_UP = 100
"""Steps over which the rates rise."""


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


def learn_to_copy(
    model: Llama, stepper: Stepper, steps: int, seconds: float, rows: int, generator: torch.Generator
) -> None:
    """Random tokens that repeat, twice the kinds as soon as those that there are can be copied; ends early where all can.

    Args:
        model: changed in place.
        stepper: of the model.
        steps: most of them.
        seconds: most of them; 0 for any number.
        rows: a step.
        generator: on the model's device.
    """
    kinds, most, loss = FIRST_KINDS, model.shape.vocab_size - 8, torch.tensor(0.0)
    began = time.perf_counter()
    for step in range(steps):
        if seconds and time.perf_counter() - began > seconds:
            print(f"copying ends after {step} steps, as its time is over: {kinds} of {most} kinds", flush=True)
            return
        loss = copying_loss(model, *repeating(rows, kinds, generator))
        stepper.step(loss, min(1.0, (step + 1) / WARM_UP))
        if step % 10 == 9:  # a look at the loss makes a GPU wait
            if loss.item() < 0.3 and kinds == most:
                print(f"copies all {most} kinds after {step + 1} steps", flush=True)
                return
            if loss.item() < 1.5:
                kinds = min(2 * kinds, most)
        if step % 100 == 99:
            print(f"copying, step {step + 1}: {kinds} of {most} kinds, loss {loss.item():.2f}", flush=True)


def progress(steps: int, seconds: float) -> Iterator[float]:
    """The share of the time that has gone, step after step: of the steps, or of the seconds where they are given. It ends below 1."""
    began, step = time.perf_counter(), 0
    while (now := (time.perf_counter() - began) / seconds if seconds else step / steps) < 1:
        yield now
        step += 1


def imitate(
    model: Llama, stepper: Stepper, todo: Sequence[Batch], random_words: float, seconds: float, generator: torch.Generator
) -> int:  # fmt: skip
    """Warm-up, then a straight line to zero; once through the batches, or round and round them until the time is over.

    Args:
        model: changed in place.
        stepper: of the model.
        todo: batches in their order.
        random_words: share of the rows with random words.
        seconds: that it takes; 0 for once through.
        generator: on the model's device.

    Returns:
        Steps taken.
    """
    bar = tqdm(total=None if seconds else len(todo), desc="imitation", mininterval=5)
    mean, step = 0.0, 0
    for step, gone in enumerate(progress(len(todo), seconds)):
        batch = todo[step % len(todo)]
        if random_words:
            batch = with_random_words(batch, random_words, model.shape.vocab_size, generator)
        loss = loss_of(model, batch)
        stepper.step(loss, min(1.0, (step + 1) / WARM_UP) * (1 - gone))
        bar.update()
        if step % 50 == 0:
            mean = 0.7 * mean + 0.3 * loss.item() if step else loss.item()
            bar.set_postfix(loss=f"{mean:.3f}", refresh=False)
    bar.close()
    return step + 1
