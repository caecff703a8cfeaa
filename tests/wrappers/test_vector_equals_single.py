"""Each wrapper over a vector environment equals it over single ones: native and Gymnasium's own, in every autoreset mode."""

import gymnasium as gym
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lockstep import MODES, Singles, agree
from talks import REPLIES

from empathy_gym import wrappers
from empathy_gym.envs.strategy import EmpathyStrategyEnv
from empathy_gym.envs.strategy_vector import EmpathyStrategyVectorEnv
from empathy_gym.envs.support import EmpathySupportEnv
from empathy_gym.envs.vector import EmpathySupportVectorEnv

COUNT = 3
SOME = settings(max_examples=3, suppress_health_check=[HealthCheck.too_slow])


def encode(talk):
    return list("\n".join(message["content"] for message in talk).encode("utf-8", "replace"))


def decode(ids):
    return bytes(ids).decode("latin-1")


IDS = st.lists(st.integers(0, 255), max_size=8)
PAIR = st.fixed_dictionaries({"thought": REPLIES, "reply": REPLIES})
CASES = {
    "WholeTalk": ({"max_chars": 300}, REPLIES),
    "WholeTalk with thoughts": ({"thoughts": True}, REPLIES),
    "ChatMessages": ({"system": "Listen.", "thoughts": True}, REPLIES),
    "TokenIds": ({"encode": encode, "vocabulary": 256, "length": 64, "form": "multi_discrete"}, REPLIES),
    "TokenActions": ({"decode": decode, "vocabulary": 256, "length": 8, "end": 0}, IDS),
    "TalkFeatures": ({}, REPLIES),
    "TalkFeatures in groups": ({"form": "dict"}, REPLIES),
    "ThinkingScaffold": ({}, PAIR),
    "OpenThought": ({}, REPLIES),
    "FinalReward": ({}, REPLIES),
    "ChangeReward": ({}, REPLIES),
    "SkillReward": ({"weights": {"empathic_depth": 2, "core_insight": 0.125}, "rest": 0}, REPLIES),
    "StripInfo": ({}, REPLIES),
    "FixedHorizon": ({}, REPLIES),
}
ENV = {"max_turns": 3, "scaffold": "thinking", "format_penalty": "none"}


def wrapped(case, env, vector=False):
    name = case.split()[0]
    return getattr(wrappers, f"Vector{name}" if vector else name)(env, **CASES[case][0])


@pytest.mark.parametrize("native", [True, False], ids=["native", "sync"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", CASES)
@given(data=st.data())
@SOME
def test_equal_to_single_environments(case, mode, native, data):
    seeds = data.draw(st.lists(st.integers(0, 1_000), min_size=COUNT, max_size=COUNT))
    if native:
        vector = EmpathySupportVectorEnv(COUNT, autoreset_mode=mode, **ENV)
    else:
        vector = SyncVectorEnv([lambda: EmpathySupportEnv(**ENV)] * COUNT, autoreset_mode=AutoresetMode[mode])
    singles = Singles(mode, [wrapped(case, EmpathySupportEnv(**ENV)) for _ in range(COUNT)])
    actions = st.lists(CASES[case][1], min_size=COUNT, max_size=COUNT)
    agree(wrapped(case, vector, vector=True), singles, lambda: data.draw(actions), seeds, infos_too=native)


@pytest.mark.parametrize("mode", MODES)
@given(data=st.data())
@SOME
def test_a_stack_of_them_over_moves(mode, data):
    """Text wrappers do not care whether words or moves were the actions."""

    def stack(env, prefix=""):
        kinds = [getattr(wrappers, prefix + name) for name in ("FinalReward", "WholeTalk", "StripInfo")]
        for kind in kinds:
            env = kind(env)
        return env

    vector = stack(EmpathyStrategyVectorEnv(COUNT, autoreset_mode=mode, max_turns=3), "Vector")
    singles = Singles(mode, [stack(EmpathyStrategyEnv(max_turns=3)) for _ in range(COUNT)])
    moves = st.lists(st.integers(0, 23), min_size=COUNT, max_size=COUNT)
    agree(vector, singles, lambda: data.draw(moves), [1, 2, 3])


def test_batched_samples_are_actions():
    for case in ("TokenActions", "ThinkingScaffold", "OpenThought"):
        vector = wrapped(case, gym.make_vec("EmpathySupport-v0", num_envs=2), vector=True)
        vector.reset(seed=0)
        vector.action_space.seed(0)
        for _ in range(3):
            assert vector.step(vector.action_space.sample())[-1]["_turn"].all()
