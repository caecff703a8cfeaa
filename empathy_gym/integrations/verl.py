"""A verl agent loop: the policy talks with a seeker, in tokens.

Written to verl 0.9 (``verl.experimental.agent_loop``). Name it in a YAML list at ``actor_rollout_ref.rollout.agent.agent_loop_config_path``::

    - name: empathy_agent
      _target_: empathy_gym.integrations.verl.EmpathyAgentLoop
      env_kwargs: {difficulty: challenging}

and in the data set's column ``agent_name``; :func:`rows` makes such rows. Tokens are verl's: what the policy sampled stays as it was sampled, with mask 1, and
the seeker's lines are merged in with mask 0. The talk's reward is ``reward_score``; each reply's is in ``extra_fields["turn_scores"]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from empathy_gym.errors import InvalidOption
from empathy_gym.integrations.talk import SYSTEM, Talk, missing

PIP = 'pip install "verl>=0.9,<0.10" cachetools uvicorn fastapi'

try:
    from verl.experimental.agent_loop.agent_loop import AgentLoopBase, AgentLoopOutput, register
    from verl.utils.profiler import simple_timer
except ImportError as error:
    raise missing(error, "verl 0.9", PIP) from error

__all__ = ["PIP", "EmpathyAgentLoop", "rows"]


@register("empathy_agent")
class EmpathyAgentLoop(AgentLoopBase):
    """One talk with the seeker of the row's seed.

    Args:
        *args: verl's.
        env_id: of a text environment.
        env_kwargs: its keywords; ``reward`` is ``"change"`` unless they say otherwise.
        **kwargs: verl's.
    """

    def __init__(
        self,
        *args: Any,
        env_id: str = "EmpathySupport-v0",
        env_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._env_id, self._env_kwargs = env_id, {"reward": "change", **(env_kwargs or {})}

    async def run(self, sampling_params: dict[str, Any], **kwargs: Any) -> AgentLoopOutput:
        """Play the talk. One that fills ``rollout.response_length`` ends there, with what it was paid until then.

        Args:
            sampling_params: for the server.
            **kwargs: the row: ``raw_prompt`` (the seeker's first line in it is said anew) and ``extra_info`` with ``seed``.
        """
        told = kwargs.get("extra_info") or {}
        if "seed" not in told:
            raise InvalidOption(f"extra_info: expected a 'seed', as rows() makes, got {told!r}")
        talk = Talk(self._env_id, **self._env_kwargs)
        line = await self._aside(talk.open, int(told["seed"]))
        messages = [dict(m) for m in kwargs.get("raw_prompt", ()) if m["role"] != "user"]
        messages.append({"role": "user", "content": line})
        tokens = _Tokens(await self.ct_build_initial_tokens(messages))
        metrics: dict[str, Any] = {}
        request = uuid4().hex  # one for the talk, so that it stays with the server that has its cache
        limit = int(self.rollout_config.response_length)
        while True:
            with simple_timer("generate_sequences", metrics):
                said = await self.server_manager.generate(
                    request_id=request, prompt_ids=tokens.ids, sampling_params=sampling_params
                )
            await self._said(tokens, said)
            reply = self.tokenizer.decode(said.token_ids, skip_special_tokens=True).strip()
            heard = await self._aside(talk.hear, reply)
            if heard.over or len(tokens.mask) >= limit:
                break
            before = [*messages, {"role": "assistant", "content": reply}]
            messages = [*before, {"role": "user", "content": heard.line}]
            merged, mask, logprobs = await self.ct_merge_context_msg(
                before, messages, tokens.ids, tokens.mask, tokens.logprobs
            )
            if len(mask) >= limit:
                break  # no room for another reply: the last one stays the end
            tokens = _Tokens(merged.token_ids, mask, logprobs)
        output = _output(tokens, talk, limit, metrics)
        talk.close()
        return output

    async def _said(self, tokens: _Tokens, said: Any) -> None:
        """Append what the policy sampled."""
        if not said.log_probs:
            tokens.logprobs = None
        own = said.log_probs if tokens.logprobs is not None else None
        merged, tokens.mask, tokens.logprobs = await self.ct_merge_assistant_token(
            tokens.ids, said.token_ids, tokens.mask, tokens.logprobs, assistant_logprobs=own
        )
        tokens.ids = merged.token_ids

    async def _aside(self, function: Any, *args: Any) -> Any:
        """Call something outside of the event loop."""
        return await self.loop.run_in_executor(None, function, *args)


@dataclass
class _Tokens:
    """The talk so far as tokens.

    Attributes:
        ids: prompt and response.
        mask: of the response, 1 where the policy spoke.
        logprobs: of the response, 0 where the seeker spoke; None where the server gives none.
    """

    ids: list[int]
    mask: list[int] = field(default_factory=list)
    logprobs: list[float] | None = field(default_factory=list)


def _output(tokens: _Tokens, talk: Talk, limit: int, metrics: dict[str, Any]) -> AgentLoopOutput:
    cut = len(tokens.ids) - len(tokens.mask)
    output = AgentLoopOutput(
        prompt_ids=tokens.ids[:cut],
        response_ids=tokens.ids[cut:][:limit],
        response_mask=tokens.mask[:limit],
        response_logprobs=tokens.logprobs[:limit] if tokens.logprobs else None,
        reward_score=talk.reward,
        num_turns=1 + 2 * len(talk.turn_rewards),
        metrics={"num_preempted": -1, **metrics},
    )
    # The first two are what verl's own loops have; samples of one batch must agree in their fields.
    output.extra_fields = {
        "turn_scores": list(talk.turn_rewards),
        "tool_rewards": [],
        "final_emotion": talk.info["emotion"] / 1000,
    }
    return output


def rows(
    count: int, seed: int = 0, system: str = SYSTEM, env_id: str = "EmpathySupport-v0", **env_kwargs: Any
) -> list[dict[str, Any]]:
    """Rows of a data set, one a seeker; verl repeats a row to make a group, which then meets the same seeker.

    Args:
        count: of rows.
        seed: of the first row's seeker; row i has ``seed + i``.
        system: a system prompt.
        env_id: of a text environment.
        **env_kwargs: the environment's, as the loop has them.
    """
    talk = Talk(env_id, **env_kwargs)
    return [
        {
            "data_source": "empathy_gym",
            "agent_name": "empathy_agent",
            "prompt": [{"role": "system", "content": system}, {"role": "user", "content": talk.open(i)}],
            "reward_model": {"style": "rule", "ground_truth": ""},
            "extra_info": {"seed": i, "index": i},
        }
        for i in range(seed, seed + count)
    ]
