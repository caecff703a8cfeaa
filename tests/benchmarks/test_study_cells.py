"""Cells run from start to row, go on after a kill to the same row, and their controls do what they say."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from agents.language_model import NANO
from agents.learner.chat import NanoFormat, load_format
from agents.learner.llama import Llama
from benchmarks.study import rows
from benchmarks.study.__main__ import main
from benchmarks.study.cell import alone
from benchmarks.study.cell import run as run_cell
from benchmarks.study.measure import environments, play, spoken_and_thought
from benchmarks.study.placebo import PlaceboFormat, tags, thought_lengths
from benchmarks.study.sweep import ARMS, OTHERS, SCALES, Cell, cells, chosen, run_folder, runnable
from benchmarks.study.thoughts import CONDITIONS, Talks
from empathy_gym import verify

TINY = SCALES["tiny"]
THINKING = Cell("thinking", "grpo", "vanilla", "none", 0)


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def nano():
    return Llama.load(NANO / "start"), load_format(NANO / "start")


def without_time(row):
    return {
        k: v for k, v in row.items() if k not in ("wall_minutes", "command", "date", "versions", "machine", "dynamics")
    }


def test_the_sweep_names_every_cell_once():
    names = [cell.name for cell in cells()]
    assert len(set(names)) == len(names) == 8 * len(ARMS)
    assert names[:2] == ["thinking-grpo-vanilla-none-0", "direct-grpo-vanilla-none-0"]
    assert {c.control for c in chosen(["placebo"])} == {"placebo"} and len(chosen(["thinking-*-none-0"])) == 3
    with pytest.raises(ValueError, match="fits one such as"):
        chosen(["dreaming"])


def test_arms_of_a_pair_meet_the_same_seekers_and_the_null_arm_others():
    direct, null = (Cell("direct", "grpo", "vanilla", control, 3) for control in ("none", "null"))
    assert THINKING.training_seed == 0 and direct.training_seed == 3 and null.training_seed != 3
    budget = TINY.preset(Cell("direct", "grpo", "vanilla", "budget", 0))
    assert budget.steps == 2 * TINY.preset(direct).steps
    ppo = TINY.preset(Cell("direct", "ppo", "challenging", "none", 0))
    assert ppo.advantage == "gae" and ppo.difficulty == "challenging" and ppo.scenarios == 2 and ppo.group == 1


def test_cells_without_their_start_are_not_runnable():
    others = Cell("thinking", "grpo", "vanilla", "others", 0)
    assert list(runnable(TINY, [THINKING, others])) == [THINKING] + [others] * OTHERS.exists()


def test_a_placebo_gives_thoughts_of_the_starts_lengths_and_trains_none(nano):
    model, chat = nano
    natural = play(model, chat, "thinking", "vanilla", 3, 2, 24, 0)
    lengths = thought_lengths(natural, chat)
    assert lengths and all(0 <= n < 24 for n in lengths)
    placebo = PlaceboFormat(chat.tokenizer, lengths)
    opened, closed = tags(chat)
    line = placebo.line("My sister left.", first=True)
    assert line[-1] == closed and line[line.index(opened) + 1 : -1] == placebo.filler("My sister left.")
    assert len(placebo.filler("My sister left.")) in lengths
    batch = play(model, placebo, "direct", "vanilla", 3, 2, 24, 0)
    for row in batch.rows:
        given = [i for i, policy in zip(row.ids, row.policy, strict=True) if not policy]
        assert given.count(opened) == given.count(closed) == max(row.turns) + 1
    # Its filler is not counted, neither as thought nor as reply; a thought is what the policy closes by itself.
    tokens = spoken_and_thought(batch, placebo)
    assert sum(tokens["thought"]) + sum(tokens["reply"]) == sum(sum(row.policy) for row in batch.rows)
    for row in batch.rows:
        own = [i for i, policy in zip(row.ids, row.policy, strict=True) if policy]
        assert (tokens["thought"][row.episode] == 0) == (closed not in own)
    for info in batch.infos:
        assert verify(info["transcript"]).ok
    with pytest.raises(ValueError, match="got none"):
        PlaceboFormat(chat.tokenizer, [])


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_speaker_hears_the_thought_that_it_was_given(nano, condition):
    model, chat = nano
    envs = environments(3, "test", "direct", "vanilla", 2)
    talks = Talks(model, model, chat, condition, envs, 16, 5)
    transcripts = talks.play()
    assert [len(t["turns"]) for t in transcripts] == [2, 2, 2] and all(verify(t).ok for t in transcripts)
    for i, transcript in enumerate(transcripts):
        raw = transcript["turns"][-1]["reply"]
        given = raw[len("<think>") : raw.index("</think>")]
        whose = {"swapped": (i + 1) % 3}.get(condition, i)
        assert given == ("" if condition == "removed" else chat.tokenizer.decode(talks.thoughts[whose]))


def test_what_the_thinker_forgot_leaves_no_trace(nano):
    model, chat = nano
    own = Talks(model, model, chat, "own", environments(2, "test", "direct", "vanilla", 2), 16, 5).play()
    start = Talks(model, model, chat, "start", environments(2, "test", "direct", "vanilla", 2), 16, 5).play()
    assert own == start  # the same model under two names


def test_an_unknown_condition_is_named(nano):
    with pytest.raises(ValueError, match="own, swapped, removed, start"):
        Talks(*nano[:1], *nano, "dreamt", [], 16, 0)


def test_lines_of_other_dynamics_scales_and_starts_are_passed_over(tmp_path):
    path = tmp_path / "study.jsonl"
    row = {"cell": THINKING.name, **vars(THINKING), "digest": TINY.digest, "start": "0" * 12}
    rows.append(path, row)
    assert rows.load(path, TINY) == {}
    assert rows.load(tmp_path / "none.jsonl", TINY) == {}
    rows.append(path, {**row, "cell": rows.ANCHORS})
    assert list(rows.load(path, TINY)) == [rows.ANCHORS] and rows.load(path, SCALES["nano"]) == {}
    assert rows.load(path, TINY, "0.0") == {}


@pytest.mark.slow
def test_cells_run_from_start_to_rows_and_are_not_run_twice(tmp_path, capsys):
    results = tmp_path / "study.jsonl"
    command = [
        "run",
        "--scale",
        "tiny",
        "--seeds",
        "1",
        "--jobs",
        "2",
        "--out",
        str(tmp_path / "runs"),
        "--results",
        str(results),
    ]
    command += ["--cells", "thinking-grpo-vanilla-none", "direct-ppo-vanilla-none", "thinking-grpo-vanilla-placebo"]
    assert main(command) == 0
    found = rows.load(results, TINY)
    assert len(found) == 4
    thinking = found["thinking-grpo-vanilla-none-0"]
    assert set(thinking["thoughts"]) == set(CONDITIONS) and not found["direct-ppo-vanilla-none-0"]["thoughts"]
    assert sum(thinking["after"]["vanilla"]["tokens"]["thought"]) > 0
    # its filler is not counted; what it samples may be a second thought, now and then
    placebo = found["thinking-grpo-vanilla-placebo-0"]["after"]["vanilla"]["tokens"]
    assert sum(placebo["thought"]) < sum(thinking["after"]["vanilla"]["tokens"]["thought"])
    for row in found.values():
        assert len(json.dumps(row)) < 60_000
    before = results.read_bytes()
    assert main(command) == 0 and results.read_bytes() == before
    assert main(["list", "--scale", "tiny", "--seeds", "1", "--results", str(results)]) == 0
    assert capsys.readouterr().out.count("done") == 3


@pytest.mark.slow
def test_a_killed_cell_goes_on_to_the_same_row(tmp_path):
    whole = run_cell(THINKING, TINY, tmp_path / "whole", "cpu")
    command = [
        sys.executable,
        "-m",
        "benchmarks.study",
        "cell",
        THINKING.name,
        "--scale",
        "tiny",
        "--out",
        str(tmp_path / "cut"),
    ]
    folder = run_folder(tmp_path / "cut", TINY, THINKING)
    process = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, stderr=subprocess.DEVNULL)
    while process.poll() is None and not (folder / "checkpoint.pt").exists():
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (folder / "before.json").exists() and not (folder / "row.json").exists()
    assert (
        subprocess.run(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, stderr=subprocess.DEVNULL).returncode == 0
    )
    again = json.loads((folder / "row.json").read_text())
    assert without_time(again) == without_time(json.loads(json.dumps(whole)))


def test_errors_say_what_was_expected(capsys):
    assert main(["cell", "dreaming-0", "--scale", "tiny"]) == 1
    assert main(["run", "--jobs", "0"]) == 1
    assert isinstance(load_format(NANO / "start"), NanoFormat)
    assert "expected at least 1, got 0" in capsys.readouterr().err


def test_others_thoughts_come_from_other_talks_turn_by_turn():
    from scripts.make_nano import Exchange, with_others_thoughts

    data = [[Exchange(f"line {i}", f"reply {i}", f"thought {i} {turn}") for turn in range(1 + i % 3)] for i in range(9)]
    mixed = with_others_thoughts(data)
    for own, talk in zip(data, mixed, strict=True):
        assert [(e.line, e.reply) for e in talk] == [(e.line, e.reply) for e in own]
        for turn, exchange in enumerate(talk):
            assert exchange.thought != own[turn].thought and exchange.thought.endswith(f" {turn}")
    assert with_others_thoughts(data) == mixed


def test_the_paper_scale_has_a_price():
    from agents.presets import PRESETS
    from benchmarks.study.cost import cost, text

    thinking, direct = (cost(PRESETS["rlver-grpo"], scaffold) for scaffold in ("thinking", "direct"))
    assert thinking.gpu_hours > direct.gpu_hours > 0 and thinking.dialogues == 210 * 32 * 4 + 400
    assert "GPU hours" in text()


def test_no_two_processes_work_at_one_cell(tmp_path):
    with alone(tmp_path), pytest.raises(RuntimeError, match="expected to be alone"), alone(tmp_path):
        pass


@pytest.mark.slow
def test_the_end_of_the_time_is_no_failure(tmp_path):
    command = ["run", "--scale", "tiny", "--seeds", "1", "--jobs", "1", "--minutes", "0", "--cells", "null"]
    assert main([*command, "--out", str(tmp_path), "--results", str(tmp_path / "study.jsonl")]) == 130
