"""Make the nano supporter: talks, tokeniser, imitation.

    python scripts/make_nano.py [--talks 7000] [--epochs 1] [--threads 2] --out runs/start
    python scripts/make_nano.py --begin agents/nano/start --keep-attention --minutes 40 --out runs/start
    python scripts/make_nano.py --talks-file talks.json.gz --rows-file own.npz --only-rows
    python scripts/make_nano.py --talks-file talks.json.gz --rows-file own.npz --device cuda --minutes 2 --tokens 12288 --out runs/start

The first goes once through the talks, and makes the same bytes each time on the same machine. The second goes on from a model, and ends by the clock, so that it
does not come out the same twice; the other two do talks and tokens on one machine and the learning on another. ``agents/nano/others`` is made with ``--thoughts others``. How
the bundled starts came about is in their cards, command after command.

One model learns both formats, on the same replies in the same talks: once direct, once after a thought. The first token says which is wanted. So
before any reinforcement the two arms share every weight and every word, and differ by the format alone; two models would differ by
their training's luck as well.

The replies come from scripted supporters of mixed quality, so that the clone is fluent and mediocre. The thoughts are written from the visible talk
alone: what was mentioned, how often, how much was written. They name no need, no skill, no stage, no move and no feeling.

With ``--thoughts others`` each thought is one that was written in another talk at the same turn: as long, in the same words, about nothing in its own
talk. It is a control of the study: is the imitation of informative thoughts what makes a difference?

The talks can be played on one machine and learnt from on another: they go to ``--talks-file``, and as tokens to
``--rows-file``, and are read from there once they are there.
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import gymnasium as gym
import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from tqdm import tqdm

import empathy_gym  # noqa: F401  (registers the ids)
from agents.learner.chat import NANO_SPECIAL, NanoFormat
from agents.learner.export import write_policy
from agents.learner.llama import Llama, Shape
from agents.other_words import NOUNS, OTHERS, PARTICIPLES, VERBS
from agents.restate import Manner
from agents.restater import restater_reply
from agents.scripted import SUPPORTERS, Scripted
from agents.talk import Message, latest, nouns, people
from empathy_gym.seeker.keyed import choose, draw

sys.path.insert(0, str(Path(__file__).resolve().parent))
from nano_training import RARE, Example, Stepper, batch_of, batches, imitate, look_back, sharpen, with_fresh_attention  # noqa: E402

VOCAB = 2_048
CONTEXT = 2_048
SHAPE = Shape(
    vocab_size=VOCAB, hidden_size=128, intermediate_size=352, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=1, head_dim=32,
    model_type="qwen2", max_position_embeddings=CONTEXT,
)  # fmt: skip

MIX = {"restater": 60, "random": 16, "stock_comfort": 8, "advice_giver": 8, "inept": 4, "echo": 2, "hostile": 2}
"""Per cent of the replies by supporter. A talk leans towards one of them, which speaks half of its turns. The restater is plain here (:data:`PLAIN`)."""

PLAIN, COMMON, LISTENED = Manner(exchanged=2, longest=12, kept=1000), 400, 300
"""How the restater says things back: short clauses, in which two everyday words are exchanged at most. Everyday words are so many of those that
it could exchange that train seekers say most, in so many talks. Own words for a word that the nano never met cannot be learnt; saying it back can."""

RECIPE = {"mix": MIX, "plain": [PLAIN.exchanged, PLAIN.longest, PLAIN.kept, COMMON]}
"""What talks in a file are known by."""

ECHO_CHARS = 120
"""An echo is cut here: it is the one supporter whose replies have no bound."""

TAKEN_UP = 3.0
"""Weight of a token that the seeker has just said, if it is a rarer one: what a reply takes up is the part that is hard to learn."""

RENAMED = 80
"""Per cent of the talks in which things and people are exchanged."""

SEEKER_LOSS, SEEKER_SHARE = 0.3, 25
"""Weight of the seeker's own tokens, in which per cent of the rows: enough to know the language."""

NOT_ON_CARD = ("talks_file", "rows_file", "only_rows", "processes", "threads", "out")
"""Arguments that do not decide what comes out."""


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


