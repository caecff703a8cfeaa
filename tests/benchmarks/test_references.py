"""Blind references: whole, in ASCII, of known stories; a found fact needs to be said of the seeker."""

from benchmarks.references.__main__ import FOLDER, found, measure, pairs
from empathy_gym.seeker import bank


def test_every_row_names_a_fact_of_its_split():
    for path in FOLDER.glob("*.jsonl"):
        for story, fact, _, sentence in pairs(path.stem):
            assert bank.stories()[story].split == path.stem
            assert bank.stories()[story].fact(fact).id == fact
            assert sentence.isascii() and len(sentence.split()) >= 4


def test_measure_gives_shares_with_intervals():
    figures = measure("dev")
    for name in ("recall", "precision"):
        value, low, high = figures[name]
        assert 0 <= low <= value <= high <= 1
    found_away, away, home = figures["strangers"]
    assert 0 <= found_away <= 1 and 0 <= 3 * away <= home <= 1000


def test_a_question_or_a_story_of_ones_own_finds_nothing():
    story = next(iter(bank.stories().values()))
    for fact in story.facts:
        gist = fact.gists[0]
        assert not found(story.id, f"{gist}?")
