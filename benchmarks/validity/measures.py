"""The measures: what people labelled beside what the reader and the seeker say.

Every measure takes rows in the common form that ``converters.py`` makes of the public releases, and returns a :class:`Figure`
with a 95 % bootstrap interval and what to hold it against. Nothing in the package is fitted to this data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import empathy_gym
from benchmarks.stats import auc, bootstrap, macro_f1, spearman

ESCONV_CLASSES = {
    "Question": "question", "Restatement or Paraphrasing": "restatement", "Restatement": "restatement",
    "Reflection of feelings": "reflection", "Self-disclosure": "self_disclosure", "Affirmation and Reassurance": "affirmation",
    "Approval and Reassurance": "affirmation", "Providing Suggestions": "advice", "Information": "advice",
    "Providing Suggestions or Information": "advice", "Direct Guidance": "advice", "Others": "other", "Other": "other", "Greetings": "other",
}  # fmt: skip
MERGED = {"suggestion": "advice", "information": "advice"}
ANNOMI_CLASSES = {
    "question": "question", "restatement": "reflection", "reflection": "reflection", "advice": "therapist_input",
    "self_disclosure": "other", "affirmation": "other", "other": "other",
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """One figure with its interval and baselines."""

    name: str
    value: float
    low: float
    high: float
    beside: str


def chat(turns: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Turns in the common form as chat messages."""
    role = {"seeker": "user", "supporter": "assistant"}
    return [{"role": role[t["role"]], "content": t["text"]} for t in turns]


def _act(text: str, before: list[dict[str, str]]) -> str:
    totals: dict[str, int] = {}
    for name, share in empathy_gym.read(text, before[-8:]).strategies.items():
        merged = MERGED.get(name, name)
        totals[merged] = totals.get(merged, 0) + share
    return max(sorted(totals), key=lambda name: totals[name])


def _classes(name: str, gold: list[str], guess: list[str], beside: str, rng: np.random.Generator) -> Figure:
    g, p = np.array(gold), np.array(guess)
    low, high = bootstrap(lambda i: macro_f1(list(g[i]), list(p[i])), len(g), rng, 200)
    return Figure(name, macro_f1(gold, guess), low, high, beside)


def strategies(dialogues: Sequence[Mapping[str, Any]], rng: np.random.Generator) -> tuple[Figure, list[str], list[str]]:
    """ESConv's strategies, seven classes (advice and information are one), turns with a single label."""
    gold, guess = [], []
    for dialogue in dialogues:
        messages = chat(dialogue["turns"])
        for i, turn in enumerate(dialogue["turns"]):
            wanted = {ESCONV_CLASSES.get(s) for s in turn["strategies"]} - {None}
            if turn["role"] == "supporter" and len(wanted) == 1 and turn["text"].strip():
                gold.append(str(wanted.pop()))
                guess.append(_act(turn["text"], messages[:i]))
    figure = _classes(
        "ESConv strategies, macro-F1 of 7", gold, guess, "chance 0.14; a classifier fitted to ESConv 0.50", rng
    )
    return figure, gold, guess


def behaviours(sessions: Sequence[Mapping[str, Any]], rng: np.random.Generator) -> tuple[Figure, list[str], list[str]]:
    """AnnoMI's four therapist behaviours."""
    gold, guess = [], []
    for session in sessions:
        messages = chat(session["turns"])
        for i, turn in enumerate(session["turns"]):
            if turn["role"] == "supporter":
                gold.append(turn["behaviour"])
                guess.append(ANNOMI_CLASSES[_act(turn["text"], messages[:i])])
    figure = _classes(
        "AnnoMI therapist acts, macro-F1 of 4", gold, guess, "fitted to AnnoMI 0.69; ten annotators' kappa 0.74", rng
    )
    return figure, gold, guess


def mechanism(name: str, rows: Sequence[Mapping[str, Any]], beside: str, rng: np.random.Generator) -> Figure:
    """One of EPITOME's mechanisms against its human level, Spearman."""
    level = np.array([row["level"] for row in rows])
    value = np.array(
        [empathy_gym.read(row["reply"], [{"role": "user", "content": row["seeker"]}]).mechanisms[name] for row in rows]
    )
    low, high = bootstrap(lambda i: spearman(value[i], level[i]), len(rows), rng)
    return Figure(f"EPITOME {name}, Spearman", spearman(value, level), low, high, beside)


