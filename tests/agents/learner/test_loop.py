"""The loop learns, resumes to the same bits, and leaves the weights alone where there is nothing to learn."""

import json
import os
import signal
from dataclasses import replace

import pytest
import torch

from agents.learner import checkpoint
from agents.learner.chat import MAX_LINE_TOKENS
from agents.learner.figures import Tally, figures
from agents.learner.loop import Trainer
from agents.presets import PRESETS, Preset
from tests.agents.conftest import Colours, tiny_model

TOY = Preset(
    steps=6, scenarios=3, group=4, max_turns=2, max_new=3, rate=5e-3, eval_every=3, eval_episodes=4, save_every=2, tokens=400
)  # fmt: skip


def toy(chat, out, seed=0, env=None, scaffold="direct", **changes):
    model = tiny_model(seed, loud=2.0)
    return Trainer(model, chat, replace(TOY, **changes), scaffold, seed, out, env or (lambda split: Colours()))


def weights(trainer):
    return [p.detach().clone() for p in trainer.model.parameters()]


def logged(folder):
    """Metrics without what depends on the clock."""
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{k: v for k, v in row.items() if "second" not in k} for row in rows]


VARIANTS = {
    "turn": {},
    "minibatches": {"clip": "ppo", "minibatches": 2, "epochs": 2},
    "ppo": {"advantage": "gae", "clip": "ppo", "minibatches": 2, "group": 1, "scenarios": 12},
    "grpo": {"advantage": "grpo", "reward": "final", "kl": 0.1, "aggregation": "dialogue"},
    "bf16": {"advantage": "rloo", "clip": "cispo", "dtype": "bfloat16"},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_two_halves_equal_the_whole_to_the_bit(chat, tmp_path, variant):
    def fresh(out):
        trainer = toy(chat, out, **VARIANTS[variant])
        if variant == "bf16":
            trainer = Trainer(
                tiny_model(loud=2.0).bfloat16(), chat, trainer.preset, "direct", 0, out, lambda split: Colours()
            )
        return trainer

    whole = fresh(tmp_path / "whole")
    assert whole.run()
    fresh(tmp_path / "half").run(until=4)
    second = fresh(tmp_path / "half")
    assert second.restore() and second.step == 4
    assert second.run()
    for a, b in zip(weights(whole), weights(second)):
        assert torch.equal(a, b)
    assert logged(tmp_path / "whole") == logged(tmp_path / "half")


def test_an_interrupted_run_keeps_its_last_update(chat, tmp_path):
    class Interrupting(Colours):
        def reset(self, **kwargs):
            if trainer.step == 2:
                os.kill(os.getpid(), signal.SIGINT)
            return super().reset(**kwargs)

    trainer = toy(chat, tmp_path / "cut", save_every=100, group=2, scenarios=1, env=lambda split: Interrupting())
    before = signal.getsignal(signal.SIGINT)
    try:
        finished = trainer.run()
    except KeyboardInterrupt:  # each environment sends one: the second asks for an end at once
        finished = None
    assert not finished and signal.getsignal(signal.SIGINT) is before


def test_one_interrupt_ends_between_two_updates_with_a_checkpoint(chat, tmp_path):
    sent = []

    class Once(Colours):
        def reset(self, **kwargs):
            if trainer.step == 2 and not sent:
                sent.append(True)
                os.kill(os.getpid(), signal.SIGINT)
            return super().reset(**kwargs)

    trainer = toy(chat, tmp_path / "cut", save_every=100, env=lambda split: Once())
    assert not trainer.run() and trainer.step == 3
    again = toy(chat, tmp_path / "cut", save_every=100)
    assert again.restore() and again.step == 3 and again.run()
    whole = toy(chat, tmp_path / "whole", save_every=100)
    whole.run()
    assert all(torch.equal(a, b) for a, b in zip(weights(again), weights(whole)))


def test_a_half_written_checkpoint_is_never_read(chat, tmp_path):
    trainer = toy(chat, tmp_path)
    trainer.run(until=2)
    (tmp_path / "checkpoint.tmp").write_bytes(b"half")  # what a kill in the middle of writing leaves
    assert toy(chat, tmp_path).restore()


def test_a_checkpoint_of_another_run_is_refused(chat, tmp_path):
    toy(chat, tmp_path).run(until=2)
    with pytest.raises(ValueError, match="expected a run with gamma=0.5, got 0.95"):
        toy(chat, tmp_path, gamma=0.5).restore()
    with pytest.raises(ValueError, match="seed=1, got 0"):
        toy(chat, tmp_path, seed=1).restore()
    assert toy(chat, tmp_path, steps=50).restore()  # more steps are welcome


def test_a_run_goes_on_with_smaller_micro_batches(chat, tmp_path):
    """As on a machine with less memory."""
    toy(chat, tmp_path).run(2)
    again = toy(chat, tmp_path, tokens=100)
    assert again.restore() and again.step == 2 and again.run(3)


@pytest.mark.parametrize("changes", [{}, {"lora_rank": 2, "kl": 0.1}])
def test_a_checkpoint_from_another_start_or_other_dynamics_is_refused(chat, tmp_path, changes):
    run = toy(chat, tmp_path, **changes)
    run.run(until=2)
    other = Trainer(tiny_model(1, loud=2.0), chat, run.preset, "direct", 0, tmp_path, lambda split: Colours())
    with pytest.raises(ValueError, match="expected a run with start='[0-9a-f]{12}', got '[0-9a-f]{12}'"):
        other.restore()
    path = tmp_path / "checkpoint.pt"
    checkpoint.save(path, {**checkpoint.load(path), "dynamics": "0.0"})
    with pytest.raises(ValueError, match="dynamics='.*', got '0.0'"):
        toy(chat, tmp_path, **changes).restore()


class Flat(Colours):
    """Nothing that is said makes a difference. What is paid has no exact sum."""

    pays = 0.37

    def step(self, action):
        *rest, info = super().step(action)
        return rest[0], self.pays, *rest[2:], info


class Level(Flat):
    """All end alike, each on a path of its own, so that sums of the same total differ by a rounding."""

    def step(self, action):
        line, _, ended, over, info = super().step(action)
        last = self._at == self.turns
        self._paid = 0.0 if self._at == 1 else self._paid
        pay = 0.37 - self._paid if last else 0.1 + 0.01 * len(action)
        self._paid += pay
        return line, pay, ended, over, info


@pytest.mark.parametrize(
    "advantage, env", [("turn", Flat), ("rloo", Flat), ("grpo", Flat), ("rloo", Level), ("grpo", Level)]
)
def test_where_no_dialogue_did_better_no_step_is_taken(chat, tmp_path, advantage, env):
    trainer = toy(chat, tmp_path, env=lambda split: env(), advantage=advantage, group=5)
    before = weights(trainer)
    batch = trainer.play()
    found = trainer.learn(batch)
    assert found["skipped"] == 1.0
    told = figures(Tally.of(batch))
    assert told["flat_groups"] == 1.0 and told["group_std"] == 0.0
    assert all(torch.equal(a, b) for a, b in zip(before, weights(trainer)))


def test_with_reward_at_the_end_alone_turn_credit_gives_the_gradient_of_rloo(chat, tmp_path):
    class Last(Colours):
        def step(self, action):
            line, _, ended, over, info = super().step(action)
            return line, (info["emotion"] / 100_000 if over else 0.0), ended, over, info

    found = []
    for advantage in ("turn", "rloo"):
        trainer = toy(chat, tmp_path, env=lambda split: Last(), advantage=advantage, gamma=1.0, scale=False)
        trainer.learn(trainer.play())
        found.append(weights(trainer))
    for a, b in zip(*found):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-5)


