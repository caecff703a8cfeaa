"""Our side, as a process of its own: ``python -m benchmarks.learner_speed.ours SPEC RESULT``.

The whole learner is at work: its rollout with text environments, its advantages, its loss, its optimiser with fp32 masters.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium as gym
import torch
from torch import Tensor

from agents.learner.chat import ChatFormat, load_format
from agents.learner.engine import Engine
from agents.learner.llama import Llama
from agents.learner.loop import Trainer
from agents.learner.rollout import Rollout
from agents.presets import PRESETS
from benchmarks.learner_speed.jobs import lengths, write
from benchmarks.learner_speed.work import copy_bandwidth, decode_bytes, matmul_peak, settle, update_flops
from empathy_gym.envs.spaces import Dialogue


class Scripted(gym.Env[str, str]):
    """Says what a script says, whatever it hears, and pays for different characters. Its lines are tokens in JSON, so that nothing is encoded anew."""

    def __init__(self, script: Sequence[Sequence[int]]) -> None:
        self.script = [json.dumps(line) for line in script]
        self.observation_space = self.action_space = Dialogue(100_000)
        self._at = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """The first line."""
        super().reset(seed=seed)
        self._at = 0
        return self.script[0], self._info(0)

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """The next line."""
        self._at += 1
        over, paid = self._at == len(self.script), len(set(action))
        info = self._info(1000 * paid) | ({"outcome": "time"} if over else {})
        return "" if over else self.script[self._at], paid / 100, False, over, info

    def _info(self, change: int) -> dict[str, Any]:
        return {"emotion": 30_000, "emotion_change": change, "skills": {}}


class Tokens:
    """A format whose lines are tokens already."""

    def __init__(self, chat: ChatFormat) -> None:
        self.chat, self.end, self.pad, self.glue = chat, chat.end, chat.pad, chat.glue

    def begin(self, scaffold: str) -> list[int]:
        """Nothing: the first line brings it."""
        return []

    def line(self, text: str, first: bool) -> list[int]:
        """The tokens that the text is."""
        return list(json.loads(text))

    def spoken(self, text: str) -> list[int]:
        """As the format has it."""
        return self.chat.spoken(text)

    def text(self, ids: Sequence[int]) -> str:
        """As the format has it."""
        return self.chat.text(ids)


@contextmanager
def endless(model: Llama, end: int) -> Iterator[None]:
    """Inside, the end token is never sampled: every reply has its full length, as with ``min_new_tokens`` on the other side."""
    head = model.head

    def quiet(hidden: Tensor) -> Tensor:
        logits = head(hidden)
        logits[..., end] = -torch.inf
        return logits

    model.head = quiet  # type: ignore[method-assign]
    try:
        yield
    finally:
        del model.head


def trainer(told: dict[str, Any], out: Path, device: str = "cpu", **changes: Any) -> Trainer:
    """A trainer at its start, with our default algorithm, on the spec's dialogues."""
    folder, longest = Path(told["model"]), max(lengths(told))
    model = Llama.load(folder, getattr(torch, told["precision"]), device)
    preset = replace(
        PRESETS["small"], model=str(folder), dtype=told["precision"], scenarios=len(told["scripts"]), group=told["generations"],
        max_turns=told["turns"], max_new=told["new"], tokens=told["rows"] * longest, rate=1e-6, eval_episodes=1, **changes,
    )  # fmt: skip
    envs = (Scripted(script) for script in told["scripts"] for _ in range(told["generations"]))
    made = iter([*envs, Scripted(told["scripts"][0])])  # the last is for the evaluation, which is not played
    return Trainer(model, Tokens(load_format(folder)), preset, "direct", 0, out, lambda split: next(made))


def step(learner: Trainer, told: dict[str, Any]) -> dict[str, float]:
    """One rollout and one update, timed.

    Raises:
        RuntimeError: if other tokens came than were asked for, or nothing was learnt from them.
    """
    device = learner.model.device
    settle(device)
    began, busy = time.perf_counter(), time.process_time()
    with endless(learner.model, learner.chat.end):
        batch: Rollout = learner.play()
    settle(device)
    middle = time.perf_counter()
    scores = learner.learn(batch)
    settle(device)
    done, busy = time.perf_counter(), time.process_time() - busy
    found = sorted(len(row.ids) for row in batch.rows)
    if found != sorted(lengths(told)) or batch.tokens != len(found) * told["turns"] * told["new"]:
        raise RuntimeError(f"expected dialogues of {sorted(lengths(told))} tokens, got {found}")
    if scores["skipped"]:
        raise RuntimeError("expected a batch to learn from, got one in which all rewards were equal")
    tokens, rollout, update = sum(found), middle - began, done - middle
    return {
        "rollout_seconds": rollout, "update_seconds": update, "step_seconds": rollout + update,
        "rollout_tokens_per_second": batch.tokens / rollout, "update_tokens_per_second": tokens / update,
        "cpu_seconds": busy,
    }  # fmt: skip


def decode_step(model: Llama, prompts: list[list[int]], new: int, end: int) -> float:
    """Seconds of one decode step: what ``new`` tokens take beyond what the first takes, the prefill with it. The second run of each counts."""
    spent = []
    for count in (1, new):
        engine = Engine(model, len(prompts), end, torch.Generator().manual_seed(0))
        with endless(model, end):
            for _ in range(2):
                for row in range(len(prompts)):
                    engine.forget(row)
                settle(model.device)
                began = time.perf_counter()
                engine.speak(list(range(len(prompts))), prompts, count)
                settle(model.device)
        spent.append(time.perf_counter() - began)
    return (spent[1] - spent[0]) / (new - 1)


def measure(told: dict[str, Any]) -> dict[str, Any]:
    """All figures of one process."""
    torch.set_num_threads(told["threads"])
    dtype = getattr(torch, told["precision"])
    with tempfile.TemporaryDirectory() as folder:
        learner = trainer(told, Path(folder))
        loaded = max_memory()
        steps = [step(learner, told) for _ in range(told["warmup"] + told["steps"])][told["warmup"] :]
    config = json.loads((Path(told["model"]) / "config.json").read_text(encoding="utf-8"))
    rows = lengths(told)
    peak_memory = max_memory()  # before the machine's own speed is measured, which needs memory too
    peak, bandwidth = matmul_peak(dtype), copy_bandwidth()
    flops = update_flops(config, rows, len(rows) * told["turns"] * told["new"])
    prompts = [script[0] for script in told["scripts"] for _ in range(told["generations"])]
    seconds = decode_step(learner.model, prompts, max(told["new"], 2), told["end"])
    live = sum(len(p) for p in prompts) / len(prompts) + told["new"] / 2
    moved = decode_bytes(config, len(prompts), live, dtype.itemsize)
    best = min(s["update_seconds"] for s in steps)
    return {
        "steps": steps, "max_bytes": peak_memory, "loaded_bytes": loaded, "matmul_flops": peak, "copy_bytes_per_second": bandwidth,
        "decode_step_seconds": seconds, "update_share_of_matmul_peak": flops / best / peak,
        "decode_share_of_copy_bandwidth": moved / seconds / bandwidth,
    }  # fmt: skip


def max_memory() -> int:
    """The most bytes that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    write(Path(sys.argv[2]), measure(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
