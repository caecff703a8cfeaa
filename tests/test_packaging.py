"""The wheel ships ``empathy_gym`` alone, whole, and plays in an environment without torch."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import empathy_gym

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "empathy_gym"
EPISODE = """
import importlib.util, json, sys
import gymnasium as gym
import empathy_gym
assert importlib.util.find_spec("torch") is None and "site-packages" in empathy_gym.__file__
env = gym.make("EmpathySupport-v0")
env.reset(seed=0)
over = False
while not over:
    *_, terminated, truncated, info = env.step("What happened then?")
    over = terminated or truncated
assert empathy_gym.verify(json.loads(json.dumps(info["transcript"]))).ok
print(info["transcript"]["digest"])
"""

pytestmark = pytest.mark.slow


def run(*command, cwd=ROOT):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=cwd, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    tracked = tmp_path_factory.mktemp("source")
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        (tracked / name).write_bytes((ROOT / name).read_bytes())
    (tracked / "empathy_gym").symlink_to(PACKAGE)  # so that building leaves nothing in the checkout
    (tracked / "agents").symlink_to(ROOT / "agents")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, tracked)
    return next(folder.glob("*.whl"))


def test_the_wheel_ships_the_package_alone_and_whole(wheel):
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    sources = {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".tmp"
    }
    assert names == sources
    assert "empathy_gym/py.typed" in names and "empathy_gym/data/splits.json" in names


def test_what_the_wheel_says_of_itself(wheel):
    archive = zipfile.ZipFile(wheel)
    metadata = archive.read(next(n for n in archive.namelist() if n.endswith("/METADATA"))).decode()
    assert f"Version: {empathy_gym.__version__}" in metadata and "Requires-Python: >=3.10" in metadata
    required = {
        line.split(": ")[1]
        for line in metadata.splitlines()
        if line.startswith("Requires-Dist") and "extra" not in line
    }
    assert {name.split(">")[0].split("<")[0] for name in required} == {"gymnasium", "pettingzoo", "numpy"}
    run(sys.executable, "-m", "twine", "check", "--strict", wheel)


def test_the_wheel_plays_without_torch(wheel, tmp_path):
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-c",
        ROOT / "constraints.txt",
        wheel,
        cwd=tmp_path,
    )
    printed = run(python, "-c", EPISODE, cwd=tmp_path)
    here = run(
        sys.executable, "-c", EPISODE.replace('assert importlib.util.find_spec("torch") is None and', "assert True or")
    )
    assert printed == here
    assert "train" in run(python, "-m", "empathy_gym", "list", "--help", cwd=tmp_path)
