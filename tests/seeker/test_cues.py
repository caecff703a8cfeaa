"""Cues: the screen before the patterns hides no match."""

import json
import re
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from empathy_gym.seeker import cues, mechanisms
from empathy_gym.seeker.text import fold

SCREENS = (cues._SENTENCE_PATTERNS, mechanisms._SIGNS)


def corpus() -> list[str]:
    folder = resources.files("empathy_gym").joinpath("data/reader/corpus")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".jsonl")), key=lambda f: f.name)
    return [
        fold(s) for f in files for line in f.read_text(encoding="ascii").splitlines() for s, *_ in json.loads(line)["u"]
    ]


@pytest.mark.parametrize("screen", SCREENS)
def test_screen_hides_no_match_in_the_corpus(screen):
    for text in corpus():
        candidates = screen.candidates(text)
        assert not [n for n, p in screen.patterns.items() if n not in candidates and p.search(text)], text


PHRASES = sorted(
    {phrase for screen in SCREENS for p in screen.patterns.values() for phrase in re.findall(r"[a-z' ]{3,}", p.pattern)}
)


@given(st.lists(st.sampled_from(PHRASES), max_size=6))
def test_screen_hides_no_match_in_pieces_of_the_patterns(parts):
    text = " ".join(parts)
    for screen in SCREENS:
        candidates = screen.candidates(text)
        assert not [n for n, p in screen.patterns.items() if n not in candidates and p.search(text)]


def test_denied_and_quoted_cues_do_not_count():
    assert "judging" in cues.cues("it's your own fault")
    assert "judging" not in cues.cues('he said "it\'s your own fault" and left')


@pytest.mark.parametrize(
    ("said", "blames"),
    [
        ("You shouldn't have had to hear it from a stranger.", False),
        ("No, you shouldn't have to carry that.", False),
        ("You shouldn't have said that to her.", True),
        ("Perhaps you say it's your fault because then there'd be something you could have done.", False),
        ("You keep telling yourself it's all your fault.", False),
        ("You think everything is your fault, and I don't.", False),
        ("It's your own fault.", True),
        ("I think it was your fault.", True),
    ],
)
def test_what_somebody_had_to_bear_and_what_they_blame_themselves_for_is_no_blame(said, blames):
    assert ("judging" in cues.cues(fold(said))) == blames
