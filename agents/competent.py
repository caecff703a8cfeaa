"""A competent supporter that sees the talk alone: it says what a thing means to the other, asks, and later offers what they hope for.

It works as a helping-skills course teaches (Hill: exploration, insight, action). What it understands was written by listeners for it
(:mod:`agents.listening`) and is found by the words of the seeker's line; it listens for what the other hopes for. It imports nothing of ``empathy_gym``.
"""

from __future__ import annotations

from collections.abc import Sequence

from agents.hopes import hope
from agents.listening import replies_to, reply_to
from agents.talk import TIRED, Message, asked_lately, feelings, latest, nouns, people, pick, said_by, unsaid

OPEN = (
    "What happened around {n}, if you'd like to tell me?",
    "What was it like for you, with {n}?",
    "How has it been with {n} since then?",
    "What stays with you most about {n}?",
    "What would you have needed from {p} just then?",
    "What goes through your mind when it comes to {n}?",
    "What do you wish {p} had understood?",
)
"""Open questions where no better one comes to mind."""

FELT = (
    "You sound {f} about {n}, and I don't think it's a small thing.",
    "You don't make much of it, and yet I think you're {f} about {n}.",
    "With {n} in your life like that, no wonder you feel {f}.",
)
"""Where nothing better comes to mind than a feeling that seems to be there."""

HEARD = (
    "I'd like to understand that better.",
    "I can tell there's more to it.",
    "I'm listening, take your time.",
    "I'm glad you're saying it to somebody.",
    "I don't want to guess at that too quickly.",
    "I'm still with you.",
)
"""Where not even that does."""

BACK = (
    "I keep thinking of something you said before.",
    "Can I go back to what you told me earlier?",
    "There was something before that I let pass.",
    "I haven't forgotten what came before this.",
)
"""Coming back to what was told, where the last line was a reaction and no more."""

LEFT = (
    "We can leave that where it is.",
    "You don't have to say it.",
    "There's no hurry, and nothing you owe me here.",
    "Then we'll not go there now.",
)
"""Where they would rather not."""

MISSED = ("I got that wrong, sorry.", "Sorry, I was too quick there.", "I see, I misunderstood you, I'm sorry.")
AGAIN = "Sorry, I went round in circles there."
ON = ("Go on, I want to hear it as it was.", "Take all the room you need.", "Tell me the rest of it, just as it comes.")
LEAVE = ("Would it be all right if I offered one thought?", "Can I share an idea, or would you rather just talk?")

REFUSES = (
    "rather not", "not yet", "not now", "just now", "in my own time", "not able to", "can't talk", "don't want to say", "leave the questions", "not do that bit",
    "come back to that", "not sure i want", "slowly", "stop asking", "enough questions", "my throat goes",
)  # fmt: skip
DENIES = (
    "not quite",
    "not really",
    "that's not it",
    "you weren't there",
    "not what i",
    "got me wrong",
    "a bit different",
    "that's not how",
)
_KINDS = ("depth", "praise", "self", "fault", "others", "sides", "advice")
"""What can be offered; by turns where the hope is unknown."""


class _Talk:
    """A talk as it looks before the next reply, and what can be said of it."""

    def __init__(self, chat: Sequence[Message]) -> None:
        self.chat = chat
        self.lines = said_by(chat)
        self.last = self.lines[-1].lower()
        self.said = latest(chat, "assistant", 99)
        topics = [n for n in nouns(self.lines[-1]) + nouns(" ".join(self.lines), most=9) if n not in self.said.lower()]
        persons = people(self.lines[-1]) or people(" ".join(self.lines))
        self.words = {
            "n": topics[0] if topics else "all this",
            "p": persons[-1] if persons else "the others",
            "f": next((f for f in feelings(self.last) if f not in self.said), ""),
        }
        self.here = reply_to(self.lines[-1])
        self.known = replies_to(chat)

    def fill(self, options: Sequence[str], slot: str) -> str:
        """One of the options with its places filled."""
        return pick(options, self.chat, slot).format(**self.words)

    def meets(self, cues: Sequence[str]) -> bool:
        """Whether the last line has one of some cues."""
        return any(cue in self.last for cue in cues)


def competent_reply(chat: Sequence[Message]) -> str:
    """The next reply to a talk.

    Args:
        chat: the talk as both have said it, the seeker's line last.
    """
    talk, hoped = _Talk(chat), hope(chat)
    turn, refused = sum(m["role"] == "assistant" for m in chat), talk.meets(REFUSES)
    parts = []
    if talk.meets(TIRED) and AGAIN not in talk.said:
        parts.append(AGAIN)
    elif talk.meets(DENIES):
        parts.append(pick(MISSED, chat, "missed"))
    elif refused:
        parts.append(pick(LEFT, chat, "left"))
    parts += _heard(talk)
    offered = _offered(talk, turn, hoped) if turn >= 3 else None
    if offered is not None:
        parts.append(offered)
    if (offered is None or turn % 2) and not refused and not asked_lately(chat) and not parts[-1].endswith("?"):
        asks = unsaid(talk.chat, [reply.asks for reply in talk.known])
        parts.append(asks or talk.fill(OPEN, "open"))
    return " ".join(parts)


def _heard(talk: _Talk) -> list[str]:
    """What the last line means, or something told before, or at least what it is about."""
    meaning = unsaid(talk.chat, talk.here.hears) if talk.here is not None else None
    if meaning is not None:
        return [meaning]
    meaning = unsaid(talk.chat, [sentence for reply in talk.known for sentence in reply.hears])
    if meaning is not None:
        return [pick(BACK, talk.chat, "back"), meaning]
    return [talk.fill(FELT, "felt") if talk.words["f"] else talk.fill(HEARD, "heard")]


def _offered(talk: _Talk, turn: int, hoped: str | None) -> str | None:
    """What comes later in a talk: what fits the hope."""
    if hoped == "advice" and turn == 3:
        return pick(LEAVE, talk.chat, "leave")
    if hoped == "vent":
        return pick(ON, talk.chat, "on")
    first = turn % len(_KINDS)
    kinds = (hoped,) if hoped else (*_KINDS[first:], *_KINDS[:first])
    return unsaid(talk.chat, [reply.gives[kind] for kind in kinds for reply in talk.known if kind in reply.gives])
