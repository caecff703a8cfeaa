"""The speed benchmark does the work that it says on both sides, and its arithmetic is that of the real model."""

import json
import os
from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from agents.learner.batch import micro_batches, policy_logprobs
from agents.learner.engine import Sampled
from agents.learner.llama import Llama
from agents.learner.rollout import Row
from benchmarks.learner_speed import __main__ as speed
from benchmarks.learner_speed import ours
from benchmarks.learner_speed.jobs import JOBS, TINY, random_model, scripts, spec
from benchmarks.learner_speed.work import decode_bytes, matmul_peak, power, update_flops

TRL = os.environ.get("EMPATHY_TRL_PYTHON")


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return random_model(tmp_path_factory.mktemp("model"))


def told(folder, job="eight-turn", **changes):
    return spec(TINY[job], folder, "float32", warmup=0, steps=1, threads=1) | changes


def test_operations_are_those_that_the_model_does(folder):
    model, prompt, new = Llama.load(folder), [9, 8, 7], 3
    rows = [Row(i) for i in range(5)]
    for row in rows:
        row.given(prompt)
        row.sampled(Sampled([4] * new, [-1.0] * new, False), 0)
    (batch,) = micro_batches(rows, range(len(rows)), 0, 1000)
    with FlopCounterMode(display=False) as counter:
        policy_logprobs(model, batch)[0].sum().backward()
    config = json.loads((folder / "config.json").read_text())
    found = update_flops(config, [len(prompt) + new] * len(rows), new * len(rows))
    assert found == pytest.approx(counter.get_total_flops(), rel=0.03)  # the counter takes masked attention for whole


def test_a_decode_step_reads_each_weight_once_and_the_cache(folder):
    model = Llama.load(folder)
    config = json.loads((folder / "config.json").read_text())
    weights = sum(p.numel() for p in model.parameters() if p.dim() > 1)  # embeddings are the head's
    assert decode_bytes(config, rows=0, live=0, size=4) == 4 * weights
    cache = model.new_cache(rows=3, slots=7)
    assert decode_bytes(config, rows=3, live=7, size=4) == 4 * (weights + cache.k.numel() + cache.v.numel())


def test_the_power_of_a_power_law():
    x = [1, 2, 4, 8]
    assert power(x, [3 * a**1.5 for a in x]) == pytest.approx(1.5)
    with pytest.raises(ValueError, match="at least two points"):
        power([1], [1])


def test_a_size_that_would_take_long_is_left_out():
    assert matmul_peak(torch.float32, sides=(64, 2**20)) > 0


@pytest.mark.parametrize("job", JOBS.values())
def test_openings_have_the_length_that_was_asked_for(folder, job):
    made = scripts(job, ours.load_format(folder))
    assert len(made) == job.scripts and all(len(script) == job.turns for script in made)
    assert all(job.opening <= len(script[0]) < job.opening + 150 for script in made)
    assert made[0] != made[1]


@pytest.mark.parametrize("job", TINY)
def test_a_step_samples_exactly_what_was_asked_for_and_learns(folder, tmp_path, job):
    what = told(folder, job)
    learner = ours.trainer(what, tmp_path)
    before = [p.detach().clone() for p in learner.model.parameters()]
    found = ours.step(learner, what)  # raises if other tokens came
    assert all(value > 0 for value in found.values())
    assert any(not torch.equal(a, b) for a, b in zip(before, learner.model.parameters(), strict=True))
    assert ours.decode_step(learner.model, [script[0] for script in what["scripts"]], 4, what["end"]) < 1


def test_a_step_of_other_length_is_no_step(folder, tmp_path):
    what = told(folder, "single-turn")
    learner = ours.trainer(what, tmp_path)
    with pytest.raises(RuntimeError, match="expected dialogues of"):
        ours.step(learner, {**what, "new": what["new"] + 1})


def test_the_end_is_never_sampled_inside_and_may_be_outside(folder):
    model, state = Llama.load(folder), torch.randn(4, 32)
    with ours.endless(model, 3):
        assert (model.head(state)[:, 3] == -torch.inf).all()
    assert model.head(state)[:, 3].isfinite().all()


def test_ratios_are_of_the_same_job_and_precision():
    def figures(step, rollout, update):
        one = {
            "step_seconds": step,
            "cpu_seconds": 2 * step,
            "rollout_tokens_per_second": rollout,
            "update_tokens_per_second": update,
        }
        return {"steps": [one], "max_bytes": 2e9, "matmul_flops": 1e9, "copy_bytes_per_second": 1e9}

    found = {
        speed.Row("single-turn", "float32", "ours", "", 0): figures(2.0, 30.0, 40.0),
        speed.Row("single-turn", "float32", "ours", "", 1): figures(1.0, 20.0, 50.0),
        speed.Row("single-turn", "float32", "trl", "", 0): figures(3.0, 10.0, 25.0),
        speed.Row("eight-turn", "float32", "trl", "", 0): figures(9.0, 1.0, 1.0),
    }
    ours_, trl, alone = speed.summary(found)
    assert (ours_["step_seconds"], ours_["all_step_seconds"]) == (1.0, [2.0, 1.0])
    assert (trl["ours_is_faster_by"], trl["ours_rolls_out_faster_by"], trl["ours_updates_faster_by"]) == (3.0, 3.0, 2.0)
    assert "ours_is_faster_by" not in alone
    assert "3.0 times as fast" in speed.table([ours_, trl, alone])


def test_without_a_model_it_says_so(tmp_path):
    with pytest.raises(SystemExit, match="get_smollm2"):
        speed.main(["--model", str(tmp_path / "none"), "--sides", "ours"])


@pytest.mark.slow
def test_a_finished_row_is_not_measured_again(tmp_path):
    command = ["--tiny", "--sides", "ours", "--jobs", "single-turn", "--rounds", "1", "--threads", "1"]
    command += ["--precisions", "float32", "--out", str(tmp_path)]
    (first,) = speed.main(command)
    (again,) = speed.main(command)
    assert first == again and first["update_share_of_matmul_peak"] < 1
    (kept,) = Path(tmp_path).glob("single-turn-float32-ours-0.json")
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "spec": "of another job"}))
    speed.main(command)
    assert json.loads(kept.read_text())["spec"] != "of another job"


@pytest.mark.slow
@pytest.mark.skipif(not TRL, reason="EMPATHY_TRL_PYTHON names no Python that has TRL")
def test_both_sides_do_the_same_work(tmp_path):
    command = ["--tiny", "--rounds", "1", "--threads", "1", "--precisions", "float32", "--out", str(tmp_path)]
    entries = speed.main([*command, "--trl-python", str(TRL)])
    assert [(e["job"], e["side"]) for e in entries] == [(job, side) for job in JOBS for side in ("ours", "trl")]
