"""A model of a few thousand random weights, in the process and behind a server: its nonsense exercises parse, retries and failure."""

import pytest

from empathy_gym.backends import EndpointClient, LanguageModelBackend, LocalClient, Retries
from empathy_gym.envs.support import EmpathySupportEnv
from empathy_gym.errors import BackendFailed, InvalidOption

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from benchmarks.loopback import around, listening  # noqa: E402
from tests.backends.servers import tiny_chat_model  # noqa: E402

ASKED = [{"role": "system", "content": "Be a person."}, {"role": "user", "content": "hello there"}]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return LocalClient(tiny_chat_model(tmp_path_factory.mktemp("model")))


def test_it_completes_greedily_and_counts(client):
    done = client.complete(ASKED, 12, {})
    assert done == client.complete(ASKED, 12, {}) and done.text
    assert 0 < done.completion_tokens <= 12 and done.prompt_tokens > 10
    assert done.cut == (done.completion_tokens == 12)


def test_the_server_says_what_the_model_says(client):
    with listening(around(client)) as address:
        assert EndpointClient(address, "tiny").complete(ASKED, 12, {}) == client.complete(ASKED, 12, {})


def test_nonsense_is_tried_again_and_then_fails_or_holds(client):
    with listening(around(client)) as address:
        for who in (client, EndpointClient(address, "tiny")):
            backend = LanguageModelBackend(who, retries=Retries(3, 0, 0), max_tokens=8)
            env = EmpathySupportEnv(backend=backend)
            env.reset(seed=0)
            with pytest.raises(BackendFailed, match="within 3 calls"):
                env.step("What happened?")
            assert backend.meter.read()["malformed"] == 3
        backend = LanguageModelBackend(who, retries=Retries(2, 0, 0), max_tokens=8, on_failure="hold")
        env = EmpathySupportEnv(backend=backend, max_turns=3)
        env.reset(seed=0)
        infos = [env.step("What happened?")[-1] for _ in range(3)]
    assert infos[-1]["outcome"] == "time" and {info["emotion_change"] for info in infos} == {0}


def test_a_model_without_a_chat_template_is_refused(tmp_path):
    folder = tiny_chat_model(tmp_path)
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(InvalidOption, match="chat template"):
        LocalClient(folder)
