"""TRL's GRPOTrainer on a seeker: talks of several turns by ``rollout_func``, or ``respond`` as a tool by ``environment_factory``.

Written to TRL 1.16; needs 1.8 or newer. The rollout is plain chat: the policy's tokens are kept as they were sampled, and the seeker's are marked by TRL's
``env_mask``, so that the loss never sees them. A prompt carries the seed of its seeker; TRL repeats prompts to make groups, so all members of a group
meet the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from empathy_gym.errors import InvalidOption
from empathy_gym.integrations.talk import SYSTEM, Talk, missing

if TYPE_CHECKING:
    from datasets import Dataset

__all__ = ["PIP", "emotion_reward", "environment", "need_trl", "rollout_func", "seekers"]

PIP = 'pip install "trl>=1.8" "transformers>=5.2"'

Generate = Callable[[list[list[int]], Any], tuple[list[list[int]], "list[list[float]] | None"]]
"""``(histories, trainer) -> (replies, their log-probabilities or None)``, all in token ids."""

_MARK = "empathygymmark"  # stands for a reply when a template is asked what follows one


def need_trl() -> None:
    """Check that TRL is there.

    Raises:
        ImportError: if it is not; names the command that installs it.
    """
    try:
        import trl  # noqa: F401
    except ImportError as error:
        raise missing(error, "TRL 1.8 or newer", PIP) from error


def seekers(
    count: int, seed: int = 0, env_id: str = "EmpathySupport-v0", system: str | None = SYSTEM, **env_kwargs: Any
) -> Dataset:
    """A data set of prompts, one a seeker, for :func:`rollout_func` and for :func:`environment`.

    Args:
        count: of rows.
        seed: of the first row's seeker; row i has ``seed + i``.
        env_id: of a text environment.
        system: a system prompt; None for none.
        **env_kwargs: the environment's; the same as the rollout's, or the first lines will not be its.

    Returns:
        Columns ``prompt`` (chat messages; the seeker's first line carries ``seed``) and ``seed``.
    """
    need_trl()
    from datasets import Dataset

    talk = Talk(env_id, **env_kwargs)
    before = [] if system is None else [{"role": "system", "content": system, "seed": None}]
    rows = [
        {"prompt": [*before, {"role": "user", "content": talk.open(i), "seed": i}], "seed": i}
        for i in range(seed, seed + count)
    ]
    talk.close()
    return Dataset.from_list(rows)


def emotion_reward(
    env_reward: Sequence[float],
    final_emotion: Sequence[float],
    log_metric: Callable[[str, float], None] | None = None,
    **_: Any,
) -> list[float]:
    """The trainer's reward function: what the environment paid for the whole talk; logs the final emotion, points."""
    if log_metric is not None:
        log_metric("talks/final_emotion", sum(final_emotion) / len(final_emotion))
    return list(env_reward)


def rollout_func(
    env_id: str = "EmpathySupport-v0", generate: Generate | None = None, **env_kwargs: Any
) -> Callable[[list[Any], Any], dict[str, list[Any]]]:
    """What ``GRPOTrainer(rollout_func=...)`` takes.

    ``max_completion_length`` of the trainer's arguments bounds each reply and not the talk; the model must have room for ``max_turns`` of them.

    Args:
        env_id: of a text environment.
        generate: how to reply; None asks the trainer's own batched generation, vLLM included.
        **env_kwargs: the environment's.

    Returns:
        A function of prompts (those of :func:`seekers`) and trainer. It returns, one entry a talk, ``prompt_ids``, ``completion_ids``, ``logprobs``
        (None unless the generation has them), ``env_mask`` (1 where the policy spoke), and for reward functions: ``env_reward``, ``turn_rewards``
        (one a reply), ``reply_ends`` (where in ``completion_ids`` each reply ends, exclusive), ``final_emotion`` (points), ``outcome``, ``skills``
        (milli-points) and ``transcript``.
    """
    talks: list[Talk] = []
    generate = generate or _from_trainer

    def roll_out(prompts: list[Any], trainer: Any) -> dict[str, list[Any]]:
        talks.extend(Talk(env_id, **env_kwargs) for _ in range(len(prompts) - len(talks)))
        tokenizer = trainer.processing_class
        rows = [_Row(talk, prompt, tokenizer) for talk, prompt in zip(talks, prompts, strict=False)]
        while live := [row for row in rows if not row.talk.over]:
            replies, logprobs = generate([row.history for row in live], trainer)
            for i, row in enumerate(live):
                row.reply(replies[i], None if logprobs is None else logprobs[i])
        return _gathered(rows)

    return roll_out


def environment(env_id: str = "EmpathySupport-v0", **env_kwargs: Any) -> type:
    """A class for ``GRPOTrainer(environment_factory=...)`` whose one tool is ``respond``.

    TRL ends a sample at the first answer without a tool call, so the model must speak through the tool; for plain chat see :func:`rollout_func`.
    The rows of :func:`seekers` bring the seed; without one, each member of a group meets somebody else.
    """

    class Seeker:
        """A talk with a seeker."""

        def __init__(self) -> None:
            self._talk = Talk(env_id, **env_kwargs)

        def reset(self, seed: int | None = None, **row: Any) -> str | None:
            """Begin a talk. The first line is returned unless the row's prompt ends with it already."""
            line = self._talk.open(seed)
            said = row.get("prompt")
            shown = said[-1]["content"] if said and not isinstance(said, str) else said
            return None if shown == line else line

        def respond(self, message: str) -> str:
            """Say something to the person and hear what they answer.

            Args:
                message: What you say to them.

            Returns:
                What they say.
            """
            if self._talk.over:
                raise ValueError("the conversation is over")
            return self._talk.hear(message).line

        def get_reward(self) -> float:
            """What the environment paid for the talk so far."""
            return self._talk.reward

    return Seeker


class _Row:
    """One talk as tokens: what was given before it, and what was sampled and given in it."""

    def __init__(self, talk: Talk, prompt: Any, tokenizer: Any) -> None:
        self.talk, self.tokenizer = talk, tokenizer
        talk.open(_seed(prompt))
        self.prompt: list[int] = list(
            tokenizer.apply_chat_template(prompt, add_generation_prompt=True, tokenize=True, return_dict=False)
        )
        self.completion: list[int] = []
        self.mask: list[int] = []
        self.logprobs: list[float] | None = []
        self.ends: list[int] = []

    @property
    def history(self) -> list[int]:
        return [*self.prompt, *self.completion]

    def reply(self, ids: list[int], logprobs: list[float] | None) -> None:
        """Take in what the policy said and what the seeker answers."""
        self._add(ids, 1, logprobs)
        self.ends.append(len(self.completion))
        end, pad = self.tokenizer.eos_token_id, self.tokenizer.pad_token_id
        # Special tokens stay in the text: the tags of a thought may be some, and the environment has to see them.
        said = self.tokenizer.decode([i for i in ids if i not in (end, pad)], skip_special_tokens=False).strip()
        heard = self.talk.hear(said)
        if not heard.over:
            after = _after_reply(self.tokenizer, heard.line)
            closing = [] if ids and ids[-1] == end else [end]  # a reply that was cut has to be closed
            self._add([*closing, *after], 0, None if self.logprobs is None else [0.0] * (len(closing) + len(after)))

    def _add(self, ids: list[int], own: int, logprobs: list[float] | None) -> None:
        self.completion += ids
        self.mask += [own] * len(ids)
        self.logprobs = None if logprobs is None or self.logprobs is None else [*self.logprobs, *logprobs]


def _gathered(rows: Sequence[_Row]) -> dict[str, list[Any]]:
    infos = [row.talk.info for row in rows]
    logprobs: Any = None if any(row.logprobs is None for row in rows) else [row.logprobs for row in rows]
    return {
        "prompt_ids": [row.prompt for row in rows],
        "completion_ids": [row.completion for row in rows],
        "logprobs": logprobs,
        "env_mask": [row.mask for row in rows],
        "env_reward": [row.talk.reward for row in rows],
        "turn_rewards": [list(row.talk.turn_rewards) for row in rows],
        "reply_ends": [row.ends for row in rows],
        "final_emotion": [info["emotion"] / 1000 for info in infos],
        "outcome": [info["outcome"] for info in infos],
        "skills": [info["skills"] for info in infos],
        "transcript": [info["transcript"] for info in infos],
    }


def _from_trainer(histories: list[list[int]], trainer: Any) -> tuple[list[list[int]], list[list[float]] | None]:
    """The trainer's own generation; each history is one prompt of its own, whatever the size of a group."""
    replies, logprobs = trainer._generate_single_turn(histories, None, {}, 1)
    return replies, logprobs


def _seed(prompt: Any) -> int:
    found = prompt[-1].get("seed") if isinstance(prompt, list) and prompt else None
    if found is None:
        raise InvalidOption(
            f"prompt: expected chat messages whose last has a 'seed', as seekers() makes, got {prompt!r}"
        )
    return int(found)


def _after_reply(tokenizer: Any, line: str) -> list[int]:
    """Tokens from a reply's end, which is not among them, to where the next reply begins.

    The template renders a talk with a mark for the reply, and what follows the mark is taken: earlier tokens are never made again.
    """
    line = line.replace("<|", "< |")  # nobody talks themselves into a role
    talk = [
        {"role": "user", "content": "-"},
        {"role": "assistant", "content": _MARK},
        {"role": "user", "content": line},
    ]
    text = tokenizer.apply_chat_template(talk, add_generation_prompt=True, tokenize=False)
    ids: list[int] = tokenizer.encode(text.split(_MARK, 1)[1], add_special_tokens=False)
    if tokenizer.eos_token_id not in ids:
        raise InvalidOption(f"chat template: expected {tokenizer.eos_token!r} after a reply, got {text!r}")
    return ids[ids.index(tokenizer.eos_token_id) + 1 :]
