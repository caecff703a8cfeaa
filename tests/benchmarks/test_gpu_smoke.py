"""The command for a machine with a GPU runs without one in small, and says what is missing."""

import pytest
import torch

from benchmarks import gpu_smoke
from benchmarks.learner_speed.work import copy_bandwidth, matmul_peak

(SHAPE,) = gpu_smoke.TINY.values()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_without_a_gpu_it_says_so(capsys):
    assert gpu_smoke.main([]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("precision", gpu_smoke.BOUNDS)
def test_engine_forward_and_training_agree(precision):
    assert gpu_smoke.agreement(SHAPE, precision, "cpu")["ok"]


def test_wrong_log_probabilities_do_not_pass(monkeypatch):
    monkeypatch.setattr(gpu_smoke, "BOUNDS", {"float32": 1e-12})
    assert not gpu_smoke.agreement(SHAPE, "float32", "cpu")["ok"]


def test_timings_are_shares():
    found = gpu_smoke.timings(SHAPE, "cpu", True, matmul_peak(torch.float32, sides=(256,)), copy_bandwidth(size=2**22))
    assert 0 < found["train"]["mfu"] < 1 and found["decode"]["mbu"] > 0
    assert found["transformers"]["generate"] > 0


@pytest.mark.slow
def test_in_small_it_runs_whole():
    assert gpu_smoke.main(["--device", "cpu", "--tiny"]) == 0


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_on_a_gpu():
    assert gpu_smoke.main(["--tiny"]) == 0
