"""Every id keeps Gymnasium's contract; the vector environment equals single ones; nothing breaks an episode."""

import copy
import json
import pickle
import warnings

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import empathy_gym
from empathy_gym import errors
from empathy_gym.registration import ENVIRONMENTS

IDS = [env_id for env_id, _, _ in ENVIRONMENTS]
TEXT_IDS = [env_id for env_id in IDS if "Strategy" not in env_id]
REPLIES = st.one_of(
    st.text(max_size=120),
    st.sampled_from(
        [
            "",
            "What happened?",
            "You must be hurt.",
            "<think>x</think> I see.",
            "<think>open",
            "Get over it.",
            "Tell me about your sister.",
        ]
    ),
)
SLOW = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)


@pytest.mark.parametrize("env_id", IDS)
def test_check_env_is_silent(env_id):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(gym.make(env_id, render_mode="ansi").unwrapped)


@pytest.mark.parametrize("env_id", IDS)
def test_specs_can_be_written_down(env_id):
    spec = gym.spec(env_id)
    assert gym.make(gym.envs.registration.EnvSpec.from_json(spec.to_json())).spec.id == env_id
    assert not spec.nondeterministic


def test_importing_twice_registers_once():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        empathy_gym.register_envs()


def test_the_module_form_of_the_id_works():
    assert gym.make("empathy_gym:EmpathySupport-v0").spec.id == "EmpathySupport-v0"


def play(env, replies, seed=0, options=None):
    obs, info = env.reset(seed=seed, options=options)
    trace = [(obs, info)]
    for reply in replies:
        step = env.step(reply)
        trace.append(step)
        if step[2] or step[3]:
            break
    return trace


@given(seed=st.integers(0, 10_000), replies=st.lists(REPLIES, min_size=1, max_size=9))
@SLOW
def test_an_episode_keeps_its_promises(seed, replies):
    env = gym.make("EmpathySupport-v0", reward="change").unwrapped
    trace = play(env, replies, seed)
    first, last = trace[0][1]["emotion"], trace[-1][-1]["emotion"]
    assert sum(step[1] for step in trace[1:]) == pytest.approx((last - first) / 100_000, abs=1e-12)
    for step in trace[1:]:
        obs, reward, terminated, truncated, info = step
        assert obs == info["messages"][-1]["content"] and obs in env.observation_space
        assert sum(line["amount"] for line in info["ledger"]) == info["emotion_change"]
        assert isinstance(reward, float) and 0 <= info["emotion"] <= 100_000
        assert json.loads(json.dumps(info)) == info
        assert ("outcome" in info) == (terminated or truncated)
        assert truncated == (info.get("outcome") == "time")


@given(
    seed=st.integers(0, 10_000),
    replies=st.lists(REPLIES, min_size=8, max_size=8),
    scaffold=st.sampled_from(["direct", "thinking"]),
)
@SLOW
def test_transcripts_verify_after_a_round_trip(seed, replies, scaffold):
    env = gym.make("EmpathySupport-v0", scaffold=scaffold)
    transcript = play(env, replies, seed)[-1][-1]["transcript"]
    again = json.loads(json.dumps(transcript))
    result = empathy_gym.verify(again)
    assert result.ok and result.first_difference is None


def test_verify_names_the_first_difference():
    transcript = play(gym.make("EmpathySupport-v0"), ["What happened?", "You must be hurt."] * 4)[-1][-1]["transcript"]
    for change, word in (
        (lambda t: t["turns"][1].update(emotion=t["turns"][1]["emotion"] + 1), "turns[1].emotion"),
        (lambda t: t["turns"][0]["ledger"][0].update(amount=1), "turns[0].ledger[0].amount"),
        (lambda t: t["turns"][2].update(line="Other words."), "turns[2].line"),
        (lambda t: t.update(final_emotion=99_000), "final_emotion"),
        (lambda t: t.update(dynamics="9.9"), "dynamics"),
        (lambda t: t.update(key="0" * 16), ""),
        (lambda t: t["turns"].pop(), ""),
        (lambda t: t["turns"][0].update(reply="Something else entirely."), "turns[0]"),
    ):
        tampered = copy.deepcopy(transcript)
        change(tampered)
        result = empathy_gym.verify(tampered)
        assert not result.ok and word in result.first_difference, result
    with pytest.raises(errors.InvalidTranscript, match="expected"):
        empathy_gym.verify({"turns": []})


