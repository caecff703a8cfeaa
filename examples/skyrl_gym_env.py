"""Seekers in SkyRL-gym's registry, played as SkyRL's generator plays them.

    pip install "skyrl-gym>=0.4,<0.5"
    python -m examples.skyrl_gym_env --seekers 2 --group 2

In a training the same ``register`` call goes inside the Ray entry point, and the rows into the data set.
"""

from __future__ import annotations

import argparse
from typing import Any

from agents.scripted import SUPPORTERS

PIP = 'pip install "skyrl-gym>=0.4,<0.5"'


def play(seekers: int, group: int, agent: str = "competent", seed: int = 0, **env_config: Any) -> list[dict[str, Any]]:
    """Talks of a supporter, ``group`` with each seeker.

    Returns:
        One dict a talk: ``seed``, ``turn_rewards``, and SkyRL's metrics ``final_emotion``, ``replies`` and ``reward``.
    """
    try:
        import skyrl_gym

        from empathy_gym.integrations.skyrl_gym import rows
    except ImportError as error:
        raise SystemExit(f"expected skyrl-gym, got {error}; {PIP}") from error
    if "empathy_support" not in skyrl_gym.envs.registration.registry:
        skyrl_gym.register("empathy_support", entry_point="empathy_gym.integrations.skyrl_gym:EmpathyTextEnv")
    found = []
    for row in (row for row in rows(seekers, seed, **env_config) for _ in range(group)):
        env = skyrl_gym.make(row["env_class"], env_config=env_config, extras=row)
        chat, told = env.init(row["prompt"])
        policy, rewards, done = SUPPORTERS[agent](), [], False
        policy.reset(1)
        while not done:
            talk = [message for message in chat if message["role"] != "system"]
            reply = policy.act([talk], [{"turn": len(rewards)}])[0]
            out = env.step(reply)
            chat, done = [*chat, {"role": "assistant", "content": reply}, *out["observations"]], out["done"]
            rewards.append(out["reward"])
        found.append({"seed": told["seed"], "turn_rewards": rewards, **env.get_metrics()})
        env.close()
    return found


def main() -> None:
    """Play, and print what each reply was paid."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seekers", type=int, default=2)
    parser.add_argument("--group", type=int, default=2)
    args = parser.parse_args()
    for talk in play(args.seekers, args.group, split="test"):
        paid = " ".join(f"{reward:+.3f}" for reward in talk["turn_rewards"])
        print(f"seed {talk['seed']}: final emotion {talk['final_emotion']:.1f}: {paid}")


if __name__ == "__main__":
    main()
