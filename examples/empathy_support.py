r"""The module that verifiers and prime-rl find by its name: task set ``empathy_support``.

    pip install "verifiers>=0.4,<0.5"
    PYTHONPATH=examples vf-eval empathy_support -n 4 -r 2 --push False --model NAME --client.base-url http://127.0.0.1:8000/v1 \
        --env.agent.harness.id null --env.agent.runtime.type subprocess --env.taskset.split test

``python -m examples.verifiers_eval`` does that against a server of its own.
"""

from empathy_gym.integrations.verifiers import EmpathyEnv, EmpathyTaskset

__all__ = ["EmpathyEnv", "EmpathyTaskset"]
