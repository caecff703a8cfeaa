"""EmpathySupport: talk with a simulated person whose emotion is the reward.

The task is RLVER's (arXiv 2507.03112): up to eight supporter turns with a seeker who has a story, a temperament and a wish that they will
not say outright. The seeker is this package's own, exact and without any language model.
"""

from __future__ import annotations

from typing import Any, ClassVar

import gymnasium as gym

from empathy_gym.envs.episode import Config, Episode, check_options
from empathy_gym.envs.spaces import Dialogue
from empathy_gym.errors import InvalidOption
from empathy_gym.seeker.text import MAX_RAW_CHARS

MAX_LINE_CHARS = 4_096
"""No line of a seeker is longer."""


class EmpathySupportEnv(gym.Env[str, str]):
    """
    ## Description
    You are the supporter in a talk with a *seeker*: a simulated person to whom something happened. They open the talk. Each step
    is one reply; the seeker hears it, feels about it, and answers. What they feel is a number from 0 to 100 that comes from rules that
    can be read line by line in ``info["ledger"]``.

    ## Seeker dynamics
    reply → reading (what it does and mentions) → appraisal (what that means to this person now) → emotion (channels and their
    potential) → speech. Harm is heard first; understanding in other words pays, the deeper the fact the more; insight and advice pay at their
    time; stock comfort wears off; agreeing with a distorted belief does not help. See ``docs/dynamics.md``.

    ## Action Space
    ``Dialogue(40000)``: the reply, any string. It is normalised to a fixed alphabet; ``<think>…</think>`` is never heard, also when
    unclosed. Empty or over-long replies are legal and cost patience.

    ## Observation Space
    ``Dialogue(4096)``: the seeker's latest line.

    ## Rewards
    | `reward` | each turn | at the end |
    |---|---|---|
    | `"final"` (RLVER's) | 0 | final emotion / 100, emotion in points |
    | `"change"` | change of emotion / 100 | the same |

    With ``scaffold="thinking"`` a reply is well-formed when it is one ``<think>…</think>`` and then words. ``format_penalty="share"``: the final
    reward times the share of well-formed replies; in change mode a malformed turn's gain pays 0. ``"zero"``: any malformed reply makes the
    whole reward 0; in change mode what was paid is taken back at the end. ``"none"``: no penalty.

    ## Starting State
    The episode's key is drawn from ``self.np_random.bit_generator.random_raw()``; it picks the scenario of the split and all wordings. The first
    emotion lies between 25 and 35 (lower with difficulty).

    ## Episode End
    Terminated when the emotion reaches 100 (``helped``) or falls below 10 (``left``); truncated after ``max_turns`` replies (``time``). The last
    reply is always scored. The environment keeps its own time.

    ## Information
    ``messages`` (what was heard; supporter = ``assistant``, seeker = ``user``), ``turn``, ``emotion`` and ``emotion_change`` (milli-points), ``ledger``
    (dicts ``skill``, ``cause``, ``span``, ``amount`` that add up to the change), ``skills`` (milli-points earned so far by each of five),
    ``scenario`` (an opaque id), ``thought``; at the end ``outcome`` and ``transcript``; ``privileged`` under ``privileged=True`` alone.

    ## Arguments
    | name | values | default |
    |---|---|---|
    | `scaffold` | `"direct"`, `"thinking"` | `"direct"` |
    | `difficulty` | `"vanilla"`, `"challenging"`, 0 to 1.5 | `"vanilla"` |
    | `split` | `"train"`, `"dev"`, `"test"` (disjoint by story and by persona) | `"train"` |
    | `reward` | `"final"`, `"change"` | `"final"` |
    | `max_turns` | at least 2 | 8 |
    | `format_penalty` | `"share"`, `"zero"`, `"none"` | `"share"` |
    | `privileged` | whether `info` shows what is hidden | `False` |

    ``reset(options={"scenario": id})`` takes a scenario of the bank instead of the key's.

    >>> import gymnasium as gym
    >>> import empathy_gym
    >>> env = gym.make("EmpathySupport-v0")
    >>> line, info = env.reset(seed=0)
    >>> line, reward, terminated, truncated, info = env.step("That sounds exhausting. What happened then?")
    >>> sum(entry["amount"] for entry in info["ledger"]) == info["emotion_change"]
    True

    ## References
    RLVER: Wang et al., arXiv 2507.03112. SAGE: Zhang et al., arXiv 2505.02847. Full sources in ``docs/``.

    ## Version History
    * v0: before the first release; the dynamics' own version stands in every transcript.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["ansi", "human"], "render_fps": 1}

    def __init__(
        self,
        scaffold: str = "direct",
        difficulty: str | float = "vanilla",
        split: str = "train",
        reward: str = "final",
        max_turns: int = 8,
        format_penalty: str = "share",
        privileged: bool = False,
        render_mode: str | None = None,
    ) -> None:
        self.config = Config(scaffold, difficulty, split, reward, max_turns, format_penalty)
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise InvalidOption(
                f"render_mode: expected one of {', '.join(self.metadata['render_modes'])} or None, got {render_mode!r}"
            )
        self.privileged = privileged
        self.render_mode = render_mode
        self.observation_space = Dialogue(MAX_LINE_CHARS)
        self.action_space = Dialogue(MAX_RAW_CHARS)
        self.episode: Episode | None = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begin a talk; ``options={"scenario": id}`` chooses with whom."""
        super().reset(seed=seed)
        chosen = check_options(options).get("scenario")
        key = int(self.np_random.bit_generator.random_raw())  # type: ignore[attr-defined]
        self.episode = Episode(self.config, key, chosen)
        if self.render_mode == "human":
            self._show(self.episode.line)
        return self.episode.line, self.episode.info(self.privileged)

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Say something; the seeker answers."""
        episode = self._running()
        reward = episode.step(action)
        if self.render_mode == "human":
            self._show(
                f"> {episode.seeker.messages[-2]['content']}\n{episode.line}\n[emotion {episode.seeker.emotion / 1000:.1f}]"
            )
        return episode.line, reward, episode.terminated, episode.truncated, episode.info(self.privileged)

    def render(self) -> str | None:
        """``ansi``: the talk so far as text. ``human`` has been printed already."""
        if self.render_mode != "ansi":
            return None
        from empathy_gym.render import ansi

        return ansi(self._running())

    def _running(self) -> Episode:
        if self.episode is None:
            raise gym.error.ResetNeeded("expected reset() before step() or render(), got none")
        return self.episode

    @staticmethod
    def _show(text: str) -> None:
        print(text, flush=True)
