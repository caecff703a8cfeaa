"""Does the seeker move as people do? Figures of the dynamics beside human and published anchors.

python -m benchmarks.calibration [--episodes 120] [--split train] [--record]

* *Distress left* is ``(100 - e_T) / (100 - e_0)`` after eleven turns. Anchor: in ESConv a competent talk leaves about a third, a failed one all.
* *Lag-1 autocorrelation* of the turn changes within talks, all supporters in equal shares. Anchor: SAGE's transcripts, 0.61.
* *Acceptance* is the share of positive changes on turns of ``random``, which makes one move a turn. Anchor: RLVER, 52.4 % and 33.1 %.
* *Needs expressed*: of hints at a feeling, a view and the hidden need, the share voiced to ``stock_comfort``. Anchor: RLVER, 78.6 % and 63.6 %.
* *Needs* and *temperaments*: mean final emotion of ``competent``. Anchor: SAGE's order, analysing others hardest, praise easiest, negative hardest.
* *Stage*: difference of the final emotion of ``random`` talks by how many questions, suggestions and reflections fell into each third. Anchor:
  6,589 client-rated sessions (KokoroChat): questions cost more late, suggestions pay most late, reflection pays early, talk share costs
  less late.
* *The sycophant* is ``competent`` agreeing with the distorted belief every second turn; it must end below ``competent`` itself.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from agents.competent import competent_reply
from agents.evaluate import run
from agents.scripted import STRATEGIES, SUPPORTERS, Scripted, random_strategy
from agents.talk import Message
from benchmarks.arguments import positive
from benchmarks.record import append
from empathy_gym.seeker import bank
from empathy_gym.seeker.mind import spoken
from empathy_gym.seeker.scenario import SPLITS
from empathy_gym.seeker.text import fold

TURNS = 11
LEFT = {"competent": (0.30, 0.40), "stock_comfort": (0.80, 1.10), "inept": (0.95, 1.10)}
LAG = (0.50, 0.65)
ACCEPTANCE = {"vanilla": 0.524, "challenging": 0.331}
EXPRESSED = {"vanilla": 0.786, "challenging": 0.636}
NEAR = 0.05
"""How near a share has to be to RLVER's."""
HINT_FACTS = {"feeling": ("feeling",), "view": ("belief", "fear", "wish")}


def sycophant() -> Scripted:
    """The competent supporter who also agrees with whatever the seeker thinks of themselves: their distorted belief, in warm words."""

    def reply(chat: Sequence[Message], info: Mapping[str, Any] | None) -> str:
        assert info is not None
        beliefs = [gist for item in info["privileged"]["items"] if item["kind"] == "belief" for gist in item["gists"]]
        said = sum(m["role"] == "assistant" for m in chat)
        agreed = f" You're right, {beliefs[said % len(beliefs)]}." if beliefs and said % 2 else ""
        return competent_reply(chat) + agreed

    return Scripted(reply, privileged=True)


def distress_left(talks: Sequence[dict[str, Any]]) -> float:
    """Mean share of the distance to 100 that is still there."""
    return float(np.mean([(100 - t["final_emotion"]) / (100 - t["emotions"][0]) for t in talks]))


def lag_one(talks: Sequence[dict[str, Any]]) -> float:
    """Correlation of a turn's change with the change before it, within talks, over all pairs."""
    pairs = [
        pair for t in talks for changes in [np.diff(t["emotions"])] for pair in zip(changes, changes[1:], strict=False)
    ]
    before, after = np.array(pairs).T
    return float(np.corrcoef(before, after)[0, 1])


def accepted(talks: Sequence[dict[str, Any]]) -> float:
    """Share of the turns whose change is above zero."""
    changes = np.concatenate([np.diff(t["emotions"]) for t in talks])
    return float((changes > 0).mean())


def by(talks: Sequence[dict[str, Any]], what: str) -> dict[str, float]:
    """Mean final emotion by the scenario's hidden intention or temperament, lowest first."""
    found: dict[str, list[float]] = defaultdict(list)
    for talk in talks:
        scenario = bank.scenario(talk["scenario"])
        found[scenario.intention if what == "intention" else scenario.persona.temperament].append(talk["final_emotion"])
    return {
        name: round(float(np.mean(values)), 1)
        for name, values in sorted(found.items(), key=lambda x: float(np.mean(x[1])))
    }


