"""The menu of ``EmpathyStrategy-v0``: strategies with a focus, put into words from the visible talk alone.

The strategies are ESConv's (Liu et al., ACL 2021) and Hill's interpretation (*Helping Skills*); what each does to a seeker is decided by the
same reader and appraisal as for any other text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from empathy_gym.envs.topics import ADJECTIVES, Visible
from empathy_gym.seeker.keyed import shuffled

__all__ = ["MOVES", "NAMES", "NEEDS", "Move", "fitting", "realise"]


class Move(NamedTuple):
    """One entry of the menu.

    Attributes:
        strategy: what it does.
        focus: what it is about.
        wordings: ``{a}`` and ``{b}`` are what the latest line speaks of, ``{e}`` is something from before it, ``{f}`` the feeling that seems
            nearest, ``{p}`` the person and ``{t}`` the thing that was spoken of last.
    """

    strategy: str
    focus: str
    wordings: tuple[str, ...]

    @property
    def name(self) -> str:
        """Strategy and focus, unique in the menu."""
        return f"{self.strategy}/{self.focus}"


MOVES = (
    Move("question", "latest", (
        "What was it like for you with {a}?", "How did {a} come into it?", "Can you tell me more about {a}?", "What happened around {a}?")),
    Move("question", "earlier", (
        "Going back to {e}, what was that like?", "You mentioned {e} before. What happened there?", "What did {e} mean to you?",
        "I keep thinking of {e}. How did it go on from there?")),
    Move("question", "feeling", (
        "How do you feel about {a} now?", "What did {a} do to you inside?", "How has it been for you since {a}?", "Where did {a} leave you?")),
    Move("question", "inward", (
        "What matters most to you in this, beyond {a}?", "What do you need most when you think of {a}?", "What part of you did {a} touch?",
        "When you look at yourself with {a}, what do you see?")),
    Move("question", "wish", (
        "What would you like to happen with {a}?", "If you could change one thing about {a}, what would it be?",
        "What would help you most with {a} right now?", "How would it look if {a} went the way you want?")),
    Move("question", "tried", (
        "What have you tried so far with {a}?", "What did you do about {a}?", "Did anything help with {a}, even a little?",
        "How have you dealt with {a} until now?")),
    Move("question", "closed", (
        "Is it mostly about {a}?", "Was it always like that with {a}?", "Do you think of {a} every day?", "Had that happened before, with {a}?")),
    Move("restatement", "latest", (
        "So it is {a}, and on top of that {b}.", "It comes down to {a} and {b}, if I follow you.", "So there was {a}, and then {b}.",
        "What you are telling me is {a}, and {b} with it.")),
    Move("restatement", "link", (
        "So {e} came first, and now {a}.", "First {e}, then {a}, one after the other.", "You had {e} behind you already when {a} came.",
        "It began with {e} and it has come to {a}.")),
    Move("reflection", "feeling", (
        "You sound {f} about {a}.", "It left you {f}, with {a} and {b}.", "I hear how {f} you are when you speak of {a}.",
        "You seem {f}, and {a} keeps it awake.")),
    Move("reflection", "depth", (
        "Underneath {a} you seem {f}, and {e} is part of it.", "It is not only {a}; {e} left you {f} as well.",
        "You are {f}, and it goes back to {e}.", "I get the sense that {a} hurts because of {e}, and that you are {f}.")),
    Move("interpretation", "pattern", (
        "I wonder if {a} and {e} touch the same spot in you.", "It seems that {a} was about more than {b}.",
        "Maybe what links {e} and {a} is that you were left alone with both.", "Perhaps you carry {a} the way you learned to carry {e}.")),
    Move("interpretation", "others", (
        "Maybe {p} was afraid and did not know how to say it.", "Perhaps {p} felt ashamed and kept away because of that.",
        "It could be that {p} was under pressure too.", "I wonder if {p} knew what it did to you.")),
    Move("interpretation", "sides", (
        "You can be {f} about {a} and still care.", "One side of it is {a}, the other is {b}, and both are true.",
        "Maybe {p} was wrong and still had a reason.", "Part of you holds on to {a}, and part of you wants to be free of it.")),
    Move("affirmation", "feeling", (
        "Anyone would be {f} with {a} going on.", "It makes sense that {a} got to you like that.", "Being {f} about {a} is no wonder.",
        "You have every right to be {f} after {a}.")),
    Move("affirmation", "blame", (
        "What happened with {a} is not your fault.", "You are not to blame for {a}.", "You could not have known how it would go with {a}.",
        "It was not up to you how it turned out with {a}.")),
    Move("affirmation", "deed", (
        "You kept going with {a}, and that took patience.", "What you did about {a} deserves to be seen.",
        "You carried {a} and {b} at once, and that is a lot.", "It took courage to face {a}.")),
    Move("affirmation", "comfort", (
        "I am so sorry about all of it.", "That sounds really hard.", "Hang in there, you are not alone.", "I am here for you.")),
    Move("suggestion", "leave", (
        "Would it be all right if I offered a thought about {a}?", "May I share an idea about {a}?", "Can I suggest something about {a}?",
        "Would you like to hear what I would try with {a}?")),
    Move("suggestion", "step", (
        "One thing you could try, only if it fits, is one small step about {a} this week.",
        "Maybe you could write down what you want to say about {a}.", "You could tell {p} plainly what {a} did to you.",
        "Perhaps you could leave {a} for one evening and rest.")),
    Move("suggestion", "together", (
        "We could think through {a} together and pick one thing for tomorrow.", "Let us find one first step with {a} that is small enough.",
        "Shall we make a short plan about {a}, you and me?", "Let us sort out together what comes first after {a}.")),
    Move("information", "common", (
        "Many people need some time after something like {t}.", "Things like {t} often show in sleep and appetite.",
        "What you tell of {t} is more common than one thinks.", "With something like {t}, the mind often goes round in circles at night.")),
    Move("self_disclosure", "own", (
        "I had something like {t} in my own life once.", "When that happened to me, I was {f} as well.",
        "I know a little of that from my own family.", "I went through a time like that, with something close to {t}.")),
    Move("other", "room", (
        "Go on, I am listening.", "Tell me more, there is no hurry.", "Take all the room you need.", "Mm. Say it the way it is.")),
)  # fmt: skip
"""The menu: a move's place in it is the action."""

