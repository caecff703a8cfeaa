"""Environments for several agents, in PettingZoo's way: ``support_pair_v0`` (AEC) and ``support_circle_v0`` (Parallel).

``import empathy_gym`` does not import this part.
"""

try:
    import pettingzoo as _pettingzoo  # noqa: F401
except ImportError as error:
    raise ImportError(
        "empathy_gym.multi: expected PettingZoo to be installed, got none: pip install 'empathy_gym[pettingzoo]'"
    ) from error

from empathy_gym.multi import support_circle_v0, support_pair_v0

__all__ = ["support_circle_v0", "support_pair_v0"]
