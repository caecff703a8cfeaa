"""Rows packed into one without padding have the log-probabilities and gradients that they have alone."""

import inspect

import pytest
import torch

from agents.learner.batch import micro_batches, policy_logprobs
from agents.learner.critic import Critic
from agents.learner.losses import policy_loss
from agents.learner.packing import Segments, attend, attend_padded, causal_options, varlen_attn
from tests.agents.conftest import tiny_model
from tests.agents.learner.test_batch import PAD, rows


def scored(model, data, packed, tokens):
    """Log-probabilities of all policy tokens in their order, and the gradient of a loss on them."""
    count = sum(sum(r.policy) for r in data)
    advantages = torch.randn(count, generator=torch.Generator().manual_seed(1))
    found, weights = torch.zeros(count), torch.full((count,), 1 / count)
    model.zero_grad()
    for m in micro_batches(data, range(len(data)), PAD, tokens, packed):
        logprobs, _ = policy_logprobs(model, m)
        policy_loss(logprobs, m.old, advantages[m.index], weights[m.index], "ppo").backward()
        found[m.index] = logprobs.detach()
    return found, [p.grad.clone() for p in model.parameters()]


@pytest.mark.parametrize("family", ["llama", "qwen2", "qwen3"])
@pytest.mark.parametrize("tokens", [1, 40, 10_000])
def test_packed_equals_unpacked(family, tokens):
    model, data = tiny_model(loud=4.0, model_type=family), rows()
    (a, grads), (b, others) = scored(model, data, False, 40), scored(model, data, True, tokens)
    torch.testing.assert_close(a, b, atol=1e-5, rtol=0)
    for x, y in zip(grads, others):
        torch.testing.assert_close(x, y, atol=1e-6, rtol=1e-4)


def test_a_neighbour_in_the_pack_is_not_seen():
    model, data = tiny_model(loud=4.0), rows()
    before, _ = scored(model, data, True, 10_000)
    data[3].ids = [(i + 1) % 16 + 4 for i in data[3].ids]
    after, _ = scored(model, data, True, 10_000)
    own = slice(sum(sum(r.policy) for r in data[:3]), sum(sum(r.policy) for r in data[:4]))
    changed = (before - after).abs() > 1e-6
    assert changed[own].all() and changed.sum() == changed[own].sum()


def test_packs_have_no_padding_keep_to_their_size_and_hold_every_row_once():
    data = rows(count=30)
    packs = micro_batches(data, range(30), PAD, 64, packed=True)
    assert sum(m.ids.numel() for m in packs) == sum(len(r.ids) for r in data)
    assert all(m.ids.numel() <= 64 for m in packs) and sum(len(m.segments.lengths) for m in packs) == 30
    assert sorted(torch.cat([m.index for m in packs]).tolist()) == list(range(sum(sum(r.policy) for r in data)))
    assert len(packs) <= len(micro_batches(data, range(30), PAD, 64))


def test_the_critic_reads_packs_too():
    model, data = tiny_model(loud=4.0), rows()
    critic = Critic(model)
    torch.nn.init.ones_(critic.out.weight)
    found = []
    for packed in (False, True):
        values = torch.zeros(sum(sum(r.policy) for r in data))
        for m in micro_batches(data, range(8), PAD, 60, packed):
            values[m.index] = critic(m).detach()
        found.append(values)
    torch.testing.assert_close(*found, atol=1e-5, rtol=1e-5)


def test_positions_restart():
    segments = Segments([2, 3, 1])
    assert segments.positions.tolist() == [[0, 1, 0, 1, 2, 0]] and segments.bounds.tolist() == [0, 2, 5, 6]
    with pytest.raises(ValueError, match="lengths: expected at least one, each at least 1, got .2, 0."):
        Segments([2, 0])


def test_padded_rows_are_attended_to_as_pieces_are():
    generator, segments, found = torch.Generator().manual_seed(0), Segments([5, 1, 30, 7]), []
    given = [torch.randn(1, 43, heads, 8, generator=generator) for heads in (6, 2, 2)]
    for attention in (attend, attend_padded):
        own = [x.clone().requires_grad_(True) for x in given]
        y = attention(*own, segments)
        (y * torch.arange(43)[None, :, None, None]).sum().backward()
        found.append([y.detach(), *(x.grad for x in own)])
    for a, b in zip(*found):
        torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-4)


def test_each_pytorch_is_asked_in_its_own_words():
    assert causal_options({"is_causal", "return_aux"}, grouped=True) == {"is_causal": True}  # 2.10
    assert causal_options({"window_size", "scale"}, grouped=True) == {"window_size": (-1, 0)}  # 2.11
    newest = {"window_size", "scale", "enable_gqa"}  # 2.12
    assert causal_options(newest, grouped=True) == {"window_size": (-1, 0), "enable_gqa": True}
    assert causal_options(newest, grouped=False) == {"window_size": (-1, 0)}
    if varlen_attn is not None:  # the one that is installed takes what it would be given
        signature = inspect.signature(varlen_attn)
        signature.bind(*range(7), **causal_options(signature.parameters, grouped=True))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_the_gpus_kernel_agrees_with_ordinary_attention():
    generator, segments = torch.Generator().manual_seed(0), Segments([5, 1, 30])
    q, k, v = (torch.randn(1, 36, heads, 64, generator=generator) for heads in (6, 2, 2))
    expected = attend(q, k, v, segments)
    found = attend(*(x.cuda().bfloat16() for x in (q, k, v)), segments.to(torch.device("cuda")))
    torch.testing.assert_close(found.float().cpu(), expected, atol=3e-2, rtol=3e-2)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_gpus_gradients_are_those_of_a_cpu(dtype):
    """Whole batches, packed: the log-probabilities of policy tokens, and the gradient of a loss on them."""
    model, data, found = tiny_model(loud=4.0), rows(), []
    count = sum(sum(r.policy) for r in data)
    for device, kind in (("cpu", torch.float32), ("cuda", dtype)):
        own = tiny_model(loud=4.0).to(device, kind)
        own.load_state_dict(model.state_dict())
        logprobs = torch.zeros(count)
        for m in micro_batches(data, range(len(data)), PAD, 60, packed=device == "cuda"):
            some, _ = policy_logprobs(own, m.to(own.device))
            some.sum().backward()
            logprobs[m.index] = some.detach().cpu()
        found.append((logprobs, torch.cat([p.grad.float().cpu().flatten() for p in own.parameters()])))
    bound = 1e-4 if dtype == torch.float32 else 0.1
    assert (found[0][0] - found[1][0]).abs().mean() < bound
    assert (found[0][1] - found[1][1]).norm() < bound * found[0][1].norm()
