"""What only this person could answer: in every story, about what may be told, and in place of what anybody could say."""

import dataclasses
import json
from pathlib import Path

import pytest

from empathy_gym.errors import InvalidScenario
from empathy_gym.seeker import bank
from empathy_gym.seeker.heeding import heeded
from empathy_gym.seeker.own_words import ANSWERED, VAGUE, kind_of_answer, own_lines
from empathy_gym.seeker.reactions import stock
from empathy_gym.seeker.scenario import ANSWERS, Answer, parse_story
from empathy_gym.seeker.seeker import Seeker
from empathy_gym.seeker.speech import PRIVATE
from empathy_gym.seeker.wording import PLAIN_VOICE, Wording

FOLDER = Path(bank.__file__).parents[1] / "data" / "stories"
KEYS = range(30)
ASKED = {
    "hardest": "What is the hardest part of it?",
    "how_feel": "How does it feel?",
    "want": "What would you want?",
    "next": "What will you do next?",
}


def seeker(key, split="train"):
    return Seeker(bank.scenario(bank.pick(split, key)), key)


def test_every_story_has_lines_of_every_kind_and_no_two_alike():
    seen = {}
    for story in bank.stories().values():
        assert set(story.answers) == set(ANSWERS), story.id
        wordings = {line for fact in story.facts for _, line in fact.said}
        for kind, answers in story.answers.items():
            shallow = [a for a in answers if story.fact(a.about).depth < PRIVATE]
            assert shallow, (story.id, kind)
            for answer in answers:
                assert answer.line not in wordings
                assert seen.setdefault((story.id, answer.line), kind) == kind, (story.id, answer.line)


def test_kinds_have_a_question_each():
    asked = {row.id for kind in ANSWERS for row in heeded(ASKED.get(kind, ""), ("question",))}
    assert asked >= set(ASKED) and set(ANSWERED.values()) | {"unsure", "yes"} == set(ANSWERS)
    assert not VAGUE & set(ANSWERED)
    assert kind_of_answer(None) == ""


def answered(someone, line):
    """Kind and fact of the own lines in what was said."""
    story, line = someone.scenario.story, line.lower()
    return [(kind, a.about) for kind in ANSWERS for a in story.answers[kind] if a.line.rstrip(".").lower() in line]


def test_open_questions_are_answered_as_nobody_else_would():
    own = dict.fromkeys(ASKED, 0)
    for kind in ASKED:
        for key in KEYS:
            someone = seeker(key)
            for said in ("Tell me what happened.", "I'm listening, go on."):
                someone.hear(said)
            own[kind] += kind in dict(answered(someone, someone.hear(ASKED[kind]).line))
    assert min(own.values()) >= len(KEYS) // 6 and sum(own.values()) >= len(KEYS), own


def test_what_was_not_told_is_in_no_answer():
    found = 0
    for key in KEYS:
        someone = seeker(key)
        for question in ("Tell me what happened.", *ASKED.values()):
            if someone.outcome is None:
                told = {*someone.mind.memory.disclosed, *someone._speech._teller.voiced}
                line = someone.hear(question).line
                found += len(answered(someone, line))
                assert all(about in told for _, about in answered(someone, line)), line
    assert found > len(KEYS)


def test_what_is_at_hand_comes_first():
    story = next(iter(bank.stories().values()))
    about = {answer.about for answer in story.answers["next"]}
    close, rest = own_lines(story, "next", about, {story.answers["next"][0].about}, "")
    assert close and rest and len(close) + len(rest) == len(story.answers["next"])
    assert own_lines(story, "next", set(), about, "") == ([], [])
    assert own_lines(dataclasses.replace(story, answers={}), "next", about, set(), "") == ([], [])


def test_a_yes_and_a_no_idea_follow_what_was_said():
    story = next(iter(bank.stories().values()))
    lines = ("Yes. The towel was striped.", "Narrow, yes. It was a narrow boat.", "Where the boat went, no idea.")
    leaning = dataclasses.replace(story, answers={"yes": tuple(Answer("f01", line) for line in lines)})
    told = {"f01"}
    assert own_lines(leaning, "yes", told, told, "you were tired")[0] == [lines[0]]
    assert own_lines(leaning, "yes", told, told, "such a narrow thing")[0] == [lines[0], lines[1]]
    assert own_lines(leaning, "yes", told, told, "where did the boat go?")[0] == [lines[0], lines[2]]


def test_answers_are_optional_and_checked():
    path = FOLDER / "plot-thirty-one.json"
    data = json.loads(path.read_text(encoding="ascii"))
    split = "train"
    without = {name: value for name, value in data.items() if name != "answers"}
    assert parse_story(without, path.name, split).answers == {}
    for answers in ({"hopes": []}, {"want": [{"about": "f99", "line": "A door."}]}, {"want": [{"about": "f01"}]}):
        with pytest.raises(InvalidScenario, match="answers|about|line"):
            parse_story({**data, "answers": answers}, path.name, split)


def test_no_formal_stock_line_stands_beside_dialect():
    formal = {line for voices in stock().values() for line in voices.get("formal", ())}
    anyone = {line for voices in stock().values() for line in voices["any"]}
    pairs = [s for s in map(bank.scenario, bank.scenario_ids("train")) if s.persona.voice == "formal"]
    dialect = next(s for s in pairs if s.story.dialect)
    assert Wording(dialect, 0).voice == PLAIN_VOICE
    assert Wording(next(s for s in pairs if not s.story.dialect), 0).voice == "formal"
    for key in range(6):
        someone = Seeker(dialect, key)
        for question in ASKED.values():
            if someone.outcome is None:
                line = someone.hear(question).line
                assert not any(stiff in line for stiff in formal - anyone), line
