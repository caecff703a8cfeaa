"""The start's talks in both scaffolds: played in chunks that are kept, and told with intervals over stories."""

import json

import numpy as np
import pytest

from benchmarks.study import starts
from benchmarks.study.__main__ import main
from benchmarks.study.anchors import CEILING, FLOOR
from benchmarks.study.blocks import markdown
from benchmarks.study.inference import clustered
from benchmarks.study.real_sections import equal_starts
from empathy_gym.seeker.ledger import SKILLS
from tests.benchmarks.study_rows import SCALE


def row(difference=0.0, talks=400, stories=20, noise=1.0, seed=0):
    """A row whose supporters earn exactly 1 (stock comfort) and 9 points a reply (oracle), and the scaffolds 3, with ``difference`` of the way more."""
    rng, each = np.random.default_rng(seed), talks // stories
    found = {}
    for story in range(stories):
        shared = rng.standard_normal()  # a story is kind to both scaffolds
        own = {}
        for who, level in ((FLOOR, 1.0), (CEILING, 9.0), ("thinking", 3.0 + 8 * difference), ("direct", 3.0)):
            spread = 0.0 if who in (FLOOR, CEILING) else 1.0
            talk = level + spread * (shared + noise * rng.standard_normal(each) * 0.5)
            own[who] = [each, each, 300.0 * each, *[float(talk.sum() * 100)] * len(SKILLS)]
        found[f"story-{story}"] = own
    return {"episodes": talks, "minutes": 1.0, "device": "cpu", "columns": list(starts.COLUMNS), "stories": found}


def test_a_difference_is_told_between_the_ends_of_the_scale():
    told = starts.differences(row(0.2))["empathic_depth"]
    assert told["means"][0] - told["means"][1] == pytest.approx(told["t"].mean) == pytest.approx(0.2, abs=0.02)
    assert told["p"] < 0.001 and told["equivalent"] > 0.95
    none = starts.differences(row(0.0))
    assert none["empathic_depth"]["equivalent"] < 0.001 and none["final"]["t"].mean == 0
    assert abs(none["empathic_depth"]["narrow"].high) < 0.10


def test_the_interval_is_as_wide_as_stories_drawn_anew_make_it():
    rng = np.random.default_rng(0)
    found = row(talks=2_000)
    stories = sorted(found["stories"])
    one, other = (
        np.array([found["stories"][s][who][3] / 100 / found["stories"][s][who][1] / 8 for s in stories])
        for who in ("thinking", "direct")
    )
    drawn = clustered((one - other)[None], stories, rng, reps=10_000)
    told = starts.differences(found)["empathic_depth"]["t"]
    assert told.mean == pytest.approx(drawn.mean)
    assert told.high - told.low == pytest.approx(drawn.high - drawn.low, rel=0.15)


def test_intervals_hold_the_truth_as_often_as_they_say():
    looks = [starts.differences(row(0.05, talks=100, seed=seed))["empathic_depth"]["t"] for seed in range(300)]
    assert 0.91 <= np.mean([t.low <= 0.05 <= t.high for t in looks]) <= 0.98


def test_the_page_says_what_is_equal_and_what_is_not():
    def text(found, scale=None):
        return markdown("Page", equal_starts(found, scale or starts.ends(found)), "study.html")

    assert text(row()).count("**equal before training**") == 2
    assert text(row(0.3)).count("and *not* in empathic depth") == 2
    wide = {name: (floor, floor + 10 * (ceiling - floor)) for name, (floor, ceiling) in starts.ends(row()).items()}
    found = text(row(0.3), wide)
    assert (
        "**equal before training**" in found and "and *not* in empathic depth" in found
    )  # on one scale, and not on the other
    assert "is not played yet" in text(None, wide)


def test_chunks_are_played_once_and_add_up(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(starts, "CHUNK", 3)
    command = [
        "starts",
        "--scale",
        "tiny",
        "--out",
        str(tmp_path / "runs"),
        "--results",
        str(tmp_path / "study.jsonl"),
        "--jobs",
        "1",
    ]
    assert main([*command, "--episodes", "4"]) in (0, 1)  # so few talks need not part the ends of the scale
    chunks = sorted((tmp_path / "runs").glob("*/*.json"))
    assert [c.name for c in chunks if c.name.startswith("direct")] == ["direct-0-3.json", "direct-3-1.json"]
    found = starts.load(tmp_path / "starts.jsonl", SCALE)
    assert found["episodes"] == 4 and sum(own["thinking"][0] for own in found["stories"].values()) == 4
    times = [c.stat().st_mtime_ns for c in chunks]
    main([*command, "--episodes", "4"])
    assert [c.stat().st_mtime_ns for c in chunks] == times
    line = (tmp_path / "starts.jsonl").read_text().splitlines()[-1]
    (tmp_path / "starts.jsonl").write_text(json.dumps({**json.loads(line), "dynamics": "0.0"}) + "\n")
    assert starts.load(tmp_path / "starts.jsonl", SCALE) is None
    monkeypatch.undo()  # chunks of a whole run, in two processes
    assert main([*command, "--episodes", "4", "--jobs", "2"]) in (0, 1)
    assert starts.load(tmp_path / "starts.jsonl", SCALE)["stories"] == found["stories"]
    assert main([*command, "--episodes", "1"]) == 1
    assert "episodes: expected at least 2, got 1" in capsys.readouterr().err


def test_where_a_chunk_begins_changes_nothing_that_is_said():
    from agents.language_model import NANO
    from agents.learner.chat import load_format
    from agents.learner.llama import Llama
    from benchmarks.study.measure import play

    model, chat = Llama.load(NANO / "start"), load_format(NANO / "start")
    whole = play(model, chat, "direct", "vanilla", 3, 2, 12, 5)
    last = play(model, chat, "direct", "vanilla", 1, 2, 12, 5, first=2)
    assert last.infos[0]["transcript"] == whole.infos[2]["transcript"]
