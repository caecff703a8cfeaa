"""EmpathyStrategy: moves in, features out, over the same talk."""

import json
import pickle
import warnings

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from talks import play

import empathy_gym
from empathy_gym import errors
from empathy_gym.envs.features import STRATEGY
from empathy_gym.envs.moves import MOVES, NAMES, realise
from empathy_gym.envs.strategy import EmpathyStrategyEnv
from empathy_gym.envs.support import EmpathySupportEnv
from empathy_gym.envs.topics import Visible, noun_phrases, people
from empathy_gym.seeker import bank

FEATURES = [name for rows in STRATEGY.values() for name in rows]
SOME = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
TALK = [{"role": "user", "content": "My sister Marisol took the old phone from Mrs Prosser in Leeds. I was so angry!"}]


@given(seed=st.integers(0, 10_000), moves=st.lists(st.integers(0, len(MOVES) - 1), min_size=8, max_size=8))
@SOME
def test_a_move_is_a_reply_of_the_text_environment(seed, moves):
    env, text = EmpathyStrategyEnv(), EmpathySupportEnv(reward="change")
    trace = play(env, moves, seed)
    replies = [step[-1]["reply"] for step in trace[1:]]
    for one, other in zip(trace, play(text, replies, seed), strict=True):
        info = {name: value for name, value in one[-1].items() if name not in ("move", "reply")}
        assert info == other[-1] and one[1:-1] == other[1:-1]
        assert json.loads(json.dumps(one[-1])) == one[-1]
        assert one[0] in env.observation_space and one[0].dtype == np.float32
    assert [step[-1]["move"] for step in trace[1:]] == [NAMES[move] for move in moves[: len(trace) - 1]]
    if "transcript" in trace[-1][-1]:
        assert empathy_gym.verify(trace[-1][-1]["transcript"]).ok


def test_the_same_seed_and_moves_give_the_same_words():
    one, other = (play(EmpathyStrategyEnv(), range(8), seed=7) for _ in range(2))
    assert [step[-1] for step in one] == [step[-1] for step in other]
    assert all((a[0] == b[0]).all() for a, b in zip(one, other, strict=True))


def test_the_menu_and_the_table_are_as_documented():
    page = EmpathyStrategyEnv.__doc__
    env = EmpathyStrategyEnv()
    assert f"Discrete({len(MOVES)})" in page and f"({len(FEATURES)},)" in page
    assert env.action_space.n == len(MOVES) == len(set(NAMES))
    assert env.observation_space.shape == (len(FEATURES),) and len(set(FEATURES)) == len(FEATURES)
    for number, move in enumerate(MOVES):
        assert f"{number} {move.focus}" in page and f"| {move.strategy} |" in page
        assert len(set(move.wordings)) >= 3
    for row, name in ((6, "named so far"), (18, "seems nearest"), (30, "latest line"), (41, "uses"), (65, "last move")):
        assert FEATURES[row].startswith(name) and not FEATURES[row - 1].startswith(name)


KIN = {"restatement": "reflection", "affirmation": "reflection", "suggestion": "question", "other": "suggestion"}
"""What a strategy is also read as: a feeling said back, a suggestion that asks for leave, an invitation to go on."""


def test_moves_are_read_as_what_they_are():
    read_so, total = 0, 0
    for number, move in enumerate(MOVES):
        for reply in sorted({realise(number, TALK, key) for key in range(40)}):
            assert "{" not in reply and reply[0].isupper() and len(reply) < 160
            reading = empathy_gym.read(reply, TALK)
            harms = {name: level for name, level in reading.harms.items() if name != "stock_comfort"}
            assert max(harms.values()) < 800, reply
            if move.strategy != "interpretation":
                top = max(reading.strategies, key=reading.strategies.get)
                read_so += top in (move.strategy, KIN.get(move.strategy))
                total += 1
    assert read_so >= 0.75 * total, f"{read_so} of {total}"


def test_wordings_are_not_repeated_while_there_are_others():
    env = EmpathyStrategyEnv(max_turns=4)
    replies = [step[-1]["reply"] for step in play(env, [17] * 4, seed=0)[1:]]
    assert len(set(replies)) == len(replies) == 4


def test_the_features_see_the_talk_and_the_moves():
    env = EmpathyStrategyEnv()
    obs, _ = env.reset(seed=2)
    assert not obs[41:].any() and obs[0] == 0
    obs = env.step(9)[0]
    assert obs[41 + 9] == 0.25 and obs[65 + 9] == 1 and obs[65:].sum() == 1 and obs[0] == 0.125


def test_nothing_hidden_is_seen():
    """The same visible talk gives the same observation, whoever the seeker is and whatever they feel."""
    one, other = EmpathyStrategyEnv(), EmpathyStrategyEnv(difficulty=1.5, privileged=True)
    assert (one.reset(seed=3)[0] == other.reset(seed=3)[0]).all()
    assert one.text_env.episode.seeker.emotion != other.text_env.episode.seeker.emotion


