"""Do better supporters end higher with every seeker, not on the average alone?

python -m benchmarks.policy_order [--scenarios 100] [--split test] [--record]

For each scenario the mean final emotion over three seeds has to fall along oracle, competent, stock comfort, inept, hostile; ties count as
kept at the two ends, where the range ends.
"""

from __future__ import annotations

import argparse

import gymnasium as gym
from tqdm import tqdm

import empathy_gym  # noqa: F401  (registers the ids)
from agents.scripted import SUPPORTERS
from benchmarks.arguments import positive
from benchmarks.record import append
from empathy_gym.seeker import bank
from empathy_gym.seeker.keyed import shuffled
from empathy_gym.seeker.scenario import SPLITS

ORDER = ("oracle", "competent", "stock_comfort", "inept", "hostile")
SEEDS = 3


def final(env: gym.Env, name: str, scenario: str, seed: int) -> float:
    """Final emotion, points, of one talk."""
    policy = SUPPORTERS[name]()
    policy.reset(1)
    _, info = env.reset(seed=seed, options={"scenario": scenario})
    over = False
    while not over:
        shown = {"turn": info["turn"], **({"privileged": info["privileged"]} if policy.privileged else {})}
        _, _, terminated, truncated, info = env.step(policy.act([info["messages"]], [shown])[0])
        over = terminated or truncated
    return info["emotion"] / 1000


def kept(means: list[float]) -> list[bool]:
    """For each neighbouring pair whether the better supporter ended above; level is enough at 0 to 10 and at 100."""
    return [a > b or (a == b and (a >= 100 or a < 10)) for a, b in zip(means, means[1:], strict=False)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenarios", type=positive, default=100)
    parser.add_argument("--split", default="test", choices=SPLITS)
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    env = gym.make("EmpathySupport-v0", split=args.split, privileged=True, disable_env_checker=True)
    chosen = shuffled(bank.scenario_ids(args.split), 0, 0, "order")[: args.scenarios]
    rows = []
    for scenario in tqdm(chosen, mininterval=2):
        rows.append(kept([sum(final(env, name, scenario, seed) for seed in range(SEEDS)) / SEEDS for name in ORDER]))
    share = sum(all(row) for row in rows) / len(rows)
    pairs = {
        f"{a} > {b}": round(sum(row[i] for row in rows) / len(rows), 3)
        for i, (a, b) in enumerate(zip(ORDER, ORDER[1:], strict=False))
    }
    print(f"{len(rows)} {args.split} scenarios: the whole order holds in {100 * share:.1f} % (goal 95 %)")
    for pair, value in pairs.items():
        print(f"  {pair:28s} {100 * value:.1f} %")
    if args.record:
        append("policy_order", {"split": args.split, "scenarios": len(rows), "share": round(share, 3), "pairs": pairs})


if __name__ == "__main__":
    main()
