"""The page is made of rows alone, whatever of the study is there."""

import re

import pytest

from benchmarks.study.page import shape_of, write_pages
from benchmarks.study.rows import ANCHORS
from benchmarks.study.simulate import Shape
from tests.benchmarks.study_rows import SCALE, study


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
