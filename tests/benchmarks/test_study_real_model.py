"""Few pairs of a real model: told with the p that so few can reach, and never mixed with another dynamics version's."""

import json

import pytest

from benchmarks.study import real_model
from benchmarks.study.blocks import hypertext, markdown
from benchmarks.study.page import write_pages
from benchmarks.study.real_sections import real
from empathy_gym.seeker.ledger import SKILLS
from empathy_gym.seeker.seeker import DYNAMICS_VERSION
from tests.benchmarks.study_rows import SCALE, study


def look(level, final):
    return {
        "final_emotion": final, "normalised": dict.fromkeys(SKILLS, level), "well_formed": 0.9, "reply_words": 30.0, "unfinished": 0.1,
        "understood": 2.0, "made_up": 0.5, "made_up_twice": 0.2,
    }  # fmt: skip


def row(scaffold, seed, after, **changes):
    return {
        "dynamics": DYNAMICS_VERSION, "machine": "2 cores", "agent": "model", "arm": "fast", "scaffold": scaffold, "seed": seed, "stage": "trained",
        "episodes": 120, "minutes": 4, "warm_steps": 48, "dialogues": 96, "dtype": "bfloat16", "updates": 15 + seed,
        "before": look(0.1, 30.0), "after": look(after, 50.0 + 10 * after), **changes,
    }  # fmt: skip


ROWS = [row("thinking", seed, 0.5 + 0.01 * seed) for seed in range(3)] + [row("direct", seed, 0.3) for seed in range(3)]


def test_three_pairs_are_told_with_the_least_p_that_they_can_reach():
    (group,) = real_model.alike(ROWS)
    told = real_model.contrast(real_model.pairs(group), "after")
    assert told["empathic_depth"]["t"].mean == pytest.approx(0.21) and told["empathic_depth"]["p"] == 0.25
    assert told["final"]["differences"] == pytest.approx([2.0, 2.1, 2.2])
    text = markdown("Page", real(ROWS), "study.html")
    for words in (
        "Exploratory",
        "3 pairs of seeds",
        "can give 0.25 at least",
        "no difference here can reach 0.05",
        "thinking 15 to 17",
        "What it cannot",
    ):
        assert words in text
    assert "that fit their story" not in text and "<table>" in hypertext(real(ROWS))


def test_claims_are_shown_where_all_rows_have_them():
    rows = [
        {**r, **{when: {**r[when], "claims": 5.0, "claims_fit": 0.4} for when in ("before", "after")}} for r in ROWS
    ]
    assert "that fit their story" in markdown("Page", real(rows), "study.html")


def test_other_dynamics_minutes_and_rows_without_a_pair_are_not_mixed_in(tmp_path):
    path = tmp_path / "rows.jsonl"
    stale, raw = row("direct", 0, 0.9, dynamics="0.1"), {"dynamics": DYNAMICS_VERSION, "stage": "raw"}
    path.write_text(
        "".join(json.dumps(r) + "\n" for r in (stale, raw, {"dynamics": "0.1"}, row("direct", 0, 0.9), *ROWS))
    )
    found = real_model.load(path)
    assert len(found) == 6 and all(r["after"]["normalised"]["empathic_depth"] != 0.9 for r in found)
    longer = row("thinking", 3, 0.5, minutes=8)
    assert len(real_model.alike([*ROWS, longer])) == 2
    (group,) = real_model.alike([row("thinking", 0, 0.5), row("direct", 1, 0.5)])
    assert real_model.pairs(group) == [] and real_model.contrast([], "after") is None


def test_the_page_has_the_section_with_rows_and_without(tmp_path):
    found = study({}, seeds=2)
    bare, _ = write_pages(found, SCALE, tmp_path, studies=20)
    assert f"No training of a chat model is recorded on dynamics {DYNAMICS_VERSION}" in bare.read_text()
    full, _ = write_pages(found, SCALE, tmp_path, studies=20, real=ROWS)
    assert "## A real model" in full.read_text() and "no difference here can reach" in full.read_text()
    assert full.read_text().count("## Before training") == 1
