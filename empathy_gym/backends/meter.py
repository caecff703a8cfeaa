"""What a backend has used: calls, tokens and time, counted across threads."""

from __future__ import annotations

import threading

__all__ = ["Meter"]

COUNTS = ("turns", "cached", "calls", "malformed", "unanswered", "held", "prompt_tokens", "completion_tokens")
"""Turns judged; of those from the cache; calls made; of those with an answer that could not be used; of those with none; turns at which the
emotion was held because every call failed; tokens read and written, as the server counts them."""


class Meter:
    """Counters that only grow; see :data:`COUNTS`, and ``seconds`` spent in calls (calls at the same time add up)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = dict.fromkeys(COUNTS, 0)
        self._seconds = 0.0

    def add(self, seconds: float = 0.0, **counts: int) -> None:
        """Count; a name that is not in :data:`COUNTS` raises KeyError."""
        with self._lock:
            self._seconds += seconds
            for name, by in counts.items():
                self._counts[name] += by

    def read(self) -> dict[str, int | float]:
        """All counters, as fresh JSON-able data."""
        with self._lock:
            return {**self._counts, "seconds": round(self._seconds, 3)}
