"""Make the nano supporter: talks, tokeniser, imitation. The same bytes each time on the same machine.

    python scripts/make_nano.py [--talks 4500] [--epochs 1] [--threads 2] [--out agents/nano/start]
    python scripts/make_nano.py --thoughts others --out agents/nano/others

One model learns both formats, on the same replies in the same talks: once direct, once after a thought. The first token says which is wanted. So
before any reinforcement the two arms share every weight and every word, and differ by the format alone; two models would differ by
their training's luck as well.

The replies come from scripted supporters of mixed quality, so that the clone is fluent and mediocre. The thoughts are written from the visible talk
alone: what was mentioned, how often, how much was written. They name no need, no skill, no stage, no move and no feeling.

With ``--thoughts others`` each thought is one that was written in another talk at the same turn: as long, in the same words, about nothing in its own
talk. It is a control of the study: is the imitation of informative thoughts what makes a difference?
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import gymnasium as gym
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from tqdm import tqdm

import empathy_gym  # noqa: F401  (registers the ids)
from agents.learner.chat import NANO_SPECIAL, NanoFormat
from agents.learner.llama import Llama, Shape
from agents.scripted import SUPPORTERS
from agents.talk import Message, latest, nouns, people
from empathy_gym.seeker.keyed import choose, draw

VOCAB = 2_048
CONTEXT = 2_048
SHAPE = Shape(
    vocab_size=VOCAB, hidden_size=128, intermediate_size=352, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=1, head_dim=32,
    max_position_embeddings=CONTEXT,
)  # fmt: skip

MIX = {"competent": 34, "random": 26, "stock_comfort": 16, "advice_giver": 12, "inept": 8, "echo": 2, "hostile": 2}
"""Per cent of the replies by supporter. A talk leans towards one of them, which speaks half of its turns."""

ECHO_CHARS = 120
"""An echo is cut here: it is the one supporter whose replies have no bound."""

TAKEN_UP, RARE = 3.0, 700
"""Weight of a token that the seeker has just said, if it is none of the 700 commonest: what a reply takes up is the part that is hard to learn."""

RENAMED = 60
"""Per cent of the talks in which things and people are exchanged."""

SEEKER_LOSS = 0.3
"""Weight of the seeker's own tokens: enough to know the language."""


class Exchange(NamedTuple):
    """One turn of a talk."""

    line: str
    reply: str
    thought: str


def thought(chat: Sequence[Message], key: int, turn: int) -> str:
    """What a person might mutter before answering; of mixed quality."""
    last, said = latest(chat), latest(chat, count=99).lower()
    options = [
        "hm.", "let me see.", "okay.", "so that is what they say.", "not sure what to make of it.", "where was I.",
        f"message number {turn + 1}.", "a long one." if len(last) > 120 else "a short one." if len(last) < 50 else "they go on.",
    ]  # fmt: skip
    if "?" in last:
        options += ["a question mark in it.", "they want to know something."]
    mentioned = [n.replace("your ", "their ") for n in [*nouns(last), *people(last)]]
    for name in mentioned[:3]:
        times = said.count(name.split()[-1].lower())
        often = ("", "first time.", "second time now.", "third time now.")[times] if times < 4 else "again and again."
        options += [
            f"they said {name}. {often}".strip(),
            f"{name}. {'again.' if times > 1 else 'that is new.'}",
            f"{name}, hm.",
        ]
    if len(mentioned) > 1:
        options += [f"{mentioned[0]} and {mentioned[1]}.", f"first {mentioned[0]}, then {mentioned[1]}."]
    return choose(options, key, turn, "thought")


def talks(count: int, split: str = "train") -> list[list[Exchange]]:
    """Talks on one split's seekers, each turn spoken by a supporter drawn anew."""
    bag = [name for name, share in MIX.items() for _ in range(share)]
    policies = {name: SUPPORTERS[name]() for name in MIX}
    env = gym.make("EmpathySupport-v0", split=split, disable_env_checker=True)
    found, final = [], []
    for number in tqdm(range(count), desc=f"{split} talks", mininterval=2):
        key = draw(number, 0, f"nano/{split}")
        line, info = env.reset(seed=key % 2**31)
        talk, over = [], False
        while not over:
            turn = info["turn"]
            leans = draw(key, turn, "leans") % 2
            name = choose(bag, key, 0 if leans else turn + 1, "who")
            reply = policies[name].act([info["messages"]], [None])[0]
            reply = reply[:ECHO_CHARS] if name == "echo" else reply
            talk.append(Exchange(line, reply, thought(info["messages"], key, turn)))
            line, _, terminated, truncated, info = env.step(reply)
            over = terminated or truncated
        found.append(talk)
        final.append(info["emotion"] / 1000)
    print(f"{count} talks, mean final emotion {sum(final) / count:.1f}")
    return found


