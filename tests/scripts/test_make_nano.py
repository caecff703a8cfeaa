"""What the nano is made from: talks and token rows come back from files as they were, and renaming is the same in a whole talk."""

import gzip
import json

import pytest

from agents.language_model import NANO
from agents.other_words import NOUNS, OTHERS, PARTICIPLES, VERBS
from agents.restate import sayable
from scripts import make_nano
from scripts.make_nano import Exchange, Played

TALKS = [
    [
        Exchange("My sister took the dresser.", "So the dresser is gone. What was it like?", "the dresser, hm."),
        Exchange("The dresser was my mother's.", "You miss the dresser.", "again."),
    ],
    [Exchange("I missed the ferry.", "What happened with the ferry?", "let me see.")],
]


def test_talks_come_back_from_their_file(tmp_path):
    path, played = tmp_path / "talks.json.gz", Played(TALKS, TALKS[1:], 35.8)
    make_nano.write_talks(played, path)
    assert make_nano.read_talks(path, 2) == played and make_nano.read_talks(path, 1).train == TALKS[:1]
    with pytest.raises(ValueError, match="expected at least 3 talks, got 2"):
        make_nano.read_talks(path, 3)


def test_talks_of_another_recipe_are_refused(tmp_path):
    path = tmp_path / "talks.json.gz"
    path.write_bytes(
        gzip.compress(json.dumps({"recipe": {"mix": {"echo": 100}}, "train": [], "dev": [], "emotion": 0.0}).encode())
    )
    with pytest.raises(
        ValueError, match=r"expected talks of \{'mix': \{'restater': 60.*got \{'mix': \{'echo': 100\}\}"
    ):
        make_nano.read_talks(path, 1)


def test_rows_come_back_from_their_file(tmp_path):
    rows = make_nano.make_rows(TALKS, epochs=2, thoughts="own")
    make_nano.write_rows(rows, tmp_path / "rows.npz")
    back = make_nano.read_rows(tmp_path / "rows.npz")
    assert [e.ids for e in back.examples] == [e.ids for e in rows.examples] and len(rows.examples) == 2 * 2 * 2
    for mine, theirs in zip(rows.examples, back.examples, strict=True):
        assert mine.weights == pytest.approx(theirs.weights) and len(mine.ids) == len(mine.weights)
    assert back.tokenizer.to_str() == rows.tokenizer.to_str()


def test_a_thing_is_renamed_alike_in_the_whole_talk():
    data = make_nano.renamed(TALKS * 20, share=100)
    assert make_nano.renamed(TALKS, share=0) == TALKS
    others = {talk[0].line.split()[-1] for talk in data if len(talk) == 2}
    assert len(others) > 1
    for talk in data:
        thing = talk[0].line.split()[-1].rstrip(".")
        assert all(thing in e.line and thing in e.reply for e in talk)


def test_what_has_another_word_is_not_renamed():
    data = make_nano.renamed(TALKS * 20, share=100, stays=frozenset({"dresser"}))
    assert all("dresser" in e.line for talk in data if len(talk) == 2 for e in talk)
    assert len({talk[0].line for talk in data if len(talk) == 1}) > 1


def test_the_teacher_exchanges_two_everyday_words_at_most():
    manner = make_nano.plain()
    assert manner.vocabulary is not None and len(manner.vocabulary) == make_nano.COMMON
    assert manner.vocabulary <= {*NOUNS, *OTHERS, *VERBS, *PARTICIPLES}
    ornate = "My mother gave the manager my old coat and my sister shouted."
    assert max(clause.exchanged for clause in sayable(ornate)) == 3
    assert all(0 < clause.exchanged <= 2 for clause in sayable(ornate, manner=manner))
    # What has no everyday word in it is said back as it is, the persons turned; in own words it is not said back at all.
    (clause,) = sayable("I moored the dinghy at dusk.", manner=manner)
    assert clause.back == "you moored the dinghy at dusk" and clause.exchanged == 0 and clause.kept == 1000


def test_what_goes_on_wants_its_own_tokens(tmp_path, capsys):
    begin, path = str(NANO / "start"), tmp_path / "rows.npz"
    for wrong, message in (
        (["--keep-attention"], "expected a model to --begin with, got none"),
        (["--temperature", "0"], "expected a number above 0, got 0.0"),
    ):
        with pytest.raises(SystemExit):
            make_nano.arguments(wrong)
        assert message in capsys.readouterr().err
    make_nano.write_rows(make_nano.make_rows(TALKS, epochs=1, thoughts="own"), path)
    with pytest.raises(ValueError, match="expected tokens of the tokeniser in .*start, got another's"):
        make_nano.gathered(make_nano.arguments(["--begin", begin, "--rows-file", str(path)]))
    theirs = make_nano.begun(NANO / "start", keep_attention=False)
    assert theirs.shape.model_type == "qwen2" and theirs.model.layers[0].self_attn.qkv_proj.bias.abs().max() > 1


def test_what_goes_on_has_a_history(tmp_path):
    assert make_nano.history(None) == []
    (tmp_path / "card.json").write_text('{"made_by": "one"}')
    assert make_nano.history(tmp_path) == ["one"]
    (tmp_path / "card.json").write_text('{"made_by": ["one", "two"]}')
    assert make_nano.history(tmp_path) == ["one", "two"]