NAMES = tuple(move.name for move in MOVES)

NEEDS = {
    "earlier": tuple(any("{e}" in wording for wording in move.wordings) for move in MOVES),
    "person": tuple(move.focus == "others" for move in MOVES),
}
"""Which moves speak of something from earlier in the talk, and which of a person."""

_FALLBACK = ("all of this", "what came with it", "how it began")


def realise(move: int, messages: Sequence[Mapping[str, str]], key: int) -> str:
    """A move in words, fixed by the visible talk and the episode's key.

    Args:
        move: its place in the menu.
        messages: the talk so far; the seeker has opened it.
        key: the episode's.

    Returns:
        One of the move's wordings, filled from the talk; one that was not said before, where there is one.
    """
    chosen = MOVES[move]
    filled = _fillers(Visible.of(messages))
    said = {message["content"] for message in messages if message["role"] == "assistant"}
    order = shuffled(chosen.wordings, key, len(messages), chosen.name)
    options = [text[:1].upper() + text[1:] for text in (wording.format(**filled) for wording in order)]
    return next((text for text in options if text not in said), options[0])


def fitting(visible: Visible) -> tuple[bool, ...]:
    """Which moves have something to speak of now; the others can be made all the same, in general words."""
    return tuple(
        (not earlier or bool(visible.earlier)) and (not person or visible.person is not None)
        for earlier, person in zip(NEEDS["earlier"], NEEDS["person"], strict=True)
    )


def _fillers(visible: Visible) -> dict[str, str]:
    topics = [*visible.here, *visible.earlier, *_FALLBACK]
    return {
        "a": topics[0],
        "b": topics[1],
        "e": visible.earlier[0] if visible.earlier else _FALLBACK[2],
        "f": ADJECTIVES[visible.feeling] if visible.feeling else "hurt",
        "p": visible.person or "the other one",
        "t": visible.thing or "this",
    }
