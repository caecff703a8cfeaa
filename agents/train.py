"""Train a supporter by policy gradient.

    python -m agents.train --preset nano --scaffold thinking --steps 100 --seed 0 --out runs/thinking-0

Every field of the preset can be set by name (``--rate 1e-4``). A run that was interrupted or killed goes on with the same command; on a CPU
it ends in the same bits as one that was not.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import fields, replace
from pathlib import Path

import torch

from agents.language_model import NANO
from agents.learner.chat import load_format
from agents.learner.llama import Llama
from agents.learner.loop import Trainer
from agents.presets import PRESETS, Preset


def build(preset: Preset, scaffold: str, seed: int, out: Path, device: str = "cpu") -> Trainer:
    """A trainer at its start: weights of the preset's model, or of the folder it names."""
    folder = NANO / "start" if preset.model == "nano" else Path(preset.model)
    torch.manual_seed(seed)
    return Trainer(Llama.load(folder, device=device), load_format(folder), preset, scaffold, seed, out)


def export(trainer: Trainer, folder: Path) -> None:
    """The policy as a folder that ``agents.evaluate`` and transformers read, with a card."""
    trainer.model.save(folder)
    source = NANO / "start" if trainer.preset.model == "nano" else Path(trainer.preset.model)
    (folder / "tokenizer.json").write_bytes((source / "tokenizer.json").read_bytes())
    card = {
        "scaffold": trainer.scaffold,
        "seed": trainer.seed,
        "steps": trainer.step,
        "preset": trainer.preset.__dict__,
    }
    (folder / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    """Run one training; exit code 130 after an interruption."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="nano", choices=sorted(PRESETS))
    parser.add_argument("--scaffold", default="thinking", choices=("thinking", "direct"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=None)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads; 0 leaves PyTorch's choice")
    parser.add_argument("--fresh", action="store_true", help="begin again although a checkpoint is there")
    for field in fields(Preset):
        kind = (
            (lambda text: text.lower() in ("1", "true", "yes"))
            if field.type == "bool"
            else {"int": int, "float": float}.get(str(field.type), str)
        )
        parser.add_argument(
            f"--{field.name.replace('_', '-')}", type=kind, default=None, help=f"(preset's {field.name})"
        )
    args = parser.parse_args(argv)
    changed = {f.name: getattr(args, f.name) for f in fields(Preset) if getattr(args, f.name) is not None}
    preset = replace(PRESETS[args.preset], **changed)
    out = args.out or Path("runs") / f"{args.preset}-{args.scaffold}-{args.seed}"
    if args.threads:
        torch.set_num_threads(args.threads)
    if args.device == "cpu":
        torch.use_deterministic_algorithms(True)
    trainer = build(preset, args.scaffold, args.seed, out, args.device)
    if not args.fresh and trainer.restore():
        print(f"going on from step {trainer.step}", file=sys.stderr)
    try:
        trainer.run()
    except KeyboardInterrupt:
        return 130
    export(trainer, out / "policy")
    print(f"policy written to {out / 'policy'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
