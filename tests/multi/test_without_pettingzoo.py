"""Without PettingZoo the package works, and the environments for several agents say what to install."""

import subprocess
import sys

import pytest

HIDDEN = "import sys; sys.modules['pettingzoo'] = None; "
"""Makes the interpreter answer as it does where the library is not installed."""


def run(code):
    return subprocess.run([sys.executable, "-c", HIDDEN + code], capture_output=True, text=True)


def test_the_package_does_not_need_it():
    done = run("import gymnasium, empathy_gym; print(gymnasium.make('EmpathySupport-v0').reset(seed=0)[0])")
    assert done.returncode == 0 and done.stdout.strip(), done.stderr


@pytest.mark.parametrize("name", ["support_pair_v0", "support_circle_v0"])
def test_the_error_names_the_command(name):
    done = run(f"from empathy_gym.multi import {name}")
    assert done.returncode == 1 and "ImportError" in done.stderr
    assert "pip install 'empathy_gym[pettingzoo]'" in done.stderr
