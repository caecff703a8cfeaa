"""PPO of TorchRL's own parts on EmpathyStrategy-v0: its environment wrapper, actor, advantage and loss modules.

    pip install torch==2.13.0 torchrl
    python -m examples.torchrl_ppo --steps 20000 [--save FILE.pt]

The package's native vector environment goes straight into ``GymWrapper``: mode ``DISABLED`` resets as TorchRL does. ``observation="dict"`` brings
the mask of the moves, which ``MaskedCategorical`` takes beside the logits.
"""

from __future__ import annotations

import argparse
from typing import Any

import gymnasium as gym

import empathy_gym  # noqa: F401  (registers the ids)
from empathy_gym.envs.features import STRATEGY

PIP = "pip install torch==2.13.0 torchrl"

ENVS, ROLLOUT, EPOCHS, MINIBATCHES = 16, 64, 8, 4
RATE, NORM = 1.5e-3, 0.5
"""Learning rate (falls to 0) and greatest gradient norm."""


def environment() -> Any:
    """Talks with seekers of the train split as a TorchRL environment; ``observation``, (envs, features), and ``action_mask``, (envs, moves)."""
    import torch
    from torchrl.envs import CatTensors, Compose, DTypeCastTransform, GymWrapper, TransformedEnv

    talks: Any = gym.make_vec("EmpathyStrategy-v0", num_envs=ENVS, observation="dict", autoreset_mode="DISABLED")
    return TransformedEnv(
        GymWrapper(talks, categorical_action_encoding=True),
        Compose(
            CatTensors(list(STRATEGY), "observation", sort=False),  # as in the flat form; a Dict space sorts its names
            DTypeCastTransform(torch.int8, torch.bool, in_keys=["action_mask"]),
        ),
    )


def networks(features: int, moves: int) -> tuple[Any, Any]:
    """Actor and critic: two hidden layers of 64 each."""
    from tensordict.nn import TensorDictModule
    from torch import nn
    from torchrl.modules import MaskedCategorical, ProbabilisticActor, ValueOperator

    def body(out: int, gain: float) -> Any:
        layers = [nn.Linear(features, 64), nn.Linear(64, 64), nn.Linear(64, out)]
        for layer in layers:
            nn.init.orthogonal_(layer.weight, gain if layer is layers[-1] else 2**0.5)
            nn.init.zeros_(layer.bias)
        return nn.Sequential(layers[0], nn.Tanh(), layers[1], nn.Tanh(), layers[2])

    actor = ProbabilisticActor(
        TensorDictModule(body(moves, 0.01), ["observation"], ["logits"]),
        in_keys={"logits": "logits", "mask": "action_mask"},
        out_keys=["action"],
        distribution_class=MaskedCategorical,
        return_log_prob=True,
    )
    return actor, ValueOperator(body(1, 1.0), in_keys=["observation"])


def learn(batch: Any, advantage: Any, loss: Any, optimiser: Any) -> None:
    """One update: several passes over the turns, with advantages made anew for each.

    Args:
        batch: turns, (envs, rollout).
        advantage: TorchRL's module for it.
        loss: TorchRL's module of PPO's losses.
        optimiser: of the loss's weights.
    """
    import torch

    # The number of turns is fixed and the agent sees the clock: nothing is expected after an end, be it by time or not.
    batch["next", "terminated"] = batch["next", "done"]
    for _ in range(EPOCHS):
        with torch.no_grad():
            advantage(batch)
        rows = batch.reshape(-1)
        for chosen in torch.randperm(len(rows)).chunk(MINIBATCHES):
            losses = loss(rows[chosen])
            optimiser.zero_grad()
            (losses["loss_objective"] + losses["loss_critic"] + losses["loss_entropy"]).backward()
            torch.nn.utils.clip_grad_norm_(loss.parameters(), NORM)
            optimiser.step()


def train(steps: int, seed: int = 0) -> Any:
    """An actor after that many turns with seekers of the train split."""
    try:
        import torch
        from torchrl.collectors import Collector
        from torchrl.objectives import ClipPPOLoss
        from torchrl.objectives.value import GAE
    except ImportError as error:
        raise SystemExit(f"expected TorchRL, got {error}; {PIP}") from error
    torch.manual_seed(seed)
    talks = environment()
    talks.set_seed(seed)
    actor, critic = networks(talks.observation_spec["observation"].shape[-1], talks.full_action_spec["action"].n)
    advantage = GAE(gamma=1.0, lmbda=0.95, value_network=critic)
    loss = ClipPPOLoss(
        actor, critic, clip_epsilon=0.2, entropy_coeff=0.005, critic_coeff=0.5, loss_critic_type="l2",
        normalize_advantage=True,
    )  # fmt: skip
    optimiser = torch.optim.Adam(loss.parameters(), lr=RATE, eps=1e-5)
    each = ENVS * ROLLOUT
    updates = max(1, steps // each)
    turns = Collector(
        talks, actor, frames_per_batch=each, total_frames=updates * each, auto_register_policy_transforms=False
    )
    for update, batch in enumerate(turns):  # (envs, rollout)
        optimiser.param_groups[0]["lr"] = RATE * (1 - update / updates)
        learn(batch, advantage, loss, optimiser)
        if update % 5 == 0 or update == updates - 1:
            gain = 100 * batch["next", "reward"].sum() / batch["next", "done"].sum()
            print(f"turn {(update + 1) * each:7d}  change of emotion over a talk {gain:5.1f}", flush=True)
    turns.shutdown()
    return actor


def player(actor: Any) -> Any:
    """A function that begins a talk anew and returns its policy: ``(observation, mask) -> move``; the observation is the flat one."""
    import torch
    from tensordict import TensorDict

    def act(obs: Any, mask: Any) -> int:
        seen = TensorDict({"observation": torch.as_tensor(obs), "action_mask": torch.as_tensor(mask)})
        with torch.no_grad():
            return int(actor.get_dist(seen).probs.argmax())

    return lambda: act


def main() -> None:
    """Train, then show one talk with a seeker of the test split."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20_000, help="turns")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", help="a file for the actor's weights")
    args = parser.parse_args()
    actor = train(args.steps, args.seed)
    if args.save:
        import torch

        torch.save(actor.state_dict(), args.save)
    env = gym.make("EmpathyStrategy-v0", split="test", render_mode="ansi")
    obs, info = env.reset(seed=0)
    act, over = player(actor)(), False
    while not over:
        obs, _, terminated, truncated, info = env.step(act(obs, env.get_wrapper_attr("action_masks")()))
        over = terminated or truncated
    print(env.render())


if __name__ == "__main__":
    main()
