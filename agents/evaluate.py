"""Evaluate a supporter on held-out seekers.

python -m agents.evaluate --agent competent --episodes 200
python -m agents.evaluate --agent nano-thinking
python -m agents.evaluate --model runs/thinking-0/policy
python -m agents.evaluate --gguf FILE.gguf --scaffold direct --episodes 40
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from tqdm import tqdm

import empathy_gym  # noqa: F401  (registers the ids)
from agents.intervals import mean_interval
from agents.language_model import NANO, SCAFFOLDS, LanguageModelSupporter, convert_gguf
from agents.options import checked_device, checked_difficulty
from agents.scripted import SUPPORTERS
from empathy_gym.files import try_writing, write_whole
from empathy_gym.seeker.ledger import SKILLS
from empathy_gym.seeker.scenario import SPLITS
from empathy_gym.seeker.text import split_thought

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
        One dict a talk: ``scenario``, ``final_emotion`` (0 to 100, float), ``skills`` (milli-points, summed over the talk), ``outcome``,
        ``transcript``, ``well_formed`` (share of replies that kept the environment's scaffold) and ``emotions`` (0 to 100, one more than turns).
    """
    if episodes < 1:
        raise ValueError(f"episodes: expected at least 1, got {episodes}")
    results: list[dict[str, Any]] = []
    privileged = bool(getattr(policy, "privileged", False))
    kwargs = {**env_kwargs, "split": split, "privileged": privileged, "disable_env_checker": True}
    envs = [gym.make(env_id, **kwargs) for _ in range(min(BATCH, episodes))]
    with tqdm(total=episodes, disable=not progress, desc="talks") as bar:
        for start in range(0, episodes, BATCH):
            count = min(BATCH, episodes - start)
            results += _play(policy, envs[:count], seed + start, privileged, bar)
    for env in envs:
        env.close()
    return results


def _play(policy: Any, envs: Sequence[Any], seed: int, privileged: bool, bar: Any) -> list[dict[str, Any]]:
    """One talk in each environment, in lock-step."""
    infos = [env.reset(seed=seed + i)[1] for i, env in enumerate(envs)]
    emotions = [[info["emotion"] / 1000] for info in infos]
    raws: list[list[str]] = [[] for _ in envs]
    shown = ("turn", "privileged") if privileged else ("turn",)
    policy.reset(len(envs))
    live = set(range(len(envs)))
    while live:
        chats = [info["messages"] if i in live else None for i, info in enumerate(infos)]
        hints = [{k: info[k] for k in shown} if i in live else None for i, info in enumerate(infos)]
        replies = policy.act(chats, hints)
        for i in sorted(live):
            _, _, terminated, truncated, infos[i] = envs[i].step(replies[i])
            raws[i].append(replies[i])
            emotions[i].append(infos[i]["emotion"] / 1000)
            if terminated or truncated:
                live.remove(i)
                bar.update()
    thinking = _scaffold(envs[0]) == "thinking"
    return [
        {
            "scenario": info["scenario"],
            "final_emotion": info["emotion"] / 1000,
            "skills": info["skills"],
            "outcome": info["outcome"],
            "transcript": info["transcript"],
            "well_formed": sum(split_thought(r)[2] for r in own) / len(own) if thinking else 1.0,
            "emotions": heights,
        }
        for info, own, heights in zip(infos, raws, emotions, strict=True)
    ]


def _scaffold(env: Any) -> str:
    return str(env.spec.kwargs.get("scaffold", "direct"))


