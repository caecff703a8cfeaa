"""PPO on EmpathyStrategy-v0 in a single file, in the manner of CleanRL: no library between the algorithm and the environment.

    pip install torch==2.13.0
    python -m examples.cleanrl_ppo --steps 20000 [--save FILE.pt]

PPO: Schulman et al., arXiv 1707.06347; generalised advantages: arXiv 1506.02438; masking by adding minus infinity to a move's logit: Huang and
Ontañón, arXiv 2006.14171. The vector environment is the package's own, in ``SAME_STEP`` mode: every row of the batch is a real turn.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np

import empathy_gym  # noqa: F401  (registers the ids)

if TYPE_CHECKING:
    import torch

PIP = "pip install torch==2.13.0"

ENVS, ROLLOUT, EPOCHS, MINIBATCHES = 16, 64, 8, 4
RATE, GAE, CLIP, ENTROPY, VALUE, NORM = 1.5e-3, 0.95, 0.2, 0.005, 0.5, 0.5
"""Learning rate (falls to 0), lambda, clip range, entropy bonus, weight of the value loss, greatest gradient norm. No discount: talks are short."""


def networks(features: int, moves: int) -> tuple[Any, Any]:
    """Policy and value: two hidden layers of 64 each."""
    from torch import nn

    def body(out: int, gain: float) -> Any:
        last = nn.Linear(64, out)
        nn.init.orthogonal_(last.weight, gain)
        nn.init.zeros_(last.bias)
        return nn.Sequential(nn.Linear(features, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), last)

    return body(moves, 0.01), body(1, 1.0)


def choices(policy: Any, obs: torch.Tensor, masks: torch.Tensor) -> Any:
    """The distribution over the moves that the mask leaves."""
    from torch.distributions import Categorical

    return Categorical(logits=policy(obs).masked_fill(~masks, float("-inf")))  # (batch, moves)


def advantages(rewards: Any, values: Any, ends: Any, after: Any) -> Any:
    """Generalised advantages, (rollout, envs); nothing is expected after an end, be it by time or not: the number of turns is fixed."""
    import torch

    found, last = torch.zeros_like(rewards), torch.zeros_like(after)
    for t in reversed(range(len(rewards))):
        going = 1 - ends[t]  # (envs,)
        following = values[t + 1] if t + 1 < len(rewards) else after
        last = rewards[t] + going * following - values[t] + GAE * going * last
        found[t] = last
    return found


def collect(talks: Any, obs: Any, policy: Any, value: Any) -> tuple[Any, dict[str, Any], list[float]]:
    """Turns by the policy.

    Args:
        talks: the vector environment.
        obs: where it stands, (envs, features).
        policy: the policy network.
        value: the value network.

    Returns:
        Where it stands then; the turns, a tensor (rollout * envs, ...) by name; the final emotions of the talks that ended, points.
    """
    import torch

    kept: dict[str, list[Any]] = {name: [] for name in ("obs", "masks", "moves", "logs", "values", "rewards", "ends")}
    finals = []
    for _ in range(ROLLOUT):
        masks = torch.as_tensor(talks.action_masks())
        options = choices(policy, obs, masks)
        chosen = options.sample()  # (envs,)
        seen, rewards, terminations, truncations, infos = talks.step(chosen.numpy())
        ends = terminations | truncations
        paid, ended = (torch.as_tensor(x, dtype=torch.float32) for x in (rewards, ends))
        row = (obs, masks, chosen, options.log_prob(chosen), value(obs)[:, 0], paid, ended)
        for rows, one in zip(kept.values(), row, strict=True):
            rows.append(one)
        obs = torch.as_tensor(seen)
        finals += [infos["final_info"]["emotion"][i] / 1000 for i in np.flatnonzero(ends)]
    turns = {name: torch.stack(rows) for name, rows in kept.items()}  # (rollout, envs, ...)
    turns["gains"] = advantages(turns["rewards"], turns["values"], turns["ends"], value(obs)[:, 0])
    turns["returns"] = turns["gains"] + turns["values"]
    return obs, {name: rows.flatten(0, 1) for name, rows in turns.items()}, finals


def loss(policy: Any, value: Any, turns: dict[str, Any]) -> torch.Tensor:
    """PPO's clipped loss over some turns, with the value's and the entropy's."""
    options = choices(policy, turns["obs"], turns["masks"])
    ratio = (options.log_prob(turns["moves"]) - turns["logs"]).exp()
    gains = (turns["gains"] - turns["gains"].mean()) / (turns["gains"].std() + 1e-8)
    surrogate = (ratio * gains).minimum(ratio.clamp(1 - CLIP, 1 + CLIP) * gains).mean()
    missed = (value(turns["obs"])[:, 0] - turns["returns"]).square().mean()
    return -surrogate + VALUE * missed - ENTROPY * options.entropy().mean()


def train(steps: int, seed: int = 0) -> Any:
    """The policy network after that many turns with seekers of the train split."""
    try:
        import torch
    except ImportError as error:
        raise SystemExit(f"expected torch, got {error}; {PIP}") from error
    torch.manual_seed(seed)
    talks: Any = gym.make_vec("EmpathyStrategy-v0", num_envs=ENVS, autoreset_mode="SAME_STEP")
    policy, value = networks(talks.single_observation_space.shape[0], talks.single_action_space.n)
    weights = [*policy.parameters(), *value.parameters()]
    optimiser = torch.optim.Adam(weights, lr=RATE, eps=1e-5)
    obs = torch.as_tensor(talks.reset(seed=seed)[0])
    updates = max(1, steps // (ENVS * ROLLOUT))
    for update in range(updates):
        optimiser.param_groups[0]["lr"] = RATE * (1 - update / updates)
        with torch.no_grad():
            obs, turns, finals = collect(talks, obs, policy, value)
        for _ in range(EPOCHS):
            for rows in torch.randperm(ENVS * ROLLOUT).chunk(MINIBATCHES):
                optimiser.zero_grad()
                loss(policy, value, {name: column[rows] for name, column in turns.items()}).backward()
                torch.nn.utils.clip_grad_norm_(weights, NORM)
                optimiser.step()
        if update % 5 == 0 or update == updates - 1:
            print(f"turn {(update + 1) * ENVS * ROLLOUT:7d}  final emotion {np.mean(finals):5.1f}", flush=True)
    return policy


def player(policy: Any) -> Any:
    """A function that begins a talk anew and returns its policy: ``(observation, mask) -> move``."""
    import torch

    def act(obs: Any, mask: Any) -> int:
        with torch.no_grad():
            return int(choices(policy, torch.as_tensor(obs)[None], torch.as_tensor(mask)[None]).probs.argmax())

    return lambda: act


def main() -> None:
    """Train, then show one talk with a seeker of the test split."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20_000, help="turns")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", help="a file for the policy's weights")
    args = parser.parse_args()
    policy = train(args.steps, args.seed)
    if args.save:
        import torch

        torch.save(policy.state_dict(), args.save)
    env = gym.make("EmpathyStrategy-v0", split="test", render_mode="ansi")
    obs, info = env.reset(seed=0)
    act, over = player(policy)(), False
    while not over:
        obs, _, terminated, truncated, info = env.step(act(obs, env.get_wrapper_attr("action_masks")()))
        over = terminated or truncated
    print(env.render())


if __name__ == "__main__":
    main()
