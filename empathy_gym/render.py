"""Transcripts to look at: plain text for a terminal, one self-contained HTML page for a browser.

Of an episode or a transcript only these entries are used: ``opening``, ``first_emotion``, ``turns`` (each with ``reply``, ``heard``, ``line``,
``emotion`` and ``ledger``), ``outcome``, ``scenario``, ``env`` and ``final_emotion``.
"""

from __future__ import annotations

import html
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from empathy_gym.seeker.ledger import SKILLS
from empathy_gym.seeker.text import split_thought

if TYPE_CHECKING:
    from empathy_gym.envs.episode import Episode

__all__ = [
    "STYLE",
    "ansi",
    "emotion_curve",
    "ledger_text",
    "opening_text",
    "page",
    "show",
    "transcript_html",
    "turn_text",
]

OUTCOMES = {
    "helped": "helped: the emotion reached 100",
    "left": "left: the emotion fell below 10",
    "time": "out of time",
    None: "broken off",
}
"""How an episode ended, in words."""

STYLE = """
:root { color-scheme: light dark; --ink: #1d1c1a; --paper: #fbf9f5; --soft: #625d56; --line: #ded8ce; --seeker: #ece6db;
  --supporter: #dcebe7; --good: #1f6657; --bad: #9c3a27; --good-wash: #cfe6df; --bad-wash: #f4d9d1; }
@media (prefers-color-scheme: dark) { :root { --ink: #ece8e1; --paper: #191816; --soft: #aca59b; --line: #3b3834; --seeker: #2c2a26;
  --supporter: #20332f; --good: #84cdbb; --bad: #eb9580; --good-wash: #234740; --bad-wash: #54302a; } }
* { box-sizing: border-box; }
body { font: 1rem/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 72rem; margin: 2rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.75rem; line-height: 1.2; } h2 { font-size: 1.3rem; margin: 2.6rem 0 .4rem; }
.soft { color: var(--soft); }
table { border-collapse: collapse; width: 100%; margin: .8rem 0; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
ol.talk { list-style: none; padding: 0; }
ol.talk > li { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: .2rem 2rem; padding: .6rem 0; }
.said { border-radius: .8rem; padding: .55rem .85rem; margin: 0 0 .5rem; overflow-wrap: anywhere; white-space: pre-line; }
.seeker { background: var(--seeker); margin-right: 2.5rem; border-bottom-left-radius: .15rem; }
.supporter { background: var(--supporter); margin-left: 2.5rem; border-bottom-right-radius: .15rem; }
.who { display: block; font-size: .75rem; color: var(--soft); }
.thought { margin: 0 0 .4rem 2.5rem; font-size: .88rem; color: var(--soft); white-space: pre-line; }
mark { color: inherit; background: none; border-radius: .2rem; padding: .05em 0; }
mark.good { background: var(--good-wash); } mark.bad { background: var(--bad-wash); }
.good { color: var(--good); } .bad { color: var(--bad); } mark.good, mark.bad { color: inherit; }
table.ledger { font-size: .84rem; margin: 0; } table.ledger caption { text-align: left; font-weight: 600; padding: 0 .6rem .2rem; }
table.ledger td { border: 0; padding: .08rem .6rem; } table.ledger q { color: var(--soft); quotes: none; }
figure { margin: 1rem 0; } svg { max-width: 100%; height: auto; } figcaption { color: var(--soft); font-size: .86rem; }
svg .grid { stroke: var(--line); } svg .axis { fill: var(--soft); font-size: 11px; } svg .curve { stroke: var(--good); fill: none; stroke-width: 2.2; }
svg .dot { fill: var(--good); }
@media (max-width: 46rem) { ol.talk > li { grid-template-columns: minmax(0, 1fr); } }
@media print { body { max-width: none; margin: 0; } ol.talk > li { break-inside: avoid; } }
"""
"""The page's style: follows the reader's light or dark setting; text keeps a contrast of at least 4.5 to 1 in both."""


