"""The bank: all stories and personas, and the scenarios composed of them, split by story and by persona."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from importlib import resources

from empathy_gym.errors import InvalidOption, InvalidScenario, UnknownScenario
from empathy_gym.seeker.keyed import draw
from empathy_gym.seeker.scenario import SPLITS, Persona, Scenario, Story, admits, parse_persona, parse_story

__all__ = ["SPLITS", "personas", "pick", "scenario", "scenario_ids", "stories"]

LOWEST_START, START_RANGE = 25_000, 10_001
"""The first emotion, milli-points: 25 to 35 as in RLVER's training simulator (30)."""


def _load(path: str):  # type: ignore[no-untyped-def]
    try:
        return json.loads(resources.files("empathy_gym").joinpath(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidScenario(f"{path}: expected JSON, got {error}") from error


@lru_cache(maxsize=1)
def stories() -> dict[str, Story]:
    """All stories by id, in alphabetical order."""
    splits = _load("data/splits.json")
    found = {}
    folder = resources.files("empathy_gym").joinpath("data/stories")
    for name in sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".json")):
        file = f"data/stories/{name}"
        split = [s for s in SPLITS if name[:-5] in splits.get(s, [])]
        if len(split) != 1:
            raise InvalidScenario(f"data/splits.json: {name[:-5]}: expected to stand in exactly one split, got {split}")
        story = parse_story(_load(file), file, split[0])
        if f"{story.id}.json" != name:
            raise InvalidScenario(f"{file}: story {story.id}: id: expected the file's name, got {story.id!r}")
        found[story.id] = story
    return found


@lru_cache(maxsize=1)
def personas() -> dict[str, Persona]:
    """All personas by id, in the file's order."""
    file = "data/personas.json"
    found: dict[str, Persona] = {}
    for entry in _load(file):
        persona = parse_persona(entry, file)
        if persona.id in found:
            raise InvalidScenario(f"{file}: persona {persona.id}: id: expected ids that differ, got it twice")
        found[persona.id] = persona
    return found


@lru_cache(maxsize=1)
def _scenarios() -> dict[str, Scenario]:
    composed = {}
    for story in stories().values():
        for persona in personas().values():
            if not admits(story, persona):
                continue
            for intention in story.hints:
                name = hashlib.blake2b(
                    f"{story.id}/{persona.id}/{intention}".encode("ascii"), digest_size=5
                ).hexdigest()
                start = LOWEST_START + draw(0, 0, f"start/{story.id}/{persona.id}/{intention}") % START_RANGE
                if name in composed:
                    raise InvalidScenario(
                        f"two scenarios share the id {name}: rename story {story.id} or persona {persona.id}"
                    )
                composed[name] = Scenario(name, story, persona, intention, start)
    return composed


@lru_cache(maxsize=len(SPLITS))
def scenario_ids(split: str = "train") -> tuple[str, ...]:
    """The ids of one split's scenarios, sorted.

    Raises:
        InvalidOption: for another split than those of :data:`SPLITS`.
    """
    if split not in SPLITS:
        raise InvalidOption(f"split: expected one of {', '.join(SPLITS)}, got {split!r}")
    return tuple(sorted(s.id for s in _scenarios().values() if s.story.split == split))


def scenario(scenario_id: str) -> Scenario:
    """The scenario of that id.

    Raises:
        UnknownScenario: if the bank has none.
    """
    found = _scenarios().get(scenario_id) if isinstance(scenario_id, str) else None
    if found is None:
        raise UnknownScenario(
            f"expected the id of a scenario in the bank (python -m empathy_gym list), got {scenario_id!r}"
        )
    return found


@lru_cache(maxsize=len(SPLITS))
def _by_story(split: str) -> tuple[tuple[str, ...], ...]:
    """The ids of one split's scenarios, a tuple a story, both in order."""
    found: dict[str, list[str]] = {}
    for scenario_id in scenario_ids(split):
        found.setdefault(_scenarios()[scenario_id].story.id, []).append(scenario_id)
    return tuple(tuple(found[name]) for name in sorted(found))


def pick(split: str, key: int) -> str:
    """The scenario that an episode's key stands for: a story, then a persona, then an intention, each evenly."""
    stories_ids = _by_story(split)
    own = stories_ids[draw(key, 0, "story") % len(stories_ids)]
    return own[draw(key, 0, "scenario") % len(own)]
