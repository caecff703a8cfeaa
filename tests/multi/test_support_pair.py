"""support_pair_v0: PettingZoo's own tests, the referee's laws, and the single environment inside it."""

import copy
import json
import pickle

import pytest
from gymnasium.error import ResetNeeded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, seed_test
from talks import REPLIES, play

from empathy_gym import errors
from empathy_gym.envs.support import EmpathySupportEnv
from empathy_gym.multi import support_pair_v0
from empathy_gym.multi.support_pair_v0 import MOVES, NAMES, OWN, SEEKER, SUPPORTER
from empathy_gym.seeker import bank

SOME = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
SAID = (
    "What happened then?",
    "You must be hurt.",
    "It sounds like nobody sees what you do.",
    "Tell me more about that.",
    "That makes sense, you kept it all going alone.",
    "What do you wish for?",
    "Shall we look at one step?",
    "I hear you.",
)
KINDS = st.lists(st.integers(0, len(MOVES) - 1), min_size=8, max_size=8)
pytestmark = pytest.mark.filterwarnings(
    "ignore::UserWarning"
)  # PettingZoo: observations are no arrays, spaces no boxes


def talk(replies, moves, seed=0, options=None, **kwargs):
    """Play until the end or until nothing is left to say; returns the environment and each step's observations, rewards and infos."""
    env = support_pair_v0.raw_env(**kwargs)
    env.reset(seed=seed, options=options)
    trace = []
    for reply, move in zip(replies, moves, strict=False):
        for action in (reply, move):
            env.step(action)
            seen = {agent: env.observe(agent) for agent in env.agents}
            assert all(env.observation_space(agent).contains(seen[agent]) for agent in env.agents)
            trace.append((seen, dict(env.rewards), copy.deepcopy(env.infos)))
            if any(env.terminations.values()) or any(env.truncations.values()):
                return env, trace
    return env, trace


@pytest.mark.parametrize("make", [support_pair_v0.env, support_pair_v0.raw_env])
def test_api(make):
    api_test(make(), num_cycles=60)
    api_test(make(render_mode="ansi", scaffold="thinking", reward="change"), num_cycles=60)


def test_parallel_api():
    parallel_api_test(support_pair_v0.parallel_env(), num_cycles=60)


def test_seeds():
    seed_test(support_pair_v0.env, num_cycles=40)
    parallel_seed_test(support_pair_v0.parallel_env, num_cycles=40)


@given(seed=st.integers(0, 10_000), replies=st.lists(REPLIES, min_size=1, max_size=9))
@SOME
def test_a_seeker_who_plays_own_is_the_single_environments(seed, replies):
    for kwargs in ({"reward": "change"}, {"scaffold": "thinking", "difficulty": "challenging"}):
        single = play(EmpathySupportEnv(**kwargs), replies, seed)
        _, trace = talk(replies, [OWN] * len(replies), seed, **kwargs)
        assert [step[1][SUPPORTER] for step in trace[::2]] == [step[1] for step in single[1:]]
        line, last = single[-1][0], single[-1][-1]
        seen, _, infos = trace[-1]
        assert seen[SUPPORTER]["line"] == line
        for name in ("messages", "emotion", "emotion_change", "ledger", "skills", "scenario", "turn"):
            assert infos[SUPPORTER][name] == last[name], name


