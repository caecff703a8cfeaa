"""Small real parts: a model of a few thousand weights, a tokeniser of twenty words, an environment that pays for echoing a colour."""

import gymnasium as gym
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers

from agents.learner.chat import NANO_SPECIAL, NanoFormat
from agents.learner.llama import Llama, Shape
from empathy_gym.envs.spaces import Dialogue

WORDS = ("red", "blue", "green", "why", "what", "you", "feel", "sad", "hm", "the", "dog", "again")


@pytest.fixture(autouse=True)
def always_one_thread(one_thread):
    """All of these sum in PyTorch."""


def word_tokenizer() -> Tokenizer:
    names = [*NANO_SPECIAL, "?", *WORDS]
    tokenizer = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_special_tokens(list(NANO_SPECIAL))
    return tokenizer


@pytest.fixture
def chat() -> NanoFormat:
    return NanoFormat(word_tokenizer())


def tiny_model(seed: int = 0, loud: float = 1.0, **changes) -> Llama:
    """Two layers of width 16. ``loud`` widens the weights, so that what the model says depends on what it heard."""
    shape = dict(
        vocab_size=len(NANO_SPECIAL) + 1 + len(WORDS), hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=8, max_position_embeddings=1024,
    )  # fmt: skip
    model = Llama(Shape(**{**shape, **changes})).init(torch.Generator().manual_seed(seed))
    with torch.no_grad():
        for p in model.parameters():
            if p.dim() > 1:
                p.mul_(loud)
    return model


class Colours(gym.Env[str, str]):
    """The seeker names a colour each turn; a reply that begins with it is worth ten points of emotion, others cost five."""

    def __init__(self, turns: int = 2) -> None:
        self.turns = turns
        self.observation_space = self.action_space = Dialogue(1000)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self._at, self._emotion = 0, 30_000
        return self._say(), self._info(0)

    def step(self, action):
        change = 10_000 if action.split()[:1] == [self._colour] else -5_000
        self._emotion += change
        self._at += 1
        over = self._at == self.turns
        info = self._info(change) | ({"outcome": "time"} if over else {})
        return self._say(), change / 100_000, False, over, info

    def _say(self):
        self._colour = ("red", "blue", "green")[int(self.np_random.integers(3))]
        return f"the dog {self._colour}"

    def _info(self, change):
        return {"emotion": self._emotion, "emotion_change": change, "skills": {"style_adaptability": 0}}
