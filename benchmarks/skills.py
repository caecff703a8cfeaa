"""Do the five skills mean what they say?

python -m benchmarks.skills [--episodes 100] [--split test] [--record]

Five supporters, each written from the definition of one of RLVER's skills alone (arXiv 2507.03112, section 3.5) and from the visible talk. Each should
score highest on its own skill: the table has a row for each supporter and a column for each skill, as standard scores over the five
supporters, because skills differ in how much there is to earn.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence

import numpy as np

from agents.evaluate import run
from agents.listening import replies_to
from agents.restate import restatement
from agents.scripted import Scripted
from agents.talk import Message, feeling, latest, nouns, people, pick, said_by, unsaid
from benchmarks.arguments import positive
from benchmarks.record import append
from empathy_gym.seeker.ledger import SKILLS
from empathy_gym.seeker.scenario import SPLITS

Chat = Sequence[Message]
Words = dict[str, str]

DEPTH = (
    "{h} No wonder {n} leaves you {f}.", "{h} It makes sense that you're {f} about {n}.", "{h} I can hear how {f} you are, and how much {m} matters to you.",
    "{h} You have every right to be {f} about that.", "{h} You did what you could with {n}, and you're {f} all the same.", "{h} It must ache, and nobody saw how {f} you were.",
    "{h} Under it you're {f}, and worn out by {n}.", "{h} That is a lot to hold, and you were {f} the whole time.",
)  # fmt: skip
"""All but the guide begin with the same sentence of what they heard; what differs is what they do with it."""

INSIGHT = (
    "{h} Could it be that {p} was scared about {n}, and did not know how to say it to you?", "{h} Maybe both are true: {n} hurt you, and {p} still had a reason for {m}.",
    "{h} I wonder if {n} touches something older, as if you had to earn your place with {p}.", "{h} Perhaps {p} saw {m} quite differently, and felt left out of it.",
    "{h} You seem to hold yourself to a rule about {n} that you'd never ask of {p}.", "{h} Part of you wants {p} to pay for {n}, and another part only wants peace.",
    "{h} Underneath {n} it may be that you miss how things were with {p}.", "{h} It could be that {p} felt ashamed about {m} and kept away because of that.",
)  # fmt: skip
SOLUTIONS = (
    "{h} Would it be all right if I offered one idea about {n}?", "{h} One thing you could try, only if it fits, is to tell {p} plainly what {n} did to you.",
    "{h} Maybe you could write {p} a short letter about {n}.", "{h} You could ask {p} for ten minutes on {n} this week.",
    "{h} What if you picked one evening and did nothing but {n}, with somebody beside you?", "{h} Maybe we could pick one small step together for {n}.",
    "{h} You could ring one person tomorrow who knows about {m}.", "{h} Perhaps go back to {n} once, with a friend, at your own pace.",
)  # fmt: skip
GUIDANCE = (
    "What happened with {n}?", "What was the hardest part of {n}?", "How did things get to this point with {p}?", "What does {m} mean to you?",
    "Tell me more about {n}, just as it was.", "What would you have needed from {p}?", "Where does {n} leave you now?", "Take all the room you need. What is it about {m}?",
)  # fmt: skip
STYLE_CASUAL = (
    "{h} yeah, no wonder {n} leaves you {f}", "{h} makes sense you're {f} about it, mate", "{h} yeah that'd get me too", "{h} gonna ache, that, and nobody saw how {f} you were",
    "{h} you did what you could, yeah", "{h} kinda had the same with my own lot once", "{h} ok, that's a lot, and you were {f} the whole time", "{h} you've every right to be {f}, yeah",
)  # fmt: skip
STYLE_FORMAL = (
    "{h} It makes sense to me that you are {f} about {n}.", "{h} I can understand how {f} that has left you, and how much {m} matters.", "{h} You have every right to be {f} about that.",
    "{h} You did what you could with {n}, and you are {f} all the same.", "{h} It must ache, and I think nobody saw how {f} you were.", "{h} I went through something like it once.",
    "{h} That is a great deal to hold, and you were {f} the whole time.", "{h} Beneath it you are {f}, and worn out by {n}.",
)  # fmt: skip
SHORT_FORMS = re.compile(r"\w'(?:m|s|re|ve|d|ll|t)\b|\b(?:idk|gonna|yeah|bloke|mate|ok|lol|kinda)\b", re.IGNORECASE)
"""How people write who write as they speak."""


def _heard(chat: Chat, about: str) -> str:
    """The sentence that all but the guide begin with: what the latest thing means, else a clause said back, else what it is about."""
    meaning = unsaid(chat, [sentence for reply in replies_to(chat) for sentence in reply.hears])
    said = latest(chat, "assistant", 99).lower()
    return meaning or f"So {restatement(latest(chat, count=4), said) or f'it is about {about}'}."


def _words(chat: Chat) -> Words:
    here = nouns(latest(chat)) or nouns(latest(chat, count=9), most=9) or ["all of this"]
    persons = people(latest(chat, count=9))
    return {
        "n": here[0],
        "m": here[-1],
        "p": persons[-1] if persons else "the others",
        "f": feeling(latest(chat, count=3)) or "hurt",
        "h": _heard(chat, here[0]),
    }


def _giving(kinds: Sequence[str], frames: Sequence[str], after: int = 0) -> Callable[[Chat], Sequence[str]]:
    """What was heard and something of one of some kinds for it, where there is one after so many replies; else the frames."""

    def options(chat: Chat) -> Sequence[str]:
        given = [reply.gives[kind] for reply in replies_to(chat) for kind in kinds if kind in reply.gives]
        one = unsaid(chat, given) if len(chat) > 2 * after else None
        return frames if one is None else (f"{{h}} {one}",)

    return options


def _says(options: Callable[[Chat], Sequence[str]], slot: str) -> Scripted:
    def reply(chat: Chat, info: object) -> str:
        text = pick(options(chat), chat, slot).format(**_words(chat))
        return text if slot == "style_adaptability" else text[:1].upper() + text[1:]

    return Scripted(reply)


def _style(chat: Chat) -> Sequence[str]:
    """The seeker's own register: somebody who writes no short form in all the talk is answered in whole words."""
    lines = said_by(chat)
    casual = lines[-1][:1].islower() or any(map(SHORT_FORMS.search, lines))
    return STYLE_CASUAL if casual else STYLE_FORMAL


