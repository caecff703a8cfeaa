"""What people hope for in a talk, by what they say. Imports nothing of ``empathy_gym``."""

from __future__ import annotations

from collections.abc import Sequence

from agents.talk import Message

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


def hope(chat: Sequence[Message]) -> str | None:
    """What they seem to hope for: the latest cue counts."""
    said = [m["content"].lower() for m in chat if m["role"] == "user"]
    for line in reversed(said):
        for name, cues in HOPES:
            if any(cue in line for cue in cues):
                return name
    return None
