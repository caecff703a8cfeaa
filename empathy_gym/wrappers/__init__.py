"""Wrappers of the environments, one concern a file; each has a form for vector environments, under the same name with ``Vector`` before it."""

from empathy_gym.wrappers.blind import StripInfo, VectorStripInfo
from empathy_gym.wrappers.chat import ChatMessages, VectorChatMessages
from empathy_gym.wrappers.features import TalkFeatures, VectorTalkFeatures
from empathy_gym.wrappers.horizon import FixedHorizon, VectorFixedHorizon
from empathy_gym.wrappers.rewards import (
    ChangeReward,
    FinalReward,
    SkillReward,
    VectorChangeReward,
    VectorFinalReward,
    VectorSkillReward,
)
from empathy_gym.wrappers.scaffold import OpenThought, ThinkingScaffold, VectorOpenThought, VectorThinkingScaffold
from empathy_gym.wrappers.tokens import TokenActions, TokenIds, VectorTokenActions, VectorTokenIds
from empathy_gym.wrappers.whole_talk import VectorWholeTalk, WholeTalk

__all__ = [
    "ChangeReward",
    "ChatMessages",
    "FinalReward",
    "FixedHorizon",
    "OpenThought",
    "SkillReward",
    "StripInfo",
    "ThinkingScaffold",
    "TalkFeatures",
    "TokenActions",
    "TokenIds",
    "VectorChangeReward",
    "VectorChatMessages",
    "VectorFinalReward",
    "VectorFixedHorizon",
    "VectorOpenThought",
    "VectorSkillReward",
    "VectorStripInfo",
    "VectorTalkFeatures",
    "VectorThinkingScaffold",
    "VectorTokenActions",
    "VectorTokenIds",
    "VectorWholeTalk",
    "WholeTalk",
]
