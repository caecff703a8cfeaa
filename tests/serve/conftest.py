"""A server of its own for each test, on loopback."""

import threading

import pytest

from empathy_gym.serve.server import open_server


@pytest.fixture
def server():
    with open_server(0) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield running
        running.shutdown()
        thread.join()
