"""Naming the things of a story is not the same as saying what happened to them."""

import random

import pytest

from benchmarks.exploits.__main__ import attacker, gains
from benchmarks.exploits.bags import BAGS, CARPETS
from empathy_gym.seeker import bank
from empathy_gym.seeker.concepts import concept
from empathy_gym.seeker.grounding import story_index
from empathy_gym.seeker.phrase import phrase
from empathy_gym.seeker.predicates import says, told_of
from empathy_gym.seeker.text import fold

STORIES = list(bank.stories().values())[:12]


def told(lines, story):
    """Share of a fact's lines that tell of it, of those that mention two of its things."""
    index, found = story_index(story), []
    for fact, line in lines:
        said = phrase(fold(line))
        if len(index.own(fact, said.concepts)) > 1:
            found.append(index.tells(fact, said))
    return found


def test_a_list_says_nothing_of_its_things():
    said = phrase(fold("No wonder you come back to the petrol and the scent and the neighbour."))
    assert not {c for c in says(said) if isinstance(c, tuple)}
    assert says(phrase(fold("The neighbour smelt petrol."))) & told_of(phrase(fold("the neighbours smelt the petrol")))


def test_wordings_tell_and_their_words_in_another_order_do_so_less():
    whole, mixed, rng = [], [], random.Random(0)
    for story in STORIES:
        lines = [(fact.id, line) for fact in story.facts for _, line in fact.said]
        whole += told(lines, story)
        mixed += told([(f, " ".join(rng.sample(line.split(), len(line.split())))) for f, line in lines], story)
    assert sum(whole) / len(whole) > 0.95
    assert sum(mixed) / len(mixed) < sum(whole) / len(whole) / 2


@pytest.mark.parametrize(
    "name", ["carpet of things, question", "fresh pieces, own words", "fresh one noun and a question"]
)
def test_naming_does_not_pay(name):
    # 12 seekers leave an error of some three points
    assert gains(attacker({**CARPETS, **BAGS}[name]), 12, "train").mean() < 14


def test_what_nobody_can_do_is_not_told():
    assert concept("call") in says(phrase("they call every evening"))
    assert concept("truck") not in says(phrase("they truck you with the neighbor smash"))
