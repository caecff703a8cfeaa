"""Losses against plain loops in float64, and the identities that they must keep."""

import math

import pytest
import torch

from agents.learner.losses import kl_to, policy_loss, token_weights, value_loss

COUNTS, DIALOGUES = [3, 1, 4, 2], [0, 0, 1, 2]


def drawn(seed=0, size=sum(COUNTS)):
    g = torch.Generator().manual_seed(seed)
    new, old = (-3 * torch.rand(size, generator=g, dtype=torch.float64) for _ in range(2))
    advantages = torch.randn(size, generator=g, dtype=torch.float64)
    return new.requires_grad_(True), old, advantages


def naive_weights(aggregation, constant):
    """What each aggregation says in words, dialogue by dialogue."""
    out = []
    for row, count in enumerate(COUNTS):
        dialogue = DIALOGUES[row]
        own = sum(c for c, d in zip(COUNTS, DIALOGUES) if d == dialogue)
        weight = {"constant": 1 / 3 / constant, "tokens": 1 / sum(COUNTS), "dialogue": 1 / 3 / own}[aggregation]
        out += [weight] * count
    return out


def naive_loss(new, old, advantages, weights, clip):
    total = 0.0
    for lp, before, a, w in zip(new, old, advantages, weights):
        ratio = math.exp(lp - before)
        if clip == "none":
            total -= w * a * lp
        elif clip == "ppo":
            total -= w * min(ratio * a, max(0.8, min(1.2, ratio)) * a)
        else:
            total -= w * min(ratio, 5.0) * a * lp
    return total


@pytest.mark.parametrize("clip", ["none", "ppo", "cispo"])
@pytest.mark.parametrize("aggregation", ["constant", "tokens", "dialogue"])
def test_loss_equals_a_plain_loop(clip, aggregation):
    new, old, advantages = drawn()
    per_row = token_weights(COUNTS, DIALOGUES, aggregation, constant=7)
    weights = torch.tensor(per_row, dtype=torch.float64).repeat_interleave(torch.tensor(COUNTS))
    assert weights.tolist() == pytest.approx(naive_weights(aggregation, 7), abs=1e-15)
    loss = policy_loss(new, old, advantages, weights, clip)
    plain = naive_loss(new.tolist(), old.tolist(), advantages.tolist(), weights.tolist(), clip)
    assert loss.item() == pytest.approx(plain, abs=1e-12)


@pytest.mark.parametrize("clip", ["none", "ppo", "cispo"])
def test_on_policy_every_clip_has_the_gradient_of_reinforce(clip):
    new, _, advantages = drawn()
    weights = torch.full_like(advantages, 0.1)
    policy_loss(new, new.detach(), advantages, weights, clip).backward()
    torch.testing.assert_close(new.grad, -weights * advantages)


def test_ppo_stops_where_it_is_clipped_and_cispo_does_not():
    new, old = torch.tensor([0.0, 0.0], requires_grad=True), torch.tensor([-1.0, -1.0])  # ratio e
    advantages, weights = torch.tensor([1.0, -1.0]), torch.ones(2)
    policy_loss(new, old, advantages, weights, "ppo").backward()
    assert new.grad[0] == 0 and new.grad[1] != 0  # only the step that the surrogate would overdo is stopped
    new.grad = None
    policy_loss(new, old, advantages, weights, "cispo").backward()
    assert (new.grad != 0).all()


def test_a_wild_ratio_stays_finite():
    new = torch.tensor([0.0], requires_grad=True)
    for clip in ("ppo", "cispo"):
        loss = policy_loss(new, torch.tensor([-500.0]), torch.tensor([-1.0]), torch.ones(1), clip)
        loss.backward()
        assert torch.isfinite(loss) and torch.isfinite(new.grad).all()


def test_a_dialogue_counts_as_one_however_many_rows_it_has():
    split = token_weights([2, 3, 5], [0, 0, 1], "dialogue", 1)
    assert 2 * split[0] + 3 * split[1] == pytest.approx(5 * split[2]) == pytest.approx(0.5)
    assert token_weights([5, 5], [0, 1], "constant", 20) == token_weights([2, 3, 5], [0, 0, 1], "constant", 20)[:2]


def test_kl_is_zero_at_the_reference_and_positive_elsewhere():
    new, old, _ = drawn()
    weights = torch.ones_like(old)
    assert kl_to(old, old, weights) == 0
    assert kl_to(new, old, weights) > 0


def test_value_loss():
    assert value_loss(torch.tensor([1.0, 2.0]), torch.tensor([0.0, 4.0]), torch.tensor([0.5, 0.25])) == 0.25 + 0.5


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="clip: expected none, ppo or cispo, got 'x'"):
        policy_loss(*(torch.zeros(1) for _ in range(4)), clip="x")
    with pytest.raises(ValueError, match="aggregation: expected constant, tokens or dialogue, got 'x'"):
        token_weights([1], [0], "x", 1)
