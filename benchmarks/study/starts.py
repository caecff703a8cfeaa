"""Are the scaffolds equal before training? Many talks of the start's weights in both, with the same test seekers.

The cells' own evaluations before training are few. Here the start alone is played, in chunks that are kept, so that it goes on where it was; what is recorded
are sums by story, from which differences and intervals follow. Skills lie between stock comfort and the oracle: on the study's own scale, whose ends come from
its few seekers, or between their ends in these many talks, which are surer.

G stories, n talks.
"""

from __future__ import annotations

import json
import multiprocessing
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from agents.language_model import NANO, SCAFFOLDS
from agents.learner.chat import load_format
from agents.learner.interrupt import Interrupt
from agents.learner.llama import Llama
from agents.train import resolved
from benchmarks.record import append_to, lines_of, write_whole
from benchmarks.study.analysis import SMALLEST, SMALLEST_FINAL
from benchmarks.study.anchors import CEILING, FLOOR, talks_of
from benchmarks.study.inference import Interval, t_quantile, t_tail
from benchmarks.study.measure import booked, play
from benchmarks.study.measures import Ends, gap
from benchmarks.study.rows import STUDY
from benchmarks.study.sweep import Scale, counts, start_digest
from empathy_gym.seeker import bank
from empathy_gym.seeker.keyed import draw
from empathy_gym.seeker.ledger import SKILLS
from empathy_gym.seeker.seeker import DYNAMICS_VERSION

STARTS = STUDY.with_name("starts.jsonl")

CHUNK = 100
"""Talks of one supporter between two savings."""

DIFFICULTY = "vanilla"
SUPPORTERS = (*SCAFFOLDS, FLOOR, CEILING)
COLUMNS = ("talks", "turns", "final", *SKILLS)
"""Summed by story: counts, tenths of a point of final emotion, hundredths of a point of each skill."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Chunk:
    """Some talks of one supporter, and the file that keeps their sums.

    Attributes:
        who: one of :data:`SUPPORTERS`.
        first: number of the first test seeker.
        count: of talks.
        path: of the file.
    """

    who: str
    first: int
    count: int
    path: Path


def chunks(scale: Scale, episodes: int, out: Path) -> list[Chunk]:
    """All that are needed; those of other dynamics, scales and starts lie in other folders."""
    folder = out / f"starts-{DYNAMICS_VERSION}-{scale.digest[:6]}-{start_digest(_start(scale))[:6]}"
    found = []
    for first in range(0, episodes, CHUNK):
        count = min(CHUNK, episodes - first)
        found += [Chunk(who, first, count, folder / f"{who}-{first}-{count}.json") for who in SUPPORTERS]
    return found


def run(scale: Scale, episodes: int, device: str, out: Path, results: Path, jobs: int = 1) -> bool:
    """Play what is missing and append the row.

    Args:
        scale: of the study; its start, turns and length limit.
        episodes: talks of each supporter.
        device: ``cpu`` or ``cuda``.
        out: folder in which the chunks are kept.
        results: the file that gets the row.
        jobs: processes, with one thread each where they are several.

    Returns:
        Whether all was played; False after Ctrl-C, when the same call goes on.

    Raises:
        ValueError: for fewer than two talks, or no process.
    """
    if episodes < 2:
        raise ValueError(f"episodes: expected at least 2, got {episodes}")
    if jobs < 1:
        raise ValueError(f"jobs: expected at least 1, got {jobs}")
    wanted = chunks(scale, episodes, out)
    missing = [chunk for chunk in wanted if not chunk.path.exists()]
    total = episodes * len(SUPPORTERS)
    with Interrupt() as interrupt, tqdm(total=total, initial=total - sum(c.count for c in missing), unit="talk") as bar:
        for count in _played(missing, scale, device, jobs, interrupt):
            bar.update(count)
    if not all(chunk.path.exists() for chunk in missing):
        return False
    append_to(results, _row(wanted, scale, episodes, device), compact=True)
    return True


def _row(wanted: Sequence[Chunk], scale: Scale, episodes: int, device: str) -> dict[str, Any]:
    found: dict[str, dict[str, list[float]]] = {}
    seconds = 0.0
    for chunk in wanted:
        kept = json.loads(chunk.path.read_text(encoding="utf-8"))
        seconds += kept["seconds"]
        for story, own in kept["sums"].items():
            sums = found.setdefault(story, {}).setdefault(chunk.who, [0.0] * len(COLUMNS))
            found[story][chunk.who] = [a + b for a, b in zip(sums, own, strict=True)]
    return {
        "start": start_digest(_start(scale)), "scale": scale.name, "digest": scale.digest, "difficulty": DIFFICULTY, "episodes": episodes,
        "device": device, "minutes": round(seconds / 60, 2), "columns": list(COLUMNS), "stories": found,
    }  # fmt: skip


def _played(missing: Sequence[Chunk], scale: Scale, device: str, jobs: int, interrupt: Interrupt) -> Iterator[int]:
    """Plays chunks, in processes of their own if they are several; yields the talks of each, until an end is asked for."""
    if jobs == 1:
        for chunk in missing:
            if interrupt.asked:
                return
            yield _play(chunk, scale, device)
        return
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _alone) as pool:
        for future in as_completed([pool.submit(_play, chunk, scale, device) for chunk in missing]):
            yield future.result()
            if interrupt.asked:
                pool.shutdown(cancel_futures=True)
                return


def _alone() -> None:
    """In a process of several: one thread, and a Ctrl-C at the terminal is the parent's to hear."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _play(chunk: Chunk, scale: Scale, device: str) -> int:
    began = time.perf_counter()
    sums = by_story(_transcripts(chunk, scale, device))
    write_whole(chunk.path, json.dumps({"sums": sums, "seconds": time.perf_counter() - began}))
    return chunk.count


