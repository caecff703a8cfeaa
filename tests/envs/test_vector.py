"""The native vector environment equals single ones, bit for bit, in every autoreset mode."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from talks import REPLIES

from empathy_gym import errors
from empathy_gym.envs.support import EmpathySupportEnv
from empathy_gym.envs.vector import EmpathySupportVectorEnv
from empathy_gym.seeker import bank

COUNT = 3
NUMBERS = ("turn", "emotion", "emotion_change")
KINDS = [{}, {"scaffold": "thinking", "reward": "change"}, {"privileged": True, "difficulty": "challenging"}]


def entry(infos, i):
    """The info of one environment, out of the vector's arrays."""
    names = [name for name in infos if not name.startswith(("_", "final_")) and infos[f"_{name}"][i]]
    return {name: int(infos[name][i]) if name in NUMBERS else infos[name][i] for name in names}


class Singles:
    """N single environments under the rules of an autoreset mode."""

    def __init__(self, mode, **kwargs):
        self.mode = mode
        self.envs = [EmpathySupportEnv(**kwargs) for _ in range(COUNT)]
        self.over = [False] * COUNT

    def reset(self, seeds=(None,) * COUNT, mask=(True,) * COUNT, scenarios=(None,) * COUNT):
        found = []
        for i, env in enumerate(self.envs):
            options = None if scenarios[i] is None else {"scenario": scenarios[i]}
            found.append(env.reset(seed=seeds[i], options=options) if mask[i] else None)
            self.over[i] = self.over[i] and not mask[i]
        return found

    def step(self, replies):
        return [self._step(i, reply) for i, reply in enumerate(replies)]

    def _step(self, i, reply):
        """``(obs, reward, terminated, truncated, info, final)``."""
        if self.over[i] and self.mode == "NEXT_STEP":
            self.over[i] = False
            obs, info = self.envs[i].reset()
            return obs, 0.0, False, False, info, None
        obs, reward, terminated, truncated, info = self.envs[i].step(reply)
        self.over[i] = terminated or truncated
        if self.over[i] and self.mode == "SAME_STEP":
            self.over[i] = False
            final = (obs, info)
            obs, info = self.envs[i].reset()
            return obs, reward, terminated, truncated, info, final
        return obs, reward, terminated, truncated, info, None


@pytest.mark.parametrize("kwargs", KINDS, ids=["plain", "thinking", "privileged"])
@pytest.mark.parametrize("mode", ["NEXT_STEP", "SAME_STEP", "DISABLED"])
@given(data=st.data())
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
def test_equal_to_single_environments(mode, kwargs, data):
    kwargs = {**kwargs, "max_turns": 3}
    seeds = data.draw(st.lists(st.integers(0, 1_000), min_size=COUNT, max_size=COUNT))
    vector = gym.make_vec("EmpathySupport-v0", num_envs=COUNT, autoreset_mode=mode, **kwargs)
    singles = Singles(mode, **kwargs)
    obs, infos = vector.reset(seed=seeds)
    assert [(obs[i], entry(infos, i)) for i in range(COUNT)] == singles.reset(seeds)
    for _ in range(7):
        replies = data.draw(st.lists(REPLIES, min_size=COUNT, max_size=COUNT))
        if mode == "DISABLED" and any(singles.over):
            mask = np.array(singles.over)
            obs, infos = vector.reset(options={"reset_mask": mask})
            for i, single in enumerate(singles.reset(mask=mask)):
                assert (single is None) == (not mask[i])
                assert (obs[i], entry(infos, i)) == single if mask[i] else entry(infos, i) == {}
        obs, rewards, terminations, truncations, infos = vector.step(replies)
        assert obs in vector.observation_space
        for i, (*single, final) in enumerate(singles.step(replies)):
            assert [obs[i], rewards[i], terminations[i], truncations[i], entry(infos, i)] == single
            if final is not None:
                assert infos["final_obs"][i] == final[0] and infos["_final_obs"][i] and infos["_final_info"][i]
                assert entry(infos["final_info"], i) == final[1]
            elif "final_obs" in infos:
                assert infos["final_obs"][i] is None and not infos["_final_info"][i]


def test_one_seed_counts_up():
    vector = EmpathySupportVectorEnv(COUNT)
    lines, infos = vector.reset(seed=11)
    singles = [EmpathySupportEnv().reset(seed=11 + i) for i in range(COUNT)]
    assert [(lines[i], entry(infos, i)) for i in range(COUNT)] == singles
    assert vector.np_random_seed == (11, 12, 13) and len(vector.np_random) == COUNT


def test_scenarios_one_or_each():
    ids = bank.scenario_ids("train")[:COUNT]
    vector = EmpathySupportVectorEnv(COUNT)
    assert vector.reset(seed=0, options={"scenario": ids[0]})[1]["scenario"].tolist() == [ids[0]] * COUNT
    assert vector.reset(seed=0, options={"scenario": list(ids)})[1]["scenario"].tolist() == list(ids)
    picked = vector.reset(seed=0)[1]["scenario"]
    mixed = vector.reset(seed=0, options={"scenario": [None, ids[1], None]})[1]["scenario"]
    assert mixed.tolist() == [picked[0], ids[1], picked[2]]


def test_infos_are_arrays_of_whole_entries():
    vector = EmpathySupportVectorEnv(2)
    vector.reset(seed=0)
    infos = vector.step(["What happened?", ""])[-1]
    for name in NUMBERS:
        assert infos[name].dtype == np.int64
    for name in ("messages", "ledger", "skills", "scenario", "thought"):
        assert infos[name].dtype == object and infos[f"_{name}"].all()
    assert isinstance(infos["messages"][0], list) and isinstance(infos["skills"][1], dict)
    assert "outcome" not in infos


