"""What the seeker takes up of the other's words is short, fits the persons, and is made of words that the seeker knows."""

from hypothesis import given
from hypothesis import strategies as st

from empathy_gym.seeker.concepts import concept, is_known
from empathy_gym.seeker.takeup import (
    SAYING_WORDS,
    STEP_WORDS,
    clause,
    is_plain,
    mention,
    mood,
    platitude,
    saying,
    step,
    stray,
    tail,
    thing,
)
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


def test_a_thing_has_its_whole_name():
    told = {concept("bike"), concept("shop")}
    assert thing("So the bike shop is gone.", told) == "the bike shop"
    assert thing("So a bike is gone.", told) == "the bike"


def test_a_thing_that_nobody_spoke_of():
    assert stray("The violin weighs on you.", NOBODY, NOBODY) == "the violin"
    assert stray("The violin weighs on you.", NOBODY, {concept("violin")}) is None
    assert stray("I see.", NOBODY, NOBODY) is None


def test_a_thing_of_ones_own():
    assert mention("I had a bike shop on Cutler Street.") == "the bike shop"
    assert mention("It was so.") is None


def test_the_word_for_how_somebody_feels():
    assert mood("I can hear how ashamed you are.") == ("ashamed", "shame")
    assert mood("You're not ashamed at all.") is None
    assert mood("You stuck it out.") is None


def test_a_reason_and_a_tail_word_for_word():
    assert clause("It isn't your fault: a promise can be kept.", NOBODY) == "a promise can be kept"
    assert clause("It isn't your fault.", NOBODY) is None
    assert tail("The house is full of rain.", NOBODY) == "full of rain"


def test_half_a_name_is_not_taken_up():
    assert mention("Someone keeps texting me where the spare tiles are.") == "the spare tiles"
    assert mention("I'm raising a twelve-year-old.") is None
    assert mention("They left the miners' helmet above it.") == "the miners' helmet"
    assert thing("The bike shop closed.", {concept("bike")}) is None
    assert thing("It hurt, your sister sings in it.", {concept("sister")}) == "my sister"


def test_the_speaker_s_own_mood_is_not_the_other_s():
    assert mood("I'd be glad to listen.") is None
    assert mood("I am really sad about it.") is None
    assert mood("So you're sad.") == ("sad", "sadness")


def test_only_what_has_nothing_of_theirs_is_a_platitude():
    told = {concept("ferry")}
    assert platitude("It will get better.", told) == "It will get better"
    assert platitude("The ferry is very exact.", told) is None


def test_a_remark_proposes_nothing():
    assert step("Maybe that's too much to start with.", NOBODY) is None


def test_english_is_known_by_its_small_words():
    assert is_plain("Was it a quarrel over straight lines and nothing else at the very end?")
    assert is_plain("Over straight lines?")
    assert not is_plain("blue the of under quickly spoons rather sideways into")


def test_a_clause_is_no_thing():
    assert mention("The post's slow just now.") is None
    assert thing("So the post's slow, you say.", {concept("post")}) is None
    assert mention("I could tell the toilet light from the kitchen light.") is None
    assert mention("The crust burnt and nobody came.") == "the crust"


def test_what_only_says_where_is_not_what_was_told():
    assert mention("I put the phone next to the salt.") == "the phone"


def test_a_paraphrase_of_theirs_is_not_said_to_have_missed():
    assert stray("Your trolley got removed.", NOBODY, NOBODY) is None
    assert stray("The trolley with the limes is gone.", {concept("limes")}, NOBODY) is None


def test_a_question_is_no_saying_and_an_interjection_no_part_of_one():
    assert saying("How many did people borrow?", NOBODY) is None
    assert saying("Well, at least you have your health.", NOBODY) == "at least you have your health"


def test_what_is_true_is_no_step():
    assert step("Maybe both are true.", NOBODY) is None
    assert thing("You could leave her a voice message.", {concept("voice")}) == "the voice message"


def test_what_something_is_only_likened_to_was_not_told():
    assert mention("Each cough at night goes through me like a wire.") is None


def test_half_a_word_is_taken_up_by_nobody():
    assert stray("I'm sorry for the clich\u00e9s.", NOBODY, NOBODY) is None
    assert thing("Your caf\u00e9 again.", {concept("cafe"), concept("caf")}) is None