def show(text: str) -> None:
    """Print, with a question mark for what the terminal has no character for: that shall not end a talk."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)


def opening_text(episode: Episode) -> str:
    """The seeker's opening line, with the first emotion in points."""
    return f"seeker: {episode.seeker.opening}   [{_points(episode.first_emotion)}]"


def turn_text(episode: Episode, number: int) -> str:
    """One turn as text: the reply as it was heard, the seeker's answer, the emotion in points; the outcome after the last.

    Args:
        episode: the episode.
        number: of the turn, from 0.
    """
    turn = episode.turns[number]
    lines = [f"supporter: {turn['heard'] or '(nothing)'}", f"seeker: {turn['line']}   [{_points(turn['emotion'])}]"]
    if episode.over and number == len(episode.turns) - 1:
        lines.append(f"-- {OUTCOMES[episode.outcome]} --")
    return "\n".join(lines)


def ansi(episode: Episode) -> str:
    """The talk so far as text, with the emotion after each turn."""
    return "\n".join([opening_text(episode), *(turn_text(episode, number) for number in range(len(episode.turns)))])


def ledger_text(ledger: Sequence[Mapping[str, Any]]) -> str:
    """A ledger in one line: causes with their points."""
    return ", ".join(f"{entry['cause']} {entry['amount'] / 1000:+.1f}" for entry in ledger) or "nothing moved"


def emotion_curve(emotions: Sequence[int], label: str = "Emotion", width: int = 680) -> str:
    """An inline SVG of the emotion, 0 to 100 points, over the turns.

    Args:
        emotions: milli-points, the first before any reply.
        label: what a screen reader calls the figure.
        width: of the figure, pixels; a narrower place shrinks it, letters included.
    """
    height, left, top, bottom = 190, 34, 12, 26
    across = (width - left - 16) / max(1, len(emotions) - 1)

    def y(points: float) -> float:
        return top + (height - top - bottom) * (100 - points) / 100

    grid = "".join(
        f'<line class="grid" x1="{left}" x2="{width - 16}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>'
        f'<text class="axis" x="{left - 7}" y="{y(value) + 4:.1f}" text-anchor="end">{value}</text>'
        for value in (0, 25, 50, 75, 100)
    )
    places = [(left + number * across, y(emotion / 1000)) for number, emotion in enumerate(emotions)]
    ticks = "".join(
        f'<text class="axis" x="{x:.1f}" y="{height - 6}" text-anchor="middle">{number}</text>'
        for number, (x, _) in enumerate(places)
    )
    dots = "".join(
        f'<circle class="dot" cx="{x:.1f}" cy="{at:.1f}" r="3.6"><title>after {number} replies: {_points(emotion)}</title></circle>'
        for number, ((x, at), emotion) in enumerate(zip(places, emotions, strict=True))
    )
    path = " ".join(f"{x:.1f},{at:.1f}" for x, at in places)
    spoken = f"{label} from 0 to 100, before the first reply and after each: {', '.join(map(_points, emotions))}"
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{html.escape(spoken)}">'
        f'{grid}{ticks}<polyline class="curve" points="{path}"/>{dots}</svg>'
    )


def transcript_html(transcript: Mapping[str, Any], title: str) -> str:
    """A section of HTML: the emotion curve, then each turn with its ledger beside it.

    Args:
        transcript: as in ``info["transcript"]``.
        title: of the section.
    """
    emotions = [transcript["first_emotion"], *(turn["emotion"] for turn in transcript["turns"])]
    settings, outcome = transcript["env"], transcript.get("outcome")
    about = (
        f"Scenario {transcript['scenario']}; difficulty {settings.get('difficulty')}; {settings.get('scaffold')} scaffold; "
        f"{OUTCOMES.get(outcome) if outcome is None or isinstance(outcome, str) else outcome}. "
        f"Emotion {_points(emotions[0])} → {_points(transcript['final_emotion'])}."
    )
    turns = [_turn_html(turn, number, emotions[number]) for number, turn in enumerate(transcript["turns"])]
    return "\n".join(
        [
            f"<section><h2>{html.escape(title)}</h2>",
            f'<p class="soft">{html.escape(about)}</p>',
            f"<figure>{emotion_curve(emotions)}<figcaption>The seeker's emotion before the first reply (0) and after each.</figcaption></figure>",
            f'<p class="soft">Points by skill: {html.escape(_skills(transcript["turns"]))}.</p>',
            '<ol class="talk">',
            f"<li><div>{_said('seeker', html.escape(transcript['opening']))}</div></li>",
            *turns,
            "</ol></section>",
        ]
    )


