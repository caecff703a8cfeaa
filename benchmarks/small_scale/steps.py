"""The steps of the small-scale run. Each leaves a file when it is done, and is passed over where that file is there."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import torch

from agents import imitate, train
from agents.learner.metrics import read_rows
from benchmarks.record import circumstances, write_whole
from benchmarks.small_scale.meet import meet, write
from empathy_gym.seeker.seeker import DYNAMICS_VERSION

ARMS = {
    "slow": {"rate": "2e-5"},
    "fast": {"rate": "6e-5"},
    "lora": {"rate": "3e-4", "lora-rank": "16", "lora-alpha": "32"},
    "ppo": {
        "advantage": "gae", "gamma": "1.0", "lam": "0.99", "clip": "ppo", "minibatches": "2", "aggregation": "tokens", "rate": "2e-5",
        "critic-rate": "5e-5",
    },
}  # fmt: skip
"""What each arm changes in the preset ``small``; PPO plays as many dialogues without groups. Ours; only ``fast`` and ``ppo`` have been measured."""

IMITATION_BATCH = 8

ENDLESS = 100_000
"""Updates of a run that the clock ends."""

TOKENS = {True: 8192, False: 4096}
"""Of a micro-batch on a GPU and on a CPU, where 8,192 of a model of 135 million parameters take 13 GB."""

POLL = 0.2
"""Seconds between two looks at the clock and at a run's metrics."""


@dataclass(frozen=True)
class Settings:
    """What is run; of two runs in one folder only ``minutes``, ``arms``, ``seeds`` and ``device`` may differ."""

    model: Path
    out: Path
    minutes: float
    """Of training, for each arm of each scaffold, over all sittings."""
    device: str
    dtype: str
    arms: tuple[str, ...] = ("fast", "ppo")
    episodes: int = 120
    """Test talks of each evaluation, on the same seekers each time."""
    warm_steps: int = 48
    groups: int = 16
    """Groups of dialogues an update."""
    side: int = 6
    """Dialogues a group."""
    turns: int = 8
    dev_episodes: int = 32
    new: tuple[int, int] = (96, 64)
    """Tokens a reply has at most: thinking (thought included), direct."""
    seeds: tuple[int, ...] = (0,)
    """One training each, of every arm of every scaffold; all seeds of a scaffold start from the same imitation."""
    warm_rate: float = 2e-5
    warm_talks: Path = imitate.TALKS
    """What is imitated (``python -m agents.demonstrate`` makes more of it)."""

    def __post_init__(self) -> None:
        unknown = [a for a in self.arms if a not in ARMS]
        if unknown or not self.arms:
            raise ValueError(f"arms: expected some of {', '.join(ARMS)}, got {' '.join(unknown) or 'none'}")
        if not self.seeds or len(set(self.seeds)) < len(self.seeds) or min(self.seeds) < 0:
            raise ValueError(f"seeds: expected different numbers from 0, got {self.seeds}")
        if self.minutes <= 0:
            raise ValueError(f"minutes: expected above 0, got {self.minutes}")
        if not self.warm_talks.is_file():
            raise ValueError(f"warm_talks: expected a file of demonstrations, got {self.warm_talks}")
        if not (self.model / "config.json").exists():
            raise ValueError(f"model: expected a folder with a chat model, got {self.model}")

    def max_new(self, scaffold: str) -> int:
        """Tokens a reply has at most."""
        return self.new[scaffold == "direct"]

    def claim(self) -> None:
        """Make the folder, or check that what lies there belongs to the same run.

        Raises:
            ValueError: naming what differs.
        """
        path = self.out / "settings.json"
        free = ("out", "minutes", "arms", "seeds", "device")
        mine = {k: str(v) for k, v in asdict(self).items() if k not in free}
        talks = hashlib.sha256(self.warm_talks.read_bytes()).hexdigest()[:16]
        mine |= {"model": self.model.name, "dynamics": DYNAMICS_VERSION, "warm_talks": talks}
        if path.exists():
            theirs = json.loads(path.read_text(encoding="utf-8"))
            differs = [f"{k}={mine[k]}, got {theirs.get(k)}" for k in mine if mine[k] != theirs.get(k)]
            if differs:
                raise ValueError(f"{path}: expected a run with {'; '.join(differs)}")
        for folder in ("eval", "log"):
            (self.out / folder).mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(mine, indent=1) + "\n")


def updates(folder: Path) -> int:
    """Updates that a run has written down."""
    return sum("emotion" in row for row in read_rows(folder / "metrics.jsonl"))