def test_any_sequence_of_strings_is_an_action():
    replies = ["What happened?", "Go on."]
    found = []
    for actions in (replies, tuple(replies), np.array(replies), np.array(replies, dtype=object)):
        vector = EmpathySupportVectorEnv(2)
        vector.reset(seed=3)
        found.append(vector.step(actions)[0])
        assert vector.episodes[0].turns[0]["reply"] == replies[0] and type(vector.episodes[0].turns[0]["reply"]) is str
    assert len(set(found)) == 1


@pytest.mark.parametrize("given", [
    {"seed": 1.5}, {"seed": "12"}, {"seed": [1.5, 2]}, {"seed": ["1", "2"]}, {"options": {"scenario": 3}},
])  # fmt: skip
def test_faulty_seeds_and_scenarios_are_named(given):
    vector = EmpathySupportVectorEnv(2)
    vector.reset(seed=0)
    before = vector.step(["What happened?", "Go on."])[0]
    with pytest.raises(errors.InvalidOption, match="expected .*, got"):
        vector.reset(**given)
    other = EmpathySupportVectorEnv(2)
    other.reset(seed=0)
    assert other.step(["What happened?", "Go on."])[0] == before
    assert vector.step(["I see.", "Why?"])[0] == other.step(["I see.", "Why?"])[0]


@pytest.mark.parametrize("actions", [["a"], "ab", b"ab", ["a", 1], ["a", None], None, 3, {"a", "b"}])
def test_faulty_actions_leave_every_talk_as_it_was(actions):
    vector, other = EmpathySupportVectorEnv(2), EmpathySupportVectorEnv(2)
    vector.reset(seed=0), other.reset(seed=0)
    with pytest.raises(errors.InvalidAction, match="expected .*, got"):
        vector.step(actions)
    assert vector.step(["What happened?", "Go on."])[0] == other.step(["What happened?", "Go on."])[0]


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"mask": 1}, errors.InvalidOption, "'scenario' and 'reset_mask' alone"),
        ({"scenario": ["a"]}, errors.InvalidOption, "one id or 2, got 1"),
        ({"scenario": "nope"}, errors.UnknownScenario, "got 'nope'"),
        ({"reset_mask": [True]}, errors.InvalidOption, "reset_mask: expected 2 booleans"),
        ({"reset_mask": np.array([0, 1])}, errors.InvalidOption, "reset_mask: expected 2 booleans"),
        ({"reset_mask": np.array([False, False])}, errors.InvalidOption, "one of them true"),
    ],
)
def test_faulty_resets_leave_every_talk_as_it_was(options, error, words):
    vector, other = EmpathySupportVectorEnv(2), EmpathySupportVectorEnv(2)
    vector.reset(seed=0), other.reset(seed=0)
    with pytest.raises(error, match=words):
        vector.reset(seed=9, options=options)
    assert vector.step(["What happened?", "Go on."])[0] == other.step(["What happened?", "Go on."])[0]
    assert vector.reset()[0] == other.reset()[0]


def test_calls_out_of_order_are_named():
    vector = EmpathySupportVectorEnv(2, autoreset_mode="DISABLED", max_turns=1)
    with pytest.raises(gym.error.ResetNeeded, match="reset"):
        vector.step(["a", "b"])
    with pytest.raises(errors.InvalidOption, match="first reset of all"):
        vector.reset(options={"reset_mask": np.array([True, False])})
    vector.reset()
    vector.step(["hello there", "hello there"])
    with pytest.raises(errors.EpisodeOver, match=r"ended environments \(0, 1\)"):
        vector.step(["a", "b"])


@pytest.mark.parametrize(
    "kwargs", [{"autoreset_mode": "sometimes"}, {"num_envs": 0}, {"render_mode": "ansi"}, {"scaffold": "x"}]
)
def test_faulty_keywords_are_named(kwargs):
    with pytest.raises(errors.InvalidOption, match=f"{next(iter(kwargs))}: expected .*, got"):
        EmpathySupportVectorEnv(**kwargs)


def test_the_mode_stands_in_the_metadata():
    for mode in AutoresetMode:
        for spelt in (mode, mode.name, mode.value):
            vector = gym.make_vec("EmpathySupport-v0", num_envs=2, autoreset_mode=spelt)
            assert vector.metadata["autoreset_mode"] is mode
    assert EmpathySupportVectorEnv.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP


def test_statistics_wrapper():
    vector = gym.wrappers.vector.RecordEpisodeStatistics(gym.make_vec("EmpathySupport-v0", num_envs=2, max_turns=2))
    vector.reset(seed=0)
    vector.step(["What happened?", "Go on."])
    _, rewards, _, truncations, infos = vector.step(["What happened?", "Go on."])
    assert truncations.all() and infos["episode"]["l"].tolist() == [2, 2]
    assert infos["episode"]["r"].tolist() == rewards.tolist()


def test_asynchronous_vectorisation_is_right_or_refused():
    with pytest.raises(ValueError, match="shared_memory"):
        gym.make_vec("EmpathySupport-v0", num_envs=2, vectorization_mode="async")
    found = []
    for kwargs in (
        {"vectorization_mode": "async", "vector_kwargs": {"shared_memory": False, "context": "spawn"}},
        {"vectorization_mode": "sync"},
        {},
    ):
        vector = gym.make_vec("EmpathySupport-v0", num_envs=2, **kwargs)
        found.append([tuple(vector.reset(seed=4)[0]), tuple(vector.step(("What happened?", ""))[0])])
        vector.close()
    assert found[0] == found[1] == found[2]
