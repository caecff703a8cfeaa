"""Demonstrations by a scripted supporter: talks that end well, whole files, thoughts in other words."""

import json

import pytest

from agents.demonstrate import LITTLE, demonstrations, main, thought
from agents.imitate import load_talks
from empathy_gym.seeker import bank


def test_talks_end_well_are_with_training_seekers_and_can_be_imitated(tmp_path, capsys):
    out = tmp_path / "deep" / "talks.jsonl"
    assert main(["--out", str(out), "--talks", "4", "--least", "55"]) == 0
    assert "4 talks" in capsys.readouterr().out
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(load_talks(out)) == len(rows) == 4
    for row in rows:
        story = bank.scenario(row["scenario"]).story
        assert story.split == "train" and row["final_emotion"] >= 55
        gists = [gist.rstrip(".") for fact in story.facts for gist in fact.gists]
        for turn in row["turns"]:
            assert turn["thought"] in LITTLE or any(gist in turn["thought"] for gist in gists)
            assert turn["thought"] != turn["reply"]
    again = tmp_path / "again.jsonl"
    main(["--out", str(again), "--talks", "4", "--least", "55"])
    assert again.read_bytes() == out.read_bytes()


def test_a_thought_says_what_the_line_tells():
    story = bank.scenario(bank.pick("train", 3)).story
    fact = story.facts[2]
    assert any(gist.rstrip(".") in thought(story, "Well. " + fact.said[0][1], 0, 3) for gist in fact.gists)
    assert thought(story, "Mm.", 0, 3) in LITTLE
    assert any(gist.rstrip(".") in thought(story, story.openings[0], 0, 0) for gist in story.facts[0].gists)


def test_what_cannot_be_is_named(tmp_path):
    with pytest.raises(ValueError, match="supporter: expected one of"):
        demonstrations("nobody", 1, 0, 1)
    with pytest.raises(ValueError, match="talks: expected at least 1, got 0"):
        demonstrations("competent", 0, 0, 1)
    with pytest.raises(SystemExit, match="least: expected 2 talks of 50"):
        main(["--out", str(tmp_path / "none.jsonl"), "--talks", "2", "--least", "99.9", "--most", "50"])
    assert not list(tmp_path.iterdir())
