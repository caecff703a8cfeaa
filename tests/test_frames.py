"""Frames of a talk: their form, that they show what happens, and that Gymnasium's recorder takes them."""

import subprocess
import sys
import warnings
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.wrappers import RecordVideo, RenderCollection
from hypothesis import given, settings
from talks import REPLIES, play

import empathy_gym  # noqa: F401  (registers the ids)
from empathy_gym.envs.support import EmpathySupportEnv
from empathy_gym.frames import HEIGHT, WIDTH, frame

pytest.importorskip("PIL", reason="frames are drawn by Pillow: pip install 'empathy_gym[render]'")
ROOT = Path(__file__).resolve().parent.parent


def is_frame(found):
    return isinstance(found, np.ndarray) and found.shape == (HEIGHT, WIDTH, 3) and found.dtype == np.uint8


@pytest.mark.parametrize("env_id", ["EmpathySupport-v0", "EmpathySupportThinkingChallenging-v0", "EmpathyStrategy-v0"])
def test_each_turn_is_another_frame(env_id):
    env = gym.make(env_id, render_mode="rgb_array", max_turns=3)
    env.reset(seed=0)
    frames = [env.render()]
    for _ in range(3):
        env.step(9 if env_id == "EmpathyStrategy-v0" else "You sound hurt.")
        frames.append(env.render())
    assert all(is_frame(found) for found in frames)
    assert all((one != other).any() for one, other in zip(frames, frames[1:]))


def test_drawing_changes_nothing_and_can_be_repeated():
    env, silent = EmpathySupportEnv(render_mode="rgb_array", max_turns=2), EmpathySupportEnv(max_turns=2)
    env.reset(seed=5)
    silent.reset(seed=5)
    for reply in ("What happened?", ""):
        np.testing.assert_array_equal(env.render(), env.render())
        assert env.step(reply) == silent.step(reply)
    assert is_frame(env.render())  # also after the end


@settings(max_examples=15)
@given(reply=REPLIES)
def test_whatever_is_said_can_be_drawn(reply):
    env = EmpathySupportEnv(render_mode="rgb_array")
    play(env, [reply, reply])
    assert is_frame(env.render())


def test_long_talks_and_extreme_settings_can_be_drawn():
    env = EmpathySupportEnv(render_mode="rgb_array", max_turns=60, difficulty=1.5)
    play(env, ["What happened then? And what did you do about it, all alone?"] * 60)
    assert is_frame(env.render())


def test_older_lines_give_way_to_the_latest():
    env = EmpathySupportEnv(render_mode="rgb_array")
    env.reset(seed=0)
    env.step("It must be hard.")
    short = frame(env.episode)
    env.step("word " * 3_000)
    assert (short != frame(env.episode)).any()


def test_frames_are_collected():
    env = RenderCollection(gym.make("EmpathySupport-v0", render_mode="rgb_array"))
    env.reset(seed=0)
    env.step("What happened?")
    assert [is_frame(found) for found in env.render()] == [True, True]


def test_record_video(tmp_path):
    pytest.importorskip("moviepy", reason="RecordVideo writes its file by moviepy: pip install moviepy")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        env = RecordVideo(gym.make("EmpathySupport-v0", render_mode="rgb_array", max_turns=2), str(tmp_path), fps=1)
        env.reset(seed=0)
        for _ in range(2):
            env.step("You sound hurt.")
        env.close()
    video = next(tmp_path.glob("*.mp4"))
    from moviepy import VideoFileClip

    with VideoFileClip(str(video)) as clip:
        assert clip.size == [WIDTH, HEIGHT] and clip.duration == 3.0


def test_without_pillow_the_error_names_the_command():
    """In a process of its own, in which Pillow cannot be found."""
    code = (
        "import sys; sys.modules['PIL'] = None\n"
        "import gymnasium as gym, empathy_gym\n"
        "gym.make('EmpathySupport-v0', render_mode='ansi')\n"
        "try:\n    gym.make('EmpathySupport-v0', render_mode='rgb_array')\n"
        "except gym.error.DependencyNotInstalled as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert "expected Pillow 10.1 or newer, got no Pillow; pip install 'empathy_gym[render]'" in done.stdout, done.stderr


def test_importing_the_package_imports_no_pillow():
    code = "import sys, gymnasium, empathy_gym; gymnasium.make('EmpathySupport-v0'); print('PIL' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.stdout.strip() == "False", done.stderr