def _exchanged(text: str, pattern: re.Pattern[str], other: dict[str, str]) -> str:
    return pattern.sub(lambda match: other[match.group(1)], text)


def renamed(data: Sequence[Sequence[Exchange]], salt: int = 0, share: int = RENAMED) -> list[list[Exchange]]:
    """The talks, in a share of them (per cent) the things and people that are spoken of exchanged for others of all talks, in every line alike.

    A handful of stories has a handful of nouns; learning them by heart is easier than learning to take up what was just said. Where they change,
    only taking up works.
    """
    things = sorted({noun.split()[-1] for talk in data for e in talk for noun in nouns(e.line, most=9)})
    names = sorted({name for talk in data for e in talk for name in people(e.line) if name[:1].isupper()})
    found = []
    for number, talk in enumerate(data):
        if draw(number, salt, "rename") % 100 >= share:
            found.append(list(talk))
            continue
        said = sorted({noun.split()[-1] for e in talk for noun in nouns(e.line, most=9)})
        called = sorted({name for e in talk for name in people(e.line) if name[:1].isupper()})
        other = {word: choose(things, number, salt, word) for word in said} | {
            name: choose(names, number, salt, name) for name in called
        }
        if not other:
            found.append(list(talk))
            continue
        pattern = re.compile(r"\b(" + "|".join(sorted(map(re.escape, other), key=len, reverse=True)) + r")\b")
        found.append([Exchange(*(_exchanged(text, pattern, other) for text in e)) for e in talk])
    return found


def with_others_thoughts(data: Sequence[Sequence[Exchange]]) -> list[list[Exchange]]:
    """The talks, each with the thoughts of another: the next in a fixed order that is long enough, turn by turn."""
    order = [i for _, i in sorted((draw(i, 0, "others"), i) for i in range(len(data)))]
    found: list[list[Exchange]] = [[] for _ in data]
    for at, i in enumerate(order):
        for turn, exchange in enumerate(data[i]):
            long_enough = (data[order[(at + step) % len(order)]] for step in range(1, len(order)))
            other = next((talk for talk in long_enough if len(talk) > turn), data[i])
            found[i].append(exchange._replace(thought=other[turn].thought))
    return found


def make_tokenizer(data: Sequence[Sequence[Exchange]]) -> Tokenizer:
    """A byte-level BPE on the talks' words."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCAB, special_tokens=list(NANO_SPECIAL), show_progress=False, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())
    )  # fmt: skip
    tokenizer.train_from_iterator((text for talk in data for exchange in talk for text in exchange), trainer)
    return tokenizer


class Example(NamedTuple):
    """One talk in one format: tokens and the loss weight of each."""

    ids: list[int]
    weights: list[float]


def examples(data: Sequence[Sequence[Exchange]], chat: NanoFormat, scaffolds: Sequence[str]) -> list[Example]:
    """Every talk in every format."""
    found = []
    for talk in data:
        for scaffold in scaffolds:
            ids, weights = list(chat.begin(scaffold)), [0.0]
            for i, (line, reply, thinking) in enumerate(talk):
                heard = chat.line(line, first=i == 0)
                own = chat.reply(thinking if scaffold == "thinking" else None, reply)
                ids += [*heard, *own]
                taken_up = {token for token in heard if token >= RARE}
                weights += [*[SEEKER_LOSS] * len(heard), *(TAKEN_UP if token in taken_up else 1.0 for token in own)]
            found.append(Example(ids, weights))
    return found


def loss_of(model: Llama, batch: Sequence[Example]) -> torch.Tensor:
    """Weighted mean cross-entropy of a padded batch."""
    width = max(len(e.ids) for e in batch)
    ids = torch.tensor([e.ids + [0] * (width - len(e.ids)) for e in batch])  # (B, T)
    weights = torch.tensor([e.weights + [0.0] * (width - len(e.ids)) for e in batch])  # (B, T)
    row, column = (weights[:, 1:] > 0).nonzero(as_tuple=True)  # (M,) each
    logits = model.head(model.hidden(ids[:, :-1], at=(row, column)))  # (M, V)
    weights, targets = weights[row, column + 1], ids[row, column + 1]
    return (F.cross_entropy(logits, targets, reduction="none") * weights).sum() / weights.sum()


def batches(data: Sequence[Example], tokens: int) -> list[list[Example]]:
    """Batches of like length; the order is fixed by hash."""

    def shuffled(things: list, salt: str) -> list:
        return [
            things[i]
            for _, i in sorted((hashlib.blake2b(f"{salt}/{i}".encode()).digest(), i) for i in range(len(things)))
        ]

    order, found = shuffled(list(range(len(data))), "order"), []
    for start in range(0, len(order), 512):
        taken: list[Example] = []
        for e in sorted((data[i] for i in order[start : start + 512]), key=lambda e: len(e.ids)):
            if taken and (len(taken) + 1) * len(e.ids) > tokens:
                found.append(taken)
                taken = []
            taken.append(e)
        found.append(taken)
    return shuffled(found, "batches")


def imitate(model: Llama, data: Sequence[Example], tokens: int, rate: float) -> None:
    """AdamW, warm-up and cosine to a tenth."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.95), weight_decay=0.01)
    todo = batches(data, tokens)
    bar = tqdm(todo, desc="imitation", mininterval=5)
    mean = 0.0
    for step, batch in enumerate(bar):
        now = min(1.0, (step + 1) / 100) * (0.1 + 0.45 * (1 + math.cos(math.pi * step / len(todo))))
        for group in optimiser.param_groups:
            group["lr"] = rate * now
        loss = loss_of(model, batch)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        mean = 0.98 * mean + 0.02 * loss.item() if step else loss.item()
        bar.set_postfix(loss=f"{mean:.3f}", refresh=False)


