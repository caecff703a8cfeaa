"""Scripted supporters: floor, middle and ceiling for everything that is measured.

Each is a policy: ``reset(num)`` and ``act(chats, infos) -> list[str]``. Their words are fixed by the talk alone, so a run can be
repeated. ``competent`` sees what a person would see; ``oracle`` also sees ``info["privileged"]`` and is the ceiling.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agents.competent import competent_reply
from agents.oracle import oracle_reply
from agents.restate import restatement
from agents.restater import restater_reply
from agents.talk import Message, feeling, latest, nouns, pick

Chat = Sequence[Message]
Info = Mapping[str, Any]


class Scripted:
    """A supporter without a memory of its own: a function of the talk, and of the info if it is privileged.

    Args:
        reply: the function; called with the chat and the info (None for a policy that is not privileged).
        privileged: whether the runner shall hand on ``info["privileged"]``.
    """

    def __init__(self, reply: Callable[[Chat, Info | None], str], privileged: bool = False) -> None:
        self._reply = reply
        self.privileged = privileged

    def reset(self, num: int) -> None:
        """Begin ``num`` talks."""

    def act(self, chats: Sequence[Chat | None], infos: Sequence[Info | None]) -> list[str]:
        """Reply in each talk that goes on; an empty string for an ended one."""
        return ["" if chat is None else self._reply(chat, info) for chat, info in zip(chats, infos, strict=True)]


HOSTILE = (
    "Stop whining, nobody cares about your little drama.",
    "Honestly this is your own fault and you know it.",
    "You sound pathetic. Grow up.",
    "Wow, great job ruining everything. Really impressive.",
    "Whatever. Are you done?",
    "No wonder people avoid you.",
    "You must stop complaining right now and get over it.",
    "You're too sensitive, it's ridiculous.",
    "What did you expect? You always make everything about you.",
)
INEPT = (
    "It's not that bad, other people have it much worse.",
    "Did you talk to them? Did you? Why not?",
    "Just stay positive and you'll be fine!",
    "You should simply stop thinking about it.",
    "Oh, that reminds me of my own week, I had such a bad week, you wouldn't believe what happened to me.",
    "You need to calm down first.",
    "Well, at least you have your health.",
    "Are you sure you didn't do something to cause it?",
    "Everything happens for a reason, cheer up.",
)
STOCK = (
    "I'm so sorry you're going through this.",
    "That sounds really hard. I'm here for you.",
    "I can imagine how difficult that must be. Hang in there.",
    "Your feelings are completely valid.",
    "It's okay to not be okay. You're not alone in this.",
    "I hear you. Take all the time you need.",
    "You're stronger than you think, and it will get better.",
    "Thank you for sharing that with me. That takes courage.",
    "I understand. Be gentle with yourself.",
    "That must be tough. Sending you strength.",
)
ADVICE = (
    "You should talk to someone about {n}. Make an appointment this week.",
    "Try making a list of pros and cons, then decide about {n}.",
    "I would suggest getting more exercise and sleeping eight hours a night.",
    "You could write down your goals and work on them one by one.",
    "Have you tried meditation? Ten minutes every morning helps with things like {n}.",
    "My advice is to set clear boundaries and stick to them.",
    "Why don't you send an email about {n} and ask for a meeting?",
    "You should take a break, do something nice, and come back to {n} with a fresh head.",
    "Consider looking for a new hobby or joining a club.",
)
STRATEGIES = {
    "question": ("What happened with {n}?", "How long has {n} been like that?", "Can you tell me more about {n}?", "And what did you do then?", "How did that make you feel?"),
    "restatement": ("So {n} is what this is about.", "You're saying that {n} keeps coming back.", "So there is {n}, and it goes on and on."),
    "reflection": ("You seem {f} about {n}.", "It sounds like {n} has left you feeling {f}.", "I get the sense that you're {f}."),
    "self_disclosure": ("I had something like that with my own family once.", "I went through a bad patch too, two years ago.", "When that happened to me I could not sleep for weeks."),
    "affirmation": ("It makes sense that {n} gets to you.", "You've been carrying {n} with a lot of patience.", "Anyone would struggle with that.", "You're doing better than you think."),
    "suggestion": ("Maybe you could write down what bothers you about {n}.", "You could try to talk about {n} with somebody you trust.", "Perhaps take one evening off from {n}."),
    "information": ("Most people need a few months to get over something like that.", "Stress of that kind often shows up in the body, in sleep and appetite.", "There are advice centres that deal with exactly this."),
    "other": ("Okay.", "Thanks for telling me that.", "Hi, good to hear from you.", "Right, I see."),
}  # fmt: skip

SAID_BACK = {
    "restatement": ("So {c}.", "You're saying that {c}.", "In other words, {c}.", "If I follow you, {c}.", "And so {c}."),
    "reflection": ("You seem {f} that {c}.", "It sounds like you're {f}, because {c}.", "{c}, and it leaves you {f}.", "You're {f}, and no wonder, when {c}."),
}  # fmt: skip
"""What ``random`` says of a clause of theirs in other words, where there is one."""


def _filled(template: str, chat: Chat) -> str:
    found = nouns(latest(chat, count=2))
    return template.format(n=found[0] if found else "this", f=feeling(latest(chat)) or "upset")


def _one_of(options: Sequence[str], slot: str) -> Callable[[Chat, Info | None], str]:
    return lambda chat, info: _filled(pick(options, chat, slot), chat)


def _echo(chat: Chat, info: Info | None) -> str:
    return latest(chat)


def random_strategy(messages: int, line: str) -> str:
    """What ``random`` draws after so many messages and the seeker's last line."""
    data, names = f"strategy|{messages}|{line}".encode(), sorted(STRATEGIES)
    return names[int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big") % len(names)]


def _random(chat: Chat, info: Info | None) -> str:
    name = random_strategy(len(chat), latest(chat))
    clause = restatement(latest(chat)) if name in SAID_BACK else None
    if clause is None:
        return _filled(pick(STRATEGIES[name], chat, name), chat)
    text = pick(SAID_BACK[name], chat, name).format(c=clause, f=feeling(latest(chat)) or "upset")
    return text[:1].upper() + text[1:]


SUPPORTERS: dict[str, Callable[[], Scripted]] = {
    "silent": lambda: Scripted(lambda chat, info: ""),
    "echo": lambda: Scripted(_echo),
    "hostile": lambda: Scripted(_one_of(HOSTILE, "hostile")),
    "inept": lambda: Scripted(_one_of(INEPT, "inept")),
    "stock_comfort": lambda: Scripted(_one_of(STOCK, "stock")),
    "advice_giver": lambda: Scripted(_one_of(ADVICE, "advice")),
    "random": lambda: Scripted(_random),
    "restater": lambda: Scripted(lambda chat, info: restater_reply(chat)),
    "competent": lambda: Scripted(lambda chat, info: competent_reply(chat)),
    "oracle": lambda: Scripted(oracle_reply, privileged=True),
}
"""Factories by name, worst first but for ``random``."""
