"""A language model as the seeker, SAGE's way (arXiv 2505.02847): it says how the person feels, what they think and what they say.

    backend = LanguageModelBackend(EndpointClient("http://127.0.0.1:8000/v1", "my-model"), cache="runs/answers")
    env = gym.make("EmpathySupport-v0", backend=backend)

Opening line and first emotion are the scripted seeker's. From then on one call a turn, at temperature 0, moves the emotion. The ledger has one
line for it, ``judged``, without a skill: which skill earned it is something that this seeker does not say.
"""

from __future__ import annotations

import json
import os
import random
import time
import warnings
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from typing import Any

from empathy_gym.backends.answer import Answer, Malformed, parse
from empathy_gym.backends.cache import AnswerCache
from empathy_gym.backends.client import ChatClient, Completion, EndpointClient, Refused, Unanswered
from empathy_gym.backends.judged import turn_of
from empathy_gym.backends.meter import Meter
from empathy_gym.backends.prompt import SCHEMA, ask_again, build
from empathy_gym.errors import BackendFailed, InvalidOption
from empathy_gym.seeker.scenario import Scenario
from empathy_gym.seeker.seeker import Seeker, Turn

__all__ = ["HELD_LINE", "Judgement", "LanguageModelBackend", "LanguageModelSeeker", "Retries"]

PROMPT_VERSION = 1
"""Part of what the cache looks up; bumped when :mod:`~empathy_gym.backends.answer` changes what it takes."""

HELD_LINE = "Sorry, I lost you for a moment. Where were we?"
"""Said at a turn at which no answer could be had; the emotion stays."""

ON_FAILURE = ("raise", "hold")


@dataclass(frozen=True)
class Retries:
    """How often a turn is tried, and how long to wait in between.

    Attributes:
        attempts: calls a turn at most, at least 1.
        first_pause: seconds before the second call after one without an answer; doubles with each further one, less up to a half by chance.
        longest_pause: seconds; also for what a server asks for.
    """

    attempts: int = 4
    first_pause: float = 0.5
    longest_pause: float = 20.0

    def __post_init__(self) -> None:
        if not isinstance(self.attempts, int) or isinstance(self.attempts, bool) or self.attempts < 1:
            raise InvalidOption(f"retries: attempts: expected a whole number of at least 1, got {self.attempts!r}")
        if self.first_pause < 0 or self.longest_pause < 0:
            raise InvalidOption(
                f"retries: expected pauses of at least 0 s, got {self.first_pause}, {self.longest_pause}"
            )

    def pause(self, failures: int, wait: float | None) -> float:
        """Seconds to wait after so many calls without an answer; ``wait``: what the server asked for."""
        wanted = self.first_pause * 2.0 ** min(failures - 1, 30) * random.uniform(0.5, 1) if wait is None else wait
        return min(wanted, self.longest_pause)


