"""What scripts make for docs/: environment pages are up to date, and the gallery is whole."""

import re
from pathlib import Path

import pytest
from PIL import Image

from empathy_gym.registration import ENVIRONMENTS
from scripts import make_env_docs, make_gallery

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_environment_pages_are_up_to_date():
    assert make_env_docs.stale() == [], "run python -m scripts.make_env_docs"


def test_what_is_out_of_date_is_found(tmp_path):
    for name, text in make_env_docs.pages().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert make_env_docs.stale(tmp_path) == []
    (tmp_path / "EmpathySupport-v0.md").write_text("other", encoding="utf-8")
    (tmp_path / "EmpathyStrategy-v0.md").unlink()
    (tmp_path / "Gone-v0.md").write_text("gone", encoding="utf-8")
    assert make_env_docs.stale(tmp_path) == ["EmpathyStrategy-v0.md", "EmpathySupport-v0.md", "Gone-v0.md"]


@pytest.mark.parametrize("row", ENVIRONMENTS, ids=[row.id for row in ENVIRONMENTS])
def test_environment_pages_can_be_read(row):
    pages = make_env_docs.pages()
    text = pages[f"{row.id}.md"]
    assert f"# {row.id}\n" in text and f'`gym.make("{row.id}")`' in text and f"({row.id}.md)" in pages["README.md"]
    assert text.count("```") % 2 == 0 and "0x" not in text
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (DOCS / "environments" / link).resolve().exists() or link in pages, link


def test_a_gallery_is_whole_and_links_to_its_pages(tmp_path):
    (tmp_path / "old.html").write_text("old", encoding="utf-8")
    shown = make_gallery.talks(("competent", "hostile"), seekers=1)
    make_gallery.write(tmp_path, shown)
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    linked = re.findall(r'href="([^"]+)"', index)
    assert sorted([*linked, "index.html"]) == sorted(path.name for path in tmp_path.iterdir())
    for talk in shown:
        assert talk.transcript["opening"].split()[0] in (tmp_path / talk.name).read_text(encoding="utf-8")


def test_the_gallery_that_is_shown_is_whole():
    linked = re.findall(r'href="([^"]+)"', (DOCS / "gallery" / "index.html").read_text(encoding="utf-8"))
    assert len(linked) == len(make_gallery.SHOWN) * make_gallery.SEEKERS * len(make_gallery.SETTINGS)
    assert {*linked, "index.html"} == {path.name for path in (DOCS / "gallery").glob("*.html")}


def test_the_picture_of_a_talk_is_what_the_environment_shows(tmp_path):
    make_gallery.picture(tmp_path / "talk.png")
    with Image.open(tmp_path / "talk.png") as made, Image.open(make_gallery.PICTURE) as shown:
        assert made.size == shown.size and made.getpixel((0, 0)) == shown.getpixel((0, 0))
