"""One Hypothesis profile for all: the same examples each run, so that a red run can be repeated. And one thread for what sums in PyTorch."""

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture
def one_thread():
    """Two test processes on two cores shall not wait for each other; and sums have one order."""
    import torch  # most tests do without

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
