"""What is heard: one alphabet, thoughts taken out, spans aligned."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from empathy_gym.seeker.text import MAX_REPLY_CHARS, UNKNOWN, fold, normalise, sentences, split_thought


@pytest.mark.parametrize(
    ("raw", "thought", "spoken", "well_formed"),
    [
        ("Hello there.", None, "Hello there.", False),
        ("<think>she is sad</think> Hello there.", "she is sad", "Hello there.", True),
        ("<THINK>x</Think>Hello", "x", "Hello", True),
        ("<think></think> Hello", "", "Hello", False),
        ("<think>x</think>", "x", "", False),
        ("<think>x</think> ... !", "x", "... !", False),
        ("Hi <think>x</think> Hello", "x", "Hi Hello", False),
        ("<think>x</think> a <think>y</think> b", "x y", "a b", False),
        ("Hello <think>never closed", "never closed", "Hello", False),
        ("leaked plan</think> Hello", "leaked plan", "Hello", False),
        ("<th\u200bink>hidden</think> Hello", "hidden", "Hello", True),
        ("\uff1cthink\uff1ehidden\uff1c/think\uff1e Hello", "hidden", "Hello", True),
    ],
)
def test_split_thought(raw, thought, spoken, well_formed):
    assert split_thought(raw) == (thought, spoken, well_formed)


@pytest.mark.parametrize(
    ("raw", "heard"),
    [
        ("  a \t b\r\n\r\n c ", "a b\nc"),
        ("\u201cDon\u2019t\u201d \u2014 she said\u2026", '"Don\'t" - she said...'),
        ("\uff28\uff45\uff4c\uff4c\uff4f", "Hello"),
        ("\u0441alm", "calm"),
        ("caf\u00e9", "caf\u00e9"),
        ("\u4f60\u597d\u5417", UNKNOWN),
        ("a\u200bb\u00adc", "abc"),
        ("\ud800", UNKNOWN),
    ],
)
def test_normalise(raw, heard):
    assert normalise(raw) == heard


@given(st.text(max_size=300))
def test_normalise_is_idempotent_and_bounded(raw):
    heard = normalise(raw)
    assert normalise(heard) == heard
    assert len(heard) <= MAX_REPLY_CHARS
    assert len(fold(heard)) == len(heard)


@given(st.text(alphabet="ab .!?\n;<>/think", max_size=200))
def test_sentences_are_ordered_pieces(raw):
    heard = normalise(raw)
    at = 0
    for start, end in sentences(heard):
        assert at <= start < end <= len(heard)
        assert heard[start:end].strip() == heard[start:end]
        at = end


@given(st.lists(st.sampled_from(["<", ">", "/", "think", "<think>", "</think>", " ", "a"]), max_size=14).map("".join))
@example("<<think>x</think>think>y")
@example("<think<think>x</think>> y")
def test_what_is_spoken_holds_no_further_thought(raw):
    spoken = normalise(split_thought(raw)[1])
    assert split_thought(spoken) == (None, spoken, False)


@given(st.text(alphabet=st.sampled_from("<>/thinkTHINK ab\u200b"), max_size=80))
def test_nothing_inside_a_thought_is_spoken(inner):
    inner = inner.replace("<", "").replace(">", "")
    spoken = split_thought(f"<think>{inner} secretword</think> hello")[1]
    assert "secretword" not in spoken


def test_very_long_input_is_cut():
    assert len(normalise("ab " * 100_000)) <= MAX_REPLY_CHARS
