"""Make the nano supporter: tokeniser, talks, imitation. Deterministic; about 20 minutes on one CPU core.

    python scripts/make_nano.py [--talks 5000] [--epochs 2] [--out agents/nano/start]

One model learns both formats: the same replies on the same talks, once direct and once after a thought. Which format is wanted is told by the first token.
So before any reinforcement the two arms share every weight, and what differs between them is the format alone.

The replies come from scripted supporters of mixed quality, drawn anew at each turn. The thoughts are written from the visible talk alone: what was mentioned,
how often, how long the message was. They name no need, no skill, no stage and no move.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from tqdm import tqdm

from agents.learner.chat import NANO_SPECIAL, NanoFormat
from agents.learner.llama import Llama, Shape
from agents.scripted import SUPPORTERS
from agents.talk import Message, feeling, latest, nouns, people
from empathy_gym.envs.episode import Config, Episode
from empathy_gym.seeker.keyed import draw

SHAPE = dict(
    hidden_size=160,
    intermediate_size=448,
    num_hidden_layers=4,
    num_attention_heads=5,
    num_key_value_heads=5,
    head_dim=32,
)
VOCAB = 2_048
CONTEXT = 1_536
MIX = (
    ("competent", 34),
    ("random", 26),
    ("stock_comfort", 16),
    ("advice_giver", 12),
    ("inept", 8),
    ("echo", 2),
    ("hostile", 2),
)
"""Per cent of turns spoken by each supporter: fluent and mediocre."""

SEEKER_LOSS = 0.3
"""Weight of the seeker's own tokens in the loss: to know the language, not to speak for them."""


def thought(chat: Sequence[Message], key: int, turn: int) -> str:
    """What a person might mutter before answering, from the visible talk alone; of mixed quality."""
    last = latest(chat)
    said = latest(chat, count=99).lower()
    found, names = nouns(last), people(last)
    options = ["hm.", "let me see.", "okay, so that is what they say.", "not sure what this is about yet."]
    if found:
        n = found[0].replace("your ", "their ")
        times = said.count(n.split()[-1])
        options += [
            f"they talk about {n}.",
            f"{n}. {'again.' if times > 1 else 'that is new.'}",
            f"{n}, that came up {times} time{'s' if times > 1 else ''}.",
        ]
        if len(found) > 1:
            options.append(f"{n} and {found[1].replace('your ', 'their ')} in one message.")
    if names:
        options.append(f"{names[0].replace('your ', 'their ')} is part of it.")
    tone = feeling(last)
    if tone:
        options += [f"it reads {tone}.", f"there is something {tone} in how they write."]
    options.append(
        "a long message." if len(last) > 120 else "a short message." if len(last) < 40 else "they go on telling."
    )
    return options[draw(key, turn, "thought") % len(options)]


def talks(count: int) -> list[list[tuple[str, str, str]]]:
    """``count`` talks of (seeker's line, reply, thought) on train scenarios, each turn spoken by a supporter drawn anew."""
    bag = [name for name, share in MIX for _ in range(share)]
    policies = {name: SUPPORTERS[name]() for name, _ in MIX}
    found, final = [], []
    for number in tqdm(range(count), desc="talks"):
        key = draw(number, 0, "nano")
        episode = Episode(Config(split="train"), key)
        talk = []
        while not episode.over:
            name = bag[draw(key, episode.turn, "who") % len(bag)]
            messages = episode.seeker.messages
            reply = policies[name].act([messages], [None])[0]
            if name == "echo":
                reply = reply[:120]
            talk.append((messages[-1]["content"], reply, thought(messages, key, episode.turn)))
            episode.step(reply)
        found.append(talk)
        final.append(episode.seeker.emotion / 1000)
    print(f"{count} talks, mean final emotion {sum(final) / count:.1f}")
    return found


