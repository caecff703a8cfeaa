"""The small-scale run walks on a model of a few thousand weights, goes on where it was, and its figures mean what they say."""

import json

import pytest
import torch

from agents.evaluate import run
from agents.learner.chat import NanoFormat
from agents.learner.metrics import read_rows
from agents.scripted import SUPPORTERS
from benchmarks.small_scale import __main__ as small_scale
from benchmarks.small_scale import report, steps
from benchmarks.small_scale.wording import made_up, wording
from empathy_gym.seeker import bank
from empathy_gym.seeker.grounding import story_index
from tests.agents.conftest import tiny_model, word_tokenizer

LITTLE = """--minutes 0.001 --episodes 2 --dev-episodes 1 --warm-steps 1 --groups 1 --side 2 --turns 1 --max-new 6 4 --device cpu""".split()


@pytest.fixture(autouse=True)
def as_before():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def folder(tmp_path):
    tiny_model(loud=3.0, max_position_embeddings=4096).save(tmp_path / "model")
    NanoFormat(word_tokenizer()).tokenizer.save(str(tmp_path / "model" / "tokenizer.json"))
    return tmp_path / "model"


def test_both_scaffolds_are_warmed_up_trained_and_met_by_the_same_seekers(folder, tmp_path, capsys):
    command = ["--model", str(folder), "--out", str(tmp_path / "run"), "--arms", "fast", *LITTLE]
    assert small_scale.main(command) == 0
    rows = json.loads((tmp_path / "run" / "report.json").read_text())
    assert [(r["scaffold"], r["stage"]) for r in rows] == [
        (scaffold, stage) for scaffold in ("thinking", "direct") for stage in ("raw", "warm", "after")
    ]
    assert all(
        r["updates"] >= 1 and r["chosen"] and len(r["gain_over_warm"]) == 3 for r in rows if r["stage"] == "after"
    )
    talks = [read_rows(tmp_path / "run" / "eval" / f"{s}-direct.jsonl") for s in ("raw", "warm")]
    assert [t["scenario"] for t in talks[0]] == [t["scenario"] for t in talks[1]]
    assert "supporter: " in (tmp_path / "run" / "transcripts-after-direct-fast.txt").read_text()
    assert (tmp_path / "run" / "curve.svg").read_text().startswith("<svg")

    weights = (tmp_path / "run" / "thinking-fast" / "policy" / "model.safetensors").read_bytes()
    (tmp_path / "run" / "eval" / "after-thinking-fast.jsonl").unlink()  # as a kill would leave it
    capsys.readouterr()
    assert small_scale.main(command) == 0
    assert json.loads((tmp_path / "run" / "report.json").read_text()) == rows
    assert (tmp_path / "run" / "thinking-fast" / "policy" / "model.safetensors").read_bytes() == weights
    assert "over warm" in capsys.readouterr().out

    with pytest.raises(SystemExit, match="expected a run with episodes=3, got 2"):
        small_scale.main([*command, "--episodes", "3"])


def test_more_minutes_go_on_from_the_checkpoint(folder, tmp_path):
    settings = steps.Settings(folder, tmp_path / "run", 0.001, "cpu", "float32", ("fast",), 1, 1, 1, 2, 1, 1, (6, 4))
    settings.claim()
    steps.prepare(settings, "direct")
    steps.learn(settings, "direct", "fast")
    longer = steps.Settings(**{**settings.__dict__, "minutes": 0.002})
    longer.claim()
    steps.learn(longer, "direct", "fast")
    card = json.loads((tmp_path / "run" / "direct-fast" / "policy" / "card.json").read_text())
    assert card["steps"] == steps.updates(tmp_path / "run" / "direct-fast") >= 2


def test_settings_that_make_no_sense_are_named(folder, tmp_path):
    for words, message in (
        (["--arms", "quick"], "arms: expected some of slow, fast, lora, ppo, got quick"),
        (["--minutes", "0"], "minutes: expected above 0"),
        (["--model", str(tmp_path / "none")], "model: expected a folder"),
    ):
        with pytest.raises(SystemExit, match=message):
            small_scale.main(["--model", str(folder), "--out", str(tmp_path / "run"), *words])


def test_what_nobody_spoke_of_is_made_up():
    story = bank.scenario(bank.scenario_ids("test")[0]).story
    index = story_index(story)
    assert made_up("You polished the submarine with a giraffe", set(), index) == ["polish", "submarin", "giraff"]
    assert made_up("You polished the submarine with a giraffe", {"submarin"}, index) == ["polish", "giraff"]


def test_the_oracle_makes_nothing_up_and_gains_are_paired():
    talks = run(SUPPORTERS["oracle"](), episodes=4, split="test")
    found = wording(talks)
    assert found["understood"] > 1 and found["made_up_twice"] == 0 and found["unfinished"] == 0
    higher = [{**t, "final_emotion": t["final_emotion"] + 3} for t in talks]
    assert report.gain(higher, talks) == [3, 3, 3]
