"""What the page on several agents shows is what runs."""

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "multiagent.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("number", range(2))
def test_the_examples_run(number):
    space = {}
    exec(BLOCKS[number], space)
    assert not space["env"].agents


def test_no_example_is_left_out():
    assert len(BLOCKS) == 2
