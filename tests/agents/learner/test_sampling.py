"""Frequencies are the model's probabilities, with a large vocabulary as with a small one."""

import pytest
import torch

from agents.learner.sampling import BLOCK, PLAIN, sample


@pytest.mark.parametrize("vocabulary", [7, PLAIN, PLAIN + BLOCK, PLAIN + BLOCK + 3])
@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_it_is_the_inverse_of_the_cumulative_distribution(vocabulary, temperature):
    generator = torch.Generator().manual_seed(0)
    logits = 3 * torch.randn(50, vocabulary, generator=generator)
    uniform = torch.rand(50, generator=generator, dtype=torch.float64)
    uniform[:2] = torch.tensor([0.0, 1 - 1e-16])
    ids, logprobs = sample(logits, uniform, temperature)
    edges = torch.softmax(logits.double() / temperature, dim=-1).cumsum(dim=-1)
    for row, i in enumerate(ids.tolist()):
        below = edges[row, i - 1].item() if i else 0.0
        assert below - 1e-6 <= uniform[row].item() <= edges[row, i].item() + 1e-6
    expected = torch.log_softmax(logits, dim=-1).gather(1, ids[:, None])[:, 0]
    torch.testing.assert_close(logprobs, expected, atol=1e-5, rtol=1e-5)


def test_a_large_vocabulary_is_sampled_in_proportion():
    V, draws = PLAIN + BLOCK + 3, 20_000
    logits = torch.full((1, V), -torch.inf)
    likely = torch.tensor([0, 5, BLOCK - 1, BLOCK, PLAIN, V - 2, V - 1])
    logits[0, likely] = torch.arange(7.0) / 4
    uniform = torch.rand(draws, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    ids, _ = sample(logits.expand(1000, -1), uniform[:1000], 1.0)
    ids = torch.cat([ids, *(sample(logits.expand(1000, -1), u, 1.0)[0] for u in uniform[1000:].split(1000))])
    counts = torch.bincount(ids, minlength=V)
    expected = torch.softmax(logits, dim=-1)[0, likely].double() * draws
    assert counts.sum() == counts[likely].sum() == draws
    assert ((counts[likely] - expected) ** 2 / expected).sum().item() < 22.5  # 99.9 % point at 6 degrees of freedom


def test_greedy_takes_the_likeliest():
    logits = torch.tensor([[0.0, 3.0, 1.0], [5.0, 3.0, 1.0]])
    assert sample(logits, torch.zeros(2, dtype=torch.float64), 0.0)[0].tolist() == [1, 0]
