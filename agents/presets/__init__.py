"""Training presets: one frozen dataclass, one row a preset. Every field can be set on the command line."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from agents.options import checked_difficulty


@dataclass(frozen=True)
class Preset:
    """What a training run does. Contradictions raise."""

    model: str = "nano"
    """``nano``: the bundled one; otherwise a folder with a Llama or Qwen model and its ``tokenizer.json``, or the name of one on the hub."""
    dtype: str = "float32"
    """Of weights and activations: ``float32``, ``bfloat16`` (then with fp32 masters), or ``auto``: bfloat16 where the processor multiplies in it. A CPU
    without such instructions was measured at a fiftieth of its fp32 speed."""
    steps: int = 100
    """Rollouts, each followed by ``epochs`` x ``minibatches`` optimiser steps."""
    scenarios: int = 8
    """Groups a step, each on a scenario and key of its own; over all processes."""
    pool: int = 0
    """Scenarios of which a step's are chosen, those with more varied returns more often; see ``curriculum``. 0: fresh ones at each step."""
    group: int = 4
    """Dialogues a group."""
    max_turns: int = 8
    """Supporter turns a dialogue has at most."""
    max_new: int = 64
    """Tokens a reply has at most, thought included."""
    reward: str = "change"
    """``change``: what each turn did to the emotion; ``final``: RLVER's, the final emotion alone. Both over 100."""
    advantage: str = "turn"
    """``turn``: return-to-go against the group's others at the same turn. ``rloo``: the dialogue's reward against the others'. ``grpo``: the
    same with group mean and deviation. ``gae``: PPO's, with a critic."""
    gamma: float = 0.95
    """Discount: a turn for ``turn``, a token for ``gae``."""
    lam: float = 1.0
    """GAE's lambda, a token."""
    scale: bool = True
    """Divide advantages by their deviation over the batch (``turn`` and ``rloo``)."""
    clip: str = "none"
    """``none`` (REINFORCE), ``ppo`` (0.2 both ways) or ``cispo``; see ``losses.policy_loss``."""
    minibatches: int = 1
    """Optimiser steps an epoch."""
    epochs: int = 1
    """Passes over a rollout."""
    aggregation: str = "constant"
    """``constant``, ``tokens`` or ``dialogue``; see ``losses.token_weights``."""
    rate: float = 5e-4
    """Learning rate of the policy."""
    critic_rate: float = 1e-3
    """Learning rate of the critic (``gae``)."""
    warmup: int = 5
    """Optimiser steps over which the rates rise."""
    grad_clip: float = 1.0
    """Norm to which gradients are cut."""
    kl: float = 0.0
    """Weight of the k3 KL to the weights at the start."""
    slots: int = 0
    """Dialogues that a process plays at a time, an ended one's place going to the next; 0: all at once."""
    lora_rank: int = 0
    """Rank of adapters on all linear layers; 0 trains all weights. Adapters want about ten times the rate."""
    lora_alpha: float = 32.0
    """Their outputs are scaled by this over the rank."""
    checkpointing: bool = False
    """Whether activations are made again on the way back, layer by layer: less memory, more time."""
    shard: bool = False
    """Whether several processes share out weights, gradients and moments of a full fine-tune (FSDP2), beside a whole copy that samples; otherwise each
    process has all of them."""
    keep_thoughts: bool = True
    """Whether earlier thoughts stay in the policy's own history, one sequence an episode. Otherwise each turn is a sequence of its own."""
    difficulty: str = "vanilla"
    """Of the seekers: ``vanilla``, ``challenging`` or a number from 0 to 1.5."""
    format_penalty: str = "share"
    """The environment's rule for malformed thinking replies."""
    eval_every: int = 25
    """Steps between evaluations on the dev split; also before the first and after the last."""
    eval_episodes: int = 32
    """Dialogues of such an evaluation."""
    probe_every: int = 10
    """Steps between probes of how far replies depend on the dialogue (``information``); 0 never."""
    stop_on_alarm: bool = False
    """Whether the run ends where dialogues of a group have ended alike for ten steps; see ``alarms``."""
    save_every: int = 10
    """Steps between checkpoints."""
    tokens: int = 4_096
    """Padded tokens of a micro-batch: small enough that activations stay in a CPU's cache."""

    def __post_init__(self) -> None:
        for name, among in (
            ("dtype", ("auto", "float32", "bfloat16")),
            ("reward", ("change", "final")),
            ("advantage", ("turn", "rloo", "grpo", "gae")),
            ("clip", ("none", "ppo", "cispo")),
            ("aggregation", ("constant", "tokens", "dialogue")),
            ("format_penalty", ("share", "zero", "none")),
        ):
            if getattr(self, name) not in among:
                raise ValueError(f"{name}: expected one of {', '.join(among)}, got {getattr(self, name)!r}")
        for name in ("steps", "scenarios", "group", "max_turns", "max_new", "minibatches", "epochs", "tokens", "eval_every", "eval_episodes", "save_every"):  # fmt: skip
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: expected at least 1, got {getattr(self, name)}")
        for name in ("pool", "probe_every", "slots", "lora_rank"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}: expected at least 0, got {getattr(self, name)}")
        if self.pool and self.pool < self.scenarios:
            raise ValueError(f"pool: expected 0 or at least the {self.scenarios} scenarios of a step, got {self.pool}")
        if self.shard and self.lora_rank:
            raise ValueError(
                f"shard: expected lora_rank 0, since adapters are small and the rest is frozen, got {self.lora_rank}"
            )
        if self.advantage != "gae" and self.group < 2:
            raise ValueError(f"group: expected at least 2 for advantage={self.advantage!r}, got {self.group}")
        if self.clip == "none" and self.minibatches * self.epochs > 1:
            raise ValueError("clip: expected ppo or cispo with several optimiser steps a rollout, got 'none'")
        for name in ("rate", "critic_rate", "kl", "warmup"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name}: expected a finite number, at least 0, got {getattr(self, name)}")
        if not self.grad_clip > 0:
            raise ValueError(f"grad_clip: expected a number above 0, got {self.grad_clip}")
        if not 0 < self.lora_alpha < math.inf:
            raise ValueError(f"lora_alpha: expected a finite number above 0, got {self.lora_alpha}")
        self.seeker  # noqa: B018  (raises for what is no difficulty)
        if not (0 <= self.gamma <= 1 and 0 <= self.lam <= 1):
            raise ValueError(f"gamma, lam: expected numbers from 0 to 1, got {self.gamma}, {self.lam}")

    @property
    def seeker(self) -> str | float:
        """The difficulty as the environment takes it."""
        return checked_difficulty(self.difficulty)