@cache
def plain() -> Manner:
    """The manner of :data:`PLAIN` with its vocabulary, for which it listens to talks of the random supporter."""
    env, random = gym.make("EmpathySupport-v0", split="train", disable_env_checker=True), SUPPORTERS["random"]()
    heard: Counter[str] = Counter()
    for number in range(LISTENED):
        line, info = env.reset(seed=draw(number, 0, "nano/heard") % 2**31)
        over = False
        while not over:
            heard.update(re.findall(r"[a-z0-9'-]+", line.lower()))
            line, _, terminated, truncated, info = env.step(random.act([info["messages"]], [None])[0])
            over = terminated or truncated
    known = {*NOUNS, *OTHERS, *VERBS, *PARTICIPLES}
    ranked = sorted((-count, word) for word, count in heard.items() if word in known)
    return PLAIN._replace(vocabulary=frozenset(word for _, word in ranked[:COMMON]))


def talks(numbers: range, split: str = "train") -> tuple[list[list[Exchange]], list[float]]:
    """Talks on one split's seekers, each turn spoken by a supporter drawn anew; their final emotions, 0 to 100."""
    bag = [name for name, share in MIX.items() for _ in range(share)]
    policies = {name: SUPPORTERS[name]() for name in MIX}
    manner = plain()
    policies["restater"] = Scripted(lambda chat, info: restater_reply(chat, manner))
    env = gym.make("EmpathySupport-v0", split=split, disable_env_checker=True)
    found, final = [], []
    for number in tqdm(numbers, desc=f"{split} talks", mininterval=2):
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
    return found, final


class Played(NamedTuple):
    """Talks to learn from and talks to look at, and how the first ended (0 to 100)."""

    train: list[list[Exchange]]
    dev: list[list[Exchange]]
    emotion: float


DEV_TALKS = 100


def play(count: int, processes: int) -> Played:
    """Play the talks, in some processes."""
    parts = [range(at, min(count, at + 250)) for at in range(0, count, 250)]
    plain()  # once, before the fork: the processes find it there
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        played = pool.map(talks, parts, chunksize=1)
    final = [emotion for part in played for emotion in part[1]]
    return Played(
        [talk for part in played for talk in part[0]], talks(range(DEV_TALKS), "dev")[0], sum(final) / len(final)
    )


