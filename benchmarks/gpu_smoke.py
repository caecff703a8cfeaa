"""One command for a machine with a GPU: is the learner right there, does it learn, how fast is it? Writes one JSON line.

    python -m benchmarks.gpu_smoke [--record] [--shapes Qwen3-0.6B]
    python -m benchmarks.gpu_smoke --device cpu --tiny

Checks: the engine's log-probabilities against one full forward pass and against those of training, in fp32 and bf16. Then the nano supporter is
trained for some updates on the real environment. Then random weights of published shapes are timed: decoding beside transformers' batched
``generate`` and its continuous batching, and forward and backward passes; a model's speed depends on its shape alone. Exit code 2 without a GPU.
Each part's figures go to standard error as soon as they are there.

MFU: operations that the mathematics needs (``learner_speed/work.py``) a second, by the measured peak of a bf16 product. MBU: weights, keys and values
a decode step, by the measured bandwidth of copying.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from agents.learner.batch import micro_batches, policy_logprobs
from agents.learner.engine import Engine, Sampled
from agents.learner.llama import Llama, Shape
from agents.learner.rollout import Row
from agents.presets import PRESETS
from agents.train import build
from benchmarks.learner_speed.ours import decode_step, endless
from benchmarks.learner_speed.work import copy_bandwidth, decode_bytes, matmul_peak, settle, update_flops
from benchmarks.record import append

SHAPES = {
    "Qwen3-0.6B": Shape(151_936, 1_024, 3_072, 28, 16, 8, 128, "qwen3", 1e6, 1e-6, True, 4_096),
    "Qwen3-4B": Shape(151_936, 2_560, 9_728, 36, 32, 8, 128, "qwen3", 1e6, 1e-6, True, 4_096),
}
TINY = {"tiny": Shape(512, 32, 48, 2, 4, 2, 8, "qwen3", 1e6, 1e-6, True, 512)}

BOUNDS = {"float32": 1e-3, "bfloat16": 0.1}
"""Mean distance of log-probabilities that is still rounding. With all right it is 0.0000 in fp32 and 0.015 to 0.05 in bf16 on SmolLM2."""

END = 1


def fresh(shape: Shape, dtype: torch.dtype, device: str) -> Llama:
    """Random weights, made on the device."""
    with torch.device("meta"):
        model = Llama(shape)
    model = model.to_empty(device=device).to(dtype)
    model.lm_head.weight = model.model.embed_tokens.weight
    generator = torch.Generator(device).manual_seed(0)
    with torch.no_grad():
        for p in model.parameters():
            if p.dim() == 1:
                p.fill_(1.0)
            else:
                p.normal_(0, 0.02, generator=generator)
    return model


def prompts(rows: int, length: int, vocab: int) -> list[list[int]]:
    """Random tokens, no two alike; never the end."""
    drawn = torch.randint(2, vocab, (rows, length), generator=torch.Generator().manual_seed(0))
    return [list(row) for row in drawn.tolist()]


def agreement(
    shape: Shape, precision: str, device: str, rows: int = 4, length: int = 24, new: int = 16
) -> dict[str, Any]:
    """Mean distance of the engine's log-probabilities from a full forward's and from training's, over two turns."""
    model = fresh(shape, getattr(torch, precision), device)
    engine, line = Engine(model, rows, END, torch.Generator().manual_seed(0)), list(range(2, 8))
    talks, news = [Row(i) for i in range(rows)], prompts(rows, length, shape.vocab_size)
    for row, prompt in zip(talks, news, strict=True):
        row.given(prompt)
    for turn in range(2):
        said = engine.speak(list(range(rows)), news, new)
        for row, s in zip(talks, said, strict=True):
            row.sampled(s, turn)
            row.given(line if s.ended else [END, *line])
        news = [[*engine.pending(s), *line] for s in said]
    full: list[float] = []
    trained: list[float] = []
    with torch.no_grad():
        for row in talks:
            logprobs = torch.log_softmax(model.head(model.hidden(torch.tensor([row.ids], device=device))), -1)[
                0
            ]  # (T, V)
            full += [float(logprobs[t - 1, row.ids[t]]) - row.logprobs[t] for t, own in enumerate(row.policy) if own]
        for batch in micro_batches(talks, range(rows), END, 4_096, packed=device != "cpu"):
            batch = batch.to(model.device)
            trained += (policy_logprobs(model, batch)[0] - batch.old).tolist()
    found = {name: sum(map(abs, gaps)) / len(gaps) for name, gaps in (("forward", full), ("training", trained))}
    return {**found, "tokens": len(full), "ok": all(gap < BOUNDS[precision] for gap in found.values())}