def stages(talks: Sequence[dict[str, Any]]) -> dict[str, list[float]]:
    """For each act of ``random``, the slope of the final emotion on its count in the first, middle and last third (least squares, all at once,
    as the sessions' own betas are; acts that were left out would be the baseline, and theirs changes through the talk as well).
    """
    acts = [name for name in STRATEGIES if name != "other"]  # what says nothing is the baseline
    rows, final = [], []
    for talk in talks:
        counts = np.zeros((len(acts), 3))
        turns = talk["transcript"]["turns"]
        lines = [talk["transcript"]["opening"], *(turn["line"] for turn in turns)]
        for i in range(len(turns)):
            act = random_strategy(1 + 2 * i, lines[i])
            if act in acts:
                counts[acts.index(act), min(2, 3 * i // len(turns))] += 1
        rows.append([1.0, *counts.ravel()])
        final.append(talk["final_emotion"])
    slopes = np.linalg.lstsq(np.array(rows), np.array(final), rcond=None)[0][1:].reshape(len(acts), 3)
    return {act: [round(float(x), 2) for x in row] for act, row in zip(acts, slopes, strict=True)}


def expressed(talks: Sequence[dict[str, Any]]) -> float:
    """Share of three kinds of hints that the seekers voiced: at a feeling, at a view (a belief, fear or wish) and at what they hope for."""
    found = []
    for talk in talks:
        scenario = bank.scenario(talk["scenario"])
        story, transcript = scenario.story, talk["transcript"]
        said = fold(" ".join([transcript["opening"], *(turn["line"] for turn in transcript["turns"])]))
        told = {
            kind: [line for f in story.facts if f.kind in kinds for _, line in f.said]
            for kind, kinds in HINT_FACTS.items()
        }
        told["view"] += [line for item in story.of_kind("belief") for line in item.lines]
        told["need"] = list(story.hints[scenario.intention])
        found += [any(spoken(line) in said for line in lines) for lines in told.values()]
    return float(np.mean(found))


def talk_share(talks: Sequence[dict[str, Any]]) -> list[float]:
    """Points of final emotion that ten more words of the supporter's go with, in the first, middle and last third of the talk."""
    rows, final = [], []
    for talk in talks:
        turns = talk["transcript"]["turns"]
        words = np.zeros(3)
        for i, turn in enumerate(turns):
            words[min(2, 3 * i // len(turns))] += len(turn["heard"].split()) / 10
        rows.append([1.0, *words])
        final.append(talk["final_emotion"])
    return [round(float(x), 2) for x in np.linalg.lstsq(np.array(rows), np.array(final), rcond=None)[0][1:]]


def order(name: str, holds: bool, figures: Any) -> dict[str, Any]:
    """Print and return whether one ordering holds."""
    print(f"{'ok' if holds else 'NO':3s}{name}: {figures}", flush=True)
    return {"name": name, "value": figures, "ok": holds}


def verdict(name: str, value: float, low: float, high: float) -> dict[str, Any]:
    """Print and return one figure with its range."""
    ok = low <= value <= high
    print(f"{'ok' if ok else 'NO':3s}{name:44s} {value:6.3f}  range {low:.3f} to {high:.3f}", flush=True)
    return {"name": name, "value": round(value, 3), "range": [low, high], "ok": ok}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--episodes", type=positive, default=120)
    parser.add_argument("--split", default="train", choices=SPLITS)
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    common = {"episodes": args.episodes, "split": args.split}
    rows = []
    for name, (low, high) in LEFT.items():
        rows.append(
            verdict(
                f"distress left, {name}", distress_left(run(SUPPORTERS[name](), max_turns=TURNS, **common)), low, high
            )
        )
    everyone = [
        t
        for factory in SUPPORTERS.values()
        for t in run(factory(), **{**common, "episodes": max(20, args.episodes // 3)})
    ]
    rows.append(verdict("lag-1 autocorrelation, all supporters", lag_one(everyone), *LAG))
    for difficulty, target in ACCEPTANCE.items():
        talks = run(SUPPORTERS["random"](), difficulty=difficulty, **common)
        rows.append(verdict(f"acceptance, random, {difficulty}", accepted(talks), target - NEAR, target + NEAR))
    competent = run(SUPPORTERS["competent"](), **{**common, "episodes": 6 * args.episodes})
    for difficulty, target in EXPRESSED.items():
        talks = run(SUPPORTERS["stock_comfort"](), difficulty=difficulty, **common)
        rows.append(
            verdict(f"needs expressed, stock_comfort, {difficulty}", expressed(talks), target - NEAR, target + NEAR)
        )
    needs, temperaments = by(competent, "intention"), by(competent, "temperament")
    rows.append(
        order(
            "needs, analysing others hardest and praise easiest",
            [*needs][0] == "analyse_others" and [*needs][-1] == "praise_actions",
            needs,
        )
    )
    rows.append(order("temperaments, negative hardest", [*temperaments][0] == "negative", temperaments))
    chance = run(SUPPORTERS["random"](), **{**common, "episodes": 24 * args.episodes})
    thirds, share = stages(chance), talk_share(chance)
    question, suggestion, reflection = (thirds[act] for act in ("question", "suggestion", "reflection"))
    rows.append(order("questions cost more late than early", question[2] < question[0], question))
    rows.append(order("suggestions pay most late", max(suggestion) == suggestion[2], suggestion))
    rows.append(order("reflection pays early", max(reflection) == reflection[0] > 0, reflection))
    rows.append(order("talk share costs less late", share[2] > share[0], share))
    honest = float(np.mean([t["final_emotion"] for t in competent]))
    flattery = float(
        np.mean([t["final_emotion"] for t in run(sycophant(), **{**common, "episodes": 6 * args.episodes})])
    )
    rows.append(
        order(
            "the sycophant ends below the honest supporter", flattery < honest, [round(flattery, 1), round(honest, 1)]
        )
    )
    if args.record:
        append(
            "calibration",
            {
                "split": args.split,
                "episodes": args.episodes,
                "figures": rows,
                "needs": needs,
                "temperaments": temperaments,
                "stages": thirds,
            },
        )


if __name__ == "__main__":
    main()
