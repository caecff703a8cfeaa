"""Each alarm rings when its sign has lasted, and only then."""

import json
from dataclasses import replace

import pytest

from agents.learner.alarms import RULES, Alarms
from agents.learner.loop import Trainer
from agents.learner.parallel import Team
from agents.learner.probe import information, last_replies, straight_and_crossed
from agents.learner.rollout import Row
from agents.presets import PRESETS
from tests.agents.conftest import Colours, tiny_model


def rung(metric, values):
    """The steps at which something rings, by alarm, for one metric's course."""
    alarms, found = Alarms(), {}
    for step, value in enumerate(values):
        for name, on in alarms.see({metric: value}).items():
            if on:
                found.setdefault(name.removeprefix("alarm/"), []).append(step)
    return found


def test_a_lasting_fall_of_the_spread_rings_after_ten_steps():
    assert rung("group_std", [1.0] * 10 + [0.1] * 12) == {"flat": [19, 20, 21]}
    assert rung("group_std", [1.0] * 10 + [0.11] * 30) == {}
    assert rung("group_std", [1.0] * 10 + ([0.0] * 9 + [1.0]) * 3) == {}
    assert rung("group_std", [0.0] * 20) == {"flat": [19]}  # never was any


def test_where_groups_are_single_dialogues_the_batch_is_looked_at():
    assert rung("reward_std", [1.0] * 10 + [0.0] * 10) == {"flat": [19]}
    alarms = Alarms()
    for _ in range(30):  # in-group goes before
        alarms.see({"group_std": 1.0, "reward_std": 0.0})
    assert not alarms.rings("flat")


@pytest.mark.parametrize(
    ("metric", "start", "later", "alarm"),
    [
        ("entropy", 2.0, 0.2, "entropy"), ("reply_tokens", 30.0, 15.0, "length"), ("reply_tokens", 30.0, 60.0, "length"),
        ("information", 0.5, 0.05, "template"),
    ],
)  # fmt: skip
def test_each_rule_against_its_start(metric, start, later, alarm):
    rule = RULES[alarm]
    course = [start] * rule.first + [later] * rule.patience
    assert rung(metric, course) == {alarm: [len(course) - 1]}
    assert rung(metric, [start] * 40) == {}


def test_truncation_has_a_bound_of_its_own():
    assert rung("truncated", [0.25] * 10) == {"truncated": [9]}
    assert rung("truncated", [0.24] * 30) == {}


def test_a_step_that_lacks_the_metric_changes_nothing():
    alarms = Alarms()
    for value in [0.5] * 3 + [0.0] * 3:
        alarms.see({"information": value})
        alarms.see({})  # between probes
    assert alarms.rings("template") and alarms.see({})["alarm/template"] == 1.0
    assert alarms.see({"information": 0.5})["alarm/template"] == 0.0


def test_an_alarm_is_told_once_and_state_comes_back():
    alarms = Alarms()
    for _ in range(10):
        alarms.see({"truncated": 1.0})
    other = Alarms()
    other.load_state_dict(alarms.state_dict())
    assert alarms.news() == other.news() == ["alarm/truncated: " + RULES["truncated"].says]
    third = Alarms()
    third.load_state_dict(alarms.state_dict())
    assert third.news() == alarms.news() == []


def test_replies_are_taken_one_a_group_and_crossed_with_the_next():
    rows = [
        Row(0, [1, 2, 3, 4, 5], [False, True, False, True, True], [0.0] * 5, [0, 1, 1]),
        Row(1, [1, 2, 9], [False, False, True], [0.0] * 3, [0]),
        Row(2, [6, 7], [False, True], [0.0] * 2, [0]),
        Row(2, [6, 8, 7], [False, False, True], [0.0] * 3, [1]),  # one row a turn
    ]
    replies = last_replies(rows, [0, 0, 1])
    assert replies == [([1, 2, 3], [4, 5]), ([6, 8], [7])]
    own, other = straight_and_crossed(replies, range(2))
    assert [row.ids for row in own] == [[1, 2, 3, 4, 5], [6, 8, 7]]
    assert [row.ids for row in other] == [[6, 8, 4, 5], [1, 2, 3, 7]]
    assert other[0].policy == [False, False, True, True]


TOY = replace(
    PRESETS["nano"], steps=40, scenarios=6, group=2, max_turns=2, max_new=3, eval_every=40, eval_episodes=2, tokens=400
)  # fmt: skip


class Mute(Colours):
    """Nothing that is said makes a difference."""

    def step(self, action):
        line, _, *rest = super().step(action)
        return line, 0.0, *rest


def test_a_run_without_signal_ends_where_the_preset_says_so(chat, tmp_path, capsys):
    def run(stop):
        return Trainer(
            tiny_model(loud=2.0), chat, replace(TOY, stop_on_alarm=stop), "direct", 0, tmp_path, lambda split: Mute()
        )

    first = run(True)
    assert not first.run() and first.stopped and first.step == 20
    assert capsys.readouterr().err.count("alarm/flat: dialogues of a group end alike") == 1
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [row["alarm/flat"] for row in rows] == [0.0] * 19 + [1.0]
    again = run(True)
    assert again.restore() and not again.run() and again.step == 20  # it does not go on by being started again
    on = run(False)
    assert on.restore() and on.run() and on.step == 40


def test_the_probe_tells_a_policy_that_listens_from_one_that_does_not(chat, tmp_path):
    def probe(loud):
        model = tiny_model(loud=loud)
        trainer = Trainer(model, chat, replace(TOY, scenarios=24), "direct", 0, tmp_path, lambda split: Colours())
        return information(model, trainer.play(), chat.pad, 400, Team())["information"]

    deaf, listening = probe(0.01), probe(10.0)
    assert abs(deaf) < 1e-3 and listening > 0.05