def learning(device: str, tiny: bool) -> dict[str, Any]:
    """Emotion by update of a short nano run on the real environment."""
    small: dict[str, Any] = {"scenarios": 2, "group": 2, "max_turns": 2, "eval_episodes": 2} if tiny else {}
    preset = replace(PRESETS["nano"], steps=2 if tiny else 10, eval_every=100, save_every=100, **small)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        build(preset, "direct", 0, Path(folder), device).run()
        seconds = time.perf_counter() - began
        lines = (Path(folder) / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    emotion = [row["emotion"] for row in rows if "emotion" in row]
    mismatch = [row["mismatch"] for row in rows if "mismatch" in row]
    third = max(1, len(emotion) // 3)
    rose = sum(emotion[-third:]) > sum(emotion[:third])
    return {
        "updates": preset.steps, "seconds": round(seconds, 2), "emotion": [round(e, 2) for e in emotion], "rose": rose,
        "mismatch": max(mismatch, default=None), "ok": all(math.isfinite(x) for x in (*emotion, *mismatch)),
    }  # fmt: skip


def decoding(model: Llama, rows: int, length: int, new: int, bandwidth: float) -> dict[str, Any]:
    """Ours: tokens a second with prefill, one decode step, and its share of the bandwidth."""
    given = prompts(rows, length, model.shape.vocab_size)
    engine = Engine(model, rows, END, torch.Generator().manual_seed(0), slots=length + new + 1)
    with endless(model, END):
        spent = seconds_of(lambda: spoken(engine, given, new), model.device)
    step = decode_step(model, given, new, END)
    moved = decode_bytes(model.shape.to_config(), rows, length + new / 2, model.dtype.itemsize)
    return {"tokens_per_second": rows * new / spent, "decode_step_ms": 1000 * step, "mbu": moved / step / bandwidth}


def training(model: Llama, rows: int, length: int, new: int, tokens: int, peak: float) -> dict[str, Any]:
    """Ours: forward and backward passes without an optimiser, so that 4 billion weights fit; all tokens count."""
    talks = []
    for i, prompt in enumerate(prompts(rows, length + new, model.shape.vocab_size)):
        talks.append(Row(i))
        talks[-1].given(prompt[:length])
        talks[-1].sampled(Sampled(prompt[length:], [-1.0] * new, False), 0)
    batches = micro_batches(talks, range(rows), END, tokens, packed=model.device.type != "cpu")
    model.checkpointing = model.shape.hidden_size > 2_000  # otherwise activations of the 4B shape fill the card

    def passes() -> None:
        for batch in batches:
            policy_logprobs(model, batch.to(model.device))[0].sum().backward()
        model.zero_grad(set_to_none=True)

    spent = seconds_of(passes, model.device)
    flops = update_flops(model.shape.to_config(), [length + new] * rows, rows * new)
    return {
        "tokens_per_second": rows * (length + new) / spent, "mfu": flops / spent / peak, "micro_batch": tokens,
        "checkpointing": model.checkpointing,
    }  # fmt: skip


def transformers_decoding(
    shape: Shape, device: str, dtype: torch.dtype, rows: int, length: int, new: int
) -> dict[str, Any]:
    """Transformers on the same shape: tokens a second with prefill, batched and by continuous batching; a message where it cannot."""
    from transformers import AutoConfig, AutoModelForCausalLM, ContinuousBatchingConfig, GenerationConfig

    given = prompts(rows, length, shape.vocab_size)
    kept = {k: v for k, v in shape.to_config().items() if k not in ("model_type", "architectures", "rope_theta")}
    config = AutoConfig.for_model(shape.model_type, **kept, rope_parameters={"rope_type": "default", "rope_theta": shape.rope_theta})  # fmt: skip
    with torch.device(device):
        model = AutoModelForCausalLM.from_config(config, dtype=dtype).eval()
    plan = GenerationConfig(
        max_new_tokens=new, min_new_tokens=new, do_sample=True, top_k=0, eos_token_id=END, pad_token_id=END
    )
    ids = torch.tensor(given, device=device)
    # Left to itself it fills most of the memory with its cache, which on a CPU takes minutes and tells nothing.
    cache = (
        ContinuousBatchingConfig(num_blocks=4 * rows, max_batch_tokens=rows * (length + new))
        if device == "cpu"
        else None
    )
    jobs = {
        "generate": lambda: model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=plan),
        "continuous_batching": lambda: _whole(model.generate_batch(given, plan, cache, progress_bar=False), rows * new),
    }
    found: dict[str, Any] = {}
    for name, job in jobs.items():
        try:
            with torch.no_grad():
                found[name] = rows * new / seconds_of(job, torch.device(device))
        except Exception as error:  # another library's, on a device of which nothing is known
            found[name] = f"{type(error).__name__}: {error}"[:200]
    return found


def _whole(outputs: dict[str, Any], tokens: int) -> None:
    found = sum(len(output.generated_tokens) for output in outputs.values())
    if found != tokens:
        raise RuntimeError(f"expected {tokens} tokens, got {found}")


def seconds_of(job: Callable[[], Any], device: torch.device) -> float:
    """Of the second run: the first compiles, captures and fills caches."""
    job()
    settle(device)
    began = time.perf_counter()
    job()
    settle(device)
    return time.perf_counter() - began


def spoken(engine: Engine, given: list[list[int]], new: int) -> None:
    """One reply to each prompt, from nothing."""
    for row in range(len(given)):
        engine.forget(row)
    engine.speak(list(range(len(given))), given, new)


def timings(shape: Shape, device: str, tiny: bool, peak: float, bandwidth: float) -> dict[str, Any]:
    """All figures of one shape."""
    dtype = torch.float32 if device == "cpu" else torch.bfloat16
    rows, length, new, tokens = (4, 12, 6, 64) if tiny else (128, 250, 128, 16_384)
    if device != "cpu":
        torch.cuda.reset_peak_memory_stats()
    model = fresh(shape, dtype, device)
    found: dict[str, Any] = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "rows": rows,
        "prompt": length,
        "new": new,
    }
    found["decode"] = told("decode", decoding(model, rows, length, new, bandwidth))
    found["train"] = told("train", training(model, rows, length, new, tokens, peak))
    if device != "cpu":
        found["peak_gigabytes"] = torch.cuda.max_memory_allocated() / 1e9
    del model
    _free(device)
    found["transformers"] = told("transformers", transformers_decoding(shape, device, dtype, rows, length, new))
    _free(device)
    return found


