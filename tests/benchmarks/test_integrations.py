"""The framework of recorded runs: what an integration has to have, the row and the table made of it."""

import argparse
import json
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.integrations import __main__ as integrations
from benchmarks.integrations import strategy


def test_every_integration_has_what_a_row_needs():
    assert {
        "maskable_ppo",
        "sb3_ppo",
        "recurrent_ppo",
        "cleanrl_ppo",
        "rllib_ppo",
        "torchrl_ppo",
        "tianshou_ppo",
    } <= set(integrations.names())
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


def test_a_page_gets_its_tables():
    row = json.dumps({"integration": "sb3_ppo", "libraries": {"x": "2"}, "what": "PPO", "steps": 4096, "seeds": [0, 1], "result": "fine",
                      "minutes": 1.5})  # fmt: skip
    page = "# Runs\n<!-- runs: cleanrl_ppo sb3_ppo -->\nold\n<!-- end of runs -->\nafter\n"
    made = integrations.filled(page, [row])
    lines = made.splitlines()
    assert lines[:2] == page.splitlines()[:2] and lines[-2:] == page.splitlines()[-2:] and "old" not in made
    assert lines[4] == "| cleanrl_ppo | torch |  | no run is recorded yet |  |  |  |"
    assert lines[5] == "| sb3_ppo | x | 2 | PPO | 2 × 4,096 | fine | 1.5 |"
    assert integrations.filled(made, [row]) == made


def test_random_moves_keep_to_the_mask_and_seekers_are_the_same():
    found = strategy.compared([strategy.uniform()], 3, "dev", foresight=1)
    assert found["figures"]["trained - random"][0] == 0, "two generators of one seed choose alike"
    assert set(found["figures"]) == {"trained", "random", "oracle", "foresight", "trained - random"}
    assert found["figures"]["oracle"][0] > found["figures"]["random"][0] == found["by_seed"][0]


def test_a_report_trains_with_each_seed_and_plays_what_came_of_it():
    trained = []
    example = SimpleNamespace(
        train=lambda steps, seed: trained.append((steps, seed)) or seed, player=lambda seed: strategy.uniform(seed)
    )
    parser = argparse.ArgumentParser()
    strategy.add_arguments(parser, steps=7)
    args = parser.parse_args("--seed 4 --seeds 2 --episodes 2 --split dev --first 5".split())
    row = strategy.report(example, "nothing", args)
    assert trained == [(7, 4), (7, 5)] and row["seeds"] == [4, 5] and row["steps"] == 7
    assert row["by_seed"] == [
        round(np.mean(strategy.finals(strategy.uniform(seed), 2, "dev", 5)), 1) for seed in (4, 5)
    ]
    assert "foresight" not in row["figures"] and row["first"] == 5


def test_intervals_hold_trainings_and_stories_together():
    assert strategy.interval([[3.0] * 4], ["a", "a", "b", "c"]) == [3, 3, 3]
    rng = np.random.default_rng(1)
    stories = [f"story {i % 10}" for i in range(100)]
    talks = rng.normal(size=(3, 100))
    mean, low, high = strategy.interval(talks, stories)
    assert low < mean < high
    apart = strategy.interval(talks + np.array([[-10.0], [0.0], [10.0]]), stories)
    assert apart[2] - apart[1] > 10 > high - low, "what differs between trainings belongs in the interval"
    together = strategy.interval(talks + 5 * np.array([i % 10 for i in range(100)]), stories)
    assert together[2] - together[1] > 5 * (high - low), "what differs between stories as well"
