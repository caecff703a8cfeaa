"""Many dialogues on few rows are the same dialogues."""

import pytest
import torch

from agents.learner.batch import micro_batches, policy_logprobs
from agents.learner.engine import Engine
from agents.learner.refill import rollout_refilled
from tests.agents.conftest import Colours, tiny_model

N = 7


class Uneven(Colours):
    """Ends when a reply begins with a word that the model says now and then, at the latest after five turns."""

    def __init__(self):
        super().__init__(turns=5)

    def step(self, action):
        line, reward, _, over, info = super().step(action)
        ended = action.split()[:1] in (["why"], ["what"], ["you"], ["feel"], ["sad"])
        return line, reward, ended and not over, over, info | ({"outcome": "left"} if ended else {})


def play(chat, slots, keep=True, first=0, count=N, seed=0, envs=None, scaffold="direct"):
    envs = envs or [Uneven() for _ in range(count)]
    numbers = range(first, first + count)
    return rollout_refilled(
        tiny_model(loud=6.0), chat, envs, scaffold, [None] * count, [20 + i for i in numbers], list(numbers),
        torch.Generator().manual_seed(seed), 6, keep, slots, first,
    )  # fmt: skip


def said(batch):
    return [(row.episode, row.ids, row.policy, row.turns) for row in batch.rows]


@pytest.mark.parametrize("keep", [True, False])
def test_the_number_of_rows_changes_no_dialogue(chat, keep):
    whole = play(chat, None, keep)
    assert len({len(r) for r in whole.rewards}) > 1  # some ended early
    for slots in (1, 3, N, 50):
        other = play(chat, slots, keep)
        assert said(other) == said(whole) and other.rewards == whole.rewards
        for a, b in zip(other.rows, whole.rows):
            assert a.logprobs == pytest.approx(b.logprobs, abs=1e-5)
        assert (other.replies, other.tokens, other.truncated) == (whole.replies, whole.tokens, whole.truncated)


def test_a_part_of_the_batch_says_what_it_says_in_the_whole(chat):
    whole, part = play(chat, None), play(chat, 2, first=3, count=4)
    assert [row[1:] for row in said(part)] == [row[1:] for row in said(whole)[3:]]


def test_other_dialogues_and_other_seeds_draw_other_numbers(chat):
    batch = play(chat, None, envs=[Colours() for _ in range(N)])
    assert len({tuple(row.ids) for row in batch.rows}) == N
    assert said(play(chat, 2, seed=1)) != said(play(chat, 2, seed=0))


def test_a_seated_dialogue_begins_anew():
    engine = Engine(tiny_model(loud=6.0), 1, 99, torch.Generator().manual_seed(0), numbers=[4])
    first = engine.speak([0], [[5, 6]], 5)[0].ids
    engine.speak([0], [[7]], 5)
    engine.seat(0, 4)
    assert engine.lengths == [0] and engine.speak([0], [[5, 6]], 5)[0].ids == first
    engine.seat(0, 5)
    assert engine.speak([0], [[5, 6]], 5)[0].ids != first


@pytest.mark.parametrize("keep", [True, False])
def test_logprobs_at_sampling_equal_those_at_training(chat, keep):
    batch = play(chat, 2, keep)
    for m in micro_batches(batch.rows, range(len(batch.rows)), chat.pad, 200, packed=True):
        logprobs, _ = policy_logprobs(tiny_model(loud=6.0), m)
        torch.testing.assert_close(logprobs, m.old, atol=1e-4, rtol=0)


def test_what_was_sampled_is_never_encoded_again(chat, monkeypatch):
    """Every text that the tokeniser encodes came from the seeker."""
    encoded, heard, plain = [], [], chat._plain
    monkeypatch.setattr(chat, "_plain", lambda text: encoded.append(text) or plain(text))

    class Listening(Uneven):
        def _say(self):
            heard.append(super()._say())
            return heard[-1]

    play(chat, 3, envs=[Listening() for _ in range(N)])
    assert encoded and set(encoded) <= set(heard)


def test_nonsense_is_refused(chat):
    with pytest.raises(ValueError, match="slots: expected at least 1, got 0"):
        play(chat, 0)
    with pytest.raises(ValueError, match="numbers: expected one for each of 2 rows, got 1"):
        Engine(tiny_model(), 2, 3, torch.Generator(), numbers=[1])
    with pytest.raises(ValueError, match="number: expected an engine whose dialogues are numbered"):
        Engine(tiny_model(), 2, 3, torch.Generator()).seat(0, 1)
