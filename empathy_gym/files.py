"""Files that are written whole or not at all, beside nothing that somebody else may have there; and streams that no character breaks."""

from __future__ import annotations

import io
import os
import secrets
import sys
from pathlib import Path


def write_whole(path: Path, text: str, errors: str = "strict") -> None:
    """Write a text file in UTF-8; what was there stays until all of it is written.

    Args:
        path: its folder has to be there.
        text: its content.
        errors: what becomes of characters that UTF-8 lacks, as :func:`open` takes it.

    Raises:
        OSError: if it cannot be written.
    """
    temporary = _beside(path)
    try:
        with temporary.open("x", encoding="utf-8", errors=errors) as file:
            file.write(text)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def try_writing(path: Path) -> None:
    """Find out whether a file could be written; what is there is left as it is.

    Raises:
        OSError: if it cannot.
    """
    temporary = _beside(path)
    try:
        temporary.open("x").close()
    finally:
        temporary.unlink(missing_ok=True)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder")


def never_fail_on_characters() -> None:
    """Let this process's terminal take and give a question mark for what it has no character for: that shall not end a talk."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _beside(path: Path) -> Path:
    """A name in the same folder that nobody has."""
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
