"""Let PyTorch's MKL use the wide kernels of an AMD processor; prints the path of the library that does it.

    LD_PRELOAD=$(python scripts/mkl_on_amd.py) make demo

MKL asks who made the processor before it asks what it can do, and on one that is not Intel's it takes its AVX2 kernels even where AVX-512 is there. The
library answers that question with yes; what the processor can do is still looked up. Linux and a C compiler are needed. Results differ in the order of
sums alone, as between any two processors. Nothing of this is needed for results, only for their speed: ``docs/learner.md`` has the figures.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = "int mkl_serv_intel_cpu(void) { return 1; }\nint mkl_serv_intel_cpu_true(void) { return 1; }\n"
"""MKL's question, under its two names."""


def build(out: Path) -> Path:
    """Compile the library to ``out``, whole or not at all; one that is there is left as it is.

    Raises:
        RuntimeError: on another system than Linux, without a C compiler, or with the compiler's own words where it fails.
    """
    if not sys.platform.startswith("linux"):
        raise RuntimeError(f"mkl_on_amd: expected Linux, whose loader reads LD_PRELOAD, got {sys.platform}")
    compiler = os.environ.get("CC") or "cc"
    if shutil.which(compiler) is None:
        raise RuntimeError(f"mkl_on_amd: expected a C compiler (CC, else cc), got no {compiler!r} on the path")
    if not out.exists():
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent) as folder:
            made = Path(folder) / out.name
            command = [compiler, "-shared", "-fPIC", "-O2", "-x", "c", "-o", str(made), "-"]
            ended = subprocess.run(command, input=SOURCE, text=True, capture_output=True)
            if ended.returncode:
                raise RuntimeError(f"mkl_on_amd: expected {compiler} to compile, got: {ended.stderr.strip()}")
            made.replace(out)
    return out.resolve()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("runs/mkl_on_amd.so"), help="default: %(default)s")
    try:
        print(build(parser.parse_args().out))
    except (OSError, RuntimeError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
