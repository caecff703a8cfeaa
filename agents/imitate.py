"""A supervised warm start: a chat model imitates a few short talks before it is trained by reward.

    python -m agents.imitate --model FOLDER --scaffold thinking --out FOLDER [--steps 40] [--rate 2e-5] [--batch 8]

Small instruction-tuned models ramble and seldom keep the thinking format when they are merely told of it. The demonstrations teach both: the same
replies in the same talks, once alone and once after a thought, so that the two scaffolds start from models that differ by the thought alone. The loss
is on the supporter's tokens; earlier thoughts stay in the history, as in training. What is written is a folder that ``agents.train --model`` and
``agents.evaluate --model`` read.

Ctrl-C ends the run after the step at hand; the same command goes on from there. On a CPU the same command writes the same bits.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tqdm import tqdm

from agents.language_model import SCAFFOLDS
from agents.learner import checkpoint
from agents.learner.batch import micro_batches, policy_logprobs
from agents.learner.chat import ChatFormat, NanoFormat, load_format
from agents.learner.engine import Sampled
from agents.learner.export import write_policy
from agents.learner.interrupt import Interrupt
from agents.learner.llama import Llama
from agents.learner.optimiser import Optimiser
from agents.learner.rollout import Row
from empathy_gym.seeker.keyed import shuffled

TALKS = Path(__file__).resolve().parent / "demonstrations" / "talks.jsonl"
"""The bundled demonstrations; ``README.md`` beside them says how they came about."""

WARMUP, CLIP = 5, 1.0
"""Steps over which the rate rises, and the norm to which gradients are cut: those of the training presets."""

ROOM = 4 / 3
"""The card allows a reply this much more than the longest demonstration, in whole sixteens: sampled lengths spread."""

TOKENS = 2_048
"""Padded tokens of a micro-batch."""


class Turn(NamedTuple):
    """One turn of a demonstration; the thought was written from the talk up to the seeker's line."""

    seeker: str
    thought: str
    reply: str


Talk = list[Turn]


