"""Transcripts to look at: plain text for a terminal, one self-contained HTML page for a browser."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from empathy_gym.envs.episode import Episode

STYLE = """
:root { color-scheme: light dark; --ink: #1c1b19; --paper: #faf8f4; --soft: #77716a; --line: #ddd7cd; --seeker: #e9e3d8; --supporter: #d9e7e4;
 --good: #2f6f62; --bad: #a5432f; }
@media (prefers-color-scheme: dark) { :root { --ink: #ece8e1; --paper: #1b1a18; --soft: #a19a90; --line: #3a3733; --seeker: #2b2926;
 --supporter: #22322f; --good: #7cc4b3; --bad: #e08a74; } }
body { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 70rem; margin: 2rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.25rem; margin-top: 2.4rem; } .soft { color: var(--soft); }
table { border-collapse: collapse; width: 100%; margin: .8rem 0; } th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.turn { display: grid; grid-template-columns: 3fr 2fr; gap: .4rem 1.4rem; margin: .5rem 0; }
.said { border-radius: .7rem; padding: .55rem .8rem; } .seeker { background: var(--seeker); margin-right: 3rem; } .supporter { background: var(--supporter); margin-left: 3rem; }
.who { font-size: .75rem; color: var(--soft); } .thought { font-style: italic; color: var(--soft); }
.ledger { font-size: .82rem; list-style: none; margin: 0; padding: 0; } .good { color: var(--good); } .bad { color: var(--bad); }
figure { margin: 1rem 0; } svg { max-width: 100%; height: auto; } figcaption { color: var(--soft); font-size: .85rem; }
@media (max-width: 45rem) { .turn { grid-template-columns: 1fr; } }
"""


def ansi(episode: Episode) -> str:
    """The talk so far as text, with the emotion after each turn."""
    lines = [f"seeker: {episode.seeker.opening}   [{episode.first_emotion / 1000:.1f}]"]
    for turn in episode.turns:
        lines.append(f"supporter: {turn['heard']}")
        lines.append(f"seeker: {turn['line']}   [{turn['emotion'] / 1000:.1f}]")
    if episode.outcome:
        lines.append(f"-- {episode.outcome} --")
    return "\n".join(lines)


def ledger_text(ledger: Sequence[Mapping[str, Any]]) -> str:
    """A ledger in one line: causes with their points."""
    return ", ".join(f"{entry['cause']} {entry['amount'] / 1000:+.1f}" for entry in ledger)


def emotion_curve(emotions: Sequence[int], label: str = "emotion") -> str:
    """An inline SVG of the emotion from 0 to 100 over the turns."""
    width, height, pad = 640, 150, 28
    step = (width - 2 * pad) / max(1, len(emotions) - 1)
    points = [(pad + i * step, height - pad - (height - 2 * pad) * e / 100_000) for i, e in enumerate(emotions)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="currentColor"><title>turn {i}: {emotions[i] / 1000:.1f}</title></circle>'
        for i, (x, y) in enumerate(points)
    )
    grid = "".join(
        f'<line x1="{pad}" x2="{width - pad}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" opacity=".15"/>'
        f'<text x="2" y="{y + 4:.1f}" font-size="11" fill="currentColor" opacity=".6">{value}</text>'
        for value in (0, 50, 100)
        for y in [height - pad - (height - 2 * pad) * value / 100]
    )
    text = ", ".join(f"{e / 1000:.0f}" for e in emotions)
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{html.escape(label)} by turn: {text}">{grid}'
        f'<polyline points="{path}" fill="none" stroke="currentColor" stroke-width="2"/>{dots}</svg>'
    )


def transcript_html(transcript: Mapping[str, Any], title: str) -> str:
    """A section of HTML: the emotion curve, then each turn with its ledger beside it."""
    emotions = [transcript["first_emotion"], *(turn["emotion"] for turn in transcript["turns"])]
    parts = [
        f"<section><h2>{html.escape(title)}</h2>",
        f'<p class="soft">scenario {html.escape(transcript["scenario"])}, {html.escape(str(transcript["env"]["difficulty"]))}, '
        f"ended: {html.escape(str(transcript['outcome']))}, final emotion {transcript['final_emotion'] / 1000:.1f}</p>",
        f"<figure>{emotion_curve(emotions)}<figcaption>Emotion (0 to 100) before the first and after each reply.</figcaption></figure>",
        f'<div class="turn"><div class="said seeker"><div class="who">seeker</div>{html.escape(transcript["opening"])}</div><div></div></div>',
    ]
    for turn in transcript["turns"]:
        parts.append(_turn_html(turn))
    return "\n".join([*parts, "</section>"])


def _turn_html(turn: Mapping[str, Any]) -> str:
    thought = ""
    raw = turn["reply"]
    if "<think>" in raw and "</think>" in raw:
        inside = raw.split("<think>", 1)[1].split("</think>", 1)[0].strip()
        thought = f'<div class="thought">({html.escape(inside)})</div>'
    entries = "".join(
        f'<li class="{"good" if e["amount"] > 0 else "bad"}">{e["amount"] / 1000:+.2f} {html.escape(e["cause"])}'
        f"{' <span class=soft>' + html.escape(e['skill'].replace('_', ' ')) + '</span>' if e['skill'] else ''}</li>"
        for e in turn["ledger"]
    )
    return (
        f'<div class="turn"><div><div class="said supporter"><div class="who">supporter</div>{thought}{html.escape(turn["heard"]) or "<i>(nothing)</i>"}</div></div>'
        f'<ul class="ledger" aria-label="ledger">{entries}<li><b>{turn["emotion"] / 1000:.1f}</b></li></ul>'
        f'<div class="said seeker"><div class="who">seeker</div>{html.escape(turn["line"])}</div><div></div></div>'
    )


def page(title: str, body: str) -> str:
    """A whole page around sections of HTML; no file, script or font from elsewhere."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head><body><main><h1>{html.escape(title)}</h1>\n{body}\n</main></body></html>\n"
    )
