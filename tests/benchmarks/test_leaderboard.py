"""The leaderboard ranks lines of the installed dynamics."""

import pytest

from agents.scripted import SUPPORTERS
from benchmarks.leaderboard import board, entry
from empathy_gym.seeker.seeker import DYNAMICS_VERSION


def test_lines_are_ranked_and_other_dynamics_left_out():
    lines = [entry(SUPPORTERS[name](), name, episodes=3) for name in ("silent", "oracle")]
    now = [{**line, "dynamics": DYNAMICS_VERSION} for line in lines]
    page = board([*now, {**lines[0], "name": "ancient", "dynamics": "0.0"}])
    assert page.index("oracle (privileged)") < page.index("silent") and "ancient" not in page
    assert len({line.count("|") for line in page.splitlines() if line.startswith("|")}) == 1


def test_a_name_that_breaks_the_table_is_refused():
    with pytest.raises(ValueError, match="without |"):
        entry(SUPPORTERS["silent"](), "a|b", episodes=1)
