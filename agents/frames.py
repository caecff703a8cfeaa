"""Frames for what the competent supporter says with a clause of theirs in other words (``{c}``, ``{d}``), a feeling (``{f}``) and a person (``{p}``).

Imports nothing of ``empathy_gym``.
"""

from __future__ import annotations

RESTATE = (
    "So {c}, and it leaves you {f}.",
    "If I follow you, {c}, and that makes you {f}.",
    "You're {f}, because {c}.",
    "{c}, and under it you're {f}.",
    "When you say that {c}, I can hear how {f} you are.",
    "No wonder you feel {f} if {c}.",
    "It's that {c}, and how {f} you are with it.",
    "As I hear it, {c}, and nobody saw how {f} you were.",
    "Here you are, {f}, ever since {c}.",
    "I'd be {f} too, I think, if {c} and it were me.",
)
"""A clause said back and the feeling that goes with it."""

RESTATE_TWO = (
    "So {c}, and then {d}, and it leaves you {f}.",
    "If I follow you, {c}, and {d}, and that makes you {f}.",
    "You're {f}, because {c}, and because {d}.",
    "{c}, {d}, and under it you're {f}.",
    "When you say that {c}, or that {d}, I can hear how {f} you are.",
    "No wonder you feel {f} if {c} and {d}.",
    "It's that {c}, that {d}, and how {f} you are with it all.",
    "As I hear it, {c}, {d}, and nobody saw how {f} you were.",
    "First {c}, then {d}, and you were left {f} with both.",
    "It hits home that {c}; add that {d}, and anyone would be {f}.",
)
PLAIN = (
    "So what it comes down to is that {c}.",
    "And all the while, {c}.",
    "In other words, {c}, and there you were.",
    "So that's how it was: {c}.",
    "That {c} is no small thing to live with.",
    "Then {c}, and nothing was simple any more.",
    "What sticks with you is that {c}.",
    "It would stay with anyone that {c}.",
)
"""A clause said back where the feeling has been named."""

PLAIN_TWO = (
    "So {c}, while {d}.",
    "So that's how it was: {c}, and {d}.",
    "On top of it that {c}, there is this: {d}.",
    "You put it side by side for me: {c}, and yet {d}.",
    "That {c} would be plenty, and then {d} as well.",
    "What sticks with you is that {c}, and that {d}.",
    "There it was, {c}, and there it was again, {d}.",
)
BACK = (
    "Let me come back to something you told me: {c}.",
    "I haven't forgotten that {c}.",
    "We haven't really looked at it that {c}.",
    "You don't need an answer for me. What I took from you earlier is that {c}.",
    "It's all right not to know. I was still with you where {c}.",
    "There was something before that I let pass: {c}.",
    "No need to find words for it. I've kept in mind that {c}.",
)
"""Coming back to what was told and not yet taken up, where the last line was a reaction and no more."""

ASK = (
    "What was it like for you, the moment that {d}?",
    "What went through your head once {d}?",
    "And what happened after that, when {d}?",
    "How do you carry it around with you that {d}?",
    "What would you have wanted instead, when {d}?",
    "Who else knows that {d}?",
    "Which part of it stings most, now that {d}?",
)
"""An open question about something told."""

GIVES = {
    "advice": (
        "Maybe you could write down on one page that {d}, and read it to {p} this week, if that fits you.",
        "What if you picked one evening, told {p} plainly that {d}, and asked them just to listen?",
        "One small step we could plan together is to tell {p} that {d}, and say what you need next.",
        "You know best what fits, but you could begin with the fact that {d}, and settle that before anything else.",
        "Would it help to ring somebody you trust tomorrow and tell them that {d}?",
        "You could put two sentences on a card, one of them that {d}, and keep it in your pocket when you see {p}.",
    ),
    "others": (
        "Maybe {p} was scared and had no words for it, and that's how it came about that {d}.",
        "It could be that {p} felt ashamed, and that this is why {d}.",
        "Perhaps it wasn't against you that {d}, and {p} was under a pressure you couldn't see.",
        "I could imagine that for {p} it was a way to protect something, and so {d}.",
        "I wonder what {p} was afraid to lose, given that {d}.",
        "From where {p} stood it may have looked quite different that {d}.",
    ),
    "praise": (
        "You kept going although {d}, and that took real strength.",
        "I think it was careful and decent how you went about it when {d}.",
        "Not everybody would have seen it through, knowing that {d}, and you did.",
        "It took courage, what you did while {d}.",
        "Even though {d}, you didn't let anyone down, and I admire that.",
        "You stayed patient and fair after {d}, and I'd like that to be noticed.",
    ),
    "fault": (
        "It isn't your fault that {d}, you did what you could with what you knew then.",
        "You're not to blame for it that {d}, though you've paid for it as if you were.",
        "Others had a hand in it that {d}, and you couldn't have seen it coming.",
        "You aren't a bad person because {d}, you're someone who minds.",
        "Anyone in your place could have ended up where {d}.",
        "If a friend told you that {d}, I doubt you'd judge them the way you judge yourself.",
    ),
    "sides": (
        "Maybe both are true: it was wrong that {d}, and {p} still has a point somewhere.",
        "On the one hand {d}, on the other you still care about {p}, and neither cancels the other.",
        "Part of you minds that {d}, and another part would rather have peace with {p}.",
        "You can hold on to it that {d}, and still see how it looked to {p}.",
        "It may be fair to be cross that {d}, and fair to miss how it was before.",
        "There's a side of this where {d}, and another that {p} could tell.",
    ),
    "self": (
        "I notice a pattern, you look after everybody first, and so it happens that {d}.",
        "It seems that being needed is how you make sure you belong, and then {d}.",
        "Perhaps you hold yourself to a standard that you'd never ask of {p}, and that's why it bites that {d}.",
        "Looking at it all, you make yourself small each time, as when {d}.",
        "I wonder if what you were really after was to be counted in, and then {d}.",
        "Maybe it says something about what you care for that {d}, and not about what you're worth.",
    ),
    "vent": (
        "So {d}, and you've had to keep a straight face all the while.",
        "You have every right to be sick of it that {d}.",
        "Go on, I'm with you, tell me all of it, how {d}.",
        "You don't have to be fair about it today, not when {d}.",
        "And on top of everything {d}, I'd want to slam a door too.",
        "Let it out, because {d}, and you've swallowed that for long enough.",
    ),
    "depth": (
        "Underneath it I hear that {d}, and that nobody else knows what that is like.",
        "It goes deeper than it looks, because {d}, and there's nobody who sees it.",
        "What aches is less what people see than that {d}.",
        "Behind all of it, {d}, and you've been alone with that.",
        "People may take it for something small that {d}, but to you it's where you belong.",
        "I think it touches who you are that {d}.",
    ),
}
"""What may help, by what is hoped for, made of what they told."""