@pytest.mark.parametrize("bad", [None, 3, b"bytes", ["a"], {"reply": "a"}])
def test_a_faulty_action_leaves_the_episode_as_it_was(bad):
    env = gym.make("EmpathySupport-v0").unwrapped
    other = gym.make("EmpathySupport-v0").unwrapped
    env.reset(seed=1), other.reset(seed=1)
    with pytest.raises(errors.InvalidAction, match="expected str"):
        env.step(bad)
    assert env.step("What happened?") == other.step("What happened?")


def test_named_errors():
    with pytest.raises(TypeError):
        env = gym.make("EmpathySupport-v0").unwrapped
        env.reset()
        env.step(1)
    for kwargs in (
        {"scaffold": "x"},
        {"difficulty": 2},
        {"split": "all"},
        {"reward": "r"},
        {"max_turns": 0},
        {"format_penalty": "p"},
        {"difficulty": "hard"},
    ):
        with pytest.raises(errors.InvalidOption, match="expected"):
            gym.make("EmpathySupport-v0", **kwargs)
    env = gym.make("EmpathySupport-v0", max_turns=1, disable_env_checker=True).unwrapped
    with pytest.raises(gym.error.ResetNeeded):
        env.step("hi")
    with pytest.raises(errors.InvalidOption, match="scenario"):
        env.reset(options={"persona": 1})
    with pytest.raises(errors.UnknownScenario, match="nope"):
        env.reset(options={"scenario": "nope"})
    env.reset()
    env.step("hi there you")
    with pytest.raises(errors.EpisodeOver, match="reset"):
        env.step("hi")


def test_pickled_environments_play_on_equal():
    env = gym.make("EmpathySupport-v0").unwrapped
    env.reset(seed=5)
    env.step("What happened?")
    twin = pickle.loads(pickle.dumps(env))
    for reply in ("You must be hurt.", "Go on.", ""):
        assert env.step(reply) == twin.step(reply)


def test_the_thinking_scaffold_and_its_penalties():
    good, bad = "<think>they are sad</think> What happened then?", "What happened then?"

    def final(penalty, replies, reward="final"):
        env = gym.make("EmpathySupport-v0", scaffold="thinking", format_penalty=penalty, reward=reward, max_turns=4)
        trace = play(env, replies, seed=3)
        return [step[1] for step in trace[1:]], trace[-1][-1]["emotion"]

    rewards, emotion = final("share", [good, bad, good, good])
    assert rewards[-1] == emotion * 3 / 400_000
    assert final("zero", [good, bad, good, good])[0][-1] == 0.0
    assert final("none", [good, bad, good, good])[0][-1] == emotion / 100_000
    taken_back, _ = final("zero", [good, bad, good, good], "change")
    assert sum(taken_back) == pytest.approx(0.0, abs=1e-12)
    shared, _ = final("share", [bad, bad, bad, bad], "change")
    assert max(shared) <= 0.0


def test_thoughts_are_never_heard():
    env = gym.make("EmpathySupport-v0", scaffold="thinking")
    env.reset(seed=0)
    info = env.step("<think>secret</think> What happened?")[-1]
    assert info["thought"] == "secret" and "secret" not in json.dumps(info["messages"])
    info = env.step("Go on. <think>secret that never closes")[-1]
    assert "secret" not in json.dumps(info["messages"])


def test_the_same_seed_picks_the_same_scenario_at_every_setting():
    picked = {
        gym.make("EmpathySupport-v0", difficulty=d, scaffold=s).reset(seed=9)[1]["scenario"]
        for d in (0, 0.5, 1.5)
        for s in ("direct", "thinking")
    }
    assert len(picked) == 1


def test_privileged_only_when_asked_for():
    assert "privileged" not in gym.make("EmpathySupport-v0").reset(seed=0)[1]
    info = gym.make("EmpathySupport-v0", privileged=True).reset(seed=0)[1]
    assert {"intention", "facts", "channels"} <= set(info["privileged"])
    assert json.loads(json.dumps(info)) == info


