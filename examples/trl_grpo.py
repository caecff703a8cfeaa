"""TRL's GRPOTrainer on EmpathySupport-v0, with the bundled nano model.

    pip install torch==2.13.0 trl==1.16.0 transformers==5.23.0 tokenizers safetensors tqdm
    python -m examples.trl_grpo --steps 50 [--save FOLDER]

The nano's weights are a ``Qwen2ForCausalLM`` to transformers; its chat format becomes a chat template. What is saved loads as any other policy:
``python -m agents.evaluate --model FOLDER``.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import empathy_gym  # noqa: F401  (registers the ids)
from agents.evaluate import run
from agents.intervals import mean_interval
from agents.language_model import NANO, LanguageModelSupporter
from empathy_gym.integrations import trl as adapter

PIP = "pip install torch==2.13.0 trl==1.16.0 transformers==5.23.0 tokenizers safetensors tqdm"

START = NANO / "start"

TURNS, NEW = 4, 40
"""Replies a talk and tokens a reply, at most: half of the environment's eight turns, so that a step takes seconds."""

TEMPLATE = (
    "<|direct|>{% for m in messages %}{% if m['role'] == 'user' %}<|seeker|>{{ m['content'] }}<|end|>"
    "{% elif m['role'] == 'assistant' %}<|supporter|>{{ m['content'] }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|supporter|>{% endif %}"
)
"""The nano's chat format, direct scaffold; see ``agents.learner.chat.NanoFormat``."""


def tokenizer(folder: Path = START) -> Any:
    """The nano's, with its chat template."""
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), eos_token="<|end|>", pad_token="<|pad|>", chat_template=TEMPLATE,
        padding_side="left", clean_up_tokenization_spaces=False,
    )  # fmt: skip


def trainer(
    steps: int, seed: int = 0, group: int = 8, dialogues: int = 32, max_turns: int = TURNS, max_new: int = NEW, rate: float = 4e-4,
    folder: str = "runs/trl",
) -> Any:  # fmt: skip
    """GRPO over whole talks with seekers of the train split.

    Args:
        steps: optimiser steps, each on fresh talks.
        seed: of the trainer; the seekers of training have other seeds than those of :func:`held_out`.
        group: talks with the same seeker.
        dialogues: talks a step, in ``dialogues / group`` groups.
        max_turns: replies a talk has at most.
        max_new: tokens a reply has at most.
        rate: learning rate after the warm-up; it falls to 0 linearly.
        folder: for the trainer's own files.
    """
    try:
        from trl import GRPOConfig, GRPOTrainer
    except ImportError as error:
        raise SystemExit(f"expected TRL, got {error}; {PIP}") from error
    talks = {"reward": "change", "max_turns": max_turns}
    options = GRPOConfig(
        output_dir=folder, max_steps=steps, seed=seed, num_generations=group, per_device_train_batch_size=dialogues,
        max_completion_length=max_new, learning_rate=rate, warmup_steps=5, lr_scheduler_type="linear",
        loss_type="dr_grpo", scale_rewards="batch", beta=0.0, max_grad_norm=1.0, temperature=1.0, bf16=False, use_cpu=True,
        gradient_checkpointing=False, logging_steps=1, save_strategy="no", report_to="none", disable_tqdm=True,
        model_init_kwargs={"dtype": "float32"},
    )  # fmt: skip
    return GRPOTrainer(
        model=str(START), processing_class=tokenizer(), args=options, reward_funcs=adapter.emotion_reward,
        train_dataset=adapter.seekers(steps * dialogues // group, seed=10_000 * (seed + 1), system=None, **talks),
        rollout_func=adapter.rollout_func(**talks),
    )  # fmt: skip


def train(steps: int, seed: int = 0, save: Path | None = None, **kwargs: Any) -> tuple[Path, list[dict[str, Any]]]:
    """Train the nano; the folder of its weights, and what the trainer logged at each step."""
    made = trainer(steps, seed, **kwargs)
    made.train()
    save = save or Path(tempfile.mkdtemp()) / "nano-trl"
    made.save_model(str(save))
    (save / "tokenizer.json").write_bytes((START / "tokenizer.json").read_bytes())
    return save, [row for row in made.state.log_history if "reward" in row]


def held_out(folder: Path, episodes: int, max_turns: int = TURNS, max_new: int = NEW) -> list[dict[str, Any]]:
    """Talks with seekers of the test split, sampled at temperature 1; the same seekers for every policy."""
    policy = LanguageModelSupporter.from_folder(folder, "direct", max_new=max_new)
    return run(policy, episodes=episodes, split="test", seed=50_000, max_turns=max_turns)


def main() -> None:
    """Train, and print the final emotion of held-out talks before and after."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--episodes", type=int, default=100, help="held-out talks")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", type=Path, help="a folder for the policy")
    args = parser.parse_args()
    before = held_out(START, args.episodes)
    folder, _ = train(args.steps, args.seed, args.save)
    after = held_out(folder, args.episodes)
    finals = [np.array([talk["final_emotion"] for talk in talks]) for talks in (before, after)]
    for name, values in (("before", finals[0]), ("after", finals[1]), ("after - before", finals[1] - finals[0])):
        mean, low, high = mean_interval(values)
        print(f"final emotion, {name}: {mean:.1f} [{low:.1f}, {high:.1f}]")


if __name__ == "__main__":
    main()
