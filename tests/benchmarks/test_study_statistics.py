"""The study's statistics by hand, and against studies whose truth is known."""

import numpy as np
import pytest

from benchmarks.study import inference
from benchmarks.study.analysis import CONTRASTS, analysis, contrasted, relabelled, text, verdict
from benchmarks.study.simulate import Shape, coverage, false_alarms, power
from empathy_gym.seeker.ledger import SKILLS
from tests.benchmarks.study_rows import study

RNG = np.random.default_rng(0)


def test_students_t_is_the_tables():
    for p, df, value in ((0.975, 7, 2.365), (0.95, 1, 6.314), (0.975, 30, 2.042), (0.95, 7, 1.895)):
        assert inference.t_quantile(p, df) == pytest.approx(value, abs=1e-3)
        assert inference.t_tail(value, df) == pytest.approx(1 - p, abs=1e-3)


def test_scipy_says_the_same_where_it_is_installed():
    stats = pytest.importorskip("scipy.stats")
    x = RNG.normal(0.3, 1, 8)
    low, high = stats.t.interval(0.95, 7, x.mean(), x.std(ddof=1) / np.sqrt(8))
    assert inference.t_interval(x)[1:] == pytest.approx((low, high), abs=1e-4)
    exact = stats.permutation_test((x,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert inference.sign_flip(x) == pytest.approx(exact.pvalue)


def test_eight_pairs_of_one_sign_reach_the_smallest_p():
    assert inference.sign_flip([1, 2, 3, 4, 5, 6, 7, 8]) == 2 / 256
    assert inference.sign_flip([1, -1]) == 1
    with pytest.raises(ValueError, match="generator"):
        inference.sign_flip(np.ones(20))
    assert inference.sign_flip(np.ones(20), RNG, 1_000) < 0.01


def test_holm_by_hand():
    assert inference.holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06})


def test_equivalence_agrees_with_the_90_per_cent_interval():
    x = RNG.normal(0.02, 0.05, 8)
    for margin in (0.01, 0.05, 0.08, 0.2):
        _, low, high = inference.t_interval(x, 0.90)
        assert (inference.equivalent(x, margin) < 0.05) == (-margin < low and high < margin)


def test_improvement_counts_ties_half():
    assert inference.improvement([1, 1], [1, 1], RNG).mean == 0.5
    assert inference.improvement([2, 3], [0, 1], RNG) == (1, 1, 1)


def test_faulty_values_are_named():
    with pytest.raises(ValueError, match="at least 2"):
        inference.t_interval([1.0])
    with pytest.raises(ValueError, match="finite"):
        inference.sign_flip([1.0, float("nan")])


def test_stories_drawn_anew_widen_the_interval():
    seekers = np.repeat(RNG.normal(0, 1, 8), 4)
    x = seekers[None] + RNG.normal(0, 0.1, (8, 32))
    _, low, high = inference.clustered(x, [str(i // 4) for i in range(32)], RNG)
    t = inference.t_interval(x.mean(axis=1))
    assert high - low > 3 * (t.high - t.low)


@pytest.mark.parametrize("skewed", [False, True])
def test_intervals_cover_at_the_studys_shape(skewed):
    for held in coverage(Shape(skewed=skewed), studies=600, reps=600).values():
        assert 0.92 <= held <= 0.98


def test_where_there_is_nothing_tests_keep_their_level():
    found = false_alarms(Shape(), studies=600)
    assert all(rate < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 600) for rate in found.values())
    assert power(Shape(), 0.3, studies=50) > 0.9


def test_a_difference_is_found_where_it_is_and_nowhere_else():
    found = study({"empathic_depth": 0.3, "solution_crafting": -0.3})
    result = analysis(found)
    skills = result["contrasts"]["primary"]["skills"]
    assert skills["empathic_depth"]["holm"] < 0.05 and skills["solution_crafting"]["holm"] < 0.05
    assert skills["empathic_depth"]["t"].mean == pytest.approx(0.3, abs=0.08)
    assert skills["dialogue_guidance"]["equivalent"] < 0.05
    assert result["verdict"] == "supported"
    before = result["contrasts"]["before"]["skills"]
    assert all(before[name]["equivalent"] < 0.05 for name in SKILLS)
    assert "primary contrast: supported" in text(result)


def test_equal_arms_refute_and_wide_ones_do_not_answer():
    assert analysis(study({}))["verdict"] == "refuted"
    assert analysis(study({}, spread=0.5))["verdict"] == "no answer"
    assert analysis(study({"core_insight": 0.3}))["verdict"] == "supported in part"
    assert verdict(None) == "no answer"


def test_the_null_arm_dealt_anew_keeps_the_level():
    found = relabelled(study({}), draws=300)
    assert found["a skill"] < 0.1 and found["any of five, corrected"] < 0.1


def test_contrasts_that_were_not_run_are_none():
    found = study({}, seeds=2)
    ran = {c.name for c in CONTRASTS if contrasted(found, c) is not None}
    assert ran == {"primary", "before", "growth", "transfer", "null"}
