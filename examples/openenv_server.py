"""Seekers served over OpenEnv's protocol, and a client that talks with one.

    pip install "openenv>=0.10,<0.11" uvicorn
    python -m examples.openenv_server --port 8000            # serve until Ctrl-C
    python -m examples.openenv_server --url http://127.0.0.1:8000 --talks 2
    python -m examples.openenv_server --talks 2              # both, on a port of its own

A supporter of ours speaks; it sees what the client is told, and that is what the seeker said.
"""

from __future__ import annotations

import argparse
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from agents.scripted import SUPPORTERS

PIP = 'pip install "openenv>=0.10,<0.11" uvicorn'


def adapter() -> Any:
    """The adapter's module."""
    try:
        import openenv.core  # noqa: F401  (what is missing is named by its own name)
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise SystemExit(f"expected OpenEnv, got {error}; {PIP}") from error
    from empathy_gym.integrations import openenv as found

    return found


@contextmanager
def serving(**env_kwargs: Any) -> Iterator[str]:
    """Serve in the background on a free port of this machine; yields the address."""
    app = adapter().app(**env_kwargs)
    import uvicorn

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


def talk(client: Any, seed: int, agent: str = "competent") -> dict[str, Any]:
    """One talk of a supporter that sees what the client is told: ``turn_rewards``, and the last observation's ``metadata``."""
    openenv, policy = adapter(), SUPPORTERS[agent]()
    policy.reset(1)
    result = client.reset(seed=seed)
    chat = [{"role": "user", "content": result.observation.text}]
    rewards = []
    while not result.done:
        reply = policy.act([chat], [{"turn": len(rewards)}])[0]
        result = client.step(openenv.EmpathyAction(message=reply))
        rewards.append(result.reward)
        chat += [{"role": "assistant", "content": reply}, {"role": "user", "content": result.observation.text}]
    return {"turn_rewards": rewards, **result.observation.metadata}


def main() -> None:
    """Serve, or talk, or both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, help="serve on it and do nothing else")
    parser.add_argument("--url", help="of a server that is there")
    parser.add_argument("--talks", type=int, default=2)
    args = parser.parse_args()
    if args.port:
        app = adapter().app(reward="change")
        import uvicorn

        return uvicorn.run(app, port=args.port)
    if args.url:
        return talks(args.url, args.talks)
    with serving(reward="change", split="test") as url:
        talks(url, args.talks)


def talks(url: str, count: int) -> None:
    """Talk, and print what each reply was paid."""
    with adapter().EmpathyClient(base_url=url).sync() as client:
        for seed in range(count):
            found = talk(client, seed)
            paid = " ".join(f"{reward:+.3f}" for reward in found["turn_rewards"])
            print(f"seed {seed}: {found['outcome']}, emotion {found['emotion'] / 1000:.1f}: {paid}")


if __name__ == "__main__":
    main()
