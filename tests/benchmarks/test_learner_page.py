"""The learner's page names presets, files and tests that there are."""

import re
from pathlib import Path

import pytest

from agents.presets import PRESETS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "learner.md").read_text(encoding="utf-8")


def test_every_preset_has_its_command():
    assert all(f"--preset {name}" in PAGE for name in PRESETS)


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:agents|benchmarks|scripts|tests)/[\w/]+\.py)[`:]", PAGE)))
)
def test_files_exist(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("path,name", sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE))))
def test_tests_exist(path, name):
    assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")


def test_details_are_numbered_without_gaps():
    section = PAGE.split("## Implementation details")[1].split("## How to read")[0]
    numbers = [int(n) for n in re.findall(r"^(\d+)\. ", section, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
