"""Training presets: one frozen dataclass, one row a preset. Every field can be overridden on the command line."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Preset:
    """What a training run does."""

    model: str = "nano"
    """``nano`` or a folder with a Llama or Qwen2 model."""
    steps: int = 100
    """Policy updates."""
    scenarios: int = 8
    """Scenarios a step."""
    group: int = 4
    """Dialogues on each, with the same key."""
    max_turns: int = 8
    """Supporter turns a dialogue."""
    max_new: int = 56
    """Tokens a reply has at most, thought included."""
    advantage: str = "turn"
    """``turn``: return-to-go of emotion changes against the group's others at the same turn; ``rloo``: final reward against the others';
    ``grpo``: final reward, group mean and deviation; ``gae``: PPO's, with a critic."""
    gamma: float = 0.95
    """Discount of turn returns (``turn``), or of tokens (``gae``)."""
    lam: float = 1.0
    """GAE's lambda."""
    scale: bool = True
    """Divide advantages by their deviation over the batch (``turn``, ``rloo``)."""
    clip: str = "none"
    """``none``, ``ppo`` or ``cispo``."""
    minibatches: int = 1
    """Optimiser steps a rollout."""
    aggregation: str = "constant"
    """``constant``, ``tokens`` or ``row``; see ``losses.token_weights``."""
    rate: float = 3e-4
    """Learning rate of the policy."""
    critic_rate: float = 1e-3
    """Learning rate of the critic (``gae``)."""
    warmup: int = 5
    """Steps over which the rate rises."""
    grad_clip: float = 1.0
    """Norm to which gradients are cut."""
    entropy: float = 0.0
    """Weight of an entropy bonus."""
    kl: float = 0.0
    """Weight of k3 KL to the weights at the start."""
    temperature: float = 1.0
    """Of the sampling."""
    keep_thoughts: bool = True
    """Whether earlier thoughts stay in the policy's own history (one sequence an episode)."""
    difficulty: str = "vanilla"
    """Of the seekers that are trained on."""
    format_penalty: str = "share"
    """The environment's rule for malformed thinking replies."""
    eval_every: int = 25
    """Steps between evaluations on the dev split."""
    eval_episodes: int = 32
    """Dialogues of such an evaluation."""
    save_every: int = 10
    """Steps between checkpoints."""
    tokens: int = 16_000
    """Padded tokens of a micro-batch."""


PRESETS: dict[str, Preset] = {
    "nano": Preset(),
    "nano-grpo": Preset(advantage="grpo", aggregation="row", clip="ppo"),
    "nano-ppo": Preset(
        advantage="gae", gamma=1.0, lam=0.95, clip="ppo", minibatches=2, scenarios=32, group=1, aggregation="tokens"
    ),
    "small": Preset(
        model="smollm2", steps=60, scenarios=4, group=4, max_new=64, rate=1e-5, eval_episodes=16, tokens=4_000
    ),
}
PRESETS["rlver-grpo"] = replace(
    PRESETS["small"], model="Qwen2.5-7B-Instruct", steps=210, scenarios=32, group=4, advantage="grpo", aggregation="row", clip="ppo",
    rate=1e-6, max_new=5_000, keep_thoughts=False, format_penalty="zero", scale=False,
)  # fmt: skip
PRESETS["rlver-ppo"] = replace(
    PRESETS["rlver-grpo"], steps=350, group=1, advantage="gae", gamma=1.0, lam=1.0, critic_rate=5e-6
)
PRESETS["paper"] = replace(
    PRESETS["small"], model="Qwen2.5-7B-Instruct", steps=300, scenarios=16, group=8, rate=1e-6, max_new=512
)
