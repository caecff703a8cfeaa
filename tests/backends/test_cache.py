"""Answers on disk: whole files or none."""

import threading

import pytest

from empathy_gym.backends.cache import AnswerCache

ASKED = {
    "messages": [{"role": "user", "content": "caf\u00e9 \ud800"}],
    "max_tokens": 5,
    "nested": {"b": 1, "a": [1, 2]},
}


def files(cache):
    return sorted(path for path in cache.folder.rglob("*") if path.is_file())


def test_what_was_kept_comes_back(tmp_path):
    cache = AnswerCache(tmp_path / "new" / "folder")
    assert cache.get(ASKED) is None
    cache.put(ASKED, "an answer")
    assert cache.get(ASKED) == "an answer" == AnswerCache(cache.folder).get(dict(reversed(ASKED.items())))
    assert cache.get({**ASKED, "max_tokens": 6}) is None
    cache.put(ASKED, "another")
    assert cache.get(ASKED) == "another" and len(files(cache)) == 1


@pytest.mark.parametrize("rest", [b"", b"{", b"[]", b'{"request": {}, "answer": "forged"}', b"\xff\xfe", b"[" * 99_999])
def test_a_broken_or_foreign_file_counts_as_none(tmp_path, rest):
    cache = AnswerCache(tmp_path)
    cache.put(ASKED, "an answer")
    files(cache)[0].write_bytes(rest)
    assert cache.get(ASKED) is None
    cache.put(ASKED, "again")
    assert cache.get(ASKED) == "again"


def test_a_failed_write_leaves_nothing(tmp_path):
    cache = AnswerCache(tmp_path)
    with pytest.raises(TypeError):
        cache.put(ASKED, object())
    assert files(cache) == [] and cache.get(ASKED) is None


def test_many_writers_leave_whole_files(tmp_path):
    cache = AnswerCache(tmp_path)
    wrong = []

    def work(number):
        for i in range(30):
            cache.put({"n": i % 3}, "x" * (1_000 + number))
            found = cache.get({"n": i % 3})
            if found is None or set(found) != {"x"}:
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not wrong and len(files(cache)) == 3
