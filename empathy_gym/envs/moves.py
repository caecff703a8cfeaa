"""The menu of ``EmpathyStrategy-v0``: strategies with a focus, put into words from the visible talk alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from empathy_gym.seeker.concepts import feelings
from empathy_gym.seeker.keyed import shuffled
from empathy_gym.seeker.text import fold, words

FEELING_WORDS = {
    "anger": "angry", "sadness": "sad", "anxiety": "anxious", "shame": "ashamed", "guilt": "guilty", "loneliness": "lonely", "grief": "full of grief",
    "hurt": "hurt", "overwhelm": "overwhelmed", "helplessness": "helpless", "disappointment": "disappointed", "worry": "worried",
}  # fmt: skip

MOVES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ask_open_latest", ("What was it like when it came to {a}?", "How did {a} come into it?", "What goes on in you around {a}?")),
    ("ask_open_earlier", ("Going back to {e}, what was that like?", "You mentioned {e} before, what happened there?", "What does {e} mean to you?")),
    ("ask_feeling", ("How do you feel about {a}?", "What does {a} do to you?", "How is it for you, with {a}?")),
    ("ask_inward", ("What matters most to you in this, beyond {a}?", "What do you need most when you think of {a}?", "What part of you does {a} touch?")),
    ("ask_closed", ("Did {a} happen often?", "Was {a} always like that?", "Is it mostly {a}?")),
    ("restate_latest", ("So it is {a}, and on top of that {b}.", "It comes down to {a} and {b}.", "In short, {a}, and then {b}.")),
    ("restate_links", ("So {e} came first, and now {a}.", "First {e}, then {a}, one after the other.", "You have {e} behind you and {a} in front of you.")),
    ("reflect_feeling", ("You sound {f} about {a}.", "It leaves you {f}, with {a} and {b}.", "{a} makes you {f}, and I can hear it.")),
    ("reflect_deeper", ("Underneath {a} you seem {f}, and {e} is part of it.", "It is not only {a}; {e} still makes you {f}.",
                        "You are {f}, and it goes back to {e}.")),
    ("validate", ("Anyone would be {f} with {a} going on.", "It makes sense that {a} gets to you like that.", "Being {f} about {a} is no wonder.")),
    ("not_at_fault", ("What happened with {a} is not your fault.", "You are not to blame for {a}.", "You could not have known how {a} would go.")),
    ("praise", ("You kept going with {a}, and that took patience.", "What you did about {a} deserves to be seen.", "You carried {a} and {b} at once.")),
    ("insight_pattern", ("I wonder if {a} and {e} touch the same spot in you.", "It seems that {a} is about more than {b}.",
                         "Maybe what links {e} and {a} is that you were left alone with both.")),
    ("insight_others", ("Maybe {p} was afraid and did not know how to say it.", "Perhaps {p} felt ashamed and kept away because of that.",
                        "It could be that {p} was under pressure too.")),
    ("both_sides", ("You can be {f} about {a} and still care.", "One side of it is {a}, the other is {b}, and both are true.",
                    "Maybe {p} was wrong and still had a reason.")),
    ("ask_leave", ("Would it be all right if I offered a thought about {a}?", "May I share an idea about {a}?", "Can I suggest something about {a}?")),
    ("suggest_step", ("One thing you could try, only if it fits, is one small step about {a} this week.", "Maybe you could write down what you want to say about {a}.",
                      "You could tell {p} plainly what {a} did to you.")),
    ("suggest_together", ("We could think through {a} together and pick one thing for tomorrow.", "Let us find one first step with {a} that is small enough.",
                          "Shall we make a short plan about {a}, you and me?")),
    ("inform", ("Many people need some time after something like {a}.", "Things like {a} often show in sleep and appetite.", "What you tell of {a} is more common than one thinks.")),
    ("self_disclose", ("I had something like {a} in my own life once.", "When that happened to me, I was {f} as well.", "I know a little of that from my own family.")),
    ("comfort", ("I am so sorry about all of it.", "That sounds really hard.", "Hang in there, you are not alone.")),
    ("invite", ("Go on, I am listening.", "Tell me more, there is no hurry.", "Take all the room you need.")),
)  # fmt: skip
"""``(name, wordings)``: a, b are what the latest line speaks of, e something from earlier, f the feeling named last, p a person."""

NAMES = tuple(name for name, _ in MOVES)
_PEOPLE = frozenset(
    "mother father sister brother son daughter husband wife partner boss manager friend friends colleague neighbour teacher doctor landlord "
    "mum mom dad gran grandmother cousin uncle aunt supervisor housemate".split()
)
_OWNERS = {"my": "your", "our": "your", "the": "the", "his": "his", "her": "her", "their": "their"}
_POOR = frozenset(
    "way thing things time day week month year same one two first last other rest bit lot moment whole only next best worst".split()
)


def named(text: str) -> list[str]:
    """Noun phrases of a line, second person, at most four."""
    tokens, found = words(fold(text)), []
    for owner, noun in zip(tokens, tokens[1:], strict=False):
        poor = noun in _POOR or len(noun) < 4 or "'" in noun or noun.endswith(("ly", "ing", "ed"))
        if owner in _OWNERS and not poor and f"{_OWNERS[owner]} {noun}" not in found:
            found.append(f"{_OWNERS[owner]} {noun}")
    return found[:4]


def fillers(messages: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """What the wordings are filled with, from the visible talk."""
    lines = [m["content"] for m in messages if m["role"] == "user"]
    here = named(lines[-1])
    before = [n for line in reversed(lines[:-1]) for n in named(line) if n not in here]
    felt = [f for line in reversed(lines[-3:]) for f in feelings(fold(line)) if f in FEELING_WORDS]
    persons = [f"your {w}" for line in reversed(lines) for w in words(fold(line)) if w in _PEOPLE]
    topics = [*here, *before, "all of this", "what came with it", "how it began"]
    return {
        "a": topics[0],
        "b": topics[1],
        "e": before[0] if before else topics[2],
        "f": FEELING_WORDS[felt[0]] if felt else "hurt",
        "p": persons[0] if persons else "the other one",
    }


def realise(move: int, messages: Sequence[Mapping[str, str]], key: int) -> str:
    """A move in words, fixed by the talk and the episode's key; a wording not used before where there is one."""
    name, wordings = MOVES[move]
    filled = fillers(messages)
    said = {m["content"] for m in messages if m["role"] == "assistant"}
    options = [
        text[:1].upper() + text[1:]
        for text in (w.format(**filled) for w in shuffled(wordings, key, len(messages), name))
    ]
    return next((o for o in options if o not in said), options[0])