@dataclass(frozen=True)
class Judgement:
    """What was made of one reply; kept in the transcript.

    Attributes:
        analysis, thoughts: the model's words.
        given: the change as the model gave it, points.
        change: within ±10, points; 0 where the emotion was held.
        line: what is said next.
        calls: made for it; 0 from the cache.
        faults: of the calls that could not be used.
        held: whether no answer could be had.
    """

    analysis: str
    thoughts: str
    given: int
    change: int
    line: str
    calls: int
    faults: tuple[str, ...] = ()
    held: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Fresh JSON-able data."""
        return {**asdict(self), "faults": list(self.faults)}


class LanguageModelBackend:
    """Makes seekers that a language model plays; ``gym.make(..., backend=this)``.

    Args:
        client: what completes a chat; or the keywords of an :class:`~empathy_gym.backends.client.EndpointClient` as a mapping.
        cache: a folder for answers; None asks every time.
        log: a file to which each judgement is appended as a JSON line; None writes none.
        retries: how often a turn is tried; or the keywords of :class:`Retries` as a mapping.
        on_failure: when all calls of a turn fail, ``raise`` raises :class:`~empathy_gym.errors.BackendFailed` and leaves the talk as it was, so that
            the same ``step`` can be called again; ``hold`` keeps the emotion, says :data:`HELD_LINE` and goes on. A refusal always raises.
        max_tokens: of an answer.
        concurrency: calls at the same time in a vector environment.

    Attributes:
        meter: what was used.
    """

    nondeterministic = True

    def __init__(
        self,
        client: ChatClient | Mapping[str, Any],
        *,
        cache: str | os.PathLike[str] | None = None,
        log: str | os.PathLike[str] | None = None,
        retries: Retries | Mapping[str, Any] = Retries(),  # noqa: B008  (frozen)
        on_failure: str = "raise",
        max_tokens: int = 600,
        concurrency: int = 8,
    ) -> None:
        if on_failure not in ON_FAILURE:
            raise InvalidOption(f"on_failure: expected {' or '.join(ON_FAILURE)}, got {on_failure!r}")
        for name, value in (("max_tokens", max_tokens), ("concurrency", concurrency)):
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise InvalidOption(f"{name}: expected a whole number of at least 1, got {value!r}")
        self.client: ChatClient = EndpointClient(**client) if isinstance(client, Mapping) else client
        if not callable(getattr(self.client, "complete", None)) or not isinstance(
            getattr(self.client, "identity", None), Mapping
        ):
            raise InvalidOption(f"client: expected a chat client or EndpointClient's keywords, got {client!r:.80}")
        self.cache = None if cache is None else AnswerCache(cache)
        self.log = None if log is None else _log_file(log)
        self.retries = Retries(**retries) if isinstance(retries, Mapping) else retries
        if not isinstance(self.retries, Retries):
            raise InvalidOption(f"retries: expected Retries or its keywords, got {retries!r:.80}")
        self.on_failure, self.max_tokens, self.concurrency = on_failure, max_tokens, concurrency
        self.name = f"language_model:{self.client.identity.get('model', '?')}"
        self.meter = Meter()

    def __deepcopy__(self, memo: Any) -> LanguageModelBackend:
        # Gymnasium copies the keywords of an environment with its spec; they share client, cache and meter.
        return self

    def seeker(self, scenario: Scenario, key: int, difficulty: int) -> LanguageModelSeeker:
        """See :class:`~empathy_gym.envs.backend.Backend`."""
        return LanguageModelSeeker(self, scenario, key, difficulty)

    def judge(
        self, scenario: Scenario, messages: Sequence[Mapping[str, str]], emotion: int, difficulty: int = 0
    ) -> Judgement:
        """What a reply does to a person.

        Args:
            scenario: who the person is.
            messages: the talk so far, its last one the supporter's.
            emotion: now, milli-points.
            difficulty: per mille.

        Raises:
            BackendFailed: if there was no answer, or none that could be used, under ``on_failure="raise"``; if the server refuses, always.
        """
        prompt = build(scenario, messages, emotion, difficulty)
        asked = {
            "client": self.client.identity, "messages": prompt, "max_tokens": self.max_tokens, "version": PROMPT_VERSION,
        }  # fmt: skip
        found = self._cached(asked)
        if found is None:
            found = self._ask(prompt, asked)
        self.meter.add(turns=1, held=int(found.held))
        if self.log is not None:
            try:
                self._write(scenario, messages, emotion, found)
            except OSError as error:  # the answer is paid for: a full disk shall not lose it
                warnings.warn(
                    f"log: expected a file that can be written, got {self.log}: {error.strerror}", stacklevel=2
                )
        return found

    def _cached(self, asked: Mapping[str, Any]) -> Judgement | None:
        kept = None if self.cache is None else self.cache.get(asked)
        if not isinstance(kept, str):
            return None
        try:
            answer = parse(kept)
        except Malformed:
            return None
        self.meter.add(cached=1)
        return _judgement(answer, 0, ())

    def _ask(self, prompt: list[dict[str, str]], asked: Mapping[str, Any]) -> Judgement:
        """Call until an answer can be used, as often as is allowed; an answer that was used is kept."""
        faults: list[str] = []
        messages, failures = prompt, 0
        while len(faults) < self.retries.attempts:
            try:
                done = self._call(messages)
                answer = _usable(done)
            except Malformed as fault:
                faults.append(str(fault))
                self.meter.add(malformed=1)
                messages = ask_again(prompt, str(fault))
            except Unanswered as fault:
                faults.append(str(fault))
                self.meter.add(unanswered=1)
                failures += 1
                if len(faults) < self.retries.attempts:
                    time.sleep(self.retries.pause(failures, fault.wait))
            except Refused as fault:
                raise BackendFailed(f"expected an answer of {self.name}, got a refusal: {fault}") from fault
            else:
                if self.cache is not None:
                    self.cache.put(asked, done.text)
                return _judgement(answer, len(faults) + 1, tuple(faults))
        if self.on_failure == "raise":
            raise BackendFailed(
                f"expected an answer of {self.name} within {len(faults)} calls, got none that could be used; the last: {faults[-1]}"
            )
        return Judgement("", "", 0, 0, HELD_LINE, len(faults), tuple(faults), held=True)

    def _call(self, messages: Sequence[Mapping[str, str]]) -> Completion:
        begun = time.monotonic()
        try:
            done = self.client.complete(messages, self.max_tokens, SCHEMA)
        finally:
            self.meter.add(time.monotonic() - begun, calls=1)
        self.meter.add(prompt_tokens=done.prompt_tokens, completion_tokens=done.completion_tokens)
        return done

    def _write(self, scenario: Scenario, messages: Sequence[Mapping[str, str]], emotion: int, found: Judgement) -> None:
        turn = sum(m["role"] == "assistant" for m in messages)
        row = {"scenario": scenario.id, "turn": turn, "emotion": emotion, "reply": messages[-1]["content"], **found.as_dict()}  # fmt: skip
        assert self.log is not None
        _append(self.log, (json.dumps(row) + "\n").encode())


def _append(path: str, line: bytes) -> None:
    """One write of one line to a file opened for appending: lines of several threads do not mix."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)


