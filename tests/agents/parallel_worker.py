"""What test_parallel and test_shard train, alone or as one of torchrun's processes: ``parallel_worker.py FOLDER UNTIL CASE...``."""

import atexit
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import torch

from agents.learner.chat import NanoFormat
from agents.learner.loop import Trainer
from agents.learner.parallel import Team, team
from agents.learner.shard import whole
from agents.presets import PRESETS, Preset
from empathy_gym.seeker.keyed import draw
from tests.agents.conftest import Colours, tiny_model, word_tokenizer

ROOT = Path(__file__).resolve().parents[2]
SHRUNK = dict(steps=4, max_turns=2, max_new=3, eval_every=2, eval_episodes=5, save_every=2, tokens=300, probe_every=1)
CASES: dict[str, Preset] = {
    "nano": replace(PRESETS["nano"], **SHRUNK, scenarios=4, group=3),
    "ppo": replace(PRESETS["nano-ppo"], **SHRUNK, scenarios=12),
    "grpo": replace(PRESETS["nano-grpo"], **SHRUNK, scenarios=4, group=3, minibatches=2, epochs=2, kl=0.1),
    "pool": replace(PRESETS["nano"], **SHRUNK, scenarios=2, group=3, pool=5, aggregation="tokens"),
    "lora": replace(PRESETS["nano"], **SHRUNK, scenarios=4, group=4, lora_rank=2, kl=0.1, slots=3, checkpointing=True),
    "turns": replace(PRESETS["nano-ppo"], **SHRUNK, scenarios=4, group=2, keep_thoughts=False),
    "one-sided": replace(PRESETS["nano"], **SHRUNK, scenarios=2, group=16),
    "flat": replace(PRESETS["nano"], **SHRUNK, scenarios=2, group=2),
}
SHARDED: dict[str, Preset] = {
    f"sharded-{case}": replace(preset, shard=True, **changes)
    for case, preset, changes in (
        ("nano", CASES["nano"], {"checkpointing": True}),
        (
            "ppo",
            CASES["ppo"],
            {"tokens": 1},
        ),  # a row a micro-batch: a minibatch has more of them in one process than in the other
        ("grpo", CASES["grpo"], {"tokens": 1}),
        ("one-sided", CASES["one-sided"], {}),
        ("flat", CASES["flat"], {}),
    )
}
HALF: dict[str, Preset] = {
    "bf16": replace(CASES["ppo"], clip="cispo"),
    "sharded-bf16": replace(CASES["ppo"], clip="cispo", shard=True),
}


class OneSided(Colours):
    """Only the seekers of the first group hear what is said: the second process sees no signal."""

    hears = {draw(0, step, "group/0") % 2**31 for step in range(4)}

    def reset(self, *, seed=None, options=None):
        self._pays = seed in self.hears
        return super().reset(seed=seed, options=options)

    def step(self, action):
        line, reward, *rest = super().step(action)
        return line, reward * self._pays, *rest


class Flat(OneSided):
    hears = set()


def trainer(case: str, out: Path, crew: Team = Team()) -> Trainer:
    env = {"one-sided": OneSided, "flat": Flat}.get(case.removeprefix("sharded-"), Colours)
    scaffold = "thinking" if case == "turns" else "direct"
    model = tiny_model(loud=2.0).to(torch.bfloat16 if case.endswith("bf16") else torch.float32)
    preset = {**CASES, **SHARDED, **HALF}[case]
    return Trainer(model, NanoFormat(word_tokenizer()), preset, scaffold, 0, out, lambda split: env(), crew)


def trained(run: Trainer) -> torch.Tensor:
    """All that is trained of the policy, in one row."""
    return torch.cat([whole(p.detach()).flatten().clone() for p in run.optimiser.masters])


def torchrun(folder, until, *cases):
    """Runs the worker twice side by side; the cases in one go, because starting takes longer than training."""
    command = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run(
        [sys.executable, *command, "-m", "tests.agents.parallel_worker", str(folder), str(until), *cases],
        cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]


def logged(folder):
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{k: v for k, v in row.items() if "second" not in k} for row in rows]


def kept(run: Trainer) -> dict[str, int]:
    """How many numbers this process keeps of a policy that is shared out, and in how many weights the copy that samples differs from it."""
    weights = run.optimiser.weights
    moments = [s[name] for s in run.optimiser.adam.state.values() for name in ("exp_avg", "exp_avg_sq")]
    pairs = zip(weights, run.model.parameters(), strict=True)
    return {
        "weights": sum(p.to_local().numel() for p in weights),
        "moments": sum(m.to_local().numel() for m in moments),
        "differs": sum(not torch.equal(whole(p.detach()).to(copy.dtype), copy) for p, copy in pairs),
    }


def no_thread_is_left() -> None:
    """As the last thing before the interpreter shuts down: a thread of the group that lives longer may abort it, once in some hundred runs."""
    tasks = Path("/proc/self/task")
    left = [t for t in tasks.glob("*/comm") if "gloo" in t.read_text()] if tasks.exists() else []
    if left:
        print(f"expected no thread of the process group at exit, got {len(left)}", file=sys.stderr, flush=True)
        os._exit(1)


def main() -> None:
    atexit.register(no_thread_is_left)  # before the team's own: what is registered last runs first
    folder, until, cases = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    torch.set_num_threads(1)
    with team("cpu") as (crew, _):
        for case in cases:
            run = trainer(case, folder / case, crew)
            run.restore()
            run.run(until)
            torch.save(trained(run), folder / case / f"rank{crew.rank}.pt")
            if run.sharded:
                (folder / case / f"rank{crew.rank}.json").write_text(json.dumps(kept(run)))


if __name__ == "__main__":
    main()
