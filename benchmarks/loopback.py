"""A small OpenAI-compatible server on this machine around any chat client, so that an endpoint can be tried without a network.

python -m benchmarks.loopback --model FOLDER [--port 8000]
"""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from empathy_gym.backends.client import ChatClient, Completion
from empathy_gym.backends.local import LocalClient

__all__ = ["ChatHandler", "listening", "main"]


class ChatHandler(BaseHTTPRequestHandler):
    """``POST /v1/chat/completions`` and ``GET /v1/models``; subclasses may override :meth:`reply_to`."""

    protocol_version = "HTTP/1.1"
    client: ChatClient

    def do_POST(self) -> None:  # noqa: N802
        """Complete a chat."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if not self.path.endswith("/chat/completions"):
            return self.send(404, {"error": {"message": f"no such path: {self.path}"}})
        try:
            asked = json.loads(body)
            messages = [{"role": m["role"], "content": m["content"]} for m in asked["messages"]]
        except (ValueError, LookupError, TypeError):
            return self.send(400, {"error": {"message": "expected a chat completion request"}})
        self.reply_to(asked, messages)

    def do_GET(self) -> None:  # noqa: N802
        """List the one model."""
        self.send(200, {"object": "list", "data": [{"id": str(self.client.identity["model"]), "object": "model"}]})

    def reply_to(self, asked: dict[str, Any], messages: list[dict[str, str]]) -> None:
        """Answer one well-formed request."""
        self.send(200, completion(self.client.complete(messages, int(asked.get("max_tokens", 64)), {})))

    def send(self, status: int, data: Any, **headers: str) -> None:
        """Send JSON."""
        body = json.dumps(data).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def completion(done: Completion) -> dict[str, Any]:
    """A completion as the endpoint sends it."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": done.text},
        "finish_reason": "length" if done.cut else "stop",
    }
    total = done.prompt_tokens + done.completion_tokens
    usage = {
        "prompt_tokens": done.prompt_tokens,
        "completion_tokens": done.completion_tokens,
        "total_tokens": total,
    }
    return {"id": "loopback", "object": "chat.completion", "choices": [choice], "usage": usage}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


@contextmanager
def listening(handler: type[ChatHandler], port: int = 0) -> Iterator[str]:
    """Serve in the background; yields the base address, ``http://127.0.0.1:PORT/v1``."""
    server = _Server(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()


def around(client: ChatClient) -> type[ChatHandler]:
    """The handler of a server around a client."""
    return type("Handler", (ChatHandler,), {"client": client})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True, help="a folder that transformers reads, with a chat template")
    parser.add_argument("--port", type=int, default=8000)
    args = parser.parse_args()
    with listening(around(LocalClient(args.model)), args.port) as address:
        print(f"{args.model} at {address}; Ctrl-C ends it", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
