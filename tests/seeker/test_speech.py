"""The seeker's lines answer what was said, keep private things from the cold, and never come twice."""

import re

import pytest

from agents.scripted import STOCK
from empathy_gym.seeker import bank
from empathy_gym.seeker.details import in_words
from empathy_gym.seeker.heeding import _table, heeded
from empathy_gym.seeker.mind import spoken
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


def heeded_rows(group):
    """The rows of a group, each once."""
    found = (row for rows in _table().values() for _, row in rows if row.group == group and not row.last)
    return list({row.id: row for row in found}.values())


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
    "question", ["Do you have children?", "Where do you live?", "When was that?", "How many are there?"]
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
        for reply in ("blue the of under quickly spoons", "fork fork the by of", "of under it so the an", "xq zzt plo"):
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
    lines = [seeker(key).hear("I'm so sorry about the violin.").line.lower() for key in KEYS]
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


def test_the_seeker_knows_their_own_age():
    for key in KEYS:
        someone = seeker(key)
        line = someone.hear("May I ask how old you are?").line.lower()
        assert in_words(someone.scenario.persona.age) in line


def test_a_question_that_the_story_asks_itself_is_answered_from_the_fact_or_left_for_later():
    later = reaction("not_yet")
    for key in KEYS:
        for fact in seeker(key).scenario.story.facts:
            someone = seeker(key)
            line = someone.hear(normalise(fact.asks[0][0].upper() + fact.asks[0][1:])).line.lower()
            told = any(spoken(said) in line for f in someone.scenario.story.facts for _, said in f.said)
            brief = fact.depth == 0 or someone.mind.unlocked(fact.depth)
            assert told or not brief or any(found in line for found in later) or len(line) < 120
            if not someone.mind.unlocked(fact.depth) and fact.depth:
                assert not any(spoken(said) in line for _, said in fact.said)


def test_who_somebody_is_is_told_by_their_name():
    someone = seeker(313)
    assert "Devika" in someone.hear("Who is your friend?").line
    assert "Devika" in someone.hear("What's her name, again?").line


def test_a_tag_is_no_question_of_its_own():
    nods = reaction("nod") | {"not quite", "it was"}
    line = seeker(321).hear("So the baking was how you two talked, wasn't it?").line.lower()
    assert any(nod in line for nod in nods)


def test_no_advice_is_answered_where_none_was_given():
    advice = set().union(*(row_lines(row) for row in heeded_rows("advice")))
    for key in KEYS:
        for reply in ("You walked home past the phone box and never told her.", "A letter lay on the list by the bed."):
            line = seeker(key).hear(reply).line.lower()
            assert not any(found in line for found in advice)


def test_what_was_asked_is_not_quoted_as_an_insult():
    for key in KEYS:
        line = seeker(key).hear("You are pathetic. How many were there?").line
        assert "'How many were there'" not in line


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("I have to ask, are you thinking of ending your life?", "safe"),
        ("Has he said anything about killing himself?", "safe_other"),
    ],
)
def test_a_question_for_somebodys_life_is_never_passed_over(question, row):
    answers = row_lines(heeded(question, ("question",))[0])
    assert heeded(question, ("question",))[0].id == row
    for key in KEYS:
        someone = seeker(key)
        for _ in range(2):
            if someone.outcome is None:
                line = someone.hear(question).line.lower()
                assert any(found in line for found in answers), line


def test_who_is_asked_to_go_on_goes_on_with_something():
    for key in KEYS:
        someone = seeker(key)
        someone.hear("Please go on. I'm listening.")
        assert someone.mind.memory.disclosed, someone.messages[-1]


def test_what_was_told_comes_again_only_in_a_fuller_wording():
    for key in KEYS:
        someone = seeker(key)
        for reply in ("What happened?", "And what happened then?", "How was that?", "What happened to you?"):
            someone.hear(reply)
        told_lines = [
            (fact.id, line)
            for message in someone.messages
            for fact in someone.scenario.story.facts
            for _, line in fact.said
            if line.rstrip(".").lower() in message["content"].lower()
            and message["role"] == "user"
            and not any(line != other and line.rstrip(".") in other for _, other in fact.said)
        ]
        for at, (name, line) in enumerate(told_lines):
            assert all(len(line) > len(before) for other, before in told_lines[:at] if other == name), told_lines


def test_who_tells_a_thing_again_mostly_says_that_they_know():
    leads = {normalise(line).rstrip(".").lower() for lines in stock()["told_again"].values() for line in lines}
    again = 0
    for key in range(120):  # most say something else that is new
        someone = seeker(key)
        told = set()
        for reply in ("What happened?", "And what happened then?", "How was that?", "What happened to you?"):
            line = someone.hear(reply).line.lower()
            facts = {
                f.id for f in someone.scenario.story.facts for _, said in f.said if said.rstrip(".").lower() in line
            }
            lead = any(line.startswith(words) or f". {words}" in line for words in leads)
            again += lead
            assert not lead or facts or told, line  # nobody says so of what is the first that they tell
            told |= facts
    assert again > 5


