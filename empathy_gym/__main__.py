"""The command line: ``python -m empathy_gym list | show ID | play [ID] | score FILE | verify FILE | render FILE | serve``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gymnasium.utils import seeding

from empathy_gym.envs.episode import Config, Episode, draw_key
from empathy_gym.errors import EmpathyGymError, InvalidOption, InvalidTranscript
from empathy_gym.files import never_fail_on_characters, try_writing, write_whole
from empathy_gym.render import OUTCOMES, ledger_text, page, transcript_html
from empathy_gym.seeker import bank
from empathy_gym.seeker.ledger import SKILLS, skill_sums
from empathy_gym.seeker.trajectory import Trajectory, score_transcript
from empathy_gym.transcript import build, check_form, verify
from empathy_gym.version import VERSION

WELL, DIFFERS, FAULTY = 0, 1, 2
"""Exit codes: done; a transcript differs from its replay; the input is faulty."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    never_fail_on_characters()
    args = _parser().parse_args(argv)
    try:
        return args.run(args)
    except EmpathyGymError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return FAULTY
    except BrokenPipeError:  # as in `list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return WELL


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m empathy_gym",
        description="Talk with a simulated person in need of support; score, verify and show talks.",
        epilog="Exit codes: 0 done, 1 a transcript differs from its replay, 2 faulty input.",
    )
    parser.add_argument("--version", action="version", version=f"empathy_gym {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    listing = commands.add_parser("list", help="the scenarios of a split")
    listing.add_argument("--split", default="train", help="train (default), dev or test")
    listing.add_argument("--reveal", action="store_true", help="show the hidden intentions")
    listing.set_defaults(run=_list)

    show = commands.add_parser("show", help="everything about one scenario, the hidden included")
    show.add_argument("id", help="of a scenario, as list shows it")
    show.set_defaults(run=_show)

    play = commands.add_parser("play", help="talk with a seeker")
    play.add_argument("id", nargs="?", help="of a scenario; without one the seed picks")
    play.add_argument("--seed", type=int, default=0, help="the same talk as env.reset(seed=SEED) (default 0)")
    play.add_argument("--split", default="train", help="train (default), dev or test")
    play.add_argument(
        "--difficulty", default="vanilla", help="vanilla (default), challenging or a number from 0 to 1.5"
    )
    play.add_argument("--turns", type=int, default=8, help="replies that you have (default 8)")
    play.add_argument("--reveal", action="store_true", help="show emotion and ledger after each turn")
    play.add_argument("--save", metavar="FILE", help="write the transcript as JSON")
    play.set_defaults(run=_play)

    score = commands.add_parser("score", help="how a seeker's emotion would have moved through a chat")
    score.add_argument(
        "file", help="JSON: a list of {role, content}, an object with 'messages', or a transcript; - reads stdin"
    )
    score.add_argument("--scenario", metavar="ID", help="who the seeker was; without one, what the talk discloses")
    score.add_argument("--situation", metavar="TEXT", help="without a scenario, what the talk is about")
    score.add_argument("--json", action="store_true", help="print one JSON object instead")
    score.set_defaults(run=_score)

    verifying = commands.add_parser("verify", help="replay a transcript: it must agree byte for byte")
    verifying.add_argument("file", help="JSON; - reads stdin")
    verifying.set_defaults(run=_verify)

    render = commands.add_parser("render", help="a transcript as one HTML page")
    render.add_argument("file", help="JSON; - reads stdin")
    render.add_argument("-o", "--output", metavar="FILE", help="default: FILE with .html")
    render.set_defaults(run=_render)

    serve = commands.add_parser("serve", help="a page in the browser, on this machine alone, to talk with a seeker")
    serve.add_argument("--port", type=int, default=8000, help="default 8000; 0 takes any that is free")
    serve.add_argument("--verbose", action="store_true", help="print a line for each request")
    serve.set_defaults(run=_serve)
    return parser


def _list(args: argparse.Namespace) -> int:
    for scenario_id in bank.scenario_ids(args.split):
        found = bank.scenario(scenario_id)
        persona = found.persona
        hidden = f"  {found.intention}" if args.reveal else ""
        who = f"{persona.name}, {persona.age}, {persona.temperament}"
        print(f"{scenario_id}  {found.story.topic:<14}  {found.story.id:<32}  {who:<28}{hidden}".rstrip())
    return WELL


def _show(args: argparse.Namespace) -> int:
    scenario = bank.scenario(args.id)
    story, persona = scenario.story, scenario.persona
    print(f"{scenario.id}: {story.id} ({story.topic}, {story.split})")
    print(f"{persona.name}, {persona.age}, {persona.occupation}; {persona.temperament}; {persona.likes}")
    print(f"first emotion {scenario.initial_emotion / 1000:.1f}; hidden intention: {scenario.intention}")
    print(f"\n{story.summary}\n\nfacts, by the depth at which they are told:")
    for fact in story.facts:
        print(f"  {fact.depth}  {fact.id} ({fact.kind}, {fact.emotion}): {fact.said[0][1]}")
    print("\nwhat else a reply can meet:")
    for item in story.items:
        print(f"  {item.kind} {item.id}: {item.gists[0]}")
    return WELL


def _play(args: argparse.Namespace) -> int:
    if args.save:  # better known before the talk than after it
        _try_writing(args.save)
    config = Config(difficulty=_difficulty(args.difficulty), split=args.split, max_turns=args.turns)
    if args.seed < 0:
        raise InvalidOption(f"--seed: expected a whole number of at least 0, got {args.seed}")
    episode = Episode(config, draw_key(seeding.np_random(args.seed)[0]), args.id)
    print(f"(You are the supporter and have {args.turns} replies. An empty line says nothing; Ctrl-D ends the talk.)\n")
    print(f"seeker: {episode.line}")
    if args.reveal:
        print(f"        [{episode.first_emotion / 1000:.1f}]")
    while not episode.over and _take_turn(episode, args.reveal):
        pass
    first, last = episode.first_emotion / 1000, episode.seeker.emotion / 1000
    print(f"\n{OUTCOMES[episode.outcome]}; final emotion {last:.1f} (it began at {first:.1f})")
    if args.save:
        _write(args.save, json.dumps(build(episode), indent=1) + "\n")
        print(f"transcript written to {args.save}")
    return WELL


def _take_turn(episode: Episode, reveal: bool) -> bool:
    """Ask for one reply; false if the talk was broken off."""
    try:
        reply = input("you:    ")
    except (EOFError, KeyboardInterrupt):
        print()
        return False
    if not sys.stdin.isatty():
        print(reply)  # so that a talk from a pipe reads like one from a terminal
    episode.step(reply)
    print(f"seeker: {episode.line}")
    if reveal:
        print(f"        [{episode.seeker.emotion / 1000:.1f}: {ledger_text(episode.turns[-1]['ledger'])}]")
    return True


def _score(args: argparse.Namespace) -> int:
    chat = _chat(_read(args.file), args.file)
    if args.scenario:
        chat["scenario"] = args.scenario
    found = score_transcript(situation=args.situation, **chat)
    if args.json:
        print(json.dumps({"emotions": found.emotions, "changes": found.changes, "ledger": found.ledger}))
    else:
        _print_trajectory(found)
    return WELL


def _print_trajectory(found: Trajectory) -> None:
    print(f"turn  emotion  change\n{0:4d}  {found.emotions[0] / 1000:7.2f}")
    for turn, (emotion, change, ledger) in enumerate(
        zip(found.emotions[1:], found.changes, found.ledger, strict=True), 1
    ):
        print(f"{turn:4d}  {emotion / 1000:7.2f}  {change / 1000:+6.2f}  {ledger_text(ledger)}")
    sums = skill_sums(line for ledger in found.ledger for line in ledger)
    print("skills: " + ", ".join(f"{name.replace('_', ' ')} {sums[name] / 1000:+.1f}" for name in SKILLS))


def _chat(data: Any, file: str) -> dict[str, Any]:
    """What a chat file tells ``score_transcript``: the messages, and of a transcript also who the seeker was."""
    if isinstance(data, dict) and "turns" in data:
        check_form(data)
        messages = [{"role": "user", "content": data["opening"]}]
        for turn in data["turns"]:
            messages.append({"role": "assistant", "content": turn["heard"]})
            messages.append({"role": "user", "content": turn["line"]})
        dial = Config(difficulty=data["env"].get("difficulty", "vanilla")).dial
        return {"messages": messages, "scenario": data["scenario"], "difficulty": dial}
    found = data.get("messages") if isinstance(data, dict) else data
    if not isinstance(found, list):
        expected = "a list of messages, an object with 'messages' or a transcript"
        raise InvalidTranscript(f"{file}: expected {expected}, got {type(data).__name__}")
    return {"messages": found, "scenario": data.get("scenario") if isinstance(data, dict) else None}


def _verify(args: argparse.Namespace) -> int:
    result = verify(_read(args.file))
    print("ok: the replay agrees" if result.ok else f"differs: {result.first_difference}")
    return WELL if result.ok else DIFFERS


def _render(args: argparse.Namespace) -> int:
    transcript = _read(args.file)
    check_form(transcript)  # of other dynamics it may be looked at all the same
    output = args.output or ("transcript.html" if args.file == "-" else str(Path(args.file).with_suffix(".html")))
    if args.file != "-" and Path(output).resolve() == Path(args.file).resolve():
        raise InvalidOption(f"output: expected another file than the transcript, got {output}")
    _write(output, page("A talk with a seeker", transcript_html(transcript, "Transcript")))
    print(f"written to {output}")
    return WELL


def _serve(args: argparse.Namespace) -> int:
    from empathy_gym.serve.server import open_server  # here, because no other command needs a server

    with open_server(args.port, print if args.verbose else None) as server:
        print(f"talk with a seeker at {server.url} (Ctrl-C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return WELL


def _difficulty(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def _read(path: str) -> Any:
    try:
        return json.loads(sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidTranscript(f"{path}: expected a file that can be read, got {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InvalidTranscript(f"{path}: expected JSON, got {error}") from error


@contextmanager
def _written(path: str) -> Iterator[Path]:
    """What goes wrong in writing is said of the file."""
    try:
        yield Path(path)
    except OSError as error:
        raise InvalidOption(f"{path}: expected a file that can be written, got {error.strerror or error}") from error


def _write(path: str, text: str) -> None:
    """Write a file whole or not at all."""
    with _written(path) as file:
        write_whole(file, text, errors="replace")  # JSON may hold half a character


def _try_writing(path: str) -> None:
    """Whether a file could be written; what is there is left as it is."""
    with _written(path) as file:
        try_writing(file)


if __name__ == "__main__":
    sys.exit(main())
