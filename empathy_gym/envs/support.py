"""EmpathySupport: talk with a simulated person whose emotion is the reward.

The task is RLVER's (Wang et al., arXiv 2507.03112): up to eight supporter turns with a seeker who has a story, a temperament and a
wish that they will not say outright. The seeker is this package's own: exact, explained, and without any language model.
"""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.envs.registration import EnvSpec
from gymnasium.error import ResetNeeded
from numpy.typing import NDArray

from empathy_gym.envs.backend import declared, resolve
from empathy_gym.envs.episode import Config, Episode, check_privileged, chosen_scenario, draw_key
from empathy_gym.envs.spaces import Dialogue
from empathy_gym.errors import InvalidOption
from empathy_gym.frames import frame, need_pillow
from empathy_gym.render import ansi, opening_text, show, turn_text
from empathy_gym.seeker.text import MAX_RAW_CHARS

__all__ = ["MAX_LINE_CHARS", "EmpathySupportEnv"]

MAX_LINE_CHARS = 4_096
"""No line of a seeker is longer, characters."""


class EmpathySupportEnv(gym.Env[str, str]):
    """
    ## Description
    You are the supporter in a talk with a *seeker*: a simulated person to whom something happened. They open the talk. Each step is one
    reply; the seeker hears it, feels about it, and answers. What they feel is a number from 0 to 100 that follows from rules which can be
    read, line by line, in `info["ledger"]`.

    ## Seeker Dynamics
    Reply → reading (what it does and mentions) → appraisal (what that means to this person now) → emotion (several channels and their
    potential) → speech. Harm is heard first; understanding in other words pays, the deeper the fact the more; insight and advice pay at
    their time; stock comfort wears off; agreeing with a distorted belief does not help. The same seed and replies give the same bytes on
    every machine. See `docs/dynamics.md`.

    ## Action Space
    `Dialogue(40000)`, a `Text` space: the supporter's reply, any string. It is normalised to a fixed alphabet before it is heard;
    `<think>…</think>` is never heard, also when it is not closed. Empty and over-long replies are legal and cost patience. Anything but a
    string raises `InvalidAction` (a `TypeError`) and leaves the episode as it was.

    ## Observation Space
    `Dialogue(4096)`: the seeker's latest line. The whole talk is in `info["messages"]`.

    ## Rewards
    | `reward` | each turn | at the end |
    |---|---|---|
    | `"final"` (RLVER's) | 0 | final emotion / 100, emotion in points |
    | `"change"` | change of emotion / 100 | the same; all sum to (last - first emotion) / 100 |

    With `scaffold="thinking"` a reply is well-formed when it is one `<think>…</think>` and then words. `format_penalty` says what a
    malformed one costs:

    | `format_penalty` | with `"final"` | with `"change"` |
    |---|---|---|
    | `"share"` | the reward times the share of well-formed replies | a malformed turn's gain moves the emotion and pays 0 |
    | `"zero"` (RLVER's as stated) | 0 after any malformed reply | what was paid is taken back at the end |
    | `"none"` | nothing | nothing |

    Every reward is one division of whole numbers. `scaffold="direct"` has no format rule; thoughts are taken out all the same.

    ## Starting State
    The episode's key is `np_random.bit_generator.random_raw()`; it picks the scenario of the split (a story, then a persona and a hidden
    intention that it admits) and all wordings. The first emotion lies between 25 and 35, up to 4.5 points lower as the difficulty rises. The
    same seed picks the same scenario at every setting.

    ## Episode End
    *Termination*: the emotion reaches 100 (`helped`) or falls below 10 (`left`).

    *Truncation*: `max_turns` replies were given (`time`); the last one is still scored. The environment keeps its own time, so that outcome
    and transcript are there at the end.

    ## Information
    | key | meaning |
    |---|---|
    | `messages` | what was heard, `[{"role", "content"}]`: supporter = `assistant`, seeker = `user` |
    | `turn` | replies so far |
    | `emotion`, `emotion_change` | milli-points (0 to 100,000); the change is 0 at reset |
    | `ledger` | dicts `skill`, `cause`, `span`, `amount` whose amounts (milli-points) add up to the change; `[]` at reset |
    | `skills` | milli-points earned in the episode by each of RLVER's five skills |
    | `scenario` | an opaque id for `options={"scenario": id}` |
    | `thought` | the text inside `<think>`, or None |
    | `outcome` | at the end alone: `helped`, `left` or `time` |
    | `transcript` | at the end alone: everything, with the raw replies; `empathy_gym.verify` replays it |
    | `privileged` | under `privileged=True` alone: intention, facts, channels |

    All of it is plain, JSON-able and fresh at each call.

    ## Arguments
    | name | values | default |
    |---|---|---|
    | `scaffold` | `"direct"`, `"thinking"` | `"direct"` |
    | `difficulty` | `"vanilla"` (0.0), `"challenging"` (1.0), or a number from 0 to 1.5 | `"vanilla"` |
    | `split` | `"train"`, `"dev"`, `"test"`: disjoint by story and by persona | `"train"` |
    | `reward` | `"final"`, `"change"` | `"final"` |
    | `max_turns` | at least 1 | 8 |
    | `format_penalty` | `"share"`, `"zero"`, `"none"` | `"share"` |
    | `privileged` | whether `info` shows what is hidden | `False` |
    | `backend` | None (the scripted seeker), or who plays the seeker instead: an object of `empathy_gym.backends`, or a JSON-able row `{"entry_point": "module:Class", ...}`; see `docs/backends.md` | None |
    | `render_mode` | `"ansi"` (the talk so far, as text), `"human"` (printed as it goes), `"rgb_array"` (a picture, needs Pillow), None | None |

    `"rgb_array"` draws frames of (720, 960, 3) bytes: the talk, the emotion's curve, the skills and why the last reply moved the emotion.
    `gymnasium.wrappers.RecordVideo` makes a video of them (`pip install "empathy_gym[render]" moviepy`).

    `reset(options={"scenario": id})` takes that scenario of the bank, of any split, instead of the key's.

    >>> import gymnasium as gym
    >>> import empathy_gym
    >>> env = gym.make("EmpathySupport-v0")
    >>> line, info = env.reset(seed=0)
    >>> line, reward, terminated, truncated, info = env.step("That sounds exhausting. What happened then?")
    >>> sum(entry["amount"] for entry in info["ledger"]) == info["emotion_change"]
    True

    ## Limitations
    The seeker understands English alone, by words and not by world knowledge, and is a research simulator: `docs/safety.md`.

    ## References
    RLVER: Wang et al., arXiv 2507.03112. SAGE: Zhang et al., arXiv 2505.02847. All sources stand in `docs/dynamics.md`.

    ## Registered Configurations
    `EmpathySupport-v0`, `EmpathySupportThinking-v0`, `EmpathySupportChallenging-v0`, `EmpathySupportThinkingChallenging-v0`.

    ## Version History
    * v0: before the first release; the dynamics' own version stands in every transcript.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi", "human", "rgb_array"], "render_fps": 1}

    def __init__(
        self,
        *,
        scaffold: str = "direct",
        difficulty: str | float = "vanilla",
        split: str = "train",
        reward: str = "final",
        max_turns: int = 8,
        format_penalty: str = "share",
        privileged: bool = False,
        backend: Any = None,
        render_mode: str | None = None,
    ) -> None:
        self.backend = resolve(backend)
        self.config = Config(scaffold, difficulty, split, reward, max_turns, format_penalty)
        modes = self.metadata["render_modes"]
        if render_mode is not None and render_mode not in modes:
            raise InvalidOption(f"render_mode: expected one of {', '.join(modes)} or None, got {render_mode!r}")
        if render_mode == "rgb_array":
            need_pillow()
        self.privileged = check_privileged(privileged)
        self.render_mode = render_mode
        self.observation_space = Dialogue(MAX_LINE_CHARS)
        self.action_space = Dialogue(MAX_RAW_CHARS)
        self.episode: Episode | None = None
        self._spec: EnvSpec | None = None

    @property  # type: ignore[override]
    def spec(self) -> EnvSpec | None:
        """As ``gym.make`` gave it; with another seeker it says whether that one is nondeterministic."""
        return self._spec

    @spec.setter
    def spec(self, spec: EnvSpec | None) -> None:
        self._spec = declared(spec, self.backend)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """Begin a talk.

        Args:
            seed: of the environment's random numbers; None goes on with those that it has.
            options: ``{"scenario": id}`` chooses with whom to talk.

        Raises:
            InvalidOption: for other options; nothing is changed.
            UnknownScenario: if the bank has no scenario of that id; nothing is changed.
        """
        scenario = chosen_scenario(options)
        super().reset(seed=seed)
        self.episode = Episode(self.config, draw_key(self.np_random), scenario, self.backend)
        if self.render_mode == "human":
            show(opening_text(self.episode))
        return self.episode.line, self.episode.info(self.privileged)

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Say something; the seeker answers.

        Raises:
            InvalidAction: if the reply is no string; the episode is as it was.
            BackendFailed: if another seeker gives no answer; the episode is as it was.
            EpisodeOver: after the end.
            ResetNeeded: before the first ``reset``.
        """
        episode = self.running("step()")
        reward = episode.step(action)
        if self.render_mode == "human":
            show(turn_text(episode, episode.turn - 1))
        return episode.line, reward, episode.terminated, episode.truncated, episode.info(self.privileged)

    def render(self) -> str | NDArray[np.uint8] | None:  # type: ignore[override]
        """``ansi``: the talk so far as text. ``rgb_array``: as a picture, (720, 960, 3). ``human``: None, each turn has been printed already."""
        episode = self.running("render()")
        if self.render_mode == "rgb_array":
            return frame(episode)
        return ansi(episode) if self.render_mode == "ansi" else None

    def running(self, call: str) -> Episode:
        """The episode, for a caller that needs one.

        Raises:
            ResetNeeded: before the first ``reset``.
        """
        if self.episode is None:
            raise ResetNeeded(f"expected reset() before {call}, got no reset")
        return self.episode
