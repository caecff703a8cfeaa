"""A local transformers model in place of an endpoint; torch and transformers are imported when one is made."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from empathy_gym.backends.client import Completion, Message
from empathy_gym.errors import InvalidOption

__all__ = ["LocalClient"]

MISSING = "a local model needs torch and transformers: python -m pip install 'empathy_gym[agents,transformers]'"


class LocalClient:
    """Completes chats with a model on this machine, greedily, one at a time.

    Args:
        model: a folder, or a name on the hub.
        device: as torch names it.
        dtype: of the weights, as torch names it.

    Raises:
        ImportError: without torch or transformers, with the command that installs them.
        InvalidOption: if the model has no chat template.
    """

    def __init__(self, model: str | os.PathLike[str], *, device: str = "cpu", dtype: str = "float32") -> None:
        try:
            import torch
            from transformers import AutoModelForCausalLM, AutoTokenizer
        except ImportError as error:
            raise ImportError(MISSING) from error
        self.identity: dict[str, Any] = {"model": os.fspath(model), "dtype": dtype, "local": True}
        self._tokenizer: Any = AutoTokenizer.from_pretrained(model)
        if not self._tokenizer.chat_template:
            raise InvalidOption(f"model: expected a chat template beside the weights, got none in {model}")
        weights: Any = AutoModelForCausalLM.from_pretrained(model, dtype=getattr(torch, dtype))
        self._model: Any = weights.to(device).eval()
        self._lock = threading.Lock()

    def complete(self, messages: Sequence[Message], max_tokens: int, schema: Mapping[str, Any]) -> Completion:
        """See :class:`~empathy_gym.backends.client.ChatClient`; the schema is not enforced."""
        import torch

        asked = self._tokenizer.apply_chat_template(
            [dict(m) for m in messages], add_generation_prompt=True, return_tensors="pt", return_dict=True
        ).to(self._model.device)  # input_ids, attention_mask: (1, prompt tokens)
        start = asked["input_ids"].shape[1]
        with self._lock, torch.inference_mode():
            made = self._model.generate(
                **asked, max_new_tokens=max_tokens, do_sample=False, pad_token_id=self._tokenizer.eos_token_id
            )  # (1, prompt + answer tokens)
        answer = made[0, start:]
        ended = bool(answer.numel()) and int(answer[-1]) in self._ends()
        text = self._tokenizer.decode(answer, skip_special_tokens=True)
        return Completion(text, start, int(answer.numel()), cut=not ended and int(answer.numel()) >= max_tokens)

    def _ends(self) -> tuple[int, ...]:
        ends = self._model.generation_config.eos_token_id
        return tuple(ends) if isinstance(ends, (list, tuple)) else () if ends is None else (ends,)
