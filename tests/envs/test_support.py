"""EmpathySupport: the contract of the text environment."""

import copy
import json
import pickle
import random

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from talks import REPLIES, play

from empathy_gym import errors
from empathy_gym.envs.support import EmpathySupportEnv
from empathy_gym.seeker import bank
from empathy_gym.seeker.ledger import SKILLS

SOME = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
GOOD, BAD = "<think>they are sad</think> What happened then?", "What happened then?"
BASE_KEYS = {"messages", "turn", "emotion", "emotion_change", "ledger", "skills", "scenario", "thought"}


@given(seed=st.integers(0, 10_000), replies=st.lists(REPLIES, min_size=1, max_size=9), difficulty=st.floats(0, 1.5))
@SOME
def test_an_episode_keeps_its_promises(seed, replies, difficulty):
    env = EmpathySupportEnv(reward="change", difficulty=difficulty)
    trace = play(env, replies, seed)
    first, last = trace[0][1]["emotion"], trace[-1][-1]["emotion"]
    assert sum(step[1] for step in trace[1:]) == pytest.approx((last - first) / 100_000, abs=1e-12)
    before = first
    for turn, (obs, reward, terminated, truncated, info) in enumerate(trace[1:], 1):
        assert obs == info["messages"][-1]["content"] and obs in env.observation_space
        assert sum(line["amount"] for line in info["ledger"]) == info["emotion_change"] == info["emotion"] - before
        assert reward == info["emotion_change"] / 100_000 and type(reward) is float
        assert info["turn"] == turn and len(info["messages"]) == 2 * turn + 1
        assert json.loads(json.dumps(info)) == info
        over = {"outcome", "transcript"} if terminated or truncated else set()
        assert set(info) == BASE_KEYS | over
        assert terminated == (info.get("outcome") in ("helped", "left"))
        assert truncated == (info.get("outcome") == "time") == (turn == 8 and not terminated)
        before = info["emotion"]


def test_info_at_reset():
    line, info = EmpathySupportEnv().reset(seed=0)
    assert set(info) == BASE_KEYS
    assert info["messages"] == [{"role": "user", "content": line}]
    assert (info["turn"], info["emotion_change"], info["ledger"], info["thought"]) == (0, 0, [], None)
    assert info["skills"] == dict.fromkeys(SKILLS, 0)
    assert 25_000 <= info["emotion"] <= 35_000


def test_infos_share_nothing():
    env = EmpathySupportEnv(privileged=True)
    infos = [info for *_, info in play(env, ["What happened?"] * 3)]
    kept = copy.deepcopy(infos)
    for info in infos[:-1]:
        info["messages"][0]["content"] = "spoilt"
        info["ledger"].append("spoilt")
        info["skills"].clear()
        info["privileged"]["facts"].clear()
    again = env.step("Go on.")[-1]
    assert again["messages"][: len(kept[-1]["messages"])] == kept[-1]["messages"]
    assert set(again["skills"]) == set(SKILLS) and again["privileged"]["facts"]
    assert infos[-1] == kept[-1]


def test_rewards_at_the_end_are_the_final_emotion():
    trace = play(EmpathySupportEnv(), ["What happened?"] * 8, seed=1)
    assert [step[1] for step in trace[1:-1]] == [0.0] * (len(trace) - 2)
    assert trace[-1][1] == trace[-1][-1]["emotion"] / 100_000


@pytest.mark.parametrize("replies", [[GOOD] * 4, [GOOD, BAD, GOOD, GOOD], [GOOD, BAD, BAD, BAD], [BAD] * 4])
def test_the_format_penalties_of_the_final_reward(replies):
    good = replies.count(GOOD)
    for penalty in ("share", "zero", "none"):
        env = EmpathySupportEnv(scaffold="thinking", format_penalty=penalty, max_turns=4)
        trace = play(env, replies, seed=3)
        emotion = trace[-1][-1]["emotion"]
        share = emotion * good / (100_000 * 4)
        zero = emotion / 100_000 if good == 4 else 0.0
        assert trace[-1][1] == {"share": share, "zero": zero, "none": emotion / 100_000}[penalty]
        assert trace[-1][-1]["transcript"]["well_formed"] == good