def test_the_gradient_is_that_of_the_advantage_weighted_logprobs(chat, tmp_path):
    """The whole trainer against four lines of autograd (no batching, no engine)."""
    trainer = toy(chat, tmp_path, scale=False, grad_clip=1e9)
    batch = trainer.play()
    advantages, _ = trainer._credit(batch)
    model, total, at = tiny_model(0, loud=2.0), 0.0, 0
    for row in batch.rows:
        logits = torch.log_softmax(model.head(model.hidden(torch.tensor([row.ids])))[0], dim=-1)
        for t, own in enumerate(row.policy):
            if own:
                total = total - advantages[at] * logits[t - 1, row.ids[t]] / (12 * 2 * 3)
                at += 1
    total.backward()
    expected = torch.stack([p.grad.norm() for p in model.parameters()]).norm()
    assert trainer.learn(batch)["grad_norm"] == pytest.approx(expected.item(), rel=1e-4)


def test_the_loss_is_that_of_the_whole_batch_however_it_is_cut(chat, tmp_path):
    """At a rate of zero the minibatches' losses are parts of one."""
    trainer = toy(chat, tmp_path, rate=0.0)
    batch = trainer.play()
    whole = trainer.learn(batch)["loss"]
    cut = toy(chat, tmp_path, rate=0.0, clip="ppo", minibatches=3)
    clipped = toy(chat, tmp_path, rate=0.0, clip="ppo")
    assert cut.learn(batch)["loss"] == pytest.approx(clipped.learn(batch)["loss"], abs=1e-6)
    assert whole != 0


