"""verifiers' own command on our task set, against a server on loopback."""

import pytest

pytest.importorskip("verifiers", reason="verifiers is not installed")
pytest.importorskip("torch")

from empathy_gym import verify  # noqa: E402
from empathy_gym.integrations.talk import Talk  # noqa: E402
from empathy_gym.integrations.verifiers import EmpathyTaskset, EmpathyTasksetConfig  # noqa: E402
from examples import verifiers_eval as example  # noqa: E402


def test_tasks_are_seekers_by_seed():
    taskset = EmpathyTaskset(EmpathyTasksetConfig(first_seed=5, split="dev", max_turns=3))
    tasks = list(taskset.take(2))
    assert [task.data.seed for task in tasks] == [5, 6] and [task.data.idx for task in tasks] == [0, 1]
    talk = Talk(reward="change", split="dev", max_turns=3)
    assert [task.data.prompt for task in tasks] == [talk.open(5), talk.open(6)]
    assert tasks[0].data.env_kwargs["max_turns"] == 3 and not taskset.bounded


@pytest.mark.slow
def test_a_group_of_episodes_is_scored_turn_by_turn():
    with example.listening(example.served("competent")) as address:
        episodes = example.evaluate(address, "served", tasks=1, rollouts=2, split="test", max_turns=2)
    assert len(episodes) == 2 and all(episode["ok"] for episode in episodes)
    traces = [trace for episode in episodes for trace in episode["traces"]]
    for trace in traces:
        assert trace["rewards"]["emotion"]["score"] == pytest.approx(sum(trace["info"]["turn_rewards"]))
        assert trace["metrics"]["talk_turns"] == len(trace["info"]["turn_rewards"]) == 2
        assert verify(trace["info"]["transcript"]).ok and trace["info"]["outcome"] == "time"
        sampled = [(node["message"]["role"], node["sampled"]) for node in trace["nodes"]]
        assert all(own == (role == "assistant") for role, own in sampled), "the seeker's words are nobody's to learn"
    assert traces[0]["info"]["transcript"]["digest"] == traces[1]["info"]["transcript"]["digest"]
