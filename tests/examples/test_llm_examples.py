"""The examples for language-model trainers can be read without the trainers, and name what is missing with its command."""

import importlib
import sys

import pytest

WAYS = {
    "trl_grpo": ("trl", lambda example: example.trainer(steps=1)),
    "openenv_server": ("openenv.core", lambda example: example.adapter()),
    "skyrl_gym_env": ("skyrl_gym", lambda example: example.play(1, 1)),
    "verl_agent_loop": ("omegaconf", lambda example: example.play(1, 1)),
}


def example(name):
    return importlib.import_module(f"examples.{name}")


@pytest.mark.parametrize("name", [*WAYS, "verifiers_eval"])
def test_the_command_stands_in_its_help(name):
    pytest.importorskip("torch")
    assert example(name).PIP.startswith("pip install") and example(name).PIP in example(name).__doc__


@pytest.mark.parametrize("name", WAYS)
def test_what_is_missing_is_named_with_its_command(name, monkeypatch):
    pytest.importorskip("torch")
    library, begin = WAYS[name]
    made = example(name)
    for loaded in [
        loaded for loaded in sys.modules if loaded == library or loaded.startswith("empathy_gym.integrations.")
    ]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, library, None)  # an import of it fails, as without the package
    with pytest.raises(SystemExit, match="expected .*, got .*; pip install"):
        begin(made)


def test_vf_eval_is_looked_for_beside_this_python(monkeypatch, tmp_path):
    pytest.importorskip("torch")
    made = example("verifiers_eval")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(SystemExit, match="expected verifiers, got no vf-eval beside python; pip install"):
        made.evaluate("http://127.0.0.1:9/v1", "none", 1, 1)


def test_served_supporters_stream_what_they_say():
    pytest.importorskip("torch")
    import json
    import urllib.request

    made = example("verifiers_eval")
    asked = {"model": "served", "stream": True, "messages": [{"role": "user", "content": "I lost my job on Friday."}]}
    with made.listening(made.served("stock_comfort")) as address:
        request = urllib.request.Request(f"{address}/chat/completions", json.dumps(asked).encode())
        told = urllib.request.urlopen(request, timeout=10).read().decode().split("\n\n")
    assert told[-2] == "data: [DONE]" and told[-1] == ""
    chunks = [json.loads(line.removeprefix("data: ")) for line in told[:-2]]
    assert chunks[0]["choices"][0]["delta"]["content"] and chunks[1]["choices"][0]["finish_reason"] == "stop"
