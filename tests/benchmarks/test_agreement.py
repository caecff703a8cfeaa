"""Agreement of two seekers: known answers, and a small run against a real server on loopback."""

import json

import numpy as np

from benchmarks.agreement import Pair, agreement, felt, pairs
from benchmarks.loopback import listening
from empathy_gym.backends import EndpointClient, LanguageModelBackend, Retries
from tests.backends.servers import ByRule, said


def test_known_answers():
    rng = np.random.default_rng(0)
    drawn = rng.integers(-10_000, 10_000, size=(12, 3, 4))
    talks = [(f"p{j}", f"s{i}", np.cumsum([30_000, *(drawn[i, j] + 4_000 * j)])) for i in range(12) for j in range(3)]
    same = agreement([Pair(p, s, tuple(e), tuple(e)) for p, s, e in talks], rng, 50)
    assert set(same) == {"turn", "episode", "seeker", "policy"} and all(v == [1.0, 1.0, 1.0] for v in same.values())
    turned = agreement([Pair(p, s, tuple(e), tuple(-e)) for p, s, e in talks], rng, 50)
    assert all(v == [-1.0, -1.0, -1.0] for v in turned.values())
    flat = agreement([Pair(p, s, tuple(e), (30_000,) * 5) for p, s, e in talks], rng, 50)
    assert all(np.isnan(v).all() for v in flat.values())


def test_a_small_run():
    kind = ByRule.fresh(plan={3: "500", 5: "broken"})
    with listening(kind) as address:
        backend = LanguageModelBackend(EndpointClient(address, "rule"), retries=Retries(3, 0, 0), concurrency=4)
        found, lost = pairs(backend, ["hostile", "competent"], episodes=3, max_turns=3)
        assert lost == 0 and len(found) == 6 and len({pair.scenario for pair in found}) == 3
        assert all(len(pair.scripted) == len(pair.other) and pair.scripted[0] == pair.other[0] for pair in found)
        assert set(agreement(found, np.random.default_rng(0), 20)) == {"turn", "episode", "seeker", "policy"}


def test_the_model_judges_the_scripted_talk_with_its_own_emotion():
    seen = []

    def good(self, messages):
        seen.append(messages)
        ByRule.good(self, messages, change=7)

    transcript = {
        "scenario": _some_scenario(), "opening": "It is bad.", "first_emotion": 30_500,
        "turns": [{"heard": "Why?", "line": "Because."}, {"heard": "I see.", "line": "Do you?"}],
    }  # fmt: skip
    with listening(ByRule.fresh(good=good)) as address:
        assert felt(LanguageModelBackend(EndpointClient(address, "rule")), transcript) == (30_500, 37_500, 44_500)
    assert [line["text"] for line in said(seen[1])] == ["It is bad.", "Why?", "Because.", "I see."]
    assert "now: 37.5 of" in seen[1][-1]["content"]


def test_talks_without_a_usable_answer_are_counted_and_left_out():
    def good(self, messages):
        text = json.dumps(messages)
        self.fail("broken", messages) if "stop" in text.lower() else ByRule.good(self, messages)

    with listening(ByRule.fresh(good=good)) as address:
        backend = LanguageModelBackend(EndpointClient(address, "rule"), retries=Retries(2, 0, 0))
        found, lost = pairs(backend, ["hostile", "silent"], episodes=2, max_turns=2)
    assert len(found) + lost == 4


def _some_scenario():
    from empathy_gym.seeker import bank

    return bank.scenario_ids("test")[0]
