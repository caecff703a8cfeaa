"""Two processes train as one does: same dialogues, same weights, same figures."""

import shutil

import pytest
import torch

from agents.learner.parallel import Team
from agents.learner.rollout import Rollout
from tests.agents.parallel_worker import CASES, logged, torchrun, trained, trainer


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Every case after two updates in two processes."""
    folder = tmp_path_factory.mktemp("pair")
    torchrun(folder, 2, *CASES)
    return folder


@pytest.mark.parametrize("case", CASES)
def test_two_processes_end_as_one_does(pair, tmp_path, case):
    alone = trainer(case, tmp_path)
    start = trained(alone)
    alone.run(until=2)
    ranks = [torch.load(pair / case / f"rank{rank}.pt") for rank in (0, 1)]
    assert torch.equal(ranks[0], ranks[1])
    torch.testing.assert_close(ranks[0], trained(alone), atol=1e-5, rtol=0)
    assert torch.equal(start, trained(alone)) == (case == "flat")
    both, one = logged(pair / case), logged(tmp_path)
    assert [set(row) for row in both] == [set(row) for row in one]
    for mine, theirs in zip(both, one):
        assert mine == pytest.approx(theirs, abs=1e-4)
    assert any(row.get("information") for row in one)


def test_a_run_goes_on_with_another_number_of_processes(pair, tmp_path):
    """Two updates on two processes, then two on one: the same as four on one."""
    shutil.copytree(pair / "nano", tmp_path / "nano")
    run = trainer("nano", tmp_path / "nano")
    assert run.restore() and run.step == 2 and run.run()
    whole = trainer("nano", tmp_path / "whole")
    whole.run()
    torch.testing.assert_close(trained(run), trained(whole), atol=1e-5, rtol=0)


def test_two_processes_resume_to_the_same_bits(pair, tmp_path):
    shutil.copytree(pair / "ppo", tmp_path / "halves" / "ppo")
    torchrun(tmp_path / "halves", 4, "ppo")
    torchrun(tmp_path / "whole", 4, "ppo")
    a, b = (torch.load(tmp_path / half / "ppo" / "rank1.pt") for half in ("halves", "whole"))
    assert torch.equal(a, b)


def test_shares_are_stretches_that_make_the_whole():
    for count in (2, 5, 8):
        shares = [Team(rank, 3).share(count) for rank in range(3)]
        assert [i for share in shares for i in share] == list(range(count))


def test_dialogues_do_not_depend_on_who_else_is_played_here(tmp_path):
    """Each process of three plays the dialogues that one process plays in their places."""
    whole = trainer("ppo", tmp_path).play()
    parts: list[Rollout] = [trainer("ppo", tmp_path, Team(rank, 3)).play() for rank in range(3)]
    assert [row.ids for part in parts for row in part.rows] == [row.ids for row in whole.rows]
    assert [g for part in parts for g in part.groups] == whole.groups
    assert [r for part in parts for r in part.rewards] == whole.rewards


def test_groups_must_divide_among_the_processes(tmp_path):
    with pytest.raises(ValueError, match="scenarios: expected a multiple of the 3 processes, got 4"):
        trainer("nano", tmp_path, Team(0, 3))
