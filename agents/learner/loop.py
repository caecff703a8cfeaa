"""The training loop: roll out, weigh, step; resumable to the same bits on a CPU.

Simplifications against the papers: sampling and training use the same weights and one optimiser step (unless ``minibatches`` says
otherwise), so the ratio is 1 and ``clip="none"`` is exact; no reference model is held unless ``kl`` asks for one.
"""

from __future__ import annotations

import copy
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from agents.learner import advantages as adv
from agents.learner import checkpoint
from agents.learner.batch import MicroBatch, micro_batches, policy_logprobs, policy_states
from agents.learner.chat import ChatFormat
from agents.learner.llama import Llama
from agents.learner.losses import kl_to, policy_loss, token_weights, value_loss
from agents.learner.metrics import Metrics
from agents.learner.rollout import Rollout, rollout
from agents.presets import Preset
from empathy_gym.envs.vector import EmpathySupportVectorEnv
from empathy_gym.seeker import bank
from empathy_gym.seeker.keyed import draw


class Critic(nn.Module):
    """A value for every token: a copy of the policy's trunk with a scalar head."""

    def __init__(self, policy: Llama) -> None:
        super().__init__()
        self.trunk = copy.deepcopy(policy)
        self.out = nn.Linear(policy.shape.hidden_size, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, batch: MicroBatch) -> Tensor:
        """(M,) values of the states from which the policy tokens were predicted."""
        return self.out(policy_states(self.trunk, batch))[:, 0].float()


