"""One picture of a talk as it stands: what was said, the emotion's curve, the skills and why the last reply moved the emotion.

For ``render_mode="rgb_array"``, and so for videos by ``gymnasium.wrappers.RecordVideo``. Drawn by Pillow, which is imported when the first
frame is asked for. Frames are to look at: another Pillow may round a letter otherwise, so they stand outside what is exact here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.error import DependencyNotInstalled
from numpy.typing import NDArray

from empathy_gym.render import OUTCOMES
from empathy_gym.seeker.ledger import SKILLS

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

    from empathy_gym.envs.episode import Episode

__all__ = ["HEIGHT", "WIDTH", "frame", "need_pillow"]

WIDTH, HEIGHT = 960, 720
"""Of a frame, pixels; both even, as video encoders want them."""

INK, SOFT, PAPER, LINE = (29, 28, 26), (98, 93, 86), (251, 249, 245), (222, 216, 206)
GOOD, BAD = (31, 102, 87), (156, 58, 39)
BUBBLES = {"user": (236, 230, 219), "assistant": (220, 235, 231)}
NAMES = {"user": "seeker", "assistant": "supporter"}

TALK = (24, 64, 560, 700)
"""Where the talk stands: left, top, right, bottom."""

LEFT, RIGHT = 592, 936
"""Of the column with curve, skills and ledger."""

CURVE_TOP, CURVE_BOTTOM, SKILLS_TOP, LEDGER_TOP = 118, 288, 340, 534
TEXT, SMALL, LARGE = 15, 13, 22
"""Heights of letters, pixels."""

MOST_LINES, MOST_CHARS = 9, 900
"""Of a bubble; a longer reply ends with an ellipsis."""

LEDGER_LINES = 6
"""Those of the last reply that weighed most."""


def need_pillow() -> None:
    """Check that frames can be drawn.

    Raises:
        DependencyNotInstalled: without Pillow 10.1 or newer (the first with a built-in font of any size).
    """
    try:
        from PIL import __version__
    except ImportError as error:
        raise DependencyNotInstalled(_missing("no Pillow")) from error
    if tuple(int(part) for part in __version__.split(".")[:2]) < (10, 1):
        raise DependencyNotInstalled(_missing(f"Pillow {__version__}"))


def _missing(got: str) -> str:
    return f"render_mode='rgb_array': expected Pillow 10.1 or newer, got {got}; pip install 'empathy_gym[render]'"


def frame(episode: Episode) -> NDArray[np.uint8]:
    """The talk so far as a picture.

    Args:
        episode: the episode, at any turn.

    Returns:
        Red, green and blue from 0 to 255, (720, 960, 3).

    Raises:
        DependencyNotInstalled: without Pillow.
    """
    need_pillow()
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    state = OUTCOMES[episode.outcome] if episode.over else f"reply {episode.turn} of {episode.config.max_turns}"
    draw.text((TALK[0], 20), "A talk with a seeker", INK, _font(LARGE))
    draw.text((LEFT, 26), f"{episode.seeker.scenario.id} · {state}", SOFT, _font(SMALL))
    left, top, right, bottom = TALK
    image.paste(_talk(episode.seeker.messages, right - left, bottom - top), (left, top))
    _draw_curve(draw, [episode.first_emotion, *(turn["emotion"] for turn in episode.turns)], episode.config.max_turns)
    _draw_skills(draw, episode.skills)
    _draw_ledger(draw, episode.turns[-1]["ledger"] if episode.turns else [])
    return np.array(image, dtype=np.uint8)


def _talk(messages: Sequence[dict[str, str]], width: int, height: int) -> Any:
    """The latest messages that fit, as a picture of the talk's own; an older one may be cut off at the top."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(image)
    widest, pad, step = width - 64, 11, TEXT + 6
    blocks: list[tuple[str, list[str], int]] = []
    free = height
    for message in reversed(messages):
        if free <= 0:
            break
        lines = _wrapped(message["content"] or "(nothing)", widest - 2 * pad, _font(TEXT))
        blocks.append((message["role"], lines, len(lines) * step + 2 * pad + SMALL + 14))
        free -= blocks[-1][2]
    y = min(0, free)
    for role, lines, tall in reversed(blocks):
        x = 0 if role == "user" else width - widest
        draw.text((x + pad, y), NAMES[role], SOFT, _font(SMALL))
        box = (x, y + SMALL + 5, x + widest - 1, y + tall - 9)
        draw.rounded_rectangle(box, 11, BUBBLES[role])
        for number, line in enumerate(lines):
            draw.text((x + pad, box[1] + pad - 1 + number * step), line, INK, _font(TEXT))
        y += tall
    return image


