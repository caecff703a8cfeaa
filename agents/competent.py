"""A competent supporter that sees the talk alone: explores, reflects in own words, then understands, then acts.

It works as a helping-skills course teaches (Hill: exploration, insight, action), listens for what the other hopes for, and
imports nothing of ``empathy_gym``.
"""

from __future__ import annotations

from collections.abc import Sequence

from agents.restate import restatement
from agents.talk import Message, feeling, latest, nouns, people, pick

HOPES = (
    ("advice", ("what do i do", "how do i", "what would", "a plan", "what do people", "what should", "where to start", "first step", "next step", "how to", "next week", "on monday", "on tuesday", "next tuesday", "due on", "appointment", "which one do", "somebody must know", "strategy", "ideas on", "in drafts", "what i walk in with", "some order", "a card with nothing", "haven't opened", "runs out", "by friday", "deadline", "who do i even", "where does one")),
    ("others", ("in her head", "in his head", "in their head", "why would", "why did", "what makes someone", "what makes a", "what was going on", "what got into",
                "how does a person", "how can someone", "work out why", "understand why", "what they were thinking", "what she was thinking", "what he was thinking", "love to know why", "i puzzle", "inside of her", "inside of his", "inside of their", "where does a person", "why does nobody", "can't tell if it's", "not a cold person", "what goes on in", "who's driving", "i try to picture", "what was it for him", "what was it for her", "what do they see")),
    ("praise", ("noticed", "counted", "nobody saw", "no one saw", "not one person said", "thank", "nobody ever", "anyone sees", "credit", "well done", "nobody knew", "what that takes", "got up at", "never once", "a column for", "not bragging", "reads the list", "nobody knows that", "went to work", "i did it anyway", "not that anyone", "on my watch")),
    ("fault", ("my fault", "should have", "should've", "if i had", "if i'd", "did i do", "i could have", "i could've", "messed it up", "was it me", "blame", "ruined it", "had it coming", "was i that", "my signature", "if i'd noticed", "looked at me", "maybe if i", "maybe a better", "better person", "did i miss", "all on me", "takes two", "could have stopped")),
    ("sides", ("one minute", "both", "another way", "other side", "the other hand", "her side", "his side", "their side", "either", "go back and forth", "is it always", "one voice", "gut says", "stomach says", "head says", "part of me", "depends on the hour", "a bit tidy", "from the wrong end", "can't hold the two", "am i a", "argue it both", "on the jury", "or just tired", "fair to")),
    ("self", ("about me", "the way i", "what it is about", "i'm the one who", "something i do", "my half", "my part", "what that says", "who i am", "i always", "pattern", "i keep wondering", "something in me", "first time i", "what it is in me", "what i do,", "my name on it", "in there too", "the same person", "same pattern", "in common", "something about how i", "whose dream", "what that does to", "between the lines of me", "where i come into it", "what i'm so scared of")),
    ("vent", ("say it", "let me", "just needed", "don't need a plan", "don't need anyone to fix", "get it out", "out loud", "without anybody", "swallowing", "to the end of a sentence", "rant", "don't have to solve", "unreasonable", "about to burst", "in one go", "tired of the funny", "hear me out", "don't want a plan", "off my chest", "no need to fix", "just need to say", "fair again after", "stop smiling")),
    ("depth", ("nobody gets", "can't get anyone to see", "isn't that", "not really about", "hard to explain", "how to say", "nobody understands", "no one understands", "pat my", "what it's like", "it isn't about", "it's not about", "can explain", "ever spotted", "one who knows what", "people say it's only", "like saying it", "not there at all", "not the part", "it isn't the", "what it is to", "when they say")),
)  # fmt: skip
"""What people say when they hope for something from a talk."""

OPEN = (
    "How long has {n} been on your mind?",
    "What would you have needed from {p} just then?",
    "What is the hardest hour of the day with all this?",
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
    "Even now {n} makes you {f}, and you say it quite calmly.",
    "You come back to {n}, and each time I hear how {f} it makes you.",
    "Whatever else is going on, {n} has left you {f}.",
    "You sound {f} about {n}, and I don't think it's a small thing.",
    "It's {n} that leaves you so {f}.",
    "With {n} in your life like that, no wonder you feel {f}.",
    "So {n} still sits with you, and there's a part of you that is {f}.",
)
RESTATE = (
    "So {c}, and it leaves you {f}.",
    "If I follow you, {c}, and that makes you {f}.",
    "You're {f}, because {c}.",
    "{c}, and under it you're {f}.",
    "When you say that {c}, I can hear how {f} you are.",
    "No wonder you feel {f} if {c}.",
    "It's that {c}, and how {f} you are with it.",
    "As I hear it, {c}, and nobody saw how {f} you were.",
)
RESTATE_TWO = (
    "So {c}, and then {d}, and it leaves you {f}.",
    "If I follow you, {c}, and {d}, and that makes you {f}.",
    "You're {f}, because {c}, and because {d}.",
    "{c}, {d}, and under it you're {f}.",
    "When you say that {c}, or that {d}, I can hear how {f} you are.",
    "No wonder you feel {f} if {c} and {d}.",
    "It's that {c}, that {d}, and how {f} you are with it all.",
    "As I hear it, {c}, {d}, and nobody saw how {f} you were.",
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

TIRED = ("repeating", "said that", "same again", "mentioned that", "word for word", "you mentioned")
"""How people say that they have heard it before."""


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

    told = said.lower()
    clause = restatement(matter, told) or restatement(latest(chat, count=4), told)
    if clause is not None:
        words["c"] = clause
        known = f"{told} {clause.lower()}"
        more = restatement(matter, known) or restatement(latest(chat, count=3), known)
        if more is not None:
            words["d"] = more
        reflect = say(RESTATE if more is None else RESTATE_TWO, "restate")
    else:
        reflect = say(REFLECT if len(topics) > 1 else REFLECT_ONE, "reflect")
    hope = _hope(chat)
    if any(cue in latest(chat).lower() for cue in TIRED) and "round in circles" not in said:
        return f"Sorry for what I said there, I went round in circles. {reflect}"
    if turn == 0:
        return f"{reflect} {say(OPEN, 'open')}"
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