def test_ppos_advantages_are_whitened(chat, tmp_path):
    trainer = toy(chat, tmp_path, **VARIANTS["ppo"])
    advantages, returns = trainer._credit(trainer.play())
    assert float(advantages.mean()) == pytest.approx(0, abs=1e-6)
    assert float(advantages.std()) == pytest.approx(1, abs=1e-5)
    assert torch.isfinite(returns).all()


def test_the_critic_starts_at_zero(chat, tmp_path):
    trainer = toy(chat, tmp_path, **VARIANTS["ppo"])
    (m, _), *_ = trainer._rounds(rows := trainer.play().rows, range(len(rows)))
    assert not trainer.critic(m).any()


def test_evaluations_meet_the_same_seekers_with_the_same_random_numbers(chat, tmp_path):
    trainer = toy(chat, tmp_path)
    first = trainer.evaluate()
    trainer.step = 5
    assert trainer.evaluate() == first


@pytest.mark.parametrize("variant", ["turn", "ppo"])
def test_sampling_and_training_agree(chat, tmp_path, variant):
    """In PPO too, though it takes several steps on what was sampled: the weights that have moved since are not asked."""
    trainer = toy(chat, tmp_path, **VARIANTS[variant])
    assert trainer.learn(trainer.play())["mismatch"] < 1e-5


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("variant", ["turn", "ppo"])
def test_a_toy_is_learnt(chat, tmp_path, seed, variant):
    """From one reply in twenty to nearly always the colour that was just named."""
    changes = {"turn": {"scenarios": 16}, "ppo": {**VARIANTS["ppo"], "scenarios": 32, "critic_rate": 5e-3}}[variant]
    trainer = toy(chat, tmp_path, seed, steps=160, eval_every=160, save_every=160, eval_episodes=64, **changes)
    assert trainer.evaluate()["dev_emotion"] < 30
    trainer.run()
    assert trainer.evaluate()["dev_emotion"] > 42  # 50 is perfect, 30 is one colour whatever was named


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"advantage": "x"}, "advantage: expected one of turn, rloo, grpo, gae, got 'x'"),
        ({"group": 1}, "group: expected at least 2 for advantage='turn', got 1"),
        ({"minibatches": 2}, "clip: expected ppo or cispo with several optimiser steps"),
        ({"steps": 0}, "steps: expected at least 1, got 0"),
        ({"gamma": 1.5}, "gamma, lam: expected numbers from 0 to 1"),
    ],
)
def test_contradictions_in_a_preset_raise(change, message):
    with pytest.raises(ValueError, match=message):
        replace(Preset(), **change)


