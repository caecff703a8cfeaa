"""What is refused at the edges, each by a named error, with nothing lost: cases that an audit found."""

import io
import json
import sys

import gymnasium as gym
import numpy as np
import pytest

import empathy_gym
from agents import evaluate
from benchmarks.arguments import positive
from empathy_gym.__main__ import main
from empathy_gym.backends import HumanBackend, LanguageModelBackend
from empathy_gym.errors import InvalidAction, InvalidOption, InvalidTranscript
from empathy_gym.files import write_whole
from empathy_gym.multi import support_circle_v0, support_pair_v0
from empathy_gym.render import transcript_html
from empathy_gym.wrappers import ChatMessages, StripInfo, TokenIds, VectorChangeReward, VectorOpenThought

CLIENT = {"base_url": "http://127.0.0.1:9/v1", "model": "m"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((None,), "reply: expected str, got NoneType"),
        ((b"x",), "reply: expected str, got bytes"),
        (("hi", None), "messages: expected a list"),
        (("hi", "x"), "messages: expected a list"),
        (("hi", {"role": "user", "content": "x"}), "messages: expected a list"),
        (("hi", [{"role": "user"}]), r"messages.0.: expected"),
    ],
)
def test_read(arguments, message):
    with pytest.raises(InvalidOption, match=message):
        empathy_gym.read(*arguments)


def test_hidden_things_are_shown_for_true_alone():
    for made in (
        lambda: gym.make("EmpathySupport-v0", privileged="no"),
        lambda: gym.make_vec("EmpathySupport-v0", num_envs=1, privileged="no"),
        lambda: support_pair_v0.env(privileged="no"),
        lambda: support_circle_v0.env(privileged=1),
    ):
        with pytest.raises(InvalidOption, match="privileged: expected True or False"):
            made()


def test_the_strategy_vector_takes_no_scaffold():
    for name, value in (("scaffold", "thinking"), ("format_penalty", "zero")):
        with pytest.raises(TypeError, match=name):
            gym.make_vec("EmpathyStrategy-v0", num_envs=2, **{name: value})


def test_a_dict_of_actions_is_not_taken_for_its_keys():
    envs = VectorOpenThought(gym.make_vec("EmpathySupportThinking-v0", num_envs=2))
    envs.reset(seed=0)
    with pytest.raises(InvalidAction):
        envs.step({"thought": ("a", "b"), "reply": ("c", "d")})


def test_the_format_rule_is_seen_in_other_processes():
    envs = gym.make_vec(
        "EmpathySupportThinking-v0", num_envs=1, vectorization_mode="async", vector_kwargs={"shared_memory": False},
        reward="change",
    )  # fmt: skip
    try:
        with pytest.raises(InvalidOption, match="format_penalty='none' under a reward wrapper"):
            VectorChangeReward(envs)
    finally:
        envs.close()


def test_wrappers():
    env = gym.make("EmpathySupport-v0")
    with pytest.raises(InvalidOption, match="keep: expected several names, got 'messages'"):
        StripInfo(env, keep="messages")
    for system in (["x"], b"x", 5):
        with pytest.raises(InvalidOption, match="system: expected a text or None"):
            ChatMessages(env, system=system)
    for settings in ({"padding": "a"}, {"padding": 1.5}):
        with pytest.raises(InvalidOption, match="padding: expected an id"):
            TokenIds(env, lambda messages: [1], 5, 4, **settings)
    for encoded in ([1.7, 2.9], {"input_ids": [1]}, None, "ab"):
        made = TokenIds(env, lambda messages, encoded=encoded: encoded, 5, 4)
        with pytest.raises(InvalidOption, match="encode: expected"):
            made.reset(seed=0)


def test_backends(tmp_path):
    with pytest.raises(InvalidOption, match="got the class HumanBackend: call it"):
        gym.make("EmpathySupport-v0", backend=HumanBackend)
    with pytest.raises(InvalidOption, match="retries: expected Retries or its keywords, got 3"):
        LanguageModelBackend(CLIENT, retries=3)
    with pytest.raises(InvalidOption, match="client: expected a chat client"):
        LanguageModelBackend(5)
    with pytest.raises(InvalidOption, match="log: expected a file that can be written"):
        LanguageModelBackend(CLIENT, log=tmp_path)
    LanguageModelBackend(CLIENT, log=tmp_path / "new" / "thoughts.jsonl")
    assert (tmp_path / "new" / "thoughts.jsonl").read_text() == ""


def test_the_pair_reads_only_names_of_rewards():
    with pytest.raises(InvalidOption, match="seeker_reward: expected one of"):
        support_pair_v0.env(seeker_reward=[])


@pytest.mark.parametrize("module", [support_pair_v0, support_circle_v0])
def test_a_terminal_without_a_character_ends_no_round(module, monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    env = module.parallel_env(render_mode="human")
    env.reset(seed=0)
    actions = {}
    for agent in env.agents:
        space = env.action_space(agent)
        actions[agent] = (
            {name: "That caf\u00e9 sounds hard." for name in space} if hasattr(space, "keys") else "caf\u00e9"
        )
    try:
        env.step(actions)
    except InvalidAction:
        pytest.skip("this round wants other actions")


def test_nobody_elses_files_are_taken(tmp_path, capsys):
    talk, theirs = tmp_path / "talk.json", tmp_path / "talk.json.tmp"
    theirs.write_text("theirs")
    write_whole(talk, "{}")
    assert theirs.read_text() == "theirs" and talk.read_text() == "{}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["talk.json", "talk.json.tmp"]
    with pytest.raises(OSError):
        write_whole(tmp_path / "none" / "x", "y")


def test_a_transcript_is_not_written_over(tmp_path, capsys):
    env = gym.make("EmpathySupport-v0", max_turns=1)
    env.reset(seed=0)
    transcript = env.step("What happened?")[-1]["transcript"]
    path = tmp_path / "talk.html"
    path.write_text(json.dumps(transcript))
    assert main(["render", str(path)]) != 0
    assert "expected another file than the transcript" in capsys.readouterr().err
    assert json.loads(path.read_text()) == transcript
    transcript["turns"][0]["emotion"] = 10**400
    with pytest.raises(InvalidTranscript, match=r"turns.0..emotion: expected a whole number"):
        empathy_gym.verify(transcript)
    path.write_text(json.dumps(transcript))
    assert main(["render", str(path), "-o", str(tmp_path / "page.html")]) != 0 and not (tmp_path / "page.html").exists()


def test_one_talk_has_no_interval(capsys):
    assert evaluate.main(["--agent", "stock_comfort", "--episodes", "1"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["interval"] is None


def test_numbers_on_command_lines():
    assert positive("3") == 3
    for text in ("0", "-2", "x", "1.5"):
        with pytest.raises(Exception, match="expected a whole number of at least 1"):
            positive(text)


def test_an_array_of_actions_is_opened():
    envs = VectorOpenThought(gym.make_vec("EmpathySupportThinking-v0", num_envs=1))
    envs.reset(seed=0)
    infos = envs.step(np.array(["hm</think>What happened?"], dtype=object))[-1]
    assert infos["thought"][0] == "hm"


def test_a_page_of_a_transcript_still_comes():
    env = gym.make("EmpathySupport-v0", max_turns=1)
    env.reset(seed=0)
    assert "<" in transcript_html(env.step("What happened?")[-1]["transcript"], "A talk")
