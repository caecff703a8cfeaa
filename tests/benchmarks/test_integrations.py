"""The framework of recorded runs: what an integration has to have, the row and the table made of it."""

import argparse
import json

import pytest

from benchmarks.integrations import __main__ as integrations
from benchmarks.integrations import strategy


def test_every_integration_has_what_a_row_needs():
    assert {"maskable_ppo", "sb3_ppo", "recurrent_ppo", "cleanrl_ppo"} <= set(integrations.names())
    for name in integrations.names():
        module = integrations.load(name)
        assert callable(module.run) and module.LIBRARIES and module.PIP.startswith("pip install") and module.__doc__


def test_a_missing_library_is_named_with_its_command(monkeypatch):
    module = integrations.load("cleanrl_ppo")
    monkeypatch.setattr(module, "LIBRARIES", ("no-such-library-here", *module.LIBRARIES))
    with pytest.raises(SystemExit, match="expected no-such-library-here for cleanrl_ppo, got none; pip install"):
        integrations.measured("cleanrl_ppo", argparse.Namespace())


def test_the_table_has_the_latest_row_of_each():
    def row(name, steps):
        return json.dumps({"integration": name, "libraries": {"torch": "2", "numpy": "1"}, "what": "PPO", "steps": steps,
                           "result": "fine", "minutes": 1.5})  # fmt: skip

    lines = integrations.table([row("b", 1), row("a", 2), row("b", 3)]).splitlines()
    assert lines[2:] == ["| a | torch | 2 | PPO | 2 | fine | 1.5 |", "| b | torch | 2 | PPO | 3 | fine | 1.5 |"]
    assert len(integrations.table([]).splitlines()) == 2


def test_random_moves_keep_to_the_mask_and_seekers_are_the_same():
    found = strategy.compared(strategy.uniform(), 3, "dev")
    assert found["figures"]["trained - random"][0] == 0, "two generators of one seed choose alike"
    assert set(found["figures"]) == {"trained", "random", "oracle", "foresight", "trained - random"}
    assert found["figures"]["oracle"][0] > found["figures"]["random"][0]
