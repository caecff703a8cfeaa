"""What test_parallel trains, alone or as one of torchrun's processes: ``parallel_worker.py FOLDER UNTIL CASE...``."""

import sys
from dataclasses import replace
from pathlib import Path

import torch

from agents.learner.chat import NanoFormat
from agents.learner.loop import Trainer
from agents.learner.parallel import Team, team
from agents.presets import PRESETS, Preset
from empathy_gym.seeker.keyed import draw
from tests.agents.conftest import Colours, tiny_model, word_tokenizer

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
    env = {"one-sided": OneSided, "flat": Flat}.get(case, Colours)
    scaffold = "thinking" if case == "turns" else "direct"
    return Trainer(
        tiny_model(loud=2.0), NanoFormat(word_tokenizer()), CASES[case], scaffold, 0, out, lambda split: env(), crew
    )


def trained(run: Trainer) -> torch.Tensor:
    """All that is trained of the policy, in one row."""
    return torch.cat([p.detach().flatten().clone() for p in run.optimiser.masters])


def main() -> None:
    folder, until, cases = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    torch.set_num_threads(1)
    with team("cpu") as (crew, _):
        for case in cases:
            run = trainer(case, folder / case, crew)
            run.restore()
            run.run(until)
            torch.save(trained(run), folder / case / f"rank{crew.rank}.pt")


if __name__ == "__main__":
    main()
