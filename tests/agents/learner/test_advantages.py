"""Advantages by hand-computed values and by what they must reduce to."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from agents.learner import advantages as adv

REWARDS = st.floats(-0.1, 0.1, allow_nan=False)


def test_grpo_by_hand():
    assert adv.grpo([1.0, 3.0, 5.0, 5.0], [0, 0, 1, 1]) == pytest.approx([-(0.5**0.5), 0.5**0.5, 0, 0])


def test_leave_one_out_by_hand():
    assert adv.leave_one_out([1.0, 2.0, 6.0, 4.0], [0, 0, 0, 1]) == pytest.approx([-3.0, -1.5, 4.5, 0.0])


@given(st.lists(REWARDS, min_size=2, max_size=8))
def test_leave_one_out_is_the_group_mean_up_to_a_factor(returns):
    mean, n = sum(returns) / len(returns), len(returns)
    expected = [(r - mean) * n / (n - 1) for r in returns]
    assert adv.leave_one_out(returns, [0] * n) == pytest.approx(expected, abs=1e-12)


def test_returns_to_go_by_hand():
    assert adv.returns_to_go([1.0, 0.0, 2.0], 0.5) == [1.5, 1.0, 2.0]
    assert adv.returns_to_go([], 0.5) == []


@given(st.lists(REWARDS, min_size=2, max_size=6), st.integers(1, 5))
def test_with_reward_at_the_end_alone_turn_level_credit_is_episode_level(finals, turns):
    rewards = [[0.0] * (turns - 1) + [r] for r in finals]
    groups = [0] * len(finals)
    expected = adv.leave_one_out(finals, groups)
    for own, episode in zip(adv.turn_level(rewards, groups, gamma=1.0), expected):
        assert own == pytest.approx([episode] * turns, abs=1e-12)


def test_turn_level_compares_with_those_who_reached_the_turn():
    rewards = [[1.0, 1.0], [2.0, 3.0], [3.0, 8.0], [4.0]]
    found = adv.turn_level(rewards, [0] * 4, gamma=1.0)
    assert [f[0] for f in found] == pytest.approx(adv.leave_one_out([2.0, 5.0, 11.0, 4.0], [0] * 4))
    assert [f[1] for f in found[:3]] == pytest.approx(adv.leave_one_out([1.0, 3.0, 8.0], [0] * 3))


def test_where_too_few_reached_a_turn_the_ended_count_with_their_last_return():
    found = adv.turn_level([[1.0, 5.0], [2.0], [4.0]], [0] * 3, gamma=1.0)
    assert found[0][1] == pytest.approx(5.0 - (2.0 + 4.0) / 2)
    assert [len(f) for f in found] == [2, 1, 1]


@given(st.lists(st.lists(REWARDS, min_size=1, max_size=5), min_size=2, max_size=6), st.floats(0, 1))
def test_groups_do_not_look_at_each_other(rewards, gamma):
    alone = adv.turn_level(rewards, [0] * len(rewards), gamma)
    beside = adv.turn_level([*rewards, [1.0], [9.0, 9.0]], [*[0] * len(rewards), 1, 1], gamma)
    assert beside[: len(rewards)] == alone


def test_batch_scaling_leaves_flat_batches_alone():
    assert adv.batch_scaled([[0.0, 0.0], [0.0]]) == [[0.0, 0.0], [0.0]]
    scaled = torch.tensor([a for e in adv.batch_scaled([[1.0, -1.0], [3.0]]) for a in e])
    assert scaled.std().item() == pytest.approx(1.0)


@given(st.lists(st.tuples(REWARDS, REWARDS), min_size=1, max_size=8))
def test_gae_with_lambda_one_is_the_return_minus_the_value(pairs):
    rewards, values = (torch.tensor(x, dtype=torch.float64) for x in zip(*pairs))
    advantages, returns = adv.gae(rewards, values, gamma=0.9, lam=1.0)
    expected = torch.tensor(adv.returns_to_go(rewards.tolist(), 0.9), dtype=torch.float64)
    torch.testing.assert_close(returns, expected)
    torch.testing.assert_close(advantages, expected - values)


def test_gae_with_lambda_zero_is_the_td_error():
    advantages, _ = adv.gae(torch.tensor([1.0, 2.0]), torch.tensor([0.5, 0.25]), gamma=0.5, lam=0.0)
    assert advantages.tolist() == pytest.approx([1.0 + 0.125 - 0.5, 2.0 - 0.25])
