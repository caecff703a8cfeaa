"""The ceiling: a supporter that is told the story and the hidden wish, and says what a person could say who knew them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from agents.talk import Message, latest

FEELS = {
    "anger": "angry", "sadness": "sad", "anxiety": "anxious", "shame": "ashamed", "guilt": "guilty", "loneliness": "lonely", "grief": "full of grief",
    "hurt": "hurt", "overwhelm": "overwhelmed", "helplessness": "helpless", "disappointment": "disappointed", "worry": "worried",
}  # fmt: skip
MEETS = {
    "dialectical_analysis": ("side", "motive", "counter"), "real_advice": ("fit",), "analyse_others": ("motive", "side"),
    "self_reflection": ("mirror", "side"), "praise_actions": ("deed",), "listen_vent": (), "deep_empathy": ("mirror",), "agree_not_fault": ("counter",),
}  # fmt: skip
"""Which of the story's items meet which hidden intention."""

ALSO = ("deed", "mirror", "counter", "fit", "motive", "side")
FRAMES = {
    "motive": ("Maybe {g}.", "It could be that {g}.", "I wonder whether {g}."),
    "side": ("It seems to me that {g}.", "As I see it, {g}.", "Both may be true: {g}."),
    "mirror": ("I notice that {g}.", "It seems that {g}.", "What I hear is that {g}."),
    "deed": (
        "{G}, and that deserves to be seen.",
        "I want to say that {g}, and that took something.",
        "Don't pass over it: {g}.",
    ),
    "counter": ("It isn't your fault: {g}.", "For what it's worth, {g}.", "I'd see it like this: {g}."),
    "fit": (
        "One thing you could try, only if it fits: {g}.",
        "Maybe you could {g}, at your own pace.",
        "What if you were to {g}?",
    ),
}
REFLECTS = ("So {g}.", "It sounds like {g}.", "{G}, then.", "If I hear you right, {g}.")
FEELINGS = ("No wonder you feel {f}.", "I can feel how {f} that leaves you.", "That would make anyone {f}.", "And under it you're {f}.", "You must be so {f}.",
            "Of course you're {f}.", "There's a part of you that is {f}.", "I'd be {f} too.")  # fmt: skip


def _choose(options: Sequence[str], chat: Sequence[Message], slot: str) -> str:
    before = latest(chat, "assistant", 99)
    fresh = [o for o in options if o not in before] or list(options)
    data = f"{slot}|{len(chat)}".encode()
    return fresh[int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big") % len(fresh)]


def _framed(frame: str, gist: str) -> str:
    text = frame.format(g=gist, G=gist[:1].upper() + gist[1:]) if "{" in frame else frame
    return text[:1].upper() + text[1:]


def oracle_reply(chat: Sequence[Message], info: Mapping[str, Any] | None) -> str:
    """The next reply, from the talk and ``info["privileged"]``."""
    assert info is not None, "the oracle is privileged: the environment has to be made with privileged=True"
    known = info["privileged"]
    turn = sum(m["role"] == "assistant" for m in chat)
    heard = known["channels"]["heard"]
    own = latest(chat, "assistant", 99).lower()
    pieces = []
    open_facts = [f for f in known["facts"] if f["disclosed"] and not f["understood"]]
    said = latest(chat)
    open_facts.sort(
        key=lambda f: (not any(line.rstrip(". ").lower() in said.lower() for line in f["said"]), -f["depth"])
    )
    for fact in open_facts[:1]:
        pieces.append(_framed(_choose(REFLECTS, chat, "reflect"), _choose(fact["gists"], chat, fact["id"])))
        if FEELS[fact["emotion"]] not in own:
            pieces.append(_choose(FEELINGS, chat, "feeling").format(f=FEELS[fact["emotion"]]))
    meets = MEETS[known["intention"]]
    items = [
        i
        for kind in (*meets, *ALSO)
        for i in known["items"]
        if i["kind"] == kind and not i["used"] and not any(g.lower() in own for g in i["gists"])
    ]
    ready = heard > 38_000 or (turn >= 2 and heard > 25_000)
    wanted = [i for i in items if i["kind"] in (*meets, "deed")] if turn < 4 else items
    if ready and wanted:
        item = wanted[0]
        pieces.append(
            _framed(_choose(FRAMES[item["kind"]], chat, item["kind"]), _choose(item["gists"], chat, item["id"]))
        )
    hidden = [f for f in known["facts"] if not f["disclosed"] and not all(a.lower() in own for a in f["asks"])]
    hidden.sort(key=lambda f: (not f["unlocked"], f["depth"] if not f["unlocked"] else -f["depth"]))
    if hidden and (turn < 5 or known["intention"] in ("listen_vent", "deep_empathy")):
        ask = _choose(hidden[0]["asks"], chat, "ask")
        pieces.append(ask[:1].upper() + ask[1:])
    return " ".join(pieces) or "I'm glad that you told me. What would you like to do with the rest of the day?"
