"""The page on metrics is what the code says, and has every metric that a run writes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agents.learner.glossary import METRICS, documented, page
from tests.agents.parallel_worker import CASES, trainer

PAGE = Path(__file__).resolve().parents[2] / "docs" / "learner-metrics.md"


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m agents.learner.glossary > docs/learner-metrics.md"


@pytest.mark.parametrize("case", CASES)
def test_every_metric_of_a_run_is_on_it(tmp_path, case):
    run = trainer(case, tmp_path)
    run.preset = replace(run.preset, steps=2)
    run.run()
    written = {name for line in (tmp_path / "metrics.jsonl").read_text().splitlines() for name in json.loads(line)}
    assert {name for name in written if not documented(name)} == set()


def test_every_metric_on_it_is_written_by_some_run(tmp_path):
    written = set()
    for case in ("grpo", "ppo", "pool"):
        trainer(case, tmp_path / case).run(until=1)
        rows = (tmp_path / case / "metrics.jsonl").read_text().splitlines()
        written |= {name for line in rows for name in json.loads(line)}
    for name in METRICS:
        stem, slash, _ = name.partition("/")
        assert name in written or (slash and any(w.startswith(f"{stem}/") for w in written)), name
