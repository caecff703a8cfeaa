"""The supporter that says everything back: what it says back, in other words, and what it leaves alone."""

from __future__ import annotations

import pytest

from agents.hopes import hope
from agents.other_words import NOUNS, OTHERS, PHRASAL, VERBS
from agents.restate import clauses, in_other_words, matter, restatement, sayable
from agents.restater import restater_reply


def _chat(*lines: str) -> list[dict[str, str]]:
    """A talk that the seeker's lines make, each but the last answered by the supporter."""
    chat: list[dict[str, str]] = []
    for at, line in enumerate(lines):
        chat.append({"role": "user", "content": line})
        if at < len(lines) - 1:
            chat.append({"role": "assistant", "content": restater_reply(chat)})
    return chat


@pytest.mark.parametrize(
    ("clause", "back"),
    [
        ("I was late", "you were late"),
        ("my sister shouted at me", "your sibling yelled at you"),
        ("she has written me a letter", "she has penned you a note"),
        ("she's got a new coat", "she has got a fresh jacket"),
        ("he looked after my mother", "he cared for your mum"),
        ("they waited at the bus stop", "they hung on at the coach stop"),
        ("he picked it up again", "he picked it up once more"),
    ],
)
def test_a_clause_is_said_back_in_other_words_with_the_persons_turned(clause: str, back: str) -> None:
    assert in_other_words(clause) == back


def test_the_form_of_a_verb_is_kept() -> None:
    assert [VERBS[w] for w in ("shout", "shouts", "shouting", "shouted")] == ["yell", "yells", "yelling", "yelled"]
    assert PHRASAL["gave up"] == "quit"
    assert not {word for table in (NOUNS, OTHERS, VERBS) for word, other in table.items() if word == other}


def test_who_leaves_the_subject_away_is_given_one() -> None:
    assert clauses("Got the letter on Monday.") == ["I got the letter on Monday"]


@pytest.mark.parametrize(
    "line",
    [
        "No idea.",
        "I can feel that landing somewhere.",
        "You asked, and now you don't care.",
        "Is it true?",
        "I wish I knew.",
    ],
)
def test_talk_about_the_talk_is_not_said_back(line: str) -> None:
    assert restatement(line) is None
    assert matter(line) == ""


def test_what_was_said_back_is_not_said_back_again() -> None:
    line = "My brother sold the house. The neighbours wrote a letter to the council."
    first = sayable(line)
    assert len(first) == 2
    assert sayable(line, first[0].back.lower()) == first[1:]


def test_after_a_mere_reaction_it_comes_back_to_what_was_told() -> None:
    told = "My brother sold the house. The neighbours wrote a letter to the council. My boss shouted at the cleaner."
    chat = _chat(told, "No idea.")
    first, second = chat[1]["content"], restater_reply(chat)
    left = [clause.back for clause in sayable(told, first.lower())]
    assert left
    assert any(back in second for back in left)


def test_it_says_nothing_twice_and_never_ends_up_without_words() -> None:
    lines = [
        "My brother sold the house and nobody told me.",
        "Yes.",
        "I don't know.",
        "Hm.",
        "No.",
        "Right.",
        "Maybe.",
        "Yes, well.",
    ]
    replies = [m["content"] for m in _chat(*lines, "Okay.") if m["role"] == "assistant"]
    assert all(reply and reply[0].isupper() and reply[-1] in ".?" and "{" not in reply for reply in replies)
    assert len(set(replies)) == len(replies)


def test_the_latest_hope_counts() -> None:
    assert hope(_chat("Was it my fault?", "What do I do now?")) == "advice"
    assert hope(_chat("Hello there.")) is None