def rise(dialogue: Mapping[str, Any], turns: int | None = None, silent: bool = False) -> float:
    """Points by which the scored emotion rises over a dialogue, or over its first supporter turns."""
    said = [dict(t, text="" if silent and t["role"] == "supporter" else t["text"]) for t in dialogue["turns"]]
    situation = dialogue.get("situation") or dialogue.get("topic")
    emotions = empathy_gym.score_transcript(chat(said), situation=situation).emotions
    last = len(emotions) - 1 if turns is None else min(turns, len(emotions) - 1)
    return (emotions[last] - emotions[0]) / 1000


def session_quality(sessions: Sequence[Mapping[str, Any]], rng: np.random.Generator) -> Figure:
    """AnnoMI's good against poor sessions by the rise over ten supporter turns, AUC."""
    good = np.array([s["quality"] == "high" for s in sessions])
    score = np.array([rise(s, turns=10) for s in sessions])
    low, high = bootstrap(lambda i: auc(score[i], good[i]), len(good), rng)
    return Figure(
        "AnnoMI good against poor sessions, AUC",
        auc(score, good),
        low,
        high,
        f"experts' labels, reflections minus input 0.90; {int((~good).sum())} poor",
    )


def helped_against_failed(pairs: Sequence[tuple[Any, Any]], rng: np.random.Generator, silent: bool = False) -> Figure:
    """How often the helped talk of a length-matched pair rises more than the failed one; with silent supporters: a control."""
    return _won(
        "control: the same with the supporter silent" if silent else "ESConv helped against failed, length-matched",
        pairs,
        lambda d: rise(d, silent=silent),
        "should lie within 0.40 and 0.60: a seeker's own words must not pay"
        if silent
        else f"chance 0.50; fitted 0.71; {len(pairs)} pairs",
        rng,
    )


def _won(
    name: str, pairs: Sequence[tuple[Any, Any]], value: Callable[[Any], float], beside: str, rng: np.random.Generator
) -> Figure:
    wins = np.array([np.sign(value(helped) - value(failed)) / 2 + 0.5 for failed, helped in pairs])
    low, high = bootstrap(lambda i: float(wins[i].mean()), len(wins), rng)
    return Figure(name, float(wins.mean()), low, high, beside)


def stars(dialogues: Sequence[Mapping[str, Any]], rng: np.random.Generator) -> Figure:
    """ESConv seekers' own stars within a talk against the emotion there, position held (partial Spearman, mean over talks)."""
    partial = []
    for dialogue in dialogues:
        turns = dialogue["turns"]
        given = [(i, t["feedback"]) for i, t in enumerate(turns) if t["feedback"]]
        if len(given) < 5 or len({s for _, s in given}) < 2:
            continue
        count, supporter_turns, previous = 0, [], None
        for turn in turns:
            count += turn["role"] == "supporter" and previous != "supporter"
            previous = turn["role"]
            supporter_turns.append(count)
        track = empathy_gym.score_transcript(chat(turns), situation=dialogue.get("situation")).emotions
        emotion = [track[min(supporter_turns[i], len(track) - 1)] for i, _ in given]
        at, star = [i for i, _ in given], [s for _, s in given]
        if len(set(emotion)) < 2:
            continue
        es, ea, sa = spearman(emotion, star), spearman(emotion, at), spearman(star, at)
        if abs(ea) < 0.999 and abs(sa) < 0.999:
            partial.append((es - ea * sa) / np.sqrt((1 - ea**2) * (1 - sa**2)))
    values = np.array(partial)
    low, high = bootstrap(lambda i: float(values[i].mean()), len(values), rng)
    return Figure(
        "ESConv stars within a talk, position held",
        float(values.mean()),
        low,
        high,
        f"stars and relief of the same person agree at 0.27; {len(values)} talks",
    )
