"""Where a list is open, the key does not travel; a server on loopback counts the keys that arrive."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import testkey_nb as tk
from testkey_nb.catalogue import load

TEXT = "EXAMPLEnotAkey00000000000000000000"
FILE = """
id = "acme"
name = "Acme"
route = "global"
kind = "lab"
docs = "https://docs.acme.example"
checked = 2026-11-28
[key]
patterns = []
auth = { header = "Authorization", scheme = "Bearer" }
[hosts]
inference = "https://api.acme.example"
[[probes]]
id = "current_key"
kind = "current_key"
question = "?"
metrics = ["key_valid"]
  [[probes.requests]]
  id = "models"
  get = "/v1/models"
  control = true
  proves = "PROVES"
  source = "https://docs.acme.example/models"
    [[probes.requests.extract]]
    table = "models"
    rows = "data"
    fields = { model_id = "id" }
  [[probes.requests]]
  id = "me"
  get = "/v1/me"
  key_check = true
  source = "https://docs.acme.example/me"
  [[probes.requests]]
  id = "more"
  get = "/v1/more"
  source = "https://docs.acme.example/more"
"""
Probed = tuple[list[tuple[str, bool]], tk.Session]


@pytest.fixture
def probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Probed]]:
    """`probe(proves=..., is_open=..., knows=...)` gives (path, with the key?) of all that arrived, and the session."""
    arrived: list[tuple[str, bool]] = []
    says = {"open": True, "knows": True}

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with_key = TEXT in str(self.headers)
            arrived.append((self.path, with_key))
            free = self.path == "/v1/models" and says["open"]
            is_fine = free or (with_key and says["knows"])
            wrong = {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}
            body = json.dumps({"data": [{"id": "acme-1"}]} if is_fine else wrong).encode()
            self.send_response(200 if is_fine else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("ACME_KEY", TEXT)
    file = tmp_path / "acme.toml"

    def run(*, proves: str, is_open: bool, knows: bool = True) -> Probed:
        says.update(open=is_open, knows=knows)
        file.write_text(FILE.replace("PROVES", proves))
        routes = {"api.acme.example": f"http://127.0.0.1:{server.server_port}"}
        session = tk.Session(catalogue=load(extra=[file]), routes=routes)
        session.add("env:ACME_KEY", provider="acme", label="acme").probe(progress=False)
        return arrived, session

    yield run
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_key_does_not_travel_to_a_list_that_is_open_and_proves_nothing(probe: Callable[..., Probed]) -> None:
    arrived, session = probe(proves="nothing", is_open=True)
    assert arrived == [("/v1/models", False), ("/v1/me", True), ("/v1/more", True)]
    assert session.models.model_id.tolist() == ["acme-1"]


def test_the_key_travels_to_a_list_that_is_closed(probe: Callable[..., Probed]) -> None:
    arrived, session = probe(proves="nothing", is_open=False)
    assert arrived == [("/v1/models", False), ("/v1/models", True), ("/v1/me", True), ("/v1/more", True)]
    assert session.models.model_id.tolist() == ["acme-1"]


def test_the_key_travels_where_the_list_could_prove_something(probe: Callable[..., Probed]) -> None:
    arrived, _ = probe(proves="callable", is_open=True)
    assert arrived == [("/v1/models", False), ("/v1/models", True), ("/v1/me", True), ("/v1/more", True)]


def test_a_list_that_is_the_same_without_the_key_proves_no_right(probe: Callable[..., Probed]) -> None:
    _, session = probe(proves="callable", is_open=True)
    assert session.permissions.state.tolist() == ["unknown"]


def test_a_control_that_is_refused_is_no_diagnosis(probe: Callable[..., Probed]) -> None:
    _, session = probe(proves="nothing", is_open=False)
    assert session.diagnoses.empty
    assert session.identity.key_valid.tolist() == [True]


def test_a_host_that_called_the_key_wrong_is_not_shown_it_again(probe: Callable[..., Probed]) -> None:
    arrived, session = probe(proves="nothing", is_open=True, knows=False)
    assert arrived == [("/v1/models", False), ("/v1/me", True)]
    assert session.identity.key_valid.tolist() == [False]
