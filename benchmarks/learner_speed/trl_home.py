"""A virtual environment of its own for TRL, so that its pins and ours leave each other alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TORCH = "torch==2.13.0"
TRL = ("trl==1.16.0", "transformers==5.23.0")
"""The versions that are compared with; one command for both, because trl alone may move transformers."""


def trl_python(cache: Path) -> Path:
    """The Python that has TRL, made under ``cache`` if it is not there.

    Raises:
        subprocess.CalledProcessError: if something cannot be installed; what is half there is finished the next time.
    """
    home = cache / "trl"
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    ready = home / "ready"
    wanted = " ".join((TORCH, *TRL))
    if ready.exists() and ready.read_text(encoding="utf-8") == wanted:
        return python
    print(f"making {home} with {wanted}", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, TORCH], check=True)
    subprocess.run([*install, *TRL], check=True)
    ready.write_text(wanted, encoding="utf-8")
    return python
