"""Decoding in place over all rows, as a GPU does it with graphs, says what decoding row by row says."""

import pytest
import torch

from agents.learner.engine import Engine
from agents.learner.loop import Trainer
from agents.learner.lora import Lora
from agents.learner.static_decode import BUCKET
from tests.agents.conftest import Colours, tiny_model
from tests.agents.learner.test_engine import END, talk
from tests.agents.learner.test_loop import TOY


def both(monkeypatch, model, *args, **kwargs):
    plain = talk(model, *args, **kwargs)
    whole = Engine.__init__
    monkeypatch.setattr(Engine, "__init__", lambda self, *a, **k: whole(self, *a, **{**k, "static": True}))
    return plain, talk(model, *args, **kwargs)


@pytest.mark.parametrize("temperature", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("max_new", [1, 9, 40])
def test_in_place_equals_row_by_row(monkeypatch, temperature, max_new):
    plain, static = both(
        monkeypatch, tiny_model(loud=8.0), temperature, max_new=max_new, quit_after=[4, 1, 4, 2, 3, 4], shared=True
    )
    assert plain[:2] == static[:2]
    for a, b in zip(plain[2], static[2]):
        assert a == pytest.approx(b, abs=1e-5)


def test_silent_rows_keep_what_they_know():
    model, said = tiny_model(loud=8.0), []
    for static in (False, True):
        engine = Engine(model, 3, 20, torch.Generator().manual_seed(0), 0.0, slots=16, static=static)
        (first,) = engine.speak([1], [[5, 6, 7]], 4)
        for _ in range(3):  # long talk elsewhere, and the cache grows
            engine.speak([0, 2], [[8, 9], [10]], 30)
        said.append([first.ids, engine.speak([1], [[*engine.pending(first), 11]], 6)[0].ids])
    assert said[0] == said[1] and engine.cache.slots > 16


def test_a_dialogue_may_fill_the_model_to_its_last_position():
    model, found = tiny_model(loud=8.0, max_position_embeddings=32), []
    for static in (False, True):
        engine = Engine(model, 2, 20, torch.Generator().manual_seed(0), 0.0, static=static)
        engine.speak([1], [[6, 7]], 3)
        found.append([s.ids for s in engine.speak([0, 1], [[5] * 24, [9, 4]], 8)])
    assert found[0] == found[1] and engine.cache.slots == 32 < BUCKET


def test_what_was_captured_is_given_up_when_weights_move():
    model = tiny_model(loud=4.0)
    lora = Lora(model, 2, 4.0, torch.Generator())
    engine = Engine(model, 2, END, torch.Generator(), static=True)
    engine.speak([0, 1], [[5], [6]], 4)
    decoder = engine._decoder
    assert decoder.suits(engine.cache, 4) and not decoder.suits(engine.cache, 5)
    with lora.merged():
        assert not decoder.suits(engine.cache, 4)


@pytest.mark.parametrize("static", [False, True])
def test_an_engine_that_starts_again_says_what_a_new_one_says(static):
    model, found = tiny_model(loud=8.0), []
    used = Engine(model, 3, END, torch.Generator().manual_seed(5), numbers=range(3), static=static, slots=16)
    used.speak(range(3), [[5, 6], [7], [8, 9, 4]], 40)
    used.restart(torch.Generator().manual_seed(1), numbers=range(4, 7))
    for engine in (used, Engine(model, 3, END, torch.Generator().manual_seed(1), numbers=range(4, 7), static=static)):
        found.append([])
        for _ in range(2):
            found[-1] += engine.speak([0, 2], [[4, 5], [9, 8, 7]], 20)
    assert [s.ids for s in found[0]] == [s.ids for s in found[1]]
    for a, b in zip(*found):
        assert a.logprobs == pytest.approx(b.logprobs, abs=1e-5)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_graphs_equal_eager_on_a_gpu(temperature):
    model, found = tiny_model(loud=8.0).cuda(), []
    for static in (False, True):
        engine = Engine(model, 4, END, torch.Generator().manual_seed(0), temperature, slots=16, static=static)
        first = engine.speak(range(4), [[5, 6]] * 4, 40)
        again = engine.speak([0, 2], [[*engine.pending(first[i]), 7, 8] for i in (0, 2)], 40)
        found.append([s.ids for s in [*first, *again]])
    assert found[0] == found[1]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_graphs_pay_for_themselves_on_a_gpu():
    """A generous floor: the step of a small model is bound by launches, which a graph does away with."""
    import time

    model = tiny_model(num_hidden_layers=12, hidden_size=256, head_dim=64, intermediate_size=512).cuda().bfloat16()
    seconds = []
    for static in (False, True):
        engine = Engine(model, 8, 10_000, torch.Generator().manual_seed(0), static=static)
        engine.speak(range(8), [[5, 6]] * 8, 64)  # captures
        torch.cuda.synchronize()
        began = time.perf_counter()
        engine.speak(range(8), [[10_000 % 16]] * 8, 64)
        seconds.append(time.perf_counter() - began)
    assert seconds[1] < seconds[0]
    assert torch.cuda.max_memory_allocated() < 2**31


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_graphs_sample_from_a_large_vocabulary():
    """Beyond ``sampling.PLAIN`` tokens the search goes by blocks; the last one is not whole."""
    model, found = tiny_model(loud=8.0, vocab_size=5_000).cuda().bfloat16(), []
    for static in (False, True):
        engine = Engine(model, 8, END, torch.Generator().manual_seed(0), static=static)
        found.append([s.ids for s in engine.speak(range(8), [[5, 6]] * 8, 30)])
    assert found[0] == found[1] and len({tuple(ids) for ids in found[0]}) == 8


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_what_was_captured_lasts_from_rollout_to_rollout(chat, tmp_path):
    model = tiny_model(loud=2.0).cuda()
    trainer = Trainer(model, chat, TOY, "direct", 0, tmp_path, lambda split: Colours())
    before = [p.clone() for p in model.parameters()]
    mismatch = [trainer.advance()["mismatch"]]
    (engine,) = {id(e): e for e in trainer.engines.values() if len(e.lengths) == TOY.scenarios * TOY.group}.values()
    decoder = engine._decoder
    graphs = dict(decoder._graphs)
    mismatch += [trainer.advance()["mismatch"] for _ in range(2)]
    assert engine._decoder is decoder and graphs and decoder._graphs == graphs
    assert not all(torch.equal(a, b) for a, b in zip(before, model.parameters()))
    assert max(mismatch) < 1e-4  # the graphs sample with the weights that are trained
