"""The library that lets MKL use an AMD processor's wide kernels: built whole, answering yes, and errors with names."""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "mkl_on_amd.py"
needs_compiler = pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which(os.environ.get("CC") or "cc") is None,
    reason="needs Linux and a C compiler",
)


def run(*arguments, **env):
    return subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, arguments)], capture_output=True, text=True, env={**os.environ, **env}
    )


@needs_compiler
def test_it_answers_yes_and_is_built_once(tmp_path):
    out = tmp_path / "new" / "yes.so"
    first = run("--out", out)
    assert first.returncode == 0 and first.stdout.strip() == str(out), first.stderr
    library = ctypes.CDLL(str(out))
    assert library.mkl_serv_intel_cpu() == 1 and library.mkl_serv_intel_cpu_true() == 1
    written = out.stat().st_mtime_ns
    assert run("--out", out).returncode == 0
    assert out.stat().st_mtime_ns == written
    assert list(out.parent.iterdir()) == [out]


@needs_compiler
def test_products_stay_those_of_single_precision(tmp_path):
    library = run("--out", tmp_path / "yes.so").stdout.strip()
    code = (
        "import torch; torch.manual_seed(0); a = torch.randn(64, 512); b = torch.randn(512, 96);"
        "print(float((a @ b - (a.double() @ b.double())).abs().max()))"
    )
    env = {**os.environ, "LD_PRELOAD": library}
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert ended.returncode == 0, ended.stderr
    assert float(ended.stdout) < 1e-3


def test_without_a_compiler_it_says_so(tmp_path):
    ended = run("--out", tmp_path / "yes.so", CC="no-such-compiler")
    assert ended.returncode != 0 and not list(tmp_path.iterdir())
    if sys.platform.startswith("linux"):
        assert ended.stderr.strip() == (
            "mkl_on_amd: expected a C compiler (CC, else cc), got no 'no-such-compiler' on the path"
        )


@needs_compiler
def test_a_compiler_that_fails_is_quoted_and_leaves_nothing(tmp_path):
    ended = run("--out", tmp_path / "yes.so", CC="false")
    assert ended.returncode != 0 and "expected false to compile" in ended.stderr
    assert not list(tmp_path.iterdir())
