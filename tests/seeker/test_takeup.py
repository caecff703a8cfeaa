"""What the seeker takes up of the other's words is short, fits the persons, and is made of words that the seeker knows."""

from hypothesis import given
from hypothesis import strategies as st

from empathy_gym.seeker.concepts import concept, is_known
from empathy_gym.seeker.takeup import SAYING_WORDS, STEP_WORDS, saying, step, thing
from empathy_gym.seeker.text import fold, words

NOBODY = frozenset()


def test_a_thing_that_was_told_with_the_persons_turned():
    told = {concept("sister"), concept("manager")}
    assert thing("So your sister sold the house.", told) == "my sister"
    assert thing("What did the old manager say?", told) == "the old manager"
    assert thing("So your sister sold the house.", NOBODY) is None
    assert thing("I see.", told) is None


def test_a_step_is_what_was_proposed():
    assert step("You could write a letter to your father.", NOBODY) == "write a letter to my father"
    assert step("Have you tried meditation?", NOBODY) is None  # one word alone names no step
    assert step("Maybe ask your brother, and then rest.", NOBODY) == "ask my brother"
    assert step("That sounds hard.", NOBODY) is None


def test_a_saying_word_for_word():
    assert saying("It will get better.", NOBODY) == "It will get better"
    assert saying("It will get better, and one day you will laugh about it.", NOBODY) is None
    assert saying("Thank you for sharing that.", NOBODY) is None
    assert saying("Yes.", NOBODY) is None


def test_words_that_nobody_knows_are_not_taken_up():
    assert thing("You saw the xqzzv.", NOBODY) is None
    assert step("You could xqzzv the house.", NOBODY) is None
    assert saying("It will xqzzv better soon.", NOBODY) is None
    assert thing("You saw the xqzzv.", {concept("xqzzv")}) == "the xqzzv"  # the seeker's own word


@given(st.text(max_size=200))
def test_whatever_is_said(text):
    text = text.encode("ascii", "replace").decode()
    for take in (thing, step, saying):
        found = take(text, NOBODY)
        if found is not None:
            told = list(words(fold(found)))
            assert 2 <= len(told) <= max(STEP_WORDS, SAYING_WORDS[1]) + 1
            assert all((c := concept(word)) is None or is_known(c) for word in told)
