"""A model by its name on the hub: fetched from a real server on loopback that speaks the hub's protocol."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.agents.conftest import tiny_model, word_tokenizer

pytest.importorskip("huggingface_hub")
ROOT = Path(__file__).resolve().parents[2]
COMMIT = "0" * 40


@pytest.fixture
def hub(tmp_path):
    """The address of a hub with one model, ``me/tiny``."""
    folder = tmp_path / "hosted"
    tiny_model().save(folder)
    word_tokenizer().save(str(folder / "tokenizer.json"))
    (folder / "README.txt").write_text("not wanted")

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, body, **headers):
            self.send_response(200)
            for name, value in {"Content-Length": str(len(body)), "X-Repo-Commit": COMMIT, **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def do_GET(self):
            path = self.path.split("?")[0]
            if path.startswith("/api/models/me/tiny/tree/"):
                sizes = [(p.name, p.stat().st_size) for p in sorted(folder.iterdir())]
                entries = [{"type": "file", "path": name, "size": size, "oid": "0"} for name, size in sizes]
                self._answer(json.dumps(entries).encode(), Content_Type="application/json")
            elif path.startswith("/api/models/me/tiny"):
                names = [{"rfilename": p.name} for p in sorted(folder.iterdir())]
                self._answer(json.dumps({"id": "me/tiny", "sha": COMMIT, "siblings": names}).encode())
            elif path.startswith("/me/tiny/resolve/") and (folder / path.split("/")[-1]).exists():
                body = (folder / path.split("/")[-1]).read_bytes()
                self._answer(body, ETag=f'"{hashlib.sha1(body).hexdigest()}"')
            else:
                self.send_response(404)
                self.send_header("X-Error-Code", "RepoNotFound")
                self.send_header("Content-Length", "0")
                self.end_headers()

        do_HEAD = do_GET

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def train(model, endpoint, tmp_path):
    small = (
        "--steps 1 --scenarios 1 --group 2 --max-turns 1 --max-new 2 --eval-episodes 1 --device cpu --scaffold direct"
    )
    return subprocess.run(
        [sys.executable, "-m", "agents.train", "--model", model, *small.split(), "--out", str(tmp_path / "run")],
        cwd=ROOT, env={**os.environ, "HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path / "cache"), "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, timeout=200,
    )  # fmt: skip


def test_a_name_on_the_hub_is_fetched_and_trained(hub, tmp_path):
    done = train("me/tiny", hub, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert {"config.json", "model.safetensors", "tokenizer.json", "card.json"} <= {
        p.name for p in (tmp_path / "run" / "policy").iterdir()
    }
    cached = {p.name for p in (tmp_path / "cache").rglob("snapshots/*/*")}
    assert "model.safetensors" in cached and "README.txt" not in cached


@pytest.mark.parametrize("name", ["me/nobody", "no such folder"])
def test_what_is_neither_a_folder_nor_on_the_hub_is_named(hub, tmp_path, name):
    done = train(name, hub, tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f"train: model: expected a folder or the name of a model on the hub, got '{name}'" in done.stderr
