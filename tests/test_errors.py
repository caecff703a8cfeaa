"""Named errors read well and are caught under their usual names too."""

import pickle

import pytest

from empathy_gym import errors

FAMILY = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("kind", FAMILY)
def test_they_read_as_sentences_and_travel(kind):
    assert issubclass(kind, errors.EmpathyGymError)
    error = kind("expected this, got 'that'")
    assert str(error) == "expected this, got 'that'" and str(kind()) == ""
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind and str(again) == str(error)


def test_they_are_also_the_usual_ones():
    assert issubclass(errors.InvalidAction, TypeError)
    assert issubclass(errors.InvalidOption, ValueError)
    assert issubclass(errors.InvalidScenario, ValueError)
    assert issubclass(errors.InvalidTranscript, ValueError)
    assert issubclass(errors.UnknownScenario, KeyError)
    assert issubclass(errors.EpisodeOver, RuntimeError)
