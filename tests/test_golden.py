"""Golden talks: the same bytes under every hash seed, interpreter and NumPy that is at hand."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from empathy_gym.seeker.seeker import DYNAMICS_VERSION

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = json.loads((ROOT / "tests" / "golden" / "digests.json").read_text(encoding="ascii"))


def digests(python: str, **environment: str) -> dict[str, str]:
    command = [python, str(ROOT / "scripts" / "make_golden.py"), "--print"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=ROOT, timeout=300, check=True)
    return json.loads(done.stdout)


def test_there_are_enough_of_this_version():
    assert GOLDEN["dynamics"] == DYNAMICS_VERSION, "bump: run scripts/make_golden.py"
    assert len(GOLDEN["digests"]) >= 20


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_same_bytes_under_every_hash_seed(hash_seed):
    assert digests(sys.executable, PYTHONHASHSEED=hash_seed) == GOLDEN["digests"]


def others() -> list[str]:
    """Other interpreters: those named in EMPATHY_GYM_PYTHONS, and versions on the path that have Gymnasium."""
    named = [p for p in os.environ.get("EMPATHY_GYM_PYTHONS", "").split(os.pathsep) if p]
    on_path = [p for p in (shutil.which(f"python3.{minor}") for minor in (10, 11, 12, 13, 14)) if p]
    usable = []
    for python in [*named, *on_path]:
        done = subprocess.run(
            [python, "-c", "import gymnasium, numpy, sys; assert sys.version_info >= (3, 10)"], capture_output=True
        )
        if done.returncode == 0:
            usable.append(python)
    return usable


def test_same_bytes_under_other_interpreters():
    found = others()
    if not found:
        pytest.skip("no other Python with gymnasium at hand; name some in EMPATHY_GYM_PYTHONS")
    for python in found:
        assert digests(python) == GOLDEN["digests"], python
