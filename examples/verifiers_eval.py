"""verifiers plays seekers against an OpenAI-compatible server on this machine.

    pip install torch==2.13.0 "verifiers>=0.4,<0.5" tokenizers safetensors tqdm
    python -m examples.verifiers_eval --tasks 3 --rollouts 2 [--agent competent | --base-url URL --model NAME]

Without ``--base-url`` one of our own supporters is served, so that nothing is downloaded and no key is needed. The command is verifiers' own ``vf-eval`` with
the task set `examples/empathy_support.py`; its defaults would upload the run and ask for a remote sandbox, so both are set.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import empathy_gym  # noqa: F401  (registers the ids)
from agents.evaluate import load_agent
from benchmarks.loopback import ChatHandler, completion, listening
from empathy_gym.backends.client import Completion

PIP = 'pip install torch==2.13.0 "verifiers>=0.4,<0.5" tokenizers safetensors tqdm'


class Served:
    """A supporter as a chat client: it is shown the whole talk at each turn, as an endpoint is."""

    def __init__(self, agent: str) -> None:
        self.policy = load_agent(agent)
        self.identity = {"model": agent}

    def complete(self, messages: Sequence[Mapping[str, str]], max_tokens: int, schema: Mapping[str, Any]) -> Completion:
        """The supporter's reply."""
        talk = [dict(message) for message in messages if message["role"] != "system"]
        self.policy.reset(1)
        reply = self.policy.act([talk], [{"turn": sum(message["role"] == "assistant" for message in talk)}])[0]
        return Completion(reply, sum(len(m["content"].split()) for m in messages), len(reply.split()))


class Streaming(ChatHandler):
    """The server's answers as verifiers asks for them: as a stream of events."""

    def reply_to(self, asked: dict[str, Any], messages: list[dict[str, str]]) -> None:
        """One chunk with the whole reply, one that ends it, one with what it used."""
        if not asked.get("stream"):
            return super().reply_to(asked, messages)
        whole = completion(self.client.complete(messages, int(asked.get("max_tokens") or 64), {}))
        common = {"id": whole["id"], "object": "chat.completion.chunk", "created": 0, "model": asked.get("model")}
        choice = whole["choices"][0]
        chunks = [
            {**common, "choices": [{"index": 0, "delta": choice["message"], "finish_reason": None}]},
            {**common, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]},
            {**common, "choices": [], "usage": whole["usage"]},
        ]
        body = "".join(f"data: {said}\n\n" for said in [*map(json.dumps, chunks), "[DONE]"]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def served(agent: str) -> type[ChatHandler]:
    """The handler of a server around one of our supporters."""
    return type("Handler", (Streaming,), {"client": Served(agent)})


def evaluate(base_url: str, model: str, tasks: int, rollouts: int, **env: Any) -> list[dict[str, Any]]:
    """Run ``vf-eval``; its episodes as verifiers wrote them, one a talk.

    Args:
        base_url: of the server, with ``/v1``.
        model: a name that the server knows.
        tasks: how many seekers.
        rollouts: talks with each.
        **env: fields of ``EmpathyTasksetConfig``.
    """
    if not (command := Path(sys.executable).with_name("vf-eval")).exists():
        raise SystemExit(f"expected verifiers, got no {command.name} beside {Path(sys.executable).name}; {PIP}")
    with tempfile.TemporaryDirectory() as folder:
        told = {
            "--model": model, "--client.base-url": base_url, "--client.api-key-var": "OPENAI_API_KEY", "-n": tasks, "-r": rollouts,
            "--push": False, "--env.agent.harness.id": "null", "--env.agent.runtime.type": "subprocess", "--output-dir": folder,
            **{f"--env.taskset.{name.replace('_', '-')}": value for name, value in env.items()},
        }  # fmt: skip
        words = [str(word) for pair in told.items() for word in pair]
        paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
        surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OPENAI_API_KEY": "none"}
        done = subprocess.run(
            [str(command), "empathy_support", *words, "--no-rich"], env=surroundings, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"vf-eval: expected it to run, got {done.stdout[-2000:]}{done.stderr[-2000:]}")
        written = [path.read_text(encoding="utf-8") for path in Path(folder).rglob("traces.jsonl")]
    return [json.loads(line) for text in written for line in text.splitlines()]


def main() -> None:
    """Serve, evaluate, print what each talk and each reply was paid."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=3)
    parser.add_argument("--rollouts", type=int, default=2)
    parser.add_argument("--agent", default="competent", help="who is served; see python -m agents.evaluate --help")
    parser.add_argument("--base-url", help="of another server, which then has --model")
    parser.add_argument("--model", default="served")
    args = parser.parse_args()
    if args.base_url:
        episodes = evaluate(args.base_url, args.model, args.tasks, args.rollouts, split="test")
    else:
        with listening(served(args.agent)) as address:
            episodes = evaluate(address, args.model, args.tasks, args.rollouts, split="test")
    for episode in sorted(episodes, key=lambda episode: episode["task"]["data"]["seed"]):
        (trace,) = episode["traces"]
        paid = " ".join(f"{reward:+.3f}" for reward in trace["info"]["turn_rewards"])
        print(f"seed {episode['task']['data']['seed']}: reward {trace['rewards']['emotion']['score']:+.3f} = {paid}")


if __name__ == "__main__":
    main()