def load_talks(path: Path = TALKS) -> list[Talk]:
    """Demonstrations from JSON lines, each with ``turns`` of ``seeker``, ``thought`` and ``reply``; other fields are for people.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: naming the line that is none, or a file without any.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path}: expected a file of demonstrations, got none")
    found: list[Talk] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            talk = [Turn(*(turn[name] for name in Turn._fields)) for turn in json.loads(line)["turns"]]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{path}:{number}: expected turns with {', '.join(Turn._fields)}, got {line[:60]!r} ({error!r})"
            ) from error
        if not talk or not all(isinstance(text, str) and text.strip() for turn in talk for text in turn):
            raise ValueError(f"{path}:{number}: expected turns whose texts all have words, got {talk!r}")
        found.append(talk)
    if not found:
        raise ValueError(f"{path}: expected at least one talk, got none")
    return found


def said(chat: ChatFormat, scaffold: str, turn: Turn) -> list[int]:
    """What the supporter says in a turn, as the tokens that a policy would have sampled: a thought if wanted, the reply, the end."""
    if scaffold not in SCAFFOLDS:
        raise ValueError(f"scaffold: expected {' or '.join(SCAFFOLDS)}, got {scaffold!r}")
    if isinstance(chat, NanoFormat):
        return chat.reply(turn.thought if scaffold == "thinking" else None, turn.reply)
    before = f"<think>{turn.thought}</think> " if scaffold == "thinking" else ""
    return chat.spoken(before + turn.reply)


def make_row(number: int, talk: Talk, chat: ChatFormat, scaffold: str) -> Row:
    """One talk as a training sequence, laid out as a rollout lays out its own."""
    row = Row(number)
    row.given(chat.begin(scaffold))
    for i, turn in enumerate(talk):
        own = said(chat, scaffold, turn)
        row.given(chat.line(turn.seeker, first=i == 0))
        row.sampled(Sampled(own, [0.0] * len(own), ended=True), i)
    return row


def schedule(sizes: Sequence[int], batch: int, steps: int, seed: int) -> list[list[int]]:
    """Which talks each step imitates: whole ones, in an order drawn anew each pass, until the step has ``batch`` replies.

    Args:
        sizes: replies of each talk.
        batch: replies a step has at least.
        steps: how many; a shorter schedule is the beginning of a longer one.
        seed: of the orders.
    """
    found: list[list[int]] = []
    queue: list[int] = []
    passes = 0
    for _ in range(steps):
        step: list[int] = []
        while sum(sizes[i] for i in step) < batch:
            if not queue:
                queue = list(shuffled(list(range(len(sizes))), seed, passes, "imitation"))
                passes += 1
            step.append(queue.pop(0))
        found.append(step)
    return found


class Imitation:
    """One warm start.

    Args:
        model: trained in place, where it is.
        chat: its format.
        scaffold: ``thinking`` or ``direct``.
        talks: the demonstrations.
        batch: replies a step.
        rate: the learning rate, constant after the warm-up.
        seed: of the order of the talks, the only thing that is drawn.

    Raises:
        ValueError: for a talk that is longer than the model's positions, or numbers below what makes sense.
    """

    def __init__(
        self,
        model: Llama,
        chat: ChatFormat,
        scaffold: str,
        talks: Sequence[Talk],
        batch: int = 8,
        rate: float = 2e-5,
        seed: int = 0,
    ) -> None:
        if batch < 1 or rate <= 0:
            raise ValueError(f"batch, rate: expected at least 1 and above 0, got {batch} and {rate}")
        self.model, self.chat, self.scaffold, self.batch, self.seed = model, chat, scaffold, batch, seed
        self.rows = [make_row(i, talk, chat, scaffold) for i, talk in enumerate(talks)]
        longest, limit = max(len(row.ids) for row in self.rows), model.shape.max_position_embeddings
        if longest > limit:
            raise ValueError(f"talks: expected talks within the model's {limit} positions, got one of {longest}")
        self.sizes = [len(talk) for talk in talks]
        self.replies = [sum(len(said(chat, "direct", turn)) for turn in talk) for talk in talks]
        """Tokens of each talk's replies without thoughts."""
        self.longest = max(len(said(chat, scaffold, turn)) for talk in talks for turn in talk)
        """Tokens of the longest thing that the supporter says in a turn."""
        self.optimiser = Optimiser(model, rate, WARMUP, CLIP)
        self.step = 0
        self.losses: list[float] = []
        """Of each step, nats a token of the supporter's, before the step."""

    def learn(self, chosen: Sequence[int]) -> float:
        """One optimiser step on some talks; the loss before it.

        The summed loss is divided by the replies' tokens without thoughts: the same number in both formats, so that a reply weighs as much after a
        thought as without one.
        """
        weight, total, count = 1 / sum(self.replies[i] for i in chosen), 0.0, 0
        for m in micro_batches(self.rows, chosen, self.chat.pad, TOKENS):
            logprobs, _ = policy_logprobs(self.model, m.to(self.model.device))  # (M,)
            (-logprobs.sum() * weight).backward()
            total, count = total - float(logprobs.detach().sum()), count + len(logprobs)
        self.optimiser.step()
        return total / count

    def run(self, steps: int) -> bool:
        """Learn up to step ``steps``; Ctrl-C ends after the step at hand.

        Returns:
            Whether it came to its end.
        """
        todo = schedule(self.sizes, self.batch, steps, self.seed)
        with (
            Interrupt() as interrupt,
            tqdm(total=steps, initial=self.step, desc=f"imitation, {self.scaffold}", unit="step") as bar,
        ):
            while self.step < steps and not interrupt.asked:
                self.losses.append(self.learn(todo[self.step]))
                self.step += 1
                bar.update()
                bar.set_postfix(loss=f"{self.losses[-1]:.3f}")
        return self.step >= steps

    def state(self) -> dict[str, Any]:
        """Everything that the next step depends on."""
        return {
            "step": self.step, "losses": self.losses, "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }  # fmt: skip

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from :meth:`state`."""
        self.step, self.losses = state["step"], list(state["losses"])
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])


def export(imitation: Imitation, source: Path, folder: Path, settings: dict[str, Any]) -> None:
    """The model as a folder that ``agents.train``, ``agents.evaluate`` and transformers read, with a card."""
    write_policy(imitation.model, load_format(source), source, folder)
    losses = imitation.losses
    card = {
        "scaffold": imitation.scaffold,
        "keep_thoughts": True,
        "max_new": -(-int(imitation.longest * ROOM) // 16) * 16,
        "steps": imitation.step,
        "imitation": {**settings, "first_loss": round(losses[0], 4), "last_loss": round(losses[-1], 4)},
    }
    (folder / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--model", type=Path, required=True, help="a folder with a Llama or Qwen chat model")
    found.add_argument("--scaffold", required=True, choices=SCAFFOLDS)
    found.add_argument("--out", type=Path, required=True)
    found.add_argument("--steps", type=int, default=40)
    found.add_argument("--rate", type=float, default=2e-5)
    found.add_argument("--batch", type=int, default=8, help="replies a step, of whole talks")
    found.add_argument("--seed", type=int, default=0)
    found.add_argument("--talks", type=Path, default=TALKS, help="demonstrations; default: the bundled ones")
    found.add_argument(
        "--dtype",
        default="float32",
        choices=("float32", "bfloat16"),
        help="bfloat16 is quicker only where the processor has instructions for it, and many times slower where not",
    )
    found.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    found.add_argument("--threads", type=int, default=0, help="CPU threads; 0 leaves it to PyTorch")
    return found


def main(argv: list[str] | None = None) -> int:
    """Run one warm start; exit code 130 after an interruption."""
    args = parser().parse_args(argv)
    if args.threads:
        torch.set_num_threads(args.threads)
    if args.device == "cpu":
        torch.use_deterministic_algorithms(True)
    saved = args.out / "checkpoint.pt"
    try:
        if args.steps < 1:
            raise ValueError(f"steps: expected at least 1, got {args.steps}")
        if args.out.resolve() == args.model.resolve():
            raise ValueError(f"out: expected another folder than the model's, got {args.out} for both")
        talks = load_talks(args.talks)
        model = Llama.load(args.model, getattr(torch, args.dtype), args.device)
        imitation = Imitation(
            model, load_format(args.model), args.scaffold, talks, args.batch, args.rate, args.seed
        )  # fmt: skip
        settings = {
            "rate": args.rate, "batch": args.batch, "seed": args.seed, "dtype": args.dtype,
            "talks": hashlib.sha256(args.talks.read_bytes()).hexdigest()[:16],
        }  # fmt: skip
        marks = {**settings, "scaffold": args.scaffold, "model": str(args.model)}
        if saved.exists():
            _resume(imitation, saved, marks)
    except (ValueError, FileNotFoundError) as error:
        raise SystemExit(f"imitate: {error}") from error
    if not imitation.run(args.steps):
        checkpoint.save(saved, {**imitation.state(), "marks": marks})
        print(f"interrupted at step {imitation.step}; the same command goes on from there", file=sys.stderr)
        return 130
    export(imitation, args.model, args.out, settings)
    saved.unlink(missing_ok=True)
    print(f"model written to {args.out}: loss {imitation.losses[0]:.3f} to {imitation.losses[-1]:.3f}")
    return 0


def _resume(imitation: Imitation, saved: Path, marks: dict[str, Any]) -> None:
    state = checkpoint.load(saved)
    differs = [f"{k}={marks[k]!r}, got {state['marks'].get(k)!r}" for k in marks if marks[k] != state["marks"].get(k)]
    if differs:
        raise ValueError(f"{saved}: expected an interrupted run with {'; '.join(differs)}")
    imitation.restore(state)
    print(f"going on from step {imitation.step}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
