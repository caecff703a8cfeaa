"""Several processes train at a time, and each one's updates are counted."""

from dataclasses import replace

import pytest
import torch

from agents.presets import PRESETS
from benchmarks import many_runs


@pytest.mark.slow
def test_two_processes_are_measured_alone_and_together():
    preset = replace(PRESETS["nano"], scenarios=1, group=2, max_turns=1, max_new=8, eval_episodes=1)
    found = many_runs.measure("cpu", 2, 1, preset)
    assert found["processes"] == 2 and not found["mps"] and found["mismatch"] < 1e-3
    assert 0 < found["alone"]["env"] < found["alone"]["play"] < found["seconds_an_update_alone"]
    assert found["updates_a_second"] == pytest.approx(2 / found["seconds_an_update_together"], rel=0.01)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_without_a_gpu_it_says_so(capsys):
    assert many_runs.main(["--device", "cuda"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
