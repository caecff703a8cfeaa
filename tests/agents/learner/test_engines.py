"""The bundled engine is what a rollout may ask for; the optional one says what it lacks."""

import importlib.util

import pytest
import torch

from agents.learner.engine import Engine
from agents.learner.engines import DialogueEngine, VllmEngine, VllmMissing
from tests.agents.conftest import tiny_model


def test_the_bundled_engine_has_all_that_the_protocol_asks():
    assert isinstance(Engine(tiny_model(), 1, 3, torch.Generator()), DialogueEngine)
    assert all(hasattr(VllmEngine, name) for name in ("restart", "room", "forget", "seat", "pending", "speak"))


@pytest.mark.skipif(importlib.util.find_spec("vllm") is not None, reason="vLLM is installed")
def test_without_vllm_the_command_that_installs_it_is_named(tmp_path):
    with pytest.raises(VllmMissing, match="expected vLLM, which is not installed.* python -m pip install vllm"):
        VllmEngine(str(tmp_path), 1, 3, seed=0)
