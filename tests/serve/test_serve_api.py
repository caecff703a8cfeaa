"""The server, over real HTTP on loopback."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from talks import SAID

import empathy_gym
from empathy_gym.__main__ import main
from empathy_gym.envs.support import EmpathySupportEnv
from empathy_gym.seeker import bank
from empathy_gym.serve.server import MOST_BYTES
from empathy_gym.serve.sessions import Sessions, UnknownSession, begin

ROOT = Path(__file__).resolve().parents[2]


class Client:
    """Asks one server; remembers the token of its talk."""

    def __init__(self, server):
        self.port, self.token = server.server_port, None

    def ask(self, method, path, body=None, **headers):
        """Returns status, what came (JSON if it is that) and headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        sent = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        connection.request(method, path, data, {**sent, **{k.replace("_", "-"): v for k, v in headers.items()}})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        is_json = content and answer.headers.get_content_type() == "application/json"
        return answer.status, json.loads(content) if is_json else content.decode(), answer.headers

    def begin(self, **settings):
        status, found, _ = self.ask("POST", "/api/talks", settings)
        assert status == 201, found
        self.token = found["token"]
        return found["talk"]

    def say(self, reply, **more):
        return self.ask("POST", "/api/talk", {"reply": reply, **more})[:2]


@pytest.fixture
def client(server):
    return Client(server)


def test_a_talk_is_the_environments(client):
    env = EmpathySupportEnv(max_turns=len(SAID))
    line, info = env.reset(seed=4)
    talk = client.begin(seed=4, max_turns=len(SAID))
    assert talk["messages"] == info["messages"] and talk["messages"][0]["content"] == line
    for reply in SAID:
        status, talk = client.say(reply, reveal=True)
        *_, terminated, truncated, info = env.step(reply)
        assert status == 200 and talk["messages"] == info["messages"] and talk["turn"] == info["turn"]
        assert talk["revealed"]["emotions"][-1] == info["emotion"] and talk["revealed"]["skills"] == info["skills"]
        shown = [{k: v for k, v in line.items() if k != "words"} for line in talk["revealed"]["ledgers"][-1]]
        assert shown == info["ledger"] and talk["over"] == (terminated or truncated)
        if talk["over"]:
            break
    assert talk["outcome"]
    status, transcript, _ = client.ask("GET", "/api/talk/transcript")
    assert status == 200 and transcript == info["transcript"] and empathy_gym.verify(transcript).ok


def test_nothing_hidden_is_sent_until_it_is_asked_for(client):
    scenario = bank.scenario(client.begin(seed=1)["scenario"])
    _, talk = client.say("What happened?")
    plain = json.dumps([talk, client.ask("GET", "/api/talk")[1]])
    assert "revealed" not in plain and "emotion" not in plain and "ledger" not in plain and "skill" not in plain
    _, shown, _ = client.ask("GET", "/api/talk?reveal=1")
    revealed = shown["revealed"]
    assert len(revealed["emotions"]) == 2 and revealed["curve"].startswith("<svg")
    assert sum(line["amount"] for line in revealed["ledgers"][0]) == revealed["emotions"][1] - revealed["emotions"][0]
    assert scenario.intention not in json.dumps(shown)


def test_ledger_lines_come_with_their_words(client):
    client.begin(seed=2)
    reply = "\U0001f600\U0001f600 Stop whining, nobody cares."
    _, talk = client.say(reply, reveal=True)
    heard = talk["messages"][1]["content"]
    lines = [line for line in talk["revealed"]["ledgers"][0] if line["span"]]
    assert lines and all(line["words"] == heard[slice(*line["span"])] for line in lines)


def test_each_token_has_a_talk_of_its_own(server):
    one, other = Client(server), Client(server)
    one.begin(seed=1)
    other.begin(seed=1)
    one.say("What happened?")
    assert one.token != other.token
    assert one.ask("GET", "/api/talk")[1]["turn"] == 1 and other.ask("GET", "/api/talk")[1]["turn"] == 0
    assert one.ask("DELETE", "/api/talk")[0] == 204 and one.ask("GET", "/api/talk")[0] == 401
    assert other.ask("GET", "/api/talk")[0] == 200


def test_without_a_seed_chance_picks(client):
    keys = set()
    for _ in range(4):
        client.begin(seed=None)
        keys.add(client.ask("GET", "/api/talk/transcript")[1]["key"])
    assert len(keys) == 4


