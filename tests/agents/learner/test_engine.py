"""Generation through a cache that lives across turns must equal the plain forward of the whole sequence."""

import random

import pytest
import torch

from agents.learner.engine import Engine
from tests.agents.conftest import tiny_model

END = 3


def talk(model, temperature, rows=6, turns=4, max_new=9, order=None, shared=False, quit_after=None, seed=0):
    """Plays random lines; each dialogue's tokens, which of them were sampled, and their log-probabilities."""
    order = list(order or range(rows))
    engine = Engine(model, rows, END, torch.Generator().manual_seed(seed), temperature, slots=16)
    ids, own, logprobs = ([[] for _ in range(rows)] for _ in range(3))
    pending = [[] for _ in range(rows)]
    for turn in range(turns):
        speaking = [i for i in order if quit_after is None or turn < quit_after[i]]
        if not speaking:
            break
        news = []
        for i in speaking:
            rng = random.Random(turn if shared and turn == 0 else 100 * turn + i)
            line = [rng.randrange(4, 20) for _ in range(rng.randint(1, 15))]
            news.append([*pending[i], *line])
            forced = pending[i][1:]
            ids[i] += [*forced, *line]
            own[i] += [False] * len([*forced, *line])
            logprobs[i] += [0.0] * len([*forced, *line])
        for i, said in zip(speaking, engine.speak(speaking, news, max_new)):
            assert said.ended == (said.ids[-1] == END) and END not in said.ids[:-1] and len(said.ids) <= max_new
            ids[i] += said.ids
            own[i] += [True] * len(said.ids)
            logprobs[i] += said.logprobs
            pending[i] = engine.pending(said)
    return ids, own, logprobs


@torch.no_grad()
def whole(model, ids):
    return torch.log_softmax(model.head(model.hidden(torch.tensor([ids]))), dim=-1)[0]  # (T, V)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_logprobs_across_turns_equal_one_forward_of_the_whole_talk(temperature):
    model = tiny_model(loud=8.0)
    ids, own, logprobs = talk(model, temperature, quit_after=[4, 1, 4, 2, 3, 4])
    assert len({len(x) for x in ids}) > 2  # dialogues of different lengths, some ended early
    for row in range(len(ids)):
        full = whole(model, ids[row])
        for t in range(1, len(ids[row])):
            if own[row][t]:
                assert full[t - 1, ids[row][t]].item() == pytest.approx(logprobs[row][t], abs=1e-4)
                if temperature == 0:
                    assert int(full[t - 1].argmax()) == ids[row][t]


def test_a_shared_beginning_is_fed_once_and_changes_nothing():
    model = tiny_model(loud=8.0)
    ids, own, logprobs = talk(model, 1.0, shared=True, turns=2)
    assert len({tuple(x[:4]) for x in ids}) == 1 and len({tuple(x) for x in ids}) > 1
    for row in range(len(ids)):
        full = whole(model, ids[row])
        gaps = [abs(full[t - 1, ids[row][t]].item() - logprobs[row][t]) for t in range(1, len(ids[row])) if own[row][t]]
        assert max(gaps) < 1e-4


def test_the_order_of_rows_does_not_matter():
    model = tiny_model(loud=8.0)
    assert talk(model, 1.0)[0] == talk(model, 1.0, order=[5, 2, 0, 1, 4, 3])[0]


def test_who_else_speaks_does_not_matter():
    model = tiny_model(loud=8.0)
    alone = talk(model, 1.0, quit_after=[4, 0, 0, 0, 0, 0])[0]
    assert talk(model, 1.0)[0][0] == alone[0]


def test_the_same_seed_says_the_same_and_another_does_not():
    model = tiny_model(loud=4.0)
    assert talk(model, 1.0, seed=1) == talk(model, 1.0, seed=1)
    assert talk(model, 1.0, seed=1)[0] != talk(model, 1.0, seed=2)[0]


def test_frequencies_are_the_models_probabilities():
    model, rows = tiny_model(loud=3.0), 4_000
    engine = Engine(model, rows, END, torch.Generator().manual_seed(0))
    said = engine.speak(range(rows), [[5, 6]] * rows, 1)
    counts = torch.bincount(torch.tensor([s.ids[0] for s in said]), minlength=model.shape.vocab_size).double()
    expected = whole(model, [5, 6])[-1].double().exp() * rows
    assert expected.min() > 5 and expected.max() / expected.min() > 1.5
    chi_squared = ((counts - expected) ** 2 / expected).sum().item()
    assert chi_squared < 45.3  # 99.9 % point at 20 degrees of freedom


def test_a_cut_reply_gets_its_end_with_the_next_news():
    model = tiny_model(loud=8.0)
    engine = Engine(model, 1, 99, torch.Generator())  # an end that never comes
    (said,) = engine.speak([0], [[5]], 4)
    assert not said.ended and engine.pending(said) == [said.ids[-1], 99]
    assert engine.lengths == [1 + 4 - 1]


def test_a_dialogue_that_would_outgrow_the_model_is_refused():
    engine = Engine(tiny_model(max_position_embeddings=32), 1, END, torch.Generator())
    with pytest.raises(ValueError, match="expected talks within the model's 32 positions, got one that needs 33"):
        engine.speak([0], [[5] * 25], 8)


def test_forgetting_starts_over():
    model = tiny_model(loud=8.0)
    engine = Engine(model, 2, END, torch.Generator(), temperature=0.0)
    first = engine.speak([0, 1], [[5, 6], [7]], 6)
    engine.forget(0)
    assert engine.speak([0], [[5, 6]], 6)[0].ids == first[0].ids


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_says_the_same():
    model = tiny_model(loud=8.0)
    ids = talk(model, 0.0, quit_after=[4, 1, 4, 2, 3, 4])[0]
    assert talk(model.cuda(), 0.0, quit_after=[4, 1, 4, 2, 3, 4])[0] == ids
