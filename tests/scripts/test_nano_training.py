"""How the nano learns to copy: rows that repeat, words exchanged in whole talks, the optimisers, and that a few steps teach."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from agents.learner.llama import Llama, Shape, rotate
from scripts import nano_training as nano
from scripts.nano_training import RARE, Example, Stepper

CPU = torch.device("cpu")
SHAPE = Shape(
    vocab_size=8 + 256, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=1,
    head_dim=8, model_type="qwen2",
)  # fmt: skip
TALKS = [
    Example([1, 20, RARE + 1, 21, RARE + 2, 20, RARE + 1], [0.0, 0.3, 0.3, 0.3, 1.0, 1.0, 3.0]),
    Example([1, 30, RARE + 5], [0.0, 0.3, 1.0]),
]


pytestmark = pytest.mark.usefixtures("one_thread")


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def tiny(seed: int = 0, **changes: int) -> Llama:
    return Llama(replace(SHAPE, **changes)).init(generator(seed))


def test_rows_begin_again_and_only_then_are_known():
    ids, known = nano.repeating(50, 300, generator())
    least, most = nano.PERIODS
    assert ids.shape == known.shape == (50, nano.WIDTH) and 8 <= int(ids.min()) and int(ids.max()) < 8 + 300
    periods = set()
    for row, can in zip(ids.tolist(), known.tolist(), strict=True):
        period = can.index(True)
        assert all(can[period:]) and row[period:] == row[:-period]
        periods.add(period)
    assert least <= min(periods) < max(periods) <= most


def test_a_batch_says_what_stood_earlier_in_its_row():
    batch = nano.batch_of(TALKS, CPU)
    assert batch.ids.tolist()[1] == [1, 30, RARE + 5, 0, 0, 0, 0]
    assert batch.known.tolist() == [[True, True, False, True, False, True, True], [True, True] + [False] * 5]
    foretold = list(zip(batch.row.tolist(), batch.column.tolist(), strict=True))
    assert foretold == [(0, i) for i in range(6)] + [(1, 0), (1, 1)]  # padding and the first token have no weight


def test_batches_hold_each_talk_once_and_no_more_than_they_may():
    data = [Example([1] * (5 + i % 40), [1.0] * (5 + i % 40)) for i in range(700)]
    made = nano.batches(data, 200)
    assert sorted(len(e.ids) for batch in made for e in batch) == sorted(len(e.ids) for e in data)
    assert max(len(batch) * max(len(e.ids) for e in batch) for batch in made) <= 200
    assert made == nano.batches(data, 200)


def exchanged(before: Tensor, after: Tensor) -> dict[int, int]:
    pairs = set(zip(before.tolist(), after.tolist(), strict=True))
    other = dict(pairs)
    assert len(other) == len(pairs) == len(set(other.values())), "one for one in a row"
    return other


def test_random_words_keep_the_frames_and_are_the_same_in_the_whole_talk():
    batch = nano.batch_of(TALKS, CPU)
    mixed = nano.with_random_words(batch, 1.0, RARE + 500, generator())
    rows = [exchanged(before, after) for before, after in zip(batch.ids, mixed.ids, strict=True)]
    for other in rows:
        assert all(after == before if before < RARE else RARE <= after < RARE + 500 for before, after in other.items())
    assert rows[0][RARE + 1] != RARE + 1
    # what nobody could know, a rarer token where it first stands, has no weight; its repetition keeps it
    assert mixed.weights[0].tolist() == pytest.approx([0.0, 0.3, 0.0, 0.3, 0.0, 1.0, 3.0])
    untouched = nano.with_random_words(batch, 0.0, RARE + 500, generator())
    assert torch.equal(untouched.ids, batch.ids) and torch.equal(untouched.weights, batch.weights)


def test_muons_steps_are_near_orthogonal():
    for form in ((3, 12, 40), (3, 40, 12)):
        values = torch.linalg.svdvals(nano.orthogonal(torch.randn(form, generator=generator())))
        assert values.shape == (3, 12) and 0.5 < float(values.min()) and float(values.max()) < 1.5


@pytest.mark.parametrize("muon", [0.0, 0.02])
def test_every_weight_belongs_to_one_optimiser(muon):
    model = tiny()
    stepper = Stepper(model, 3e-3, muon)
    in_muon = [] if stepper.muon is None else [p for group in stepper.muon.groups for p in group]
    assert sorted(map(id, [*stepper.rest, *in_muon])) == sorted(map(id, model.parameters()))
    assert bool(in_muon) == bool(muon) and all(p.dim() == 2 for p in in_muon)
    before = [p.detach().clone() for p in model.parameters()]
    stepper.step(nano.copying_loss(model, *nano.repeating(4, 256, generator())), 1.0)
    assert not any(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


def test_some_steps_teach_what_repeats():
    """What repeats becomes likelier than chance among the kinds that there are, and likelier than what stands there for the first time."""
    kinds, model, draws = 32, tiny(vocab_size=8 + 32), generator()
    held_out, known = nano.repeating(64, kinds, generator(9))
    stepper = Stepper(model, 3e-3, 0.02)
    for _ in range(80):
        stepper.step(nano.copying_loss(model, *nano.repeating(8, kinds, draws)), 1.0)
    with torch.no_grad():
        again = float(nano.copying_loss(model, held_out, known))
        assert again < math.log(kinds) - 0.05 and again < float(nano.copying_loss(model, held_out, ~known)) - 0.2


def patterns(model: Llama, ids: Tensor) -> Tensor:
    """What each head of the first layer attends to, (B, H, T, T)."""
    layer, shape = model.model.layers[0], model.shape
    H, K, E = shape.num_attention_heads, shape.num_key_value_heads, shape.head_dim
    x = layer.self_attn.qkv_proj(layer.input_layernorm(model.model.embed_tokens(ids)))
    q, k, _ = x.view(*ids.shape, H + 2 * K, E).split([H, K, K], dim=2)
    turns = model._turns[None, : ids.shape[1], None]
    q, k = rotate(q, turns), rotate(k, turns).expand(-1, -1, H, -1)
    scores = torch.einsum("bqhe,bkhe->bhqk", q, k) / E**0.5
    return scores.masked_fill(torch.ones(scores.shape[-2:]).triu(1).bool(), -torch.inf).softmax(dim=-1)


@torch.no_grad()
def test_the_first_layer_looks_back():
    model = tiny(head_dim=32, hidden_size=128)
    ids, _ = nano.repeating(4, 256, generator())
    before = patterns(model, ids)
    nano.look_back(model)
    after = patterns(model, ids)
    for head, back in enumerate(nano.LOOKS_BACK):
        share = [float(p[:, head].diagonal(-back, dim1=1, dim2=2).mean()) for p in (before, after)]
        assert share[0] < 0.2 and share[1] > 0.9, (head, share)


@torch.no_grad()
def test_a_sharpened_model_says_at_one_what_it_said_at_the_temperature():
    model = tiny()
    ids, _ = nano.repeating(4, 256, generator())
    before = model.head(model.hidden(ids))
    nano.sharpen(model, 0.5)
    assert torch.allclose(model.head(model.hidden(ids)), before / 0.5, atol=1e-5)


def test_a_model_without_biases_cannot_look_back():
    with pytest.raises(ValueError, match="expected one with biases"):
        nano.look_back(Llama(replace(SHAPE, model_type="llama")))


def test_fresh_attention_keeps_the_rest():
    old = Llama(replace(SHAPE, model_type="llama")).init(generator(3))
    new = nano.with_fresh_attention(old, generator())
    theirs = new.state_dict()
    for name, weights in old.state_dict().items():
        fresh = "layers.0.self_attn" in name or "layers.1.self_attn" in name
        assert torch.equal(weights, theirs[name]) != fresh, name


@pytest.mark.parametrize("copying", [0, 3])
def test_imitation_goes_once_through_and_lowers_the_loss(copying):
    model = tiny(vocab_size=RARE + 100)
    batch = nano.batch_of(TALKS, CPU)
    with torch.no_grad():
        before = float(nano.loss_of(model, batch))
    steps = nano.imitate(model, Stepper(model, 3e-3, 0.02), [batch] * 80, 0.5, copying, 0.0, generator())
    with torch.no_grad():
        assert steps == 80 and float(nano.loss_of(model, batch)) < 0.9 * before


def test_progress_is_of_steps_or_of_seconds():
    assert list(nano.progress(4, 0.0)) == [0.0, 0.25, 0.5, 0.75]
    gone = list(nano.progress(4, 0.05))
    assert gone == sorted(gone) and 0 <= gone[0] and gone[-1] < 1
