"""What a question asks for is found in the story's own words, and only of what it asks about."""

import pytest

from empathy_gym.seeker.concepts import stem
from empathy_gym.seeker.details import (
    about_whom,
    asking_of,
    counted,
    detail,
    in_words,
    points_back,
    short_answer,
    subject,
    topic_of,
)


def test_ages_times_and_numbers():
    assert detail("age", "Amos is twelve, he's my sister's.", "How old is he?") == "twelve"
    assert detail("age", "It is five. They unload at five.", "How old is he?") is None
    assert detail("age", "I was nine, under the table.", "How old is she?") is None
    assert detail("when", "It went out on Monday morning.", "When was that?") == "on Monday morning"
    assert detail("when", "Eleven days back? No, three weeks ago.", "When was that?") == "three weeks ago"
    assert detail("how_long", "I baked for twenty years for our valley.", "How long?") == "for twenty years"
    assert counted("There's six crates of artichokes.", "How many crates were there?") == "six crates"
    assert counted("There's six crates of artichokes.", "How many people were there?") is None


def test_numbers_are_written_out():
    assert [in_words(n) for n in (7, 19, 20, 58, 99)] == ["seven", "nineteen", "twenty", "fifty-eight", "ninety-nine"]


def test_whom_a_name_is_of():
    assert about_whom("Who is she?", "Sina, she works with me") > about_whom("Who is she?", "Sina at work")
    assert about_whom("Who is she?", "he and Marcus, my brother") == 0
    assert about_whom("What is your niece's name?", "my niece Chiara") > 1
    assert about_whom("What is your niece's name?", "my brother Ivo") == 0


def test_a_question_that_has_nothing_of_its_own_points_back():
    assert points_back("What did it say?")
    assert not points_back("What did the sign say?")
    assert topic_of("How old is she?") == frozenset()
    assert asking_of("What did he get for them?")[1]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What is the bus like for him?", "the bus"),
        ("Has it shown at practice yet?", "practice"),
        ("How did it come to that Wednesday?", "Wednesday"),
        ("What was in your letter?", "my letter"),
        ("What did Yusuf say to that?", "Yusuf"),
        ("What was the balloon business?", "the balloon business"),
        ("How has she been since then?", "her"),
        ("How did you come to live there?", "how it came about"),
        ("What do you wish the others had understood?", "the others"),
        ("What did that night mean to you?", "that night"),
        ("What are you afraid of losing?", "what I'm afraid of"),
        ("What was it like for you as a child?", "my childhood"),
        ("Was there a moment that stung?", None),
        ("How did the change show itself?", None),
        ("Is there anything coming up?", None),
        ("What is the violin like for you?", None),
    ],
)
def test_what_a_question_is_about_can_be_named(question, name):
    own = frozenset(map(stem, "bus practice letter balloon business change show stung".split()))
    assert subject(question, own, frozenset(("Yusuf",))) == name


def test_the_short_answer_to_a_tag():
    assert short_answer("Little things can mean a great deal, can't they?") == "they can"
    assert short_answer("You are worn out, aren't you?") == "I am"
    assert short_answer("That was hard, wasn't it?") == "it was"
    assert short_answer("Will it be all right?") == ""
