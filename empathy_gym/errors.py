"""Named errors, one flat family. Each message says what was expected and what came."""

from __future__ import annotations

__all__ = [
    "BackendFailed",
    "EmpathyGymError",
    "EpisodeOver",
    "InvalidAction",
    "InvalidOption",
    "InvalidScenario",
    "InvalidTranscript",
    "UnknownScenario",
]


class EmpathyGymError(Exception):
    """Base of every error that this package raises by itself."""

    def __str__(self) -> str:
        # KeyError would show its message in quotation marks; a sentence should read as one.
        return str(self.args[0]) if self.args else ""


class InvalidAction(EmpathyGymError, TypeError):
    """An action is not what the environment takes: a string, or a move of the menu. The episode is as it was before."""


class InvalidOption(EmpathyGymError, ValueError):
    """A keyword, an option or an argument has a value that it cannot have."""


class InvalidScenario(EmpathyGymError, ValueError):
    """A file of the bank breaks the schema; the message names file, place and field."""


class InvalidTranscript(EmpathyGymError, ValueError):
    """A transcript does not have a transcript's form."""


class UnknownScenario(EmpathyGymError, KeyError):
    """The bank has no scenario of that id."""


class EpisodeOver(EmpathyGymError, RuntimeError):
    """``step`` was called after the episode's end, without a ``reset``."""


class BackendFailed(EmpathyGymError, RuntimeError):
    """Another seeker (a language model, a person) gave no answer that could be used. The episode is as it was before."""