def _wrapped(text: str, width: int, font: Any) -> list[str]:
    """Lines of at most ``width`` pixels; words that are wider are cut."""
    lines: list[str] = []
    for paragraph in text[:MOST_CHARS].split("\n"):
        line = ""
        for word in paragraph.split(" "):
            joined = f"{line} {word}" if line else word
            if font.getlength(joined) <= width:
                line = joined
                continue
            if line:
                lines.append(line)
            while font.getlength(word) > width:
                keep = _fitting(word, width, font)
                lines.append(word[:keep])
                word = word[keep:]
            line = word
        lines.append(line)
    if len(lines) > MOST_LINES or len(text) > MOST_CHARS:
        lines = lines[:MOST_LINES]
        lines[-1] = f"{lines[-1][:-1]}…"
    return lines


def _fitting(word: str, width: int, font: Any) -> int:
    """How many letters of a word fit, at least 1."""
    return max(1, bisect_right(range(1, len(word)), width, key=lambda end: font.getlength(word[:end])))


def _draw_curve(draw: ImageDraw, emotions: Sequence[int], max_turns: int) -> None:
    """The emotion, milli-points, before any reply and after each, over all the turns that there may be."""
    change = f" ({(emotions[-1] - emotions[-2]) / 1000:+.1f})" if len(emotions) > 1 else ""
    draw.text((LEFT, 64), "Emotion", SOFT, _font(TEXT))
    draw.text((RIGHT, 60), f"{emotions[-1] / 1000:.1f}{change}", INK, _font(LARGE), anchor="ra")
    left, tall = LEFT + 30, CURVE_BOTTOM - CURVE_TOP
    for points in (0, 25, 50, 75, 100):
        level = CURVE_BOTTOM - tall * points // 100
        draw.line((left, level, RIGHT, level), LINE)
        draw.text((left - 7, level), str(points), SOFT, _font(SMALL), anchor="rm")
    across = (RIGHT - left - 6) / max(max_turns, len(emotions) - 1)
    every = max(1, -(-max_turns // 10))
    for turn in range(0, max_turns + 1, every):
        draw.text((left + turn * across, CURVE_BOTTOM + 8), str(turn), SOFT, _font(SMALL), anchor="mt")
    places = [(left + n * across, CURVE_BOTTOM - tall * emotion / 100_000) for n, emotion in enumerate(emotions)]
    if len(places) > 1:
        draw.line(places, GOOD, 3, joint="curve")
    for x, y in places:
        draw.ellipse((x - 4, y - 4, x + 4, y + 4), GOOD)


def _draw_skills(draw: ImageDraw, skills: dict[str, int]) -> None:
    """What each skill earned so far: bars from a middle line, to the left where it cost."""
    draw.text((LEFT, SKILLS_TOP - 8), "Points by skill", SOFT, _font(TEXT))
    middle, reach = LEFT + 228, 58
    widest = max(10_000, *(abs(amount) for amount in skills.values()))
    for number, name in enumerate(SKILLS):
        y = SKILLS_TOP + 26 + number * 29
        amount = skills[name]
        draw.text((LEFT, y), name.replace("_", " "), INK, _font(TEXT), anchor="lm")
        end = middle + reach * amount / widest
        draw.rectangle((min(middle, end), y - 7, max(middle, end), y + 7), GOOD if amount >= 0 else BAD)
        draw.line((middle, y - 11, middle, y + 11), SOFT)
        draw.text((RIGHT, y), f"{amount / 1000:+.1f}", INK, _font(TEXT), anchor="rm")


def _draw_ledger(draw: ImageDraw, ledger: Sequence[dict[str, Any]]) -> None:
    """The lines of the last reply that weighed most."""
    draw.text((LEFT, LEDGER_TOP - 8), "Why the last reply moved it", SOFT, _font(TEXT))
    most = sorted(ledger, key=lambda entry: -abs(entry["amount"]))[:LEDGER_LINES]
    for number, entry in enumerate(most):
        y = LEDGER_TOP + 26 + number * 23
        colour = GOOD if entry["amount"] > 0 else BAD
        draw.text((LEFT + 56, y), f"{entry['amount'] / 1000:+.2f}", colour, _font(TEXT), anchor="rm")
        draw.text((LEFT + 72, y), entry["cause"].replace("_", " "), INK, _font(TEXT), anchor="lm")
    if not most:
        draw.text((LEFT, LEDGER_TOP + 26), "nothing yet", INK, _font(TEXT), anchor="lm")


@lru_cache(maxsize=8)
def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)
