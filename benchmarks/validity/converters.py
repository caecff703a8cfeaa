"""From the public releases to one common form.

ESConv (Liu et al., 2021; CC BY-NC 4.0), AnnoMI (Wu et al., 2022; for research) and EPITOME (Sharma et al., 2020; for research) are
not part of this project and none of their text is in it. Whoever has them converts them with
``python -m benchmarks.validity convert``; whoever has files in the common form already (``esconv.jsonl``, ``annomi.jsonl``,
``epitome_*.jsonl``, ``esconv_pairs.json``) needs no converter.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.record import write_whole


def esconv(path: Path) -> list[dict[str, Any]]:
    """``ESConv.json``: a list of dialogues with ``dialog`` turns, their strategies and the seeker's feedback."""
    rows = []
    for number, entry in enumerate(json.loads(path.read_text(encoding="utf-8"))):
        turns = []
        for turn in entry["dialog"]:
            notes = turn.get("annotation", {})
            turns.append(
                {
                    "role": turn["speaker"] if turn["speaker"] in ("seeker", "supporter") else "supporter",
                    "text": turn["content"].strip(),
                    "strategies": [notes["strategy"]] if notes.get("strategy") else [],
                    "feedback": int(notes["feedback"]) if notes.get("feedback") else None,
                }
            )
        score = entry.get("survey_score", {}).get("seeker", {})
        rows.append(
            {
                "id": f"esconv-{number}",
                "situation": entry.get("situation", ""),
                "emotion": entry.get("emotion_type"),
                "initial": int(score["initial_emotion_intensity"]) if score.get("initial_emotion_intensity") else None,
                "final": int(score["final_emotion_intensity"]) if score.get("final_emotion_intensity") else None,
                "turns": turns,
            }
        )
    return rows


def annomi(path: Path) -> list[dict[str, Any]]:
    """``AnnoMI-simple.csv``: one utterance a row, sessions by ``transcript_id``."""
    sessions: dict[str, dict[str, Any]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            session = sessions.setdefault(
                row["transcript_id"],
                {"id": row["transcript_id"], "quality": row["mi_quality"], "topic": row["topic"], "turns": []},
            )
            therapist = row["interlocutor"] == "therapist"
            session["turns"].append(
                {
                    "role": "supporter" if therapist else "seeker",
                    "text": row["utterance_text"],
                    "behaviour": row["main_therapist_behaviour"] if therapist else "n/a",
                    "client": row["client_talk_type"] if not therapist else "n/a",
                }
            )
    return list(sessions.values())


def epitome(path: Path) -> list[dict[str, Any]]:
    """``*-reddit.csv`` of one mechanism: post, response and level."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {"seeker": r["seeker_post"], "reply": r["response_post"], "level": int(r["level"])}
            for r in csv.DictReader(file)
        ]


def write(rows: Iterable[dict[str, Any]], path: Path) -> None:
    """Write rows as JSON lines, the file whole or not at all."""
    write_whole(path, "".join(json.dumps(row) + "\n" for row in rows))
