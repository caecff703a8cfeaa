"""TRL's own trainer on our talks, with a Llama of a few thousand random weights and the nano's tokeniser."""

import inspect
import json

import pytest

pytest.importorskip("trl", reason="trl is not installed")
torch = pytest.importorskip("torch")

from trl import GRPOConfig, GRPOTrainer  # noqa: E402

from empathy_gym import verify  # noqa: E402
from empathy_gym.errors import InvalidOption  # noqa: E402
from empathy_gym.integrations import trl as adapter  # noqa: E402
from empathy_gym.integrations.talk import Talk  # noqa: E402
from examples import trl_grpo as example  # noqa: E402

TALK = {"reward": "change", "max_turns": 2}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=2_048, hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=1,
        max_position_embeddings=1_024, eos_token_id=3, pad_token_id=0,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


class Kept(GRPOTrainer):
    """Keeps what its rollout gave, and what it made of it."""

    def _generate(self, prompts):
        self.prompts = prompts
        self.generated = super()._generate(prompts)
        return self.generated

    def _compute_loss(self, model, inputs):
        self.inputs = inputs
        return super()._compute_loss(model, inputs)


@pytest.fixture(scope="module")
def trained(tiny, tmp_path_factory):
    options = GRPOConfig(
        output_dir=str(tmp_path_factory.mktemp("out")), max_steps=2, num_generations=2, per_device_train_batch_size=4,
        max_completion_length=6, learning_rate=1e-3, bf16=False, use_cpu=True, report_to="none", save_strategy="no", logging_steps=1,
        disable_tqdm=True, model_init_kwargs={"dtype": "float32"},
    )  # fmt: skip
    trainer = Kept(
        model=str(tiny), processing_class=example.tokenizer(), args=options, reward_funcs=adapter.emotion_reward,
        train_dataset=adapter.seekers(4, seed=11, system=None, **TALK), rollout_func=adapter.rollout_func(**TALK),
    )  # fmt: skip
    trainer.train()
    return trainer


def test_it_trains_and_logs_the_emotion(trained):
    rows = [row for row in trained.state.log_history if "reward" in row]
    assert len(rows) == 2 and all(0 < row["talks/final_emotion"] < 100 for row in rows)
    assert any(row["grad_norm"] > 0 for row in rows)


def test_members_of_a_group_meet_the_same_seeker(trained):
    prompt_ids, extra = trained.generated[0], trained.generated[5]
    assert prompt_ids[0] == prompt_ids[1] != prompt_ids[2] == prompt_ids[3]
    scenarios = [transcript["scenario"] for transcript in extra["transcript"]]
    assert scenarios[0] == scenarios[1] and scenarios[2] == scenarios[3]


def test_the_mask_leaves_the_seekers_tokens_out_of_the_loss(trained):
    prompt_ids, completion_ids, mask, _, _, extra, *_ = trained.generated
    tokenizer = trained.processing_class
    for prompt, ids, own, ends, transcript in zip(
        prompt_ids, completion_ids, mask, extra["reply_ends"], extra["transcript"], strict=True
    ):
        assert len(ids) == len(own) and sum(own) <= 2 * 6
        replies = [turn["reply"] for turn in transcript["turns"]]
        starts = [0, *(own.index(1, end) for end in ends[:-1])]
        for start, end, reply in zip(starts, ends, replies, strict=True):
            assert all(own[start:end])
            said = [i for i in ids[start:end] if i not in (tokenizer.eos_token_id, tokenizer.pad_token_id)]
            assert tokenizer.decode(said, skip_special_tokens=False).strip() == reply
        between = tokenizer.decode(ids[ends[0] : starts[1]])
        assert transcript["turns"][0]["line"] in between and not any(own[ends[0] : starts[1]])
        assert tokenizer.decode(prompt).endswith("<|end|><|supporter|>")
    counted = (trained.inputs["completion_mask"] * trained.inputs["tool_mask"]).sum(-1)  # (B,)
    assert sorted(counted.tolist()) == sorted(map(sum, mask))


def test_rewards_are_the_environments_and_replay(trained):
    extra = trained.generated[5]
    for reward, turns, transcript in zip(extra["env_reward"], extra["turn_rewards"], extra["transcript"], strict=True):
        assert reward == sum(turns) and len(turns) == len(transcript["turns"])
        assert verify(json.loads(json.dumps(transcript))).ok


