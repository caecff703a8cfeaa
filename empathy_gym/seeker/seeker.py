"""The seeker: reply in, reading, appraisal, emotion, speech, line out."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from empathy_gym.seeker.appraisal import Appraisal
from empathy_gym.seeker.emotion import FULL, LEAVES_BELOW
from empathy_gym.seeker.mind import Mind
from empathy_gym.seeker.reading import Reading, read
from empathy_gym.seeker.scenario import Scenario
from empathy_gym.seeker.sofar import Talk, talk
from empathy_gym.seeker.speech import Speech

DYNAMICS_VERSION = "0.17"
"""Bumped by every change that a transcript could feel."""


class Turn(NamedTuple):
    """What one reply did.

    Attributes:
        heard: the reply as it was heard.
        line: the seeker's next line.
        emotion: milli-points after it.
        change: milli-points, the sum of the ledger's amounts.
        ledger: lines as fresh JSON-able dicts ``{"skill", "cause", "span", "amount"}``.
        outcome: ``helped``, ``left`` or None.
    """

    heard: str
    line: str
    emotion: int
    change: int
    ledger: tuple[dict[str, Any], ...]
    outcome: str | None


class Seeker:
    """One simulated person in one talk. The same scenario, key, difficulty and replies give the same bytes everywhere.

    Args:
        scenario: who the seeker is and what happened.
        key: the episode's key, 0 to 2**64 - 1; picks wordings alone.
        difficulty: per mille: 0 vanilla, 1000 challenging, at most 1500.
    """

    def __init__(self, scenario: Scenario, key: int, difficulty: int = 0) -> None:
        self.scenario = scenario
        self.mind = Mind(scenario, difficulty)
        self._speech = Speech(scenario, key)
        self.opening = self._speech.opening()
        self.mind.observe(self.opening)
        self.messages: list[dict[str, str]] = [{"role": "user", "content": self.opening}]
        self.talk = _begun(self.opening)
        self.outcome: str | None = None

    @property
    def emotion(self) -> int:
        """The emotion now, milli-points."""
        return self.mind.emotion

    def hear(self, reply: str, reading: Reading | None = None) -> Turn:
        """Take in a reply and answer it.

        Args:
            reply: what is spoken, normalised.
            reading: ``read(reply, self.talk)``, where it has been made already.
        """
        before = self.mind.emotion
        if reading is None:
            reading = read(reply, self.talk)
        appraised = Appraisal(self.mind, reading).run()
        if appraised.emotion >= FULL:
            self.outcome = "helped"
        elif appraised.emotion < LEAVES_BELOW:
            self.outcome = "left"
        line = self._speech.answer(self.mind, appraised, self.outcome, reply)
        self.mind.observe(line)
        self.messages += [{"role": "assistant", "content": reply}, {"role": "user", "content": line}]
        self.talk = talk(self.messages, self.talk)
        return Turn(
            heard=reply,
            line=line,
            emotion=appraised.emotion,
            change=appraised.emotion - before,
            ledger=tuple([entry.as_dict() for entry in appraised.lines]),
            outcome=self.outcome,
        )

    def privileged(self) -> dict[str, Any]:
        """What a policy must not see: intention, story, channels and memory, as fresh JSON-able data."""
        story, persona, memory = self.scenario.story, self.scenario.persona, self.mind.memory
        state = {name: value for name, value in vars(self.mind.state).items() if name != "base"}
        return {
            "intention": self.scenario.intention,
            "story": story.id,
            "topic": story.topic,
            "summary": story.summary,
            "persona": {
                "id": persona.id, "name": persona.name, "age": persona.age, "occupation": persona.occupation,
                "temperament": persona.temperament, "voice": persona.voice, "length": list(persona.length),
                "register": persona.register, "lists": persona.lists,
            },
            "facts": [
                {
                    "id": f.id, "depth": f.depth, "emotion": f.emotion, "said": [line for _, line in f.said], "gists": list(f.gists),
                    "asks": list(f.asks), "disclosed": f.id in memory.disclosed, "understood": f.id in memory.understood,
                    "unlocked": self.mind.unlocked(f.depth),
                }
                for f in story.facts
            ],
            "items": [
                {"kind": i.kind, "id": i.id, "gists": list(i.gists), "fact": i.fact, "used": i.id in memory.used} for i in story.items
            ],
            "channels": state,
            "asked_leave": memory.asked_leave,
            "claims": list(memory.claims),
        }  # fmt: skip


@lru_cache(maxsize=1_024)
def _begun(opening: str) -> Talk:
    """The talk after its opening, of which a story has few."""
    return talk([{"role": "user", "content": opening}])
