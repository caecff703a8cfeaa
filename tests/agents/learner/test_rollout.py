"""What a rollout hands to training: the tokens that were sampled, as they were sampled, and what the environment said of them."""

import gymnasium as gym
import pytest
import torch

import empathy_gym  # noqa: F401
from agents.learner.batch import micro_batches, policy_logprobs
from agents.learner.chat import aloud
from agents.learner.refill import rollout_refilled as rollout
from empathy_gym.seeker.text import normalise, split_thought
from tests.agents.conftest import Colours, tiny_model


def play(model, chat, scaffold="thinking", keep=True, groups=(0, 0, 1, 1), max_new=6, envs=None, seed=0, **kwargs):
    kwargs = {"max_turns": 3, "reward": "change", "scaffold": scaffold, **kwargs}
    envs = envs or [gym.make("EmpathySupport-v0", disable_env_checker=True, **kwargs) for _ in groups]
    seeds, generator = [11 + g for g in groups], torch.Generator().manual_seed(seed)
    return rollout(model, chat, envs, scaffold, [None] * len(groups), seeds, groups, generator, max_new, keep)


@pytest.mark.parametrize("scaffold", ["thinking", "direct"])
def test_rows_hold_what_was_said_and_the_transcript_what_was_heard(chat, scaffold):
    batch = play(tiny_model(loud=6.0), chat, scaffold)
    for n, (row, info) in enumerate(zip(batch.rows, batch.infos)):
        assert row.episode == n and len(row.ids) == len(row.policy) == len(row.logprobs)
        sampled = [i for i, own in zip(row.ids, row.policy) if own]
        for turn, record in enumerate(info["transcript"]["turns"]):
            own = [i for i, at in zip(sampled, row.turns) if at == turn]
            assert aloud(chat.text(own), scaffold) == record["reply"]
        assert row.turns == sorted(row.turns) and set(row.turns) == set(range(len(batch.rewards[n])))
    assert batch.replies == sum(map(len, batch.rewards)) and batch.tokens == sum(sum(r.policy) for r in batch.rows)


def test_groups_meet_the_same_seeker_and_differ_by_what_they_said(chat):
    batch = play(tiny_model(loud=6.0), chat)
    scenarios = [info["scenario"] for info in batch.infos]
    assert scenarios[0] == scenarios[1] and scenarios[2] == scenarios[3]
    first = [row.ids[: row.policy.index(True)] for row in batch.rows]
    assert first[0] == first[1] and first[2] == first[3] and first[0] != first[2]
    assert batch.rows[0].ids != batch.rows[1].ids


def test_rewards_and_changes_add_up_to_the_emotion(chat):
    batch = play(tiny_model(loud=6.0), chat, "direct")
    for rewards, changes, final, info in zip(batch.rewards, batch.changes, batch.final, batch.infos):
        start = (
            info["transcript"]["initial_emotion"] / 1000
            if "initial_emotion" in info["transcript"]
            else final - sum(changes)
        )
        assert start + sum(changes) == pytest.approx(final) and sum(rewards) == pytest.approx(sum(changes) / 100)


@pytest.mark.parametrize("keep", [True, False])
def test_logprobs_at_sampling_equal_those_at_training(chat, keep):
    model = tiny_model(loud=6.0)
    batch = play(model, chat, keep=keep)
    for m in micro_batches(batch.rows, range(len(batch.rows)), chat.pad, 200):
        logprobs, _ = policy_logprobs(model, m)
        torch.testing.assert_close(logprobs, m.old, atol=1e-4, rtol=0)


def test_the_end_is_trained_when_sampled_and_not_when_forced(chat):
    def ends(batch):
        return [own for row in batch.rows for i, own in zip(row.ids[:-1], row.policy) if i == chat.end]

    # An untrained model ends by luck: the first of these draws in which it did, and in which it was also cut.
    draws = (play(tiny_model(loud=6.0), chat, max_new=4, seed=seed) for seed in range(40))
    batch = next(b for b in draws if any(ends(b)) and 0 < b.truncated < 1)
    for row in batch.rows:
        for t in range(1, len(row.ids)):
            forced = row.ids[t] == chat.end and not row.policy[t] and row.policy[t - 1]
            if forced:  # only behind four tokens none of which was an end
                assert all(row.policy[t - 4 : t]) and chat.end not in row.ids[t - 4 : t]


def test_dropping_thoughts_makes_a_row_a_turn_that_sees_spoken_words_alone(chat):
    batch = play(tiny_model(loud=6.0), chat, keep=False)
    assert len(batch.rows) == batch.replies
    for row in batch.rows:
        (turn,) = set(row.turns)
        prompt = row.ids[: row.policy.index(True)]
        spoken = []
        for record in batch.infos[row.episode]["transcript"]["turns"][:turn]:
            spoken += chat.spoken(normalise(split_thought(record["reply"])[1]))
        assert not set(prompt[1:]) & {chat.tokenizer.token_to_id("<think>"), chat.tokenizer.token_to_id("</think>")}
        assert len(prompt) == len([*chat.begin("thinking"), *spoken]) + sum(
            len(chat.line(line, False)) for line in said_to(batch.infos[row.episode], turn)
        )


def said_to(info, turn):
    return [m["content"] for m in info["messages"] if m["role"] == "user"][: turn + 1]


def test_the_same_generator_says_the_same(chat):
    model = tiny_model(loud=6.0)
    assert play(model, chat, seed=3).rows == play(model, chat, seed=3).rows
    assert play(model, chat, seed=3).rows != play(model, chat, seed=4).rows


def test_any_text_environment_will_do(chat):
    batch = play(tiny_model(), chat, "direct", envs=[Colours() for _ in range(4)])
    assert [len(r) for r in batch.rewards] == [2] * 4 and batch.well_formed == 1.0
