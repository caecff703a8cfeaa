"""Short ways round: what is looked up is what trying everything finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scripted import HOSTILE, INEPT, STOCK
from empathy_gym.seeker import bank
from empathy_gym.seeker.answering import _INVITES, _INVITING
from empathy_gym.seeker.details import _AFTER, _HOW_IT_WAS, how_it_was
from empathy_gym.seeker.features import message_features
from empathy_gym.seeker.heads import message_heads, per_mille
from empathy_gym.seeker.heeding import _table, _wordings
from empathy_gym.seeker.mind import Mind, spoken
from empathy_gym.seeker.phrase import phrase
from empathy_gym.seeker.reading import read
from empathy_gym.seeker.sofar import _alike, _bones, _frame, _pairs, talk
from empathy_gym.seeker.text import fold

SAID = (*HOSTILE, *INEPT, *STOCK)


@given(st.lists(st.sampled_from(SAID), min_size=1, max_size=4))
def test_coldness_is_the_last_of_the_heads_of_the_message(parts):
    reading = read(" ".join(parts))
    asks = sum(unit.asks for unit in reading.units)
    rows = message_features(reading._rows, reading.words, asks)
    assert reading.cold == per_mille(message_heads().logits(rows))[-1]


@given(
    st.lists(
        st.sampled_from(["Why", "as a child", "AFRAID", "how did you find out", "awake", "was\u0131", "so"]), max_size=3
    )
)
def test_a_question_that_names_nothing_is_after_the_first_that_stands_in_it(parts):
    question = " ".join(parts) + "?"
    assert len(_AFTER) == len(_HOW_IT_WAS)
    assert how_it_was(question) == next((name for pattern, name in _HOW_IT_WAS if pattern.search(question)), None)


@given(st.text(alphabet="ab c'.?", max_size=60), st.sampled_from(SAID))
def test_a_sentence_has_the_wordings_that_stand_in_it(noise, said):
    stems = phrase(fold(f"{noise} {said}")).stems
    tried = {
        (at, wording) for wording in _table() for at in range(len(stems)) if stems[at : at + len(wording)] == wording
    }
    assert {(at, wording) for at, wording, _, _ in _wordings(stems)} == tried


@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_a_line_tells_the_facts_of_which_a_wording_stands_in_it(split):
    for scenario in {bank.scenario(name).story.id: bank.scenario(name) for name in bank.scenario_ids(split)}.values():
        facts = scenario.story.facts
        for one, other in zip(facts, facts[1:], strict=False):
            line = f"Well, {spoken(one.said[0][1])}, and {other.said[-1][1]}"
            mind = Mind(scenario)
            mind.memory.turn = 3
            mind.observe(line)
            assert list(mind.memory.disclosed) == [
                f.id for f in facts if any(spoken(wording) in fold(line) for _, wording in f.said)
            ]


@given(st.lists(st.sampled_from(SAID), min_size=1, max_size=6), st.sampled_from(SAID))
def test_frames_are_counted_one_by_one(own, said):
    messages = [{"role": "user", "content": "My sister is so dramatic and I feel alone."}]
    messages += [{"role": "assistant", "content": reply} for reply in own]
    before, sentence = talk(messages), phrase(fold(said))
    pairs, bones = _pairs(_frame(sentence, before.words)), _bones(sentence.tokens)
    pairs = pairs if sum(word != "_" for word in _frame(sentence, before.words)) >= 4 else frozenset()
    earlier = [
        (_pairs(_frame(old, before.words)), skeleton)
        for message in before.own
        for old, skeleton in zip(message.sentences, message.bones, strict=True)
    ]
    assert before.framed(sentence) == sum(
        _alike(pairs, old, 7) or _alike(bones, skeleton, 8) for old, skeleton in earlier
    )


@pytest.mark.parametrize(
    "text",
    [
        "Go on.",
        "Please, do go on, I'm all ears.",
        "TELL ME what she said.",
        "Tell me more.",
        "Carry on.",
        "Say more about the van?",
        "You were saying...",
        "I am listening.",
        "In your own time.",
        "I'd like to hear it.",
    ],
)
def test_what_invites_has_a_mark_by_which_it_is_found(text):
    assert _INVITES.search(text)
    assert any(mark in fold(text) for mark in _INVITING)
