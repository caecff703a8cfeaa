"""Put the seekers' wordings beside the replies that were written to them, so that they are found by them.

python -m scripts.fill_replies

``agents/replies`` is read by supporters that import nothing of ``empathy_gym``, so what is told stands in it a second time. Run this after a story
changed; a test says when.
"""

from __future__ import annotations

import json

from agents.listening import FOLDER
from empathy_gym.files import write_whole
from empathy_gym.seeker import bank


def told(at: str) -> list[str]:
    """All wordings of a fact, by ``story/fact``."""
    story, name = at.split("/")
    return next([line for _, line in fact.said] for fact in bank.stories()[story].facts if fact.id == name)


def main() -> None:
    for path in sorted(FOLDER.glob("*.jsonl")):
        entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        filled = [
            {"at": entry["at"], "told": told(entry["at"]), **{k: entry[k] for k in ("hears", "asks", "gives")}}
            for entry in entries
        ]
        write_whole(path, "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in filled))


if __name__ == "__main__":
    main()
