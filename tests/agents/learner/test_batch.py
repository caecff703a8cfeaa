"""However a batch is cut and padded, its log-probabilities and gradients are the same; only the policy's tokens count."""

import pytest
import torch

from agents.learner import batch as batching
from agents.learner.batch import micro_batches, policy_logprobs
from agents.learner.losses import policy_loss
from agents.learner.rollout import Row
from tests.agents.conftest import tiny_model

PAD = 0


def rows(seed=0, count=8):
    g, found = torch.Generator().manual_seed(seed), []
    for n in range(count):
        length = int(torch.randint(4, 20, (1,), generator=g))
        row = Row(n, torch.randint(4, 20, (length,), generator=g).tolist())
        row.policy = [False, *(torch.rand(length - 1, generator=g) < 0.5).tolist()]
        row.logprobs = [-1.0 * own for own in row.policy]
        row.turns = [0] * sum(row.policy)
        found.append(row)
    return found


def gradients(model, data, tokens):
    """Summed over the micro-batches, as the trainer does."""
    size = sum(sum(r.policy) for r in data)
    advantages = torch.randn(size, generator=torch.Generator().manual_seed(1))
    weights = torch.full((size,), 1 / size)
    model.zero_grad()
    total = 0.0
    for m in micro_batches(data, range(len(data)), PAD, tokens):
        logprobs, _ = policy_logprobs(model, m)
        loss = policy_loss(logprobs, m.old, advantages[m.index], weights[m.index], "ppo")
        loss.backward()
        total += loss.item()
    return total, [p.grad.clone() for p in model.parameters()]


def test_one_batch_of_eight_equals_eight_of_one():
    model, data = tiny_model(loud=4.0), rows()
    assert len(micro_batches(data, range(8), PAD, 1)) == 8 and len(micro_batches(data, range(8), PAD, 10_000)) == 1
    one, eight, some = (gradients(model, data, tokens) for tokens in (10_000, 1, 40))
    for other in (eight, some):
        assert other[0] == pytest.approx(one[0], abs=1e-6)
        for a, b in zip(one[1], other[1]):
            torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-4)


def test_padding_is_not_seen():
    model, data = tiny_model(loud=4.0), rows()
    found = [
        torch.cat([policy_logprobs(model, m)[0] for m in micro_batches(data, range(8), pad, 10_000)]) for pad in (0, 7)
    ]
    torch.testing.assert_close(found[0], found[1])


@torch.no_grad()
def test_logprobs_and_entropy_are_the_full_softmaxs():
    model, data = tiny_model(loud=4.0), rows()
    for m in micro_batches(data, range(8), PAD, 60):
        logprobs, entropy = policy_logprobs(model, m)
        for k, j in enumerate(m.index.tolist()):
            row, t = [(r, t) for r in data for t in range(len(r.ids)) if r.policy[t]][j]
            full = torch.log_softmax(model.head(model.hidden(torch.tensor([row.ids[:t]])))[0, -1], dim=-1)
            assert logprobs[k].item() == pytest.approx(full[row.ids[t]].item(), abs=1e-5)
            assert entropy[k].item() == pytest.approx(-(full.exp() * full).sum().item(), abs=1e-5)


def test_logits_made_in_pieces_equal_whole_ones(monkeypatch):
    model, data = tiny_model(loud=4.0), rows()
    whole = gradients(model, data, 10_000)
    monkeypatch.setattr(batching, "LOGITS", 5 * model.shape.vocab_size)  # five tokens a piece
    pieces = gradients(model, data, 10_000)
    assert pieces[0] == pytest.approx(whole[0], abs=1e-6)
    for a, b in zip(whole[1], pieces[1]):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-4)


def test_logits_in_pieces_have_the_gradient_of_the_whole_log_softmax(monkeypatch):
    model, data = tiny_model(loud=4.0), rows()
    (m,) = micro_batches(data, range(8), PAD, 10_000)
    weights, grads = torch.randn(len(m.targets), generator=torch.Generator().manual_seed(2)), []
    monkeypatch.setattr(batching, "LOGITS", 5 * model.shape.vocab_size)
    for logprobs in (
        policy_logprobs(model, m)[0],
        torch.log_softmax(model.lm_head(model.hidden(m.ids)[m.states]), dim=-1)[range(len(m.targets)), m.targets],
    ):
        model.zero_grad()
        (weights * logprobs).sum().backward()
        grads.append([p.grad.clone() for p in model.parameters()])
    for a, b in zip(*grads):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("packed", [False, True])
def test_the_end_that_was_sampled_gets_a_gradient_and_what_the_seeker_said_gets_none(packed):
    model, end = tiny_model(loud=4.0, tie_word_embeddings=False), 3
    row = Row(
        0, [5, 6, 7, end, 8, 9], [False, True, True, True, False, False], [0.0, -1.0, -1.0, -1.0, 0.0, 0.0], [0] * 3
    )
    (m,) = micro_batches([row], [0], PAD, 100, packed)
    logprobs, _ = policy_logprobs(model, m)
    assert m.targets.tolist() == [6, 7, end] and m.states[1].tolist() == [0, 1, 2]
    logprobs[2].backward()
    assert model.lm_head.weight.grad[end].abs().sum() > 0
    # Nothing that counts was computed from the seeker's later words.
    assert not model.model.embed_tokens.weight.grad[[8, 9]].any()


def test_the_loss_is_on_sampled_tokens_alone():
    model, data = tiny_model(loud=4.0), rows()
    (m,) = micro_batches(data, range(8), PAD, 10_000)
    sampled = sorted((r.ids[t], r.logprobs[t]) for r in data for t in range(len(r.ids)) if r.policy[t])
    assert sorted(zip(m.targets.tolist(), m.old.tolist())) == sampled
    # The last word of a talk that the policy did not say changes nothing: no state that counts has seen it.
    data[0].policy[-1], data[0].ids[-1] = False, 5
    data[0].turns = [0] * sum(data[0].policy)
    before = gradients(model, data, 10_000)[0]
    data[0].ids[-1] = 6
    assert gradients(model, data, 10_000)[0] == pytest.approx(before, abs=1e-7)


def test_micro_batches_keep_to_their_size_and_hold_every_row_once():
    data = rows(count=30)
    found = micro_batches(data, range(30), PAD, 64)
    assert all(m.ids.numel() <= 64 for m in found) and sum(len(m.ids) for m in found) == 30
    index = torch.cat([m.index for m in found])
    assert sorted(index.tolist()) == list(range(sum(sum(r.policy) for r in data)))
    part = micro_batches(data, [3, 7], PAD, 64)
    assert sum(len(m.ids) for m in part) == 2
