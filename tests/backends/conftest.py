"""One thread, and servers that end with their test."""

import pytest

from benchmarks.loopback import listening
from tests.backends.servers import ByRule


@pytest.fixture
def serve():
    """``serve(plan=…)`` starts a server by rule; returns its address and its handler class."""
    open_now = []

    def start(port=0, **changes):
        handler = ByRule.fresh(**changes)
        server = listening(handler, port)
        address = server.__enter__()
        open_now.append(server)
        return address, handler

    yield start
    for server in open_now:
        server.__exit__(None, None, None)
