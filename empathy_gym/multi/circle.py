"""The circle of peers: who speaks to whom, what each earns, when somebody gets up. Its page is in ``support_circle_v0``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded
from pettingzoo import ParallelEnv

from empathy_gym.envs.episode import Config, Episode, check_privileged, draw_key
from empathy_gym.envs.spaces import Dialogue
from empathy_gym.envs.support import MAX_LINE_CHARS
from empathy_gym.errors import EpisodeOver, InvalidAction, InvalidOption
from empathy_gym.multi.common import (
    RENDER_MODES,
    check_render_mode,
    generator,
    known_options,
    share,
    share_space,
)
from empathy_gym.render import ansi, opening_text, show, turn_text
from empathy_gym.seeker import bank
from empathy_gym.seeker.emotion import FULL
from empathy_gym.seeker.keyed import draw
from empathy_gym.seeker.ledger import OF_ITSELF, SKILLS, add_up, fresh
from empathy_gym.seeker.text import MAX_RAW_CHARS
from empathy_gym.transcript import build

__all__ = ["MOST_PEERS", "Peer", "SupportCircle", "earned", "partners", "peer_keys"]

MOST_PEERS = 8
"""Each split has more stories and more personas than this, so that no two peers need to share one."""

_Parts = tuple[dict[str, Any], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]


def partners(there: Sequence[str], turn: int) -> dict[str, str]:
    """To whom each peer speaks in a round: the one who sits ``1 + turn mod (m - 1)`` places further; nobody where only one is there.

    Args:
        there: the m peers who are there, as they sit.
        turn: the round, from 0.
    """
    if len(there) < 2:
        return {}
    further = 1 + turn % (len(there) - 1)
    return {peer: there[(seat + further) % len(there)] for seat, peer in enumerate(there)}


def earned(ledger: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines of a ledger that what was said just now brought, as fresh dicts: not what goes back to earlier rounds, and not a mood of one's own."""
    return [line for line in fresh(ledger) if line["cause"] not in OF_ITSELF]


def peer_keys(key: int, split: str, num_peers: int) -> list[int]:
    """The peers' own keys, whose scenarios share neither story nor persona.

    Args:
        key: of the circle, 0 to 2**64 - 1.
        split: of the bank.
        num_peers: 1 to :data:`MOST_PEERS`.
    """
    keys: list[int] = []
    taken: set[tuple[str, str]] = set()
    for number in range(num_peers):
        for attempt in count():
            own = draw(key, attempt, f"peer/{number}")
            scenario = bank.scenario(bank.pick(split, own))
            names = {("story", scenario.story.id), ("persona", scenario.persona.id)}
            if not names & taken:
                break
        taken |= names
        keys.append(own)
    return keys


class Peer:
    """One peer: their own talk, and what they earned in others.

    Attributes:
        episode: the talk in which they are supported.
        heard_from: who spoke to them last, or None.
        outcome: ``helped``, ``left``, ``time``, ``alone``, or None while they are there.
        earned: ledger lines that they have just earned in another.
        earned_sum: milli-points earned in others so far.
        skills: the same by skill, without harm and limits.
        thought: what they thought at their last action, or None.
    """

    def __init__(self, episode: Episode) -> None:
        self.episode = episode
        self.heard_from: str | None = None
        self.outcome: str | None = None
        self.earned: list[dict[str, Any]] = []
        self.earned_sum = 0
        self.skills = dict.fromkeys(SKILLS, 0)
        self.thought: str | None = None

    @property
    def change(self) -> int:
        """Milli-points by which the last round moved their own emotion."""
        return add_up(self.episode.turns[-1]["ledger"]) if self.episode.turns else 0

    def earn(self, lines: list[dict[str, Any]]) -> None:
        """Be credited with what was just earned in another."""
        self.earned = lines
        self.earned_sum += add_up(lines)
        for line in lines:
            if line["skill"] is not None:
                self.skills[line["skill"]] += line["amount"]


