"""One class, two scaffolds: its own history by slot, its card, its limits; and what evaluation and training make of it."""

import json

import pytest
import torch

from agents import train
from agents.evaluate import main as evaluate_main
from agents.evaluate import run, summary
from agents.language_model import LanguageModelSupporter
from agents.scripted import SUPPORTERS
from tests.agents.conftest import tiny_model


def said(*lines):
    return [{"role": "assistant" if i % 2 else "user", "content": line} for i, line in enumerate(lines)]


@pytest.fixture
def folder(chat, tmp_path):
    tiny_model(loud=6.0).save(tmp_path / "model")
    chat.tokenizer.save(str(tmp_path / "model" / "tokenizer.json"))
    return tmp_path / "model"


def test_ended_slots_are_left_out_and_the_others_do_not_notice(folder):
    policy = LanguageModelSupporter.from_folder(folder, max_new=5)
    replies = []
    for second in (said("red", "x", "blue"), None):
        policy.reset(2)
        first = policy.act([said("why you"), said("red")], [{}, {}])
        replies.append((first, policy.act([said("why you", first[0], "the dog"), second], [{}, None])[0]))
    assert replies[0] == replies[1]


@pytest.mark.parametrize("keep", [True, False])
def test_a_talk_longer_than_the_model_goes_on(chat, keep):
    policy = LanguageModelSupporter(tiny_model(max_position_embeddings=96), chat, "thinking", 8, keep_thoughts=keep)
    policy.reset(1)
    talk = said("the dog red blue")
    for _ in range(30):
        talk = [
            *talk,
            {"role": "assistant", "content": policy.act([talk], [{}])[0]},
            {"role": "user", "content": "why you feel sad"},
        ]
    assert len(talk) == 61


def test_the_card_says_what_it_was_trained_for(folder):
    (folder / "card.json").write_text(json.dumps({"scaffold": "thinking", "keep_thoughts": False}))
    policy = LanguageModelSupporter.from_folder(folder)
    assert policy.scaffold == "thinking" and not policy.keep_thoughts
    with pytest.raises(ValueError, match="scaffold: expected 'thinking', which it was trained in, got 'direct'"):
        LanguageModelSupporter.from_folder(folder, "direct")


def test_evaluation_is_the_same_each_time_and_says_what_it_promises(folder):
    policy = LanguageModelSupporter.from_folder(folder, max_new=5)
    first, second = (run(policy, episodes=3, max_turns=2) for _ in range(2))
    assert first == second
    for talk in first:
        assert {"scenario", "final_emotion", "skills", "outcome", "transcript"} <= set(talk)
        assert isinstance(talk["final_emotion"], float) and talk["outcome"] in ("helped", "left", "time")
    assert summary(first)["episodes"] == 3


def test_every_policy_meets_the_same_seekers():
    talks = [run(SUPPORTERS[name](), episodes=4, max_turns=1) for name in ("silent", "oracle")]
    assert [t["scenario"] for t in talks[0]] == [t["scenario"] for t in talks[1]]


def test_training_from_the_command_line_then_evaluating(folder, tmp_path, capsys):
    out = tmp_path / "run"
    command = [
        "--model", str(folder), "--scaffold", "direct", "--out", str(out), "--scenarios", "1", "--group", "2", "--max-turns", "2", "--max-new", "4",
        "--eval-episodes", "2", "--device", "cpu",
    ]  # fmt: skip
    try:
        with pytest.raises(SystemExit, match="--resume: expected a checkpoint"):
            train.main([*command, "--resume"])
        assert train.main([*command, "--steps", "1"]) == 0
        assert train.main([*command, "--steps", "2", "--resume"]) == 0
    finally:
        torch.use_deterministic_algorithms(False)
    rows = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert [r["step"] for r in rows] == [0, 1, 2] and "dev_emotion" in rows[0] and "dev_emotion" in rows[-1]
    arguments = [
        "--model",
        str(out / "policy"),
        "--episodes",
        "2",
        "--json",
        str(tmp_path / "talks.jsonl"),
        "--device",
        "cpu",
    ]
    assert evaluate_main(arguments) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["scaffold"] == "direct" and found["episodes"] == 2
    assert len((tmp_path / "talks.jsonl").read_text().splitlines()) == 2