def test_the_format_penalties_of_the_change_reward():
    def run(penalty, replies):
        env = EmpathySupportEnv(scaffold="thinking", format_penalty=penalty, reward="change", max_turns=4)
        steps = play(env, replies, seed=3)[1:]
        return [step[1] for step in steps], [step[-1]["emotion_change"] / 100_000 for step in steps]

    mixed = [GOOD, "That must have hurt you. What did it do to you?", "Stop whining.", GOOD]
    rewards, changes = run("share", mixed)
    assert changes[1] > 0 > changes[2]
    assert rewards == [changes[0], 0.0, changes[2], changes[3]]
    rewards, changes = run("none", mixed)
    assert rewards == changes
    rewards, changes = run("zero", mixed)
    assert rewards[:3] == changes[:3] and sum(rewards) == pytest.approx(0.0, abs=1e-12)
    rewards, changes = run("zero", [GOOD] * 4)
    assert rewards == changes


def test_the_direct_scaffold_has_no_format_rule():
    for penalty in ("share", "zero", "none"):
        trace = play(EmpathySupportEnv(format_penalty=penalty), [GOOD, BAD] * 4, seed=3)
        assert trace[-1][1] == trace[-1][-1]["emotion"] / 100_000


@pytest.mark.parametrize("scaffold", ["direct", "thinking"])
def test_thoughts_are_never_heard(scaffold):
    env = EmpathySupportEnv(scaffold=scaffold)
    env.reset(seed=0)
    for reply, thought in (
        ("<think>secret</think> What happened?", "secret"),
        ("Go on. <think>secret that never closes", "secret that never closes"),
        ("secret before </think> And then?", "secret before"),
        ("I see.", None),
    ):
        info = env.step(reply)[-1]
        assert info["thought"] == thought
        assert "secret" not in json.dumps(info["messages"])


def test_thoughts_move_nothing():
    plain = play(EmpathySupportEnv(), [BAD] * 8, seed=4)
    thought = play(EmpathySupportEnv(), [f"<think>I hate them {i}</think> {BAD}" for i in range(8)], seed=4)
    assert [step[-1]["emotion"] for step in plain] == [step[-1]["emotion"] for step in thought]
    assert plain[-1][0] == thought[-1][0]


def test_the_same_seed_picks_the_same_scenario_at_every_setting():
    picked = {
        EmpathySupportEnv(difficulty=difficulty, scaffold=scaffold, reward=reward).reset(seed=9)[1]["scenario"]
        for difficulty in (0, "vanilla", 0.5, "challenging", 1.5)
        for scaffold in ("direct", "thinking")
        for reward in ("final", "change")
    }
    assert len(picked) == 1


def test_names_of_difficulties_are_numbers():
    for name, number in (("vanilla", 0), ("challenging", 1)):
        one = play(EmpathySupportEnv(difficulty=name), [BAD] * 8)
        other = play(EmpathySupportEnv(difficulty=number), [BAD] * 8)
        assert [step[-1]["emotion"] for step in one] == [step[-1]["emotion"] for step in other]


def test_the_splits_are_kept():
    for split in bank.SPLITS:
        env = EmpathySupportEnv(split=split)
        assert {env.reset(seed=seed)[1]["scenario"] for seed in range(20)} <= set(bank.scenario_ids(split))


def test_the_scenario_option():
    for scenario_id in (bank.scenario_ids("train")[0], bank.scenario_ids("test")[-1]):
        info = EmpathySupportEnv().reset(seed=0, options={"scenario": scenario_id})[1]
        assert info["scenario"] == scenario_id


def test_privileged_only_when_asked_for():
    assert "privileged" not in play(EmpathySupportEnv(), [BAD])[-1][-1]
    for step in play(EmpathySupportEnv(privileged=True), [BAD]):
        assert {"intention", "facts", "channels"} <= set(step[-1]["privileged"])
        assert json.loads(json.dumps(step[-1])) == step[-1]


