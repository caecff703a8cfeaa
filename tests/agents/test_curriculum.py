"""The curriculum plays more of what teaches, gives nothing up, and is fixed by seed, step and what was recorded."""

from collections import Counter
from dataclasses import replace

import pytest

from agents.learner.curriculum import FORGET, UNIFORM, Curriculum
from agents.presets import Preset
from tests.agents.parallel_worker import trainer


def known(deviations, seed=0):
    found = Curriculum(seed, len(deviations))
    for entry, d in enumerate(deviations):
        found.record(entry, [0.5 - d / 2**0.5, 0.5 + d / 2**0.5])
        assert found.deviation(entry) == pytest.approx(d)
    return found


def test_choices_follow_the_deviation_and_a_fifth_is_uniform():
    curriculum, n = known([0.0, 0.1, 0.3]), 4_000
    counts = Counter(curriculum.choose(step, 1)[0] for step in range(n))
    for entry, share in ((0, 0.0), (1, 0.25), (2, 0.75)):
        expected = UNIFORM / 3 + (1 - UNIFORM) * share
        assert counts[entry] / n == pytest.approx(expected, abs=4 * (expected * (1 - expected) / n) ** 0.5)


def test_a_step_has_no_scenario_twice_and_every_choice_is_repeatable():
    curriculum, again, other = known([0.1] * 10), known([0.1] * 10), known([0.1] * 10, seed=1)
    steps = [curriculum.choose(step, 6) for step in range(50)]
    assert all(len(set(chosen)) == 6 for chosen in steps)
    assert steps == [again.choose(step, 6) for step in range(50)] != [other.choose(step, 6) for step in range(50)]
    assert sorted(curriculum.choose(0, 10)) == list(range(10))


def test_where_nothing_varies_all_are_chosen_alike():
    counts = Counter(known([0.0] * 4).choose(step, 1)[0] for step in range(2_000))
    assert all(400 < counts[entry] < 600 for entry in range(4))


def test_what_was_never_played_counts_as_the_liveliest():
    curriculum = Curriculum(0, 3)
    assert curriculum.deviation(0) == 1.0
    curriculum.record(0, [0.0, 0.2])
    curriculum.record(1, [0.0, 0.0])
    assert curriculum.deviation(2) == curriculum.deviation(0) > curriculum.deviation(1) == 0.0


def test_old_visits_are_forgotten():
    curriculum = Curriculum(0, 1)
    curriculum.record(0, [0.0, 1.0])
    curriculum.record(0, [0.6, 0.6])
    assert curriculum.means[0] == pytest.approx((1 - FORGET) * 0.5 + FORGET * 0.6)
    assert curriculum.deviation(0) ** 2 == pytest.approx((1 - FORGET) * 0.5)


def test_of_lone_dialogues_the_distance_from_the_mean_is_noted():
    curriculum = Curriculum(0, 2)
    curriculum.record(0, [0.2])
    assert curriculum.deviation(0) == 1.0  # one return has no deviation
    curriculum.record(0, [0.5])
    assert curriculum.deviation(0) == pytest.approx(0.3)
    assert curriculum.figures() == {"pool_played": 0.5, "pool_std": pytest.approx(0.3)}


def test_state_comes_back():
    curriculum, other = known([0.1, 0.2, 0.0]), Curriculum(0, 3)
    other.load_state_dict(curriculum.state_dict())
    other.record(1, [0.0, 1.0])
    assert curriculum.deviation(1) == pytest.approx(0.2)  # not shared
    curriculum.record(1, [0.0, 1.0])
    assert vars(curriculum) == vars(other)


def test_a_run_with_a_pool_meets_its_scenarios_again_and_resumes_to_the_same_choices(tmp_path):
    whole, half = trainer("pool", tmp_path / "whole"), trainer("pool", tmp_path / "half")
    whole.run()
    half.run(until=2)
    again = trainer("pool", tmp_path / "half")
    assert again.restore() and again.run()
    assert vars(again.curriculum) == vars(whole.curriculum)
    assert sum(whole.curriculum.visits) == 4 * 2 and whole.curriculum.key(3) == again.curriculum.key(3)


def test_contradictions_raise():
    with pytest.raises(ValueError, match="pool: expected at least 1 scenario, got 0"):
        Curriculum(0, 0)
    with pytest.raises(ValueError, match="pool: expected at least the 3 scenarios of a step, got 2"):
        Curriculum(0, 2).choose(0, 3)
    with pytest.raises(ValueError, match="pool: expected 0 or at least the 8 scenarios of a step, got 4"):
        replace(Preset(), pool=4)