class SupportCircle(ParallelEnv[str, dict[str, Any], str]):
    """Peers who support one another; see :mod:`empathy_gym.multi.support_circle_v0`.

    Raises:
        InvalidOption: naming the keyword.
    """

    metadata: dict[str, Any] = {
        "name": "support_circle_v0",
        "render_modes": list(RENDER_MODES),
        "is_parallelizable": True,
        "render_fps": 1,
    }

    def __init__(
        self,
        *,
        num_peers: int = 3,
        max_cycles: int = 8,
        reward: str = "change",
        own_share: float = 0.5,
        difficulty: str | float = "vanilla",
        split: str = "train",
        privileged: bool = False,
        render_mode: str | None = None,
    ) -> None:
        if not isinstance(num_peers, int) or isinstance(num_peers, bool) or not 2 <= num_peers <= MOST_PEERS:
            raise InvalidOption(f"num_peers: expected a whole number from 2 to {MOST_PEERS}, got {num_peers!r}")
        if isinstance(own_share, bool) or not isinstance(own_share, (int, float)) or not 0 <= own_share <= 1:
            raise InvalidOption(f"own_share: expected a number from 0 to 1, got {own_share!r}")
        check_render_mode(render_mode)
        self.max_cycles = max_cycles
        self._settings: dict[str, Any] = {"difficulty": difficulty, "split": split, "reward": reward}
        self.config = self._config()
        self.own_share = round(own_share * 1000)
        self.privileged = check_privileged(privileged)
        self.render_mode = render_mode
        self.possible_agents = [f"peer_{number}" for number in range(num_peers)]
        self._observation_spaces = {
            peer: spaces.Dict(
                {
                    "line": Dialogue(MAX_LINE_CHARS),
                    "own_line": Dialogue(MAX_LINE_CHARS),
                    "partner": spaces.Discrete(num_peers),
                    "time": share_space(),
                }
            )
            for peer in self.possible_agents
        }
        self._action_spaces = {peer: Dialogue(MAX_RAW_CHARS) for peer in self.possible_agents}
        self.agents: list[str] = []
        self.turn = 0
        self.peers: dict[str, Peer] = {}
        self._np_random: np.random.Generator | None = None

    def observation_space(self, agent: str) -> spaces.Dict:
        """The peer's space, always the same object."""
        return self._observation_spaces[agent]

    def action_space(self, agent: str) -> Dialogue:
        """The peer's space, always the same object."""
        return self._action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
        """Begin: everybody says their opening line.

        Args:
            seed: of the environment's random numbers; None goes on with those that it has.
            options: ``{"scenarios": [id, ...]}``, one a peer, chooses the scenarios; others are passed over.

        Raises:
            InvalidOption: if ``scenarios`` is no list of as many ids; nothing is changed.
            UnknownScenario: if the bank has no scenario of an id; nothing is changed.
        """
        chosen = self._chosen(options)
        self.config = self._config()
        self._np_random = generator(seed, self._np_random)
        key = draw_key(self._np_random)
        if chosen is None:
            episodes = [
                Episode(self.config, own) for own in peer_keys(key, self.config.split, len(self.possible_agents))
            ]
        else:
            episodes = [Episode(self.config, draw(key, 0, f"peer/{i}"), name) for i, name in enumerate(chosen)]
        self.peers = {name: Peer(episode) for name, episode in zip(self.possible_agents, episodes, strict=True)}
        self.agents = list(self.possible_agents)
        self.turn = 0
        if self.render_mode == "human":
            for name, peer in self.peers.items():
                show(f"{name}\n{opening_text(peer.episode)}")
        return self._seen(self.agents), self._infos(self.agents)

    def step(self, actions: Mapping[str, str]) -> _Parts:  # type: ignore[override]
        """Let everybody speak at once.

        Args:
            actions: what each peer says who is there.

        Returns:
            Observations, rewards, terminations, truncations and infos of those who were there at the round's beginning.

        Raises:
            InvalidAction: if somebody who is there says no string, or somebody else says something; nothing is changed.
            EpisodeOver: when nobody is left.
            ResetNeeded: before the first ``reset``.
        """
        self._check(actions)
        there, to = list(self.agents), partners(self.agents, self.turn)
        for speaker, other in to.items():
            episode, said = self.peers[other].episode, actions[speaker]
            prepared = episode.prepare(said)
            episode.step(said, prepared)
            self.peers[speaker].thought = prepared[1]
            self.peers[other].heard_from = speaker
            self.peers[speaker].earn(earned(episode.turns[-1]["ledger"]))
        self.turn += 1
        self._end(there)
        rewards = {name: self._reward(self.peers[name]) for name in there}
        outcomes = {name: self.peers[name].outcome for name in there}
        terminations = {name: outcome in ("helped", "left") for name, outcome in outcomes.items()}
        truncations = {name: outcome in ("time", "alone") for name, outcome in outcomes.items()}
        if self.render_mode == "human":
            for name in there:
                show(f"{name}\n{turn_text(self.peers[name].episode, self.turn - 1)}")
        return self._seen(there), rewards, terminations, truncations, self._infos(there)

    def render(self) -> str | None:  # type: ignore[override]
        """``ansi``: all talks so far as text. ``human``: None, because each round has been printed already."""
        if not self.peers:
            raise ResetNeeded("expected reset() before render(), got no reset")
        if self.render_mode != "ansi":
            return None
        return "\n\n".join(f"{name}\n{ansi(peer.episode)}" for name, peer in self.peers.items())

    def close(self) -> None:
        """Nothing is held open."""

    def _config(self) -> Config:
        try:
            return Config(max_turns=self.max_cycles, **self._settings)
        except InvalidOption as error:
            raise InvalidOption(str(error).replace("max_turns", "max_cycles")) from None

    def _chosen(self, options: dict[str, Any] | None) -> list[str] | None:
        names, wanted = known_options(options, "scenarios"), len(self.possible_agents)
        if names is None:
            return None
        if not isinstance(names, (list, tuple)) or len(names) != wanted:
            raise InvalidOption(f"scenarios: expected a list of {wanted} ids, got {str(names)[:80]!r}")
        return [bank.scenario(name).id for name in names]

    def _check(self, actions: Mapping[str, str]) -> None:
        if not self.peers:
            raise ResetNeeded("expected reset() before step(), got no reset")
        if not self.agents:
            raise EpisodeOver("expected reset() after everybody has gone, got step()")
        if not isinstance(actions, Mapping) or set(actions) != set(self.agents):
            got = ", ".join(map(str, actions)) if isinstance(actions, Mapping) else type(actions).__name__
            raise InvalidAction(f"actions: expected one of each of {', '.join(self.agents)}, got {got or 'none'}")
        for name, said in actions.items():
            if not isinstance(said, str):
                raise InvalidAction(f"{name}: reply: expected str, got {type(said).__name__}")

    def _end(self, there: list[str]) -> None:
        """Say who gets up after a round, and why."""
        for name in there:
            self.peers[name].outcome = self.peers[name].episode.outcome
        self.agents = [name for name in there if self.peers[name].outcome is None]
        if len(self.agents) == 1:
            self.peers[self.agents[0]].outcome = "alone"
            self.agents = []

    def _reward(self, peer: Peer) -> float:
        """One division of whole numbers."""
        own, others = self.own_share, 1000 - self.own_share
        if self.config.reward == "change":
            return (own * peer.change + others * add_up(peer.earned)) / (1000 * FULL)
        if peer.outcome is None:
            return 0.0
        return (own * peer.episode.seeker.emotion + others * peer.earned_sum) / (1000 * FULL)

    def _seen(self, names: Sequence[str]) -> dict[str, dict[str, Any]]:
        to = partners(self.agents, self.turn)
        return {
            name: {
                "line": self.peers[to[name]].episode.line if name in to else "",
                "own_line": self.peers[name].episode.line,
                "partner": self.possible_agents.index(to.get(name, name)),
                "time": share(self.turn, self.config.max_turns),
            }
            for name in names
        }

    def _infos(self, names: Sequence[str]) -> dict[str, dict[str, Any]]:
        to = partners(self.agents, self.turn)
        return {name: self._info(self.peers[name], to.get(name)) for name in names}

    def _info(self, peer: Peer, partner: str | None) -> dict[str, Any]:
        own = peer.episode.info(self.privileged)
        found = {
            "partner": partner,
            "messages": [] if partner is None else [dict(m) for m in self.peers[partner].episode.seeker.messages],
            "turn": self.turn,
            **{name: own[name] for name in ("emotion", "emotion_change", "ledger", "scenario")},
            "heard_from": peer.heard_from,
            "earned": fresh(peer.earned),
            "skills": dict(peer.skills),
            "thought": peer.thought,
        }
        if peer.outcome is not None:
            found |= {"outcome": peer.outcome, "transcript": build(peer.episode)}
        if self.privileged:
            found["privileged"] = own["privileged"]
        return found
