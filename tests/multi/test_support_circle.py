"""support_circle_v0: PettingZoo's own tests, and the laws of who speaks to whom and who earns what."""

import copy
import json
import pickle

import pytest
from gymnasium.error import ResetNeeded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, seed_test
from pettingzoo.test.max_cycles_test import max_cycles_test
from pettingzoo.utils import aec_to_parallel
from talks import SAID

import empathy_gym
from empathy_gym import errors
from empathy_gym.multi import support_circle_v0
from empathy_gym.multi.circle import MOST_PEERS, earned, partners, peer_keys
from empathy_gym.seeker import bank
from empathy_gym.seeker.ledger import OF_ITSELF

SOME = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
ROUNDS = st.lists(st.lists(st.sampled_from(SAID), min_size=4, max_size=4), min_size=8, max_size=8)
pytestmark = pytest.mark.filterwarnings(
    "ignore::UserWarning"
)  # PettingZoo: observations are no arrays, spaces no boxes


def rounds(env, said, seed=0, options=None):
    """Play until the end or until nothing is left to say; returns what ``reset`` and each ``step`` returned."""
    trace = [env.reset(seed=seed, options=options)]
    for replies in said:
        if not env.agents:
            break
        trace.append(env.step({name: replies[int(name[-1]) % len(replies)] for name in env.agents}))
    return trace


@pytest.mark.parametrize("make", [support_circle_v0.env, support_circle_v0.raw_env])
def test_api(make):
    api_test(make(), num_cycles=60)
    api_test(make(num_peers=2, max_cycles=3, reward="final", render_mode="ansi"), num_cycles=60)


def test_parallel_api():
    for num_peers in (2, 3, MOST_PEERS):
        parallel_api_test(support_circle_v0.parallel_env(num_peers=num_peers), num_cycles=60)


def test_seeds():
    seed_test(support_circle_v0.env, num_cycles=40)
    parallel_seed_test(support_circle_v0.parallel_env, num_cycles=40)


def test_max_cycles():
    max_cycles_test(support_circle_v0)


def test_the_conversions_lead_back():
    assert isinstance(aec_to_parallel(support_circle_v0.env()), support_circle_v0.parallel_env)


@given(st.integers(2, MOST_PEERS), st.integers(0, 30))
def test_everybody_speaks_to_one_and_hears_one(num, turn):
    there = [f"peer_{number}" for number in range(num)]
    to = partners(there, turn)
    assert sorted(to) == sorted(to.values()) == there
    assert all(speaker != other for speaker, other in to.items())
    for name in there:
        assert {partners(there, turn + further)[name] for further in range(num - 1)} == set(there) - {name}
    assert partners(there[:1], turn) == partners([], turn) == {}


@given(seed=st.integers(0, 10_000), said=ROUNDS, own=st.sampled_from([0, 0.25, 0.5, 1]), num=st.integers(2, 4))
@SOME
def test_a_circle_keeps_its_promises(seed, said, own, num):
    env = support_circle_v0.parallel_env(num_peers=num, own_share=own)
    trace = rounds(env, said, seed)
    to = {name: info["partner"] for name, info in trace[0][1].items()}
    for seen, rewards, terminations, truncations, infos in trace[1:]:
        assert set(seen) == set(rewards) == set(terminations) == set(truncations) == set(infos) == set(to)
        assert json.loads(json.dumps(infos)) == infos
        unearned = 0
        for name, info in infos.items():
            assert env.observation_space(name).contains(seen[name])
            assert sum(line["amount"] for line in info["ledger"]) == info["emotion_change"]
            assert info["earned"] == earned(infos[to[name]]["ledger"]) and infos[to[name]]["heard_from"] == name
            gained = sum(line["amount"] for line in info["earned"])
            weight = round(1000 * own)
            assert rewards[name] == (weight * info["emotion_change"] + (1000 - weight) * gained) / 100_000_000
            unearned += sum(line["amount"] for line in info["ledger"] if line["cause"] in OF_ITSELF)
            assert terminations[name] == (info.get("outcome") in ("helped", "left"))
            assert truncations[name] == (info.get("outcome") in ("time", "alone"))
            over = terminations[name] or truncations[name]
            assert ("transcript" in info) == (info["partner"] is None) == over
            if over:
                assert empathy_gym.verify(json.loads(json.dumps(info["transcript"]))).ok
            else:
                assert info["messages"][-1]["content"] == seen[name]["line"]
                assert env.possible_agents[seen[name]["partner"]] == info["partner"]
        earned_in_all = sum(line["amount"] for info in infos.values() for line in info["earned"])
        assert earned_in_all + unearned == sum(info["emotion_change"] for info in infos.values())
        to = {name: info["partner"] for name, info in infos.items() if "outcome" not in info}
    assert not env.agents


def test_the_final_reward_is_how_one_ended_and_what_one_did():
    said = [["What happened then?", "You must be hurt.", "Tell me more about that."]] * 8
    trace = rounds(support_circle_v0.parallel_env(reward="final", own_share=0.25), said, seed=2)
    earned_sum = dict.fromkeys(trace[0][1], 0)
    for _, rewards, _, _, infos in trace[1:]:
        for name, info in infos.items():
            earned_sum[name] += sum(line["amount"] for line in info["earned"])
            total = (250 * info["emotion"] + 750 * earned_sum[name]) / 100_000_000
            assert rewards[name] == (total if "outcome" in info else 0.0)
    assert {"time"} == {info["outcome"] for info in trace[-1][-1].values()}


