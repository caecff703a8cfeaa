"""Evaluate a supporter on held-out seekers.

python -m agents.evaluate --agent competent --episodes 200
python -m agents.evaluate --model runs/thinking-0/policy --scaffold thinking
python -m agents.evaluate --gguf FILE.gguf --scaffold direct --episodes 40
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from tqdm import tqdm

import empathy_gym  # noqa: F401  (registers the ids)
from agents.intervals import mean_interval
from agents.language_model import NANO, LanguageModelSupporter, convert_gguf
from agents.scripted import SUPPORTERS
from empathy_gym.seeker.ledger import SKILLS

BATCH = 50
"""Talks at once."""


def run(
    policy: Any,
    env_id: str = "EmpathySupport-v0",
    episodes: int = 200,
    split: str = "test",
    seed: int = 0,
    progress: bool = False,
    **env_kwargs: Any,
) -> list[dict[str, Any]]:
    """Play a policy on seekers fixed by the seed: the same ones for every policy.

    Args:
        policy: ``reset(num)`` and ``act(chats, infos)``; with ``privileged = True`` it is shown ``info["privileged"]``.
        env_id: of a text environment.
        episodes: how many talks.
        split: ``train``, ``dev`` or ``test``.
        seed: of the first talk; talk i has ``seed + i``.
        progress: whether to show a bar.
        **env_kwargs: further keywords of the environment.

    Returns:
        One dict a talk: ``scenario``, ``final_emotion`` (0 to 100, float), ``skills`` (milli-points), ``outcome``, ``transcript``.
    """
    privileged = bool(getattr(policy, "privileged", False))
    results: list[dict[str, Any]] = []
    bar = tqdm(total=episodes, disable=not progress, desc="talks")
    for start in range(0, episodes, BATCH):
        count = min(BATCH, episodes - start)
        env = gym.make_vec(
            env_id, num_envs=count, split=split, privileged=privileged, autoreset_mode="DISABLED", **env_kwargs
        )
        results += _play(env.unwrapped, policy, count, seed + start, privileged, bar)
        env.close()
    bar.close()
    return results


def _play(env: Any, policy: Any, count: int, seed: int, privileged: bool, bar: Any) -> list[dict[str, Any]]:
    """One batch of talks in a native vector environment."""
    env.reset(seed=seed)
    policy.reset(count)
    found: list[dict[str, Any]] = [{} for _ in range(count)]
    while not all(found):
        live = [not f for f in found]
        chats = [env.episodes[i].seeker.messages if live[i] else None for i in range(count)]
        infos = [
            {
                "turn": env.episodes[i].turn,
                **({"privileged": env.episodes[i].seeker.privileged()} if privileged else {}),
            }
            if live[i]
            else None
            for i in range(count)
        ]
        replies = policy.act(chats, infos)
        for i in range(count):
            if not live[i]:
                continue
            episode = env.episodes[i]
            episode.step(replies[i])
            if episode.over:
                info = episode.info()
                found[i] = {
                    "scenario": info["scenario"],
                    "final_emotion": info["emotion"] / 1000,
                    "skills": info["skills"],
                    "outcome": info["outcome"],
                    "well_formed": episode.well_formed / episode.turn,
                    "transcript": info["transcript"],
                }
                bar.update()
    return found


def summary(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Mean final emotion with a 95 % interval over talks, mean skills in points, outcomes, format rate."""
    mean, low, high = mean_interval([r["final_emotion"] for r in results])
    return {
        "episodes": len(results),
        "final_emotion": round(mean, 2),
        "interval": [round(low, 2), round(high, 2)],
        "skills": {name: round(float(np.mean([r["skills"][name] for r in results])) / 1000, 2) for name in SKILLS},
        "outcomes": dict(sorted(Counter(r["outcome"] for r in results).items())),
        "well_formed": round(float(np.mean([r["well_formed"] for r in results])), 3),
    }


def load_agent(args: argparse.Namespace) -> Any:
    """The policy that the command line names."""
    kwargs = {"max_new": args.max_new, "temperature": args.temperature, "seed": args.seed}
    if args.gguf:
        folder = convert_gguf(args.gguf, args.gguf.with_suffix(""))
        return LanguageModelSupporter.from_folder(folder, args.scaffold, **kwargs)
    if args.model:
        return LanguageModelSupporter.from_folder(args.model, args.scaffold, **kwargs)
    if args.agent in SUPPORTERS:
        return SUPPORTERS[args.agent]()
    folder = NANO / args.agent.removeprefix("nano-")
    if args.agent.startswith("nano-") and folder.exists():
        return LanguageModelSupporter.from_folder(folder, args.scaffold, **kwargs)
    shipped = [f"nano-{p.name}" for p in sorted(NANO.iterdir()) if p.is_dir()] if NANO.exists() else []
    raise SystemExit(f"--agent: expected one of {', '.join([*SUPPORTERS, *shipped])}, got {args.agent!r}")


def main(argv: list[str] | None = None) -> int:
    """Evaluate one agent and print its figures as a card and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agent", default="competent", help="a scripted supporter, or a shipped nano")
    parser.add_argument("--model", type=Path, help="a checkpoint folder")
    parser.add_argument(
        "--gguf", type=Path, help="a GGUF file of a Llama-family chat model; converted beside itself once"
    )
    parser.add_argument("--scaffold", default="direct", choices=("thinking", "direct"))
    parser.add_argument("--episodes", type=int, default=200)
    parser.add_argument("--split", default="test")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--difficulty", default="vanilla")
    parser.add_argument("--max-new", type=int, default=64)
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--json", type=Path, help="write the talks, transcripts included, as JSON lines")
    args = parser.parse_args(argv)
    difficulty: str | float = args.difficulty if args.difficulty.isalpha() else float(args.difficulty)
    scaffold = "direct" if args.agent in SUPPORTERS and not (args.model or args.gguf) else args.scaffold
    results = run(
        load_agent(args),
        episodes=args.episodes,
        split=args.split,
        seed=args.seed,
        progress=True,
        scaffold=scaffold,
        difficulty=difficulty,
    )
    found = summary(results)
    name = args.gguf.stem if args.gguf else str(args.model) if args.model else args.agent
    print(
        f"{name} ({scaffold}) on {args.split}: final emotion {found['final_emotion']} {found['interval']} over {found['episodes']} talks"
    )
    print(f"  skills {found['skills']}\n  outcomes {found['outcomes']}, well-formed {found['well_formed']:.1%}")
    print(
        json.dumps(
            {
                "agent": Path(name).name,
                "scaffold": scaffold,
                "split": args.split,
                "difficulty": args.difficulty,
                **found,
            }
        )
    )
    if args.json:
        temporary = args.json.with_suffix(".tmp")
        temporary.write_text("".join(json.dumps(r) + "\n" for r in results), encoding="utf-8")
        temporary.replace(args.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
