"""The training loop: roll out, weigh, step. Resumable to the same bits on a CPU.

Simplifications against the papers: the weights that sample are the weights that train, so with one optimiser step a rollout the ratio is 1 and
``clip="none"`` is exact; no reference model is held unless ``kl`` asks for one.

With a team every process plays its share of the groups, and gradients, what they are divided by and figures are those of the whole batch. What is
drawn is keyed by seed and step, so neither a resumption nor the number of processes changes it.

M policy tokens of a rollout, numbered row by row.
"""

from __future__ import annotations

import copy
import math
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gymnasium as gym
import torch
from torch import Tensor, nn
from tqdm import tqdm

import empathy_gym  # noqa: F401  (registers the ids)
from agents.learner import checkpoint
from agents.learner.alarms import Alarms
from agents.learner.batch import MicroBatch, Scorer, micro_batches
from agents.learner.chat import MAX_LINE_TOKENS, ChatFormat
from agents.learner.credit import critic_credit, group_credit
from agents.learner.critic import Critic
from agents.learner.curriculum import Curriculum
from agents.learner.engine import Engine
from agents.learner.figures import Tally, figures, speed
from agents.learner.interrupt import Interrupt
from agents.learner.llama import Llama
from agents.learner.lora import Lora
from agents.learner.losses import kl_to, policy_loss, token_ratio, token_weights, value_loss
from agents.learner.metrics import Metrics
from agents.learner.optimiser import Optimiser
from agents.learner.parallel import Team
from agents.learner.probe import information
from agents.learner.refill import rollout_refilled
from agents.learner.rollout import Rollout, Row
from agents.learner.shard import ShardedOptimiser, load, shard, whole
from agents.learner.weights import digest
from agents.presets import Preset
from empathy_gym.seeker.keyed import draw
from empathy_gym.seeker.seeker import DYNAMICS_VERSION

