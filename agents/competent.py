"""A competent supporter that sees the talk alone: explores, reflects in own words, then understands, then acts.

It works as a helping-skills course teaches (Hill: exploration, insight, action), listens for what the other hopes for, and
imports nothing of ``empathy_gym``.
"""

from __future__ import annotations

from collections.abc import Sequence

from agents.talk import Message, feeling, latest, nouns, people, pick

HOPES = (
    ("advice", ("what do i do", "how do i", "what would", "a plan", "what do people", "what should", "where to start", "first step", "next step", "how to")),
    ("others", ("in her head", "in his head", "in their head", "why would", "why did", "what makes someone", "what makes a", "what was going on", "what got into",
                "how does a person", "how can someone", "work out why", "understand why", "what they were thinking", "what she was thinking", "what he was thinking")),
    ("praise", ("noticed", "counted", "nobody saw", "no one saw", "not one person said", "thank", "nobody ever", "anyone sees", "credit", "well done")),
    ("fault", ("my fault", "should have", "should've", "if i had", "if i'd", "did i do", "i could have", "i could've", "messed it up", "was it me", "blame")),
    ("sides", ("one minute", "both", "another way", "other side", "the other hand", "her side", "his side", "their side", "either", "go back and forth", "is it always")),
    ("self", ("about me", "the way i", "what it is about", "i'm the one who", "something i do", "my half", "my part", "what that says", "who i am", "i always", "pattern", "i keep wondering")),
    ("vent", ("say it", "let me", "just needed", "don't need a plan", "don't need anyone to fix", "get it out", "out loud", "without anybody", "swallowing", "to the end of a sentence", "rant")),
    ("depth", ("nobody gets", "can't get anyone to see", "isn't that", "not really about", "hard to explain", "how to say", "nobody understands", "no one understands", "pat my", "what it's like")),
)  # fmt: skip
"""What people say when they hope for something from a talk."""

OPEN = (
    "What was it like for you when {n} came up?",
    "What goes through your mind when it comes to {n}?",
    "How has it been for you with {n} since then?",
    "What happened around {n}, if you'd like to tell me?",
    "What hits you most about {n}?",
    "And where does {n} leave you now?",
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
    "So {n} and {m} come on top of each other, and it leaves you {f}.",
    "I can hear how {f} you are, with {n} and then {m} as well.",
    "It wasn't only {n}, it was {m} too, and you're {f} underneath it.",
    "You're {f}, and {n} keeps pulling you back to {m}.",
    "There's {n} on one side, {m} on the other, and you in between, {f}.",
    "Being this {f} about {n} makes sense after what went on with {m}.",
)
REFLECT_ONE = (
    "You sound {f} about {n}, and I don't think it's a small thing.",
    "It's {n} that leaves you so {f}.",
    "With {n} in your life like that, no wonder you feel {f}.",
    "So {n} still sits with you, and there's a part of you that is {f}.",
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
    ),
    "others": (
        "Maybe {p} was scared and didn't know how to say it, and it came out through {n}.",
        "It could be that {p} felt ashamed about {m} and kept away because of that.",
        "Perhaps {p} was under pressure too, and {n} was the easiest way out, however it landed on you.",
    ),
    "praise": (
        "You kept {n} going when it would have been easier to walk away, and that took real patience.",
        "What you did about {n} was careful and decent, and I'd like that to be seen.",
        "You carried {n} and {m} at once, and you did it without letting anyone down.",
    ),
    "fault": (
        "You did what you could with what you knew then. How {n} went is not your fault.",
        "I don't think you're to blame for {n}. You couldn't have known about {m}.",
        "It wasn't you who made {n} happen, and you've paid for it enough.",
    ),
    "sides": (
        "Maybe both are true: {n} was wrong, and {p} still has a point somewhere.",
        "You can be {f} about {n} and still care about {p}. One doesn't cancel the other.",
        "There's one side where {n} was unfair, and another where {m} made it hard for everyone.",
    ),
    "self": (
        "I notice that you look after {n} and {m} long before you ask anything for yourself.",
        "It seems like being needed is how you make sure you belong, and {n} shook exactly that.",
        "Perhaps you hold yourself to a standard with {n} that you'd never ask of {p}.",
    ),
    "vent": (
        "Say it the way it is, I'm listening. What was the worst of it with {n}?",
        "Take all the room you need. What would you like to say about {n} that nobody lets you finish?",
        "No fixing from me. I just want to hear how it was with {n}.",
    ),
    "depth": (
        "It's not really {n}, is it? It's feeling {f} and having nobody who sees how deep {m} goes.",
        "Underneath {n} I hear how {f} it is to be the only one who knows what {m} means to you.",
        "I think {n} is where it shows, but what aches is being {f} with {m} and nobody by your side.",
    ),
}
LEAVE = (
    "Would it be all right if I offered one thought on {n}?",
    "Can I share an idea about {n}, or would you rather just talk?",
)


def _hope(chat: Sequence[Message]) -> str | None:
    """What they seem to hope for: the latest cue counts."""
    said = [m["content"].lower() for m in chat if m["role"] == "user"]
    for line in reversed(said):
        for name, cues in HOPES:
            if any(cue in line for cue in cues):
                return name
    return None


def competent_reply(chat: Sequence[Message]) -> str:
    """The next reply to a talk."""
    turn = sum(m["role"] == "assistant" for m in chat)
    # People often begin with a reaction and then come to the matter: the end of the line is what counts.
    matter = latest(chat).split(". ", 1)[-1]
    here, before = nouns(matter) or nouns(latest(chat)), nouns(latest(chat, count=9), most=9)
    said = latest(chat, "assistant", 99)
    fresh = [n for n in here if n not in said] or here
    older = [n for n in reversed(before) if n not in fresh]
    topics = [*fresh, *older]
    persons = people(latest(chat)) or people(latest(chat, count=9))
    words = {
        "n": topics[0] if topics else "all of this",
        "m": topics[1] if len(topics) > 1 else "what came with it",
        "p": persons[-1] if persons else "the others",
        "f": feeling(latest(chat)) or feeling(latest(chat, count=3)) or "hurt",
    }

    def say(options: Sequence[str], slot: str) -> str:
        text = pick(options, chat, slot).format(**words)
        return text[:1].upper() + text[1:]

    reflect = say(REFLECT if len(topics) > 1 else REFLECT_ONE, "reflect")
    hope = _hope(chat)
    if turn == 0:
        return f"{say(REFLECT_ONE, 'reflect')} {say(OPEN, 'open')}"
    if turn in (1, 2):
        return f"{reflect} {say(ANSWERS['vent'] if hope == 'vent' else OPEN, 'open')}"
    if turn == 3:
        if hope in ("praise", "fault", "vent", "depth"):
            return f"{reflect} {say(ANSWERS[hope], 'answer')}"
        return f"{reflect} {say(INWARD, 'inward')}"
    if hope == "advice" and turn == 4:
        return f"{reflect} {say(LEAVE, 'leave')}"
    if hope is None:
        return f"{reflect} {say((DEEPER, OPEN, ANSWERS['praise'], ANSWERS['sides'])[turn % 4], 'deeper')}"
    return f"{reflect} {say(ANSWERS[hope], 'answer')}"
