"""The figures of the calibration are what they say."""

import numpy as np
import pytest

from agents.evaluate import run
from agents.scripted import STRATEGIES, SUPPORTERS
from benchmarks.calibration import accepted, by, distress_left, lag_one, stages


def talk(*emotions):
    return {"emotions": list(emotions), "final_emotion": emotions[-1]}


def test_distress_left():
    assert distress_left([talk(50, 75), talk(0, 100)]) == pytest.approx(0.25)


def test_acceptance_counts_turns():
    assert accepted([talk(10, 20, 15, 15, 16)]) == pytest.approx(0.5)


def test_lag_one_pairs_changes_of_one_talk_alone():
    assert lag_one([talk(0, 1, 3, 6), talk(0, 5, 9, 12)]) == pytest.approx(
        np.corrcoef([1, 2, 5, 4], [2, 3, 4, 3])[0, 1]
    )


def test_on_real_talks():
    talks = run(SUPPORTERS["random"](), episodes=12, split="train")
    assert set(stages(talks)) == set(STRATEGIES) - {"other"}
    temperaments = by(talks, "temperament")
    assert list(temperaments.values()) == sorted(temperaments.values())
