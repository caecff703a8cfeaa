"""What an environment asks of another seeker: a language model or a person in place of the scripted one.

The classes that do it stand in :mod:`empathy_gym.backends`, which the environments do not import: a backend is handed in as an object, or
named by a JSON-able row that is resolved when the environment is made.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Protocol

from gymnasium.envs.registration import EnvSpec

from empathy_gym.errors import InvalidOption
from empathy_gym.seeker.scenario import Scenario
from empathy_gym.seeker.seeker import Turn

__all__ = ["Backend", "BackendSeeker", "declared", "read_all", "resolve"]


class BackendSeeker(Protocol):
    """One simulated or real person in one talk; what :class:`~empathy_gym.seeker.seeker.Seeker` is to the scripted environment.

    Attributes:
        scenario: who the seeker is and what happened.
        opening: the first line.
        messages: what was heard so far, ``[{"role", "content"}]``.
        emotion: milli-points.
    """

    scenario: Scenario
    opening: str
    messages: list[dict[str, str]]
    emotion: int

    def read(self, reply: str) -> Any:
        """What the seeker would feel and say; may take long, may raise, and changes nothing."""

    def hear(self, reply: str, reading: Any = None) -> Turn:
        """Take a reply; ``reading`` is ``read(reply)``, where it has been made already. After an error the seeker is as it was."""

    def privileged(self) -> dict[str, Any]:
        """What a policy must not see, JSON-able."""

    def record(self) -> dict[str, Any]:
        """What a transcript keeps beside the turns: who answered and what was thought, JSON-able."""


class Backend(Protocol):
    """Makes seekers.

    Attributes:
        name: short, for transcripts.
        nondeterministic: whether the same seed and replies may give another talk.
        concurrency: seekers that may be asked at the same time, at least 1.
    """

    name: str
    nondeterministic: bool
    concurrency: int

    def seeker(self, scenario: Scenario, key: int, difficulty: int) -> BackendSeeker:
        """A seeker for one talk; ``difficulty`` in per mille."""


def resolve(backend: Any) -> Backend | None:
    """The backend that an environment's keyword means.

    Args:
        backend: None (the scripted seeker), an object with a :class:`Backend`'s attributes, or a JSON-able row
            ``{"entry_point": "module:Class", ...}`` whose other entries are the class's keywords.

    Raises:
        InvalidOption: for anything else.
    """
    if isinstance(backend, Mapping):
        backend = _made(dict(backend))
    if backend is None:
        return None
    if isinstance(backend, type):
        raise InvalidOption(f"backend: expected a backend, got the class {backend.__name__}: call it")
    missing = [name for name in ("name", "nondeterministic", "concurrency", "seeker") if not hasattr(backend, name)]
    if missing:
        got = type(backend).__name__
        raise InvalidOption(
            f"backend: expected None, a backend or {{'entry_point': 'module:Class', …}}, got {got} without {', '.join(missing)}"
        )
    return backend  # type: ignore[no-any-return]


def _made(row: dict[str, Any]) -> Any:
    entry_point = row.pop("entry_point", None)
    if not isinstance(entry_point, str) or entry_point.count(":") != 1:
        raise InvalidOption(f"backend: entry_point: expected 'module:Class', got {entry_point!r}")
    module, name = entry_point.split(":")
    try:
        made = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise InvalidOption(f"backend: entry_point: expected a class that can be imported, got {error}") from error
    try:
        return made(**row)
    except TypeError as error:
        raise InvalidOption(f"backend: expected the keywords of {name}, got {error}") from error


def read_all(backend: Backend, asked: Sequence[tuple[BackendSeeker, str]]) -> list[Any]:
    """What several seekers would feel and say, asked at the same time as far as the backend allows, in the given order.

    All are waited for before an error of one is raised; no talk is changed.
    """
    if backend.concurrency == 1 or len(asked) < 2:
        return [seeker.read(reply) for seeker, reply in asked]
    with ThreadPoolExecutor(min(backend.concurrency, len(asked))) as pool:
        waiting = [pool.submit(seeker.read, reply) for seeker, reply in asked]
    return [one.result() for one in waiting]


def declared(spec: EnvSpec | None, backend: Backend | None) -> EnvSpec | None:
    """The spec of an environment with that backend: nondeterministic if the backend is."""
    if spec is None or backend is None or not backend.nondeterministic:
        return spec
    return replace(spec, nondeterministic=True)
