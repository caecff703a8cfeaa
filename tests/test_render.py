"""The HTML page of a talk: well-formed, self-contained, safe and readable."""

import json
import os
import subprocess
import sys
from html.parser import HTMLParser

from talks import play

from empathy_gym.envs.support import EmpathySupportEnv
from empathy_gym.render import emotion_curve, ledger_text, page, transcript_html

VOID = {"meta", "br"}


class Checked(HTMLParser):
    """Collects text and attributes, and checks that what opens closes."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.tags = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def parsed(text):
    parser = Checked()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    return parser


def transcript(replies=("What happened?", "You sound hurt.", "<b>&amp;</b>", "Stop whining.")):
    env = EmpathySupportEnv(max_turns=len(replies), scaffold="thinking")
    return play(env, replies, seed=4)[-1][-1]["transcript"]


def test_a_terminal_without_a_character_does_not_end_a_talk():
    code = "import gymnasium as gym, empathy_gym; e = gym.make('EmpathySupport-v0', render_mode='human'); e.reset(seed=0); e.step('caf\\u00e9 \\u4f60')"
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, timeout=120)
    assert done.returncode == 0 and "caf? ?" in done.stdout, done.stderr


def test_the_page_is_whole_and_loads_nothing():
    made = page("A <talk>", transcript_html(transcript(), "One & all"))
    checked = parsed(made)
    tags = [tag for tag, _ in checked.tags]
    assert tags[:2] == ["html", "head"] and "script" not in tags and "link" not in tags and "img" not in tags
    assert not [attrs for _, attrs in checked.tags if {"src", "href"} & set(attrs)] and "url(" not in made
    assert dict(checked.tags)["html"] == {"lang": "en"} and "prefers-color-scheme: dark" in made
    assert "A <talk>" in checked.text and "One & all" in checked.text
    assert tags.count("h1") == 1 and tags.count("main") == 1


def test_all_that_was_said_stands_in_it():
    talk = transcript()
    text = "".join(parsed(transcript_html(talk, "t")).text)
    assert talk["opening"] in text
    for number, turn in enumerate(talk["turns"], 1):
        assert turn["heard"] in text and turn["line"] in text
        assert f"Turn {number}: {turn['emotion'] / 1000:.1f}" in text
        for line in turn["ledger"]:
            assert line["cause"].replace("_", " ") in text and f"{line['amount'] / 1000:+.2f}" in text
    assert "<b>&amp;</b>" in text


def test_thoughts_stand_apart_and_nothing_is_an_empty_reply():
    talk = transcript(["<think>I should ask</think> What happened?", ""])
    made = transcript_html(talk, "t")
    assert '<p class="thought">' in made and "I should ask" in made and "<em>(nothing)</em>" in made


def test_spans_are_marked_by_direction():
    talk = transcript(["You sound so hurt about it.", "Stop whining, nobody cares."])
    made = transcript_html(talk, "t")
    assert '<mark class="good">' in made and '<mark class="bad">' in made


def test_the_curve_is_drawn_and_said():
    checked = parsed(emotion_curve([30_000, 42_500, 100_000]))
    tag, attrs = checked.tags[0]
    assert tag == "svg" and attrs["role"] == "img" and attrs["aria-label"].endswith("30.0, 42.5, 100.0")
    assert [tag for tag, _ in checked.tags].count("circle") == 3
    assert parsed(emotion_curve([30_000])).tags


def test_a_transcript_from_json_renders_alike():
    talk = transcript()
    assert transcript_html(json.loads(json.dumps(talk)), "t") == transcript_html(talk, "t")


def test_a_ledger_in_a_line():
    assert ledger_text([{"cause": "explored", "amount": 1_250}, {"cause": "patience", "amount": -300}]) in (
        "explored +1.2, patience -0.3",
    )
    assert ledger_text([]) == "nothing moved"


def test_points_by_skill_stand_in_it_also_of_lines_with_less():
    talk = transcript(["What happened?"])
    talk["turns"][0]["ledger"] = [
        {"skill": "core_insight", "cause": "a", "amount": 1_500},
        {"skill": "new_skill", "cause": "b", "amount": -200, "span": [0, 4]},
        {"cause": "c", "amount": 100},
    ]
    text = "".join(parsed(transcript_html(talk, "t")).text)
    assert "core insight +1.5" in text and "new skill -0.2" in text and "empathic depth +0.0" in text