def test_masks_leave_out_what_cannot_be_spoken_of():
    env = gym.make("EmpathyStrategy-v0")
    env.reset(seed=0)
    masks = env.get_wrapper_attr("action_masks")()
    assert masks.shape == (len(MOVES),) and masks.dtype == np.bool_
    assert not masks[NAMES.index("question/earlier")] and masks[NAMES.index("question/latest")]
    told = (NAMES.index("question/latest"), NAMES.index("question/inward")) * 3
    found = False
    for seed in range(5):  # not everybody speaks of two things when asked
        env.reset(seed=seed)
        for move in told:
            env.step(move)
            found = found or bool(env.get_wrapper_attr("action_masks")()[NAMES.index("question/earlier")])
    assert found


@pytest.mark.parametrize("bad", [len(MOVES), -1, "0", None, 1.5, np.float32(1)])
def test_a_faulty_action_leaves_the_episode_as_it_was(bad):
    env, other = EmpathyStrategyEnv(), EmpathyStrategyEnv()
    env.reset(seed=1), other.reset(seed=1)
    with pytest.raises(errors.InvalidAction, match="whole number from 0 to 23, got"):
        env.step(bad)
    assert env.step(3)[-1] == other.step(3)[-1]
    assert env.step(np.int64(3))[-1] == other.step(3)[-1]


def test_faulty_calls_are_named():
    env = EmpathyStrategyEnv(max_turns=1)
    for call in (lambda: env.step(0), env.action_masks):
        with pytest.raises(gym.error.ResetNeeded, match="reset"):
            call()
    with pytest.raises(errors.InvalidOption, match="options"):
        env.reset(options={"persona": 1})
    with pytest.raises(TypeError, match="scaffold"):
        EmpathyStrategyEnv(scaffold="thinking")
    env.reset()
    env.step(0)
    with pytest.raises(errors.EpisodeOver, match="reset"):
        env.step(0)


def test_pickled_environments_play_on_equal():
    env = EmpathyStrategyEnv()
    env.reset(seed=5)
    env.step(1)
    twin = pickle.loads(pickle.dumps(env))
    for move in (9, 2, 23):
        assert env.step(move)[-1] == twin.step(move)[-1]
    assert env.reset()[1] == twin.reset()[1]


def test_what_is_heard_in_a_line():
    line = TALK[0]["content"]
    assert noun_phrases(line) == ("your sister", "Marisol", "the old phone", "Mrs Prosser")
    assert people(line) == ("your sister", "Marisol", "Mrs Prosser")
    visible = Visible.of(TALK)
    assert visible.person == "your sister" and visible.feeling == "anger" and visible.named == {"anger"}
    assert visible.earlier == () and visible.lines == 1
    later = Visible.of([*TALK, {"role": "assistant", "content": "Oh."}, {"role": "user", "content": "The dog died."}])
    assert later.here == ("the dog",) and later.earlier[0] == "your sister" and later.feeling == "grief"
    assert noun_phrases("") == () and noun_phrases("The. My, her") == ()


def test_every_opening_can_be_met():
    for split in bank.SPLITS:
        for scenario_id in bank.scenario_ids(split)[:10]:
            env = EmpathyStrategyEnv()
            env.reset(seed=0, options={"scenario": scenario_id})
            for move in range(3):
                env.step(move)


def test_choosing_pays():
    """One step of foresight beats chance by far: the menu is worth learning."""
    rng = np.random.default_rng(0)

    def chance(env):
        return int(rng.integers(len(MOVES)))

    def foresight(env):
        frozen = pickle.dumps(env)
        return max(range(len(MOVES)), key=lambda move: pickle.loads(frozen).step(move)[1])

    def mean(policy):
        finals = []
        for seed in range(6):
            env = EmpathyStrategyEnv()
            env.reset(seed=seed)
            over = False
            while not over:
                *_, terminated, truncated, info = env.step(policy(env))
                over = terminated or truncated
            finals.append(info["emotion"] / 1000)
        return np.mean(finals)

    assert mean(foresight) > mean(chance) + 15


def test_both_forms_show_the_same():
    flat, grouped = EmpathyStrategyEnv(), gym.make("EmpathyStrategy-v0", observation="dict").unwrapped
    for one, two in zip(play(flat, (0, 9, 2)), play(grouped, (0, 9, 2)), strict=True):
        assert two[0] in grouped.observation_space
        mask = two[0].pop("action_mask")
        assert np.array_equal(np.concatenate(list(two[0].values())), one[0]) and list(two[0]) == list(STRATEGY)
    assert (mask == grouped.action_masks()).all() and mask.dtype == np.int8
    with pytest.raises(errors.InvalidOption, match="observation: expected one of flat, dict, got 'text'"):
        EmpathyStrategyEnv(observation="text")


def test_the_grouped_form_keeps_the_contract():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(gym.make("EmpathyStrategy-v0", observation="dict").unwrapped)