def write_talks(played: Played, path: Path) -> None:
    """All of it, compressed; the same bytes for the same talks."""
    text = json.dumps({"recipe": RECIPE, **played._asdict()}, separators=(",", ":"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def read_talks(path: Path, count: int) -> Played:
    """What :func:`write_talks` wrote, the first ``count`` talks to learn from.

    Raises:
        ValueError: for talks of another recipe, or fewer of them.
    """
    data = json.loads(gzip.decompress(path.read_bytes()))
    if data.get("recipe") != RECIPE:
        raise ValueError(f"{path}: expected talks of {RECIPE}, got {data.get('recipe')}")
    train, dev = ([[Exchange(*e) for e in talk] for talk in data[name]] for name in ("train", "dev"))
    if len(train) < count:
        raise ValueError(f"{path}: expected at least {count} talks, got {len(train)}")
    return Played(train[:count], dev, data["emotion"])


def _exchanged(text: str, pattern: re.Pattern[str], other: dict[str, str]) -> str:
    return pattern.sub(lambda match: other[match.group(1)], text)


def renamed(
    data: Sequence[Sequence[Exchange]], salt: int = 0, share: int = RENAMED, stays: frozenset[str] = frozenset()
) -> list[list[Exchange]]:
    """The talks, in a share of them (per cent) the things and people that are spoken of exchanged for others of all talks, in every line alike.

    A handful of stories has a handful of nouns; learning them by heart is easier than learning to take up what was just said. Where they change,
    only taking up works. What the supporter calls something else (``stays``) is not exchanged, for the other word would stay.
    """

    def spoken_of(talk: Sequence[Exchange]) -> set[str]:
        return {noun.split()[-1] for e in talk for noun in nouns(e.line, most=9)} - stays

    def named_in(talk: Sequence[Exchange]) -> set[str]:
        return {name for e in talk for name in people(e.line) if name[:1].isupper()}

    spoken, named = [spoken_of(talk) for talk in data], [named_in(talk) for talk in data]
    things, names = sorted(set().union(*spoken)), sorted(set().union(*named))
    found = []
    for number, talk in enumerate(data):
        if draw(number, salt, "rename") % 100 >= share:
            found.append(list(talk))
            continue
        other = {word: choose(things, number, salt, word) for word in sorted(spoken[number])} | {
            name: choose(names, number, salt, name) for name in sorted(named[number])
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


def examples(data: Sequence[Sequence[Exchange]], chat: NanoFormat, scaffolds: Sequence[str]) -> list[Example]:
    """Every talk in every format."""
    found: list[Example] = []
    for talk in data:
        for scaffold in scaffolds:
            heard_weight = SEEKER_LOSS if draw(len(found), 0, "seeker") % 100 < SEEKER_SHARE else 0.0
            ids, weights = list(chat.begin(scaffold)), [0.0]
            for i, (line, reply, thinking) in enumerate(talk):
                heard = chat.line(line, first=i == 0)
                own = chat.reply(thinking if scaffold == "thinking" else None, reply)
                ids += [*heard, *own]
                taken_up = {token for token in heard if token >= RARE}
                weights += [*[heard_weight] * len(heard), *(TAKEN_UP if token in taken_up else 1.0 for token in own)]
            found.append(Example(ids, weights))
    return found


class Rows(NamedTuple):
    """What is learnt from: talks as tokens, and their tokeniser."""

    examples: list[Example]
    tokenizer: Tokenizer


def make_rows(
    train: Sequence[Sequence[Exchange]], epochs: int, thoughts: str, tokenizer: Tokenizer | None = None
) -> Rows:
    """The talks renamed, each in both formats. Thoughts: ``own`` or ``others``; a tokeniser that is made is the same for both."""
    stays = plain().vocabulary or frozenset()
    data = [talk for epoch in range(epochs) for talk in renamed(train, epoch, stays=stays)]
    tokenizer = tokenizer or make_tokenizer(data)
    if thoughts == "others":
        data = with_others_thoughts(data)
    return Rows(examples(data, NanoFormat(tokenizer), ("direct", "thinking")), tokenizer)


def write_rows(rows: Rows, path: Path) -> None:
    """All of it, compressed (.npz)."""
    np.savez_compressed(
        path,
        ids=np.concatenate([np.array(e.ids, np.uint16) for e in rows.examples]),
        tenths=np.concatenate([np.rint(10 * np.array(e.weights)).astype(np.uint8) for e in rows.examples]),
        lengths=np.array([len(e.ids) for e in rows.examples]),
        tokenizer=np.array(rows.tokenizer.to_str()),
    )


def read_rows(path: Path) -> Rows:
    """What :func:`write_rows` wrote."""
    with np.load(path) as data:
        ends = np.cumsum(data["lengths"])[:-1]
        ids, weights = np.split(data["ids"], ends), np.split(data["tenths"] / 10, ends)
        found = [Example(i.tolist(), w.tolist()) for i, w in zip(ids, weights, strict=True)]
        return Rows(found, Tokenizer.from_str(str(data["tokenizer"])))


@torch.no_grad()
def held_out(model: Llama, data: Sequence[Sequence[Exchange]], chat: NanoFormat, scaffold: str) -> float:
    """Nats a reply (not a token: the two formats have different ones) on talks with seekers that imitation has not seen, thoughts left out."""
    total, replies = 0.0, 0
    for talk in data:
        (example,) = examples([talk], chat, [scaffold])
        ids = torch.tensor([example.ids], device=model.device)
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


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--talks", type=int, default=7_000)
    parser.add_argument("--talks-file", type=Path, help="read if it is there, written if not (.json.gz)")
    parser.add_argument("--rows-file", type=Path, help="the same for the tokens of one kind of thoughts (.npz)")
    parser.add_argument("--only-rows", action="store_true", help="end when talks and tokens are there")
    parser.add_argument("--processes", type=int, default=2, help="that play talks")
    parser.add_argument("--epochs", type=int, default=1, help="passes, each with other things and people in the talks")
    parser.add_argument("--minutes", type=float, default=0.0, help="learn so long, round and round; 0: once through")
    parser.add_argument("--begin", type=Path, help="folder of a nano to go on from, with its tokeniser")
    parser.add_argument(
        "--keep-attention", action="store_true", help="all of its attention too; else two layers look back anew"
    )
    parser.add_argument("--tokens", type=int, default=1_536, help="padded tokens a step")
    parser.add_argument("--rate", type=float, default=2e-3, help="of AdamW")
    parser.add_argument(
        "--muon-rate", type=float, default=0.015, help="0: AdamW for the matrices inside the layers too"
    )
    parser.add_argument(
        "--copying", type=int, default=600, help="first steps with random tokens that repeat beside the talks"
    )
    parser.add_argument("--random-words", type=int, default=20, help="per cent of the talks of a batch")
    parser.add_argument(
        "--temperature",
        type=float,
        default=0.6,
        help="at which the model of temperature 1 is written (1: as it has learnt)",
    )
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--thoughts", default="own", choices=("own", "others"), help="others: written in another talk")
    parser.add_argument("--out", type=Path, default=Path("agents/nano/start"))
    args = parser.parse_args(given)
    if args.keep_attention and args.begin is None:
        parser.error("--keep-attention: expected a model to --begin with, got none")
    if not args.temperature > 0:
        parser.error(f"--temperature: expected a number above 0, got {args.temperature}")
    return args


def begun(begin: Path | None, keep_attention: bool) -> Llama:
    """The model as the imitation finds it: fresh, or one that goes on."""
    generator = torch.Generator().manual_seed(0)
    if begin is not None:
        old = Llama.load(begin)
        return old if keep_attention else with_fresh_attention(old, generator)
    model = Llama(SHAPE).init(generator)
    look_back(model)
    return model


def gathered(args: argparse.Namespace) -> tuple[Rows, Played]:
    """The tokens and the talks, from their files where these are there.

    Raises:
        ValueError: if the tokens are another tokeniser's than that of the model to begin with.
    """
    own = None if args.begin is None else Tokenizer.from_file(str(args.begin / "tokenizer.json"))
    rows = read_rows(args.rows_file) if args.rows_file is not None and args.rows_file.exists() else None
    if own is not None and rows is not None and rows.tokenizer.to_str() != own.to_str():
        raise ValueError(f"{args.rows_file}: expected tokens of the tokeniser in {args.begin}, got another's")
    if args.talks_file is not None and args.talks_file.exists():
        played = read_talks(args.talks_file, args.talks)
    else:
        played = play(args.talks, args.processes)
        if args.talks_file is not None:
            write_talks(played, args.talks_file)
    if rows is None:
        rows = make_rows(played.train, args.epochs, args.thoughts, own)
        if args.rows_file is not None:
            write_rows(rows, args.rows_file)
    return rows, played


def history(begin: Path | None) -> list[str]:
    """The commands that made a model before it goes on."""
    if begin is None:
        return []
    made_by = json.loads((begin / "card.json").read_text(encoding="utf-8"))["made_by"]
    return [made_by] if isinstance(made_by, str) else list(made_by)


def main() -> None:
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.use_deterministic_algorithms(args.device == "cpu")
    began = time.perf_counter()
    (rows, tokenizer), played = gathered(args)
    print(f"{len(played.train)} talks, mean final emotion {played.emotion:.1f}")
    if args.only_rows:
        return
    chat = NanoFormat(tokenizer)
    model = begun(args.begin, args.keep_attention).to(args.device)
    print(
        f"{sum(len(e.ids) for e in rows)} tokens, longest talk {max(len(e.ids) for e in rows)}, "
        f"{sum(p.numel() for p in model.parameters())} parameters, {time.perf_counter() - began:.0f} s", flush=True
    )  # fmt: skip
    todo = [batch_of(batch, model.device) for batch in batches(rows, args.tokens)]
    stepper = Stepper(model, args.rate, args.muon_rate)
    generator = torch.Generator(model.device).manual_seed(0)
    steps = imitate(
        model, stepper, todo, args.random_words / 100, args.copying, 60 * args.minutes, generator
    )  # fmt: skip
    nats = {
        scaffold: round(held_out(model, played.dev, chat, scaffold), 2) for scaffold in ("direct", "thinking")
    }  # thoughts of their own talks
    print(f"{steps} steps of {len(todo)} a pass; nats a reply on unseen seekers, as learnt: {nats}")
    sharpen(model, args.temperature)
    write_policy(model, chat, args.out, args.out, torch.float16)
    given = "".join(
        f" --{name.replace('_', '-')}" + ("" if value is True else f" {value}")
        for name, value in vars(args).items()
        if name not in NOT_ON_CARD and value is not None and value is not False
    )
    card = {
        "made_by": [*history(args.begin), f"scripts/make_nano.py{given}"], "mix": MIX, "max_new": 64, "mix_final_emotion": round(played.emotion, 1),
        "steps": steps, "held_out_nats_a_reply": nats, "seconds": round(time.perf_counter() - began),
    }  # fmt: skip
    (args.out / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    print(f"written to {args.out} after {card['seconds']} s")


if __name__ == "__main__":
    main()