def summary(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Mean final emotion with a 95 % interval over talks (None of one talk), mean skills in points, outcomes, format rate."""
    mean, low, high = mean_interval([r["final_emotion"] for r in results])
    return {
        "episodes": len(results),
        "final_emotion": round(mean, 2),
        "interval": None if len(results) < 2 else [round(low, 2), round(high, 2)],
        "skills": {name: round(float(np.mean([r["skills"][name] for r in results])) / 1000, 2) for name in SKILLS},
        "outcomes": dict(sorted(Counter(r["outcome"] for r in results).items())),
        "well_formed": round(float(np.mean([r["well_formed"] for r in results])), 3),
    }


def shipped() -> list[str]:
    """Names of the bundled trained models."""
    return [f"nano-{path.name}" for path in sorted(NANO.glob("*")) if (path / "config.json").exists()]


def load_agent(
    agent: str = "competent",
    model: Path | None = None,
    gguf: Path | None = None,
    scaffold: str | None = None,
    device: str = "cpu",
    **kwargs: Any,
) -> Any:
    """The policy of that name, or the language model in that folder or GGUF file.

    Args:
        agent: one of ``SUPPORTERS`` or of :func:`shipped`.
        model: a checkpoint folder.
        gguf: a GGUF file; it is converted to a folder beside it once.
        scaffold: of a language model; None takes what its card says.
        device: of a language model.
        **kwargs: ``max_new``, ``temperature``, ``seed``, ``dtype`` of a language model.

    Raises:
        ValueError: for a name that is not known.
    """
    folder = convert_gguf(gguf, gguf.with_suffix("")) if gguf else model
    if folder is None and agent in SUPPORTERS:
        return SUPPORTERS[agent]()
    if folder is None and agent in shipped():
        folder = NANO / agent.removeprefix("nano-")
    if folder is None:
        raise ValueError(f"agent: expected one of {', '.join([*SUPPORTERS, *shipped()])}, got {agent!r}")
    return LanguageModelSupporter.from_folder(folder, scaffold, device, **kwargs)


def _checked(args: argparse.Namespace) -> str | float:
    """The difficulty as the environment takes it, if all numbers on the command line can be.

    Raises:
        ValueError: naming the first that cannot.
    """
    checked_device(args.device)
    for name, low in (("episodes", 1), ("seed", 0), ("max_new", 1), ("temperature", 0)):
        value = getattr(args, name)
        if value is not None and not low <= value < math.inf:
            raise ValueError(f"{name}: expected a number from {low}, got {value}")
    if args.json:
        try:
            try_writing(args.json)
        except OSError as error:
            raise ValueError(
                f"json: expected a path that can be written, got {args.json}: {error.strerror or error}"
            ) from error
    if args.gguf and not args.gguf.is_file():
        raise ValueError(f"gguf: expected a file, got {args.gguf}")
    return checked_difficulty(args.difficulty)


def main(argv: list[str] | None = None) -> int:
    """Evaluate one agent and print its figures as a card and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--agent", default="competent", help="a scripted supporter or a bundled nano; default: competent"
    )
    which.add_argument("--model", type=Path, help="a checkpoint folder: trained here, or any Llama or Qwen chat model")
    which.add_argument("--gguf", type=Path, help="a GGUF file of one; converted beside itself once")
    parser.add_argument("--scaffold", choices=SCAFFOLDS, help="default: what the model's card says, else direct")
    parser.add_argument("--episodes", type=int, default=200)
    parser.add_argument("--split", default="test", choices=SPLITS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--difficulty", default="vanilla", help="vanilla, challenging or a number from 0 to 1.5")
    parser.add_argument("--max-new", type=int, help="tokens a reply; default: what the model's card says, else 64")
    parser.add_argument("--temperature", type=float, default=1.0, help="0 is greedy")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--dtype", default="float32", choices=("float32", "bfloat16"))
    parser.add_argument("--json", type=Path, help="write the talks, transcripts included, as JSON lines")
    args = parser.parse_args(argv)
    kwargs = {"temperature": args.temperature, "seed": args.seed, "dtype": getattr(torch, args.dtype)}
    if args.max_new:
        kwargs["max_new"] = args.max_new
    try:
        difficulty = _checked(args)
        policy = load_agent(args.agent, args.model, args.gguf, args.scaffold, args.device, **kwargs)
        scaffold = getattr(policy, "scaffold", "direct")
        results = run(
            policy, "EmpathySupport-v0", args.episodes, args.split, args.seed, True, scaffold=scaffold, difficulty=difficulty
        )  # fmt: skip
    except (ValueError, FileNotFoundError) as error:
        raise SystemExit(f"evaluate: {error}") from error
    found = summary(results)
    name = args.gguf.stem if args.gguf else str(args.model) if args.model else args.agent
    print(f"{name}, {scaffold}, {found['episodes']} talks on {args.split} seekers, {args.difficulty}")
    print(f"  final emotion  {found['final_emotion']} {found['interval'] or '(one talk has no interval)'}")
    print(f"  skills         {', '.join(f'{k} {v}' for k, v in found['skills'].items())}")
    print(f"  outcomes       {', '.join(f'{k} {v}' for k, v in found['outcomes'].items())}")
    print(f"  well-formed    {found['well_formed']:.1%}")
    print(
        json.dumps(
            {
                "agent": Path(name).name,
                "scaffold": scaffold,
                "split": args.split,
                "seed": args.seed,
                "difficulty": args.difficulty,
                **found,
            }
        )
    )
    if args.json:
        write_whole(args.json, "".join(json.dumps(r) + "\n" for r in results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