def test_a_chosen_scenario(client):
    wanted = bank.scenario_ids("test")[0]
    assert client.begin(scenario=wanted, difficulty="challenging")["scenario"] == wanted
    assert client.ask("GET", "/api/talk/transcript")[1]["env"]["difficulty"] == "challenging"


@pytest.mark.parametrize(
    ("settings", "status", "words"),
    [
        ({"scenario": "nope"}, 404, "expected the id of a scenario"),
        ({"scenario": 3}, 400, "scenario: expected an id or null, got 3"),
        ({"seed": -1}, 400, "seed: expected a whole number"),
        ({"seed": "1"}, 400, "seed: expected a whole number"),
        ({"seed": True}, 400, "seed: expected a whole number"),
        ({"max_turns": 0}, 400, "max_turns: expected"),
        ({"max_turns": 10**6}, 400, "max_turns: expected at most 200"),
        ({"max_turns": 8.5}, 400, "max_turns: expected"),
        ({"difficulty": "hard"}, 400, "difficulty: expected"),
        ({"difficulty": [1]}, 400, "difficulty: expected"),
        ({"split": ["train"]}, 400, "split: expected"),
        ({"privileged": True}, 400, "got privileged as well"),
        ([], 400, "settings: expected an object, got list"),
    ],
)
def test_faulty_settings_are_named(client, settings, status, words):
    found = client.ask("POST", "/api/talks", settings)
    assert found[0] == status and words in found[1]["error"]["message"]


def test_faulty_replies_are_named_and_change_nothing(client):
    client.begin(seed=1, max_turns=1)
    for body, status, words in (
        ({"reply": 3}, 400, "reply: expected str, got int"),
        ({}, 400, "reply: expected str, got NoneType"),
        ([], 400, "body: expected an object, got list"),
        ({"reply": "x", "turn": 1}, 409, "turn: expected 0, got 1"),
        (b"{", 400, "body: expected JSON"),
        (b"[" * 100_000, 400, "body: expected JSON"),
        (b"\xff", 400, "body: expected JSON"),
        (b" " * (MOST_BYTES + 1), 413, "body: expected at most"),
    ):
        found = client.ask("POST", "/api/talk", body)
        assert found[0] == status and words in found[1]["error"]["message"], found
    assert client.ask("GET", "/api/talk")[1]["turn"] == 0
    assert client.say("word " * 8_000)[0] == 200
    status, found = client.say("And then?")
    assert status == 409 and found["error"]["name"] == "EpisodeOver"


def test_a_reply_that_is_sent_twice_is_heard_once(client):
    client.begin(seed=1)
    statuses = []
    senders = [
        threading.Thread(target=lambda: statuses.append(client.say("What happened?", turn=0)[0])) for _ in range(6)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(statuses) == [200, 409, 409, 409, 409, 409]
    assert client.ask("GET", "/api/talk")[1]["turn"] == 1


def test_tokens_are_needed(client):
    assert client.ask("GET", "/api/talk")[0] == 401
    assert client.ask("GET", "/api/talk/transcript", Authorization="Basic x")[0] == 401
    client.token = "guess"
    for method, path, body in (("GET", "/api/talk", None), ("POST", "/api/talk", {"reply": "x"})):
        status, found, _ = client.ask(method, path, body)
        assert status == 401 and found["error"]["name"] == "UnknownSession"


def test_other_sites_pages_are_refused(client):
    client.begin(seed=1)
    port = client.port
    assert client.ask("GET", "/api/talk", Host=f"evil.example:{port}")[0] == 403
    assert client.ask("GET", "/api/talk", Origin="https://evil.example")[0] == 403
    assert client.ask("GET", "/api/talk", Origin="null")[0] == 403
    assert client.ask("POST", "/api/talks", {}, Content_Type="text/plain")[0] == 415
    assert client.ask("GET", "/api/talk", Host=f"localhost:{port}", Origin=f"http://localhost:{port}")[0] == 200


def test_odd_requests_are_answered(client):
    assert client.ask("GET", "/nope")[0] == 404 and client.ask("GET", "/../setup.cfg")[0] == 404
    assert client.ask("DELETE", "/api/talks")[0] == 405 and client.ask("POST", "/", {})[0] == 405
    assert client.ask("PUT", "/")[0] == 501
    with socket.create_connection(("127.0.0.1", client.port), timeout=20) as raw:
        host = f"Host: 127.0.0.1:{client.port}\r\nContent-Type: application/json\r\n"
        raw.sendall(f"POST /api/talks HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n".encode())
        assert raw.recv(200).startswith(b"HTTP/1.1 411")
    with socket.create_connection(("127.0.0.1", client.port), timeout=20) as raw:
        raw.sendall(b"nonsense\r\n\r\n")
        assert b"400" in raw.recv(200)
    assert client.ask("GET", "/")[0] == 200


@pytest.mark.parametrize(
    ("request_line", "status", "more"),
    [
        (b"GET http://[::1 HTTP/1.1", 400, b""),
        (b"PUT /api/talk HTTP/1.1", 501, b""),
        (b"OPTIONS / HTTP/1.1", 501, b""),
        (b"nonsense", 400, b""),
        (b"DELETE /api/talk HTTP/1.1\r\nContent-Length: 5", 401, b"hello"),
    ],
)
def test_what_is_no_request_gets_an_error_object_too(server, request_line, status, more):
    host = f"127.0.0.1:{server.server_port}".encode()
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=5) as connection:
        connection.sendall(request_line + b"\r\nHost: " + host + b"\r\n\r\n" + more)
        said = b"".join(iter(lambda: connection.recv(65_536), b""))  # to its end: the connection is closed
    head, _, body = said.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/"):  # HTTP/0.9 has no head
        assert int(head.split()[1]) == status, said
    assert json.loads(body or head)["error"]["message"]