class Deadline:
    """Ends a training in this process as Ctrl-C would: once, when its time is over, and not before its first update.

    Args:
        seconds: from now.
        folder: of the run, where its metrics appear.
    """

    def __init__(self, seconds: float, folder: Path) -> None:
        self.struck = False
        self._end, self._folder, self._before = time.monotonic() + seconds, folder, updates(folder)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Deadline:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(POLL):
            if time.monotonic() >= self._end and updates(self._folder) > self._before:
                self.struck = True
                os.kill(os.getpid(), signal.SIGINT)
                return


def made_on(device: str) -> dict[str, Any]:
    """What a training's figures depend on, for its row, which may be made elsewhere."""
    found = circumstances()
    if device.startswith("cuda"):
        found["machine"] = f"one {torch.cuda.get_device_name()}, {found['machine']}"
    return {"device": device, **{name: found[name] for name in ("date", "versions", "machine")}}


def run_name(scaffold: str, arm: str, seed: int) -> str:
    """Of a training's folder."""
    return f"{scaffold}-{arm}-{seed}"


def warm_up(settings: Settings, scaffold: str) -> None:
    """Imitate: the start that all arms and seeds of a scaffold share.

    Raises:
        KeyboardInterrupt: if it was asked to end; the same call goes on from there.
    """
    warm = settings.out / f"warm-{scaffold}"
    if not (warm / "card.json").exists():
        _done(imitate.main([
            "--model", str(settings.model), "--scaffold", scaffold, "--out", str(warm), "--steps", str(settings.warm_steps),
            "--rate", str(settings.warm_rate), "--batch", str(IMITATION_BATCH), "--talks", str(settings.warm_talks), "--device", settings.device,
        ]))  # fmt: skip


def look_before(settings: Settings, scaffold: str) -> None:
    """Evaluate the model as it comes, once, and what imitation made of it, once for each seed."""
    _evaluate(settings, f"raw-{scaffold}", scaffold, settings.model, settings.seeds[0])
    for seed in settings.seeds:
        _evaluate(settings, f"warm-{scaffold}-{seed}", scaffold, settings.out / f"warm-{scaffold}", seed)


def learn(settings: Settings, scaffold: str, arm: str, seed: int = 0) -> None:
    """Train from the warm start for the settings' minutes, write the policy and evaluate it.

    Raises:
        KeyboardInterrupt: if it was asked to end; the same call goes on from there.
    """
    name = run_name(scaffold, arm, seed)
    folder, after = settings.out / name, settings.out / "eval" / f"after-{name}.jsonl"
    folder.mkdir(exist_ok=True)
    done = folder / "trained.json"
    before = json.loads(done.read_text(encoding="utf-8")) if done.exists() else {"minutes": 0}
    if before["minutes"] < settings.minutes:
        spent = max((row.get("seconds", 0.0) for row in read_rows(folder / "metrics.jsonl")), default=0.0)
        with Deadline(60 * settings.minutes - spent, folder) as deadline:
            code = train.main(train_arguments(settings, scaffold, arm, seed))
        if not deadline.struck:
            _done(code)
        after.unlink(missing_ok=True)
        (folder / "policy" / "card.json").unlink(missing_ok=True)
        trained = {"minutes": settings.minutes, "updates": updates(folder), **made_on(settings.device)}
        write_whole(done, json.dumps(trained) + "\n")
    if not (
        folder / "policy" / "card.json"
    ).exists():  # a run that is over already evaluates once more and writes its policy
        _done(train.main([*train_arguments(settings, scaffold, arm, seed, steps=1), "--resume"]))
    _evaluate(settings, after.stem, scaffold, folder / "policy", seed)


def train_arguments(settings: Settings, scaffold: str, arm: str, seed: int, steps: int = ENDLESS) -> list[str]:
    """The command line of ``agents.train``."""
    groups = arm != "ppo"
    changed = {
        "preset": "small", "scaffold": scaffold, "model": settings.out / f"warm-{scaffold}", "out": settings.out / run_name(scaffold, arm, seed),
        "seed": seed, "device": settings.device, "dtype": settings.dtype, "steps": steps, "max-turns": settings.turns,
        "max-new": settings.max_new(scaffold),
        "eval-every": 15, "eval-episodes": settings.dev_episodes, "probe-every": 0, "save-every": 10,
        "tokens": TOKENS[settings.device.startswith("cuda")],
        "scenarios": settings.groups if groups else settings.groups * settings.side, "group": settings.side if groups else 1, **ARMS[arm],
    }  # fmt: skip
    return [word for name, value in changed.items() for word in (f"--{name}", str(value))]


def _evaluate(settings: Settings, name: str, scaffold: str, folder: Path, seed: int) -> None:
    path = settings.out / "eval" / f"{name}.jsonl"
    if not path.exists():
        new = settings.max_new(scaffold)
        write(path, meet(folder, scaffold, seed, settings.episodes, new, settings.device, settings.dtype))


def _done(code: int) -> None:
    if code == 130:
        raise KeyboardInterrupt
    if code:
        raise SystemExit(code)
