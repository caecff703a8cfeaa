"""An adapter starts as nothing, is alone in learning, and merges into plain weights that other programs read."""

import pytest
import torch
import transformers

from agents.learner.batch import micro_batches, policy_logprobs
from agents.learner.critic import Critic
from agents.learner.engine import Engine
from agents.learner.llama import Llama
from agents.learner.lora import Lora
from agents.learner.optimiser import Optimiser
from tests.agents.conftest import tiny_model
from tests.agents.learner.test_batch import PAD, rows

IDS = torch.tensor([[4, 9, 5, 17, 6, 11]])


def logits(model, ids=IDS):
    with torch.no_grad():
        return model.head(model.hidden(ids))


def adapted(seed=0, trained=True, **changes):
    model = tiny_model(loud=4.0, **changes)
    lora = Lora(model, 3, 6.0, torch.Generator().manual_seed(seed))
    if trained:
        generator = torch.Generator().manual_seed(seed + 1)
        with torch.no_grad():
            for p in lora.parameters():
                p.copy_(0.3 * torch.randn(p.shape, generator=generator))
    return model, lora


def test_a_fresh_adapter_changes_nothing():
    model, lora = adapted(trained=False)
    assert torch.equal(logits(model), logits(tiny_model(loud=4.0)))
    assert len(lora.adapters) == 2 * 4  # qkv, o, gate and up, down in each layer


def test_switched_off_it_is_the_base_and_on_it_is_not():
    model, lora = adapted()
    base = logits(tiny_model(loud=4.0))
    assert (logits(model) - base).abs().max() > 0.01
    with lora.off():
        assert torch.equal(logits(model), base)
    assert (logits(model) - base).abs().max() > 0.01


@pytest.mark.parametrize("family", ["llama", "qwen2", "qwen3"])
def test_merged_equals_unmerged(family):
    model, lora = adapted(model_type=family)
    before = logits(model)
    with lora.merged():
        torch.testing.assert_close(logits(model), before, atol=1e-5, rtol=1e-5)
    assert torch.equal(logits(model), before)


def test_merging_a_thousand_times_loses_no_bit():
    model, lora = adapted()
    model.bfloat16()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    for _ in range(1000):
        with lora.merged():
            pass
    assert all(torch.equal(before[k], v) for k, v in model.state_dict().items())


def test_an_error_inside_leaves_the_model_as_it_was():
    model, lora = adapted()
    before = logits(model)
    with pytest.raises(RuntimeError, match="inside"), lora.merged():
        raise RuntimeError("inside")
    assert torch.equal(logits(model), before)


@pytest.mark.parametrize("checkpointing", [False, True])
def test_only_adapters_get_gradients_and_learn(checkpointing):
    model, lora = adapted(trained=False)
    model.checkpointing = checkpointing
    data, before = rows(), {k: v.clone() for k, v in model.state_dict().items()}
    optimiser, losses = Optimiser(lora, 1e-2, 0, 1.0), []
    for _ in range(5):
        loss = sum(-policy_logprobs(model, m)[0].sum() for m in micro_batches(data, range(8), PAD, 60))
        loss.backward()
        assert all(p.grad is None for p in model.parameters())
        assert all(p.grad is not None for p in lora.parameters())
        losses.append(float(loss.detach()))
        optimiser.step()
    assert losses[-1] < losses[0] - 1
    assert all(torch.equal(before[k], v) for k, v in model.state_dict().items())


def test_a_bf16_base_has_fp32_adapters():
    model = tiny_model(loud=2.0).bfloat16()
    lora = Lora(model, 2, 4.0, torch.Generator())
    (m,) = micro_batches(rows(), range(8), PAD, 10_000)
    policy_logprobs(model, m)[0].sum().backward()
    assert {p.dtype for p in lora.parameters()} == {p.grad.dtype for p in lora.parameters()} == {torch.float32}
    with lora.merged():
        assert {p.dtype for p in model.parameters()} == {torch.bfloat16}


