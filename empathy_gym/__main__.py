"""The command line: ``python -m empathy_gym list | show ID | play [ID] | score FILE | verify FILE | render FILE``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import empathy_gym
from empathy_gym.envs.episode import Config, Episode
from empathy_gym.errors import EmpathyGymError, InvalidTranscript
from empathy_gym.render import ledger_text, page, transcript_html
from empathy_gym.seeker import bank
from empathy_gym.seeker.keyed import draw


def _list(args: argparse.Namespace) -> None:
    for scenario_id in bank.scenario_ids(args.split):
        scenario = bank.scenario(scenario_id)
        persona = scenario.persona
        hidden = f"  {scenario.intention}" if args.reveal else ""
        print(
            f"{scenario_id}  {scenario.story.topic:18s} {scenario.story.id:34s} {persona.temperament:9s} {persona.voice:9s}{hidden}"
        )


def _show(args: argparse.Namespace) -> None:
    scenario = bank.scenario(args.id)
    story, persona = scenario.story, scenario.persona
    print(f"{scenario.id}: {story.id} ({story.topic}, {story.split})\n{story.summary}")
    print(
        f"{persona.name}, {persona.age}, {persona.occupation}; {persona.temperament}, speaks {persona.voice}; {persona.likes}"
    )
    print(f"first emotion {scenario.initial_emotion / 1000:.1f}; hidden intention: {scenario.intention}")
    for fact in story.facts:
        print(f"  {fact.id} depth {fact.depth} {fact.kind}, {fact.emotion}: {fact.said[0][1]}")
    for item in story.items:
        print(f"  {item.id}: {item.gists[0]}")


def _play(args: argparse.Namespace) -> None:
    config = Config(difficulty=_difficulty(args.difficulty), split=args.split, max_turns=args.turns)
    episode = Episode(config, draw(args.seed, 0, "play"), args.id)
    print(f"(You are the supporter; {args.turns} replies. An empty line says nothing; Ctrl-D ends the talk.)\n")
    print(f"seeker: {episode.line}")
    while not episode.over:
        try:
            reply = input("you: ")
        except (EOFError, KeyboardInterrupt):
            print()
            break
        episode.step(reply)
        print(f"seeker: {episode.line}")
        if args.reveal:
            print(f"    [{episode.seeker.emotion / 1000:.1f}: {ledger_text(episode.turns[-1]['ledger'])}]")
    print(
        f"\noutcome: {episode.outcome or 'broken off'}; emotion {episode.first_emotion / 1000:.1f} -> {episode.seeker.emotion / 1000:.1f}"
    )
    if args.save:
        _write(args.save, json.dumps(empathy_gym.transcript.build(episode), indent=1) + "\n")
        print(f"saved to {args.save}")


def _difficulty(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def _read(path: str) -> Any:
    try:
        return json.loads(sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidTranscript(f"{path}: expected a JSON file, got {error}") from error


def _write(path: str, text: str) -> None:
    temporary = Path(f"{path}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def _score(args: argparse.Namespace) -> None:
    data = _read(args.file)
    messages = data.get("messages") if isinstance(data, dict) else data
    if not isinstance(messages, list):
        raise InvalidTranscript(
            f"{args.file}: expected a list of messages, or an object with 'messages', got {type(messages).__name__}"
        )
    found = empathy_gym.score_transcript(messages, scenario=args.scenario, situation=args.situation)
    print(f"{found.emotions[0] / 1000:6.2f}  before")
    for emotion, change, ledger in zip(found.emotions[1:], found.changes, found.ledger, strict=True):
        print(f"{emotion / 1000:6.2f}  {change / 1000:+6.2f}  {ledger_text(ledger)}")


def _verify(args: argparse.Namespace) -> int:
    result = empathy_gym.verify(_read(args.file))
    print("ok" if result.ok else f"differs at {result.first_difference}")
    return 0 if result.ok else 1


def _render(args: argparse.Namespace) -> None:
    transcript = _read(args.file)
    empathy_gym.verify(transcript)  # checks the form; a transcript of another version may still be looked at
    out = args.output or str(Path(args.file).with_suffix(".html"))
    _write(out, page("A talk", transcript_html(transcript, "Transcript")))
    print(f"written to {out}")


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code (0 well, 1 a transcript differs, 2 bad input)."""
    parser = argparse.ArgumentParser(
        prog="python -m empathy_gym", description="Emotional-support dialogue environments."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="the scenarios of a split")
    listing.add_argument("--split", default="train")
    listing.add_argument("--reveal", action="store_true", help="show hidden intentions")
    commands.add_parser("show", help="everything about one scenario").add_argument("id")
    play = commands.add_parser("play", help="talk with a seeker")
    play.add_argument("id", nargs="?")
    play.add_argument("--seed", type=int, default=0)
    play.add_argument("--split", default="train")
    play.add_argument("--difficulty", default="vanilla", help="vanilla, challenging or a number from 0 to 1.5")
    play.add_argument("--turns", type=int, default=8)
    play.add_argument("--reveal", action="store_true", help="show emotion and ledger after each turn")
    play.add_argument("--save", metavar="FILE", help="write the transcript")
    score = commands.add_parser("score", help="how a seeker's emotion would have moved through a chat")
    score.add_argument("file", help="JSON: a list of {'role', 'content'}; - for standard input")
    score.add_argument("--scenario")
    score.add_argument("--situation")
    commands.add_parser("verify", help="replay a transcript").add_argument("file")
    render = commands.add_parser("render", help="a transcript as one HTML page")
    render.add_argument("file")
    render.add_argument("-o", "--output")
    args = parser.parse_args(argv)
    actions = {"list": _list, "show": _show, "play": _play, "score": _score, "verify": _verify, "render": _render}
    try:
        return actions[args.command](args) or 0
    except EmpathyGymError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
