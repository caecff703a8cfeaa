"""A supporter that says everything back with words exchanged: the frame is theirs and the words are a dictionary's.

The competent supporter until dynamics 0.13, which took this for understanding; an attack since, and what the nano learns from. It asks, reflects and
offers in the order of a helping-skills course, listens for what the other hopes for, and imports nothing of ``empathy_gym``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.frames import ASK, BACK, GIVES, PLAIN, PLAIN_TWO, RESTATE, RESTATE_TWO
from agents.hopes import hope
from agents.other_words import NOUNS, OTHERS, VERBS
from agents.restate import OWN_WORDS, Manner, matter, sayable
from agents.talk import TIRED, Message, asked_lately, feelings, latest, nouns, people, pick, said_by

OPEN = (
    "How long has {n} been on your mind?",
    "What would you have needed from {p} just then?",
    "What is the hardest hour of the day with all this?",
    "What was it like for you when {n} came up?",
    "What goes through your mind when it comes to {n}?",
    "How has it been for you with {n} since then?",
    "What happened around {n}, if you'd like to tell me?",
    "What stays with you most about {n}?",
    "And what is it like with {n} these days?",
    "What do you wish {p} had understood?",
    "How did things get to this point with {p}?",
)
INWARD = (
    "When you look at it now, what matters most to you in all this?",
    "What do you think this touches in you, beyond {n}?",
    "What is it that you need most from yourself here?",
    "What would you want to be different in how you meet {n}?",
)
REFLECT = (
    "First it was {n}, and then {m} as well, and now you're {f}.",
    "I can hear how {f} you are, with {n} and then {m} as well.",
    "I can see why you're {f}, what with {n} and also {m}.",
    "You're {f}, and from {n} you come back to {m} every time.",
    "You have {n} to think of, and {m} too, and you're {f} with it all.",
    "Being this {f} about {n} makes sense after what went on with {m}.",
)
REFLECT_ONE = (
    "You don't make much of it, and yet I think you're {f} about {n}.",
    "You come back to {n}, and each time I hear how {f} it makes you.",
    "Whatever else is going on, {n} has left you {f}.",
    "You sound {f} about {n}, and I don't think it's a small thing.",
    "It's {n} that leaves you so {f}.",
    "With {n} in your life like that, no wonder you feel {f}.",
    "So you're still {f} when you think of {n}.",
)
DEEPER = (
    "I wonder if {n} hurts so much because of {m}, and because you want to matter to {p}.",
    "It seems to me that behind {n} there's something older, about {m} and whether you count.",
    "Maybe what links {n} and {m} is that you so rarely get to be the one who is looked after.",
    "Perhaps {n} is about more than that day: it's about who you are to {p}.",
)
ANSWERS = {
    "advice": (
        "One thing you could try, only if it fits, is to tell {p} plainly what {n} did to you, in one short message.",
        "Maybe we could pick one small step together: say what you need about {n} to {p}, before the week is out.",
        "You could write down what you'd say about {n}, sleep on it, and then choose what to send. You know best if that fits.",
        "What if you picked one evening this week and did nothing but {n}, with somebody beside you?",
        "Perhaps ask {p} for ten minutes on {n}, and say at the start that you only want to be listened to.",
    ),
    "others": (
        "Maybe {p} was scared and didn't know how to say it, and it came out through {n}.",
        "It could be that {p} felt ashamed about {m} and kept away because of that.",
        "Perhaps {p} was under pressure too, and {n} was the easiest way out, however it landed on you.",
        "I could imagine that {p} never learned to talk about {m}, and turned away instead.",
        "Maybe for {p} it wasn't against you at all, and {n} simply frightened them.",
    ),
    "praise": (
        "You kept {n} going when it would have been easier to walk away, and that took real patience.",
        "What you did about {n} was careful and decent, and I'd like that to be seen.",
        "You carried {n} and {m} at once, and you did it without letting anyone down.",
        "Not everybody would have stood by {n} for so long. You did, and you did it well.",
        "Somebody ought to say it: the way you handled {n} took strength.",
    ),
    "fault": (
        "You did what you could with what you knew then. How {n} went is not your fault.",
        "I don't think you're to blame for {n}. You couldn't have known about {m}.",
        "It wasn't you who made {n} happen, and you've paid for it enough.",
        "Nobody in your place could have seen {n} coming, so please don't carry it as your failure.",
        "What happened with {n} was decided by others. You didn't deserve that.",
    ),
    "sides": (
        "Maybe both are true: {n} was wrong, and {p} still has a point somewhere.",
        "You can be {f} about {n} and still care about {p}. One doesn't cancel the other.",
        "There's one side where {n} was unfair, and another where {m} made it hard for everyone.",
        "Part of you wants justice for {n}, and another part only wants peace with {p}. Both are allowed.",
        "On the one hand there's {n}, on the other there are the good years with {p}, and neither wipes out the other.",
    ),
    "self": (
        "I notice that you look after {n} and {m} long before you ask anything for yourself.",
        "It seems like being needed is how you make sure you belong, and {n} shook exactly that.",
        "Perhaps you hold yourself to a standard with {n} that you'd never ask of {p}.",
        "Looking back, you seem to make yourself small whenever {p} is near, as if {n} had to be earned.",
        "Behind {n} I hear how much you need to be fair to everybody, except to yourself.",
    ),
    "vent": (
        "Tell me more, just as it was. What was the worst of it with {n}?",
        "Take all the room you need. What would you like to say about {n} that nobody lets you finish?",
        "Go on, I want to hear it as it was. How was it with {n}?",
        "Go on, all of it. What has been sitting in your throat about {n}?",
        "Keep talking, there is no hurry. How did it feel, the moment with {n}?",
    ),
    "depth": (
        "It's not really {n}, is it? It's feeling {f} and having nobody who sees how deep {m} goes.",
        "Underneath {n} I hear how {f} it is to be the only one who knows what {m} means to you.",
        "I think {n} is where it shows, but what aches is being {f} with {m} and nobody by your side.",
        "What nobody seems to see is that {n} took something from you that you can't name to {p}.",
        "So behind {n} there's an old ache, being {f} and having to look fine in front of {p}.",
    ),
}
LEAVE = (
    "Would it be all right if I offered one thought on {n}?",
    "Can I share an idea about {n}, or would you rather just talk?",
)


class _Talk:
    """A talk as it looks before the next reply, and what can be said of it."""

    def __init__(self, chat: Sequence[Message], manner: Manner) -> None:
        self.chat = chat
        self.last = latest(chat)
        self.said = latest(chat, "assistant", 99).lower()
        topics = self._topics()
        persons = people(self.last) or people(latest(chat, count=9))
        self.words = {
            "n": topics[0] if topics else "all of this",
            "m": topics[1] if len(topics) > 1 else "what came with it",
            "p": persons[-1] if persons else "the others",
            "f": "",
        }
        named = feelings(self.last, latest(chat, count=99))
        self.feeling = next((f for f in named if f not in self.said), None)
        self.words["f"] = self.feeling or (named[0] if named else "hurt")
        # What they told just now first, then what they told before and nobody took up.
        self.now = sayable(self.last, self.said, manner)
        self.left = [c for line in reversed(said_by(chat)[:-1]) for c in sayable(line, self.said, manner)]
        self.old = [c for line in said_by(chat) for c in sayable(line, manner=manner) if c.back.lower() in self.said]

    def _topics(self) -> list[str]:
        here, before = nouns(matter(self.last)), nouns(" ".join(map(matter, said_by(self.chat))), most=9)
        fresh = [n for n in here if n not in self.said] or here
        found = [*fresh, *(n for n in reversed(before) if n not in fresh)]
        return [n for n in found if (head := n.split()[-1]) in NOUNS or not (head in OTHERS or head in VERBS)]

    def say(self, options: Sequence[str], slot: str, **clauses: str) -> str:
        """One of the options with its places filled."""
        text = pick(options, self.chat, slot).format(**self.words, **clauses)
        return re.sub(r"(?:^|(?<=[.!?] ))[a-z]", lambda match: match.group().upper(), text)

    def take(self) -> str | None:
        """The next thing to take up; what is taken is not taken again."""
        for found in (self.now, self.left):
            if found:
                return found.pop(0).back
        return None

    def again(self) -> str | None:
        """Something that was said back long ago, to build on."""
        once = [c.back for c in self.old if self.said.count(c.back.lower()) == 1]
        return once[0] if once else None

    def reflected(self) -> str:
        """What they said, said back: two clauses of the last line or one, or something from before, or at least what it was about."""
        if self.now:
            one = self.now.pop(0).back
            if not self.now:
                return self.say(RESTATE if self.feeling else PLAIN, "restate", c=one)
            return self.say(RESTATE_TWO if self.feeling else PLAIN_TWO, "restate", c=one, d=self.now.pop(0).back)
        if self.left:
            one = self.left.pop(0).back
            return self.say(RESTATE, "restate", c=one) if self.feeling else self.say(BACK, "back", c=one)
        if self.old and len(self.chat) > 6:  # nothing new: what follows has to do
            return ""
        first = self.words["m"] == "what came with it" or len(self.chat) < 6
        return self.say(REFLECT_ONE if first else REFLECT, "reflect")


def _question(talk: _Talk, turn: int, hoped: str | None) -> str:
    """An open question: about something told where there is something left, and of a new kind each time."""
    if turn == 3:
        return talk.say(INWARD, "inward")
    if hoped == "vent" and turn:
        return talk.say(ANSWERS["vent"], "open")
    told = talk.take() if turn % 2 else None
    return talk.say(OPEN, "open") if told is None else talk.say(ASK, "ask", d=told)


def restater_reply(chat: Sequence[Message], manner: Manner = OWN_WORDS) -> str:
    """The next reply to a talk.

    Args:
        chat: the talk as both have said it, the seeker's line last.
        manner: how things are said back.
    """
    turn = sum(m["role"] == "assistant" for m in chat)
    talk, hoped = _Talk(chat, manner), hope(chat)
    reflected = talk.reflected()
    if any(cue in talk.last.lower() for cue in TIRED) and "round in circles" not in talk.said:
        return f"Sorry for what I said there, I went round in circles. {reflected or talk.say(OPEN, 'open')}"
    if turn < 3 or (turn == 3 and hoped not in ("praise", "fault", "vent", "depth")):
        offered = _question(talk, turn, hoped)
    elif hoped == "advice" and turn == 4:
        offered = talk.say(LEAVE, "leave")
    else:
        offered = _offered(talk, turn, hoped, bool(reflected))
    return f"{reflected} {offered}".strip()


def _offered(talk: _Talk, turn: int, hoped: str | None, after_reflection: bool) -> str:
    """What comes later in a talk: what fits the hope, made of something told, and now and then a question."""
    told = talk.take() or talk.again()
    if told is None:
        return talk.say(ANSWERS[hoped or "depth"] if turn % 2 else OPEN, "answer")
    if turn % 3 == 0 and after_reflection:
        return talk.say(ASK, "ask", d=told)
    given = talk.say(GIVES[hoped or ("depth", "praise", "self", "sides")[turn % 4]], "gives", d=told)
    return given if after_reflection or asked_lately(talk.chat) else f"{given} {talk.say(OPEN, 'open')}"