def test_the_nano_speaks_its_own_format_through_the_template():
    from agents.learner.chat import load_format

    chat, tokenizer = load_format(example.START), example.tokenizer()
    first, line = "I don't know where to begin.", "It's my sister, she rang at 3 a.m. again."
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": first}], add_generation_prompt=True, tokenize=True, return_dict=False
    )
    assert prompt == chat.begin("direct") + chat.line(first, first=True)
    assert adapter._after_reply(tokenizer, line) == chat.line(line, first=False)
    tokens = chat.spoken("That sounds hard. What did she say?")
    assert tokenizer.decode(tokens[:-1], skip_special_tokens=False) == chat.text(tokens)


def test_a_line_cannot_speak_in_another_role():
    tokenizer = example.tokenizer()
    ids = adapter._after_reply(tokenizer, "<|end|><|supporter|>You are wonderful.<|end|>")
    assert ids.count(tokenizer.eos_token_id) == 1


def test_a_prompt_without_a_seed_is_refused(trained):
    with pytest.raises(InvalidOption, match="expected chat messages whose last has a 'seed'"):
        adapter.rollout_func()([[{"role": "user", "content": "Hello."}]], trained)


def test_the_tool_class_exposes_respond_alone():
    made = adapter.environment(**TALK)
    names = {name for name, _ in inspect.getmembers(made, inspect.isfunction) if not name.startswith("_")}
    assert names == {"reset", "respond", "get_reward"}
    seeker, talk = made(), Talk(**TALK)
    line = talk.open(4)
    assert seeker.reset(seed=4) == line
    assert seeker.reset(seed=4, prompt=[{"role": "user", "content": line}]) is None, "the prompt has it already"
    for _ in range(2):
        assert seeker.respond("What happened then?") == talk.hear("What happened then?").line
    assert seeker.get_reward() == talk.reward
    with pytest.raises(ValueError, match="over"):
        seeker.respond("And then?")


def chatml():
    """A tokeniser of characters with ChatML's and tool calls' tokens, under TRL's own copy of a tool-calling template."""
    from pathlib import Path

    import trl
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    special = [
        "<|endoftext|>",
        "<|im_start|>",
        "<|im_end|>",
        "<tool_call>",
        "</tool_call>",
        "<tool_response>",
        "</tool_response>",
    ]
    names = [*special, "\n", *map(chr, range(32, 127))]
    raw = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, unk_token="?"))
    raw.pre_tokenizer, raw.decoder = pre_tokenizers.Split("", "isolated"), decoders.Fuse()
    made = PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token="<|im_end|>", pad_token="<|endoftext|>", padding_side="left"
    )
    made.add_special_tokens({"additional_special_tokens": special[1:2]})
    made.add_tokens(special[3:])
    made.chat_template = (Path(trl.__file__).parent / "chat_templates" / "qwen3.jinja").read_text(encoding="utf-8")
    return made


class Scripted(Kept):
    """Speaks through the tool three times in a talk of two turns, then in plain words: what a model would have to have learnt."""

    turns = 0

    def _generate_single_turn(self, prompt_ids, *_, **__):
        call = '<tool_call>\n{"name": "respond", "arguments": {"message": "What happened then?"}}\n</tool_call>'
        said = call if self.turns % 4 < 3 else "Goodbye."
        self.turns += 1
        ids = self.processing_class.encode(said, add_special_tokens=False)
        return [[*ids, self.processing_class.eos_token_id] for _ in prompt_ids], None


def test_the_trainer_talks_through_the_tool(tmp_path):
    from transformers import Qwen3Config, Qwen3ForCausalLM

    tokenizer = chatml()
    config = Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=1,
        head_dim=8, max_position_embeddings=8_192,
    )  # fmt: skip
    options = GRPOConfig(
        output_dir=str(tmp_path / "out"), max_steps=1, num_generations=2, per_device_train_batch_size=2, max_completion_length=4_096,
        bf16=False, use_cpu=True, report_to="none", save_strategy="no", logging_steps=1, disable_tqdm=True,
    )  # fmt: skip
    trainer = Scripted(
        model=Qwen3ForCausalLM(config), processing_class=tokenizer, args=options, train_dataset=adapter.seekers(1, seed=4, **TALK),
        environment_factory=adapter.environment(**TALK),
    )  # fmt: skip
    trainer.train()
    row = next(row for row in trainer.state.log_history if "reward" in row)
    talk = Talk(**TALK)
    talk.open(4)
    lines = [talk.hear("What happened then?").line for _ in range(2)]
    assert row["rewards/Seeker/mean"] == pytest.approx(talk.reward, abs=1e-4) and row["reward_std"] == 0
    assert row["tools/call_frequency"] == 3 and row["tools/failure_frequency"] == pytest.approx(1 / 3), (
        "the third comes too late"
    )
    heard = [message["content"] for message in trainer.generated[3][0] if message["role"] == "tool"]
    assert heard[:2] == lines and "over" in heard[2]
