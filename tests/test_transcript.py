"""Transcripts replay byte for byte, and a difference is named."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from talks import REPLIES, play

import empathy_gym
from empathy_gym import errors
from empathy_gym.envs.episode import Config, Episode
from empathy_gym.envs.support import EmpathySupportEnv
from empathy_gym.seeker.seeker import DYNAMICS_VERSION
from empathy_gym.transcript import build, digest, verify

SOME = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
TALK = ["What happened?", "You must be hurt.", "Go on.", "It isn't your fault."] * 2


@pytest.fixture
def transcript():
    return play(EmpathySupportEnv(), TALK)[-1][-1]["transcript"]


@given(
    seed=st.integers(0, 10_000),
    replies=st.lists(REPLIES, min_size=8, max_size=8),
    kwargs=st.fixed_dictionaries(
        {},
        optional={
            "scaffold": st.sampled_from(["direct", "thinking"]),
            "difficulty": st.one_of(st.floats(0, 1.5), st.sampled_from(["vanilla", "challenging", 1])),
            "split": st.sampled_from(["train", "dev", "test"]),
            "reward": st.sampled_from(["final", "change"]),
            "max_turns": st.integers(1, 8),
            "format_penalty": st.sampled_from(["share", "zero", "none"]),
        },
    ),
)
@SOME
def test_they_verify_after_a_json_round_trip(seed, replies, kwargs):
    made = play(EmpathySupportEnv(**kwargs), replies, seed)[-1][-1]["transcript"]
    again = json.loads(json.dumps(made))
    assert again == made
    assert verify(made) == verify(again) == empathy_gym.Verification(True, None)
    assert [turn["reply"] for turn in again["turns"]] == replies[: len(again["turns"])]


def test_what_stands_in_one(transcript):
    assert transcript["dynamics"] == DYNAMICS_VERSION and transcript["format"] == 1
    assert len(transcript["key"]) == 16 and int(transcript["key"], 16) >= 0
    assert transcript["digest"] == digest(transcript) and len(transcript["digest"]) == 64
    assert transcript["final_emotion"] == transcript["turns"][-1]["emotion"]
    assert Config(**transcript["env"]).as_dict() == transcript["env"]


def test_the_highest_key_survives_json():
    episode = Episode(Config(max_turns=1), 2**64 - 1)
    episode.step("What happened?")
    made = json.loads(json.dumps(build(episode)))
    assert made["key"] == "f" * 16 and verify(made).ok


def test_a_talk_that_was_broken_off_verifies():
    episode = Episode(Config(), 5)
    assert verify(build(episode)).ok
    episode.step("What happened?")
    assert build(episode)["outcome"] is None and verify(build(episode)).ok


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t["turns"][2].update(emotion=t["turns"][2]["emotion"] + 100), r"turns\[2\]\.emotion: expected \d+, got \d+"),
        (lambda t: t["turns"][0]["ledger"][0].update(amount=1), r"turns\[0\]\.ledger\[0\]\.amount: expected -?\d+, got 1"),
        (lambda t: t["turns"][0]["ledger"].pop(), r"turns\[0\]\.ledger: expected \d+ entries, got \d+"),
        (lambda t: t["turns"][2].update(line="Other."), r"turns\[2\]\.line: expected .*, got 'Other\.'"),
        (lambda t: t["turns"][3].update(note="x"), r"turns\[3\]\.note: expected nothing, got 'x'"),
        (lambda t: t["turns"][0].update(reply="Something else."), r"turns\[0\]\.heard: expected 'Something else\.'"),
        (lambda t: t["turns"].pop(), r"turns|outcome"),
        (lambda t: t["turns"].append(t["turns"][0]), r"turns: expected 8, because the talk ended there \(time\), got 9"),
        (lambda t: t.update(final_emotion=99_000), r"final_emotion: expected \d+, got 99000"),
        (lambda t: t.update(outcome="helped"), r"outcome: expected 'time', got 'helped'"),
        (lambda t: t.update(key="0" * 16), r"opening|turns"),
        (lambda t: t.update(scenario="nope"), r"scenario: expected the id of a scenario .*, got 'nope'"),
        (lambda t: t.update(digest="0" * 64), r"digest: expected '[0-9a-f]{64}', got '0{64}'"),
        (lambda t: t.pop("digest"), r"digest: expected .*, got nothing"),
        (lambda t: t.update(format=2), r"format: expected 1, got 2"),
        (lambda t: t.update(extra=1), r"extra: expected nothing, got 1"),
        (lambda t: t["env"].update(difficulty=0.7), r"first_emotion|turns"),
        (lambda t: t["env"].update(scaffold="banana"), r"env\.scaffold: expected one of direct, thinking, got 'banana'"),
        (lambda t: t["env"].pop("reward"), r"env\.reward: expected 'final', got nothing"),
        (lambda t: t["skills"].update(core_insight=0.5), r"skills\.core_insight: expected -?\d+, got 0\.5"),
        (lambda t: t.update(dynamics="9.9", turns="later"), r"dynamics: expected '.*' \(this version's\), got '9\.9'"),
    ],
)  # fmt: skip
def test_the_first_difference_is_named(transcript, change, words):
    import re

    tampered = copy.deepcopy(transcript)
    change(tampered)
    result = verify(tampered)
    assert not result.ok and re.match(words, result.first_difference), result


@given(data=st.data())
@SOME
def test_no_tampering_goes_unseen(data):
    made = play(EmpathySupportEnv(), TALK[:8], seed=2)[-1][-1]["transcript"]
    place, key = made, data.draw(st.sampled_from(sorted(made)))
    while isinstance(place[key], (dict, list)) and place[key]:
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
    place[key] = data.draw(st.one_of(st.none(), st.integers(), st.text(max_size=5)).filter(lambda v: v != place[key]))
    try:
        result = verify(made)
    except errors.InvalidTranscript:
        return
    assert not result.ok and result.first_difference


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.pop("dynamics"), "dynamics: expected str, got None"),
        (lambda t: t.update(turns={}), "turns: expected list, got {}"),
        (lambda t: t.update(turns=[3]), r"turns\[0\]: expected mapping, got 3"),
        (lambda t: t["turns"][1].pop("reply"), r"turns\[1\]\.reply: expected str, got None"),
        (lambda t: t["turns"][1]["ledger"].append({}), r"turns\[1\]\.ledger\[\d+\]\.cause: expected str"),
        (lambda t: t["turns"][1]["ledger"][0].update(span="ab"), r"span: expected \[start, end\] or null, got 'ab'"),
        (lambda t: t.update(key=12), "key: expected str, got 12"),
        (lambda t: t.update(key="xyz"), "key: expected 16 hexadecimal digits, got 'xyz'"),
        (lambda t: t.update(env=[]), "env: expected mapping, got"),
        (lambda t: t["env"].update(mood="x"), "env: expected .* alone, got mood as well"),
        (lambda t: t.update(final_emotion=True), "final_emotion: expected int, got True"),
    ],
)
def test_what_is_no_transcript_raises(transcript, change, words):
    change(transcript)
    with pytest.raises(errors.InvalidTranscript, match=words):
        verify(transcript)


@pytest.mark.parametrize("other", [None, 3, "text", [], ["a"]])
def test_other_things_are_no_transcript(other):
    with pytest.raises(errors.InvalidTranscript, match="transcript: expected mapping, got"):
        verify(other)
