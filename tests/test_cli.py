"""The command line, run as people run it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import empathy_gym
from empathy_gym.__main__ import main
from empathy_gym.envs.support import EmpathySupportEnv
from empathy_gym.seeker import bank

ROOT = Path(__file__).resolve().parent.parent
TALK = "What happened with your sister?\n\nYou sound hurt.\n"


def run(*args, said="", **environment):
    """Run a command in a process of its own; returns exit code, output and errors."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **environment}
    command = [sys.executable, "-m", "empathy_gym", *map(str, args)]
    done = subprocess.run(command, input=said, capture_output=True, text=True, env=env, encoding="utf-8", timeout=120)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A talk that was played and saved."""
    path = tmp_path_factory.mktemp("cli") / "talk.json"
    code, out, err = run("play", "--seed", 3, "--turns", 3, "--reveal", "--save", path, said=TALK)
    assert code == 0 and not err
    return path, out


def test_list_and_show(capsys):
    assert main(["list", "--split", "dev", "--reveal"]) == 0
    lines = capsys.readouterr().out.splitlines()
    ids = [line.split()[0] for line in lines]
    assert ids == list(bank.scenario_ids("dev"))
    scenario = bank.scenario(ids[0])
    assert lines[0].endswith(scenario.intention)
    assert main(["show", ids[0]]) == 0
    out = capsys.readouterr().out
    assert scenario.persona.name in out and scenario.intention in out and scenario.story.facts[-1].said[0][1] in out


def test_play_from_a_pipe(saved):
    path, out = saved
    transcript = json.loads(path.read_text(encoding="utf-8"))
    line, _ = EmpathySupportEnv(max_turns=3).reset(seed=3)
    assert f"seeker: {line}" in out and "you:    What happened with your sister?" in out
    assert "out of time; final emotion" in out and out.count("        [") == 4
    assert transcript["outcome"] == "time" and empathy_gym.verify(transcript).ok


def test_play_is_the_environment_of_that_seed(saved):
    path, _ = saved
    env = EmpathySupportEnv(max_turns=3)
    env.reset(seed=3)
    for reply in TALK.split("\n")[:3]:
        info = env.step(reply)[-1]
    assert info["transcript"] == json.loads(path.read_text(encoding="utf-8"))


def test_play_hides_the_emotion_unless_asked():
    _, out, _ = run("play", bank.scenario_ids()[0], "--difficulty", 0.5, said="Hello there, what happened?\n")
    assert "broken off; final emotion" in out and "[" not in out


def test_play_on_a_terminal_without_unicode():
    code, out, err = run("play", said="caf\u00e9 \u4f60\n", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert code == 0 and not err and "final emotion" in out


def test_verify(saved, tmp_path):
    path, _ = saved
    assert run("verify", path)[:2] == (0, "ok: the replay agrees\n")
    transcript = json.loads(path.read_text(encoding="utf-8"))
    transcript["turns"][1]["emotion"] += 100
    assert run("verify", "-", said=json.dumps(transcript))[:2] == (
        1,
        f"differs: turns[1].emotion: expected {transcript['turns'][1]['emotion'] - 100}, got {transcript['turns'][1]['emotion']}\n",
    )


def test_score(saved, tmp_path):
    path, _ = saved
    transcript = json.loads(path.read_text(encoding="utf-8"))
    code, out, _ = run("score", path, "--json")
    assert code == 0
    emotions = [transcript["first_emotion"], *(turn["emotion"] for turn in transcript["turns"])]
    assert json.loads(out)["emotions"] == emotions
    chat = [{"role": "user", "content": "My dog died."}, {"role": "assistant", "content": "You must miss him."}]
    for data in (chat, {"messages": chat}):
        code, out, _ = run("score", "-", "--situation", "grief", said=json.dumps(data))
        assert code == 0 and out.splitlines()[0].split() == ["turn", "emotion", "change"]
        assert len(out.splitlines()) == 4 and "skills: empathic depth" in out


def test_render(saved, tmp_path):
    path, _ = saved
    out = tmp_path / "talk.html"
    assert run("render", path, "-o", out)[:2] == (0, f"written to {out}\n")
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert not list(tmp_path.glob("*.tmp"))
    assert main(["render", str(path)]) == 0 and path.with_suffix(".html").exists()


def test_render_half_a_character(saved, tmp_path):
    transcript = json.loads(saved[0].read_text(encoding="utf-8"))
    transcript["turns"][0]["line"] = "\ud800 hm"
    out = tmp_path / "talk.html"
    assert run("render", "-", "-o", out, said=json.dumps(transcript))[0] == 0
    assert "? hm" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["show", "nope"], "UnknownScenario: expected the id of a scenario"),
        (["play", "nope"], "UnknownScenario: expected the id of a scenario"),
        (["play", "--difficulty", "hard"], "InvalidOption: difficulty: expected"),
        (["play", "--turns", "0"], "InvalidOption: max_turns: expected"),
        (["play", "--seed", "-1"], "InvalidOption: --seed: expected"),
        (["list", "--split", "all"], "InvalidOption: split: expected"),
        (["verify", "no-such-file.json"], "InvalidTranscript: no-such-file.json: expected a file that can be read"),
        (["verify", __file__], "expected JSON, got"),
        (["score", "-"], "InvalidTranscript: -: expected JSON, got"),
        (["play", "--turns", "1", "--save", "no-such-folder/talk.json"], "expected a file that can be written, got"),
    ],
)
def test_faulty_input_is_named(args, words):
    code, _, err = run(*args)
    assert code == 2 and words in err and "Traceback" not in err


def test_wrong_shapes_are_named():
    for command, data, words in (
        ("verify", [1], "transcript: expected mapping, got [1]"),
        ("render", {"turns": []}, "env: expected mapping, got None"),
        ("score", {"a": 1}, "expected a list of messages, an object with 'messages' or a transcript, got dict"),
        ("score", [{"role": "user"}], "messages[0]: expected"),
    ):
        code, _, err = run(command, "-", said=json.dumps(data))
        assert code == 2 and words in err, err


def test_json_that_is_too_deep_is_named():
    for command in ("score", "verify", "render"):
        code, _, err = run(command, "-", said="[" * 100_000)
        assert code == 2 and "expected JSON, got" in err and "Traceback" not in err


def test_a_file_that_cannot_be_written_is_named_before_the_talk(tmp_path):
    for path in (tmp_path / "no-such-folder" / "talk.json", tmp_path):
        code, out, err = run("play", "--save", path, said=TALK)
        assert code == 2 and "expected a file that can be written" in err and "seeker:" not in out
    assert list(tmp_path.iterdir()) == []


def test_usage():
    assert run()[0] == 2 and run("sing")[0] == 2
    assert run("--version")[1] == f"empathy_gym {empathy_gym.__version__}\n"
    code, out, _ = run("--help")
    assert code == 0 and all(command in out for command in ("list", "show", "play", "score", "verify", "render"))


def test_a_closed_pipe_is_no_error():
    command = f'"{sys.executable}" -m empathy_gym list --split train | head -n 1'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.stderr == "" and done.stdout.count("\n") == 1