LOST = 3
"""Updates in a row whose gradients hold inf or nan, after which a run ends: one may be chance, more are not."""

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
        team: the processes that train together.
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
        team: Team = Team(),  # noqa: B008  (frozen)
    ) -> None:
        if scaffold not in ("thinking", "direct"):
            raise ValueError(f"scaffold: expected thinking or direct, got {scaffold!r}")
        need = len(chat.begin(scaffold)) + preset.max_turns * (MAX_LINE_TOKENS + chat.glue + preset.max_new + 1)
        if need > model.shape.max_position_embeddings:
            raise ValueError(
                f"max_turns, max_new: expected talks within the model's {model.shape.max_position_embeddings} positions, got up to {need}"
            )
        if preset.scenarios % team.size:
            raise ValueError(f"scenarios: expected a multiple of the {team.size} processes, got {preset.scenarios}")
        self.model, self.chat, self.preset, self.team = model, chat, preset, team
        self.scaffold, self.seed, self.out = scaffold, seed, out
        self._identity = {
            "scaffold": scaffold, "seed": seed, "start": digest(model), "dynamics": DYNAMICS_VERSION,
            "weights": str(model.dtype).removeprefix("torch."),
        }  # fmt: skip
        """What a checkpoint has to share with the run that goes on from it, besides the preset."""
        self.step, self.seconds, self._lost = 0, 0.0, 0
        self.curriculum = Curriculum(seed, preset.pool) if preset.pool else None
        self.alarms = Alarms()
        model.checkpointing = preset.checkpointing
        draws = torch.Generator().manual_seed(draw(seed, 0, "lora") % 2**63)
        rank, alpha = preset.lora_rank, preset.lora_alpha
        # The critic copies the policy, so it comes before the policy is adapted.
        self.critic = Critic(model, rank, alpha, draws) if preset.advantage == "gae" else None
        self.lora = Lora(model, rank, alpha, draws) if rank else None
        # An adapted policy is its own reference, with the adapter off.
        apart = bool(preset.kl) and self.lora is None
        self.reference = Scorer(copy.deepcopy(model).requires_grad_(False)) if apart else None
        self.sharded = preset.shard and team.size > 1
        if self.sharded and self.reference is not None:
            shard(self.reference, self.reference.parts, train=False)
        self.scorer = Scorer(copy.deepcopy(model) if self.sharded else model)
        self.optimiser = self._optimiser(self.scorer if self.lora is None else self.lora, preset.rate)
        self.critic_optimiser = self._optimiser(self.critic, preset.critic_rate) if self.critic else None
        make = make_env or self._make_env
        # On a CPU nothing is captured that would be worth the memory.
        self.engines: dict[int, Engine] | None = {} if model.device.type == "cuda" else None
        self.envs = [make("train") for _ in team.share(preset.scenarios) for _ in range(preset.group)]
        self.eval_envs = [make("dev") for _ in team.share(preset.eval_episodes)]

    def _make_env(self, split: str) -> gym.Env[str, str]:
        p = self.preset
        return gym.make(
            "EmpathySupport-v0", disable_env_checker=True, scaffold=self.scaffold, difficulty=p.seeker, split=split,
            reward=p.reward, max_turns=p.max_turns, format_penalty=p.format_penalty,
        )  # fmt: skip

    def _optimiser(self, module: nn.Module, rate: float) -> Optimiser:
        p = self.preset
        if self.sharded and isinstance(module, Scorer | Critic):
            return ShardedOptimiser(module, module.parts, self.team, rate, p.warmup, p.grad_clip)
        return Optimiser(module, rate, p.warmup, p.grad_clip)

    # -- one update ---------------------------------------------------------------------------------------------------

    def play(self) -> Rollout:
        """This process's groups of dialogues, on seeds fixed by seed, step and curriculum, the same at every resumption."""
        p, mine = self.preset, self.team.share(self.preset.scenarios)
        seeds = [draw(self.seed, self.step, f"group/{g}") % 2**31 for g in range(p.scenarios)]
        if self.curriculum is not None:
            seeds = [self.curriculum.key(entry) for entry in self.curriculum.choose(self.step, p.scenarios)]
        groups = [g for g in mine for _ in range(p.group)]
        return self._rollout(
            self.envs, [seeds[g] for g in groups], groups, mine.start * p.group, self._generator("sample")
        )

    def _generator(self, use: str) -> torch.Generator:
        """Of a step's random numbers for one use."""
        return torch.Generator().manual_seed(draw(self.seed, self.step, use) % 2**63)

    def _rollout(
        self, envs: list[Any], seeds: list[int], groups: list[int], first: int, generator: torch.Generator
    ) -> Rollout:
        """Dialogues that are ``first`` and following of the whole batch."""
        p, nobody = self.preset, [None] * len(envs)
        keep, slots = p.keep_thoughts or self.scaffold == "direct", p.slots or None
        with nullcontext() if self.lora is None else self.lora.decoding():
            return rollout_refilled(
                self.model, self.chat, envs, self.scaffold, nobody, seeds, groups, generator, p.max_new, keep, slots, first,
                self.engines,
            )  # fmt: skip

    def learn(self, batch: Rollout) -> dict[str, float]:
        """Step the weights on a rollout."""
        p, rows, team = self.preset, batch.rows, self.team
        advantages, returns = self._credit(batch)
        found = {"advantage_std": team.moments(advantages)[1], "skipped": 0.0, "nonfinite": 0.0}
        # No dialogue did better than another: nothing to learn, and nothing to divide by.
        if not team.any(bool(advantages.any())):
            return {**found, "skipped": 1.0}
        weights, even = self._weights(rows)
        totals, moved = {"mismatch": 0.0, "counted": 0.0}, False
        norms: dict[str, float] = {}
        draws = self._generator("order")
        for _ in range(p.epochs):
            for part in self._parts(len(rows), draws):
                for m, counts in self._rounds(rows, part):
                    shares = (counts * weights * p.minibatches, counts * even)
                    scores = self._backward(m.to(self.model.device), advantages, returns, *shares)
                    for name, value in scores.items():
                        if name in ("mismatch", "counted"):  # the weights that sampled, and none that have moved since
                            totals[name] += 0.0 if moved else value
                        else:
                            totals[name] = totals.get(name, 0.0) + value / p.epochs
                self.optimiser.reduce(team)
                norms["grad_norm"], moved = self.optimiser.step(), True
                if self.critic_optimiser is not None:
                    self.critic_optimiser.reduce(team)
                    norms["critic_grad_norm"] = self.critic_optimiser.step()
                found["nonfinite"] += not all(map(math.isfinite, norms.values()))
        self._count_lost(found["nonfinite"] > 0)
        if isinstance(self.optimiser, ShardedOptimiser):
            self.optimiser.give(self.model.parameters())
        summed = _summed(team.gather(totals))
        summed["mismatch"] /= summed.pop("counted")
        return {**found, **summed, **norms}

    def _count_lost(self, lost: bool) -> None:
        """End a run whose gradients stay without numbers; its checkpoint is from before.

        Raises:
            FloatingPointError: after :data:`LOST` updates in a row.
        """
        self._lost = self._lost + 1 if lost else 0
        if self._lost == LOST:
            raise FloatingPointError(f"gradients: expected finite ones, got {LOST} updates in a row with inf or nan, the last at step {self.step}; nothing of them was learnt or saved")  # fmt: skip

    def _batches(self, rows: list[Row], chosen: Sequence[int]) -> list[MicroBatch]:
        """Packed on a GPU; padded on a CPU, where that is faster."""
        return micro_batches(rows, chosen, self.chat.pad, self.preset.tokens, packed=self.model.device.type == "cuda")

    def _rounds(self, rows: list[Row], chosen: Sequence[int]) -> list[tuple[MicroBatch, bool]]:
        """Micro-batches, and whether each counts. Where weights are sharded every process has as many, since gathering a layer takes them all."""
        found = [(m, True) for m in self._batches(rows, chosen)]
        missing = max(self.team.gather(len(found))) - len(found) if self.sharded else 0
        if missing:
            shortest = min(range(len(rows)), key=lambda i: len(rows[i].ids))
            found += [(m, False) for m in self._batches(rows, [shortest])] * missing
        return found

    def _weights(self, rows: list[Row]) -> tuple[Tensor, Tensor]:
        """Of the policy tokens, both (M,): in the policy's loss, and in the critic's and the metrics. Over all processes they add up."""
        p, counts, episodes = self.preset, [sum(row.policy) for row in rows], [row.episode for row in rows]
        dialogues, tokens = len(set(episodes)), sum(counts)
        all_dialogues, all_tokens = self.team.total(dialogues, tokens)
        share = tokens / all_tokens if p.aggregation == "tokens" else dialogues / all_dialogues
        own = torch.tensor(token_weights(counts, episodes, p.aggregation, p.max_new * p.max_turns))
        weights = own.repeat_interleave(torch.tensor(counts)) * share
        return weights, torch.full_like(weights, 1 / max(1.0, all_tokens))

    def _parts(self, count: int, generator: torch.Generator) -> list[list[int]]:
        """An epoch's minibatches: which of this process's ``count`` rows are in each, of an order drawn over the rows of all."""
        before = self.team.gather(count)
        start, whole, n = sum(before[: self.team.rank]), sum(before), self.preset.minibatches
        order = torch.randperm(whole, generator=generator).tolist() if n > 1 else list(range(whole))
        return [[i - start for i in order[k::n] if start <= i < start + count] for k in range(n)]

    def _backward(
        self, m: MicroBatch, advantages: Tensor, returns: Tensor, weights: Tensor, even: Tensor
    ) -> dict[str, float]:
        """Accumulate one micro-batch's gradients; its share of the batch's figures."""
        p, device = self.preset, self.model.device
        advantage, weight, share = (x[m.index].to(device) for x in (advantages, weights, even))  # (M',) each
        logprobs, entropy = self.scorer(m)
        loss = policy_loss(logprobs, m.old, advantage, weight, p.clip)
        with torch.no_grad():
            gap = logprobs - m.old
            beyond = (token_ratio(logprobs, m.old) - 1).abs() > 0.2
            found = {
                "loss": loss / p.minibatches, "entropy": (entropy * share).sum(), "mismatch": (gap.abs() * share).sum(),
                "counted": share.sum(), "beyond_clip": (beyond * share).sum(),
            }  # fmt: skip
        if p.kl:
            with torch.no_grad(), nullcontext() if self.lora is None else self.lora.off():
                base, _ = (self.scorer if self.reference is None else self.reference)(m)
            distance = kl_to(logprobs, base, weight)
            loss = loss + p.kl * distance
            found["kl"] = kl_to(logprobs.detach(), base, share)
        loss.backward()
        if self.critic is not None:
            miss = value_loss(self.critic(m), returns[m.index].to(device), share * p.minibatches)
            miss.backward()
            found["value_loss"] = miss / p.minibatches
        values = torch.stack([value.detach() for value in found.values()]).tolist()  # one question to the device
        return dict(zip(found, values, strict=True))

    def _credit(self, batch: Rollout) -> tuple[Tensor, Tensor]:
        """``(advantages, returns)`` of the policy tokens, both (M,); returns are the critic's targets."""
        if self.critic is None:
            tokens = group_credit(batch, self.preset, self.team)
            return tokens, torch.zeros_like(tokens)
        values = torch.zeros(sum(len(row.turns) for row in batch.rows))  # (M,)
        with torch.no_grad():
            for m, counts in self._rounds(batch.rows, range(len(batch.rows))):
                found = self.critic(m.to(self.model.device)).cpu()
                if counts:
                    values[m.index] = found
        return critic_credit(batch, values, self.preset, self.team)

    # -- the run ------------------------------------------------------------------------------------------------------

    def evaluate(self) -> dict[str, float]:
        """Figures on dev seekers, the same seekers and random numbers each time."""
        mine = self.team.share(self.preset.eval_episodes)
        seeds, draws = [draw(0, i, "dev") % 2**31 for i in mine], torch.Generator().manual_seed(1)
        batch = self._rollout(self.eval_envs, seeds, list(mine), mine.start, draws)
        found = figures(Tally.sum(self.team.gather(Tally.of(batch))))
        chosen = ("emotion", "helped", "left", "format", "reply_tokens")
        return {f"dev_{k}": v for k, v in found.items() if k in chosen or k.startswith("skill/")}

    def advance(self) -> dict[str, float]:
        """Evaluate if it is time to, play, learn; the step's metrics, the same in every process."""
        p, began = self.preset, time.perf_counter()
        values = self.evaluate() if self.step % p.eval_every == 0 else {}
        batch = self.play()
        if p.probe_every and self.step % p.probe_every == 0:
            values |= information(self.model, batch, self.chat.pad, p.tokens, self.team)
        mark = time.perf_counter()
        values |= self.learn(batch)
        tally = Tally.sum(self.team.gather(Tally.of(batch)))
        values |= figures(tally) | speed(tally, time.perf_counter() - mark)
        if self.curriculum is not None:
            chosen, rewards = self.curriculum.choose(self.step, p.scenarios), tally.groups()
            for group, entry in enumerate(chosen):
                self.curriculum.record(entry, rewards[group])
            values |= self.curriculum.figures()
        values |= self.alarms.see(values)
        self.step += 1
        self.seconds += time.perf_counter() - began
        return values | {"seconds": self.seconds}

    @property
    def stopped(self) -> bool:
        """Whether the preset lets a lack of signal end the run, and it has."""
        return self.preset.stop_on_alarm and self.alarms.rings("flat")

    def run(self, until: int | None = None) -> bool:
        """Train up to step ``until`` (default: the preset's). Ctrl-C ends the run after the update at hand, with a checkpoint; so may an alarm.

        Returns:
            Whether the run came to its end.
        """
        p, last, ending = self.preset, until or self.preset.steps, self.stopped
        metrics = Metrics(self.out, self.step) if self.team.leads else None
        bar = tqdm(
            total=last,
            initial=self.step,
            desc=f"{self.scaffold} {self.seed}",
            unit="update",
            disable=not self.team.leads,
        )
        try:
            with Interrupt() as interrupt:
                while self.step < last and not ending:
                    values = self.advance()
                    if metrics is not None:
                        metrics.write(self.step - 1, values)
                        for line in self.alarms.news():
                            bar.write(f"step {self.step - 1}: {line}", file=sys.stderr)
                    ending = self.stopped or self.team.any(interrupt.asked)
                    if self.step % p.save_every == 0 or self.step == last or ending:
                        self.save()
                    bar.update()
                    bar.set_postfix(emotion=f"{values['emotion']:.1f}", entropy=f"{values.get('entropy', 0):.2f}")
                if self.step >= last:
                    values = self.evaluate()
                    if metrics is not None:
                        metrics.write(self.step, {**values, "seconds": self.seconds})
        finally:
            bar.close()
            if metrics is not None:
                metrics.close()
        return self.step >= last

    def save(self) -> None:
        """Write the checkpoint; the leader does, the others give their parts of it and wait."""
        state = self._state()
        if self.team.leads:
            checkpoint.save(self.out / "checkpoint.pt", state)
        self.team.wait()

    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = {
            "step": self.step, "seconds": self.seconds, "preset": asdict(self.preset), **self._identity,
            "model": self.model.state_dict(), "optimiser": self.optimiser.state_dict(), "alarms": self.alarms.state_dict(),
        }  # fmt: skip
        if self.critic is not None and self.critic_optimiser is not None:
            critic = whole(self.critic.state_dict(), self.team.leads) if self.sharded else self.critic.state_dict()
            state |= {"critic": critic, "critic_optimiser": self.critic_optimiser.state_dict()}
        if self.lora is not None:  # the model's own weights are those of the folder that it came from
            del state["model"]
            state["lora"] = self.lora.state_dict()
        if self.curriculum is not None:
            state["curriculum"] = self.curriculum.state_dict()
        return state

    def restore(self) -> bool:
        """Go on from the checkpoint, if there is one.

        Raises:
            ValueError: if it belongs to another scaffold, seed, start, dynamics or preset (more steps are welcome, and another mind about
                alarms, sharding or the size of micro-batches, which changes the order of sums alone).
        """
        path = self.out / "checkpoint.pt"
        if not path.exists():
            return False
        state = checkpoint.load(path)
        free = {"steps": 0, "stop_on_alarm": False, "shard": False, "tokens": 0}
        mine = {**asdict(self.preset), **free, **self._identity}
        # A field that is younger than the checkpoint has its default, which is what was done before; of a start or dynamics it may know nothing.
        identity = {name: state.get(name, own) for name, own in self._identity.items()}
        theirs = {**asdict(Preset()), **state["preset"], **free, **identity}
        differs = [f"{k}={mine.get(k)!r}, got {theirs.get(k)!r}" for k in mine | theirs if mine.get(k) != theirs.get(k)]
        if differs:
            raise ValueError(f"{path}: expected a run with {'; '.join(differs)}")
        self.step, self.seconds = state["step"], state["seconds"]
        if self.lora is None:
            self.model.load_state_dict(state["model"])
            if isinstance(self.optimiser, ShardedOptimiser):
                self.optimiser.take(self.model.parameters())
        else:
            self.lora.load_state_dict(state["lora"])
        self.optimiser.load_state_dict(state["optimiser"])
        if "alarms" in state:
            self.alarms.load_state_dict(state["alarms"])
        if self.curriculum is not None:
            self.curriculum.load_state_dict(state["curriculum"])
        if self.critic is not None and self.critic_optimiser is not None:
            load(self.critic, state["critic"])
            self.critic_optimiser.load_state_dict(state["critic_optimiser"])
        return True


def _summed(parts: list[dict[str, float]]) -> dict[str, float]:
    """Name by name; a process may lack some."""
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: sum(part.get(name, 0.0) for part in parts) for name in names}
