"""The page names every wrapper, and its first example runs."""

import inspect
import re
from pathlib import Path

from empathy_gym import wrappers

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "wrappers.md").read_text(encoding="utf-8")


def test_every_wrapper_is_named_with_its_arguments():

    for name in wrappers.__all__:
        if not name.startswith("Vector"):
            assert f"`{name}({', '.join(inspect.signature(getattr(wrappers, name)).parameters)})`" in PAGE, name


def test_the_example_runs():
    scope = {}
    exec(re.search(r"```python\n(.*?)```", PAGE, re.S).group(1), scope)
    assert [message["role"] for message in scope["messages"]] == ["system", "user"]
    assert set(scope["info"]) == {"messages", "turn", "thought"}
