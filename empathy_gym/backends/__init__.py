"""Other seekers behind the same environment: a language model or a person. ``gym.make("EmpathySupport-v0", backend=...)``; see `docs/backends.md`."""

from empathy_gym.backends.client import EndpointClient
from empathy_gym.backends.human import HumanBackend, HumanSupporter
from empathy_gym.backends.language_model import LanguageModelBackend, Retries
from empathy_gym.backends.local import LocalClient

__all__ = ["EndpointClient", "HumanBackend", "HumanSupporter", "LanguageModelBackend", "LocalClient", "Retries"]