@given(seed=st.integers(0, 10_000), replies=st.lists(REPLIES, min_size=8, max_size=8), moves=KINDS)
@SOME
def test_a_talk_keeps_its_promises(seed, replies, moves):
    env, trace = talk(replies, moves, seed, reward="change", seeker_reward="opposite")
    first, last = env.episode.first_emotion, trace[-1][-1][SUPPORTER]["emotion"]
    assert sum(step[1][SUPPORTER] for step in trace) == pytest.approx((last - first) / 100_000, abs=1e-12)
    assert all(step[1][SEEKER] == -step[1][SUPPORTER] for step in trace)
    for _, rewards, infos in trace[1::2]:  # the seeker's own moves
        assert rewards == {SUPPORTER: 0.0, SEEKER: 0.0}
        assert infos[SEEKER]["move"] in NAMES
    for _, _, infos in trace:
        own = infos[SUPPORTER]
        assert sum(line["amount"] for line in own["ledger"]) == own["emotion_change"]
        assert json.loads(json.dumps(infos)) == infos
        assert "privileged" not in own and "privileged" in infos[SEEKER]
    lines = [m["content"] for m in trace[-1][-1][SUPPORTER]["messages"] if m["role"] == "user"]
    assert len(set(lines)) == len(lines) and all(lines)
    transcript = json.loads(json.dumps(trace[-1][-1][SUPPORTER]["transcript"]))
    assert support_pair_v0.verify(transcript).ok, support_pair_v0.verify(transcript).first_difference


def test_a_changed_transcript_does_not_verify():
    _, trace = talk(SAID, [NAMES.index("core/cold")] * 8)
    whole = trace[-1][-1][SUPPORTER]["transcript"]
    other = next(name for name in NAMES if name != whole["moves"][1])
    for changed in (
        {**whole, "final_emotion": whole["final_emotion"] + 1},
        {**whole, "moves": [whole["moves"][0], other, *whole["moves"][2:]]},
        {**whole, "moves": whole["moves"][:-1]},
        {**whole, "turns": whole["turns"][:-1]},
        {**whole, "turns": [*whole["turns"], whole["turns"][-1]]},
        {**whole, "key": "0" * 16},
        {**whole, "scenario": "nobody"},
        {**whole, "dynamics": "0.0"},
        {**whole, "extra": 1},
    ):
        found = support_pair_v0.verify(changed)
        assert not found.ok and "expected" in found.first_difference
    for broken in ({**whole, "moves": ["x"]}, {**whole, "moves": None}, {**whole, "env": {"x": 1}}):
        with pytest.raises(errors.InvalidTranscript, match="expected"):
            support_pair_v0.verify(broken)


@pytest.mark.parametrize("seed", range(5))
def test_feigning_moves_no_emotion(seed):
    """With nothing told, the same replies move a seeker alike, however they say that they feel."""
    felt = set()
    for how in ("felt", "plain", "warm", "cold"):
        env, _ = talk(SAID, [NAMES.index(f"nothing/{how}")] * 8, seed)
        felt.add(tuple(turn["emotion"] for turn in env.episode.turns))
    assert len(felt) == 1


@given(seed=st.integers(0, 10_000), moves=KINDS)
@SOME
def test_the_mask_is_what_can_be_told(seed, moves):
    env = support_pair_v0.raw_env()
    env.reset(seed=seed)
    alone = env.observe(SEEKER)["action_mask"]
    assert alone[OWN] == 1 and alone.sum() == 1
    for reply, number in zip(SAID, moves, strict=True):
        env.step(reply)
        if env.terminations[SEEKER] or env.truncations[SEEKER]:
            break
        before = env.episode.info(privileged=True)["privileged"]["facts"]
        mask = env.observe(SEEKER)["action_mask"]
        env.step(number)
        after = env.episode.info(privileged=True)["privileged"]["facts"]
        new = [one for one, old in zip(after, before, strict=True) if one["disclosed"] and not old["disclosed"]]
        what = MOVES[number].what
        if what in ("surface", "deeper", "core", "answer"):
            assert bool(new) == bool(mask[number])
        depths = {"surface": {0, 1}, "deeper": {2}, "core": {3}}
        assert not depths.get(what) or {fact["depth"] for fact in new} <= depths[what]


def test_who_speaks_when():
    env = support_pair_v0.env(max_turns=2)
    env.reset(seed=0)
    order = []
    for agent in env.agent_iter():
        _, _, terminated, truncated, info = env.last()
        order.append(agent)
        over = terminated or truncated
        env.step(None if over else OWN if agent == SEEKER else "What happened then?")
    assert order[:3] == [SUPPORTER, SEEKER, SUPPORTER]
    assert sorted(order[3:]) == [SEEKER, SUPPORTER] and not env.agents
    assert info["outcome"] == "time" and info["turn"] == 2


