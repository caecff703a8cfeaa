"""The training loop: roll out, weigh, step. Resumable to the same bits on a CPU.

Simplifications against the papers: the weights that sample are the weights that train, so with one optimiser step a rollout the ratio is 1 and
``clip="none"`` is exact; no reference model is held unless ``kl`` asks for one.

M policy tokens of a rollout, numbered row by row.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gymnasium as gym
import torch
from torch import Tensor
from tqdm import tqdm

import empathy_gym  # noqa: F401  (registers the ids)
from agents.learner import advantages as adv
from agents.learner import checkpoint
from agents.learner.batch import MicroBatch, micro_batches, policy_logprobs
from agents.learner.chat import MAX_LINE_TOKENS, ChatFormat
from agents.learner.critic import Critic
from agents.learner.interrupt import Interrupt
from agents.learner.llama import Llama
from agents.learner.losses import kl_to, policy_loss, token_ratio, token_weights, value_loss
from agents.learner.metrics import Metrics
from agents.learner.optimiser import Optimiser
from agents.learner.rollout import Rollout, rollout
from agents.presets import Preset
from empathy_gym.seeker.keyed import draw

MakeEnv = Callable[[str], "gym.Env[str, str]"]
"""From a split to a text environment."""


class Trainer:
    """One training run.

    Args:
        model: the policy; trained in place, where it is.
        chat: its format.
        preset: what to do.
        scaffold: ``thinking`` or ``direct``.
        seed: of everything that is drawn.
        out: where metrics and checkpoints go.
        make_env: other environments than ``EmpathySupport-v0``; their infos need ``emotion``, ``emotion_change``, ``skills`` and ``outcome``.
    """

    def __init__(
        self,
        model: Llama,
        chat: ChatFormat,
        preset: Preset,
        scaffold: str,
        seed: int,
        out: Path,
        make_env: MakeEnv | None = None,
    ) -> None:
        if scaffold not in ("thinking", "direct"):
            raise ValueError(f"scaffold: expected thinking or direct, got {scaffold!r}")
        need = len(chat.begin(scaffold)) + preset.max_turns * (MAX_LINE_TOKENS + chat.glue + preset.max_new + 1)
        if need > model.shape.max_position_embeddings:
            raise ValueError(
                f"max_turns, max_new: expected talks within the model's {model.shape.max_position_embeddings} positions, got up to {need}"
            )
        self.model, self.chat, self.preset = model, chat, preset
        self.scaffold, self.seed, self.out = scaffold, seed, out
        self.step, self.seconds = 0, 0.0
        self.generator = torch.Generator().manual_seed(seed)
        self.optimiser = Optimiser(model, preset.rate, preset.warmup, preset.grad_clip)
        self.critic = Critic(model) if preset.advantage == "gae" else None
        self.critic_optimiser = (
            Optimiser(self.critic, preset.critic_rate, preset.warmup, preset.grad_clip) if self.critic else None
        )
        self.reference = copy.deepcopy(model).requires_grad_(False) if preset.kl else None
        make = make_env or self._make_env
        self.envs = [make("train") for _ in range(preset.scenarios * preset.group)]
        self.eval_envs = [make("dev") for _ in range(preset.eval_episodes)]

    def _make_env(self, split: str) -> gym.Env[str, str]:
        p = self.preset
        return gym.make(
            "EmpathySupport-v0", disable_env_checker=True, scaffold=self.scaffold, difficulty=p.seeker, split=split,
            reward=p.reward, max_turns=p.max_turns, format_penalty=p.format_penalty,
        )  # fmt: skip

    # -- one update ---------------------------------------------------------------------------------------------------

    def play(self) -> Rollout:
        """Groups of dialogues on seeds fixed by (seed, step), the same at every resumption."""
        p = self.preset
        seeds = [draw(self.seed, self.step, f"group/{g}") % 2**31 for g in range(p.scenarios)]
        groups = [g for g in range(p.scenarios) for _ in range(p.group)]
        return self._rollout(self.envs, [seeds[g] for g in groups], groups, self.generator)

    def _rollout(self, envs: list[Any], seeds: list[int], groups: list[int], generator: torch.Generator) -> Rollout:
        p, nobody = self.preset, [None] * len(envs)
        keep = p.keep_thoughts or self.scaffold == "direct"
        return rollout(
            self.model, self.chat, envs, self.scaffold, nobody, seeds, groups, generator, p.max_new, keep
        )  # fmt: skip

    def learn(self, batch: Rollout) -> dict[str, float]:
        """Step the weights on a rollout."""
        p, rows = self.preset, batch.rows
        advantages, returns = self._credit(batch)
        found = {"advantage_std": float(advantages.std()) if len(advantages) > 1 else 0.0, "skipped": 0.0}
        if not advantages.any():  # no dialogue did better than another: nothing to learn, and nothing to divide by
            return {**found, "skipped": 1.0}
        counts = [sum(row.policy) for row in rows]
        weights = torch.tensor(
            token_weights(counts, [row.episode for row in rows], p.aggregation, p.max_new * p.max_turns)
        ).repeat_interleave(torch.tensor(counts))  # (M,)
        even = torch.full_like(weights, 1 / max(1, len(weights)))  # the critic's, and the metrics'
        totals: dict[str, float] = {}
        for _ in range(p.epochs):
            order = list(range(len(rows)))
            if p.minibatches > 1:
                order = torch.randperm(len(rows), generator=self.generator).tolist()
            for k in range(p.minibatches):
                part = order[k :: p.minibatches]
                for m in micro_batches(rows, part, self.chat.pad, p.tokens):
                    scores = self._backward(m.to(self.model.device), advantages, returns, weights * p.minibatches, even)
                    for name, value in scores.items():
                        totals[name] = totals.get(name, 0.0) + value / p.epochs
                totals["grad_norm"] = self.optimiser.step()
                if self.critic_optimiser is not None:
                    totals["critic_grad_norm"] = self.critic_optimiser.step()
        return {**found, **totals}

    def _backward(
        self, m: MicroBatch, advantages: Tensor, returns: Tensor, weights: Tensor, even: Tensor
    ) -> dict[str, float]:
        """Accumulate one micro-batch's gradients; its share of the batch's figures."""
        p, device = self.preset, self.model.device
        advantage, weight, share = (x[m.index].to(device) for x in (advantages, weights, even))  # (M',) each
        logprobs, entropy = policy_logprobs(self.model, m)
        loss = policy_loss(logprobs, m.old, advantage, weight, p.clip)
        with torch.no_grad():
            gap = logprobs - m.old
            beyond = (token_ratio(logprobs, m.old) - 1).abs() > 0.2
            found = {
                "loss": loss, "entropy": (entropy * share).sum(), "mismatch": (gap.abs() * share).sum(),
                "beyond_clip": (beyond * share).sum(),
            }  # fmt: skip
        if self.reference is not None:
            with torch.no_grad():
                base, _ = policy_logprobs(self.reference, m)
            distance = kl_to(logprobs, base, weight)
            loss = loss + p.kl * distance
            found["kl"] = kl_to(logprobs.detach(), base, share)
        loss.backward()
        if self.critic is not None:
            miss = value_loss(self.critic(m), returns[m.index].to(device), share * p.minibatches)
            miss.backward()
            found["value_loss"] = miss / p.minibatches
        return {name: float(value.detach()) for name, value in found.items()}

    def _credit(self, batch: Rollout) -> tuple[Tensor, Tensor]:
        """``(advantages, returns)`` of the policy tokens, both (M,); returns are the critic's targets."""
        if self.critic is not None:
            return self._critic_credit(batch, self.critic)
        p = self.preset
        if p.advantage == "turn":
            found = adv.turn_level(batch.rewards, batch.groups, p.gamma)
        else:
            totals = [sum(r) for r in batch.rewards]
            flat = adv.grpo(totals, batch.groups) if p.advantage == "grpo" else adv.leave_one_out(totals, batch.groups)
            found = [[a] * len(r) for a, r in zip(flat, batch.rewards, strict=True)]
        if p.scale and p.advantage != "grpo":
            found = adv.batch_scaled(found)
        tokens = torch.tensor([found[row.episode][turn] for row in batch.rows for turn in row.turns])
        return tokens, torch.zeros_like(tokens)

    def _critic_credit(self, batch: Rollout, critic: Critic) -> tuple[Tensor, Tensor]:
        """GAE over each row's policy tokens, whitened over the batch as PPO does."""
        p, everything = self.preset, range(len(batch.rows))
        values = torch.zeros(sum(len(row.turns) for row in batch.rows))
        with torch.no_grad():
            for m in micro_batches(batch.rows, everything, self.chat.pad, p.tokens):
                values[m.index] = critic(m.to(self.model.device)).cpu()
        advantages, returns, start = torch.zeros_like(values), torch.zeros_like(values), 0
        for row in batch.rows:
            turns, paid = row.turns, batch.rewards[row.episode]
            own = slice(start, start + len(turns))
            start += len(turns)
            last = [i + 1 == len(turns) or turns[i + 1] != turn for i, turn in enumerate(turns)]
            rewards = torch.tensor([paid[turn] if end else 0.0 for turn, end in zip(turns, last, strict=True)])
            if turns[-1] + 1 < len(paid):  # one row a turn: what the rest of the dialogue pays counts at its end
                rewards[-1] = sum(paid[turns[-1] :])
            advantages[own], returns[own] = adv.gae(rewards, values[own], p.gamma, p.lam)
        deviation = advantages.std() if len(advantages) > 1 else torch.tensor(0.0)
        return (advantages - advantages.mean()) / deviation.clamp_min(adv.FLOOR), returns

    # -- the run ------------------------------------------------------------------------------------------------------

    def evaluate(self) -> dict[str, float]:
        """Figures on dev seekers, the same seekers and random numbers each time."""
        n = len(self.eval_envs)
        seeds = [draw(0, i, "dev") % 2**31 for i in range(n)]
        batch = self._rollout(self.eval_envs, seeds, list(range(n)), torch.Generator().manual_seed(1))
        figures = _figures(batch)
        chosen = ("emotion", "helped", "left", "format", "reply_tokens")
        return {f"dev_{k}": v for k, v in figures.items() if k in chosen or k.startswith("skill/")}

    def run(self, until: int | None = None) -> bool:
        """Train up to step ``until`` (default: the preset's). Ctrl-C ends the run after the update at hand, with a checkpoint.

        Returns:
            Whether the run came to its end.
        """
        p, last = self.preset, until or self.preset.steps
        metrics = Metrics(self.out, self.step)
        bar = tqdm(total=last, initial=self.step, desc=f"{self.scaffold} {self.seed}", unit="update")
        try:
            with Interrupt() as interrupt:
                while self.step < last and not interrupt.asked:
                    began = time.perf_counter()
                    values = self.evaluate() if self.step % p.eval_every == 0 else {}
                    batch = self.play()
                    mark = time.perf_counter()
                    values |= self.learn(batch)
                    values |= _figures(batch) | _speed(batch, time.perf_counter() - mark)
                    self.seconds += time.perf_counter() - began
                    metrics.write(self.step, {**values, "seconds": self.seconds})
                    self.step += 1
                    if self.step % p.save_every == 0 or self.step == last or interrupt.asked:
                        self.save()
                    bar.update()
                    bar.set_postfix(emotion=f"{values['emotion']:.1f}", entropy=f"{values.get('entropy', 0):.2f}")
                if self.step >= last:
                    metrics.write(self.step, {**self.evaluate(), "seconds": self.seconds})
        finally:
            bar.close()
            metrics.close()
        return self.step >= last

    def save(self) -> None:
        """Write the checkpoint."""
        state: dict[str, Any] = {
            "step": self.step, "seconds": self.seconds, "preset": asdict(self.preset), "scaffold": self.scaffold, "seed": self.seed,
            "model": self.model.state_dict(), "optimiser": self.optimiser.state_dict(), "generator": self.generator.get_state(),
        }  # fmt: skip
        if self.critic is not None and self.critic_optimiser is not None:
            state |= {"critic": self.critic.state_dict(), "critic_optimiser": self.critic_optimiser.state_dict()}
        checkpoint.save(self.out / "checkpoint.pt", state)

    def restore(self) -> bool:
        """Go on from the checkpoint, if there is one.

        Raises:
            ValueError: if it belongs to another scaffold, seed or preset (more steps are welcome).
        """
        path = self.out / "checkpoint.pt"
        if not path.exists():
            return False
        state = checkpoint.load(path)
        mine = {**asdict(self.preset), "steps": 0, "scaffold": self.scaffold, "seed": self.seed}
        theirs = {**state["preset"], "steps": 0, "scaffold": state["scaffold"], "seed": state["seed"]}
        differs = [f"{k}={mine.get(k)!r}, got {theirs.get(k)!r}" for k in mine | theirs if mine.get(k) != theirs.get(k)]
        if differs:
            raise ValueError(f"{path}: expected a run with {'; '.join(differs)}")
        self.step, self.seconds = state["step"], state["seconds"]
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.generator.set_state(state["generator"])
        if self.critic is not None and self.critic_optimiser is not None:
            self.critic.load_state_dict(state["critic"])
            self.critic_optimiser.load_state_dict(state["critic_optimiser"])
        return True


