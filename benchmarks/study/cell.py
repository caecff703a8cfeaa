"""One cell from its start to its row: evaluated, trained, evaluated, its thoughts exchanged. Goes on where it was."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from agents.learner.chat import ChatFormat, NanoFormat, load_format
from agents.learner.llama import Llama
from agents.learner.rollout import Rollout
from agents.train import export, resolved
from benchmarks.record import write_whole
from benchmarks.study import thoughts
from benchmarks.study.measure import evaluation, kept, play
from benchmarks.study.observed import Observed
from benchmarks.study.placebo import PlaceboFormat, thought_lengths
from benchmarks.study.probe import decodable
from benchmarks.study.sweep import Cell, Scale, start_digest, start_folder
from empathy_gym.seeker.keyed import draw

try:
    import fcntl
except ImportError:  # Windows has none; there a cell is not guarded
    fcntl = None  # type: ignore[assignment]

__all__ = ["alone", "run", "write"]

CURVE = ("emotion", "dev_emotion", "entropy", "reply_tokens", "group_std", "format", "truncated")
"""What a row keeps of each update."""

SHOWN = 1
"""Talks that a row keeps whole: seeker 0's, which no result chose."""

EXPORTED_SEED = 0
"""The policies of this seed are written out, to be talked with."""


def run(cell: Cell, scale: Scale, out: Path, device: str) -> dict[str, Any] | None:
    """The cell's row; None if it was interrupted. ``out`` is the folder of this cell.

    Raises:
        FileNotFoundError: if the cell's start is not there.
    """
    began = time.perf_counter()
    folder = start_folder(scale, cell)
    preset = scale.preset(cell, device)
    torch.manual_seed(cell.training_seed)
    dtype = resolved(preset.dtype, device)
    start = Llama.load(folder, dtype, device)
    chat = _format(folder, cell, scale, start)
    scaffold = (
        "direct" if cell.control == "placebo" else cell.scaffold
    )  # a placebo's thoughts are not heard, nor rewarded
    trainer = Observed(
        Llama.load(folder, dtype, device), chat, preset, scaffold, cell.training_seed, out, every=scale.observed
    )
    trainer.restore()
    earlier = trainer.seconds  # of training, in sittings that were interrupted
    before = _once(out / "before.json", lambda: _looks(start, chat, cell, scale, scaffold, "before"))
    if not trainer.run():
        return None
    after = _once(out / "after.json", lambda: _looks(trainer.model, chat, cell, scale, scaffold, "after"))
    exchanged = _once(out / "thoughts.json", lambda: _thoughts(start, trainer.model, chat, cell, scale))
    if cell.seed == EXPORTED_SEED and not (out / "policy" / "card.json").exists():
        export(trainer, out / "policy", torch.float16)
    return {
        "cell": cell.name,
        **vars(cell),
        "scale": scale.name,
        "digest": scale.digest,
        "start": start_digest(folder),
        "steps": preset.steps,
        "device": device,
        "wall_minutes": round((earlier + time.perf_counter() - began) / 60, 2),
        "before": before,
        "after": after,
        "thoughts": exchanged,
        "curve": _curve(out),
        "river": trainer.river(),
    }


def _format(folder: Path, cell: Cell, scale: Scale, start: Llama) -> ChatFormat:
    """The start's format; a placebo's gives it thoughts of the length that the start's own have, on a few dev seekers."""
    chat = load_format(folder)
    if cell.control != "placebo":
        return chat
    if not isinstance(chat, NanoFormat):
        raise ValueError(f"{folder}: placebo: expected a model in the nano format, got {type(chat).__name__}")
    preset = scale.preset(cell)
    batch = play(
        start, chat, "thinking", cell.difficulty, preset.eval_episodes, preset.max_turns, preset.max_new, 0, "dev"
    )
    return PlaceboFormat(chat.tokenizer, thought_lengths(batch, chat))


def _looks(model: Llama, chat: ChatFormat, cell: Cell, scale: Scale, scaffold: str, when: str) -> dict[str, Any]:
    """Both difficulties, and what the model's states say about the seeker."""
    preset = scale.preset(cell)
    found: dict[str, Any] = {}
    for difficulty in (cell.difficulty, cell.other_difficulty):
        # Cells share seekers, not dice: what is said differs by seed and arm, as it would in use.
        key = draw(cell.training_seed, 0, f"{cell.arm}/{when}/{difficulty}") % 2**63
        batch: Rollout = play(model, chat, scaffold, difficulty, scale.seekers, preset.max_turns, preset.max_new, key)
        found[difficulty] = evaluation(batch, chat)
        if difficulty == cell.difficulty:
            found["probe"] = decodable(model, chat, batch)
            found["transcripts"] = [info["transcript"] for info in batch.infos[:SHOWN]]
    return found


def _thoughts(start: Llama, policy: Llama, chat: ChatFormat, cell: Cell, scale: Scale) -> dict[str, Any]:
    """The test-time controls; of thinking cells without another control."""
    if cell.scaffold != "thinking" or cell.control != "none" or not isinstance(chat, NanoFormat):
        return {}
    preset, key = scale.preset(cell), draw(cell.training_seed, 0, f"{cell.arm}/thoughts") % 2**62
    return {
        condition: kept(
            thoughts.talks(
                condition, start, policy, chat, cell.difficulty, scale.seekers, preset.max_turns, preset.max_new, key
            )
        )
        for condition in thoughts.CONDITIONS
    }


def _once(path: Path, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What ``make`` returns, kept in a file, so that it is made once."""
    if path.exists():
        return dict(json.loads(path.read_text(encoding="utf-8")))
    found = make()
    write(path, found)
    return found


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a cell's folder, so that no second process works in it: one whose parent was killed may still be at it.

    Raises:
        RuntimeError: if another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise RuntimeError(f"{folder}: expected to be alone at this cell, got another process at it") from error
        yield


def write(path: Path, value: Any) -> None:
    """JSON, whole or not at all."""
    write_whole(path, json.dumps(value))


def _curve(out: Path) -> dict[str, list[Any]]:
    """Columns by update; None where an update has no such figure."""
    rows = [json.loads(line) for line in (out / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    found: dict[str, list[Any]] = {"step": [row["step"] for row in rows]}
    for name in CURVE:
        found[name] = [round(row[name], 3) if name in row else None for row in rows]
    return found