def test_the_page_loads_nothing_from_elsewhere(client):
    status, text, headers = client.ask("GET", "/")
    assert status == 200 and headers.get_content_type() == "text/html"
    assert set(re.findall(r'(?:src|href)="([^"]*)"', text)) == {"data:,", "/page.css", "/page.js", "#reply"}
    assert "default-src 'none'" in headers["Content-Security-Policy"] and headers["X-Content-Type-Options"] == "nosniff"
    for path, kind in (("/page.css", "text/css"), ("/page.js", "text/javascript")):
        status, part, headers = client.ask("GET", path)
        assert status == 200 and headers.get_content_type() == kind and "http:" not in part and "https:" not in part
    assert "prefers-color-scheme: dark" in client.ask("GET", "/page.css")[1]


def test_labels_and_targets_belong_together(client):
    text = client.ask("GET", "/")[1]
    ids = re.findall(r' id="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    for name in ("for", "aria-describedby", "aria-controls", "aria-labelledby"):
        assert set(re.findall(rf' {name}="([^"]*)"', text)) <= set(ids)
    fields = set(re.findall(r'<(?:input|textarea|select) id="([^"]*)"', text))
    assert fields and fields == set(re.findall(r'<label for="([^"]*)"', text))
    assert set(re.findall(r'at\("([^"]*)"\)', client.ask("GET", "/page.js")[1])) <= set(ids)


def test_the_report_holds_the_talk(client):
    client.begin(seed=1)
    client.say("<think>\ud800 hm</think> <script>alert(1)</script> What happened?")
    status, text, headers = client.ask("GET", "/api/talk/report")
    assert status == 200 and text.startswith("<!doctype html>") and "<script" not in text and "What happened?" in text
    assert "script-src" not in headers["Content-Security-Policy"]


def test_the_talk_left_alone_longest_is_dropped_first():
    sessions = Sessions(most=2)
    first, second = sessions.add(begin({})), sessions.add(begin({}))
    sessions.get(first)
    third = sessions.add(begin({}))
    assert sessions.get(first) and sessions.get(third)
    with pytest.raises(UnknownSession, match="begin a new talk"):
        sessions.get(second)


def test_it_listens_on_this_machine_alone(server):
    assert server.socket.getsockname()[0] == "127.0.0.1"


def test_the_command(capsys):
    command = [sys.executable, "-m", "empathy_gym", "serve", "--port", "0", "--verbose"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": env}
    # Whoever runs the tests in the background may have had Ctrl-C ignored for all that comes after.
    heeds = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    with subprocess.Popen(command, **pipes, **heeds) as running:
        line = running.stdout.readline()
        port = int(re.search(r"http://127\.0\.0\.1:(\d+)/", line).group(1))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
        connection.close()
        assert main(["serve", "--port", str(port)]) == 2
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
    assert running.returncode == 0 and "Traceback" not in err and '"GET / HTTP/1.1" 200' in out
    assert f"port: expected one that is free, got {port}" in capsys.readouterr().err
    assert main(["serve", "--port", "70000"]) == 2
