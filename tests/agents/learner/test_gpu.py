"""What is done otherwise on a GPU comes to the same."""

import pytest
import torch
import torch.nn.functional as F

from agents.learner.gpu import PIPES, attend_one, steady, taking_turns


def test_attention_by_products_is_attention():
    generator = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(5, 2, n, 8, generator=generator) for n in (3, 20, 20))
    seen = torch.arange(20) <= torch.tensor([0, 3, 7, 12, 19])[:, None, None, None]  # (B, 1, 1, S)
    k[0, :, 1:] = 1e4  # what is not seen may be anything
    expected = F.scaled_dot_product_attention(q, k, v, attn_mask=seen)
    found = attend_one(q, k, v, torch.zeros(seen.shape).masked_fill_(~seen, -torch.inf))
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-5)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cudnns_attention_is_left_aside():
    torch.backends.cuda.enable_cudnn_sdp(True)
    steady(torch.device("cpu"))
    assert torch.backends.cuda.cudnn_sdp_enabled()
    steady(torch.device("cuda"))
    assert not torch.backends.cuda.cudnn_sdp_enabled()


def test_processes_that_take_turns_on_a_gpu_are_warned(tmp_path, monkeypatch):
    monkeypatch.setenv(PIPES, str(tmp_path))
    assert "nvidia-cuda-mps-control -d" in taking_turns("cuda:0", 2)
    assert not taking_turns("cpu", 8) and not taking_turns("cuda", 1)
    (tmp_path / "control").touch()
    assert not taking_turns("cuda", 2)
