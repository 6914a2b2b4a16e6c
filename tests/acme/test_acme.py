"""To add a provider is to add one file: Acme exists nowhere, and all that is known of it stands in acme.toml."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import testkey_nb as tk
from testkey_nb.catalogue import load

FILE = Path(__file__).with_name("acme.toml")
KEYS = {
    "well": "acme:well:EXAMPLEabcdefghijklmnopq",
    "asleep": "acme:nope:EXAMPLErstuvwxyzabcdefgh",
    "broke": "acme:poor:EXAMPLEijklmnopqrstuvwxy",
    "hasty": "acme:fast:EXAMPLEzabcdefghijklmnop",
}
OTHER_KEY = "acme:else:EXAMPLEqponmlkjihgfedcba"
PACE = {"x-acme-calls-max": "600", "x-acme-calls-left": "599", "X-Acme-Calls-Fresh-In": "90"}
OOPS = {
    "asleep": (403, "This key sleeps until its owner wakes it."),
    "broke": (418, "Your jar is empty: put coins in."),
    "hasty": (420, "There are too many spoons in the soup."),
}
SHELF = {
    "/engines": {
        "shelf": [
            {"tag": "acme/roadrunner", "memory": 8192, "open": True},
            {"tag": "acme/anvil", "memory": 4096, "open": False},
        ],
        "more_after": "p2",
    },
    "/engines?after=p2": {"shelf": [{"tag": "acme/coyote-7b", "memory": 32768, "open": True}], "more_after": None},
}  # fmt: skip
JARS = {"jars": [{"coin": "EUR", "spare": "12.340000001"}, {"coin": "JPY", "spare": "900"}]}


class Acme(BaseHTTPRequestHandler):
    """The service, as its own engineers might have built it."""

    def do_GET(self) -> None:
        sent = self.headers["X-Acme-Pass"] or ""
        who = next((name for name, key in KEYS.items() if sent == f"Key {key}"), "stranger")
        if who in OOPS:
            status, words = OOPS[who]
            self._answer(status, {"oops": {"words": words, "seen": sent, "try": f"not {OTHER_KEY}, either"}})
        elif who == "stranger":
            self._answer(401, {"oops": {"words": "Who goes there?"}})
        else:
            self._answer(200, JARS if self.path == "/jars" else {**SHELF[self.path], "for": sent, "also": [OTHER_KEY]})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**PACE, "Content-Type": "application/json", "Content-Length": str(len(raw))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Say nothing on stderr."""


@pytest.fixture(scope="module")
def session() -> Iterator[tk.Session]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Acme)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    routes = {"api.acme.example": f"http://127.0.0.1:{server.server_port}"}
    with tk.Session(catalogue=load(extra=[FILE]), routes=routes) as session, pytest.MonkeyPatch.context() as patch:
        for label, key in KEYS.items():
            patch.setenv(f"ACME_{label.upper()}", key)
            session.add(f"env:ACME_{label.upper()}", label=label)
        yield session.probe(progress=False)
    server.shutdown()
    server.server_close()
    thread.join()


def rows(session: tk.Session, table: str, label: str, *columns: str) -> list[tuple[Any, ...]]:
    frame = session.frame(table)
    if "label" not in frame:
        frame = frame.merge(session.keys[["key_id", "label"]], on="key_id")
    return sorted(frame[frame.label == label][list(columns)].drop_duplicates().itertuples(index=False, name=None))


def test_the_file_is_read_without_a_complaint() -> None:
    assert load(extra=[FILE]).problems == ()


def test_its_key_shape_gives_the_provider(session: tk.Session) -> None:
    assert rows(session, "identity", "well", "provider", "key_valid") == [("acme", True)]


def test_its_limit_headers_become_limits(session: tk.Session) -> None:
    limits = rows(session, "limits", "well", "kind", "window", "limit", "remaining", "source")
    [(_, window, limit, remaining, source)] = [row for row in limits if row[0] == "requests"]
    assert (window, int(limit), int(remaining)) == ("hour", 600, 599)
    assert "x-acme-calls-max" in source


def test_its_limit_headers_are_kept_with_the_exchange(session: tk.Session) -> None:
    [headers] = rows(session.probe(progress=False, labels=["well"]), "exchanges", "well", "headers")[:1]
    kept = json.loads(headers[0])
    assert {name: value for name, value in kept.items() if "acme" in name} == {
        name.lower(): value for name, value in PACE.items()
    }


def test_its_pages_are_read_to_the_end(session: tk.Session) -> None:
    assert rows(session, "models", "well", "model_id", "context_window") == [
        ("acme/anvil", 4096), ("acme/coyote-7b", 32768), ("acme/roadrunner", 8192),
    ]  # fmt: skip


def test_its_rights_become_permissions(session: tk.Session) -> None:
    assert rows(session, "permissions", "well", "model_id", "state") == [
        ("acme/anvil", "denied"), ("acme/coyote-7b", "callable"), ("acme/roadrunner", "callable"),
    ]  # fmt: skip


def test_its_jars_become_balances_in_their_currencies(session: tk.Session) -> None:
    balances = rows(session, "balances", "well", "kind", "currency", "amount")
    assert [(*row[:2], str(row[2])) for row in balances] == [
        ("available", "EUR", "12.340000001"), ("available", "JPY", "900"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("label", "condition", "outcome", "valid"),
    [
        ("asleep", "key-disabled", "refused", False),
        ("broke", "insufficient-balance", "no_balance", True),
        ("hasty", "rate-limited", "limited", True),
    ],
)
def test_its_own_words_are_diagnosed(
    session: tk.Session, label: str, condition: str, outcome: str, valid: bool
) -> None:
    assert {row[0] for row in rows(session, "diagnoses", label, "condition")} == {condition}
    assert {row[0] for row in rows(session, "exchanges", label, "outcome")} == {outcome}
    assert rows(session, "identity", label, "key_valid") == [(valid,)]


def test_its_keys_stand_in_no_table(session: tk.Session) -> None:
    cells = "".join(frame.to_csv() for frame in map(session.frame, ("exchanges", "identity", "models", "diagnoses")))
    assert "[secret]" in cells
    assert [key for key in [*KEYS.values(), OTHER_KEY] if key[10:] in cells] == []


def test_its_key_is_taken_out_of_an_observed_answer_and_its_headers() -> None:
    with tk.Session(catalogue=load(extra=[FILE])) as session, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ACME_KEY", KEYS["well"])
        session.add("env:ACME_KEY", label="well")
        session.observe(
            "well", status=403, headers={"x-request-id": OTHER_KEY}, body={"seen": [OTHER_KEY]}, path=f"/k/{OTHER_KEY}"
        )
        shown = session.exchanges[["headers", "body_excerpt", "path"]].to_csv()
    assert OTHER_KEY[10:] not in shown
    assert shown.count("[secret]") == 3
