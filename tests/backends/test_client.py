"""The endpoint client against real servers that answer, refuse, stall, break off and lie about their length."""

import json
import os
import socket
import threading
import time

import pytest

from empathy_gym.backends.client import EndpointClient, Refused, Unanswered
from empathy_gym.errors import InvalidOption

ASKED = [
    {"role": "user", "content": 'Your emotion now: 30 of 100\n<talk>\n{"speaker": "supporter", "text": "hi"}\n</talk>'}
]


def ask(address, schema=None, **kwargs):
    return EndpointClient(address, "m", **{"timeout": 2.0, **kwargs}).complete(ASKED, 50, schema or {"type": "object"})


def test_a_request_is_what_openai_compatible_servers_take(serve):
    address, handler = serve()
    done = ask(address + "/", extra={"top_p": 1, "temperature": 2})
    assert set(json.loads(done.text)) == {"analysis", "thoughts", "change", "reply"}
    assert (done.prompt_tokens, done.completion_tokens, done.cut) == (100, 10, False)
    sent, headers = handler.seen[0]
    assert (sent["model"], sent["temperature"], sent["max_tokens"], sent["seed"], sent["top_p"]) == ("m", 0, 50, 0, 1)
    assert sent["response_format"]["type"] == "json_schema"
    assert sent["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert "Authorization" not in headers
    ask(address, structured="json_object"), ask(address, structured="none")
    assert handler.seen[1][0]["response_format"] == {"type": "json_object"}
    assert "response_format" not in handler.seen[2][0]


def test_the_key_comes_from_the_environment_and_is_kept_nowhere(serve, monkeypatch):
    address, handler = serve()
    monkeypatch.setenv("SOME_KEY", "s3cret")
    client = EndpointClient(address, "m", api_key_env="SOME_KEY")
    client.complete(ASKED, 5, {})
    assert handler.seen[0][1]["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in repr(vars(client)) and "s3cret" not in json.dumps(client.identity)
    monkeypatch.delenv("SOME_KEY")
    with pytest.raises(Refused, match=r"\$SOME_KEY"):
        client.complete(ASKED, 5, {})


@pytest.mark.parametrize("plan", ["slow", "not_json", "half", "500", "429", "no_choice", "trickle"])
def test_what_may_pass_is_unanswered(serve, plan):
    address, _ = serve(plan={0: plan})
    with pytest.raises(Unanswered) as caught:
        ask(address, timeout=0.3)
    assert caught.value.wait == (0.0 if plan == "429" else None)
    assert json.loads(ask(address).text)


def test_a_trickle_is_held_to_the_same_time(serve):
    address, _ = serve(plan={0: "trickle"})
    begun = time.monotonic()
    with pytest.raises(Unanswered):
        ask(address, timeout=0.3)
    assert time.monotonic() - begun < 1.2


@pytest.mark.parametrize("kind", ["headers", "error body", "status line"])
def test_the_time_is_of_the_whole_call_wherever_a_server_dawdles(kind):
    first = {
        "headers": b"HTTP/1.1 200 OK\r\n",
        "error body": b"HTTP/1.1 503 Busy\r\nContent-Length: 500\r\n\r\n",
        "status line": b"",
    }
    server = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def dawdle():
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(first[kind])
            while not done.wait(0.1):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=dawdle)
    thread.start()
    try:
        begun = time.monotonic()
        with pytest.raises(Unanswered):
            ask(f"http://127.0.0.1:{server.getsockname()[1]}/v1", timeout=0.4)
        assert time.monotonic() - begun < 1.5
    finally:
        done.set()
        thread.join()
        server.close()


@pytest.mark.parametrize("plan", ["401", "302"])
def test_a_refusal_and_a_redirect_are_final(serve, plan):
    address, _ = serve(plan={0: plan})
    with pytest.raises(Refused, match=plan):
        ask(address)


def test_nobody_there():
    with pytest.raises(Unanswered, match="no answer from"):
        ask("http://127.0.0.1:9/v1")


def test_loopback_never_goes_through_a_proxy(serve, monkeypatch):
    address, _ = serve()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setitem(os.environ, name, "http://127.0.0.1:9")
    assert ask(address).text


@pytest.mark.parametrize(
    "kwargs",
    [
        {"base_url": "ftp://x/v1"}, {"base_url": "127.0.0.1:80"}, {"base_url": "http://me:pw@host/v1"}, {"base_url": None}, {"model": ""},
        {"base_url": "http://[::1/v1"}, {"base_url": "http://127.0.0.1:abc/v1"}, {"base_url": "http://127.0.0.1/vé1"},
        {"timeout": 0}, {"timeout": True}, {"timeout": float("inf")}, {"structured": "yaml"},
    ],
)  # fmt: skip
def test_bad_settings_are_named(kwargs):
    with pytest.raises(InvalidOption, match=f"{next(iter(kwargs))}: expected"):
        EndpointClient(**{"base_url": "http://127.0.0.1:1/v1", "model": "m", **kwargs})
