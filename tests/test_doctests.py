"""What the docstrings show is what happens."""

import doctest
import importlib
import pkgutil

import pytest

import empathy_gym

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(empathy_gym.__path__, "empathy_gym.")
    if not module.name.endswith("__main__") and ".integrations" not in module.name and ".backends" not in module.name
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_environments_have_examples():
    for name in (
        "envs.support:EmpathySupportEnv",
        "envs.strategy:EmpathyStrategyEnv",
        "envs.vector:EmpathySupportVectorEnv",
    ):
        module, kind = name.split(":")
        assert ">>>" in getattr(importlib.import_module(f"empathy_gym.{module}"), kind).__doc__
