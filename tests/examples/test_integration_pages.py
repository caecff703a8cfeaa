"""What the pages on reinforcement-learning libraries show is what runs, where the library is there."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "integrations"
NEEDS = {
    "stable-baselines3.md": "sb3_contrib",
    "cleanrl.md": "gymnasium",
    "gymnasium.md": "gymnasium",
    "pettingzoo.md": "pettingzoo",
    "rllib.md": "gymnasium",
    "torchrl.md": "torchrl",
    "tianshou.md": "tianshou",
}


@pytest.mark.parametrize("page", NEEDS)
def test_the_blocks_run(page):
    pytest.importorskip(NEEDS[page])
    blocks = re.findall(r"```python\n(.*?)```", (FOLDER / page).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        exec(block, {"__name__": "page"})


def test_the_index_names_every_page_and_every_link_leads_somewhere():
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    for page in NEEDS:
        assert f"({page})" in index
        for link in re.findall(r"\]\(([^)#]+)", (FOLDER / page).read_text(encoding="utf-8")):
            assert (FOLDER / link).resolve().exists(), f"{page}: {link}"