def test_who_leaves_gets_up_and_the_last_one_is_alone():
    """Whoever is treated with contempt leaves; the circle closes, and ends when one is left."""
    env = support_circle_v0.parallel_env(num_peers=3, max_cycles=30)
    _, infos = env.reset(seed=0)
    ended = {}
    while env.agents:
        kind = {
            name: "What happened then?" if infos[name]["partner"] == "peer_0" else "Stop whining, you are pathetic."
            for name in env.agents
        }
        kind = {name: f"{reply} {env.turn}" for name, reply in kind.items()}
        _, _, terminations, truncations, infos = env.step(kind)
        for name in terminations:
            if terminations[name] or truncations[name]:
                ended[name] = (infos[name]["outcome"], env.turn)
        assert [name for name in env.possible_agents if name not in ended] == env.agents
    assert {ended["peer_1"][0], ended["peer_2"][0]} == {"left"}
    assert ended["peer_0"] == ("alone", max(turn for _, turn in ended.values()))


def test_no_two_peers_share_a_story_or_a_person():
    for split in bank.SPLITS:
        for key in range(20):
            keys = peer_keys(key, split, MOST_PEERS)
            found = [bank.scenario(bank.pick(split, own)) for own in keys]
            assert len({one.story.id for one in found}) == len({one.persona.id for one in found}) == MOST_PEERS
            assert peer_keys(key, split, 3) == keys[:3]


def test_thoughts_are_not_heard():
    env = support_circle_v0.parallel_env()
    trace = rounds(env, [["<think>secret</think> What happened?"]])
    infos = trace[-1][-1]
    assert {info["thought"] for info in infos.values()} == {"secret"}
    assert "secret" not in json.dumps([info["messages"] for info in infos.values()])


def test_faulty_actions_leave_the_round_as_it_was():
    env, other = support_circle_v0.parallel_env(), support_circle_v0.parallel_env()
    env.reset(seed=1), other.reset(seed=1)
    good = dict.fromkeys(env.agents, "What happened?")
    for bad in ({}, [], {**good, "peer_9": "hi"}, {"peer_0": "hi"}, {**good, "peer_1": None}, {**good, "peer_2": 3}):
        with pytest.raises(errors.InvalidAction, match="expected"):
            env.step(bad)
    assert env.step(good)[1:] == other.step(good)[1:]


def test_faulty_actions_of_the_aec_form_are_named_at_once():
    env = support_circle_v0.env()
    env.reset(seed=0)
    with pytest.raises(errors.InvalidAction, match="peer_0: reply: expected str, got int"):
        env.step(3)
    for _ in range(3):
        env.step("What happened?")
    assert env.infos["peer_2"]["turn"] == 1


def test_calls_out_of_order_and_faulty_keywords_are_named():
    env = support_circle_v0.parallel_env(max_cycles=1, render_mode="ansi")
    for call in (lambda: env.step({}), env.render):
        with pytest.raises(ResetNeeded, match="reset"):
            call()
    rounds(env, [["hi there"]])
    with pytest.raises(errors.EpisodeOver, match="reset"):
        env.step({})
    for kwargs in (
        {"num_peers": 1}, {"num_peers": MOST_PEERS + 1}, {"num_peers": 2.0}, {"own_share": 1.5}, {"own_share": "all"},
        {"own_share": float("nan")}, {"max_cycles": 0}, {"reward": "x"}, {"split": "all"}, {"render_mode": "rgb_array"},
    ):  # fmt: skip
        with pytest.raises(errors.InvalidOption, match=f"{next(iter(kwargs))}: expected .*, got"):
            support_circle_v0.parallel_env(**kwargs)


def test_options():
    env = support_circle_v0.parallel_env(num_peers=2)
    wanted = list(bank.scenario_ids("test")[:2])
    _, infos = env.reset(seed=0, options={"scenarios": wanted, "of a wrapper": 1})
    assert [infos[name]["scenario"] for name in env.possible_agents] == wanted
    for bad, error in (
        (wanted[:1], errors.InvalidOption),
        (["nope"] * 2, errors.UnknownScenario),
        ("ab", errors.InvalidOption),
    ):
        with pytest.raises(error, match="expected"):
            env.reset(seed=1, options={"scenarios": bad})
    assert env.step(dict.fromkeys(env.agents, "Go on."))[-1]["peer_0"]["scenario"] == wanted[0]


def test_privileged_only_when_asked_for():
    assert "privileged" not in support_circle_v0.parallel_env().reset(seed=0)[1]["peer_0"]
    assert "facts" in support_circle_v0.parallel_env(privileged=True).reset(seed=0)[1]["peer_0"]["privileged"]


def test_copies_play_on_equal():
    env = support_circle_v0.parallel_env()
    rounds(env, [["What happened?"]], seed=5)
    said = dict.fromkeys(env.agents, "You must be hurt.")
    twins = [pickle.loads(pickle.dumps(env)), copy.deepcopy(env)]
    step = env.step(said)
    assert all(twin.step(said)[1:] == step[1:] for twin in twins)
    again = env.reset()[1]
    assert all(twin.reset()[1] == again for twin in twins)


def test_rendering(capsys):
    env = support_circle_v0.parallel_env(render_mode="ansi", max_cycles=1)
    rounds(env, [["What happened?"]])
    text = env.render()
    assert all(name in text for name in env.possible_agents) and text.count("-- out of time --") == 3
    assert capsys.readouterr().out == ""
    human = support_circle_v0.parallel_env(render_mode="human", max_cycles=1)
    rounds(human, [["What happened?"]])
    assert human.render() is None and capsys.readouterr().out.count("supporter: What happened?") == 3
