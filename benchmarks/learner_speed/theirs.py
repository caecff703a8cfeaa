"""TRL's side, as a process under TRL's own Python: ``python -m benchmarks.learner_speed.theirs SPEC RESULT``.

Nothing of ours is at work but the spec's tokens and the clock. One turn is the trainer's stock path. Several turns go through its ``rollout_func``, which calls
the trainer's own batched generation once a turn on the whole history and marks the policy's tokens by ``env_mask``.

Precision ``bfloat16`` has two variants, because neither is exactly ours (bf16 weights with fp32 masters): ``autocast`` keeps the
weights in fp32 and computes in bf16, TRL's default; ``weights`` keeps and steps them in bf16.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import PreTrainedTokenizerFast, TrainerCallback
from trl import GRPOConfig, GRPOTrainer

from benchmarks.learner_speed.work import copy_bandwidth, matmul_peak


class Clock(TrainerCallback):
    """Seconds of each whole step, by the wall and of the CPU."""

    def __init__(self) -> None:
        self.steps: list[tuple[float, float]] = []
        self._began = (0.0, 0.0)

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        """Before the rollout."""
        self._began = (time.perf_counter(), time.process_time())

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """After the optimiser."""
        self.steps.append((time.perf_counter() - self._began[0], time.process_time() - self._began[1]))


class Timed(GRPOTrainer):
    """The trainer, with the seconds of each rollout. Prompts are numbers of scripts, so that their tokens are the spec's."""

    told: dict[str, Any]

    def _tokenize_prompts(self, prompts: list[str]) -> tuple[list[list[int]], None, dict[str, Any]]:
        return [list(self.told["scripts"][int(p)][0]) for p in prompts], None, {}

    def _generate(self, prompts: list[str]) -> Any:
        began = time.perf_counter()
        found = super()._generate(prompts)
        self.rollouts.append(time.perf_counter() - began)
        self.lengths.append([len(p) + len(c) for p, c in zip(found[0], found[1], strict=True)])
        return found


def play(prompts: list[str], trainer: Timed) -> dict[str, Any]:
    """TRL's ``rollout_func``: every dialogue turn by turn, all together."""
    told = trainer.told
    texts = [told["scripts"][int(p)] for p in prompts]
    begun = [list(script[0]) for script in texts]
    talks: list[list[int]] = [[] for _ in prompts]
    masks: list[list[int]] = [[] for _ in prompts]
    for turn in range(told["turns"]):
        histories = [[*b, *t] for b, t in zip(begun, talks, strict=True)]
        replies, _ = trainer._generate_single_turn(histories, None, {}, trainer.num_generations)
        for script, talk, mask, reply in zip(texts, talks, masks, replies, strict=True):
            after = [told["end"], *script[turn + 1]] if turn + 1 < told["turns"] else []
            talk += [*reply, *after]
            mask += [1] * len(reply) + [0] * len(after)
    return {"prompt_ids": begun, "completion_ids": talks, "logprobs": None, "env_mask": masks}


def paid(completions: list[str], **_: Any) -> list[float]:
    """The same payment as ours: different characters."""
    return [len(set(text)) / 100 for text in completions]


def trainer(told: dict[str, Any], folder: str, clock: Clock) -> Timed:
    """The trainer at its start, its options TRL's defaults but for those that make the work equal."""
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(Path(told["model"]) / "tokenizer.json"), padding_side="left")
    tokenizer.eos_token = tokenizer.convert_ids_to_tokens(told["end"])
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(told["pad"])
    dialogues = len(told["scripts"]) * told["generations"]
    if dialogues % told["rows"]:
        raise ValueError(f"rows: expected a divisor of {dialogues} dialogues, got {told['rows']}")
    half = told["precision"] == "bfloat16" and told["variant"] == "weights"
    options = GRPOConfig(
        output_dir=folder, per_device_train_batch_size=told["rows"], gradient_accumulation_steps=dialogues // told["rows"],
        num_generations=told["generations"], max_completion_length=told["new"], generation_kwargs={"min_new_tokens": told["new"]},
        bf16=told["precision"] == "bfloat16" and not half, gradient_checkpointing=False, learning_rate=1e-6, lr_scheduler_type="constant",
        max_steps=told["warmup"] + told["steps"], max_grad_norm=1.0, report_to="none", save_strategy="no", logging_strategy="no",
        use_cpu=True, disable_tqdm=True, model_init_kwargs={"dtype": "bfloat16" if half else "float32"},
    )  # fmt: skip
    made = Timed(
        model=told["model"], reward_funcs=paid, args=options, processing_class=tokenizer, callbacks=[clock],
        train_dataset=Dataset.from_dict({"prompt": [str(i) for i in range(len(told["scripts"]))]}),
        rollout_func=play if told["turns"] > 1 else None,
    )  # fmt: skip
    made.told, made.rollouts, made.lengths = told, [], []
    return made


def measure(told: dict[str, Any]) -> dict[str, Any]:
    """All figures of one process."""
    torch.set_num_threads(told["threads"])
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        learner = trainer(told, folder, clock)
        loaded = max_memory()
        learner.train()
    peak_memory = max_memory()  # before the machine's own speed is measured, which needs memory too
    peak, bandwidth = matmul_peak(getattr(torch, told["precision"])), copy_bandwidth()
    wanted = sorted(told["lengths"])
    for found in learner.lengths:
        if sorted(found) != wanted:
            raise RuntimeError(f"expected dialogues of {wanted} tokens, got {sorted(found)}")
    replies = len(wanted) * told["turns"] * told["new"]
    steps = [
        {
            "rollout_seconds": rollout, "update_seconds": whole - rollout, "step_seconds": whole,
            "rollout_tokens_per_second": replies / rollout, "update_tokens_per_second": sum(wanted) / (whole - rollout),
            "cpu_seconds": busy,
        }
        for rollout, (whole, busy) in zip(learner.rollouts, clock.steps, strict=True)
    ][told["warmup"] :]  # fmt: skip
    return {
        "steps": steps, "max_bytes": peak_memory, "loaded_bytes": loaded, "matmul_flops": peak, "copy_bytes_per_second": bandwidth,
    }  # fmt: skip


def max_memory() -> int:
    """The most bytes that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
    result = measure(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    temporary = Path(sys.argv[2]).with_suffix(".tmp")
    temporary.write_text(json.dumps(result) + "\n", encoding="utf-8")
    temporary.replace(sys.argv[2])