def _start(scale: Scale) -> Path:
    return NANO / "start" if scale.model == "nano" else Path(scale.model)


@cache
def _loaded(folder: Path, dtype: torch.dtype, device: str) -> Llama:
    return Llama.load(folder, dtype, device).eval()


def _transcripts(chunk: Chunk, scale: Scale, device: str) -> list[dict[str, Any]]:
    turns, new = scale.grpo.max_turns, scale.grpo.max_new
    if chunk.who not in SCAFFOLDS:
        return [talk["transcript"] for talk in talks_of(chunk.who, chunk.count, DIFFICULTY, turns, chunk.first)]
    folder, key = _start(scale), draw(0, 0, f"starts/{chunk.who}") % 2**63
    model = _loaded(folder, resolved(scale.grpo.dtype, device), device)
    batch = play(model, load_format(folder), chunk.who, DIFFICULTY, chunk.count, turns, new, key, first=chunk.first)
    return [info["transcript"] for info in batch.infos]


def by_story(transcripts: list[dict[str, Any]]) -> dict[str, list[float]]:
    """Sums over the talks of each story, in the order of :data:`COLUMNS`."""
    columns = booked(transcripts)
    found: dict[str, list[float]] = {}
    for i, transcript in enumerate(transcripts):
        own = [1, columns["turns"][i], columns["final"][i], *(columns["skills"][name][i] for name in SKILLS)]
        story = bank.scenario(transcript["scenario"]).story.id
        found[story] = [a + b for a, b in zip(found.get(story, [0] * len(own)), own, strict=True)]
    return found


def load(path: Path, scale: Scale, dynamics: str = DYNAMICS_VERSION) -> dict[str, Any] | None:
    """The row of these dynamics, this scale and this start (see ``sweep.counts``) with the most talks; None if there is none."""
    found = None
    for row in lines_of(path):
        if (row["dynamics"], row["digest"]) == (dynamics, scale.digest) and counts(row, _start(scale)):
            found = row if found is None or row["episodes"] >= found["episodes"] else found
    return found


def ends(row: Mapping[str, Any]) -> Ends:
    """Points a reply that stock comfort and the oracle earn in the row's own talks, by skill."""
    found = {}
    for name in SKILLS:
        k = COLUMNS.index(name)
        floor, ceiling = (
            sum(own[who][k] for own in row["stories"].values())
            / 100
            / sum(own[who][1] for own in row["stories"].values())
            for who in (FLOOR, CEILING)
        )
        found[name] = (floor, ceiling)
    return found