def make_tokenizer(data: list[list[tuple[str, str, str]]]) -> Tokenizer:
    """A byte-level BPE of :data:`VOCAB` tokens on the talks' words."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCAB,
        special_tokens=list(NANO_SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((text for talk in data for turn in talk for text in turn), trainer)
    return tokenizer


def sequences(data: list[list[tuple[str, str, str]]], chat: NanoFormat) -> list[tuple[list[int], list[float]]]:
    """Tokens and loss weights of every talk in both formats."""
    found = []
    for talk in data:
        for scaffold in ("direct", "thinking"):
            ids, weights = list(chat.begin(scaffold)), [0.0]
            for i, (line, reply, thinking) in enumerate(talk):
                heard = chat.line(line, first=i == 0)
                own = chat.reply(thinking if scaffold == "thinking" else None, reply)
                ids += [*heard, *own]
                weights += [*[SEEKER_LOSS] * len(heard), *[1.0] * len(own)]
            found.append((ids[:CONTEXT], weights[:CONTEXT]))
    return found


def imitate(
    model: Llama, data: list[tuple[list[int], list[float]]], epochs: int, tokens: int = 12_000, rate: float = 2e-3
) -> None:
    """AdamW on batches of like length, cosine to a tenth; the order is fixed by hash."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.95), weight_decay=0.01)
    batches: list[list[int]] = []
    for epoch in range(epochs):
        order = sorted(range(len(data)), key=lambda i: hashlib.blake2b(f"{epoch}/{i}".encode()).digest())
        block = 512
        chunks = []
        for start in range(0, len(order), block):
            near, taken = sorted(order[start : start + block], key=lambda i: len(data[i][0])), []
            for i in near:
                if taken and (len(taken) + 1) * len(data[i][0]) > tokens:
                    chunks.append(taken)
                    taken = []
                taken.append(i)
            chunks.append(taken)
        batches += sorted(chunks, key=lambda c: hashlib.blake2b(f"{epoch}/{c[0]}".encode()).digest())
    bar = tqdm(batches, desc="imitation")
    for step, batch in enumerate(bar):
        for group in optimiser.param_groups:
            warm = min(1.0, (step + 1) / 100)
            group["lr"] = (
                rate * warm * (0.1 + 0.45 * (1 + torch.cos(torch.tensor(3.14159265 * step / len(batches))).item()))
            )
        width = max(len(data[i][0]) for i in batch)
        ids = torch.tensor([data[i][0] + [0] * (width - len(data[i][0])) for i in batch])  # (B, T)
        weights = torch.tensor([data[i][1] + [0.0] * (width - len(data[i][1])) for i in batch])  # (B, T)
        logits = model.head(model.hidden(ids[:, :-1]))  # (B, T-1, V)
        loss = F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
        loss = (loss * weights[:, 1:].flatten()).sum() / weights[:, 1:].sum()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        if step % 20 == 0:
            bar.set_postfix(loss=f"{loss.item():.3f}")
    print(f"last loss {loss.item():.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--talks", type=int, default=5_000)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("agents/nano/start"))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.use_deterministic_algorithms(True)
    began = time.perf_counter()
    data = talks(args.talks)
    tokenizer = make_tokenizer(data)
    chat = NanoFormat(tokenizer)
    rows = sequences(data, chat)
    print(f"{sum(len(ids) for ids, _ in rows)} tokens, longest talk {max(len(ids) for ids, _ in rows)}")
    model = Llama(Shape(vocab_size=tokenizer.get_vocab_size(), max_position_embeddings=CONTEXT, **SHAPE)).init(
        torch.Generator().manual_seed(0)
    )
    print(f"{sum(p.numel() for p in model.parameters())} parameters")
    imitate(model, rows, args.epochs)
    model.save(args.out, torch.float16)
    tokenizer.save(str(args.out / "tokenizer.json"))
    card = {
        "made_by": f"scripts/make_nano.py --talks {args.talks} --epochs {args.epochs}",
        "mix": dict(MIX),
        "seconds": round(time.perf_counter() - began),
    }
    (args.out / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    print(f"written to {args.out}")


if __name__ == "__main__":
    main()
