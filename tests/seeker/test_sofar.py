"""The talk so far: carried on turn after turn it is the talk made anew, and what is an echo of it."""

from hypothesis import given
from hypothesis import strategies as st

from empathy_gym.seeker.concepts import concept
from empathy_gym.seeker.phrase import phrase
from empathy_gym.seeker.sofar import LOOK_BACK, talk
from empathy_gym.seeker.text import fold, normalise, sentences

LINES = st.sampled_from(
    (
        "",
        "My sister moved out. She never rings.",
        "You must feel so alone without your sister.",
        "I keep my phone by the bed in case she rings...",
        "What was it like when the phone stayed silent?",
        "You must feel so angry about the house.",
        "nobody asks; i'm tired of the house\nand of mum",
    )
)


@given(st.lists(st.tuples(LINES, LINES), max_size=LOOK_BACK // 2 + 3))
def test_a_talk_carried_on_is_the_talk_made_anew(turns):
    messages = [{"role": "user", "content": "My sister moved out."}]
    carried = talk(messages)
    for reply, line in turns:
        messages += [{"role": "assistant", "content": reply}, {"role": "user", "content": line}]
        carried = talk(messages, carried)
        assert carried == talk(messages)


@given(st.text(max_size=200))
def test_a_text_and_its_fold_have_the_same_sentences(raw):
    heard = normalise(raw)
    assert sentences(heard) == sentences(fold(heard))


def echoes(reply):
    """What counts as an echo in a reply to somebody who shut a shop, and what does not."""
    said = phrase(fold(reply))
    found = talk([{"role": "user", "content": "I shut my shop in March, and I pushed the case under the bed."}]).echoed(
        said
    )
    return found, frozenset(said.concepts) - found


def test_a_word_in_the_place_of_theirs_is_an_echo():
    assert not echoes("So you closed your store in March.")[1]
    assert concept("mattress") in echoes("You shoved the case under the mattress.")[0]  # by the shape alone
    assert echoes("You shoved the suitcase in there.")[0] == {concept("push"), concept("suitcase")}
    assert not echoes("I shut my shop in March.")[1]


def test_the_same_thing_said_in_a_sentence_of_ones_own_is_none():
    found, own = echoes("All those years behind a counter, and then a locked store with your name still over the door.")
    assert concept("store") in own
    assert not found


def test_a_sentence_given_back_with_small_words_between_is_an_echo_in_any_order():
    assert not echoes("That store there, you closed it in March as well.")[1]


def test_what_fits_anybody_makes_no_sentence_ones_own():
    tail = "and you deserve a kind word and a friend beside you, and you hope somebody would help you carry that"
    assert echoes("You closed your store in March.")[0] <= echoes(f"You closed your store in March, {tail}.")[0]


def test_a_clause_given_back_stays_a_copy_whatever_is_joined_on_to_it():
    before = talk(
        [{"role": "user", "content": "My shop went bust after six years, on a Saturday at the end of March."}]
    )
    clause = "Your shop went bust after six years on a Saturday"
    alone, joined = (
        before.copied(phrase(fold(said)))
        for said in (clause, f"{clause}, and nobody was there to listen or to hold your hand")
    )
    assert alone == 1000 and joined >= 700
    assert (
        before.copied(phrase(fold("Six years of work, and on some Saturday you had to let it all go for good"))) < 300
    )