def test_decoding_merged_samples_what_training_scores():
    model, lora = adapted()
    with lora.merged():
        engine = Engine(model, 3, 3, torch.Generator().manual_seed(0))
        said = engine.speak(range(3), [[5, 6], [7], [8, 9, 10]], 8)
    for prompt, s in zip(([5, 6], [7], [8, 9, 10]), said):
        full = torch.log_softmax(logits(model, torch.tensor([[*prompt, *s.ids]])), dim=-1)[0]
        for t, (i, logprob) in enumerate(zip(s.ids, s.logprobs), len(prompt)):
            assert full[t - 1, i].item() == pytest.approx(logprob, abs=1e-4)


@pytest.mark.parametrize("family", ["llama", "qwen2", "qwen3"])
def test_saved_merged_it_loads_in_transformers(family, tmp_path):
    model, lora = adapted(model_type=family)
    with lora.merged():
        model.save(tmp_path)
    theirs = transformers.AutoModelForCausalLM.from_pretrained(tmp_path)
    with torch.no_grad():
        torch.testing.assert_close(theirs(IDS).logits, logits(model), atol=1e-5, rtol=1e-5)


def test_a_small_adapter_on_bf16_weights_is_whole_in_what_samples_and_in_what_is_saved(tmp_path):
    model, lora = adapted(trained=False)
    with torch.no_grad():
        for adapter in lora.adapters.values():
            adapter.up.fill_(1e-4)  # far below half a step of most bf16 weights
    exact = {name: lora._whole(name, torch.float32).clone() for name in lora.adapters}
    model.bfloat16()
    base = {name: layer.weight.float() for name, layer in lora._layers.items()}
    with lora.decoding():
        assert all(torch.equal(layer.weight.float(), base[name]) for name, layer in lora._layers.items())
        sampled = logits(model)
    assert torch.equal(sampled, logits(model))
    with lora.merged(torch.float32):
        for name, layer in lora._layers.items():
            kept = layer.weight - base[name]
            wanted = lora.adapters[name].difference()
            torch.testing.assert_close(kept, wanted, atol=1e-6, rtol=1e-2)
        model.save(tmp_path, torch.float32)
    again = Llama.load(tmp_path)
    assert all(torch.isfinite(p).all() for p in again.parameters())
    assert exact.keys() == base.keys()


def test_on_fp32_weights_decoding_merges():
    model, lora = adapted()
    before = {name: layer.weight.clone() for name, layer in lora._layers.items()}
    with lora.decoding():
        assert not any(torch.equal(layer.weight, before[name]) for name, layer in lora._layers.items())
    assert all(torch.equal(layer.weight, before[name]) for name, layer in lora._layers.items())


def test_a_state_comes_back():
    (model, lora), (other, second) = adapted(seed=0), adapted(seed=5)
    second.load_state_dict(lora.state_dict())
    assert torch.equal(logits(model), logits(other))


def test_a_critic_shares_the_frozen_weights_and_keeps_to_itself():
    model = tiny_model(loud=4.0)
    critic = Critic(model, rank=2, generator=torch.Generator())
    Lora(model, 2, 4.0, torch.Generator())
    assert {id(p) for p in critic.trunk.parameters()} == {id(p) for p in model.parameters()}
    before, optimiser = logits(model), Optimiser(critic, 1e-2, 0, 1.0)
    (m,) = micro_batches(rows(), range(8), PAD, 10_000)
    first = critic(m)
    for _ in range(3):
        (critic(m) - 1).square().mean().backward()
        optimiser.step()
    assert torch.equal(logits(model), before) and (critic(m) - 1).abs().mean() < (first - 1).abs().mean()


def test_nonsense_is_refused():
    model, _ = adapted()
    with pytest.raises(ValueError, match="model: expected one without adapters"):
        Lora(model, 2, 4.0, torch.Generator())
    with pytest.raises(ValueError, match="rank: expected at least 1, got 0"):
        Lora(tiny_model(), 0, 4.0, torch.Generator())
