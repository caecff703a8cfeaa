"""The server behind the page: the standard library's, on the loopback address alone.

    GET    /                     the page, its style and its script
    POST   /api/talks            {seed, scenario, split, difficulty, max_turns}, all optional -> 201 {token, talk}
    GET    /api/talk[?reveal=1]  -> talk
    POST   /api/talk             {reply, turn, reveal} -> talk; ``turn`` is how many replies the sender knows of
    DELETE /api/talk             -> 204
    GET    /api/talk/transcript  -> the transcript, as ``empathy_gym.verify`` takes it
    GET    /api/talk/report      -> the talk as one HTML page

A talk is named by ``Authorization: Bearer TOKEN``. What goes wrong comes back as ``{"error": {"name", "message"}}``. A page of another site
that the same browser shows can reach no talk: the host's name and the origin are checked, and bodies must be JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import Any
from urllib.parse import parse_qs, urlsplit

from empathy_gym.envs.episode import Episode
from empathy_gym.errors import EmpathyGymError, EpisodeOver, InvalidOption, UnknownScenario
from empathy_gym.render import STYLE, page, transcript_html
from empathy_gym.serve.sessions import Session, Sessions, UnknownSession, begin, view
from empathy_gym.transcript import build

__all__ = ["HOST", "SeekerServer", "open_server"]

HOST = "127.0.0.1"
"""Nobody else's machine can reach it."""

MOST_BYTES = 400_000
"""Of a body: a reply of 40,000 characters, each written as ``\\uXXXX``, and some more."""

PATIENCE_S = 30
"""How long a connection may say nothing, seconds."""

OWN_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
REPORT = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

STATUS: tuple[tuple[type[EmpathyGymError], HTTPStatus], ...] = (
    (UnknownSession, HTTPStatus.UNAUTHORIZED),
    (EpisodeOver, HTTPStatus.CONFLICT),
    (UnknownScenario, HTTPStatus.NOT_FOUND),
    (EmpathyGymError, HTTPStatus.BAD_REQUEST),
)
"""How each error is answered; the first that fits."""

Answer = tuple[HTTPStatus, str, bytes]
"""Status, kind of content, content."""


