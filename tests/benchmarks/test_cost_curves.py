"""Cost curves are measured, drawn and kept."""

import pytest

from benchmarks import cost_curves


def test_each_axis_changes_one_thing():
    base = cost_curves.BASE
    assert cost_curves.job("turns", 3).turns == 3 and cost_curves.job("reply tokens", 5).new == 5
    many = cost_curves.job("dialogues", 16)
    assert many.scripts * many.generations == 16 and many.turns == base.turns
    with pytest.raises(ValueError, match="dialogues, turns, reply tokens"):
        cost_curves.job("width", 1)


def test_points_in_proportion_have_exponent_one():
    points = [{"x": x, **{name: 2.0 * x for name in (*cost_curves.FIGURES, "tokens")}} for x in (1, 2, 8)]
    assert set(cost_curves.exponents(points).values()) == {1.0}


@pytest.mark.slow
def test_a_curve_is_drawn_and_not_measured_twice(tmp_path):
    command = ["--axes", "turns", "--points", "2", "--steps", "1", "--threads", "1", "--out", str(tmp_path)]
    found = cost_curves.main(command)
    assert [p["x"] for p in found["curves"]["turns"]] == [1, 2]
    assert "<svg" in (tmp_path / "nano.svg").read_text()
    assert cost_curves.main(command) == found
