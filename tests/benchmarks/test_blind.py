"""Sheets for blind raters: what is asked can be answered, and the key is right."""

import json

import numpy as np
import pytest

from benchmarks.blind import __main__ as blind


@pytest.fixture(scope="module")
def items():
    """Of a supporter who says nine lines again and again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blind, "PICKED_FROM", ("inept",))
        patch.setattr(blind, "LINES", 20)
        return blind.pick_items("test", np.random.default_rng(0))


def test_each_line_has_four_different_messages_and_one_of_them_came_before_it(items):
    talks = [t["messages"] for t in blind.talks_of("inept", 24, "test", 40_000)]
    before = {(talk[k + 1]["content"], talk[k]["content"]) for talk in talks for k in range(1, len(talk) - 1, 2)}
    assert len(items) == 20
    for item in items:
        assert len(set(item["options"])) == 4
        assert (item["line"], item["options"]["ABCD".index(item["right"])]) in before


def test_answers_are_held_against_the_key(items, tmp_path, monkeypatch):
    monkeypatch.setattr(blind, "PICKED_FROM", ("inept",))
    (tmp_path / "key.json").write_text(json.dumps({"pick": [[i["supporter"], i["right"]] for i in items], "rate": []}))
    rows = [
        f"{n}: {item['right'] if n > 5 else 'BADC'['ABCD'.index(item['right'])]}" for n, item in enumerate(items, 1)
    ]
    (tmp_path / "pick.answers.txt").write_text("\n".join(rows))
    found = blind.score(tmp_path)
    assert found["picked"][0] == 0.75 and found["picks"] == 20 and found["picked_by"] == {"inept": 0.75}
