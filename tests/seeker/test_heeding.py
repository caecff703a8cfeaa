"""What people say is known by its wordings, the most telling first, and every row has enough to answer with."""

import json
from importlib import resources

from hypothesis import given
from hypothesis import strategies as st

from empathy_gym.seeker.heeding import GROUPS, SMALL_WORDS, heeded
from empathy_gym.seeker.scenario import VOICES

ROWS = json.loads(resources.files("empathy_gym").joinpath("data/speech_heard.json").read_text(encoding="ascii"))


def first(text, *groups):
    rows = heeded(text, groups or GROUPS)
    return rows[0].id if rows else None


def test_comforts_are_told_apart():
    assert first("Your feelings are completely valid.", "comfort") == "valid"
    assert first("You are stronger than you think.", "comfort") == "stronger"
    assert first("Please be gentle with yourself.", "comfort") == "gentle"
    assert first("The ferry left at nine.", "comfort") is None


def test_the_longest_wording_counts():
    assert first("What is it like to be at home?", "question") == "how_feel"
    assert first("What is the hardest hour of the day?", "question") == "hardest"
    assert first("What was your dog's name?", "question") == "name"


def test_a_word_that_opens_a_question_counts_at_its_beginning():
    assert first("Is he home?", "question") == "whether"
    assert first("The house is empty?", "question") is None


def test_what_is_only_mentioned_is_no_advice():
    assert first("My tea is going cold.", "advice") is None
    assert first("You could try a cup of tea.", "advice") == "reminder"


def test_small_talk_is_small():
    assert first("Right, I see.", "small") == "okay"
    assert first("It is right " + "and " * SMALL_WORDS + "so on.", "small") is None


def test_every_row_has_answers_for_all_and_for_each_voice():
    for row in ROWS:
        assert len(row["lines"]["any"]) >= 3, row["id"]
        assert set(row["lines"]) == {"any", *VOICES} or row["id"] in ("space",) or len(row["lines"]) >= 6, row["id"]
        for lines in row["lines"].values():
            assert len(set(lines)) == len(lines), row["id"]


@given(st.text(max_size=200))
def test_whatever_is_said(text):
    assert all(row.group in GROUPS for row in heeded(text, GROUPS))


def test_what_is_denied_was_not_said():
    assert first("It doesn't always get better.", "comfort") is None
    assert first("It will get better.", "comfort") == "get_better"
    assert first("I don't think you're weak.", "harm") is None
    assert first("You're weak.", "harm") == "names"
    assert first("Why don't you take a break?", "advice") == "break"
    assert first("Please don't be too hard on yourself.", "comfort") == "gentle"


def test_an_answer_speaks_of_nothing_that_was_not_said():
    row = heeded("It is normal to feel like that.", ("comfort",))[0]
    assert row.id == "valid"
    assert not any(
        "alid" in line for lines in row.fitting("It is normal to feel like that.").values() for line in lines
    )
    assert any("alid" in line for lines in row.fitting("That is valid.").values() for line in lines)


def test_no_answer_says_yes_and_no():
    for row in ROWS:
        for line in (*row.get("leads", ()), *(line for lines in row["lines"].values() for line in lines)):
            assert "yes and no" not in line.lower() and not line.startswith(("Yes. No", "No. Yes")), line


def test_advice_is_known_by_how_it_is_put():
    assert first("You never got to tell him.", "advice") is None
    assert first("You must have walked for hours.", "advice") is None
    assert first("A letter lay on the table.", "advice") is None
    assert first("Write a letter to your sister.", "advice") == "email"
    assert first("It's not your fault.", "harm", "fault") == "not_fault"


def test_a_general_word_about_them_is_no_general_truth():
    assert first("Stress often shows in the body.", "inform") == "body"
    assert first("Your body was shaking.", "inform") is None
    assert first("Most people get over something like that.", "inform", "share") == "most_people"
    assert first("I'm sorry, that was too quick of me.", "comfort") == "own_apology"


def test_a_question_is_no_comfort_advice_or_hurt():
    said = ("comfort", "advice", "inform", "harm", "small")
    assert first("Did you cancel the guests, at least?", *said) is None
    assert first("What hurts the most right now?", *said) is None
    assert first("How long did you sleep?", *said) is None
    assert first("Have you tried going for a walk?", "advice") == "exercise"
    assert first("At least you have your memories.", "harm") == "at_least"
    assert first("It's nothing to be ashamed of.", "harm") is None
    assert first("I hope you're okay.", "comfort") == "i_hope"
