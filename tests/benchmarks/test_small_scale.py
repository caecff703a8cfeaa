"""The small-scale run walks on a model of a few thousand weights, goes on where it was, and its figures mean what they say."""

import json

import pytest
import torch

from agents.evaluate import run
from agents.learner.chat import NanoFormat
from agents.learner.metrics import read_rows
from agents.scripted import SUPPORTERS
from benchmarks.small_scale import __main__ as small_scale
from benchmarks.small_scale import meet, rows, steps
from benchmarks.small_scale.wording import made_up, wording
from benchmarks.study.anchors import talks_of
from empathy_gym.seeker import bank
from empathy_gym.seeker.grounding import story_index
from empathy_gym.seeker.ledger import SKILLS
from empathy_gym.seeker.seeker import DYNAMICS_VERSION
from tests.agents.conftest import tiny_model, word_tokenizer

LITTLE = """--minutes 0.001 --episodes 2 --dev-episodes 1 --warm-steps 1 --groups 1 --side 2 --turns 1 --max-new 6 4 --device cpu""".split()


@pytest.fixture(autouse=True)
def as_before(one_thread):
    yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def folder(tmp_path):
    tiny_model(loud=3.0, max_position_embeddings=4096).save(tmp_path / "model")
    NanoFormat(word_tokenizer()).tokenizer.save(str(tmp_path / "model" / "tokenizer.json"))
    return tmp_path / "model"


def test_both_scaffolds_are_trained_with_each_seed_and_met_by_the_same_seekers(folder, tmp_path, capsys):
    out, results = tmp_path / "run", tmp_path / "rows.jsonl"
    command = ["--model", str(folder), "--out", str(out), "--arms", "fast", "--seeds", "2", *LITTLE, "--record", "--results", str(results)]  # fmt: skip
    assert small_scale.main(command) == 0
    found = json.loads((out / "report.json").read_text())
    assert [(r.get("scaffold"), r.get("stage"), r.get("seed")) for r in found] == [
        (None, None, None),
        ("thinking", "raw", 0), ("thinking", "trained", 0), ("thinking", "trained", 1),
        ("direct", "raw", 0), ("direct", "trained", 0), ("direct", "trained", 1),
    ]  # fmt: skip
    trained = [r for r in found if r.get("stage") == "trained"]
    assert all(r["updates"] >= 1 and r["chosen"] and len(r["gain"]) == 3 for r in trained)
    assert all(len(r[when]["columns"]["final"]) == 2 for r in trained for when in ("before", "after"))
    assert all(set(r["after"]["skills_a_reply"]) == set(SKILLS) for r in trained)
    recorded = [json.loads(line) for line in results.read_text().splitlines()]
    assert [r["agent"] for r in recorded] == ["anchors", *["model"] * 6]
    assert all(r["dynamics"] == DYNAMICS_VERSION and "cores" in r["machine"] for r in recorded)

    talks = [
        read_rows(out / "eval" / f"{s}.jsonl")
        for s in ("raw-direct", "warm-direct-0", "warm-direct-1", "after-thinking-fast-1")
    ]
    assert all([t["scenario"] for t in own] == found[0]["seekers"] for own in talks)
    cards = [json.loads((out / f"direct-fast-{s}" / "policy" / "card.json").read_text()) for s in (0, 1)]
    assert [c["seed"] for c in cards] == [0, 1]
    assert "supporter: " in (out / "transcripts-after-direct-fast-0.txt").read_text()
    assert (out / "curve.svg").read_text().startswith("<svg")

    weights = (out / "thinking-fast-0" / "policy" / "model.safetensors").read_bytes()
    (out / "eval" / "after-thinking-fast-0.jsonl").unlink()  # as a kill would leave it
    capsys.readouterr()
    assert small_scale.main([*command, "--report"]) == 0  # nothing is played
    assert len(json.loads((out / "report.json").read_text())) == len(found) - 1
    assert small_scale.main(command) == 0
    assert json.loads((out / "report.json").read_text()) == found
    assert (out / "thinking-fast-0" / "policy" / "model.safetensors").read_bytes() == weights
    assert "paired gain" in capsys.readouterr().out

    with pytest.raises(SystemExit, match="expected a run with episodes=3, got 2"):
        small_scale.main([*command, "--episodes", "3"])


