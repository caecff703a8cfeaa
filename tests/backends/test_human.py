"""A person at the terminal: as seeker, as supporter, and a whole talk of two people at a real pseudo-terminal."""

import io
import os
import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import pytest

import empathy_gym
from empathy_gym.backends import HumanBackend, HumanSupporter
from empathy_gym.errors import BackendFailed

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "args, code, words",
    [
        ([], 2, "expected a typed line"),
        (["--seed", "-1"], 2, "seed"),
        (["--scenario", "nope"], 2, "expected the id of a scenario"),
    ],
)
def test_a_talk_that_cannot_go_on_ends_with_a_sentence(args, code, words):
    done = subprocess.run(
        [sys.executable, "-m", "empathy_gym.backends", *args],
        input="",
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert done.returncode == code and words in (done.stdout + done.stderr).lower() and "Traceback" not in done.stderr


def test_a_person_as_the_seeker():
    shown = io.StringIO()
    typed = io.StringIO("Well, it was bad.\n4\n\nI see it.\nlots\n11\n-3\n")
    env = gym.make("EmpathySupport-v0", backend=HumanBackend(typed, shown), max_turns=2, privileged=True)
    line, info = env.reset(seed=0)
    assert info["privileged"]["summary"] in shown.getvalue() and line in shown.getvalue()
    first = info["emotion"]
    line, _, _, _, info = env.step("What happened?")
    assert line == "Well, it was bad." and info["emotion"] == first + 4_000
    line, reward, _, truncated, info = env.step("<think>hm</think> And then?")
    assert line == "I see it." and info["emotion"] == first + 1_000 and truncated
    assert reward == info["emotion"] / 100_000
    assert [e["cause"] for e in info["ledger"]] == ["judged"] and info["transcript"]["backend"]["name"] == "human"
    assert not empathy_gym.verify(info["transcript"]).ok and env.spec.nondeterministic
    text = shown.getvalue()
    assert "supporter: And then?" in text and "hm" not in text.split("supporter: And then?")[0].split("bad.")[-1]
    assert text.count("Expected a whole number from -10 to 10") == 2 and "Expected a few words" in text


def test_a_person_who_leaves_ends_nothing():
    backend = HumanBackend(io.StringIO("Yes.\n"), io.StringIO())
    env = gym.make("EmpathySupport-v0", backend=backend)
    env.reset(seed=0)
    with pytest.raises(BackendFailed, match="end of the input"):
        env.step("What happened?")
    assert env.unwrapped.episode.turn == 0


def test_a_person_as_the_supporter_of_two_talks():
    shown = io.StringIO()
    supporter = HumanSupporter(io.StringIO("What happened?\nHow are you?\nAnd then?\n"), shown)
    supporter.reset(2)
    envs = [gym.make("EmpathySupport-v0", disable_env_checker=True) for _ in range(2)]
    infos = [env.reset(seed=i)[1] for i, env in enumerate(envs)]
    replies = supporter.act([info["messages"] for info in infos], [{"turn": 0}, {"turn": 0}])
    assert replies == ["What happened?", "How are you?"]
    info = envs[0].step(replies[0])[-1]
    assert supporter.act([info["messages"], None], [{"turn": 1}, None]) == ["And then?", ""]
    text = shown.getvalue()
    for i, said in enumerate((infos[0]["messages"][0]["content"], infos[1]["messages"][0]["content"]), 1):
        assert text.count(f"seeker {i}: {said}\n") == 1
    assert f"seeker 1: {info['messages'][-1]['content']}" in text


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are a POSIX thing")
def test_two_people_at_a_real_terminal():
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "empathy_gym.backends", "--seed", "1"]
    with subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as one:
        os.close(theirs)
        os.write(ours, b"Tell me.\nNo.\n-10\n" * 3)
        out, err = one.communicate(timeout=60)
        os.close(ours)
    assert one.returncode == 0 and not err, err
    assert "-- left, emotion" in out and out.count("how did it move you") >= 2