@pytest.mark.parametrize("mode", ["NEXT_STEP", "SAME_STEP", "DISABLED"])
@given(data=st.data())
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_the_vector_environment_equals_single_ones(mode, data):
    count, turns = 3, 3
    seeds = data.draw(st.lists(st.integers(0, 1_000), min_size=count, max_size=count))
    vector = gym.make_vec("EmpathySupport-v0", num_envs=count, max_turns=turns, autoreset_mode=mode)
    singles = [gym.make("EmpathySupport-v0", max_turns=turns).unwrapped for _ in range(count)]
    obs, infos = vector.reset(seed=seeds)
    lasts = [env.reset(seed=s) for env, s in zip(singles, seeds, strict=True)]
    assert obs == tuple(o for o, _ in lasts)
    over = [False] * count
    for _ in range(8):
        replies = data.draw(st.lists(REPLIES, min_size=count, max_size=count))
        if mode == "DISABLED" and any(over):
            mask = np.array(over)
            vobs, _ = vector.reset(options={"reset_mask": mask})
            for i in np.flatnonzero(mask):
                assert vobs[i] == singles[i].reset()[0]
            over = [False] * count
        vobs, vreward, vterm, vtrunc, vinfo = vector.step(replies)
        for i, env in enumerate(singles):
            if over[i] and mode == "NEXT_STEP":
                obs_i, info_i = env.reset()
                assert (vobs[i], vreward[i], vterm[i], vtrunc[i]) == (obs_i, 0.0, False, False)
                over[i] = False
                continue
            obs_i, reward_i, term_i, trunc_i, info_i = env.step(replies[i])
            assert (vreward[i], vterm[i], vtrunc[i]) == (reward_i, term_i, trunc_i)
            over[i] = term_i or trunc_i
            if over[i] and mode == "SAME_STEP":
                assert vinfo["final_obs"][i] == obs_i
                assert vinfo["final_info"]["transcript"][i] == info_i["transcript"]
                obs_i, info_i = env.reset()
                over[i] = False
            assert vobs[i] == obs_i
            for name in ("emotion", "ledger", "messages", "skills", "scenario"):
                assert vinfo[f"_{name}"][i] and vinfo[name][i] == info_i[name]


def test_vector_faults_are_named_and_change_nothing():
    vector = gym.make_vec("EmpathySupport-v0", num_envs=2, autoreset_mode="DISABLED")
    with pytest.raises(gym.error.ResetNeeded):
        vector.step(["a", "b"])
    vector.reset(seed=0)
    before = [e.turn for e in vector.unwrapped.episodes]
    for actions in (["a"], "ab", ["a", 1]):
        with pytest.raises(errors.InvalidAction):
            vector.step(actions)
    assert [e.turn for e in vector.unwrapped.episodes] == before
    with pytest.raises(errors.InvalidOption, match="autoreset_mode"):
        gym.make_vec("EmpathySupport-v0", num_envs=2, autoreset_mode="sometimes")


def test_async_vectorisation_is_right_or_refused():
    with pytest.raises(ValueError, match="shared_memory"):
        gym.make_vec("EmpathySupport-v0", num_envs=2, vectorization_mode="async")
    vector = gym.make_vec(
        "EmpathySupport-v0", num_envs=2, vectorization_mode="async", vector_kwargs={"shared_memory": False}
    )
    native = gym.make_vec("EmpathySupport-v0", num_envs=2)
    assert vector.reset(seed=4)[0] == native.reset(seed=4)[0]
    assert tuple(vector.step(("What happened?", ""))[0]) == tuple(native.step(("What happened?", ""))[0])
    vector.close()


def test_rendering(capsys):
    env = gym.make("EmpathySupport-v0", render_mode="ansi")
    env.reset(seed=0)
    env.step("What happened?")
    assert "supporter: What happened?" in env.render()
    human = gym.make("EmpathySupport-v0", render_mode="human")
    human.reset(seed=0)
    human.step("What happened?")
    assert "emotion" in capsys.readouterr().out


def test_strategies_are_words_that_are_read():
    env = gym.make("EmpathyStrategy-v0").unwrapped
    obs, info = env.reset(seed=2)
    assert obs in env.observation_space and env.action_masks().shape == (env.action_space.n,)
    for move in range(0, 22, 3):
        obs, reward, terminated, truncated, info = env.step(move)
        assert obs in env.observation_space and info["reply"] == info["messages"][-2]["content"]
        if terminated or truncated:
            break
    with pytest.raises(errors.InvalidAction):
        env.step(99)
