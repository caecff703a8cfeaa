"""The small benchmarks run, and their figures mean what they say."""

import gymnasium as gym

from agents.scripted import SUPPORTERS
from benchmarks import paraphrases, policy_order, skills
from benchmarks.calibration import expressed, talk_share
from empathy_gym.seeker import bank
from empathy_gym.seeker.ledger import SKILLS


def test_order_counts_ties_at_the_ends_alone():
    assert policy_order.kept([100.0, 100.0, 30.0, 20.0, 5.0]) == [True, True, True, True]
    assert policy_order.kept([90.0, 50.0, 30.0, 30.0, 9.0]) == [True, True, False, True]


def test_final_is_the_environments_own():
    env = gym.make("EmpathySupport-v0", privileged=True)
    scenario = bank.scenario_ids("train")[0]
    assert policy_order.final(env, "hostile", scenario, 0) < 15 < policy_order.final(env, "oracle", scenario, 0)


def test_a_paraphrase_earns_and_its_shuffle_does_not():
    scenario = bank.scenario(bank.scenario_ids("train")[0])
    whole = sum(paraphrases.gain(scenario, f, paraphrases.said(g)) for f in scenario.story.facts for g in f.gists)
    noise = sum(
        paraphrases.gain(scenario, f, "qwerty uiop asdf ghjk zxcv.") for f in scenario.story.facts for _ in f.gists
    )
    assert whole > 0 >= noise


def test_there_is_a_specialist_for_each_skill():
    assert tuple(skills.SPECIALISTS) == SKILLS


def test_calibration_shares_lie_in_their_range():
    from agents.evaluate import run

    talks = run(SUPPORTERS["stock_comfort"](), episodes=6, split="train")
    assert 0 <= expressed(talks) <= 1
    assert len(talk_share(talks)) == 3