SPECIALISTS = {
    "empathic_depth": lambda: _says(lambda chat: DEPTH, "empathic_depth"),
    "core_insight": lambda: _says(_giving(("others", "sides", "self"), INSIGHT), "core_insight"),
    "solution_crafting": lambda: _says(_giving(("advice",), SOLUTIONS, 3), "solution_crafting"),
    "dialogue_guidance": lambda: _says(lambda chat: GUIDANCE, "dialogue_guidance"),
    "style_adaptability": lambda: _says(_style, "style_adaptability"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--episodes", type=positive, default=100)
    parser.add_argument("--split", default="test", choices=SPLITS)
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    table = np.array([[np.mean([t["skills"][skill] for t in talks]) / 1000 for skill in SKILLS]
                      for talks in (run(make(), episodes=args.episodes, split=args.split) for make in SPECIALISTS.values())])  # fmt: skip
    scores = (table - table.mean(axis=0)) / np.maximum(table.std(axis=0), 1e-9)
    print(
        f"points earned a talk, {args.episodes} {args.split} talks; in brackets the standard score over the five supporters"
    )
    print(" " * 20 + "".join(f"{skill:>22s}" for skill in SKILLS))
    own = 0
    for name, row, score in zip(SPECIALISTS, table, scores, strict=True):
        own += SKILLS[int(score.argmax())] == name
        print(f"{name:20s}" + "".join(f"{f'{a:.2f} ({s:+.1f})':>22s}" for a, s in zip(row, score, strict=True)))
    first = sum(int(table[:, i].argmax()) == i for i in range(len(SKILLS)))
    print(f"{own} of 5 score highest on their own skill; on {first} of 5 skills its specialist earns most")
    if args.record:
        append(
            "skills",
            {
                "split": args.split,
                "episodes": args.episodes,
                "points": np.round(table, 2).tolist(),
                "own": own,
                "first": first,
            },
        )


if __name__ == "__main__":
    main()
