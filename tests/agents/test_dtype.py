"""``auto`` takes what the machine is good at, and a name what it says."""

import torch

from agents.train import resolved


def test_names_are_taken_at_their_word():
    assert resolved("float32", "cpu") is torch.float32 and resolved("bfloat16", "cpu") is torch.bfloat16


def test_auto_is_bfloat16_only_where_it_is_fast():
    assert resolved("auto", "cuda") is torch.bfloat16
    fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    assert resolved("auto", "cpu") is (torch.bfloat16 if fast else torch.float32)
