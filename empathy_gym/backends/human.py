"""A person on the terminal, as seeker or as supporter.

As seeker: ``gym.make("EmpathySupport-v0", backend=HumanBackend())`` shows whom to play and each reply, and asks what to say and how it
felt. As supporter: :class:`HumanSupporter` is a policy like any other (``reset``, ``act``). Both take their streams as arguments.

    python -m empathy_gym.backends [--scenario ID] [--seed 0]     # be the seeker; whoever sits beside you types the replies
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, TextIO

from empathy_gym.backends.judged import turn_of
from empathy_gym.backends.prompt import INTENTIONS, LIMIT
from empathy_gym.errors import BackendFailed
from empathy_gym.seeker.scenario import Scenario
from empathy_gym.seeker.seeker import Seeker, Turn
from empathy_gym.seeker.text import normalise

__all__ = ["HumanBackend", "HumanSeeker", "HumanSupporter"]


class _Terminal:
    """Two streams: what is shown and what is typed."""

    def __init__(self, typed: TextIO | None, shown: TextIO | None) -> None:
        self._typed, self._shown = typed, shown

    def show(self, text: str) -> None:
        print(text, file=self._shown or sys.stdout, flush=True)

    def ask(self, question: str) -> str:
        """One typed line, without its end.

        Raises:
            BackendFailed: when nobody types any more.
        """
        print(question, end=" ", file=self._shown or sys.stdout, flush=True)
        line = (self._typed or sys.stdin).readline()
        if not line:
            raise BackendFailed("expected a typed line, got the end of the input")
        return line.strip()


class HumanBackend:
    """A person plays the seeker; ``gym.make(..., backend=this)``.

    Args:
        typed: where lines are read from; None: standard input.
        shown: where questions are written to; None: standard output.
    """

    name = "human"
    nondeterministic = True
    concurrency = 1

    def __init__(self, typed: TextIO | None = None, shown: TextIO | None = None) -> None:
        self.terminal = _Terminal(typed, shown)

    def __deepcopy__(self, memo: Any) -> HumanBackend:
        return self  # streams cannot be copied

    def seeker(self, scenario: Scenario, key: int, difficulty: int) -> HumanSeeker:
        """See :class:`~empathy_gym.envs.backend.Backend`."""
        return HumanSeeker(self, scenario, key, difficulty)


class HumanSeeker:
    """One talk in which a person plays the seeker; see :class:`~empathy_gym.envs.backend.BackendSeeker`.

    The opening line and the first emotion are the scripted seeker's. What the person feels is a whole number from -10 to 10 a turn.
    """

    def __init__(self, backend: HumanBackend, scenario: Scenario, key: int, difficulty: int) -> None:
        scripted = Seeker(scenario, key, difficulty)
        self.scenario, self.opening, self.emotion = scenario, scripted.opening, scripted.emotion
        self.messages: list[dict[str, str]] = [{"role": "user", "content": self.opening}]
        self._terminal, self._hidden = backend.terminal, scripted.privileged()
        self._terminal.show(_card(scenario, self.opening))

    def read(self, reply: str) -> tuple[str, int]:
        """Show a reply; ask for the next line and the change."""
        self._terminal.show(f"\nsupporter: {reply or '(nothing)'}")
        while not (line := normalise(self._terminal.ask("you:"))):
            self._terminal.show("Expected a few words, got none.")
        return line, self._change()

    def _change(self) -> int:
        while True:
            typed = self._terminal.ask(
                f"how did it move you, -{LIMIT} to {LIMIT} (now {self.emotion / 1000:g} of 100)?"
            )
            try:
                change = int(typed)
            except ValueError:
                change = LIMIT + 1
            if -LIMIT <= change <= LIMIT:
                return change
            self._terminal.show(f"Expected a whole number from -{LIMIT} to {LIMIT}, got {typed[:40]!r}.")

    def hear(self, reply: str, reading: tuple[str, int] | None = None) -> Turn:
        """Take a reply; after an error the talk is as it was."""
        line, change = self.read(reply) if reading is None else reading
        turn = turn_of(reply, line, self.emotion, change, change)
        self.emotion = turn.emotion
        self.messages += [{"role": "assistant", "content": reply}, {"role": "user", "content": line}]
        return turn

    def privileged(self) -> dict[str, Any]:
        """Intention, story and persona."""
        return {name: deepcopy(self._hidden[name]) for name in ("intention", "story", "topic", "summary", "persona")}

    def record(self) -> dict[str, Any]:
        """For the transcript: that a person answered."""
        return {"name": "human", "nondeterministic": True}


class HumanSupporter:
    """A person as the supporter: a policy that shows each seeker's lines and reads what is typed.

    Args:
        typed: where replies are read from; None: standard input.
        shown: where lines are written to; None: standard output.
    """

    def __init__(self, typed: TextIO | None = None, shown: TextIO | None = None) -> None:
        self._terminal = _Terminal(typed, shown)
        self._seen: list[int] = []

    def reset(self, num: int) -> None:
        """Begin ``num`` talks."""
        self._seen = [0] * num

    def act(
        self, chats: Sequence[Sequence[Mapping[str, str]] | None], infos: Sequence[Mapping[str, Any] | None]
    ) -> list[str]:
        """One typed reply for each talk that goes on; the empty string for the others.

        Raises:
            BackendFailed: when nobody types any more.
        """
        return ["" if chat is None else self._reply(i, chat) for i, chat in enumerate(chats)]

    def _reply(self, slot: int, chat: Sequence[Mapping[str, str]]) -> str:
        name = f" {slot + 1}" if len(self._seen) > 1 else ""
        for message in chat[self._seen[slot] :]:
            if message["role"] == "user":
                self._terminal.show(f"seeker{name}: {message['content']}")
        self._seen[slot] = len(chat)
        return self._terminal.ask("you:")


def _card(scenario: Scenario, opening: str) -> str:
    """Whom the person plays, as a page of text."""
    persona, story = scenario.persona, scenario.story
    facts = [f"  {fact.depth}  {fact.said[0][1]}" for fact in sorted(story.facts, key=lambda fact: fact.depth)]
    return "\n".join(
        [
            f"You are {persona.name}, {persona.age}, {persona.occupation} ({persona.temperament}; {', '.join(persona.traits)}).",
            story.summary,
            "What you could tell, the deeper the later:",
            *facts,
            f"What you want, and never say outright: {INTENTIONS[scenario.intention]}.",
            f"\nYou began with: {opening}",
        ]
    )
