"""The competent supporter and the replies that were written for it."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from agents.competent import competent_reply
from agents.listening import FOLDER, reply_to
from empathy_gym.seeker import bank
from empathy_gym.seeker.phrase import phrase
from empathy_gym.seeker.text import fold

KINDS = {"others", "praise", "fault", "sides", "self", "advice", "depth"}


@pytest.fixture(scope="module")
def entries() -> list[dict]:
    return [
        json.loads(line) for path in sorted(FOLDER.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()
    ]


def test_there_is_a_reply_to_everything_that_anybody_tells(entries: list[dict]) -> None:
    told = {entry["at"]: entry["told"] for entry in entries}
    assert told == {
        f"{story.id}/{fact.id}": [line for _, line in fact.said]
        for story in bank.stories().values()
        for fact in story.facts
    }  # if a story was changed: python -m scripts.fill_replies
    assert len(told) == len(entries)


def test_each_reply_has_all_its_parts(entries: list[dict]) -> None:
    for entry in entries:
        assert len(entry["hears"]) == 2, entry["at"]
        assert entry["asks"].endswith("?"), entry["at"]
        assert len(entry["gives"]) == 1, entry["at"]
        assert set(entry["gives"]) <= KINDS, entry["at"]
        assert all(
            s[0].isupper() and s[-1] in ".?!" for s in [*entry["hears"], entry["asks"], *entry["gives"].values()]
        )


def test_the_replies_are_in_words_of_their_own(entries: list[dict]) -> None:
    runs = lambda words: set(zip(words, words[1:], words[2:], words[3:], strict=False))  # noqa: E731
    for entry in entries:
        theirs = set().union(*[runs(phrase(fold(line)).turned) for line in entry["told"]])
        for sentence in [*entry["hears"], *entry["gives"].values()]:
            own = runs(phrase(fold(sentence)).turned)
            assert 3 * len(own & theirs) <= len(own), (entry["at"], sentence)


def test_no_reply_stands_twice(entries: list[dict]) -> None:
    said = Counter(s for entry in entries for s in [*entry["hears"], *entry["gives"].values()])
    assert not [sentence for sentence, count in said.items() if count > 1]


def test_a_reply_is_found_by_what_was_told_whatever_stands_around_it(entries: list[dict]) -> None:
    for entry in entries[::37]:
        found = reply_to(f"Yes, that's it. {entry['told'][-1].lower()} I don't know.")
        assert found is not None
        assert list(found.hears) == entry["hears"]


def test_nothing_is_found_for_what_nobody_told() -> None:
    assert reply_to("Hm.") is None
    assert reply_to("The committee adopted the quarterly budget without amendments.") is None


def test_it_says_no_sentence_twice_and_never_ends_up_without_words() -> None:
    lines = [
        "My brother sold the house and nobody told me.",
        "Yes.",
        "I'd rather not say.",
        "Hm.",
        "That's not it.",
        "You said that.",
        "Maybe.",
        "Yes, well.",
        "Okay.",
    ]
    chat: list[dict[str, str]] = []
    for line in lines:
        chat.append({"role": "user", "content": line})
        chat.append({"role": "assistant", "content": competent_reply(chat)})
    replies = [m["content"] for m in chat if m["role"] == "assistant"]
    assert all(reply and reply[0].isupper() and reply[-1] in ".?" and "{" not in reply for reply in replies)
    assert len(set(replies)) == len(replies)


def test_who_would_rather_not_say_is_not_asked_on() -> None:
    reply = competent_reply([{"role": "user", "content": "I'd rather not say, just now."}])
    assert "?" not in reply
