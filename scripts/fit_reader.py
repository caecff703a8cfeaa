"""Fit the reader's integer heads on the project's own labelled messages, bit for bit the same everywhere.

    python scripts/fit_reader.py [--check] [--epochs N]

Logistic regression by averaged stochastic gradient descent in whole numbers: features are hashed n-grams, weights are fixed-point
integers, the logistic function is the reader's own table. No floating point, so no machine, BLAS or Python version shows in the result.
``--check`` prints the agreement of heads fitted on four fifths with the labels of the last, and writes nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
from own_writing import broken, own_sentences
from word_classes import word_classes

from empathy_gym.seeker import fluency
from empathy_gym.seeker.concepts import concept, concepts
from empathy_gym.seeker.cues import cues
from empathy_gym.seeker.features import ROWS, message_features, sentence_features
from empathy_gym.seeker.heads import ACTS, HARMS, HURTFUL, LEVELS, MESSAGE_HEADS, MOVES, ONE, SENTENCE_HEADS, SIGMOID
from empathy_gym.seeker.text import fold, is_question, sentences, words

UNKNOWN = -1
"""A label that nobody gave: it teaches nothing."""

HURTFUL_SET = frozenset(HURTFUL)
OF_YOU, NOT_OF_YOU = ("restatement", "reflection"), ("self_disclosure", "information", "other")
"""Acts that say by themselves whether a sentence speaks of the other."""

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "empathy_gym" / "data" / "reader"
REFERENCES, PARAPHRASES = (ROOT / "benchmarks" / name / "train.jsonl" for name in ("references", "paraphrases"))
COLD, PLAIN, VAGUE, SALAD = (FOLDER / f"{name}.jsonl" for name in ("cold", "plain", "vague", "salad"))
FINE = 64
"""Weights are kept this many times finer while they are fitted."""

# sigmoid by table for every fixed-point logit within +-8, in per mille
_TABLE = np.array([1000 - v for v in SIGMOID[:0:-1]] + list(SIGMOID), dtype=np.int64)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Per mille, elementwise, of fixed-point logits."""
    steps = np.clip(logits * 16 // ONE, -128, 128)
    return _TABLE[steps + 128]


def load() -> list[dict]:
    """The labelled messages in the files' order, each checked."""
    rows = []
    for path in sorted(FOLDER.glob("corpus/*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), 1):
            row = json.loads(line)
            for sentence, act, moves in row["u"]:
                if not sentence.strip() or act not in ACTS or set(moves) - set(HARMS) - set(MOVES):
                    raise SystemExit(
                        f"{path.name}:{number}: expected [sentence, one of the acts, known moves], got {[sentence, act, moves]}"
                    )
            if len(row["m"]) != 3 or not all(level in (0, 1, 2) for level in row["m"]):
                raise SystemExit(f"{path.name}:{number}: expected three levels from 0 to 2, got {row['m']}")
            rows.append(row)
    return rows


def examples(rows: list[dict]) -> tuple[list, list]:
    """Features and 0/1 labels of every sentence, and of every message."""
    by_sentence, by_message = [], []
    for row in rows:
        before = frozenset(concepts(fold(row.get("c", ""))))
        features, count = [], len(row["u"])
        asks = 0
        for i, (sentence, act, moves) in enumerate(row["u"]):
            folded = fold(sentence)
            feature = sentence_features(folded, cues(folded), before, i == 0, i == count - 1)
            features.append(feature)
            asks += is_question(folded)
            labels = {name: int(name == act or name in moves) for name in SENTENCE_HEADS}
            labels["speaks_of_you"] = (
                1 if act in OF_YOU else 0 if act in NOT_OF_YOU and "specific" not in moves else UNKNOWN
            )
            labels["vague"] = UNKNOWN
            labels["hurts"] = int(not HURTFUL_SET.isdisjoint(moves))
            by_sentence.append((feature, list(labels.values())))
        length = sum(len(words(fold(s))) for s, _, _ in row["u"])
        levels = [int(level > step) for level in row["m"] for step in (0, 1)]
        levels.append(int(any(not HURTFUL_SET.isdisjoint(moves) for _, _, moves in row["u"])))
        by_message.append((message_features(features, length, asks), levels))
    return by_sentence, by_message


HARMLESS = {"hurts": 0, **dict.fromkeys(HARMS, 0)}
TEACHES = {
    "refers": {"speaks_of_you": 1, "suggestion": 0, "question": 0, "vague": 0, **HARMLESS},
    "vague": {"vague": 1, "question": 0, **HARMLESS},
    "near": {"speaks_of_you": 0},
    "understanding": {"speaks_of_you": 1, "suggestion": 0, "question": 0, "vague": 0, **HARMLESS},
    "praise": {"suggestion": 0, "question": 0, **HARMLESS},
    "comfort": {"suggestion": 0, "question": 0, **HARMLESS, "stock_comfort": UNKNOWN},
    "suggestion": {"suggestion": 1, **HARMLESS},
    "plain": HARMLESS,
    "led_refers": {"vague": 0, **HARMLESS},
    "led_vague": {"vague": 1},
    "harm": {"hurts": 1},
}
"""What a sentence teaches that somebody wrote about a training story's facts, by what it was written for."""


LEADS = (
    "If I understand you right,", "As I hear it,", "When you tell me that", "What I hear is that", "I see:", "Thank you for telling me that", "So what you say is that",
    "I take it that", "It sounds as if", "Let me say it back:", "You mean that", "If I follow you,", "No wonder you feel as you do if", "From what you say,",
    "I can picture it:", "I'm glad you told me that", "Am I right that", "What stays with me is that", "It makes sense that you're hurt:", "I appreciate your saying that",
)  # fmt: skip
CASUAL = ("yeah,", "oof, so", "right,", "ok so", "mm,", "yep,", "ah,", "so", "jeez,", "aw,", "hm,", "wow ok,")
"""How people begin, formally and not: neither what fits anybody nor coldness lies in that."""


def lead(text: str, number: int) -> str:
    """A sentence behind one of the leads; every third a casual one."""
    begun = text if text[:2] in ("I ", "I'") else text[:1].lower() + text[1:]
    if number % 3 == 0:
        return f"{CASUAL[number // 3 % len(CASUAL)]} {begun.rstrip('.')}"
    return f"{LEADS[number % len(LEADS)]} {begun}"


def _read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


def _cut(text: str, most: int | None = None) -> tuple[list[str], list[list[int]]]:
    """The folded sentences (the first so many) of a message that stands alone, and the rows that each switches on."""
    folded = [fold(text[start:end]) for start, end in sentences(text)[:most]]
    last = len(folded) - 1
    return folded, [sentence_features(one, cues(one), frozenset(), i == 0, i == last) for i, one in enumerate(folded)]


def blind_examples() -> list:
    """The sentences of the blind references and paraphrases of training stories; of a suggestion the first alone."""
    written = [(kind, text) for row in _read(REFERENCES) for kind in ("refers", "near") for text in row[kind]]
    written += [(row["act"], text) for row in _read(PARAPHRASES) for text in row["wordings"]]
    written += [(kind, row[kind]) for row in _read(VAGUE) for kind in ("refers", "vague") if kind in row]
    written += [("plain", row["said"]) for row in _read(PLAIN)]
    written += [("led_" + kind, lead(text, i)) for i, (kind, text) in enumerate(written) if kind in ("refers", "vague")]
    found = []
    for kind, text in written:
        labels = [TEACHES[kind].get(head, UNKNOWN) for head in SENTENCE_HEADS]
        found += [(rows, labels) for rows in _cut(text, 1 if kind == "suggestion" else None)[1]]
    return found


def blind_messages() -> list:
    """The blind messages about training stories' facts, with whether they are cold."""
    written = [(int(row["act"] == "harm"), text) for row in _read(PARAPHRASES) for text in row["wordings"]]
    written += [(cold, text) for row in _read(COLD) for cold, kind in ((1, "cold"), (0, "warm")) for text in row[kind]]
    written += [(0, row["said"]) for row in _read(PLAIN)]
    written += [(0, lead(text, i)) for i, text in enumerate(t for row in _read(REFERENCES) for t in row["refers"])]
    found = []
    for cold, text in written:
        folded, rows = _cut(text)
        asks = sum(one.endswith("?") for one in folded)
        found.append((message_features(rows, len(words(fold(text))), asks), [UNKNOWN] * len(LEVELS) + [cold]))
    return found


def fit(data: list, heads: tuple[str, ...], epochs: int, rate: int = 8) -> np.ndarray:
    """SGD, averaged with its own end; returns int16 weights, shape (ROWS + 1, heads), the last row the bias."""
    positive = np.array(
        [2 if name in MOVES and name not in ("hurts", "speaks_of_you", "vague") else 1 for name in heads],
        dtype=np.int64,
    )  # a missed move costs more than a false one; a false harm does not
    return _fit(data, len(heads), epochs, rate, positive, _teachable(heads))


def _teachable(heads: tuple[str, ...]) -> np.ndarray:
    """Which rows may teach which heads, 0 or 1, shape (ROWS + 1, heads): where a sentence stands and how long it is says nothing of harm."""
    allowed = np.ones((ROWS + 1, len(heads)), dtype=np.int64)
    names = [
        f"{mark}={value}"
        for mark in ("first", "last", "len", "message", "sentences", "questions")
        for value in range(12)
    ]
    form = [zlib.crc32(name.encode("ascii")) % ROWS for name in names]
    harmful = [i for i, name in enumerate(heads) if name in (*HARMS, "hurts", "cold")]
    allowed[np.ix_(form, harmful)] = 0
    return allowed


def _fit(data: list, heads: int, epochs: int, rate: int, positive: np.ndarray, teachable: np.ndarray) -> np.ndarray:
    weight = np.zeros((ROWS + 1, heads), dtype=np.int64)
    late = np.zeros_like(weight)  # sum of (update x step), for the average without touching every row at each step
    order = sorted(range(len(data)), key=lambda i: hashlib.blake2b(str(i).encode()).digest())
    rows = [np.array([*data[i][0], ROWS], dtype=np.int64) for i in order]
    labels = [np.array(data[i][1], dtype=np.int64) for i in order]
    step, total = 0, epochs * len(order)
    for epoch in range(epochs):
        speed = rate * (epochs - epoch) // epochs + 4
        for row, label in zip(rows, labels, strict=True):
            step += 1
            error = 1000 * label - sigmoid(weight[row].sum(axis=0) // FINE)  # per mille
            error = np.where(label == 1, error * positive, error) * (label != UNKNOWN)
            push = error * speed * 8 // (4 + len(row).bit_length())
            push = push * teachable[row]
            weight[row] += push
            late[row] += push * (step - 1)
    average = weight - late // total
    return np.clip((weight + average) // (2 * FINE), -32_000, 32_000).astype(np.int16)


def log2(counts: np.ndarray) -> np.ndarray:
    """1024 times the base-2 logarithm of positive integers below 2**26, rounded down, by repeated squaring in whole numbers."""
    whole = np.zeros_like(counts)
    for bit in (16, 8, 4, 2, 1):
        large = counts >> whole >= 1 << bit
        whole += bit * large
    mantissa, fraction = (counts << 26) >> whole, np.zeros_like(counts)  # 2**26 stands for one
    for _ in range(10):
        mantissa = (mantissa * mantissa) >> 26
        over = mantissa >= 1 << 27
        mantissa >>= over
        fraction = 2 * fraction + over
    return 1024 * whole + fraction


BREAKS = 3
"""Broken copies of each sentence."""

SALAD_WEIGHT, HEARD_OF = 3, 3
"""How often a policy's broken sentence counts, and rows that come up more often than this in whole sentences it may not speak against: it is made of their frames."""


def fit_fluency(own: list[list[str]]) -> np.ndarray:
    """Log ratios of how often each row comes up in our own sentences and in broken ones; int16, shape (ROWS, 1)."""
    good, bad = (
        np.ones(fluency.ROWS, dtype=np.int64),
        np.ones(fluency.ROWS, dtype=np.int64),
    )  # twice the count, plus one
    for number, tokens in enumerate(own):
        for rows in fluency.rows_by_word(tokens):
            np.add.at(good, rows, 2)
        for i in range(BREAKS):
            for rows in fluency.rows_by_word(broken(tokens, own, BREAKS * number + i)):
                np.add.at(bad, rows, 2)
    fine = {row for tokens in stock() for rows in fluency.rows_by_word(tokens) for row in rows}
    for tokens in salad():
        for rows in fluency.rows_by_word(tokens):
            unheard = [row for row in rows if good[row] <= 1 + 2 * HEARD_OF and row not in fine]
            np.add.at(bad, unheard, 2 * SALAD_WEIGHT)
    level = log2(np.array([good.sum(), bad.sum()]))
    return (log2(good) - log2(bad) - (level[0] - level[1])).astype(np.int16)[:, None]


def stock() -> list[list[str]]:
    """Stock comfort in words: policies say such too, before they go on in salad."""
    return [list(words(one)) for row in _read(PLAIN) if "stock" in row for one in _cut(row["said"])[0]]


def salad() -> list[list[str]]:
    """What trained policies said that is no language, in words."""
    return [list(words(fold(row["said"]))) for row in _read(SALAD)]


def rarities(own: list[list[str]]) -> dict[str, int]:
    """For each concept of our own sentences, eighths of a bit by which it is rarer than one in every sentence."""
    counts = Counter(c for tokens in own for c in {concept(t) for t in tokens} if c is not None)
    names = sorted(counts)
    found = log2(np.array([len(own)])) - log2(np.array([1 + counts[name] for name in names]))
    return {name: int(value) // 128 for name, value in zip(names, found, strict=True)}


def save(path: Path, tables: dict[str, np.ndarray]) -> None:
    """Write the tables sparsely; whole or not at all, and the same bytes each time."""
    arrays = {}
    for name, table in tables.items():
        rows = np.flatnonzero(table.any(axis=1)).astype(np.int32)
        arrays |= {
            f"{name}_rows": rows,
            f"{name}_values": table[rows],
            f"{name}_shape": np.array(table.shape, dtype=np.int64),
        }
    temporary = path.with_suffix(".tmp")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), version=(1, 0))
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, buffer.getvalue())
    temporary.replace(path)


def _write(path: Path, content: dict) -> None:
    """JSON, whole or not at all."""
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(content, indent=0) + "\n", encoding="ascii")
    temporary.replace(path)


def digest(*tables: np.ndarray) -> str:
    """What tells two fits apart."""
    return hashlib.sha256(b"".join(t.astype("<i2").tobytes() for t in tables)).hexdigest()[:16]


def check(rows: list[dict], epochs: int) -> None:
    """Print F1 of each head on every fifth message, fitted on the others."""
    held = [row for i, row in enumerate(rows) if i % 5 == 0]
    train_s, train_m = examples([row for i, row in enumerate(rows) if i % 5])
    test_s, test_m = examples(held)
    for name, heads, train, test in (
        ("sentence", SENTENCE_HEADS, train_s, test_s),
        ("message", MESSAGE_HEADS, train_m, test_m),
    ):
        table = fit(train, heads, epochs).astype(np.int64)
        logits = np.array([table[x].sum(axis=0) + table[-1] for x, _ in test])
        gold = np.array([y for _, y in test])
        if name == "sentence":
            right = logits[:, : len(ACTS)].argmax(axis=1) == gold[:, : len(ACTS)].argmax(axis=1)
            print(f"act of a sentence: {right.sum()} of {len(right)} right ({100 * right.mean():.1f} %)")
        guess = logits > 0
        if name == "sentence":
            guess &= gold != UNKNOWN
            guess[:, : len(ACTS)] = logits[:, : len(ACTS)] == logits[:, : len(ACTS)].max(axis=1, keepdims=True)
        for i, head in enumerate(heads):
            hit, said, true = (guess[:, i] & (gold[:, i] == 1)).sum(), guess[:, i].sum(), (gold[:, i] == 1).sum()
            print(
                f"  {head:22s} F1 {2 * hit / max(1, said + true):.2f}  precision {hit / max(1, said):.2f}  recall {hit / max(1, true):.2f}  n {true}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--epochs", type=int, default=12)
    args = parser.parse_args()
    code = Path(fluency.__file__)
    if ROOT not in code.parents:  # it would be fitted with one tree's words and written into another's
        raise SystemExit(f"fit_reader: expected the empathy_gym of {ROOT}, got {code}: set PYTHONPATH={ROOT}")
    rows = load()
    if args.check:
        check(rows, args.epochs)
        return
    by_sentence, by_message = examples(rows)
    by_sentence += blind_examples()
    sentence = fit(by_sentence, SENTENCE_HEADS, args.epochs)
    message = fit(by_message + blind_messages(), MESSAGE_HEADS, args.epochs)
    own = own_sentences()
    _write(FOLDER / "classes.json", word_classes(own))
    fluency.forget()
    whole = fit_fluency(own)
    save(FOLDER / "tables.npz", {"sentence": sentence, "message": message, "fluency": whole})
    _write(FOLDER / "rarity.json", {"sentences": len(own), "rarity": rarities(own)})
    print(
        f"{len(rows)} messages, {len(by_sentence)} labelled sentences, {len(own)} whole ones; tables {digest(sentence, message, whole)} "
        f"written to {FOLDER / 'tables.npz'}"
    )


if __name__ == "__main__":
    main()