def _figures(batch: Rollout) -> dict[str, float]:
    """What came of the dialogues: points, shares and means."""
    n, totals = len(batch.infos), [sum(r) for r in batch.rewards]
    outcomes = [info["outcome"] for info in batch.infos]
    flat = [
        g for g in set(batch.groups) if len({t for t, own in zip(totals, batch.groups, strict=True) if own == g}) == 1
    ]
    skills: dict[str, float] = {}
    for info in batch.infos:
        for name, amount in info["skills"].items():
            skills[f"skill/{name}"] = skills.get(f"skill/{name}", 0.0) + amount / 1000 / n
    return {
        "emotion": sum(batch.final) / n,
        "reward": sum(totals) / n,
        "reward_std": float(torch.tensor(totals).std()) if n > 1 else 0.0,
        "flat_groups": len(flat) / len(set(batch.groups)),
        "helped": outcomes.count("helped") / n,
        "left": outcomes.count("left") / n,
        "format": batch.well_formed,
        "truncated": batch.truncated,
        "turns": batch.replies / n,
        "reply_tokens": batch.tokens / batch.replies,
        **skills,
    }


def _speed(batch: Rollout, learn_seconds: float) -> dict[str, float]:
    tokens = sum(len(row.ids) for row in batch.rows)
    return {
        "rollout_seconds": batch.seconds,
        "env_seconds": batch.env_seconds,
        "update_seconds": learn_seconds,
        "rollout_tokens_per_second": batch.tokens / batch.seconds,
        "update_tokens_per_second": tokens / learn_seconds,
    }
