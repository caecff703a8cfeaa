"""The page is made of rows alone, whatever of the study is there."""

import re

import numpy as np
import pytest

from benchmarks.study.analysis import relabelled
from benchmarks.study.page import shape_of, write_pages
from benchmarks.study.rows import ANCHORS
from benchmarks.study.simulate import Shape
from empathy_gym.seeker.ledger import SKILLS
from tests.benchmarks.study_rows import CEILING, SCALE, SEEKERS, columns, study


def test_the_page_tells_the_verdict_and_stands_alone(tmp_path):
    found = study({"empathic_depth": 0.3, "solution_crafting": -0.3}, seeds=4)
    markdown, html = (path.read_text() for path in write_pages(found, SCALE, tmp_path, studies=20))
    for heading in (
        "The answer",
        "Before training",
        "All contrasts",
        "RLVER's figures beside ours",
        "What this can and cannot say",
    ):
        assert heading in markdown and heading in html.replace("&#x27;", "'")
    assert html.count("<svg") >= 6 and not re.search(r"(src|href)=.https?:", html)
    assert not re.search(r"\bnan\b", markdown)
    assert "79.2" in markdown  # RLVER's own


def test_a_page_of_one_cell(tmp_path):
    found = {name: row for name, row in study({}, seeds=1).items() if name == ANCHORS or "thinking" in name}
    markdown, _ = write_pages(found, SCALE, tmp_path, studies=20)
    assert "Too few cells" in markdown.read_text()


def test_a_page_of_earlier_seekers_says_so(tmp_path):
    found = study({}, seeds=1)
    now, _ = write_pages(found, SCALE, tmp_path / "now", studies=20)
    assert "These are seekers of dynamics" not in now.read_text()
    old = {name: {**row, "dynamics": "0.1"} for name, row in found.items()}
    then, _ = write_pages(old, SCALE, tmp_path / "then", studies=20)
    assert "**These are seekers of dynamics 0.1**" in then.read_text()


def test_no_page_without_rows(tmp_path):
    with pytest.raises(ValueError, match="make study"):
        write_pages({}, SCALE, tmp_path)


def test_deviations_come_from_the_rows():
    assert shape_of(study({}, seeds=1)) == Shape()
    wide, narrow = (shape_of(study({}, spread=spread)) for spread in (0.3, 0.03))
    assert wide.seed == pytest.approx(0.3, rel=0.4) and narrow.seed < 0.1
    assert wide.talk == pytest.approx(0.2, rel=0.2) and wide.seeds == 8


def written(found, folder):
    markdown, _ = write_pages(found, SCALE, folder, studies=20)
    return markdown.read_text()


def test_an_effect_the_other_way_is_not_called_equal(tmp_path):
    page = written(study({"empathic_depth": -0.3}), tmp_path)
    assert "counts as: refuted" in page
    line = next(line for line in page.splitlines() if line.startswith("- *empathic depth*"))
    assert "the other way from what was predicted" in line and "equivalent" not in line
    assert "in empathic depth they differ the other way" in page


def test_skills_that_hardly_moved_are_named_and_the_answer_stays(tmp_path):
    found = study({"empathic_depth": -0.2, "core_insight": -0.2, "solution_crafting": -0.2})
    page = written(found, tmp_path / "some")  # thinking stays where it was, direct does not
    assert "less than the smallest effect in either arm" not in page
    for row in found.values():
        if "after" in row:  # back to where they began
            row["after"] = {**row["before"]}
    page = written(found, tmp_path / "none")
    assert "Training moved empathic depth, core insight and solution crafting by less than the smallest effect" in page
    assert page.count("more than twice what either arm moved, so that by itself rules out little") == 3


def test_no_answer_names_the_skills_that_are_open(tmp_path):
    page = written(study({}, spread=0.5), tmp_path)
    assert "**There is no answer: in " in page and "neither the predicted effect nor equivalence is shown.**" in page


def test_the_plans_rules_for_the_cause_are_applied(tmp_path):
    found = study({"empathic_depth": 0.3})
    assert "thinking minus placebo is not run yet; thinking minus budget is not run yet" in written(
        found, tmp_path / "a"
    )
    for seed in range(8):
        row = found[f"thinking-grpo-vanilla-none-{seed}"]
        name = f"thinking-grpo-vanilla-placebo-{seed}"
        found[name] = {**row, "cell": name, "control": "placebo"}
        for scaffold in ("thinking", "direct"):
            name = f"{scaffold}-grpo-vanilla-others-{seed}"
            found[name] = {**row, "cell": name, "control": "others", "scaffold": scaffold}
    page = written(found, tmp_path / "b")
    assert "within the smallest effect: a pause does it and not the thought" in page
    first = page.index("**The imitated thoughts made the difference in empathic depth**")
    assert first < page.index("counts as: supported in part")


def test_exchanges_that_change_something_say_so(tmp_path):
    rng = np.random.default_rng(5)
    found = study({})
    for seed in range(8):
        row = found[f"thinking-grpo-vanilla-none-{seed}"]
        row["thoughts"] = {"own": columns(rng, 0.5), "swapped": columns(rng, {**dict.fromkeys(SKILLS, 0.5), "core_insight": 0.1})}  # fmt: skip
    assert "is shown in core insight (1 of 1 intervals): there replies use their thoughts" in written(found, tmp_path)


def test_a_direct_policy_that_thinks_aloud_is_named_and_its_pair_left_out_once(tmp_path):
    found = study({})
    for name, row in found.items():
        if name.startswith("direct"):
            loud = name == "direct-grpo-vanilla-none-5"
            row["after"]["vanilla"]["tokens"]["thought"] = [40 if loud else 0] * SEEKERS
    page = written(found, tmp_path)
    assert "After training `direct-grpo-vanilla-none-5` (5.0 tokens a reply) did so; of the 7 pairs without" in page


def test_a_skill_in_which_all_stand_above_the_oracle_cannot_be_read(tmp_path):
    found = study({})
    anchors = found[ANCHORS]["supporters"]
    assert "cannot be read" not in written(found, tmp_path / "a")
    for kind in ("vanilla", "challenging"):
        anchors["oracle"][kind]["skills"]["dialogue_guidance"] = [CEILING // 6] * SEEKERS
    assert "**Dialogue guidance cannot be read on this scale.**" in written(found, tmp_path / "b")


def test_runs_are_dealt_anew_only_where_there_could_be_an_alarm(tmp_path):
    assert relabelled(study({}, seeds=5), draws=10) is None
    bare = {name: row for name, row in study({}).items() if "null" not in name}
    assert relabelled(bare, draws=10) is None
    assert relabelled(study({}, seeds=6), draws=10) is not None
