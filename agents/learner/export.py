"""A policy as a folder that transformers reads as it was trained: weights, where a reply ends, and the tokeniser with its template."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch

from agents.learner.chat import END, PAD, ChatFormat, NanoFormat
from agents.learner.llama import Llama
from empathy_gym.files import write_whole

BESIDE = (
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja", "generation_config.json",
)  # fmt: skip
"""What lies beside a model's weights and is carried over, where it is there."""


def write_policy(model: Llama, chat: ChatFormat, source: Path, folder: Path, dtype: torch.dtype | None = None) -> None:
    """Write a model with all that is beside it.

    Args:
        model: its weights, adapters merged.
        chat: its format, whose end token ends a reply.
        source: the folder with the tokeniser.
        folder: where to; made if it is not there.
        dtype: of the weights; None: their own.
    """
    model.save(folder, dtype, {"eos_token_id": chat.end, "pad_token_id": chat.pad})
    # A nano's tokeniser belongs to no class of transformers, and one that is guessed splits words otherwise.
    if isinstance(chat, NanoFormat):
        write_nano_tokenizer(chat, folder)
        return
    for name in BESIDE:
        if (source / name).exists():
            shutil.copyfile(source / name, folder / name)


def write_nano_tokenizer(chat: NanoFormat, folder: Path) -> None:
    """Write a nano's tokeniser, and of which class it is."""
    chat.tokenizer.save(str(folder / "tokenizer.json"))
    told = {
        "tokenizer_class": "PreTrainedTokenizerFast", "eos_token": END, "pad_token": PAD,
        "clean_up_tokenization_spaces": False,
    }  # fmt: skip
    write_whole(folder / "tokenizer_config.json", json.dumps(told, indent=1) + "\n")