_NANO = Preset()
_SMALL = Preset(
    model="", dtype="auto", steps=60, scenarios=4, group=4, max_turns=4, max_new=64, rate=1e-5, eval_episodes=16,
    tokens=2_048,
)  # fmt: skip
_RLVER = Preset(
    model="", dtype="bfloat16", scenarios=32, reward="final", clip="ppo", aggregation="tokens", rate=1e-6, warmup=20,
    max_new=3_800, keep_thoughts=False, format_penalty="zero", gamma=1.0, tokens=32_768, eval_every=30,
)  # fmt: skip

PRESETS: dict[str, Preset] = {
    # Turn-level credit, leave-one-out baseline, batch scale, constant denominator: no bias by length or by a scenario's difficulty.
    "nano": _NANO,
    "nano-grpo": replace(_NANO, advantage="grpo", reward="final", aggregation="dialogue", clip="ppo"),
    "nano-ppo": replace(
        _NANO, advantage="gae", scenarios=32, group=1, gamma=1.0, lam=0.99, clip="ppo", minibatches=2, aggregation="tokens"
    ),
    # SmolLM2-135M-Instruct or its like, by --model FOLDER.
    "small": _SMALL,
    # arXiv 2507.03112 and its code; by --model FOLDER of Qwen2.5-7B-Instruct. What is otherwise: replies of at most 3,800 tokens (5,000 there), so that eight
    # fit the model's 32,768 positions whatever is said; one optimiser step a rollout, where its mini-batch of 32 rows makes several in thinking mode; AdamW
    # as everywhere here (verl's has betas 0.9, 0.999 and weight decay 0.01); no entropy term (0.001 there), no clip of values; the critic warms up as
    # the policy does; GRPO's group is of dialogues and not of turns' rows.
    "rlver-ppo": replace(_RLVER, steps=350, group=1, advantage="gae", lam=1.0, critic_rate=5e-6),
    "rlver-grpo": replace(_RLVER, steps=210, group=4, advantage="grpo"),
    # The same model with our own estimator.
    "paper": replace(_SMALL, steps=300, scenarios=16, group=8, max_turns=8, max_new=768, rate=1e-6, tokens=32_768, eval_episodes=64),
}  # fmt: skip
