"""Our agent loop on verl's own base class, with the nano in process."""

import pytest

pytest.importorskip("verl", reason="verl is not installed")
pytest.importorskip(
    "verl.experimental.agent_loop.agent_loop", reason="verl's agent loops cannot be imported here", exc_type=ImportError
)

from empathy_gym.errors import InvalidOption  # noqa: E402
from empathy_gym.integrations.verl import EmpathyAgentLoop, rows  # noqa: E402
from examples import verl_agent_loop as example  # noqa: E402


@pytest.fixture(scope="module")
def outputs():
    return example.play(1, 2, max_new=12, max_turns=2)


def test_the_mask_is_the_policys_and_the_output_is_whole(outputs):
    tokenizer = example.tokenizer()
    for output in outputs:
        mask = output.response_mask
        assert len(output.response_ids) == len(mask) == len(output.response_logprobs) and mask[0] == 1
        assert sum(mask) <= 2 * 12 and 0 in mask
        theirs = [i for i, own in zip(output.response_ids, mask, strict=True) if not own]
        assert "<|seeker|>" in tokenizer.decode(theirs)
        assert output.num_turns == 5 and output.extra_fields["tool_rewards"] == []
        assert output.reward_score == sum(output.extra_fields["turn_scores"])
        assert float(output.as_dict()["rm_scores"][-1]) == pytest.approx(output.reward_score)


def test_members_of_a_group_meet_the_same_seeker(outputs):
    assert outputs[0].prompt_ids == outputs[1].prompt_ids


def test_a_talk_that_fills_its_room_ends_there():
    (output,) = example.play(1, 1, max_new=12, response_length=20, max_turns=8)
    assert len(output.response_ids) <= 20 and len(output.extra_fields["turn_scores"]) < 8


def test_a_row_without_a_seed_is_refused():
    import asyncio

    loop = EmpathyAgentLoop.__new__(EmpathyAgentLoop)
    with pytest.raises(InvalidOption, match="expected a 'seed'"):
        asyncio.run(loop.run({}, extra_info={}))
    assert [row["extra_info"]["seed"] for row in rows(2, seed=9)] == [9, 10]
