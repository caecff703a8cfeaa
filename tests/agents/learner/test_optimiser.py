"""bf16 weights learn what fp32 ones would: small steps are kept in the masters."""

import copy
import math

import pytest
import torch
from torch import nn

from agents.learner.optimiser import Optimiser


def test_fp32_weights_are_stepped_as_adamw_does():
    mine, theirs = nn.Linear(3, 2), None
    theirs = copy.deepcopy(mine)
    own = Optimiser(mine, rate=0.1, warmup=0, clip=1e9)
    reference = torch.optim.AdamW(theirs.parameters(), lr=0.1, betas=(0.9, 0.95), weight_decay=0.0)
    for seed in range(3):
        x = torch.randn(4, 3, generator=torch.Generator().manual_seed(seed))
        for model, optimiser in ((mine, own), (theirs, reference)):
            model(x).square().sum().backward()
            optimiser.step()
        reference.zero_grad()
    for a, b in zip(mine.parameters(), theirs.parameters()):
        assert torch.equal(a, b)


def test_steps_below_bf16s_resolution_add_up():
    model = nn.Linear(1, 1, bias=False).bfloat16()
    nn.init.ones_(model.weight)
    optimiser = Optimiser(model, rate=1e-4, warmup=0, clip=1e9)  # bf16 near 1 has steps of 4e-3
    for _ in range(100):
        model(torch.ones(1, 1, dtype=torch.bfloat16)).sum().backward()
        optimiser.step()
    assert model.weight.item() < 0.995


def test_gradients_of_micro_batches_add_up_in_fp32():
    model = nn.Linear(1, 1, bias=False).bfloat16()
    optimiser = Optimiser(model, rate=0.0, warmup=0, clip=1e9)
    for value in (256.0, 1.0, 1.0):  # in bf16, 256 + 1 is 256
        model(torch.full((1, 1), value, dtype=torch.bfloat16)).sum().backward()
    assert model.weight.grad is None and optimiser.step() == 258.0


def test_the_rate_rises_over_the_warm_up_and_gradients_are_cut():
    model = nn.Linear(1, 1, bias=False)
    optimiser = Optimiser(model, rate=1.0, warmup=4, clip=0.5)
    rates = []
    for _ in range(6):
        (100 * model.weight.sum()).backward()
        assert optimiser.step() == 100.0  # reported before the cut
        rates.append(optimiser.adam.param_groups[0]["lr"])
    assert rates == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    mean = optimiser.adam.state[model.weight]["exp_avg"]
    assert float(mean) == pytest.approx((1 - 0.9**6) * 0.5)  # of gradients as they were cut


@pytest.mark.parametrize("bad", [float("inf"), float("nan")])
def test_a_gradient_that_is_not_finite_changes_nothing(bad):
    layer = torch.nn.Linear(3, 2)
    optimiser = Optimiser(layer, 1e-2, 4, 1.0)
    layer(torch.ones(1, 3)).sum().backward()
    optimiser.step()
    before, count = [p.detach().clone() for p in layer.parameters()], optimiser.count
    layer(torch.ones(1, 3)).sum().backward()
    layer.weight.grad[0, 0] = bad
    assert not math.isfinite(optimiser.step())
    assert all(torch.equal(p, b) for p, b in zip(layer.parameters(), before)) and optimiser.count == count
    assert all(p.grad is None for p in layer.parameters())
    layer(torch.ones(1, 3)).sum().backward()
    assert math.isfinite(optimiser.step()) and torch.isfinite(layer.weight).all()
