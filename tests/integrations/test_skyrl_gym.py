"""Our environment in SkyRL-gym's registry."""

import pytest

skyrl_gym = pytest.importorskip("skyrl_gym", reason="skyrl-gym is not installed")

from empathy_gym.errors import InvalidOption  # noqa: E402
from empathy_gym.integrations.skyrl_gym import EmpathyTextEnv, rows  # noqa: E402
from empathy_gym.integrations.talk import Talk  # noqa: E402

REPLY = "That sounds exhausting. What happened then?"


@pytest.fixture(scope="module", autouse=True)
def registered():
    skyrl_gym.register("empathy_support", entry_point="empathy_gym.integrations.skyrl_gym:EmpathyTextEnv")


def test_a_talk_is_the_environments_own():
    (row,) = rows(1, seed=7)
    env = skyrl_gym.make(row["env_class"], env_config={"split": "dev"}, extras={**row, "max_turns": 2})
    talk = Talk(reward="change", split="dev", max_turns=2)
    chat, _ = env.init(row["prompt"])
    assert [message["role"] for message in chat] == ["system", "user"] and chat[-1]["content"] == talk.open(7)
    for _ in range(2):
        out, heard = env.step(REPLY), talk.hear(REPLY)
        assert (out["reward"], out["done"]) == (heard.reward, heard.over)
        assert out["observations"] == ([] if heard.over else [{"role": "user", "content": heard.line}])
    assert out["metadata"] == {"outcome": "time"}
    metrics = env.get_metrics()
    assert metrics == {"final_emotion": talk.info["emotion"] / 1000, "replies": 2, "reward": talk.reward}
    assert env.aggregate_metrics([metrics, metrics])["replies"] == 2
    env.close()


def test_members_of_a_group_meet_the_same_seeker():
    (row,) = rows(1, seed=3)
    chats = [skyrl_gym.make("empathy_support", extras=row).init(row["prompt"])[0] for _ in range(2)]
    assert chats[0] == chats[1] == row["prompt"]


def test_a_row_without_a_seed_is_refused():
    with pytest.raises(InvalidOption, match="expected extra_info with a 'seed'"):
        EmpathyTextEnv(extras={"extra_info": {}})
