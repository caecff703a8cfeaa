"""Answers are read strictly, and changes brought within their limit."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from empathy_gym.backends.answer import Malformed, parse

GOOD = {"analysis": "a", "thoughts": "t", "change": 4, "reply": "Yes."}


def test_a_good_answer_also_in_a_fence():
    for text in (json.dumps(GOOD), f"\n {json.dumps(GOOD)}\n", f"```json\n{json.dumps(GOOD)}\n```"):
        answer = parse(text)
        assert (answer.analysis, answer.thoughts, answer.change, answer.given, answer.reply) == ("a", "t", 4, 4, "Yes.")


@given(st.integers())
def test_the_change_is_clamped(change):
    answer = parse(json.dumps({**GOOD, "change": change}))
    assert answer.given == change and answer.change == max(-10, min(10, change))


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "[]", "5", "Sure! " + json.dumps(GOOD), json.dumps(GOOD) + json.dumps(GOOD), json.dumps(GOOD)[:-1], "[" * 9_000,
        json.dumps({**GOOD, "extra": 1}), json.dumps({k: v for k, v in GOOD.items() if k != "change"}), json.dumps({**GOOD, "change": 4.0}),
        json.dumps({**GOOD, "change": "4"}), json.dumps({**GOOD, "change": True}), json.dumps({**GOOD, "change": None}),
        json.dumps({**GOOD, "reply": " "}), json.dumps({**GOOD, "reply": 3}), json.dumps({**GOOD, "thoughts": None}),
        json.dumps(GOOD).replace("4", "NaN"), json.dumps(GOOD).replace("4", "Infinity"), json.dumps(GOOD).replace("4", "9" * 5_000),
        '{"change": 1, "change": 9, "analysis": "", "thoughts": "", "reply": "x"}', "x" * 30_000,
    ],
)  # fmt: skip
def test_all_else_is_malformed(text):
    with pytest.raises(Malformed, match="expected"):
        parse(text)


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text):
    try:
        parse(text)
    except Malformed as fault:
        assert len(str(fault)) < 400
