"""What the study runs: its cells, each a training run with a name, and the scales at which they can be run.

A cell is one point of scaffold x algorithm x difficulty x control x seed. Cells come in the order of what they are worth, so that a study that is cut
short has the primary contrast first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from agents.language_model import NANO
from agents.presets import PRESETS, Preset
from empathy_gym.seeker.seeker import DYNAMICS_VERSION

SEEDS = 8
"""Pairs of a contrast: the sign-flip test over 8 can reach p = 2/256."""

NULL_SEED = 1_000
"""Added to the seeds of the null arm, so that it differs from the direct arm by chance alone."""

CONTROLS = {
    "none": "as it is",
    "budget": "direct with a third more updates, to train on about as many tokens as thinking",
    "placebo": "thinking whose thought is filler of the length that the start's thoughts have; the policy samples what comes after it, which may be a second, spoken thought",
    "others": "from a warm start whose thoughts were written in other talks: as long, in the same words, and about nothing in this one",
    "null": "direct once more, with other seeds",
}
"""What stands between a thought and its shadow."""

OTHERS = NANO / "others"
"""The second warm start, made as the first with ``--thoughts others``: its ``card.json`` has the command of ``scripts/make_nano.py``."""


GPU_TOKENS = 32_768
"""Tokens of a micro-batch on a GPU: a whole update of the nano's."""


@dataclass(frozen=True, order=True)
class Cell:
    """One training run.

    Attributes:
        scaffold: ``thinking`` or ``direct``.
        algorithm: ``grpo`` or ``ppo``.
        difficulty: ``vanilla`` or ``challenging``.
        control: one of :data:`CONTROLS`.
        seed: number of the pair, from 0.
    """

    scaffold: str
    algorithm: str
    difficulty: str
    control: str
    seed: int

    @property
    def arm(self) -> str:
        """The name without the seed."""
        return f"{self.scaffold}-{self.algorithm}-{self.difficulty}-{self.control}"

    @property
    def name(self) -> str:
        """Of its folder and row."""
        return f"{self.arm}-{self.seed}"

    @property
    def training_seed(self) -> int:
        """Of everything that training draws. The arms of a pair meet the same seekers in training."""
        return self.seed + (NULL_SEED if self.control == "null" else 0)

    @property
    def other_difficulty(self) -> str:
        """To which it has to transfer."""
        return "vanilla" if self.difficulty == "challenging" else "challenging"


ARMS = (
    ("thinking", "grpo", "vanilla", "none"),
    ("direct", "grpo", "vanilla", "none"),
    ("thinking", "grpo", "vanilla", "placebo"),
    ("direct", "grpo", "vanilla", "budget"),
    ("direct", "grpo", "vanilla", "null"),
    ("thinking", "ppo", "vanilla", "none"),
    ("direct", "ppo", "vanilla", "none"),
    ("thinking", "grpo", "challenging", "none"),
    ("direct", "grpo", "challenging", "none"),
    ("thinking", "grpo", "vanilla", "others"),
    ("direct", "grpo", "vanilla", "others"),
)
"""Scaffold, algorithm, difficulty and control of each arm, in the order of what they are worth."""


def cells(seeds: int = SEEDS) -> list[Cell]:
    """All of them: arm by arm, the first two of which alternate, so that pairs are whole."""
    pair = [Cell(*arm, seed) for seed in range(seeds) for arm in ARMS[:2]]
    return pair + [Cell(*arm, seed) for arm in ARMS[2:] for seed in range(seeds)]


def named(name: str) -> Cell:
    """The cell of that name, whatever its seed.

    Raises:
        ValueError: if no arm has such a name.
    """
    arm, _, seed = name.rpartition("-")
    found = [Cell(*parts, seed=int(seed)) for parts in ARMS if "-".join(parts) == arm and seed.isdigit()]
    if not found:
        raise ValueError(f"cell: expected a name such as {cells(1)[0].name!r}, got {name!r}")
    return found[0]


def chosen(patterns: Sequence[str], seeds: int = SEEDS) -> list[Cell]:
    """The cells whose name fits one of the patterns (shell-style; a bare word fits anywhere); all without any.

    Raises:
        ValueError: for a pattern that fits none.
    """
    every, found = cells(seeds), set()
    for pattern in patterns:
        wide = pattern if any(c in pattern for c in "*?[") else f"*{pattern}*"
        fitting = {cell for cell in every if fnmatchcase(cell.name, wide)}
        if not fitting:
            raise ValueError(f"cells: expected a pattern that fits one such as {every[0].name!r}, got {pattern!r}")
        found |= fitting
    return [cell for cell in every if cell in found or not patterns]


