"""Tianshou's PPO on EmpathyStrategy-v0, with the moves that have nothing to speak of left out.

    pip install torch==2.13.0 tianshou
    python -m examples.tianshou_ppo --steps 20000 [--save FILE.pt]

Tianshou's DQN heeds a mask by itself, its PPO does not: here features and mask travel together as the observation, and the actor puts minus
infinity where the mask is False. ``info`` is left out: the collector stacks it for every turn, and a talk's end has more in it.
"""

from __future__ import annotations

import argparse
from typing import Any

import gymnasium as gym
import numpy as np

import empathy_gym  # noqa: F401  (registers the ids)
from empathy_gym.wrappers import FixedHorizon, StripInfo

PIP = "pip install torch==2.13.0 tianshou"

ENVS, ROLLOUT, EPOCHS, BATCH = 16, 64, 8, 256
HIDDEN = (64, 64)


def talk() -> gym.Env[Any, Any]:
    """A talk with a seeker of the train split; observation: ``obs``, (features,), and ``mask``, (moves,)."""
    env: Any = StripInfo(FixedHorizon(gym.make("EmpathyStrategy-v0")), keep=())
    masks = env.get_wrapper_attr("action_masks")
    space = gym.spaces.Dict({"obs": env.observation_space, "mask": gym.spaces.MultiBinary(int(env.action_space.n))})
    return gym.wrappers.TransformObservation(env, lambda seen: {"obs": seen, "mask": masks()}, space)


def networks(features: int, moves: int) -> tuple[Any, Any]:
    """Actor and critic, each with a body of its own; both see Tianshou's batch of ``obs`` and ``mask``."""
    import torch
    from tianshou.utils.net.common import Net
    from tianshou.utils.net.discrete import DiscreteActor, DiscreteCritic

    class Actor(DiscreteActor):
        def forward(self, obs: Any, state: Any = None, info: Any = None) -> tuple[Any, Any]:
            logits, state = super().forward(obs.obs, state, info)  # (batch, moves)
            return logits.masked_fill(~torch.as_tensor(obs.mask, dtype=torch.bool), float("-inf")), state

    class Critic(DiscreteCritic):
        def forward(self, obs: Any, state: Any = None, info: Any = None) -> Any:
            return super().forward(obs.obs, state, info)  # (batch, 1)

    def body() -> Any:
        return Net(state_shape=(features,), hidden_sizes=HIDDEN, activation=torch.nn.Tanh)

    actor = Actor(preprocess_net=body(), action_shape=moves, softmax_output=False)
    critic = Critic(preprocess_net=body())
    for part, gain in ((actor, 0.01), (critic, 1.0)):
        layers = [module for module in part.modules() if isinstance(module, torch.nn.Linear)]
        for layer in layers:
            torch.nn.init.orthogonal_(layer.weight, gain if layer is layers[-1] else 2**0.5)
            torch.nn.init.zeros_(layer.bias)
    return actor, critic


def train(steps: int, seed: int = 0) -> Any:
    """A policy after that many turns with seekers of the train split."""
    try:
        import torch
        from tianshou.algorithm import PPO
        from tianshou.algorithm.modelfree.reinforce import DiscreteActorPolicy
        from tianshou.algorithm.optim import AdamOptimizerFactory, LRSchedulerFactoryLinear
        from tianshou.data import Collector, VectorReplayBuffer
        from tianshou.env import DummyVectorEnv
        from tianshou.trainer import OnPolicyTrainerParams
    except ImportError as error:
        raise SystemExit(f"expected Tianshou, got {error}; {PIP}") from error
    np.random.seed(seed)
    torch.manual_seed(seed)
    talks = DummyVectorEnv([talk] * ENVS)
    talks.seed(seed)
    one: Any = talk()
    moves = one.action_space
    actor, critic = networks(one.observation_space["obs"].shape[0], moves.n)
    each = ENVS * ROLLOUT
    adam = AdamOptimizerFactory(lr=1.5e-3, eps=1e-5)
    algorithm = PPO(
        policy=DiscreteActorPolicy(actor=actor, action_space=moves, deterministic_eval=True), critic=critic,
        optim=adam.with_lr_scheduler_factory(LRSchedulerFactoryLinear(1, steps, each)), gamma=1.0, gae_lambda=0.95,
        ent_coef=0.005, vf_coef=0.5, max_grad_norm=0.5, advantage_normalization=True,
    )  # fmt: skip
    collector = Collector(algorithm, talks, VectorReplayBuffer(each, ENVS))
    collector.reset()
    algorithm.run_training(
        OnPolicyTrainerParams(
            training_collector=collector, max_epochs=1, epoch_num_steps=steps, collection_step_num_env_steps=each,
            update_step_num_repetitions=EPOCHS, batch_size=BATCH,
        )
    )  # fmt: skip
    return algorithm.policy


def player(policy: Any) -> Any:
    """A function that begins a talk anew and returns its policy: ``(observation, mask) -> move``."""
    import torch
    from tianshou.data import Batch

    def act(obs: Any, mask: Any) -> int:
        with torch.no_grad():
            return int(policy(Batch(obs=Batch(obs=obs[None], mask=mask[None]), info=Batch())).act[0])

    policy.eval()
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
