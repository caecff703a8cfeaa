"""support_circle: peers, each with a trouble of their own, who support one another in turns.

| | |
|---|---|
| Import | `from empathy_gym.multi import support_circle_v0` |
| Kind | Parallel |
| Agents | `peer_0`, `peer_1`, … (`num_peers`, 2 to 8, 3 by default) |
| Actions | text |
| Observations | `Dict` |
| Rewards | from the ledgers |

## Description
Every peer has a scenario (no two share a story or a person) and an emotion of their own. All opening lines are said at reset. In each round every peer
says something to one other peer, and is spoken to by one other; all speak at once. What was said to a peer moves that peer's emotion by the ledger of
`EmpathySupport-v0`, and they answer in their scenario's words. So a policy writes what its peer says for the others; what the peer says for
themselves is the seeker's speech. Everybody hears everything.

Who speaks to whom: the peers who are there sit in a circle. In round t, from 0, with m of them there, each speaks to the one who sits
1 + (t mod (m - 1)) places further, so that everybody comes to support everybody.

## Action Space
`Dialogue(40000)`, any string; thoughts in `<think>…</think>` are not heard. Each peer who is there has to act, and nobody else. Anything else raises
`InvalidAction` and leaves the round as it was.

## Observation Space
`{"line": Dialogue(4096), "own_line": Dialogue(4096), "partner": Discrete(num_peers), "time": Box(0, 1, (1,))}`: what the peer to whom one speaks next
said last; what one's own peer said last; the number of the former; the share of the rounds that is over. At one's end `line` is empty and `partner`
is oneself.

## Rewards
A part for how one feels and a part for what one did. *Earned* are the lines of the ledger of whom one spoke to, but for `momentum`, which goes back to
earlier rounds, and `mood`, which nobody brought: so all that is earned and these two add up to all changes of emotion.

| `reward` | each round | at one's end |
|---|---|---|
| `"change"` | `own_share` · own change + (1 − `own_share`) · earned in this round | the same |
| `"final"` | 0 | `own_share` · own emotion + (1 − `own_share`) · earned in all rounds |

both over 100 points; `own_share` (0 to 1, rounded to per mille) is 0.5 by default. Each reward is one division of whole numbers.

## Episode End
*Termination*, of one peer: their emotion reaches 100 (`helped`) or falls below 10 (`left`); they get up, and the circle closes. *Truncation*, of all who
are there: after `max_cycles` rounds (`time`), or when only one is left (`alone`).

## Information
| key | meaning |
|---|---|
| `partner` | to whom the next words go; None at the end |
| `messages` | the talk of that peer as one who supports them hears it: their lines are `user`, all that was said to them `assistant`; `[]` at the end |
| `turn` | rounds so far |
| `emotion`, `emotion_change`, `ledger` | one's own, as in `EmpathySupport-v0` |
| `heard_from` | who earned that ledger; None at first |
| `earned` | the ledger lines that one has just earned in another |
| `skills` | milli-points earned in others so far, by skill |
| `scenario` | one's own |
| `thought` | the text inside `<think>` of one's last action, or None |
| `outcome`, `transcript` | at the end alone: `helped`, `left`, `time` or `alone`, and one's own talk, which `empathy_gym.verify` replays |
| `privileged` | under `privileged=True` alone: one's own intention, facts, channels |

## Arguments
`num_peers` (3), `max_cycles` (8), `reward` (`"change"`), `own_share` (0.5), `difficulty`, `split` and `privileged` as in `EmpathySupport-v0`, `render_mode`
(None, `"ansi"`, `"human"`). `reset(options={"scenarios": [id, …]})` gives the peers these scenarios, in order; other options are passed over. `env()` and
`raw_env()` are PettingZoo's conversion to AEC.

>>> env = parallel_env(max_cycles=2)
>>> observations, infos = env.reset(seed=0)
>>> while env.agents:
...     said = {agent: "What happened then?" for agent in env.agents}
...     observations, rewards, terminations, truncations, infos = env.step(said)
>>> infos["peer_0"]["outcome"]
'time'

## Version History
* v0: before the first release.
"""

from __future__ import annotations

from typing import Any

from pettingzoo import AECEnv
from pettingzoo.utils.conversions import parallel_to_aec_wrapper
from pettingzoo.utils.wrappers import OrderEnforcingWrapper

from empathy_gym.errors import InvalidAction
from empathy_gym.multi.circle import SupportCircle

__all__ = ["env", "parallel_env", "raw_env"]

parallel_env = SupportCircle


class raw_env(parallel_to_aec_wrapper):
    """The circle in the AEC interface: the peers are asked one after the other, then all of them speak at once.

    Args:
        **kwargs: those of :func:`parallel_env`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(parallel_env(**kwargs))

    def step(self, action: str | None) -> None:
        """Take what one peer says; None for one whose talk has ended.

        Raises:
            InvalidAction: if a peer who is there says no string; the round is as it was.
        """
        agent = self.agent_selection
        over = self.terminations.get(agent, True) or self.truncations.get(agent, True)
        if not over and not isinstance(action, str):
            raise InvalidAction(f"{agent}: reply: expected str, got {type(action).__name__}")
        super().step(action)


def env(**kwargs: Any) -> AECEnv:
    """The circle in the AEC interface, with PettingZoo's guard for calls out of order."""
    return OrderEnforcingWrapper(raw_env(**kwargs))