class Trainer:
    """One training run.

    Args:
        model: the policy; trained in place.
        chat: its format.
        preset: what to do.
        scaffold: ``thinking`` or ``direct``.
        seed: of everything that is drawn.
        out: where metrics and checkpoints go.
    """

    def __init__(self, model: Llama, chat: ChatFormat, preset: Preset, scaffold: str, seed: int, out: Path) -> None:
        self.model, self.chat, self.preset, self.scaffold, self.seed, self.out = (
            model,
            chat,
            preset,
            scaffold,
            seed,
            out,
        )
        self.step = 0
        self.seconds = 0.0
        self.generator = torch.Generator().manual_seed(seed)
        self.optimiser = torch.optim.AdamW(model.parameters(), lr=preset.rate, betas=(0.9, 0.95), weight_decay=0.0)
        self.critic = Critic(model) if preset.advantage == "gae" else None
        self.critic_optimiser = (
            torch.optim.AdamW(self.critic.parameters(), lr=preset.critic_rate, weight_decay=0.0)
            if self.critic
            else None
        )
        self.reference = copy.deepcopy(model).requires_grad_(False) if preset.kl else None
        self.env = EmpathySupportVectorEnv(
            preset.scenarios * preset.group, autoreset_mode="DISABLED", scaffold=scaffold, difficulty=preset.difficulty,
            reward="final" if preset.advantage in ("grpo", "rloo") else "change", max_turns=preset.max_turns, format_penalty=preset.format_penalty,
        )  # fmt: skip
        self.eval_env = EmpathySupportVectorEnv(
            preset.eval_episodes, autoreset_mode="DISABLED", scaffold=scaffold, difficulty=preset.difficulty, split="dev",
            max_turns=preset.max_turns, format_penalty="none",
        )  # fmt: skip

    # -- one update ---------------------------------------------------------------------------------------------------

    def _sample(self) -> Rollout:
        """Groups on scenarios fixed by (seed, step): the same at every resumption."""
        p = self.preset
        keys = [draw(self.seed, self.step, f"scenario/{i}") for i in range(p.scenarios)]
        scenarios = [bank.pick("train", key) for key in keys for _ in range(p.group)]
        seeds = [key % 2**31 for key in keys for _ in range(p.group)]
        groups = [i for i in range(p.scenarios) for _ in range(p.group)]
        return rollout(
            self.model,
            self.chat,
            self.env,
            scenarios,
            seeds,
            groups,
            self.generator,
            p.max_new,
            p.temperature,
            p.keep_thoughts,
        )

    def _turn_advantages(self, batch: Rollout) -> list[list[float]]:
        """An advantage for each turn of each episode (not for ``gae``)."""
        p = self.preset
        if p.advantage == "turn":
            found = adv.turn_level(batch.rewards, batch.groups, p.gamma)
        else:
            totals = [sum(r) for r in batch.rewards]
            flat = adv.grpo(totals, batch.groups) if p.advantage == "grpo" else adv.leave_one_out(totals, batch.groups)
            found = [[a] * len(r) for a, r in zip(flat, batch.rewards, strict=True)]
        return adv.batch_scaled(found) if p.scale and p.advantage != "grpo" else found

    def _update(self, batch: Rollout) -> dict[str, float]:
        p = self.preset
        counts = [sum(row.policy) for row in batch.rows]
        episodes = len(batch.rewards)
        share = [1.0] * len(batch.rows)
        if len(batch.rows) != episodes:  # one row a turn: a dialogue still weighs as one
            per = [sum(r.episode == e for r in batch.rows) for e in range(episodes)]
            share = (
                [len(batch.rows) / episodes / per[row.episode] for row in batch.rows]
                if p.aggregation == "row"
                else share
            )
        constant = p.max_new * p.max_turns * episodes // max(1, len(batch.rows))
        weights = [w * s for w, s in zip(token_weights(counts, p.aggregation, max(1, constant)), share, strict=True)]
        micro = [m for m in micro_batches(batch.rows, self.chat.pad, p.tokens)]
        targets = self._targets(batch, micro)
        if all(float(a.abs().max()) == 0 for a, _ in targets if len(a)):
            return {"skipped": 1.0, "loss": 0.0}
        totals: dict[str, float] = {"loss": 0.0, "entropy": 0.0, "mismatch": 0.0, "tokens": 0.0, "value_loss": 0.0}
        parts = [list(range(i, len(micro), p.minibatches)) for i in range(p.minibatches)]
        for part in [x for x in parts if x]:
            scale = len(parts) if len(parts) > 1 else 1
            self.optimiser.zero_grad(set_to_none=True)
            if self.critic_optimiser:
                self.critic_optimiser.zero_grad(set_to_none=True)
            for i in part:
                self._backward(micro[i], targets[i], batch, weights, scale, totals)
            totals["grad_norm"] = float(nn.utils.clip_grad_norm_(self.model.parameters(), p.grad_clip))
            for group in self.optimiser.param_groups:
                group["lr"] = p.rate * min(1.0, (self.step + 1) / max(1, p.warmup))
            self.optimiser.step()
            if self.critic and self.critic_optimiser:
                nn.utils.clip_grad_norm_(self.critic.parameters(), p.grad_clip)
                self.critic_optimiser.step()
        n = max(1.0, totals.pop("tokens"))
        totals["entropy"] /= n
        totals["mismatch"] /= n
        return {**totals, "skipped": 0.0}

    def _backward(
        self,
        m: MicroBatch,
        target: tuple[Tensor, Tensor],
        batch: Rollout,
        weights: list[float],
        scale: float,
        totals: dict[str, float],
    ) -> None:
        """Accumulate one micro-batch's gradients; weights are shares of the whole batch, so accumulation changes nothing."""
        p = self.preset
        advantage, returns = target
        device = self.model.model.embed_tokens.weight.device
        old = torch.tensor(
            [batch.rows[m.origin[b]].logprobs[t] for b, t in zip(m.rows.tolist(), m.columns.tolist(), strict=True)],
            device=device,
        )
        w = torch.tensor([weights[m.origin[b]] for b in m.rows.tolist()], device=device) * scale  # (M,)
        logprobs, entropy = policy_logprobs(self.model, policy_states(self.model, m), m.targets)
        loss = policy_loss(logprobs, old, advantage.to(device), w, p.clip)
        if self.reference is not None:
            with torch.no_grad():
                base, _ = policy_logprobs(self.reference, policy_states(self.reference, m), m.targets)
            loss = loss + p.kl * kl_to(logprobs, base, w)
        loss.backward()
        if self.critic is not None:
            v_loss = value_loss(
                self.critic(m), returns.to(device), torch.full_like(w, scale / sum(sum(r.policy) for r in batch.rows))
            )
            v_loss.backward()
            totals["value_loss"] += float(v_loss)
        totals["loss"] += float(loss)
        totals["entropy"] += float(entropy.sum())
        totals["mismatch"] += float((logprobs.detach() - old).abs().sum())
        totals["tokens"] += len(m.targets)

    def _targets(self, batch: Rollout, micro: list[MicroBatch]) -> list[tuple[Tensor, Tensor]]:
        """``(advantages, returns)`` of the policy tokens of each micro-batch, in its order."""
        if self.critic is not None:
            return self._critic_targets(batch, micro, self.critic)
        by_turn = self._turn_advantages(batch)
        found = []
        for m in micro:
            values = [
                by_turn[batch.rows[m.origin[b]].episode][batch.rows[m.origin[b]].turn_of[t]]
                for b, t in zip(m.rows.tolist(), m.columns.tolist(), strict=True)
            ]
            found.append((torch.tensor(values), torch.zeros(len(values))))
        return found

    def _critic_targets(self, batch: Rollout, micro: list[MicroBatch], critic: Critic) -> list[tuple[Tensor, Tensor]]:
        p = self.preset
        found = []
        for m in micro:
            with torch.no_grad():
                values = critic(m).cpu()
            a, r = torch.zeros(len(values)), torch.zeros(len(values))
            for b, i in enumerate(m.origin):
                own = torch.nonzero(m.rows == b)[:, 0]
                row = batch.rows[i]
                turns = [row.turn_of[t] for t in m.columns[own].tolist()]
                paid = batch.rewards[row.episode]
                ends = [j + 1 == len(turns) or turns[j + 1] != turn for j, turn in enumerate(turns)]
                rewards = torch.tensor([paid[turn] if end else 0.0 for turn, end in zip(turns, ends, strict=True)])
                if not p.keep_thoughts:  # one row a turn: the rest of the dialogue's reward counts at its end
                    rewards[-1] = sum(paid[turns[-1] :])
                a[own], r[own] = adv.gae(rewards, values[own], p.gamma, p.lam)
            found.append((a, r))
        flat = torch.cat([a for a, _ in found])
        mean, deviation = flat.mean(), flat.std().clamp_min(adv.FLOOR)
        return [((a - mean) / deviation, r) for a, r in found]

    # -- the run ------------------------------------------------------------------------------------------------------

    def evaluate(self) -> dict[str, float]:
        """Mean final emotion on dev seekers, the same ones each time."""
        n = self.preset.eval_episodes
        keys = [draw(0, i, "dev") for i in range(n)]
        found = rollout(
            self.model, self.chat, self.eval_env, [bank.pick("dev", k) for k in keys], [k % 2**31 for k in keys], list(range(n)),
            torch.Generator().manual_seed(1), self.preset.max_new,
        )  # fmt: skip
        return {
            "dev_emotion": sum(found.final) / n,
            "dev_format": found.well_formed,
            "dev_reply_tokens": found.reply_tokens,
        }

    def run(self, steps: int | None = None) -> None:
        """Train to ``preset.steps`` (or ``steps``); interrupt it at any time, it goes on from the last checkpoint."""
        p = self.preset
        last = p.steps if steps is None else steps
        metrics = Metrics(self.out, self.step)
        bar = tqdm(total=last, initial=self.step, desc=f"{self.scaffold} {self.seed}")
        try:
            while self.step < last:
                began = time.perf_counter()
                values = self.evaluate() if self.step % p.eval_every == 0 else {}
                mark = time.perf_counter()
                batch = self._sample()
                values |= self._update(batch)
                values |= _summary(batch)
                values["update_seconds"] = time.perf_counter() - mark - batch.seconds
                self.seconds += time.perf_counter() - began
                values["seconds"] = self.seconds
                metrics.write(self.step, values)
                self.step += 1
                if self.step % p.save_every == 0 or self.step == last:
                    self.save()
                bar.update()
                bar.set_postfix(emotion=f"{values['emotion']:.1f}", entropy=f"{values.get('entropy', 0):.2f}")
            metrics.write(self.step, {**self.evaluate(), "seconds": self.seconds})
        except KeyboardInterrupt:
            bar.write("interrupted; the last checkpoint stays")
            raise
        finally:
            bar.close()
            metrics.close()

    def save(self) -> None:
        """Write the checkpoint and, beside it, the policy as a folder that transformers reads."""
        state: dict[str, Any] = {
            "step": self.step,
            "seconds": self.seconds,
            "preset": asdict(self.preset),
            "scaffold": self.scaffold,
            "seed": self.seed,
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "generator": self.generator.get_state(),
        }
        if self.critic and self.critic_optimiser:
            state |= {"critic": self.critic.state_dict(), "critic_optimiser": self.critic_optimiser.state_dict()}
        checkpoint.save(self.out / "checkpoint.pt", state)

    def restore(self) -> bool:
        """Go on from the checkpoint, if there is one.

        Raises:
            ValueError: if it belongs to another scaffold, seed or preset.
        """
        path = self.out / "checkpoint.pt"
        if not path.exists():
            return False
        state = checkpoint.load(path)
        mine = {**asdict(self.preset), "steps": 0}
        theirs = {**state["preset"], "steps": 0}
        if (state["scaffold"], state["seed"]) != (self.scaffold, self.seed) or mine != theirs:
            differs = [k for k in mine if mine[k] != theirs.get(k)]
            raise ValueError(
                f"{path}: expected a run of {self.scaffold}, seed {self.seed}, got {state['scaffold']}, seed {state['seed']}; differs in {differs}"
            )
        self.step, self.seconds = state["step"], state["seconds"]
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.generator.set_state(state["generator"])
        if self.critic and self.critic_optimiser:
            self.critic.load_state_dict(state["critic"])
            self.critic_optimiser.load_state_dict(state["critic_optimiser"])
        return True


def _summary(batch: Rollout) -> dict[str, float]:
    n = len(batch.final)
    skills: dict[str, float] = {}
    for info in batch.infos:
        for name, amount in info["skills"].items():
            skills[f"skill/{name}"] = skills.get(f"skill/{name}", 0.0) + amount / 1000 / n
    outcomes = [info["outcome"] for info in batch.infos]
    return {
        "emotion": sum(batch.final) / n,
        "reward": sum(sum(r) for r in batch.rewards) / n,
        "helped": outcomes.count("helped") / n,
        "left": outcomes.count("left") / n,
        "format": batch.well_formed,
        "truncated": batch.truncated,
        "reply_tokens": batch.reply_tokens,
        "turns": sum(len(r) for r in batch.rewards) / n,
        "rollout_seconds": batch.seconds,
        "env_seconds": batch.env_seconds,
        "rollout_tokens_per_second": batch.new_tokens / batch.seconds,
        **skills,
    }
