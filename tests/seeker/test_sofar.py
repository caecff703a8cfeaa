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
    assert not echoes("I shut my shop in March.")[1]


def test_the_same_thing_said_in_a_sentence_of_ones_own_is_none():
    found, own = echoes("All those years behind a counter, and then a locked store with your name still over the door.")
    assert concept("store") in own
    assert not found


def test_a_sentence_given_back_with_small_words_between_is_an_echo_in_any_order():
    assert not echoes("That store there, you closed it in March as well.")[1]
