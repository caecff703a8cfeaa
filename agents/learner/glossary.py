"""What each line of ``metrics.jsonl`` means: ``python -m agents.learner.glossary > docs/learner-metrics.md``."""

from __future__ import annotations

from agents.learner.alarms import RULES, Rule

HEAD = """# Metrics of a training run

`python -m agents.train` writes one line a step to `metrics.jsonl` (and to TensorBoard). With several processes every figure is that of the whole batch.
Emotion is in points from 0 to 100, reward in emotion / 100, information and entropy in nats a token.
The ranges are those of a run that learns as it should. They are rules of thumb of ours unless a source is named.
"""

METRICS: dict[str, tuple[str, str]] = {
    "step": ("Rollouts before this one.", "counts up"),
    "seconds": ("Wall time of the updates so far, evaluations between them included; checkpoints, the last evaluation and interruptions not.", ""),
    # dialogues
    "emotion": ("Mean final emotion.", "rises"),
    "reward": ("Mean reward of a dialogue, penalties for format included.", "rises"),
    "reward_std": ("Deviation of that reward over the batch, scenarios included.", "above 0"),
    "group_std": ("Deviation of the reward inside a group, mean over groups: the signal. Absent where groups are single dialogues.", "falls slowly, above a tenth of its start"),
    "flat_groups": ("Share of groups whose dialogues were all paid the same; they teach nothing.", "below 0.5; 1 where groups are single dialogues"),
    "helped": ("Share of dialogues that ended because the seeker was helped.", "rises"),
    "left": ("Share that ended because the seeker left.", "falls"),
    "format": ("Share of replies in the scaffold's format.", "to 1 within the first tens of steps"),
    "truncated": ("Share of replies cut at `max_new` tokens.", "below 0.25"),
    "turns": ("Supporter turns of a dialogue.", ""),
    "turns/OUTCOME": ("The same of dialogues that ended so.", ""),
    "reply_tokens": ("Tokens of a reply, thought and end included.", "half to twice of its start"),
    "skill/SKILL": ("Emotion that a skill was worth, points a dialogue.", ""),
    # update
    "advantage_std": ("Deviation of the policy tokens' advantages. With `scale` and with a critic 1 by construction, nearly: turns weigh by their tokens.", "above 0"),
    "skipped": ("1 where every advantage was zero and no step was taken.", "0"),
    "nonfinite": ("Optimiser steps that were thrown away because a gradient held inf or nan; three such updates in a row end the run.", "0"),
    "loss": ("The policy's loss, KL left out. Its level means nothing: advantages are centred.", ""),
    "entropy": ("Of the policy's next-token distribution, mean over policy tokens.", "falls slowly, above a tenth of its start"),
    "mismatch": ("Mean distance of a token's log-probability when trained from when sampled, of the tokens before a rollout's first optimiser step: numerical error alone.", "below 1e-4 in float32, 0.02 in bfloat16 (0.04 for a model of high entropy)"),
    "beyond_clip": ("Share of policy tokens whose probability ratio is off by more than 0.2.", "0 with one optimiser step a rollout; below 0.2 with several"),
    "grad_norm": ("Norm of the policy's gradient before it is cut, of the last optimiser step.", "no lasting jumps"),
    "critic_grad_norm": ("The same of the critic (`gae`).", "no lasting jumps"),
    "value_loss": ("Half the critic's mean squared error, reward squared (`gae`).", "falls"),
    "kl": ("k3 estimate of the KL divergence of the policy from its start, a token (`kl` above 0).", "rises slowly"),
    "information": ("Log-probability of replies after their own dialogue minus after another seeker's, every `probe_every` steps: near 0 where replies ignore the seeker (a proxy for mutual information, arXiv 2604.06268).", "above a tenth of its start"),
    "pool_played": ("Share of the pool that was played (`pool` above 0).", "to 1"),
    "pool_std": ("Deviation of the returns of a pool entry, mean over those for which it is known.", "falls slowly"),
    # speed
    "rollout_seconds": ("Of the step's rollout; the slowest process's.", ""),
    "env_seconds": ("Of these, in the environment; the slowest process's.", "small beside `rollout_seconds`"),
    "update_seconds": ("From the end of the rollout to the end of the last optimiser step.", ""),
    "rollout_tokens_per_second": ("Tokens sampled, by rollout seconds; all processes together.", ""),
    "update_tokens_per_second": ("Tokens of the training sequences, prompts included, once however many epochs, by update seconds.", ""),
    # evaluation
    "dev_emotion": ("Mean final emotion on held-out seekers, the same ones with the same random numbers at each evaluation.", "rises with `emotion`"),
    "dev_helped": ("As `helped`, on those.", "rises"),
    "dev_left": ("As `left`, on those.", "falls"),
    "dev_format": ("As `format`, on those.", "to 1"),
    "dev_reply_tokens": ("As `reply_tokens`, on those.", ""),
    "dev_skill/SKILL": ("As `skill/SKILL`, on those.", ""),
}  # fmt: skip
"""Meaning and healthy range of each metric; capitals stand for a name. Alarms are described by their rules."""


def documented(metric: str) -> bool:
    """Whether the table has a line for a metric."""
    stem, slash, _ = metric.partition("/")
    if stem == "alarm":
        return metric.removeprefix("alarm/") in RULES
    return any(name == metric or (slash and name.startswith(f"{stem}/")) for name in METRICS)


def page() -> str:
    """The page of the documentation."""
    rows = [(name, *texts) for name, texts in METRICS.items()]
    rows += [(f"alarm/{name}", f"1 while it rings: {rule.says}. {_when(rule)}", "0") for name, rule in RULES.items()]
    lines = ["| name | meaning | healthy |", "|---|---|---|", *(f"| `{n}` | {m} | {h} |" for n, m, h in rows)]
    return HEAD + "\n" + "\n".join(lines) + "\n"


def _when(rule: Rule) -> str:
    bounds = [f"at or under {rule.below:g} of"] if rule.below is not None else []
    bounds += [f"at or over {rule.above:g} of"] if rule.above is not None else []
    metric = " (or, where it is absent, ".join(f"`{m}`" for m in rule.metrics) + ")" * (len(rule.metrics) - 1)
    if rule.over is not None:
        return f"Rule: {metric} at or over {rule.over:g} for {rule.patience} readings in a row."
    return f"Rule: {metric} {' or '.join(bounds)} the mean of its first {rule.first} readings, for {rule.patience} in a row."


if __name__ == "__main__":
    print(page(), end="")
