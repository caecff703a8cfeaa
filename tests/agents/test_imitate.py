"""The warm start: the bundled talks, what is trained on, and that a run falls, repeats, resumes and writes a folder that training reads."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

import empathy_gym  # noqa: F401  (registers the ids)
from agents import imitate
from agents.imitate import TALKS, Imitation, Turn, load_talks, make_row, schedule
from agents.language_model import LanguageModelSupporter
from agents.learner.chat import ChatMLFormat, NanoFormat
from empathy_gym.seeker import bank
from empathy_gym.seeker.ledger import SKILLS
from empathy_gym.seeker.text import split_thought
from tests.agents.conftest import tiny_model

ROOT = Path(__file__).resolve().parents[2]
FORMATS = ("direct", "thinking")
LITTLE = [
    [Turn("the dog red", "hm the dog", "you feel sad"), Turn("why", "why again", "what dog")],
    [Turn("blue again", "hm blue", "blue why")],
]


def bytes_chatml() -> ChatMLFormat:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({letter: i for i, letter in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    return ChatMLFormat(tokenizer)


@pytest.fixture
def folder(chat, tmp_path):
    tiny_model(loud=3.0).save(tmp_path / "model")
    chat.tokenizer.save(str(tmp_path / "model" / "tokenizer.json"))
    return tmp_path / "model"


@pytest.fixture
def talks_file(tmp_path):
    path = tmp_path / "talks.jsonl"
    path.write_text("".join(json.dumps({"turns": [t._asdict() for t in talk]}) + "\n" for talk in LITTLE))
    return path


@pytest.fixture(autouse=True)
def as_before():
    yield
    torch.use_deterministic_algorithms(False)


def started(chat, scaffold="thinking", **changes) -> Imitation:
    return Imitation(tiny_model(), chat, scaffold, LITTLE, **{"batch": 2, "rate": 1e-2, **changes})


# -- the demonstrations ---------------------------------------------------------------------------------------------------


def test_the_bundled_talks_are_with_seekers_of_training_stories():
    rows = [json.loads(line) for line in TALKS.read_text(encoding="ascii").splitlines()]
    stories = [bank.scenario(row["scenario"]).story for row in rows]
    assert {story.split for story in stories} == {"train"} and len({story.id for story in stories}) == len(rows) == 12
    assert [len(talk) for talk in load_talks()] == [4] * 12
    assert all(0 <= row["final_emotion"] <= 100 for row in rows)


def test_each_opening_is_the_one_that_its_seed_gives():
    for line in TALKS.read_text(encoding="ascii").splitlines():
        row = json.loads(line)
        env = gym.make("EmpathySupport-v0", split="train", max_turns=4, disable_env_checker=True)
        _, info = env.reset(seed=row["seed"])
        assert info["scenario"] == row["scenario"]


def test_no_two_replies_or_thoughts_are_alike_and_none_is_long():
    turns = [turn for talk in load_talks() for turn in talk]
    for kind in ("thought", "reply"):
        assert len({getattr(turn, kind) for turn in turns}) == len(turns)
    for turn in turns:
        assert 1 <= len(re.findall(r"[.?!](?= |$)", turn.reply)) <= 4, turn.reply
        assert len(turn.thought.split()) <= 24 and len(turn.reply.split()) <= 40


def test_thoughts_name_no_skill_no_move_and_no_intention():
    names = {word for skill in SKILLS for word in skill.split("_")}
    names |= {"ask", "question", "reflect", "validate", "suggest", "advice", "advise", "listen", "praise", "comfort", "support", "explore", "empathy", "empathise"}  # fmt: skip
    for talk in load_talks():
        for turn in talk:
            assert not names & set(re.findall(r"[a-z]+", turn.thought.lower())), turn.thought


@pytest.mark.parametrize("make", [bytes_chatml, None])
def test_both_formats_give_the_same_replies_and_thinking_ones_are_well_formed(make, chat):
    form, talks = (make(), load_talks()) if make else (chat, LITTLE)
    for talk in talks:
        for turn in talk:
            direct, thinking = (form.text(imitate.said(form, scaffold, turn)) for scaffold in FORMATS)
            thought, spoken, kept = split_thought(thinking)
            assert kept and (thought or "").strip() == turn.thought
            assert direct == spoken.strip() == turn.reply


# -- training on them -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scaffold", FORMATS)
def test_the_loss_is_on_the_supporters_tokens_alone(chat, scaffold):
    row = make_row(0, LITTLE[0], chat, scaffold)
    own = [i for i, policy in zip(row.ids, row.policy) if policy]
    assert own == [i for turn in LITTLE[0] for i in imitate.said(chat, scaffold, turn)]
    assert own.count(chat.end) == 2 and row.turns == sorted(row.turns) and len(row.turns) == len(own)
    assert not row.policy[0] and row.policy[-1]


def test_a_schedule_takes_every_talk_once_a_pass_and_grows_at_its_end():
    steps = schedule([4] * 6, 8, 9, seed=1)
    assert all(len(step) == 2 for step in steps)
    flat = [i for step in steps for i in step]
    assert [sorted(flat[k : k + 6]) for k in (0, 6, 12)] == [list(range(6))] * 3
    assert flat[:6] != flat[6:12] and schedule([4] * 6, 8, 4, seed=1) == steps[:4] != schedule([4] * 6, 8, 4, seed=2)


@pytest.mark.parametrize("scaffold", FORMATS)
def test_the_loss_falls(chat, scaffold):
    run = started(chat, scaffold)
    assert run.run(30)
    assert run.losses[-1] < 0.6 * run.losses[0]


def test_a_step_is_divided_by_the_same_number_in_both_formats(chat):
    runs = [started(chat, scaffold) for scaffold in FORMATS]
    assert runs[0].replies == runs[1].replies == [sum(len(chat.spoken(t.reply)) for t in talk) for talk in LITTLE]
    assert runs[0].longest < runs[1].longest


def test_the_same_seed_gives_the_same_bits_and_another_does_not(folder, talks_file, tmp_path):
    found = []
    for name, seed in (("a", 0), ("b", 0), ("c", 3)):
        assert imitate.main(command(folder, talks_file, tmp_path / name, seed=seed)) == 0
        found.append((tmp_path / name / "model.safetensors").read_bytes())
    assert found[0] == found[1] != found[2]


def test_an_interrupted_run_goes_on_to_the_same_bits(folder, talks_file, tmp_path):
    long = command(folder, talks_file, tmp_path / "whole", steps=100)
    assert imitate.main(long) == 0
    parts = command(folder, talks_file, tmp_path / "parts", steps=100)
    run = subprocess.Popen(
        [sys.executable, "-m", "agents.imitate", *parts, "--threads", "1"], stderr=subprocess.PIPE, cwd=ROOT
    )
    seen = b""
    while not re.search(rb"[1-9]\d*/100", seen):
        seen += run.stderr.read(1)
    run.send_signal(signal.SIGINT)
    assert b"the same command goes on" in run.communicate(timeout=60)[1] and run.returncode == 130
    assert [p.name for p in (tmp_path / "parts").iterdir()] == ["checkpoint.pt"]
    with pytest.raises(SystemExit, match="expected an interrupted run with rate=0.5, got 0.01"):
        imitate.main(command(folder, talks_file, tmp_path / "parts", rate=0.5))
    assert imitate.main(parts) == 0
    one, other = (sorted((tmp_path / name).iterdir()) for name in ("whole", "parts"))
    assert [p.name for p in one] == [p.name for p in other]
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(one, other))


@pytest.mark.parametrize("scaffold", FORMATS)
def test_what_is_written_speaks_and_says_what_it_is(folder, talks_file, tmp_path, scaffold):
    assert imitate.main(command(folder, talks_file, tmp_path / "out", scaffold=scaffold)) == 0
    policy = LanguageModelSupporter.from_folder(tmp_path / "out")
    assert policy.scaffold == scaffold and policy.keep_thoughts and policy.max_new == 16
    policy.reset(1)
    assert len(policy.act([[{"role": "user", "content": "the dog red"}]], [{}])) == 1
    card = json.loads((tmp_path / "out" / "card.json").read_text())
    assert card["steps"] == 6 and card["imitation"]["last_loss"] < card["imitation"]["first_loss"]


def command(folder, talks_file, out, scaffold="thinking", seed=0, rate=0.01, steps=6):
    return [
        "--model", str(folder), "--scaffold", scaffold, "--out", str(out), "--steps", str(steps), "--rate", str(rate), "--batch", "2", "--seed", str(seed),
        "--talks", str(talks_file), "--device", "cpu",
    ]  # fmt: skip


# -- what is wrong is named -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not json\n", "talks.jsonl:1: expected turns with seeker, thought, reply, got 'not json'"),
        ('{"turns": [{"seeker": "a", "reply": "b"}]}\n', "expected turns with seeker, thought, reply"),
        ('{"turns": [{"seeker": "a", "thought": " ", "reply": "b"}]}\n', "expected turns whose texts all have words"),
        ("", "expected at least one talk, got none"),
    ],
)
def test_a_faulty_file_of_talks(tmp_path, content, message):
    (tmp_path / "talks.jsonl").write_text(content)
    with pytest.raises(ValueError, match=message):
        load_talks(tmp_path / "talks.jsonl")


def test_faulty_arguments(folder, talks_file, tmp_path, chat):
    assert isinstance(chat, NanoFormat)
    with pytest.raises(SystemExit, match="expected another folder than the model's"):
        imitate.main(command(folder, talks_file, folder))
    with pytest.raises(SystemExit, match=r"expected config.json"):
        imitate.main(command(tmp_path / "nowhere", talks_file, tmp_path / "out"))
    with pytest.raises(ValueError, match="batch, rate: expected"):
        started(chat, batch=0)
    with pytest.raises(ValueError, match="scaffold: expected thinking or direct, got 'loud'"):
        started(chat, "loud")
    with pytest.raises(ValueError, match="expected talks within the model's 8 positions, got one of"):
        Imitation(tiny_model(max_position_embeddings=8), chat, "direct", LITTLE)
