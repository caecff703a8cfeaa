"""Saying things about somebody's life: what fits makes the next thing worth more, what is made up makes it worth less."""

from empathy_gym.seeker import bank
from empathy_gym.seeker.booking import CLAIMS, DOUBTED, PROVEN
from empathy_gym.seeker.reading import read
from empathy_gym.seeker.seeker import Seeker

MADE_UP = (
    "You painted the submarine yellow for the emperor.",
    "Your dentist juggled seven lobsters at the harbour.",
    "You left the violin under the volcano on Thursday.",
    "Your parrot voted for the astronaut again.",
)


def seekers(count=12):
    return [Seeker(bank.scenario(name), 7) for name in bank.scenario_ids("train")[:: 6000 // count][:count]]


def gists(someone, depth=1):
    return [fact.gists[0] for fact in someone.scenario.story.facts if fact.depth <= depth]


def as_said(gist):
    return gist[0].upper() + gist[1:] + "."


def test_what_fits_and_what_is_made_up_are_counted():
    made = fitted = 0
    for someone in seekers():
        someone.hear(MADE_UP[2])
        counts = someone.privileged()["claims"]
        made, fitted = made + counts[0], fitted + counts[1]
    assert made == 12_000
    assert fitted <= made // 4  # somebody's Thursday may be in the story


def test_made_up_particulars_take_the_worth_of_what_is_right():
    honest = lucky = 0
    for plain, mixed in zip(seekers(), seekers(), strict=True):
        for i, gist in enumerate(gists(plain)[:4]):
            plain.hear(as_said(gist))
            mixed.hear(f"{MADE_UP[i]} {as_said(gist)}")
        honest += plain.emotion - plain.mind.start
        lucky += mixed.emotion - mixed.mind.start
    assert honest > 0
    assert 2 * lucky < honest


def test_telling_back_claims_nothing():
    for someone in seekers():
        someone.hear(someone.opening)
        assert someone.privileged()["claims"][0] == 0


def test_the_worth_stays_within_its_bounds():
    assert 0 < DOUBTED < 1000 < PROVEN
    assert CLAIMS[1] < 1000


def test_a_reply_that_breaks_off_ends_in_no_sentence():
    whole = read("Your cousin took the altar and he wrote you a polite note on the table.")
    broken = read("Your cousin took the altar and he wrote you a polite note on the")
    assert whole.units[-1].fluent > 0
    assert broken.units[-1].fluent == 0