@pytest.mark.parametrize("bad", [None, 3, 0.5, b"bytes", ["a"], {"reply": "a"}, np.array(["a"])])
def test_a_faulty_action_leaves_the_episode_as_it_was(bad):
    env, other = EmpathySupportEnv(), EmpathySupportEnv()
    env.reset(seed=1), other.reset(seed=1)
    with pytest.raises(errors.InvalidAction, match=f"expected str, got {type(bad).__name__}") as caught:
        env.step(bad)
    assert isinstance(caught.value, TypeError)
    assert env.step("What happened?") == other.step("What happened?")


def test_a_faulty_reset_leaves_the_environment_as_it_was():
    env, other = EmpathySupportEnv(), EmpathySupportEnv()
    env.reset(seed=1), other.reset(seed=1)
    with pytest.raises(errors.InvalidOption, match="expected 'scenario' alone, got 'persona'"):
        env.reset(seed=7, options={"persona": 1})
    with pytest.raises(errors.UnknownScenario, match="got 'nope'"):
        env.reset(seed=7, options={"scenario": "nope"})
    assert env.step("What happened?") == other.step("What happened?")
    assert env.reset() == other.reset()


@pytest.mark.parametrize(
    "kwargs",
    [
        {"scaffold": "x"}, {"scaffold": None}, {"difficulty": 2}, {"difficulty": -0.1}, {"difficulty": "hard"},
        {"difficulty": float("nan")}, {"difficulty": True}, {"split": "all"}, {"reward": "r"}, {"max_turns": 0},
        {"max_turns": 2.5}, {"format_penalty": "p"}, {"render_mode": "video"},
    ],
)  # fmt: skip
def test_faulty_keywords_are_named(kwargs):
    with pytest.raises(errors.InvalidOption, match=f"{next(iter(kwargs))}: expected .*, got"):
        EmpathySupportEnv(**kwargs)


def test_calls_out_of_order_are_named():
    env = EmpathySupportEnv(max_turns=1, render_mode="ansi")
    with pytest.raises(gym.error.ResetNeeded, match="reset"):
        env.step("hi")
    with pytest.raises(gym.error.ResetNeeded, match="reset"):
        env.render()
    env.reset()
    assert env.step("hi there")[3]
    with pytest.raises(errors.EpisodeOver, match="reset"):
        env.step("hi")


def test_pickled_and_copied_environments_play_on_equal():
    env = EmpathySupportEnv()
    env.reset(seed=5)
    env.step("What happened?")
    twins = [pickle.loads(pickle.dumps(env)), copy.deepcopy(env)]
    for reply in ("You must be hurt.", "Go on.", ""):
        step = env.step(reply)
        assert all(twin.step(reply) == step for twin in twins)
    again = env.reset()
    assert all(twin.reset() == again for twin in twins)


def test_interleaved_environments_do_not_touch_each_other_or_the_world():
    replies = [BAD, "You must be hurt.", "Go on."]
    alone = play(EmpathySupportEnv(), replies, seed=5)
    state, numpy_state = random.getstate(), np.random.get_state()[1].tolist()
    one, other = EmpathySupportEnv(), EmpathySupportEnv(difficulty="challenging")
    trace = [one.reset(seed=5)]
    other.reset(seed=6)
    for reply in replies:
        trace.append(one.step(reply))
        other.step("I see.")
    assert trace == alone
    assert random.getstate() == state and np.random.get_state()[1].tolist() == numpy_state


def test_rendering(capsys):
    env = EmpathySupportEnv(render_mode="ansi", max_turns=2)
    line, _ = env.reset(seed=0)
    assert line in env.render()
    env.step("What happened?")
    env.step("")
    assert "supporter: What happened?" in env.render() and "supporter: (nothing)" in env.render()
    assert env.render().endswith("-- out of time --")
    assert capsys.readouterr().out == ""
    human = EmpathySupportEnv(render_mode="human", max_turns=2)
    human.reset(seed=0)
    human.step("What happened?")
    assert human.step("")[3] and human.render() is None
    assert capsys.readouterr().out == env.render() + "\n"
