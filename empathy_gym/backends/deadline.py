"""HTTP whose whole call has one time limit: connecting, sending, headers and body together, however slowly they come."""

from __future__ import annotations

import http.client
import socket
import threading
import urllib.request
from typing import Any


class Deadline:
    """Ends a call's connections when its time is over; a context.

    A socket's own time-out begins anew with each byte, so a server that sends one now and then could hold a caller for good.

    Args:
        seconds: from entering the context.
    """

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def watch(self, connected: socket.socket) -> None:
        """Take a connection in.

        Raises:
            TimeoutError: if the time is over already.
        """
        with self._lock:
            self._sockets.append(connected)
        if self.over:
            self._end()
            raise TimeoutError("the time was over before there was a connection")

    def _end(self) -> None:
        self.over = True
        with self._lock:
            for one in self._sockets:
                try:
                    one.shutdown(socket.SHUT_RDWR)  # wakes whoever reads from it
                except OSError:  # it has ended by itself
                    continue


class _Http(urllib.request.HTTPHandler):
    def http_open(self, request: urllib.request.Request) -> Any:
        return self.do_open(_watched(http.client.HTTPConnection, request), request)  # type: ignore[arg-type]


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, request: urllib.request.Request) -> Any:
        context = self._context  # type: ignore[attr-defined]
        return self.do_open(_watched(http.client.HTTPSConnection, request), request, context=context)  # type: ignore[arg-type]


HANDLERS = (_Http, _Https)
"""For ``urllib.request.build_opener``; requests carry their deadline as ``request.deadline``."""


def _watched(
    kind: type[http.client.HTTPConnection], request: urllib.request.Request
) -> type[http.client.HTTPConnection]:
    class Watched(kind):  # type: ignore[misc, valid-type]
        def connect(self) -> None:
            super().connect()
            request.deadline.watch(self.sock)  # type: ignore[attr-defined]

    return Watched