def test_presets_differ_from_the_default_and_are_named_as_promised():
    assert set(PRESETS) >= {"nano", "nano-grpo", "nano-ppo", "small", "rlver-ppo", "rlver-grpo", "paper"}
    assert not PRESETS["rlver-ppo"].keep_thoughts and PRESETS["nano"].keep_thoughts


@pytest.mark.parametrize("name", ["rlver-ppo", "rlver-grpo", "paper"])
def test_talks_of_a_preset_fit_the_model_that_it_names(name):
    """Qwen2.5-7B-Instruct has 32,768 positions; a prompt and the marks around a message take some hundred."""
    preset = PRESETS[name]
    assert 300 + preset.max_turns * (MAX_LINE_TOKENS + 20 + preset.max_new + 1) <= 32_768


def test_talks_that_could_outgrow_the_model_are_refused_at_the_start(chat, tmp_path):
    with pytest.raises(ValueError, match="expected talks within the model's 1024 positions, got up to"):
        toy(chat, tmp_path, max_turns=20)


def test_one_bad_gradient_is_thrown_away_and_three_in_a_row_end_the_run(chat, tmp_path):
    trainer = toy(chat, tmp_path, steps=9)

    def spoil(at):
        step = trainer.optimiser.step

        def spoilt():
            if trainer.step in at:
                trainer.optimiser.masters[0].grad.view(-1)[0] = float("nan")
            return step()

        trainer.optimiser.step = spoilt

    spoil({1, 4, 6, 7})  # in 2 and 5 no dialogue did better than another, so that nothing is stepped
    with pytest.raises(
        FloatingPointError, match="expected finite ones, got 3 updates in a row with inf or nan, the last at step 7"
    ):
        trainer.run()
    rows = logged(tmp_path)
    assert [row["nonfinite"] for row in rows if "nonfinite" in row] == [0, 1, 0, 0, 1, 0, 1]
    assert all(torch.isfinite(p).all() for p in trainer.model.parameters())
    saved = checkpoint.load(tmp_path / "checkpoint.pt")
    assert all(torch.isfinite(value).all() for value in saved["model"].values())


def test_a_checkpoint_of_other_weights_is_refused_by_name(chat, tmp_path):
    toy(chat, tmp_path, dtype="auto").run(until=2)
    other = Trainer(
        tiny_model(0, loud=2.0).bfloat16(),
        chat,
        replace(TOY, dtype="auto"),
        "direct",
        0,
        tmp_path,
        lambda split: Colours(),
    )
    with pytest.raises(ValueError, match="expected a run with .*weights='bfloat16', got 'float32'"):
        other.restore()


def test_a_checkpoint_that_was_cut_short_is_named(chat, tmp_path):
    toy(chat, tmp_path).run(until=2)
    path = tmp_path / "checkpoint.pt"
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(ValueError, match="checkpoint.pt: expected a checkpoint, got a file that cannot be read as one"):
        toy(chat, tmp_path).restore()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"grad_clip": -1.0}, "grad_clip: expected a number above 0, got -1.0"),
        ({"rate": float("inf")}, "rate: expected a finite number, at least 0, got inf"),
        ({"kl": -1.0}, "kl: expected a finite number, at least 0, got -1.0"),
        ({"warmup": -3}, "warmup: expected a finite number, at least 0, got -3"),
        ({"lora_alpha": -32.0}, "lora_alpha: expected a finite number above 0"),
        ({"difficulty": "a1"}, "difficulty: expected vanilla, challenging or a number from 0 to 1.5, got 'a1'"),
    ],
)
def test_numbers_that_would_train_backwards_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(TOY, **change)
