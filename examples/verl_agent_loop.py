"""verl's agent loop with the bundled nano, without Ray and without a GPU.

    pip install torch==2.13.0 "verl>=0.9,<0.10" cachetools uvicorn fastapi tokenizers safetensors tqdm
    python -m examples.verl_agent_loop --seekers 2 --group 2

The loop, its tokens and its output are verl's and ours; the one part that is replaced is the inference server, by a model in this process. In a training
verl makes the loop itself: see ``empathy_gym.integrations.verl``.
"""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from examples.trl_grpo import START, tokenizer

PIP = 'pip install torch==2.13.0 "verl>=0.9,<0.10" cachetools uvicorn fastapi tokenizers safetensors tqdm'


class LocalServer:
    """What a loop asks of verl's inference servers: tokens in, tokens and their log-probabilities out."""

    def __init__(self, folder: Any = START) -> None:
        from transformers import AutoModelForCausalLM

        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype="float32")

    async def generate(
        self, request_id: str, *, prompt_ids: list[int], sampling_params: dict[str, Any], **_: Any
    ) -> Any:
        """A reply in tokens."""
        import torch
        from verl.workers.rollout.replica import TokenOutput

        end = tokenizer().eos_token_id
        with torch.no_grad():
            made = self.model.generate(
                torch.tensor([prompt_ids]), do_sample=True, top_k=0, max_new_tokens=sampling_params["max_tokens"],
                temperature=sampling_params["temperature"], eos_token_id=end, pad_token_id=end, output_logits=True,
                return_dict_in_generate=True,
            )  # fmt: skip
        ids = made.sequences[0, len(prompt_ids) :].tolist()
        logprobs = [float(row[0].log_softmax(-1)[i]) for row, i in zip(made.logits, ids, strict=True)]
        return TokenOutput(token_ids=ids, log_probs=logprobs, stop_reason="completed")


def play(
    seekers: int, group: int, max_new: int = 40, response_length: int = 1_024, seed: int = 0, **env_kwargs: Any
) -> list[Any]:
    """Talks of the nano, ``group`` with each seeker: verl's ``AgentLoopOutput``, one a talk."""
    try:
        from omegaconf import OmegaConf
        from verl.experimental.agent_loop.agent_loop import DictConfigWrap
        from verl.utils.dataset.rl_dataset import RLHFDataset

        from empathy_gym.integrations.verl import EmpathyAgentLoop, rows
    except ImportError as error:
        raise SystemExit(f"expected verl, got {error}; {PIP}") from error
    rollout = {"prompt_length": 512, "response_length": response_length}
    config = OmegaConf.create({"actor_rollout_ref": {"rollout": rollout}})

    async def talks() -> list[Any]:
        server, sampling = LocalServer(), {"temperature": 1.0, "max_tokens": max_new}
        found = []
        for row in (row for row in rows(seekers, seed, **env_kwargs) for _ in range(group)):
            loop = EmpathyAgentLoop(
                trainer_config=DictConfigWrap(config), server_manager=server, tokenizer=tokenizer(), processor=None,
                dataset_cls=RLHFDataset, data_config=DictConfigWrap(OmegaConf.create({})), env_kwargs=env_kwargs,
            )  # fmt: skip
            found.append(await loop.run(sampling, raw_prompt=row["prompt"], extra_info=row["extra_info"]))
        return found

    return asyncio.run(talks())


def main() -> None:
    """Play, and print what each reply was paid."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seekers", type=int, default=2)
    parser.add_argument("--group", type=int, default=2)
    args = parser.parse_args()
    for output in play(args.seekers, args.group, split="test"):
        paid = " ".join(f"{reward:+.3f}" for reward in output.extra_fields["turn_scores"])
        own = sum(output.response_mask)
        print(f"reward {output.reward_score:+.3f}, {own} of {len(output.response_mask)} tokens the policy's: {paid}")


if __name__ == "__main__":
    main()
