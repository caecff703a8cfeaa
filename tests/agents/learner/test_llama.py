"""Our forward against transformers', whole and through the cache, and files that both read."""

import pytest
import torch
import transformers

from agents.learner.llama import Llama, Placement, Shape
from agents.learner.packing import Segments

FAMILIES = {
    "llama": (transformers.LlamaConfig, transformers.LlamaForCausalLM, {}),
    "qwen2": (transformers.Qwen2Config, transformers.Qwen2ForCausalLM, {}),
    "qwen3": (transformers.Qwen3Config, transformers.Qwen3ForCausalLM, {"head_dim": 12}),
}


def theirs(family, tied, folder):
    config, kind, more = FAMILIES[family]
    torch.manual_seed(0)
    model = kind(
        config(
            vocab_size=61, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
            max_position_embeddings=64, tie_word_embeddings=tied, rope_theta=5000.0, **more,
        )
    ).eval()  # fmt: skip
    for p in model.parameters():
        p.data.normal_(0, 0.3)
    model.save_pretrained(folder)
    return model


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("family", FAMILIES)
@torch.no_grad()
def test_logits_equal_those_of_transformers_both_ways(family, tied, tmp_path):
    model = theirs(family, tied, tmp_path / "theirs")
    ours = Llama.load(tmp_path / "theirs")
    ids = torch.randint(0, 61, (3, 20), generator=torch.Generator().manual_seed(1))
    expected = model(ids).logits
    torch.testing.assert_close(ours.head(ours.hidden(ids)), expected, atol=1e-5, rtol=1e-5)
    ours.save(tmp_path / "ours")
    back = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "ours")
    assert torch.equal(back(ids).logits, expected)  # not a bit is lost on the way through


def test_angles_stay_exact_in_bf16():
    """In bf16, 1,001 and 1,003 radians would be the same angle."""
    shape = Shape(31, 16, 24, 1, 2, 1, 8, max_position_embeddings=2_048)
    whole, half = Llama(shape), Llama(shape).to(torch.bfloat16)
    assert half.dtype == torch.bfloat16 and half._turns.dtype == torch.complex64
    assert torch.equal(half._turns, whole._turns)
    places = torch.arange(2_048, dtype=torch.float64)
    torch.testing.assert_close(half._turns[:, 0].real.double(), places.cos(), atol=1e-6, rtol=0)


@pytest.mark.parametrize("family", FAMILIES)
@torch.no_grad()
def test_chunks_through_the_cache_equal_the_whole(family, tmp_path):
    theirs(family, True, tmp_path)
    model = Llama.load(tmp_path)
    ids = torch.randint(0, 61, (2, 20), generator=torch.Generator().manual_seed(1))
    cache, parts, at = model.new_cache(2, 32), [], 0
    for width in (7, 1, 12):
        starts = torch.full((2,), at)
        parts.append(model.hidden(ids[:, at : at + width], Placement(cache, starts, width, at + width)))
        at += width
    torch.testing.assert_close(torch.cat(parts, dim=1), model.hidden(ids), atol=1e-5, rtol=1e-5)


def test_chosen_states_equal_those_of_the_whole_and_so_do_their_gradients(tmp_path):
    theirs("llama", True, tmp_path)
    model = Llama.load(tmp_path)
    ids = torch.randint(0, 61, (3, 9), generator=torch.Generator().manual_seed(1))
    at = (torch.tensor([0, 0, 2, 1]), torch.tensor([8, 3, 0, 5]))
    grads = []
    for states in (model.hidden(ids, at=at), model.hidden(ids)[at]):
        model.zero_grad()
        states.square().sum().backward()
        grads.append([p.grad.clone() for p in model.parameters()])
    for a, b in zip(*grads):
        torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "gpt2"}, "model_type: expected llama, qwen2, qwen3, got 'gpt2'"),
        ({"rope_scaling": {"rope_type": "llama3", "factor": 8.0}}, "rope: expected the default kind"),
        ({"mlp_bias": True}, "mlp_bias: expected false, got True"),
        ({"hidden_act": "gelu"}, "hidden_act: expected 'silu', got 'gelu'"),
        ({"hidden_size": None}, "config.json: expected whole numbers .* got none for hidden_size"),
    ],
)
def test_models_that_would_come_out_wrong_are_refused(change, message):
    config = {
        "model_type": "llama", "vocab_size": 9, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
    }  # fmt: skip
    Shape.from_config(config)
    with pytest.raises(ValueError, match=message):
        Shape.from_config(config | change)


def test_a_folder_without_a_model_says_what_it_holds(tmp_path):
    (tmp_path / "readme").write_text("x")
    with pytest.raises(FileNotFoundError, match="expected config.json and .*got .'readme'."):
        Llama.load(tmp_path)


def test_files_that_cannot_be_read_or_do_not_fit_are_named(tmp_path):
    theirs("llama", True, tmp_path)
    weights, config = tmp_path / "model.safetensors", tmp_path / "config.json"
    told = config.read_text()
    config.write_text("{")
    with pytest.raises(ValueError, match="config.json: expected JSON, got"):
        Llama.load(tmp_path)
    config.write_text(told.replace('"intermediate_size": ', '"intermediate_size": 1'))
    with pytest.raises(ValueError, match="expected weights as its config.json says, got"):
        Llama.load(tmp_path)
    config.write_text(told)
    weights.write_bytes(weights.read_bytes()[:-8])
    with pytest.raises(ValueError, match="model.safetensors: expected whole safetensors, got"):
        Llama.load(tmp_path)


@pytest.mark.parametrize("packed", [False, True])
def test_gradient_checkpointing_changes_no_gradient(packed, tmp_path):
    theirs("qwen3", True, tmp_path)
    model = Llama.load(tmp_path)
    ids = torch.randint(0, 61, (1, 12), generator=torch.Generator().manual_seed(1))
    at, grads = (torch.tensor([0, 0, 0]), torch.tensor([11, 3, 0])), []
    for model.checkpointing in (False, True):
        model.zero_grad()
        place = Segments([5, 7]) if packed else None
        model.head(model.hidden(ids, place, at)).square().sum().backward()
        grads.append([p.grad.clone() for p in model.parameters()])
    assert all(torch.equal(a, b) for a, b in zip(*grads))