def differences(row: Mapping[str, Any], scale: Ends | None = None) -> dict[str, dict[str, Any]]:
    """Thinking minus direct, by skill in the primary measure and as ``final`` in points; see :func:`clustered_t`.

    Args:
        row: of :data:`STARTS`.
        scale: points a reply that are 0 and 1, by skill; by default those of the row's own talks. Taken as known: their own error is not in the intervals.

    Raises:
        ValueError: where the oracle earns no more than stock comfort, or with talks of fewer than two stories.
    """
    stories = sorted(row["stories"])
    sums = {who: np.array([row["stories"][s][who] for s in stories], float) for who in SUPPORTERS}  # (G, columns)
    talks = sums["thinking"][:, 0]
    final = COLUMNS.index("final")
    found: dict[str, dict[str, Any]] = {}
    for name, (floor, ceiling) in (ends(row) if scale is None else scale).items():
        k = COLUMNS.index(name)
        own = [sums[who][:, k].sum() / 100 / sums[who][:, 1].sum() for who in SCAFFOLDS]
        whole = gap(name, floor, ceiling)
        # A ratio of sums, linear in each story's part near its value (delta method).
        parts = [
            (sums[who][:, k] / 100 - mean * sums[who][:, 1]) / sums[who][:, 1].sum() / whole
            for who, mean in zip(SCAFFOLDS, own, strict=True)
        ]
        means = tuple(float((mean - floor) / whole) for mean in own)
        found[name] = {"means": means, **clustered_t(means[0] - means[1], parts[0] - parts[1], SMALLEST)}
    last = tuple(float(sums[who][:, final].sum() / 10 / talks.sum()) for who in SCAFFOLDS)
    parts = [(sums[who][:, final] / 10 - mean * talks) / talks.sum() for who, mean in zip(SCAFFOLDS, last, strict=True)]
    found["final"] = {"means": last, **clustered_t(last[0] - last[1], parts[0] - parts[1], SMALLEST_FINAL)}
    return found


def clustered_t(value: float, parts: Array, margin: float) -> dict[str, Any]:
    """What is said about an estimate whose error is the sum of independent parts, one a story.

    Args:
        value: the estimate.
        parts: (G) of each story, summing to about 0.
        margin: of equivalence.

    Returns:
        ``t``, the 95 % interval with G - 1 degrees of freedom; ``narrow``, the 90 % one; ``p`` of no difference; ``equivalent``, the p of two one-sided
        tests (TOST) against the margin.
    """
    count = len(parts)
    if count < 2:
        raise ValueError(f"stories: expected at least 2, got {count}")
    error = float(np.sqrt(count / (count - 1) * (parts**2).sum()))
    df = count - 1
    if error == 0:
        exact = Interval(value, value, value)
        return {"t": exact, "narrow": exact, "p": float(value == 0), "equivalent": float(abs(value) >= margin)}
    half, less = t_quantile(0.975, df) * error, t_quantile(0.95, df) * error
    return {
        "t": Interval(value, value - half, value + half),
        "narrow": Interval(value, value - less, value + less),
        "p": min(1.0, 2 * t_tail(abs(value) / error, df)),
        "equivalent": max(t_tail((value + margin) / error, df), t_tail((margin - value) / error, df)),
    }


def text(row: Mapping[str, Any]) -> str:
    """For a terminal."""
    lines = [f"{row['episodes']} talks of each scaffold on {len(row['stories'])} stories, {row['minutes']} minutes on {row['device']}; thinking minus direct, 90 % interval, p of equivalence"]  # fmt: skip
    for name, told in differences(row).items():
        narrow = told["narrow"]
        lines.append(
            f"    {name:20s} {narrow.mean:+.3f} [{narrow.low:+.3f}, {narrow.high:+.3f}] {told['equivalent']:.4f}"
        )
    return "\n".join(lines)