class Refused(Exception):
    """A request that is no request of the page's."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class SeekerServer(ThreadingHTTPServer):
    """Serves the page and the talks; ``serve_forever`` runs it, ``url`` says where.

    Args:
        port: 0 takes any that is free.
        log: takes one line a request; None for silence.
    """

    daemon_threads = True

    def __init__(self, port: int, log: Callable[[str], None] | None = None) -> None:
        super().__init__((HOST, port), _Handler)
        self.sessions = Sessions()
        self.log = log
        folder = resources.files("empathy_gym.serve")
        own = {name: folder.joinpath(name).read_text(encoding="utf-8") for name in ("page.html", "page.css", "page.js")}
        self.files = {
            "/": ("text/html", own["page.html"].encode()),
            "/page.css": ("text/css", (STYLE + own["page.css"]).encode()),
            "/page.js": ("text/javascript", own["page.js"].encode()),
        }

    @property
    def url(self) -> str:
        """Of the page."""
        return f"http://{HOST}:{self.server_port}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away in the middle is no error."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def open_server(port: int, log: Callable[[str], None] | None = None) -> SeekerServer:
    """A server that listens; the caller runs and closes it.

    Raises:
        InvalidOption: if the port cannot be had.
    """
    if not 0 <= port <= 65_535:
        raise InvalidOption(f"port: expected a whole number from 0 to 65535, got {port}")
    try:
        return SeekerServer(port, log)
    except OSError as error:
        raise InvalidOption(f"port: expected one that is free, got {port} ({error.strerror})") from error


class _Handler(BaseHTTPRequestHandler):
    server: SeekerServer
    server_version = "empathy_gym"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE_S
    path = ""  # until a request line has been read

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the library refuses by itself, such as other methods, in this server's words."""
        self.close_connection = True
        status, kind, content = _error(HTTPStatus(code), "Refused", f"{code}: {message or HTTPStatus(code).phrase}")
        self._send(status, kind, content)

    def _serve(self) -> None:
        if self.command != "POST" and self.headers.get("Content-Length", "0") != "0":
            self.close_connection = True  # a body that nobody reads would be taken for the next request
        try:
            self._check_sender()
            status, kind, content = self._answer()
        except Refused as error:
            self.close_connection = True  # its body may not have been read
            status, kind, content = _error(error.status, "Refused", str(error))
        except EmpathyGymError as error:
            found = next(status for known, status in STATUS if isinstance(error, known))
            status, kind, content = _error(found, type(error).__name__, str(error))
        self._send(status, kind, content)

    def _answer(self) -> Answer:
        try:
            url = urlsplit(self.path)
        except ValueError as error:
            raise Refused(HTTPStatus.BAD_REQUEST, f"expected a path of this server, got {self.path[:80]}") from error
        if self.command == "GET" and url.path in self.server.files:
            return (HTTPStatus.OK, *self.server.files[url.path])
        routes = {
            ("POST", "/api/talks"): self._begin,
            ("GET", "/api/talk"): lambda: self._look(parse_qs(url.query).get("reveal") == ["1"]),
            ("POST", "/api/talk"): self._reply,
            ("DELETE", "/api/talk"): self._end,
            ("GET", "/api/talk/transcript"): self._transcript,
            ("GET", "/api/talk/report"): self._report,
        }
        if (self.command, url.path) in routes:
            return routes[self.command, url.path]()
        if any(path == url.path for _, path in routes) or url.path in self.server.files:
            raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, f"{url.path} does not take {self.command}")
        raise Refused(HTTPStatus.NOT_FOUND, f"expected a path of this server, got {url.path[:80]}")

    def _begin(self) -> Answer:
        episode = begin(self._body())
        token = self.server.sessions.add(episode)
        return _json({"token": token, "talk": view(episode, False)}, HTTPStatus.CREATED)

    def _look(self, reveal: bool) -> Answer:
        return self._with_talk(lambda episode: _json(view(episode, reveal)))

    def _reply(self) -> Answer:
        body = self._body()
        if not isinstance(body, dict):
            raise InvalidOption(f"body: expected an object, got {type(body).__name__}")

        def step(episode: Episode) -> Answer:
            if body.get("turn", episode.turn) != episode.turn:
                raise Refused(HTTPStatus.CONFLICT, f"turn: expected {episode.turn}, got {body['turn']!r}")
            episode.step(body.get("reply"))  # type: ignore[arg-type]  # names what came, if it is no string
            return _json(view(episode, body.get("reveal") is True))

        return self._with_talk(step)

    def _end(self) -> Answer:
        self.server.sessions.end(self._token())
        return HTTPStatus.NO_CONTENT, "application/json", b""

    def _transcript(self) -> Answer:
        return self._with_talk(lambda episode: _json(build(episode)))

    def _report(self) -> Answer:
        def made(episode: Episode) -> Answer:
            text = page("A talk with a seeker", transcript_html(build(episode), "Transcript"))
            return HTTPStatus.OK, "text/html", text.encode("utf-8", errors="replace")

        return self._with_talk(made)

    def _with_talk(self, use: Callable[[Episode], Answer]) -> Answer:
        session: Session = self.server.sessions.get(self._token())
        with session.lock:
            return use(session.episode)

    def _token(self) -> str:
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or not token:
            raise UnknownSession("Authorization: expected Bearer and the token of a talk, got none")
        return token

    def _check_sender(self) -> None:
        """Refuse other sites' pages: by the name they called this server, and by their origin."""
        hosts = {f"{name}:{self.server.server_port}" for name in (HOST, "localhost")}
        if self.headers.get("Host") not in hosts:
            raise Refused(HTTPStatus.FORBIDDEN, f"Host: expected {HOST}:{self.server.server_port}, got another")
        origin = self.headers.get("Origin")
        if origin is not None and origin not in {f"http://{host}" for host in hosts}:
            raise Refused(HTTPStatus.FORBIDDEN, "Origin: expected this server's page, got another site")

    def _body(self) -> Any:
        if self.headers.get_content_type() != "application/json":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Type: expected application/json, got another")
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "Content-Length: expected the body's length in bytes, got none")
        if len(length) > 9 or int(length) > MOST_BYTES:
            raise Refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"body: expected at most {MOST_BYTES} bytes, got {length[:20]}"
            )
        try:
            return json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError) as error:
            raise Refused(HTTPStatus.BAD_REQUEST, f"body: expected JSON, got something else ({error})") from error

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", REPORT if self.path.startswith("/api/talk/report") else OWN_PAGE)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        if self.server.log is not None:
            self.server.log(format % args)


def _json(value: Any, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    return status, "application/json", json.dumps(value).encode("ascii")


def _error(status: HTTPStatus, name: str, message: str) -> Answer:
    return _json({"error": {"name": name, "message": message}}, status)
