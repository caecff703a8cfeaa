"""A mood of one's own: it comes whatever is said, stays small, and is a line of its own."""

from hypothesis import given
from hypothesis import strategies as st

from empathy_gym import score_transcript
from empathy_gym.seeker import bank
from empathy_gym.seeker.emotion import MOOD
from empathy_gym.seeker.ledger import OF_ITSELF
from empathy_gym.seeker.seeker import Seeker

NAMES = bank.scenario_ids("train")
WARM, COLD, EMPTY = "I'm sorry, that sounds lonely. What was the worst of it?", "Stop whining and grow up.", ""


def moods(name, said, key=7, difficulty=0, turns=4):
    someone, found = Seeker(bank.scenario(name), key, difficulty), []
    for _ in range(turns):
        turn = someone.hear(said)
        assert sum(line["amount"] for line in turn.ledger) == turn.change
        found.append(sum(line["amount"] for line in turn.ledger if line["cause"] == "mood"))
        if turn.outcome:
            break
    return found


@given(st.sampled_from(NAMES), st.integers(0, 2**64 - 1), st.integers(0, 1500))
def test_it_is_the_same_whatever_is_said(name, key, difficulty):
    warm, cold, empty = (moods(name, said, key, difficulty) for said in (WARM, COLD, EMPTY))
    assert cold == warm[: len(cold)] and empty == warm[: len(empty)]
    assert warm == moods(name, WARM, key + 1, difficulty)  # the key picks words alone


@given(st.sampled_from(NAMES))
def test_it_stays_small_and_goes_nowhere(name):
    at = 0
    for step in moods(name, WARM, turns=8):
        assert step
        at += step
        assert -MOOD <= at <= MOOD


def test_it_is_steadier_the_harder_a_seeker_is_to_move():
    for name in NAMES[:: len(NAMES) // 20]:
        mild, hard, hardest = (max(map(abs, moods(name, WARM, difficulty=d))) for d in (0, 1000, 1500))
        assert mild >= hard >= hardest == 0


def test_nobody_has_one_of_whom_no_story_is_known():
    talk = [{"role": "user", "content": "My shop closes on Friday."}, {"role": "assistant", "content": WARM}] * 3
    assert all(line["cause"] != "mood" for turn in score_transcript(talk).ledger for line in turn)


def test_lines_that_no_reply_brought_have_no_skill_and_no_place():
    someone = Seeker(bank.scenario(NAMES[0]), 7)
    lines = [line for _ in range(4) for line in someone.hear(WARM).ledger if line["cause"] in OF_ITSELF]
    assert lines and all(line["skill"] is None and line["span"] is None for line in lines)
