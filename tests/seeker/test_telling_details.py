"""What a question asks for is found in the story's own words, and only of what it asks about."""

from empathy_gym.seeker.details import about_whom, asking_of, counted, detail, in_words, points_back, topic_of


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
