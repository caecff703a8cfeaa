"""Told back with something in it changed: who it was, how many."""

import pytest

from empathy_gym.seeker import bank
from empathy_gym.seeker.reading import read
from empathy_gym.seeker.seeker import Seeker

TOLD = "My brother sold the caravan in August. I painted the shed myself, twice, and I have four hens left. She returned my keys."


def crossed(reply, told=TOLD):
    return [unit.crossed for unit in read(reply, [{"role": "user", "content": told}]).units]


@pytest.mark.parametrize(
    ("reply", "what"),
    [
        ("So you sold the caravan.", "who"),
        ("She painted the shed, and you watched.", "who"),
        ("You returned your keys, then.", "who"),
        ("You have seven hens left.", "number"),
        ("You painted the shed and he sold the caravan.", None),
        ("She returned your keys.", None),
        ("You've only four hens now.", None),
        ("Your brother sold the caravan, and nobody asked you.", None),
        ("Did you sell the caravan?", None),
        ("You watched him and sold the caravan.", None),
        ("You miss those evenings.", None),
        ("It sounds as if August was hard.", None),
    ],
)
def test_who_did_it_and_how_many(reply, what):
    assert crossed(reply) == [what]


def test_before_anything_was_told_nothing_is_crossed():
    assert [unit.crossed for unit in read("So you sold the caravan.", []).units] == [None]


def test_told_back_wrongly_brings_nothing_and_tires():
    someone = Seeker(bank.scenario(bank.scenario_ids("train")[0]), 7)
    someone.mind.observe(TOLD)
    someone.messages.append({"role": "user", "content": TOLD})
    wrong = someone.hear("So you sold the caravan.", read("So you sold the caravan.", someone.messages))
    lines = [line for line in wrong.ledger if line["cause"] == "misheard"]
    assert len(lines) == 1 and lines[0]["amount"] < 0 and lines[0]["skill"] is None
    assert not any(line["amount"] > 0 for line in wrong.ledger if line["skill"])
