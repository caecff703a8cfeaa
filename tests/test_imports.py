"""Imports go one way: seeker <- envs <- wrappers, multi, integrations; empathy_gym <- agents <- benchmarks."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = {
    "torch",
    "transformers",
    "tokenizers",
    "requests",
    "httpx",
    "aiohttp",
    "PIL",
    "openai",
    "trl",
    "verl",
    "verifiers",
}
LEAVES = {"files", "errors", "version"}
"""Modules of the package that import none of its parts."""

MAY_IMPORT = {
    "seeker": {"seeker"},
    "envs": {"seeker", "envs", "transcript", "render", "frames"},
    "transcript": {"seeker", "envs"},
    "render": {"seeker", "envs"},
    "frames": {"seeker", "envs", "render"},
    "serve": {"seeker", "envs", "transcript", "render", "serve"},
    "wrappers": {"seeker", "envs", "transcript", "wrappers"},
    "multi": {"seeker", "envs", "transcript", "render", "multi"},
    "backends": {"seeker", "envs", "transcript", "backends"},
    "errors": set(),
    "version": set(),
    "registration": set(),
}
"""Part of the package: the parts that it may import. Parts that are not named here may import all."""

OUTSIDE = {
    "seeker": {"numpy"},
    "envs": {"numpy", "gymnasium"},
    "frames": {"numpy", "gymnasium", "PIL"},
    "serve": {"gymnasium"},
    "multi": {"numpy", "gymnasium", "pettingzoo"},
}
"""Third-party packages by part; all others may import gymnasium and numpy."""


def modules(folder):
    return sorted(path for path in (ROOT / folder).rglob("*.py"))


def imported(path, top_level=False):
    """The dotted names that a module imports; only those that run at its import, if asked for."""
    nodes = _running(ast.parse(path.read_text(encoding="utf-8")).body) if top_level else None
    found = set()
    for node in nodes if nodes is not None else ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: expected absolute imports, got a relative one"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _running(body):
    """Statements that run when a module is imported: not those of functions, nor those for type checkers."""
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        yield node
        for name in ("body", "orelse", "finalbody"):
            yield from _running(getattr(node, name, None) or [])


def part_of(path):
    return path.relative_to(ROOT / "empathy_gym").parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules("empathy_gym"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_package_imports_one_way(path):
    part = part_of(path)
    names = imported(path)
    roots = {name.split(".")[0] for name in names}
    assert not roots & {"agents", "benchmarks", "tests", "scripts"}
    own = {name.split(".")[1] for name in names if name.startswith("empathy_gym.")} - LEAVES
    assert own <= MAY_IMPORT.get(part, own), f"{part} imports {sorted(own - MAY_IMPORT[part])}"
    if part != "integrations":
        outside = roots - set(sys.stdlib_module_names) - {"empathy_gym"}
        allowed = OUTSIDE.get(part, {"numpy", "gymnasium"})
        if part == "backends":
            allowed = outside
        assert outside <= allowed, f"{part} imports {sorted(outside - allowed)}"


def test_nothing_heavy_at_import():
    for path in modules("empathy_gym"):
        assert not {name.split(".")[0] for name in imported(path, top_level=True)} & HEAVY or "integrations" in str(
            path
        )
    code = (
        "import sys, gymnasium; before = set(sys.modules); import empathy_gym; "
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}), 'http.client' in set(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    *loaded, http = done.stdout.split()
    assert not set(loaded) & HEAVY and http == "False"


@pytest.mark.parametrize("path", modules("agents"), ids=lambda path: str(path.relative_to(ROOT)))
def test_agents_import_no_benchmarks(path):
    assert not {name.split(".")[0] for name in imported(path)} & {"benchmarks", "tests", "scripts"}


def test_the_competent_supporter_sees_the_talk_alone():
    for name in ("competent.py", "talk.py"):
        assert not [found for found in imported(ROOT / "agents" / name) if found.startswith("empathy_gym")]


def test_modules_stay_readable():
    for path in modules("empathy_gym/envs") + [
        ROOT / "empathy_gym" / f"{name}.py" for name in ("render", "transcript")
    ]:
        assert len(path.read_text(encoding="utf-8").splitlines()) < 400, path
