"""Train a supporter by policy gradient.

    python -m agents.train --preset nano --scaffold thinking --steps 100 --seed 0 --out runs/thinking-0

Every field of the preset can be set by name (``--rate 1e-4``). The policy is evaluated on held-out seekers before, during and after. A run that
was interrupted or killed goes on with the same command; on a CPU it ends in the same bits as one that was not.

    torchrun --nproc-per-node 2 -m agents.train --preset nano

trains on several processes, each with a share of the groups (a GPU each, where there are any). A run may go on with another number of them.
``--shard true`` also shares out weights, gradients and moments of a full fine-tune among them (FSDP2); a run may go on with or without it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, fields, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch

from agents.language_model import NANO, SCAFFOLDS
from agents.learner.chat import load_format
from agents.learner.export import write_policy
from agents.learner.llama import Llama
from agents.learner.loop import Trainer
from agents.learner.parallel import Team, team
from agents.options import checked_device
from agents.presets import PRESETS, Preset


def source(preset: Preset) -> Path:
    """The folder with the weights that a run starts from.

    Raises:
        ValueError: if the preset names none, or one that is neither a folder nor to be had from the hub.
        ImportError: for a name on the hub without ``huggingface_hub``.
    """
    if not preset.model:
        raise ValueError(
            "model: expected --model FOLDER or --model OWNER/NAME with a Llama or Qwen chat model, got none"
        )
    if preset.model == "nano":
        return NANO / "start"
    return Path(preset.model) if Path(preset.model).is_dir() else fetch(preset.model)


@cache
def fetch(name: str) -> Path:
    """A model of the Hugging Face hub as a folder in its cache, downloaded if it is not there yet: weights, configuration and tokeniser."""
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError
    except ImportError as error:
        raise ImportError(
            f"model: expected a folder, got {name!r}; a name on the hub needs `pip install huggingface_hub`"
        ) from error
    try:
        return Path(snapshot_download(name, allow_patterns=["*.safetensors", "*.json", "*.jinja"]))
    except (HFValidationError, OSError) as error:  # the hub's other errors are kinds of OSError
        reason = str(error).strip().splitlines()[0]
        raise ValueError(
            f"model: expected a folder or the name of a model on the hub, got {name!r}: {reason}"
        ) from error


def resolved(dtype: str, device: str) -> torch.dtype:
    """A preset's dtype on that device."""
    if dtype == "auto":
        fast = device != "cpu" or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
        dtype = "bfloat16" if fast else "float32"
    found: torch.dtype = getattr(torch, dtype)
    return found


def build(
    preset: Preset,
    scaffold: str,
    seed: int,
    out: Path,
    device: str = "cpu",
    crew: Team = Team(),  # noqa: B008  (frozen)
) -> Trainer:
    """A trainer at its start."""
    if crew.leads:
        source(preset)  # one process downloads what all read
    crew.wait()
    folder = source(preset)
    torch.manual_seed(seed)
    model = Llama.load(folder, resolved(preset.dtype, device), device)
    return Trainer(model, load_format(folder), preset, scaffold, seed, out, team=crew)


def export(trainer: Trainer, folder: Path, dtype: torch.dtype | None = None) -> None:
    """The policy as a folder that ``agents.evaluate`` and transformers read, with a card."""
    if trainer.lora is not None and dtype is None:
        dtype = torch.float32  # bf16 would round most of a small adapter away
    with nullcontext() if trainer.lora is None else trainer.lora.merged(dtype):
        write_policy(trainer.model, trainer.chat, source(trainer.preset), folder, dtype)
    card = {
        "scaffold": trainer.scaffold,
        # Without thoughts a talk is one row whatever the preset says, and was sampled so.
        "keep_thoughts": trainer.preset.keep_thoughts or trainer.scaffold == "direct",
        "max_new": trainer.preset.max_new,
        "seed": trainer.seed,
        "steps": trainer.step,
        "preset": asdict(trainer.preset),
    }
    (folder / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def parser() -> argparse.ArgumentParser:
    """The command line: one option for each field of the preset, and a few of the run's own."""
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--preset", default="nano", choices=sorted(PRESETS))
    found.add_argument("--scaffold", default="thinking", choices=SCAFFOLDS)
    found.add_argument("--seed", type=int, default=0)
    found.add_argument("--out", type=Path, help="default: runs/PRESET-SCAFFOLD-SEED")
    found.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    found.add_argument("--threads", type=int, default=0, help="CPU threads; 0 leaves it to PyTorch")
    start = found.add_mutually_exclusive_group()
    start.add_argument("--resume", action="store_true", help="go on from OUT's checkpoint, and fail if there is none")
    start.add_argument("--fresh", action="store_true", help="begin again although OUT has a checkpoint")
    kinds: dict[str, Callable[[str], Any]] = {"int": int, "float": float, "str": str, "bool": _truth}
    for field in fields(Preset):
        found.add_argument(f"--{field.name.replace('_', '-')}", type=kinds[str(field.type)], metavar=str(field.type))
    return found


def main(argv: list[str] | None = None) -> int:
    """Run one training; exit code 130 after an interruption, 3 after an alarm that ended it."""
    args = parser().parse_args(argv)
    try:
        checked_device(args.device)
    except ValueError as error:
        raise SystemExit(f"train: {error}") from error
    if args.threads < 0:
        raise SystemExit(f"train: threads: expected 0 or more, got {args.threads}")
    if args.threads:
        torch.set_num_threads(args.threads)
    if args.device == "cpu":
        torch.use_deterministic_algorithms(True)
    with team(args.device) as (crew, device):
        return _train(args, crew, device)


def _train(args: argparse.Namespace, crew: Team, device: str) -> int:
    changed = {f.name: getattr(args, f.name) for f in fields(Preset) if getattr(args, f.name) is not None}
    out = args.out or Path("runs") / f"{args.preset}-{args.scaffold}-{args.seed}"
    if out.exists() and not out.is_dir():
        raise SystemExit(f"train: out: expected a folder, got the file {out}")
    try:
        trainer = build(replace(PRESETS[args.preset], **changed), args.scaffold, args.seed, out, device, crew)
        if args.fresh:
            if crew.leads:  # killed before its first checkpoint, the run shall not go on from the old one
                (out / "checkpoint.pt").unlink(missing_ok=True)
            crew.wait()
        restored = trainer.restore()
    except (ValueError, FileNotFoundError, ImportError) as error:
        raise SystemExit(f"train: {error}") from error
    if args.resume and not restored:
        raise SystemExit(f"train: --resume: expected a checkpoint in {out}, got none")
    say = partial(print, file=sys.stderr) if crew.leads else _nothing
    if restored:
        say(f"going on from step {trainer.step}")
    try:
        ended = trainer.run()
    except FloatingPointError as error:
        raise SystemExit(f"train: {error}") from error
    if not ended:
        if trainer.stopped:
            say(f"ended at step {trainer.step} by alarm/flat; --stop-on-alarm false goes on from there")
            return 3
        say(f"interrupted at step {trainer.step}; the same command goes on from there")
        return 130
    if crew.leads:
        export(trainer, out / "policy")
        print(f"policy written to {out / 'policy'}")
    return 0


def _nothing(*_: object) -> None:
    """What the processes say that do not lead."""


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"expected true or false, got {text!r}")
    return text.lower() == "true"


if __name__ == "__main__":
    sys.exit(main())
