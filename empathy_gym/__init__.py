"""empathy_gym: emotional-support dialogue as Gymnasium environments with an exact, explained emotion reward.

Importing registers the ids of ``empathy_gym.registration``; it imports no torch and no network client.
"""

from empathy_gym import errors
from empathy_gym.registration import register_envs
from empathy_gym.seeker.reading import Reading, read
from empathy_gym.seeker.trajectory import Trajectory, score_transcript
from empathy_gym.transcript import Verification, verify
from empathy_gym.version import VERSION

__version__ = VERSION
__all__ = ["Reading", "Trajectory", "Verification", "errors", "read", "register_envs", "score_transcript", "verify"]

register_envs()