def test_a_question_about_their_own_word_is_never_lost():
    lost = reaction("lost") | reaction("confused")
    for key in KEYS:
        someone = seeker(key)
        word = max(re.findall("[a-z]{4,}", someone.messages[-1]["content"]), key=len)
        line = someone.hear(f"What {word}? Be specific, please.").line.lower()
        assert not any(found in line for found in lost), (word, line)


def test_a_first_open_question_is_never_put_off():
    later = reaction("not_yet")
    for key in KEYS:
        someone = seeker(key)
        line = someone.hear("What happened?").line.lower()
        assert not any(found in line for found in later), line
        assert someone.mind.memory.disclosed


def test_somebody_asked_how_they_are_says_so_first():
    known = row_lines(heeded("How are you?", ("question",))[0])
    for key in KEYS:
        line = seeker(key).hear("Hello. How are you?").line.lower()
        assert any(line.startswith(found) for found in known), line


def test_another_name_for_their_thing_is_not_repeated():
    speech = seeker(40)._speech
    speech._speak("I carry it round in a freezer bag.")
    assert speech._is_theirs("the freezer bag")
    assert not speech._is_theirs("the freezer sack")


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What sort of place does your family come from?", "my family"),
        ("How did it come to that Wednesday?", "Wednesday"),
        ("What did she write to her?", "her"),
    ],
)
def test_a_refusal_says_what_it_refuses(question, name):
    for key in KEYS:
        speech = seeker(key)._speech
        speech._listen(question)
        said = {speech._later().lower() for _ in range(4)}
        assert len(said) == 4
        assert all(name.lower() in line for line in said), said


def test_of_what_they_brought_up_themselves_a_refusal_says_that_there_is_more():
    begun, unsaid = ({line.partition("{it}")[0] for lines in stock()[kind].values() for line in lines} for kind in ("not_yet_more", "not_yet_thing"))  # fmt: skip
    for key in KEYS:
        speech = seeker(key)._speech
        speech._listen("What did she write to her?")
        line = speech._later()
        assert any(line.lower().startswith(start.lower()) for start in begun), line
        assert line.partition("her")[0] not in unsaid - begun


def test_a_suggestion_that_is_put_as_a_question_is_answered_as_one():
    answers = {kind: reaction(kind) for kind in ("advice_vague", "advice_early", "advice_welcome", "advice_tried")}
    for key in KEYS:
        someone = seeker(key)
        line = someone.hear("It sounds like a lot. What if you wrote a short letter to the council?").line
        step = "short letter" in line.lower()
        assert step or any(answer in line.lower() for lines in answers.values() for answer in lines) or heeded(line, ("advice",)), line  # fmt: skip


def test_after_a_refusal_nothing_private_is_volunteered():
    for key in KEYS:
        someone = seeker(key)
        for reply in ("What happened?", "So it hurts.", "I can see how much this weighs on you."):
            if someone.outcome is None:
                someone.hear(reply)
        speech, mind = someone._speech, someone.mind
        mind.memory.disclosed.update({f.id: 0 for f in someone.scenario.story.facts if f.depth < PRIVATE})
        assert speech._volunteer(mind, 1000, frozenset(), shallow=True) == []


@pytest.mark.parametrize(
    "advice",
    [
        "You should take a break, do something nice, and come back with a fresh head.",
        "You should make a list and work on your goals one by one.",
    ],
)
def test_general_advice_is_not_taken_for_blame(advice):
    blamed = reaction("hurt_judging") | reaction("stung_little")
    for key in KEYS:
        line = seeker(key).hear(advice).line.lower()
        assert not any(line.startswith(found) for found in blamed), line


def test_a_coldness_without_a_harmful_word_is_answered_mildly():
    harsh = reaction("stung_little") | reaction("hurt_dismissing")
    for key in KEYS:
        someone = seeker(key)
        line = someone.hear("Life is full of contradictions. I do hope tomorrow is a better day for you.").line.lower()
        assert not any(line.startswith(found) for found in harsh), line


def test_a_saying_with_a_tag_is_granted_in_its_own_words():
    lines = [seeker(key).hear("Little things can mean a great deal, can't they?").line.lower() for key in KEYS]
    assert not any("it is" in line for line in lines)
    assert sum("they can" in line for line in lines) > len(lines) // 2


def test_nobody_has_no_idea_of_what_they_did_themselves():
    ignorant = reaction("instead") | reaction("unsure") | {"her?"}
    for key in KEYS:
        line = seeker(key).hear("Have you rung her since?").line.lower()
        assert not any(line.startswith(found) for found in ignorant), line


def test_the_other_s_words_are_quoted_once_at_most():
    for key in KEYS:
        speech = seeker(key)._speech
        quoted = 0
        for saying in (
            "Everyone has the right to cry.",
            "Time will bring its own answer.",
            "Every cloud has a lining.",
        ):
            speech._listen(saying)
            quoted += bool(speech._take_up("takes_saying", 1000, None))
        assert quoted <= 1