def told(name: str, part: dict[str, Any]) -> dict[str, Any]:
    """The part, after saying it: what follows may take long, or all memory."""
    print(json.dumps({name: part}), file=sys.stderr, flush=True)
    return part


def _free(device: str) -> None:
    gc.collect()
    if device != "cpu":
        torch.cuda.empty_cache()


def main(argv: list[str] | None = None) -> int:
    """Run all; 0 if every check holds, 1 if one does not, 2 without the device."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--tiny", action="store_true", help="small shapes and few updates, to see that it runs")
    parser.add_argument("--shapes", nargs="+", choices=sorted(SHAPES), help="which to time; default: all")
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args(argv)
    if args.device == "cuda" and not torch.cuda.is_available():
        print("gpu_smoke: expected a CUDA device, got none (--device cpu --tiny runs without)", file=sys.stderr)
        return 2
    shapes = TINY if args.tiny else {name: SHAPES[name] for name in args.shapes or SHAPES}
    first = next(iter(shapes.values()))
    dtype = torch.float32 if args.device == "cpu" else torch.bfloat16
    peak = matmul_peak(dtype, args.device, (256,) if args.tiny else (4_096, 8_192))
    bandwidth = copy_bandwidth(args.device, 2**24 if args.tiny else 2**30)
    found: dict[str, Any] = {
        "device": torch.cuda.get_device_name() if args.device == "cuda" else "cpu",
        "matmul_flops": peak,
        "copy_bytes_per_second": bandwidth,
        "agreement": told("agreement", {p: agreement(first, p, args.device) for p in BOUNDS}),
        "learning": told("learning", learning(args.device, args.tiny)),
    }
    _free(args.device)
    found["shapes"] = {n: timings(shape, args.device, args.tiny, peak, bandwidth) for n, shape in shapes.items()}
    found["ok"] = found["learning"]["ok"] and all(a["ok"] for a in found["agreement"].values())
    print(json.dumps(found, indent=1))
    if args.record:
        append("gpu_smoke", found)
    return 0 if found["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