def test_jobs_side_by_side_wait_for_their_scaffolds_imitation(folder, tmp_path):
    out = tmp_path / "run"
    command = ["--model", str(folder), "--out", str(out), "--arms", "fast", *LITTLE]
    settings = steps.Settings(folder, out, 0.001, "cpu", "float32", ("fast",), 2, 1, 1, 2, 1, 1, (6, 4))
    settings.claim()
    assert len(small_scale.jobs(settings)) == 6
    small_scale.side_by_side(settings, ["direct:fast:0", "direct"], command, 2)
    assert (out / "eval" / "after-direct-fast-0.jsonl").exists()
    (out / "eval" / "after-direct-fast-0.jsonl").unlink()
    (out / "direct-fast-0" / "policy" / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(SystemExit, match=r"1 that failed: see .*direct-fast-0.log"):
        small_scale.side_by_side(settings, ["direct:fast:0"], command, 2)
    assert not small_scale.ready("direct:fast:0", ["direct"]) and small_scale.ready("direct:fast:0", ["thinking"])


def test_another_seed_says_other_things_to_the_same_seekers(folder):
    first, again, other = (meet.meet(folder, "direct", seed, 2, 4, "cpu", "float32") for seed in (0, 0, 1))
    assert first == again
    assert [t["scenario"] for t in first] == [t["scenario"] for t in other]
    assert [t["transcript"]["turns"] for t in first] != [t["transcript"]["turns"] for t in other]


def test_claims_are_kept_where_the_seeker_counts_them(tmp_path):
    assert meet.claims({"privileged": {"claims": [4_500, 3_000]}}) == [4.5, 3]
    assert meet.claims({"privileged": {}}) is None and meet.claims({}) is None
    talks = [{**talk, "claims": [4, made]} for talk, made in zip(talks_of("oracle", 4), (4, 3, 2, 3), strict=True)]
    found = rows.figures(talks, rows.anchors(tmp_path, 4))
    assert found["claims"] == 4 and found["claims_fit"] == 0.75


def test_more_minutes_go_on_from_the_checkpoint(folder, tmp_path):
    settings = steps.Settings(folder, tmp_path / "run", 0.001, "cpu", "float32", ("fast",), 1, 1, 1, 2, 1, 1, (6, 4))
    settings.claim()
    steps.warm_up(settings, "direct")
    steps.learn(settings, "direct", "fast")
    longer = steps.Settings(**{**settings.__dict__, "minutes": 0.002})
    longer.claim()
    steps.learn(longer, "direct", "fast")
    card = json.loads((tmp_path / "run" / "direct-fast-0" / "policy" / "card.json").read_text())
    assert card["steps"] == steps.updates(tmp_path / "run" / "direct-fast-0") >= 2


def test_another_imitation_is_another_run(folder, tmp_path):
    settings = steps.Settings(folder, tmp_path / "run", 0.001, "cpu", "float32", ("fast",), 1, 1, 1, 2, 1, 1, (6, 4))
    settings.claim()
    other = tmp_path / "talks.jsonl"
    other.write_text(steps.imitate.TALKS.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match="warm_talks="):
        steps.Settings(**{**settings.__dict__, "warm_talks": other}).claim()
    same = tmp_path / "same.jsonl"
    same.write_bytes(steps.imitate.TALKS.read_bytes())
    steps.Settings(**{**settings.__dict__, "warm_talks": same}).claim()


def test_settings_that_make_no_sense_are_named(folder, tmp_path):
    for words, message in (
        (["--arms", "quick"], "arms: expected some of slow, fast, lora, ppo, got quick"),
        (["--minutes", "0"], "minutes: expected above 0"),
        (["--warm-talks", "nowhere.jsonl"], "warm_talks: expected a file of demonstrations, got nowhere.jsonl"),
        (["--seeds", "0"], "seeds: expected different numbers from 0"),
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
    assert rows.gain(higher, talks) == [3, 3, 3]


def test_the_scripted_supporters_are_the_ends_of_the_scale(tmp_path):
    between = rows.anchors(tmp_path, 40)
    assert between == rows.anchors(tmp_path, 40)
    oracle, comfort = (rows.figures(talks_of(name, 40), between) for name in ("oracle", "stock_comfort"))
    assert set(oracle["normalised"].values()) == {1.0} and set(comfort["normalised"].values()) == {0.0}
    assert oracle["skills_a_reply"]["empathic_depth"] > comfort["skills_a_reply"]["empathic_depth"]
