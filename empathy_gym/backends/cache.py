"""Answers on disk, by what was asked: whole files or none.

A file holds the request beside the answer, so that a person can read what was asked, and is only believed if the request in it is the one
that is asked now. A file that cannot be read counts as no file.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["AnswerCache"]


class AnswerCache:
    """A folder of answers; several threads and processes may use it at once.

    Args:
        folder: made if it is not there.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def get(self, request: Mapping[str, Any]) -> Any:
        """The answer to a JSON-able request, or None."""
        try:
            kept = json.loads(self._path(request).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        if not isinstance(kept, dict) or kept.get("request") != _plain(request):
            return None
        return kept.get("answer")

    def put(self, request: Mapping[str, Any], answer: Any) -> None:
        """Keep an answer: written beside its place and then moved there, so that nobody reads half a file."""
        path = self._path(request)
        path.parent.mkdir(exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"request": request, "answer": answer}, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def _path(self, request: Mapping[str, Any]) -> Path:
        name = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
        return self.folder / name[:2] / f"{name}.json"


def _plain(request: Mapping[str, Any]) -> Any:
    """A request as it comes back from JSON."""
    return json.loads(json.dumps(request))
