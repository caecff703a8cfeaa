"""What the study costs at the paper's scale: tokens, calls of a language-model seeker, and GPU hours, from shapes and presets alone.

    python -m benchmarks.study cost

An estimate, nothing is run. Operations: 2 a parameter and token forward, 6 a parameter and token trained, attention left out (short talks). The shares of
the peak that are assumed are printed beside the hours; decoding is bound by memory, so its share is small.
"""

from __future__ import annotations

from dataclasses import dataclass

from agents.presets import PRESETS, Preset
from benchmarks.study.sweep import ARMS, SEEDS

PARAMETERS = 7.6e9
"""Of Qwen2.5-7B-Instruct, by its model card."""

PEAK = 989e12
"""Operations a second of one H100 SXM in bf16, dense, by its data sheet."""

TRAINING_SHARE, DECODING_SHARE = 0.30, 0.05
"""Of that peak; assumptions of ours, on the cautious side of published figures for synchronous training."""

REPLY = {"thinking": 220, "direct": 90}
"""Tokens a reply; RLVER's figure 4 has labels from 69 to 235 (arXiv 2507.03112)."""

LINE, PROMPT = 60, 150
"""Tokens of a seeker's line and of the system prompt; assumptions."""

SEEKER_CALLS, SEEKER_TOKENS = 2, 3_500
"""Calls a turn and tokens a call of a seeker that is a language model, as RLVER's (its prompts are some 3,000 to 4,000 tokens long)."""

TEST_TALKS = 100
EVALUATIONS = 4
"""Before and after, on both difficulties."""


@dataclass(frozen=True)
class Cost:
    """Of one run.

    Attributes:
        dialogues: in all, evaluations included.
        sampled: tokens that the policy samples.
        trained: tokens that pass through training.
        gpu_hours: of one H100.
        seeker_calls: of a seeker that is a language model; the bundled one takes none.
        seeker_tokens: that such calls read.
    """

    dialogues: int
    sampled: float
    trained: float
    gpu_hours: float
    seeker_calls: float
    seeker_tokens: float


def cost(preset: Preset, scaffold: str) -> Cost:
    """Of one training run with its evaluations."""
    trained_dialogues = preset.steps * preset.scenarios * preset.group
    dialogues = trained_dialogues + EVALUATIONS * TEST_TALKS
    turns = preset.max_turns
    sampled = dialogues * turns * REPLY[scaffold]
    # RLVER's way drops earlier thoughts, so that each turn of a thinking talk is a sequence with its history of spoken words.
    if scaffold == "thinking" and not preset.keep_thoughts:
        history = sum(PROMPT + t * (LINE + REPLY["direct"]) + LINE + REPLY["thinking"] for t in range(turns))
    else:
        history = PROMPT + turns * (LINE + REPLY[scaffold])
    trained = trained_dialogues * history
    passes = 2 if preset.advantage == "gae" else 1  # the critic is as large as the policy
    seconds = 6 * PARAMETERS * trained * passes / (PEAK * TRAINING_SHARE)
    seconds += 2 * PARAMETERS * (sampled + trained_dialogues * history) / (PEAK * DECODING_SHARE)
    calls = dialogues * turns * SEEKER_CALLS
    return Cost(dialogues, sampled, trained, seconds / 3600, calls, calls * SEEKER_TOKENS)


def text() -> str:
    """A table: a run of each algorithm and scaffold, and all arms with all seeds."""
    lines = [
        f"Qwen2.5-7B-Instruct, presets rlver-grpo and rlver-ppo; H100 at {TRAINING_SHARE:.0%} of its peak in training and {DECODING_SHARE:.0%} in decoding (assumed)",
        f"{'run':18s} {'dialogues':>10s} {'sampled':>9s} {'trained':>9s} {'GPU hours':>10s} {'calls of an LLM seeker':>23s} {'its tokens':>11s}",
    ]
    total = 0.0
    for scaffold, algorithm, _, _ in ARMS:
        total += SEEDS * cost(PRESETS[f"rlver-{algorithm}"], scaffold).gpu_hours
    for algorithm in ("grpo", "ppo"):
        for scaffold in ("thinking", "direct"):
            c = cost(PRESETS[f"rlver-{algorithm}"], scaffold)
            lines.append(
                f"{f'{scaffold} {algorithm}':18s} {c.dialogues:10,d} {c.sampled / 1e6:8.1f}M {c.trained / 1e6:8.1f}M {c.gpu_hours:10.1f} {c.seeker_calls:23,.0f} {c.seeker_tokens / 1e9:10.2f}G"
            )
    lines.append(
        f"all {len(ARMS)} arms with {SEEDS} seeds: about {total:,.0f} GPU hours; with the bundled seeker no calls at all"
    )
    return "\n".join(lines)
