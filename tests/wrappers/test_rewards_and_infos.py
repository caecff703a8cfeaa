"""Reward forms agree with the environment's own, and what a policy must not see is gone."""

import gymnasium as gym
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from talks import REPLIES, play

from empathy_gym import errors, wrappers
from empathy_gym.envs.strategy import EmpathyStrategyEnv
from empathy_gym.envs.support import EmpathySupportEnv
from empathy_gym.seeker.ledger import SKILLS

SOME = settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
TALKS = st.lists(REPLIES, min_size=4, max_size=4)
HIDDEN = ("emotion", "emotion_change", "ledger", "skills", "scenario", "privileged", "outcome", "transcript")


def rewards(env, replies, seed):
    return [step[1] for step in play(env, replies, seed)[1:]]


@given(replies=TALKS, seed=st.integers(0, 1_000))
@SOME
def test_reward_forms_are_the_environments_own(replies, seed):
    made = {kind: rewards(EmpathySupportEnv(reward=kind, max_turns=4), replies, seed) for kind in ("final", "change")}
    for other, wrapper in (("change", wrappers.FinalReward), ("final", wrappers.ChangeReward)):
        wanted = made["final" if other == "change" else "change"]
        assert rewards(wrapper(EmpathySupportEnv(reward=other, max_turns=4)), replies, seed) == wanted
    assert rewards(wrappers.SkillReward(EmpathySupportEnv(max_turns=4), {}), replies, seed) == made["change"]


@given(replies=TALKS, weights=st.dictionaries(st.sampled_from(SKILLS), st.floats(-2, 2)), rest=st.floats(-2, 2))
@SOME
def test_weights_multiply_the_lines_of_their_skill(replies, weights, rest):
    env = wrappers.SkillReward(EmpathySupportEnv(), weights, rest)
    for _, reward, _, _, info in play(env, replies)[1:]:
        weight = {**dict.fromkeys(SKILLS, 1.0), **weights, None: rest}
        expected = sum(weight[line["skill"]] * line["amount"] for line in info["ledger"]) / 100_000
        assert isinstance(reward, float) and abs(reward - expected) < 0.001


@pytest.mark.parametrize(
    "kind", [wrappers.FinalReward, wrappers.ChangeReward, lambda env: wrappers.SkillReward(env, {})]
)
@pytest.mark.parametrize(
    "inner",
    [
        lambda: gym.make("EmpathyCrisis-v0", max_turns=1),
        lambda: wrappers.StripInfo(EmpathySupportEnv(max_turns=1), keep=()),
    ],
)
def test_what_has_no_emotion_to_pay_by_is_named(kind, inner):
    env = kind(inner())
    env.reset(seed=0)
    with pytest.raises(errors.InvalidOption, match="info: expected '(emotion|emotion_change|ledger)', got"):
        env.step("What happened?")


def test_a_format_rule_does_not_stop_silently():
    for wrapper in (wrappers.FinalReward, wrappers.ChangeReward, lambda env: wrappers.SkillReward(env, {})):
        with pytest.raises(errors.InvalidOption, match="format_penalty='none' .* got 'share'"):
            wrapper(gym.make("EmpathySupportThinking-v0"))
        wrapper(gym.make("EmpathySupportThinking-v0", format_penalty="none"))
    for mode in ("sync", None):
        with pytest.raises(errors.InvalidOption, match="format_penalty"):
            wrappers.VectorFinalReward(
                gym.make_vec("EmpathySupportThinking-v0", num_envs=2, vectorization_mode=mode or "vector_entry_point")
            )


@pytest.mark.parametrize(
    ("weights", "rest", "words"),
    [({"kindness": 1}, 1, "weights: expected a dict by"), (["core_insight"], 1, "weights: expected"),
     ({"core_insight": "1"}, 1, r"weights\['core_insight'\]: expected"), ({}, float("nan"), "rest: expected"),
     ({"core_insight": True}, 1, "expected a number")],
)  # fmt: skip
def test_faulty_weights_are_named(weights, rest, words):
    with pytest.raises(errors.InvalidOption, match=words):
        wrappers.SkillReward(EmpathySupportEnv(), weights, rest)


def names(info):
    """All names in an info, at any depth of dicts."""
    return set(info) | {name for value in info.values() if isinstance(value, dict) for name in names(value)}


@pytest.mark.parametrize("mode", ["NEXT_STEP", "SAME_STEP"])
def test_hidden_things_are_gone_at_every_depth(mode):
    env = wrappers.StripInfo(EmpathySupportEnv(max_turns=2, privileged=True))
    for step in play(env, ["What happened?"] * 2):
        assert not names(step[-1]) & set(HIDDEN) and step[-1]["messages"]
    assert "outcome" in env.full_info and "privileged" in env.full_info
    vector = wrappers.VectorStripInfo(
        gym.make_vec("EmpathySupport-v0", num_envs=2, max_turns=2, privileged=True, autoreset_mode=mode)
    )
    infos = [vector.reset(seed=0)[1], *(vector.step(["What happened?", "Go on."])[-1] for _ in range(3))]
    for info in infos:
        assert not {name.removeprefix("_") for name in names(info)} & set(HIDDEN)
    assert ("final_info" in infos[2]) == (mode == "SAME_STEP")
    assert "emotion" in vector.full_info


def test_moves_and_what_is_asked_for_stay():
    env = wrappers.StripInfo(EmpathyStrategyEnv())
    assert {"move", "reply", "messages", "turn"} <= set(play(env, [3])[-1][-1])
    assert set(play(wrappers.StripInfo(EmpathySupportEnv(), keep=("emotion",)), ["Hm."])[-1][-1]) == {"emotion"}


def test_time_is_an_end_like_any_other():
    last = play(wrappers.FixedHorizon(EmpathySupportEnv(max_turns=2)), ["What happened?"] * 2)[-1]
    assert last[2:4] == (True, False) and last[-1]["outcome"] == "time"
