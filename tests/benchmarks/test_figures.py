"""The small benchmarks run, and their figures mean what they say."""

import json

import gymnasium as gym
import numpy as np

import benchmarks.paraphrases.__main__ as paraphrases
from agents.scripted import SUPPORTERS
from benchmarks import policy_order, skills
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


def test_paraphrases_earn_harms_cost_and_shuffled_words_earn_nothing():
    rows = paraphrases.groups("dev")
    worth = {act: np.mean([row["worth"] for row in rows if row["act"] == act]) for act in ("understanding", "harm")}
    mixed = np.mean([row["mixed"] for row in rows if row["act"] == "understanding"])
    assert worth["harm"] < 0 < worth["understanding"]
    assert mixed < worth["understanding"] / 3


def test_paraphrases_belong_to_their_split():
    for path in paraphrases.FOLDER.glob("*.jsonl"):
        for line in path.read_text(encoding="ascii").splitlines():
            row = json.loads(line)
            assert bank.stories()[row["story"]].split == path.stem and len(set(row["wordings"])) == 4


def test_there_is_a_specialist_for_each_skill():
    assert tuple(skills.SPECIALISTS) == SKILLS


def test_calibration_shares_lie_in_their_range():
    from agents.evaluate import run

    talks = run(SUPPORTERS["stock_comfort"](), episodes=6, split="train")
    assert 0 <= expressed(talks) <= 1
    assert len(talk_share(talks)) == 3
