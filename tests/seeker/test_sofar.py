"""The talk so far: carried on turn after turn it is the talk made anew."""

from hypothesis import given
from hypothesis import strategies as st

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