def page(title: str, body: str) -> str:
    """A whole page around sections of HTML; it loads no file, script or font from elsewhere."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head>\n"
        f"<body><main><h1>{html.escape(title)}</h1>\n{body}\n</main></body></html>\n"
    )


def _turn_html(turn: Mapping[str, Any], number: int, before: int) -> str:
    thought = split_thought(turn["reply"])[0]
    thinks = f'<p class="thought"><span class="who">thinks, unheard</span>{html.escape(thought)}</p>' if thought else ""
    heard = _marked(turn["heard"], turn["ledger"]) or "<em>(nothing)</em>"
    change = turn["emotion"] - before
    caption = f"Turn {number + 1}: {_points(turn['emotion'])} ({change / 1000:+.1f})"
    rows = "".join(_row(entry, turn["heard"]) for entry in turn["ledger"])
    return (
        f"<li><div>{thinks}{_said('supporter', heard)}{_said('seeker', html.escape(turn['line']))}</div>"
        f'<table class="ledger"><caption>{caption}</caption><tbody>{rows}</tbody></table></li>'
    )


def _skills(turns: Sequence[Mapping[str, Any]]) -> str:
    """What each skill earned over the talk; also of a skill that this version does not know."""
    sums = dict.fromkeys(SKILLS, 0)
    for entry in (entry for turn in turns for entry in turn["ledger"] if entry.get("skill")):
        sums[entry["skill"]] = sums.get(entry["skill"], 0) + entry["amount"]
    return ", ".join(f"{name.replace('_', ' ')} {amount / 1000:+.1f}" for name, amount in sums.items())


def _said(who: str, inner: str) -> str:
    return f'<p class="said {who}"><span class="who">{who}</span>{inner}</p>'


def _row(entry: Mapping[str, Any], heard: str) -> str:
    """A ledger line: points, cause and skill, and the words that earned it."""
    amount, span = entry["amount"], entry.get("span")
    skill = (
        f'<br><span class="soft">{html.escape(entry["skill"].replace("_", " "))}</span>' if entry.get("skill") else ""
    )
    words = heard[span[0] : span[1]] if span else ""
    words = f"{words[:59]}…" if len(words) > 60 else words
    return (
        f'<tr><td class="n {_tone(amount)}">{amount / 1000:+.2f}</td><td>{html.escape(entry["cause"].replace("_", " "))}{skill}</td>'
        f"<td>{f'<q>{html.escape(words)}</q>' if words else ''}</td></tr>"
    )


def _marked(heard: str, ledger: Sequence[Mapping[str, Any]]) -> str:
    """What was heard, with the words that moved the emotion marked by direction."""
    cuts = sorted({0, len(heard), *(at for entry in ledger for at in entry.get("span") or ())})
    parts = []
    for start, end in zip(cuts, cuts[1:], strict=False):
        over = [e for e in ledger if e.get("span") and e["span"][0] <= start and end <= e["span"][1]]
        text = html.escape(heard[start:end])
        parts.append(f'<mark class="{_tone(sum(e["amount"] for e in over))}">{text}</mark>' if over else text)
    return "".join(parts)


def _tone(amount: int) -> str:
    return "good" if amount > 0 else "bad" if amount < 0 else ""


def _points(emotion: int) -> str:
    return f"{emotion / 1000:.1f}"