@dataclass(frozen=True)
class Scale:
    """How large a cell is.

    Attributes:
        name: of the scale.
        model: as in a preset; ``nano`` is the bundled start.
        grpo: the training of ``grpo`` cells.
        ppo: of ``ppo`` cells.
        seekers: held-out test seekers of each evaluation, the same in all cells.
        observed: training updates between two looks at the strategies.
        budget: training tokens of thinking over those of direct, per update (see :data:`CONTROLS`).
    """

    name: str
    model: str
    grpo: Preset
    ppo: Preset
    seekers: int
    observed: int
    budget: float

    @property
    def digest(self) -> str:
        """Of everything above: rows of another scale are another study's."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:12]

    def preset(self, cell: Cell, device: str = "cpu") -> Preset:
        """How a cell is trained. A GPU takes larger micro-batches, which changes the order of sums alone."""
        base = self.ppo if cell.algorithm == "ppo" else self.grpo
        steps = round(base.steps * self.budget) if cell.control == "budget" else base.steps
        model = str(OTHERS) if cell.control == "others" else self.model
        tokens = base.tokens if device == "cpu" else GPU_TOKENS
        return replace(base, steps=steps, difficulty=cell.difficulty, model=model, tokens=tokens)


def _scale(name: str, relative: str, seekers: int, observed: int, budget: float, **changes: Any) -> Scale:
    """The same changes to both algorithms; PPO plays as many dialogues as GRPO, each on a seeker of its own, as RLVER did.

    Args:
        name: of the scale.
        relative: preset of the group-relative algorithm.
        seekers: as in :class:`Scale`, and so the next two.
        observed: updates.
        budget: a ratio.
        **changes: to the presets.
    """
    grpo = replace(PRESETS[relative], probe_every=0, **changes)
    ppo = replace(
        PRESETS["nano-ppo"], probe_every=0, **{**changes, "scenarios": grpo.scenarios * grpo.group, "group": 1}
    )
    return Scale(name, grpo.model, grpo, ppo, seekers, observed, budget)


_NANO: dict[str, Any] = {"steps": 50, "scenarios": 8, "group": 4, "eval_every": 20, "eval_episodes": 16}
_TINY: dict[str, Any] = {"steps": 1, "scenarios": 1, "group": 2, "max_turns": 2, "max_new": 24, "eval_episodes": 1}

SCALES = {
    # Each turn against the group's others at that turn: GRPO with turn-level credit.
    "nano": _scale("nano", "nano", 64, 5, 4 / 3, **_NANO),
    # The whole dialogue's credit to each of its tokens, and every token alike, as RLVER's code does.
    "nano-dialogue": _scale("nano-dialogue", "nano-grpo", 64, 5, 4 / 3, **_NANO, aggregation="tokens", rate=3e-4),
    "tiny": _scale("tiny", "nano", 3, 1, 2.0, **_TINY),
}
"""``nano`` is the study; ``tiny`` shows that every part runs. Why ``nano`` has credit by turn is in ``PLAN.md``."""


@cache
def start_digest(folder: Path) -> str:
    """Of the weights that a cell starts from."""
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()[:12]


def counts(row: Mapping[str, Any], folder: Path) -> bool:
    """Whether a line began where this study begins. One of earlier dynamics is over: what is bundled may be another start since, so there every start counts."""
    return row["dynamics"] != DYNAMICS_VERSION or row["start"] == start_digest(folder)


def start_folder(scale: Scale, cell: Cell) -> Path:
    """Where a cell's start lies."""
    model = scale.preset(cell).model
    return NANO / "start" if model == "nano" else Path(model)


def run_folder(out: Path, scale: Scale, cell: Cell) -> Path:
    """Where a cell's run lies; runs of other dynamics, scales and starts lie elsewhere, so that none goes on from another's checkpoint."""
    study = f"{DYNAMICS_VERSION}-{scale.digest[:6]}-{start_digest(start_folder(scale, cell))[:6]}"
    return out / study / cell.name


def runnable(scale: Scale, wanted: Sequence[Cell]) -> Iterator[Cell]:
    """Those of the cells whose start is there."""
    return (cell for cell in wanted if (start_folder(scale, cell) / "config.json").exists())