def test_both_are_paid_as_asked():
    rewards = {}
    for kind in ("same", "opposite", "none"):
        _, trace = talk(SAID, [OWN] * 8, seeker_reward=kind)
        rewards[kind] = trace[-1][1]
        assert all(step[1] == {SUPPORTER: 0.0, SEEKER: 0.0} for step in trace[:-1])
        assert trace[-1][1][SUPPORTER] == trace[-1][-1][SUPPORTER]["emotion"] / 100_000
    assert rewards["same"][SEEKER] == -rewards["opposite"][SEEKER] == rewards["same"][SUPPORTER] > 0
    assert rewards["none"][SEEKER] == 0.0


def test_a_faulty_action_leaves_the_talk_as_it_was():
    env, other = support_pair_v0.raw_env(), support_pair_v0.raw_env()
    for one in (env, other):
        one.reset(seed=1)
    for bad in (None, 3, b"bytes", ["a"]):
        with pytest.raises(errors.InvalidAction, match="expected str"):
            env.step(bad)
    env.step("Go on."), other.step("Go on.")
    for bad in (None, "own", len(MOVES), -1, 0.5):
        with pytest.raises(errors.InvalidAction, match="expected a whole number from 0 to"):
            env.step(bad)
    env.step(5), other.step(5)
    assert env.infos == other.infos


def test_calls_out_of_order_and_faulty_keywords_are_named():
    env = support_pair_v0.raw_env(max_turns=1, render_mode="ansi")
    for call in (lambda: env.step("hi"), env.render, lambda: env.observe(SEEKER)):
        with pytest.raises(ResetNeeded, match="reset"):
            call()
    env.reset(seed=0)
    for action in ("hi there", None, None):
        env.step(action)
    with pytest.raises(errors.EpisodeOver, match="reset"):
        env.step("hi")
    for kwargs in ({"seeker_reward": "x"}, {"render_mode": "rgb_array"}, {"max_turns": 0}, {"split": "all"}):
        with pytest.raises(errors.InvalidOption, match=f"{next(iter(kwargs))}: expected .*, got"):
            support_pair_v0.raw_env(**kwargs)


def test_options_and_splits():
    env = support_pair_v0.raw_env(split="dev")
    wanted = bank.scenario_ids("test")[3]
    env.reset(seed=0, options={"scenario": wanted, "of a wrapper": 1})
    assert env.infos[SUPPORTER]["scenario"] == wanted
    kept = copy.deepcopy(env.infos)
    with pytest.raises(errors.UnknownScenario, match="got 'nope'"):
        env.reset(seed=1, options={"scenario": "nope"})
    with pytest.raises(errors.InvalidOption, match="options: expected a dict or None"):
        env.reset(seed=1, options=[1])
    assert env.infos == kept
    env.reset(seed=0)
    assert env.infos[SUPPORTER]["scenario"] in bank.scenario_ids("dev")


def test_copies_play_on_equal():
    env = support_pair_v0.raw_env()
    env.reset(seed=5)
    env.step("What happened?")
    for twin in (pickle.loads(pickle.dumps(env)), copy.deepcopy(env)):
        one = copy.deepcopy(env)
        for action in (13, "You must be hurt.", 6, "Go on."):
            one.step(action), twin.step(action)
        assert one.infos == twin.infos
        one.reset(), twin.reset()
        assert one.infos == twin.infos


def test_rendering(capsys):
    env = support_pair_v0.raw_env(render_mode="ansi", max_turns=2)
    human = support_pair_v0.raw_env(render_mode="human", max_turns=2)
    for one in (env, human):
        one.reset(seed=0)
        for action in ("What happened?", OWN, "And then?"):
            one.step(action)
    assert "supporter: What happened?" in env.render() and env.render().endswith("-- out of time --")
    assert human.render() is None
    assert capsys.readouterr().out == env.render() + "\n"
