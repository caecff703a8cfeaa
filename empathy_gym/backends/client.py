"""One call to a language model: any OpenAI-compatible endpoint over HTTP, by the standard library alone.

A call is tried once; trying again is :mod:`~empathy_gym.backends.language_model`'s concern.
"""

from __future__ import annotations

import http.client
import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

from empathy_gym.backends.deadline import HANDLERS, Deadline
from empathy_gym.errors import InvalidOption

__all__ = ["ChatClient", "Completion", "EndpointClient", "Refused", "Unanswered"]

MOST_BYTES = 4_000_000
"""No more of an answer is read; a chat completion of one turn is a few kilobytes."""

FORMATS = ("json_schema", "json_object", "none")
LOOPBACK = ("localhost", "127.0.0.1", "::1")

_PASSING = (408, 409, 425, 429)
"""Client errors of HTTP that may be gone the next time: time-out, conflict, too early, too many requests."""

Message = Mapping[str, str]


@dataclass(frozen=True)
class Completion:
    """What a model answered.

    Attributes:
        text: the answer, as it came.
        prompt_tokens: tokens read, 0 where the server does not say.
        completion_tokens: tokens written, 0 where the server does not say.
        cut: whether the answer ran into its token limit.
    """

    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cut: bool = False


class Unanswered(Exception):
    """No usable answer came, and one may come the next time; ``wait``: seconds that the server asked for, or None."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Refused(Exception):
    """The server will not answer this request: a wrong key, model or address. Trying again is of no use."""


class ChatClient(Protocol):
    """Whatever completes a chat.

    Attributes:
        identity: JSON-able; two clients with the same identity would give the same answers. Holds no secret.
    """

    identity: dict[str, Any]

    def complete(self, messages: Sequence[Message], max_tokens: int, schema: Mapping[str, Any]) -> Completion:
        """One answer, by greedy decoding; raises :class:`Unanswered` or :class:`Refused`."""


class EndpointClient:
    """A model behind ``POST {base_url}/chat/completions``, at temperature 0.

    Args:
        base_url: up to and including the version, for instance ``http://127.0.0.1:8000/v1``.
        model: the server's name of the model.
        timeout: seconds that one call may take in all.
        api_key_env: the environment variable that holds the key; None sends none. The key is read at each call and kept nowhere.
        structured: how the server is asked for JSON: ``json_schema``, ``json_object`` or ``none``.
        seed: sent along for servers that take one.
        extra: further entries of the request, for instance ``{"reasoning_effort": "low"}``.

    Raises:
        InvalidOption: naming the keyword.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        timeout: float = 60.0,
        api_key_env: str | None = None,
        structured: str = "json_schema",
        seed: int = 0,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        parts = _split(base_url)
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise InvalidOption(f"base_url: expected http(s)://host[:port]/v1 without a password, got {base_url!r}")
        if not isinstance(model, str) or not model:
            raise InvalidOption(f"model: expected the server's name of a model, got {model!r}")
        if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not 0 < timeout < float("inf"):
            raise InvalidOption(f"timeout: expected seconds above 0, got {timeout!r}")
        if structured not in FORMATS:
            raise InvalidOption(f"structured: expected one of {', '.join(FORMATS)}, got {structured!r}")
        self.url = base_url.rstrip("/") + "/chat/completions"
        self.timeout, self.api_key_env, self.structured = timeout, api_key_env, structured
        self.identity: dict[str, Any] = {
            "base_url": base_url.rstrip("/"), "model": model, "structured": structured, "seed": seed, "extra": dict(extra or {}),
        }  # fmt: skip
        # A proxy never sees what stays on this machine; a redirect would take the key elsewhere, so none is followed.
        proxies = [urllib.request.ProxyHandler({})] if parts.hostname in LOOPBACK else []
        self._opener = urllib.request.build_opener(_NoRedirect, *HANDLERS, *proxies)

    def complete(self, messages: Sequence[Message], max_tokens: int, schema: Mapping[str, Any]) -> Completion:
        """See :class:`ChatClient`."""
        asked = {
            **self.identity["extra"], "model": self.identity["model"], "messages": [dict(m) for m in messages],
            "temperature": 0, "seed": self.identity["seed"], "max_tokens": max_tokens, **self._format(schema),
        }  # fmt: skip
        request = urllib.request.Request(self.url, json.dumps(asked).encode(), self._headers(), method="POST")
        with Deadline(self.timeout) as deadline:
            request.deadline = deadline  # type: ignore[attr-defined]
            try:
                return _completion(self._body(request))
            except urllib.error.HTTPError as error:
                raise _of_status(error) from error
            except (OSError, http.client.HTTPException) as error:  # time-outs and lost connections among them
                reason = f"longer than {self.timeout} s" if deadline.over else f"{type(error).__name__}: {error}"
                raise Unanswered(f"no answer from {self.url}: {reason}") from error

    def _body(self, request: urllib.request.Request) -> bytes:
        """The answer's body."""
        parts: list[bytes] = []
        with self._opener.open(request, timeout=self.timeout) as response:
            expected = response.headers.get("Content-Length")
            while part := response.read1(65_536):
                parts.append(part)
                if sum(map(len, parts)) > MOST_BYTES:
                    raise Unanswered(f"expected an answer of at most {MOST_BYTES} bytes, got more")
        if request.deadline.over:  # type: ignore[attr-defined]
            raise TimeoutError
        body = b"".join(parts)
        if expected is not None and expected.isdigit() and len(body) != int(expected):
            raise Unanswered(f"expected an answer of {expected} bytes, got {len(body)}: the connection broke")
        return body

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": "empathy_gym"}
        if self.api_key_env is not None:
            key = os.environ.get(self.api_key_env)
            if not key:
                raise Refused(f"api_key_env: expected a key in ${self.api_key_env}, got nothing")
            headers["Authorization"] = f"Bearer {key}"
        return headers

    def _format(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        if self.structured == "none":
            return {}
        if self.structured == "json_object":
            return {"response_format": {"type": "json_object"}}
        named = {"name": "turn", "strict": True, "schema": dict(schema)}
        return {"response_format": {"type": "json_schema", "json_schema": named}}


def _split(base_url: Any) -> SplitResult | None:
    """An address's parts; None if it is none, or one that no request can be made of."""
    if not isinstance(base_url, str) or not base_url.isascii():
        return None
    try:
        parts = urlsplit(base_url)
        _ = parts.port  # raises for what is no number
    except ValueError:
        return None
    return parts


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _of_status(error: urllib.error.HTTPError) -> Exception:
    """What an HTTP error means for the caller, with the beginning of what the server said."""
    try:
        said = error.read(300).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        said = ""
    message = f"HTTP {error.code}: {said}".rstrip(": ")
    if error.code in _PASSING or error.code >= 500:
        after = error.headers.get("Retry-After", "")
        return Unanswered(message, float(after) if after.isascii() and after.isdigit() else None)
    return Refused(message)


def _completion(body: bytes) -> Completion:
    try:
        data = json.loads(body)
        choice = data["choices"][0]
        text = choice["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise Unanswered(f"expected a chat completion, got {body[:120]!r}") from error
    usage = data.get("usage")
    cut = choice.get("finish_reason") == "length"
    return Completion(
        text if isinstance(text, str) else "", _count(usage, "prompt_tokens"), _count(usage, "completion_tokens"), cut
    )


def _count(usage: Any, name: str) -> int:
    value = usage.get(name) if isinstance(usage, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
