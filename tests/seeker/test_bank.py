"""The bank: what is composed fits, splits share nothing, faulty files are named."""

import copy
import json
from collections import Counter
from importlib import resources

import pytest

from empathy_gym.errors import InvalidOption, InvalidScenario, UnknownScenario
from empathy_gym.seeker import bank
from empathy_gym.seeker.scenario import INTENTIONS, TEMPERAMENTS, VOICES, admits, parse_persona, parse_story


def raw_story():
    folder = resources.files("empathy_gym").joinpath("data/stories")
    name = sorted(entry.name for entry in folder.iterdir())[0]
    return json.loads(folder.joinpath(name).read_text(encoding="utf-8"))


def all_scenarios():
    return [bank.scenario(i) for split in bank.SPLITS for i in bank.scenario_ids(split)]


def test_the_bank_is_broad():
    stories = bank.stories().values()
    assert len(stories) >= 80
    assert len({s.topic for s in stories}) >= 16
    scenarios = all_scenarios()
    assert len(scenarios) >= 5_000
    assert min(Counter(s.story.id for s in scenarios).values()) >= 8 and len({s.story.id for s in scenarios}) == len(
        stories
    )
    assert {s.intention for s in scenarios} == set(INTENTIONS)
    assert {s.persona.temperament for s in scenarios} == set(TEMPERAMENTS)
    assert {s.persona.voice for s in scenarios} == set(VOICES)
    assert all(25_000 <= s.initial_emotion <= 35_000 for s in scenarios)


def test_splits_share_no_story_and_no_persona():
    seen = {split: [bank.scenario(i) for i in bank.scenario_ids(split)] for split in bank.SPLITS}
    assert all(seen.values())
    for part in ("story", "persona"):
        sets = [{getattr(s, part).id for s in seen[split]} for split in bank.SPLITS]
        assert not (sets[0] & sets[1] or sets[0] & sets[2] or sets[1] & sets[2])


def test_only_what_a_story_admits_is_composed():
    for s in all_scenarios():
        assert admits(s.story, s.persona)
        assert s.intention in s.story.hints


def test_no_line_stands_twice_in_a_story():
    for story in bank.stories().values():
        lines = [
            *story.openings,
            *(line for f in story.facts for _, line in f.said),
            *(h for hints in story.hints.values() for h in hints),
        ]
        lines += [line for item in story.items for line in item.lines]
        assert len(set(lines)) == len(lines), story.id


def test_every_scenario_can_be_reached_by_some_key():
    scenarios = len(bank.scenario_ids("train"))
    assert len({bank.pick("train", key) for key in range(scenarios)}) > 0.5 * scenarios


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.pop("topic"), ["topic", "expected ASCII text"]),
        (lambda s: s["facts"][2].update(depth=7), ["facts[2]", "depth", "0 to 3", "7"]),
        (lambda s: s["facts"][0].update(emotion="meh"), ["facts[0]", "emotion", "meh"]),
        (lambda s: s["facts"][1]["said"].pop("plain"), ["said", "plain"]),
        (lambda s: s["admits"].update(work=["astronaut"]), ["admits", "work", "astronaut"]),
        (lambda s: s["admits"]["intentions"].update(win=["a", "b"]), ["intentions", "win"]),
        (lambda s: s["fits"][0].update(fact="f99"), ["fits[0]", "fact", "f99"]),
        (lambda s: s.update(openings=["one"]), ["openings", "at least 2"]),
        (lambda s: s.update(belief=[]), ["belief", "object"]),
    ],
)
def test_a_faulty_story_is_named(change, words):
    data = copy.deepcopy(raw_story())
    change(data)
    with pytest.raises(InvalidScenario) as caught:
        parse_story(data, "data/stories/x.json", "train")
    for word in ["data/stories/x.json", data["id"], *words]:
        assert word in str(caught.value)


def test_a_faulty_persona_is_named():
    with pytest.raises(InvalidScenario, match="people.json: persona p9: prefers"):
        parse_persona({"id": "p9"}, "people.json")


def test_unknown_names_are_named():
    with pytest.raises(UnknownScenario, match="nope"):
        bank.scenario("nope")
    with pytest.raises(InvalidOption, match="train, dev, test"):
        bank.scenario_ids("validation")
