"""What all adapters for language-model trainers stand on."""

import subprocess
import sys

import pytest

from empathy_gym.errors import EpisodeOver
from empathy_gym.integrations.talk import Talk

ADAPTERS = {
    "verifiers": "verifiers.v1",
    "openenv": "openenv.core",
    "skyrl_gym": "skyrl_gym.envs.base_text_env",
    "verl": "verl.experimental.agent_loop.agent_loop",
}


def test_the_same_seed_and_replies_are_the_same_talk_and_the_next_talk_keeps_nothing():
    talk, other = Talk(reward="change", max_turns=2), Talk(reward="change", max_turns=2)
    assert talk.open(3) == other.open(3)
    first = [talk.hear("What happened then?"), talk.hear("What happened then?")]
    assert first == [other.hear("What happened then?"), other.hear("What happened then?")]
    assert first[-1].over and talk.over and talk.turn_rewards == [heard.reward for heard in first]
    assert talk.reward == sum(talk.turn_rewards) and talk.info["outcome"] == "time"
    with pytest.raises(EpisodeOver):
        talk.hear("And then?")
    assert talk.open(3) == other.open(3) and talk.turn_rewards == [] and not talk.over
    assert talk.hear("What happened then?") == first[0]


def test_a_scenario_can_be_chosen():
    talk = Talk()
    talk.open(0)
    scenario = talk.info["scenario"]
    talk.open(99, scenario)
    assert talk.info["scenario"] == scenario


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_without_its_library_names_the_command(name):
    code = f"import sys; sys.modules[{ADAPTERS[name]!r}] = None; import empathy_gym.integrations.{name}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode and "ImportError: expected " in done.stderr and "; pip install " in done.stderr


def test_trl_is_asked_for_only_when_it_is_needed():
    code = (
        "import sys; sys.modules['trl'] = None; sys.modules['datasets'] = None\n"
        "from empathy_gym.integrations import trl\n"
        "trl.rollout_func(); trl.environment()\n"
        "trl.seekers(1)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ImportError: expected TRL 1.8 or newer" in done.stderr and trl_command() in done.stderr


def trl_command():
    from empathy_gym.integrations.trl import PIP

    return PIP