@torch.no_grad()
def held_out(model: Llama, data: Sequence[Sequence[Exchange]], chat: NanoFormat, scaffold: str) -> float:
    """Nats a reply (not a token: the two formats have different ones) on talks with seekers that imitation has not seen, thoughts left out."""
    total, replies = 0.0, 0
    for talk in data:
        (example,) = examples([talk], chat, [scaffold])
        ids = torch.tensor([example.ids])
        logprobs = torch.log_softmax(model.head(model.hidden(ids[:, :-1])), dim=-1)[0].gather(1, ids[0, 1:, None])[
            :, 0
        ]  # (T - 1)
        at = len(chat.begin(scaffold))
        for i, (line, reply, thinking) in enumerate(talk):
            own = chat.reply(thinking if scaffold == "thinking" else None, reply)
            at += len(chat.line(line, first=i == 0)) + len(own)
            total -= float(logprobs[at - 1 - len(chat.spoken(reply)) : at - 1].sum())
            replies += 1
    return total / replies


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--talks", type=int, default=4_500)
    parser.add_argument("--epochs", type=int, default=1, help="passes, each with other things and people in the talks")
    parser.add_argument("--tokens", type=int, default=3_072, help="padded tokens a step")
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--thoughts", default="own", choices=("own", "others"), help="others: written in another talk")
    parser.add_argument("--out", type=Path, default=Path("agents/nano/start"))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.use_deterministic_algorithms(True)
    began = time.perf_counter()
    played = talks(args.talks)
    data = [talk for epoch in range(args.epochs) for talk in renamed(played, epoch)]
    tokenizer = make_tokenizer(data)
    if args.thoughts == "others":
        data = with_others_thoughts(data)
    chat = NanoFormat(tokenizer)
    rows = examples(data, chat, ("direct", "thinking"))
    model = Llama(SHAPE).init(torch.Generator().manual_seed(0))
    print(
        f"{sum(len(e.ids) for e in rows)} tokens, longest talk {max(len(e.ids) for e in rows)}, {sum(p.numel() for p in model.parameters())} parameters"
    )
    imitate(model, rows, args.tokens, args.rate)
    unseen = talks(100, "dev")
    nats = {scaffold: round(held_out(model, unseen, chat, scaffold), 2) for scaffold in ("direct", "thinking")}
    print(f"nats a reply on unseen seekers: {nats}")
    model.save(args.out, torch.float16)
    tokenizer.save(str(args.out / "tokenizer.json"))
    card = {
        "made_by": f"scripts/make_nano.py --talks {args.talks} --epochs {args.epochs} --tokens {args.tokens} --rate {args.rate} --thoughts {args.thoughts}",
        "mix": MIX, "max_new": 64, "held_out_nats_a_reply": nats, "seconds": round(time.perf_counter() - began),
    }  # fmt: skip
    (args.out / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    print(f"written to {args.out} after {card['seconds']} s")


if __name__ == "__main__":
    main()
