"""Talks that are going on in the server: one episode a token, and what the page may see of it."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gymnasium.utils import seeding

from empathy_gym.envs.episode import Config, Episode, chosen_scenario, draw_key
from empathy_gym.errors import EmpathyGymError, InvalidOption
from empathy_gym.render import OUTCOMES, emotion_curve
from empathy_gym.seeker.ledger import fresh

__all__ = ["MOST_SESSIONS", "Session", "Sessions", "UnknownSession", "begin", "view"]

MOST_SESSIONS = 64
"""Talks that are kept at once; the one that was left alone longest goes first."""

MOST_TURNS = 200
"""Of one talk in the browser, so that a page stays a page."""

CURVE_WIDTH = 420
"""Of the emotion's curve, pixels: about what a phone has, so that its letters stay readable there."""

SETTINGS = ("seed", "scenario", "split", "difficulty", "max_turns")
"""What a new talk may be asked for."""


class UnknownSession(EmpathyGymError, KeyError):
    """A token is not that of a talk which the server keeps."""


@dataclass
class Session:
    """One talk, and a lock so that two requests do not step it at once."""

    episode: Episode
    lock: threading.Lock = field(default_factory=threading.Lock)


class Sessions:
    """Talks by their tokens.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int = MOST_SESSIONS) -> None:
        self._most = most
        self._kept: OrderedDict[str, Session] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, episode: Episode) -> str:
        """Keep a talk; returns its token, which nobody can guess."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._kept[token] = Session(episode)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return token

    def get(self, token: str) -> Session:
        """The talk of a token.

        Raises:
            UnknownSession: if none is kept under it.
        """
        with self._lock:
            if token not in self._kept:
                raise UnknownSession("token: expected that of a talk which is kept here, got another; begin a new talk")
            self._kept.move_to_end(token)
            return self._kept[token]

    def end(self, token: str) -> None:
        """Forget a talk, if it is kept."""
        with self._lock:
            self._kept.pop(token, None)


def begin(settings: Any) -> Episode:
    """A new talk.

    Args:
        settings: a mapping with any of ``seed`` (the same talk as ``env.reset(seed=…)``; None or left out: by chance), ``scenario``,
            ``split``, ``difficulty`` and ``max_turns``.

    Raises:
        InvalidOption: naming the setting.
        UnknownScenario: if the bank has no scenario of that id.
    """
    if not isinstance(settings, Mapping):
        raise InvalidOption(f"settings: expected an object, got {type(settings).__name__}")
    unknown = sorted(name for name in settings if name not in SETTINGS)
    if unknown:
        raise InvalidOption(f"settings: expected {', '.join(SETTINGS)} alone, got {', '.join(unknown)} as well")
    seed, scenario = settings.get("seed"), settings.get("scenario")
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool) or seed < 0):
        raise InvalidOption(f"seed: expected a whole number of at least 0 or null, got {seed!r}")
    if scenario is not None and not isinstance(scenario, str):
        raise InvalidOption(f"scenario: expected an id or null, got {scenario!r}")
    config = Config(**{name: settings[name] for name in ("split", "difficulty", "max_turns") if name in settings})
    if config.max_turns > MOST_TURNS:
        raise InvalidOption(f"max_turns: expected at most {MOST_TURNS} in the browser, got {config.max_turns}")
    key = draw_key(seeding.np_random(seed)[0])
    return Episode(config, key, chosen_scenario({"scenario": scenario}) if scenario is not None else None)


def view(episode: Episode, reveal: bool) -> dict[str, Any]:
    """What the page shows of a talk: what was said, and emotion and ledger only where they were asked for.

    Args:
        episode: the talk.
        reveal: whether emotion, ledger and skills were asked for.
    """
    found: dict[str, Any] = {
        "messages": [dict(message) for message in episode.seeker.messages],
        "turn": episode.turn,
        "max_turns": episode.config.max_turns,
        "scenario": episode.seeker.scenario.id,
        "over": episode.over,
        "outcome": OUTCOMES[episode.outcome] if episode.over else None,
    }
    if reveal:
        emotions = [episode.first_emotion, *(turn["emotion"] for turn in episode.turns)]
        found["revealed"] = {
            "emotions": emotions,
            "curve": emotion_curve(emotions, width=CURVE_WIDTH),
            "ledgers": [_with_words(turn) for turn in episode.turns],
            "skills": dict(episode.skills),
        }
    return found


def _with_words(turn: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A turn's ledger, each line with the words that earned it, because browsers count characters otherwise than Python."""
    heard = turn["heard"]
    return [
        {**entry, "words": heard[slice(*entry["span"])] if entry["span"] else None} for entry in fresh(turn["ledger"])
    ]