def _log_file(log: str | os.PathLike[str]) -> str:
    """The log's path, known to take lines before any answer is paid for; its folder is made.

    Raises:
        InvalidOption: if it does not.
    """
    path = os.fspath(log)
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        _append(path, b"")
    except OSError as error:
        raise InvalidOption(f"log: expected a file that can be written, got {path}: {error.strerror}") from error
    return path


class LanguageModelSeeker:
    """One person in one talk, played by a language model; see :class:`~empathy_gym.envs.backend.BackendSeeker`."""

    def __init__(self, backend: LanguageModelBackend, scenario: Scenario, key: int, difficulty: int) -> None:
        scripted = Seeker(scenario, key, difficulty)
        self.backend, self.scenario, self.difficulty = backend, scenario, difficulty
        self.opening, self.emotion = scripted.opening, scripted.emotion
        self.messages: list[dict[str, str]] = [{"role": "user", "content": self.opening}]
        self.judgements: list[Judgement] = []
        self._hidden = scripted.privileged()
        self._read: tuple[str, Judgement] | None = None

    def read(self, reply: str) -> Judgement:
        """What the model makes of a reply; the talk is as it was. Asked again for the same reply, the same judgement."""
        if self._read is None or self._read[0] != reply:
            messages = [*self.messages, {"role": "assistant", "content": reply}]
            self._read = reply, self.backend.judge(self.scenario, messages, self.emotion, self.difficulty)
        return self._read[1]

    def hear(self, reply: str, reading: Judgement | None = None) -> Turn:
        """Take in a reply and answer it.

        Raises:
            BackendFailed: as :meth:`LanguageModelBackend.judge`; the talk is as it was.
        """
        judged = self.read(reply) if reading is None else reading
        turn = turn_of(reply, judged.line, self.emotion, judged.given, judged.change, held=judged.held)
        self.emotion = turn.emotion
        self.messages += [{"role": "assistant", "content": reply}, {"role": "user", "content": turn.line}]
        self.judgements.append(judged)
        self._read = None
        return turn

    def privileged(self) -> dict[str, Any]:
        """Intention, story, facts, and what the model thought; no channels, for this seeker has none."""
        story = {name: deepcopy(self._hidden[name]) for name in ("intention", "story", "topic", "summary", "persona")}
        return {**story, "judgements": [j.as_dict() for j in self.judgements]}

    def record(self) -> dict[str, Any]:
        """For the transcript: who answered, and every thought."""
        return {
            "name": self.backend.name,
            "nondeterministic": self.backend.nondeterministic,
            "judgements": [j.as_dict() for j in self.judgements],
        }


def _usable(done: Completion) -> Answer:
    if done.cut:
        raise Malformed(f"expected a whole JSON object, got one that was cut off after {len(done.text)} characters")
    return parse(done.text)


def _judgement(answer: Answer, calls: int, faults: tuple[str, ...]) -> Judgement:
    return Judgement(answer.analysis, answer.thoughts, answer.given, answer.change, answer.reply, calls, faults)
