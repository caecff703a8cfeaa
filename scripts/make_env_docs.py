"""A page for each registered environment, made from its docstring.

python -m scripts.make_env_docs            # writes docs/environments/
python -m scripts.make_env_docs --check    # exit code 1 if a page there is not what would be written
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from pathlib import Path

import gymnasium as gym
from gymnasium.envs.registration import load_env_creator

import empathy_gym  # noqa: F401  (registers the ids)
from empathy_gym.registration import ENVIRONMENTS, Row

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "environments"
MADE = "<!-- Made by scripts/make_env_docs.py from the environment's docstring: change it there. -->\n"
PAGES_OF_DOCS = re.compile(r"`docs/([\w-]+\.md)`")


def pages() -> dict[str, str]:
    """Every page's text by its file's name."""
    first = {row.entry_points[0]: row for row in reversed(ENVIRONMENTS)}
    made = {f"{row.id}.md": page(row, first[row.entry_points[0]]) for row in ENVIRONMENTS}
    return {"README.md": index(first), **made}


def index(first: dict[str, Row]) -> str:
    """The table of all ids."""
    rows = "".join(f"| [`{row.id}`]({row.id}.md) | {kwargs(row)} | {summary(row)} |\n" for row in ENVIRONMENTS)
    return (
        f"{MADE}# Environments\n\n`import empathy_gym` registers them; `gym.make(id)` makes one, and `gym.make_vec(id, num_envs=N)` many.\n\n"
        f"| id | keywords | what it is |\n|---|---|---|\n{rows}"
    )


def page(row: Row, first: Row) -> str:
    """One id's page: whole for the first id of a class, and for its others what they set, with a link to the first."""
    module, vector = row.entry_points
    lines = [f"{MADE}# {row.id}", "", summary(row), "", *facts(row, vector), ""]
    if row is first:
        lines.append(body(module))
    else:
        lines.append(f"All else, spaces, rewards and `info`, is as in [`{first.id}`]({first.id}.md).")
    return "\n".join(lines).rstrip() + "\n"


def facts(row: Row, vector: str | None) -> list[str]:
    """A table of what Gymnasium says of it."""
    env = gym.make(row.id)
    found = {
        "make": f'`gym.make("{row.id}")`',
        "keywords set by the id": kwargs(row),
        "action space": f"`{env.action_space!r}`",
        "observation space": f"`{env.observation_space!r}`",
        "render modes": ", ".join(f"`{mode}`" for mode in env.metadata["render_modes"]),
        "`gym.make_vec`": "a native vector environment" if vector else "Gymnasium's `SyncVectorEnv`",
        "class": f"`{row.entry_points[0].replace(':', '.')}`",
    }
    env.close()
    return ["| | |", "|---|---|", *(f"| {name} | {said} |" for name, said in found.items())]


def kwargs(row: Row) -> str:
    """The keywords that an id sets."""
    return ", ".join(f"`{name}={value!r}`" for name, value in row.kwargs.items()) or "none"


def summary(row: Row) -> str:
    """The first sentence of the module: what the environment is, in a line."""
    module = inspect.getmodule(load_env_creator(row.entry_points[0]))
    said = (inspect.getdoc(module) or "").split("\n\n")[0].replace("\n", " ").partition(": ")[2]
    return said[:1].upper() + said[1:]


def body(entry_point: str) -> str:
    """A class's docstring as Markdown: examples fenced, pages of docs/ linked."""
    lines: list[str] = []
    inside = False
    for line in (inspect.getdoc(load_env_creator(entry_point)) or "").split("\n"):
        if line.startswith(">>>") and not inside:
            lines.append("```python")
            inside = True
        elif inside and not line:
            lines.append("```")
            inside = False
        lines.append(line)
    if inside:
        lines.append("```")
    return PAGES_OF_DOCS.sub(r"[`docs/\1`](../\1)", "\n".join(lines))


def stale(folder: Path = FOLDER) -> list[str]:
    """Names of pages that are missing, differ, or belong to no id."""
    wanted = pages()
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; say what is out of date")
    if parser.parse_args().check:
        old = stale()
        print("\n".join(f"out of date: docs/environments/{name}" for name in old) or "all up to date")
        return 1 if old else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    for path in FOLDER.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    print(f"{len(wanted)} pages written to {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
