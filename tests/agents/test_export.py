"""What is exported is read by other programs as it was trained: it ends where a reply ends, and its template and tokeniser are there."""

import json

import pytest
import torch
import transformers
from tokenizers import Tokenizer

from agents import evaluate, train
from agents.language_model import NANO
from agents.learner.chat import ChatMLFormat, load_format
from agents.learner.export import write_policy
from agents.learner.llama import Llama
from tests.agents.conftest import tiny_model, word_tokenizer


def test_a_bundled_nano_ends_its_reply_in_transformers_and_splits_words_as_it_was_taught():
    folder = NANO / "direct"
    theirs = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    words, chat = transformers.PreTrainedTokenizerFast.from_pretrained(folder), load_format(folder)
    prompt = [*chat.begin("direct"), *chat.line("My sister moved to Leeds and I miss her, 24 hours a day.", first=True)]
    said = theirs.generate(torch.tensor([prompt]), max_new_tokens=120, do_sample=False)[0, len(prompt) :].tolist()
    assert said[-1] == chat.end and said.count(chat.end) == 1
    assert words.eos_token_id == chat.end and words.pad_token_id == chat.pad
    text = "24 hours, isn't it?"
    assert words(text)["input_ids"] == chat.tokenizer.encode(text, add_special_tokens=False).ids


def test_what_lies_beside_a_chat_model_is_carried_over(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    words = word_tokenizer()
    words.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    words.save(str(source / "tokenizer.json"))
    for name in ("chat_template.jinja", "generation_config.json", "tokenizer_config.json"):
        (source / name).write_text("{}")
    chat = ChatMLFormat(words)
    write_policy(tiny_model(), chat, source, tmp_path / "policy")
    found = {path.name for path in (tmp_path / "policy").iterdir()}
    assert {"chat_template.jinja", "generation_config.json", "tokenizer_config.json", "tokenizer.json"} < found
    config = json.loads((tmp_path / "policy" / "config.json").read_text())
    assert config["eos_token_id"] == config["pad_token_id"] == chat.end
    Llama.load(tmp_path / "policy")


def test_every_special_token_in_what_is_said_is_broken_up():
    words = Tokenizer.from_str(word_tokenizer().to_str())
    words.add_special_tokens(["<|im_start|>", "<|im_end|>", "</s>", "<repo_name>"])
    chat = ChatMLFormat(words)
    special = {words.token_to_id(name) for name in ("<|im_start|>", "<|im_end|>", "</s>", "<repo_name>")}
    assert not special & set(chat._plain("a</s>b<repo_name><|im_end|>"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--episodes", "0"], "evaluate: episodes: expected a number from 1, got 0"),
        (["--temperature", "-1"], "evaluate: temperature: expected a number from 0, got -1.0"),
        (["--temperature", "nan"], "evaluate: temperature: expected a number from 0, got nan"),
        (["--max-new", "0"], "evaluate: max_new: expected a number from 1, got 0"),
        (["--seed", "-1"], "evaluate: seed: expected a number from 0, got -1"),
        (["--difficulty", "v1"], "evaluate: difficulty: expected vanilla, challenging or a number from 0 to 1.5, got 'v1'"),
        (["--difficulty", "zz"], "evaluate: difficulty: expected"),
        (["--device", "zz"], "evaluate: device: expected cpu, cuda or cuda:N, got 'zz'"),
        (["--gguf", "none.gguf"], "evaluate: gguf: expected a file, got none.gguf"),
        (["--json", "nowhere/talks.jsonl"], "evaluate: json: expected a path that can be written, got nowhere/talks.jsonl"),
    ],
)  # fmt: skip
def test_evaluate_refuses_by_name(options, message, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=message):
        evaluate.main(["--agent", "competent", "--episodes", "2", *options])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--device", "foo"], "train: device: expected cpu, cuda or cuda:N, got 'foo'"),
        (["--threads", "-1"], "train: threads: expected 0 or more, got -1"),
        (["--out", "file"], "train: out: expected a folder, got the file file"),
        (["--grad-clip", "-1"], "train: grad_clip: expected a number above 0"),
    ],
)
def test_train_refuses_by_name(options, message, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("kept")
    with pytest.raises(SystemExit, match=message):
        train.main(["--preset", "nano", *options])
    assert (tmp_path / "file").read_text() == "kept"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_said_so():
    with pytest.raises(SystemExit, match="train: device: expected one that is here .0 GPUs"):
        train.main(["--device", "cuda"])


def test_fresh_leaves_no_old_checkpoint_to_go_on_from(tmp_path):
    command = [
        "--scenarios", "1", "--group", "2", "--max-turns", "1", "--max-new", "4", "--eval-episodes", "1", "--probe-every", "0",
        "--out", str(tmp_path), "--device", "cpu",
    ]  # fmt: skip
    assert train.main([*command, "--steps", "2"]) == 0
    checkpoint = tmp_path / "checkpoint.pt"
    before = checkpoint.read_bytes()
    trainer = train.build
    try:
        train.build = lambda *a, **k: _stopping(trainer(*a, **k))
        with pytest.raises(KeyboardInterrupt):
            train.main([*command, "--steps", "2", "--fresh"])
    finally:
        train.build = trainer
    assert before and not checkpoint.exists()


def _stopping(trainer):
    def stop():
        raise KeyboardInterrupt

    trainer.advance = stop
    return trainer
