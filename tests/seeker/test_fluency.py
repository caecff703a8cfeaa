"""Whether a sentence is one, and what ready frames around the seeker's nouns are worth."""

import pytest

from empathy_gym.seeker import bank
from empathy_gym.seeker.concepts import concepts
from empathy_gym.seeker.fluency import fluent, without_stutter
from empathy_gym.seeker.grounding import story_index
from empathy_gym.seeker.keyed import shuffled
from empathy_gym.seeker.reading import read
from empathy_gym.seeker.text import fold, words


@pytest.mark.parametrize(
    "sentence",
    [
        "You drove all night through the rain and nobody so much as made you a coffee.",
        "I, I, I think you did what anyone in your place would have done.",
        "Sounds like he wasn't even listening, was he?",
        "idk it just seems like ur mum doesnt get how tired you are",
        "Xiomara telling Bartholomew about the kazoo must have stung.",
    ],
)
def test_people_make_sentences(sentence):
    assert fluent(words(fold(sentence))) >= 700  # the weights move with each new story


@pytest.mark.parametrize(
    "sentence",
    [
        "Maybe both are true the half and still and still still still still still",
        "The was and to of because them it what she and to the like for scared of",
        "Of the to and you were because is them a feeling the so with not",
    ],
)
def test_words_beside_each_other_are_none(sentence):
    assert fluent(words(fold(sentence))) < 350


def test_shuffling_takes_the_sentence_away():
    """Most shuffled sentences of nine words and more are no longer sentences; most whole ones are."""
    lines = [
        line for story in bank.stories().values() if story.split != "train" for f in story.facts for _, line in f.said
    ]
    tokens = [t for line in lines if len(t := list(words(fold(line)))) >= 9]
    whole = sum(fluent(t) for t in tokens) // len(tokens)
    broken = sum(fluent(shuffled(t, i, 0, "test")) for i, t in enumerate(tokens)) // len(tokens)
    assert whole > 950 and broken < 350, (whole, broken)


def test_stutter():
    assert without_stutter("i i i think so".split()) == "i think so".split()
    assert without_stutter("still still still still still".split()) == ["still"] * 5
    assert without_stutter([]) == []


def test_a_frame_is_known_again_around_other_words():
    talk = [
        {"role": "user", "content": "The kettle was blue and my aunt loved the garden."},
        {"role": "assistant", "content": "It must be so hard for you to live with the kettle."},
    ]
    assert read("It must be so hard for you to live with the garden.", talk).units[0].framed == 1
    assert read("Your aunt had something to show for her years, out there.", talk).units[0].framed == 0


def test_echoes_are_worth_less_than_other_words():
    story = bank.stories()["nine-sundays-silent"]
    index = story_index(story)
    talk = [{"role": "user", "content": line} for _, line in story.fact("f01").said]

    def grade(reply):
        unit = read(reply, talk).units[0]
        return max((m.grade for m in index.meet(concepts(fold(reply)), unit.echoed) if m.id == "f01"), default=0)

    assert grade("The phone and the Sunday and the turn signal come on top of each other.") <= 360
    assert grade("Marisol has gone quiet on you, weekend after weekend without her voice.") >= 700
