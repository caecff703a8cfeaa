"""An OpenEnv server of seekers, and its client: one WebSocket session is one talk at a time.

Written to OpenEnv 0.10 (``openenv``; ``openenv-core`` is its old name). What a supporter may not know stays on the server: an observation has the line,
the turn and whether time ran out; how the talk stands is told at its end.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from empathy_gym.errors import InvalidOption
from empathy_gym.integrations.talk import Talk, missing

PIP = 'pip install "openenv>=0.10,<0.11"'

try:
    from openenv.core import EnvClient
    from openenv.core.client_types import StepResult
    from openenv.core.env_server.http_server import create_fastapi_app
    from openenv.core.env_server.interfaces import Environment
    from openenv.core.env_server.types import Action, Observation, State
except ImportError as error:
    raise missing(error, "OpenEnv 0.10", PIP) from error

__all__ = ["PIP", "EmpathyAction", "EmpathyClient", "EmpathyEnvironment", "EmpathyObservation", "app"]

AT_END = ("outcome", "emotion", "skills", "transcript")
"""Of the environment's ``info``, in an observation's ``metadata`` once the talk is over."""


class EmpathyAction(Action):
    """What the supporter says."""

    message: str


class EmpathyObservation(Observation):
    """What the seeker says, and how many replies came before it; ``reward`` and ``done`` are the base class's."""

    text: str = ""
    turn: int = 0


class EmpathyEnvironment(Environment):
    """A seeker behind OpenEnv's interface.

    Args:
        env_id: of a text environment.
        **env_kwargs: its keywords.
    """

    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(self, env_id: str = "EmpathySupport-v0", **env_kwargs: Any) -> None:
        super().__init__()
        self._talk = Talk(env_id, **env_kwargs)
        self._id: str | None = None

    def reset(
        self, seed: int | None = None, episode_id: str | None = None, scenario: str | None = None, **kwargs: Any
    ) -> EmpathyObservation:
        """Begin a talk.

        Args:
            seed: of the seeker; the same one meets the same seeker in every session.
            episode_id: a name for the talk.
            scenario: an id of the bank, instead of the seed's choice.
            **kwargs: none.
        """
        if kwargs:
            raise InvalidOption(f"reset: expected seed, episode_id and scenario, got {', '.join(sorted(kwargs))}")
        line = self._talk.open(seed, scenario)
        self._id = episode_id or str(uuid4())
        return EmpathyObservation(text=line)

    def step(self, action: EmpathyAction, timeout_s: float | None = None, **kwargs: Any) -> EmpathyObservation:
        """Say something to the seeker; ``timeout_s`` is not needed."""
        heard = self._talk.hear(action.message)
        info = self._talk.info
        metadata = (
            {name: info[name] for name in AT_END if name in info} | {"truncated": info["outcome"] == "time"}
            if heard.over
            else {}
        )
        return EmpathyObservation(
            text=heard.line, turn=info["turn"], reward=heard.reward, done=heard.over, metadata=metadata
        )

    @property
    def state(self) -> State:
        """Which talk it is and how far it has gone; nothing that is hidden."""
        return State(episode_id=self._id, step_count=len(self._talk.turn_rewards))

    def close(self) -> None:
        """Close the environment."""
        self._talk.close()


def app(env_id: str = "EmpathySupport-v0", sessions: int = 64, **env_kwargs: Any) -> Any:
    """The server as an ASGI application.

    Args:
        env_id: of a text environment.
        sessions: talks at the same time; a trainer wants as many as a batch has.
        **env_kwargs: the environment's.
    """

    def made() -> EmpathyEnvironment:
        return EmpathyEnvironment(env_id, **env_kwargs)

    return create_fastapi_app(made, EmpathyAction, EmpathyObservation, max_concurrent_envs=sessions)


class EmpathyClient(EnvClient[EmpathyAction, EmpathyObservation, State]):
    """The client; asynchronous, ``EmpathyClient(base_url=...).sync()`` is not."""

    def _step_payload(self, action: EmpathyAction) -> dict[str, Any]:
        return {"message": action.message}

    def _parse_result(self, payload: dict[str, Any]) -> StepResult[EmpathyObservation]:
        told, done, reward = payload.get("observation", {}), payload.get("done", False), payload.get("reward")
        return StepResult(EmpathyObservation(**{**told, "done": done, "reward": reward}), reward=reward, done=done)

    def _parse_state(self, payload: dict[str, Any]) -> State:
        return State(**payload)
