"""Our OpenEnv server on loopback, its client talking to it."""

import socket
import threading
import time

import pytest

pytest.importorskip("openenv", reason="openenv is not installed")
pytest.importorskip("uvicorn", reason="uvicorn is not installed")

import uvicorn  # noqa: E402

from empathy_gym import verify  # noqa: E402
from empathy_gym.integrations.openenv import EmpathyAction, EmpathyClient, app  # noqa: E402
from empathy_gym.integrations.talk import Talk  # noqa: E402

REPLY = "That sounds exhausting. What happened then?"


@pytest.fixture(scope="module")
def address():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app(sessions=4, reward="change", max_turns=2), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def test_a_talk_over_the_socket_is_the_environments_own(address):
    talk = Talk(reward="change", max_turns=2)
    with EmpathyClient(base_url=address).sync() as client:
        opened = client.reset(seed=7)
        assert opened.observation.text == talk.open(7) and not opened.done
        for turn in (1, 2):
            result, heard = client.step(EmpathyAction(message=REPLY)), talk.hear(REPLY)
            assert (result.observation.text, result.reward, result.done) == heard
            assert result.observation.turn == turn == client.state().step_count
    told = result.observation.metadata
    assert told["truncated"] and told["outcome"] == "time" and verify(told["transcript"]).ok


def test_nothing_hidden_is_told_before_the_end(address):
    with EmpathyClient(base_url=address).sync() as client:
        client.reset(seed=1, episode_id="mine")
        assert client.step(EmpathyAction(message=REPLY)).observation.metadata == {}
        assert client.state().model_dump() == {"episode_id": "mine", "step_count": 1}


def test_sessions_do_not_meet(address):
    with EmpathyClient(base_url=address).sync() as one, EmpathyClient(base_url=address).sync() as other:
        assert one.reset(seed=5).observation.text == other.reset(seed=5).observation.text
        one.step(EmpathyAction(message="You are lazy and it is your own fault."))
        talk = Talk(reward="change", max_turns=2)
        talk.open(5)
        assert other.step(EmpathyAction(message=REPLY)).reward == talk.hear(REPLY).reward


def test_errors_reach_the_client(address):
    with EmpathyClient(base_url=address).sync() as client:
        with pytest.raises(RuntimeError, match="expected seed, episode_id and scenario, got colour"):
            client.reset(seed=1, colour="red")
