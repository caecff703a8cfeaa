"""The seeker's lines answer what was said, keep private things from the cold, and never come twice."""

import pytest

from agents.scripted import STOCK
from empathy_gym.seeker import bank
from empathy_gym.seeker.heeding import heeded
from empathy_gym.seeker.reactions import stock
from empathy_gym.seeker.seeker import Seeker
from empathy_gym.seeker.speech import PRIVATE
from empathy_gym.seeker.text import normalise

KEYS = range(40, 60)


def seeker(key, split="train"):
    return Seeker(bank.scenario(bank.pick(split, key)), key)


def row_lines(row):
    return {line.rstrip(".").lower() for lines in row.lines.values() for line in lines}


def reaction(kind):
    return {line.rstrip(".").lower() for lines in stock()[kind].values() for line in lines}


def told(someone, depth):
    """Facts of at least that depth that were voiced."""
    return [name for name in someone.mind.memory.disclosed if someone.scenario.story.fact(name).depth >= depth]


@pytest.mark.parametrize("comfort", STOCK)
def test_stock_comfort_is_answered_as_what_was_said(comfort):
    rows = heeded(comfort, ("comfort",)) + [r for part in comfort.split(". ") for r in heeded(part, ("comfort",))]
    known = set().union(*map(row_lines, rows))
    heard = 0
    for key in KEYS:
        line = seeker(key).hear(normalise(comfort)).line.lower()
        heard += any(found in line for found in known)
    assert heard >= len(KEYS) // 2


def test_two_comforts_are_not_answered_alike():
    lines = {seeker(key).hear("Your feelings are completely valid.").line for key in KEYS}
    others = {seeker(key).hear("You are stronger than you think.").line for key in KEYS}
    assert not lines & others


@pytest.mark.parametrize(
    "question", ["How old are you?", "Where do you live?", "When was that?", "How many are there?"]
)
def test_a_plain_question_is_dodged_and_not_answered_with_another_matter(question):
    dodged = 0
    for key in KEYS:
        someone = seeker(key)
        before = set(someone.mind.memory.disclosed)
        turn = someone.hear(question)
        asked = set(someone.mind.memory.disclosed) - before
        row = heeded(question, ("question",))[0]
        if any(line in turn.line.lower() for line in row_lines(row)):
            dodged += 1
            assert not asked
    assert dodged >= len(KEYS) // 2


def test_nothing_private_is_told_to_somebody_cold_or_in_nonsense():
    for key in KEYS:
        cold, nonsense = seeker(key), seeker(key)
        for reply in ("Stop whining, nobody cares.", "You are pathetic.", "It is your own fault.", "Get over it."):
            if cold.outcome is None:
                cold.hear(reply)
        for reply in ("blue the of under quickly spoons", "fork fork the by of", "so of the an under it", "xq zzt plo"):
            if nonsense.outcome is None:
                nonsense.hear(reply)
        beliefs = [line for item in cold.scenario.story.of_kind("belief") for line in item.lines]
        for someone in (cold, nonsense):
            assert not told(someone, PRIVATE)
            said = " ".join(m["content"] for m in someone.messages if m["role"] == "user")
            assert not any(line.rstrip(".") in said for line in beliefs)


def test_a_thing_nobody_spoke_of_is_said_to_have_missed():
    missed = {
        line.replace("{it}", "").strip(" .?").lower() for lines in stock()["missed_thing"].values() for line in lines
    }
    lines = [seeker(key).hear("I sense that the violin weighs on you so much.").line.lower() for key in KEYS]
    assert (
        sum("violin" in line and any(part in line.replace("the violin", "") for part in missed) for line in lines) >= 3
    )


def test_no_line_comes_twice_and_the_same_talk_gives_the_same_lines():
    replies = [*STOCK[:4], "What happened then?", "How old are you?", "So it hurts.", "Right, I see."]
    for key in KEYS:
        talks = []
        for _ in range(2):
            someone = seeker(key)
            for reply in replies:
                if someone.outcome is None:
                    someone.hear(normalise(reply))
            talks.append([m["content"] for m in someone.messages if m["role"] == "user"])
        assert talks[0] == talks[1]
        assert len(set(talks[0])) == len(talks[0])


def test_a_word_is_not_marked_as_taken_up_before_it_is_used():
    someone = seeker(44)
    someone.hear("What happened with all of that, if I may ask?")
    used = {line for line in someone._speech._teller.used if "{it}" in line}
    said = someone.messages[-1]["content"].lower()
    for line in used:
        kept = line.replace("{it}", "\0").split("\0")
        assert all(part.strip(" .?,").lower() in said for part in kept)


def test_a_question_that_has_no_answer_is_dodged_in_the_seeker_s_own_terms():
    question = "What would they have said to you about that?"
    lines = [seeker(key).hear(question).line for key in range(40, 80)]
    assert len(set(lines)) > len(lines) * 2 // 3


def test_english_is_not_quoted_back_as_if_it_were_none():
    quoted = {line.split("{it}")[0] for lines in stock()["lost_at"].values() for line in lines} - {"'", ""}
    for key in KEYS:
        line = seeker(key).hear("And over straight lines, was it?").line
        assert not any(line.startswith(start) for start in quoted)
