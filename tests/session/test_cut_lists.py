"""A list that was not read to its end says so, and nothing follows from what it lacks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import testkey_nb as tk
from testkey_nb import analysis

FIRST, LAST = "claude-first", "claude-last"
# covered by the catalogue: nothing may be said of it from a list that breaks off
COVERED = "claude-haiku-4-5-20251001"


def page(*ids: str, has_more: bool, last_id: str | None) -> dict[str, Any]:
    rows = [{"type": "model", "id": name, "display_name": name} for name in ids]
    return {"data": rows, "has_more": has_more, "first_id": ids[0], "last_id": last_id}


def no_cursor(_after: str | None) -> tuple[int, dict[str, Any]]:
    return 200, page(FIRST, LAST, has_more=True, last_id=None)


def stuck(_after: str | None) -> tuple[int, dict[str, Any]]:
    return 200, page(FIRST, LAST, has_more=True, last_id=LAST)


def turning(after: str | None) -> tuple[int, dict[str, Any]]:
    """The same rows under a new cursor each time."""
    return 200, page(FIRST, LAST, has_more=True, last_id=f"{after or ''}x")


def endless(after: str | None) -> tuple[int, dict[str, Any]]:
    name = f"{after or FIRST}-"
    return 200, page(name, has_more=True, last_id=name)


def failing(after: str | None) -> tuple[int, dict[str, Any]]:
    if after is not None:
        return 404, {"type": "error", "error": {"type": "not_found_error", "message": "no such page"}}
    return 200, page(FIRST, LAST, has_more=True, last_id=LAST)


def whole(after: str | None) -> tuple[int, dict[str, Any]]:
    if after is not None:
        return 200, page(LAST, has_more=False, last_id=LAST)
    return 200, page(FIRST, has_more=True, last_id=FIRST)


CUTS = {no_cursor: "not where", stuck: "same page", turning: "same page", endless: "more pages", failing: "page failed"}


class Lists(BaseHTTPRequestHandler):
    """Answers the model list of one kind, which the key names; knows nothing else."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        status, body = 404, {"type": "error", "error": {"type": "not_found_error", "message": "Not found"}}
        key = self.headers.get("x-api-key", "")
        answer = next((kind for kind in (*CUTS, whole) if f"EXAMPLE-{kind.__name__}-" in key), None)
        if answer is None:
            status, body = 401, {"type": "error", "error": {"type": "authentication_error", "message": "no key"}}
        elif url.path == "/v1/models":
            status, body = answer(parse_qs(url.query).get("after_id", [None])[0])
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def probed() -> Iterator[tk.Session]:
    """A session with one key for each kind of list; the kind is its label."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Lists)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    routes = {"api.anthropic.com": f"http://127.0.0.1:{server.server_port}"}
    with tk.Session(routes=routes) as session:
        for kind in (*CUTS, whole):
            secret = f"sk-ant-api03-EXAMPLE-{kind.__name__}-".ljust(106, "E") + "AA"
            session.add(tk.Key(secret), label=kind.__name__, provider="anthropic")
        session.probe(progress=False)
        yield session
    server.shutdown()
    server.server_close()


def of(session: tk.Session, table: str, label: str) -> list[dict[str, Any]]:
    keys = session.frame("keys").set_index("label")["key_id"]
    frame = session.frame(table)
    return frame[frame["key_id"] == keys[label]].astype(object).to_dict("records")


labels = pytest.mark.parametrize("label", [kind.__name__ for kind in CUTS])


@labels
def test_the_models_read_so_far_stand_and_say_that_the_list_is_cut(probed: tk.Session, label: str) -> None:
    rows = of(probed, "models", label)
    assert rows
    assert {row["complete"] for row in rows} == {False}


@pytest.mark.parametrize(("kind", "words"), CUTS.items(), ids=[kind.__name__ for kind in CUTS])
def test_a_risk_says_that_the_rest_was_not_read_and_why(probed: tk.Session, kind: Any, words: str) -> None:
    (risk,) = [row for row in of(probed, "risks", kind.__name__) if row["risk"] == "list not read to its end"]
    assert "the rest was not read" in risk["reason"]
    assert words in risk["reason"]
    assert risk["severity"] == "low"


@labels
def test_a_covered_model_beyond_the_cut_is_unknown_and_not_lacking(probed: tk.Session, label: str) -> None:
    (row,) = [row for row in of(probed, "permissions", label) if row["model_id"] == COVERED]
    assert row["state"] == "unknown"
    assert "not read to its end" in row["reason"]


@labels
def test_nothing_is_denied_by_a_cut_list(probed: tk.Session, label: str) -> None:
    assert "denied" not in {row["state"] for row in of(probed, "permissions", label)}


@labels
def test_the_count_of_models_is_partial(probed: tk.Session, label: str) -> None:
    (total,) = [row for row in of(probed, "metrics", label) if row["metric"] == "models_total"]
    assert total["state"] == "partial"


def test_an_endless_list_keeps_every_page_that_was_read(probed: tk.Session) -> None:
    assert len(of(probed, "models", "endless")) == 5


def test_the_same_page_is_asked_for_twice_at_most(probed: tk.Session) -> None:
    asked = [row for row in of(probed, "exchanges", "turning") if row["path"].startswith("/v1/models")]
    assert len([row for row in asked if row["authenticated"]]) == 2


def test_a_list_read_to_its_end_is_complete_and_no_risk(probed: tk.Session) -> None:
    assert {row["complete"] for row in of(probed, "models", "whole")} == {True}
    assert "list not read to its end" not in {row["risk"] for row in of(probed, "risks", "whole")}
    (row,) = [row for row in of(probed, "permissions", "whole") if row["model_id"] == COVERED]
    assert row["reason"] == "a covered model that this key's list lacks"


def side_by_side(session: tk.Session) -> Any:
    return analysis.compare(session, "whole", "endless").models.set_index("model")


def test_a_model_beyond_the_cut_is_not_only_in_the_other_key(probed: tk.Session) -> None:
    models = side_by_side(probed)
    assert models.loc[LAST, "difference"] == "unknown"


def test_a_cut_list_does_not_hide_what_a_whole_one_lacks(probed: tk.Session) -> None:
    models = side_by_side(probed)
    assert models.loc[f"{FIRST}-", "difference"] == "only b"


def test_a_single_model_from_own_traffic_says_nothing_of_the_others() -> None:
    with tk.Session() as session:
        session.add(tk.Key("sk-ant-api03-" + "EXAMPLEsingle" * 8), label="own", provider="anthropic")
        body = {"type": "model", "id": FIRST, "display_name": "First", "created_at": "2026-01-01T00:00:00Z"}
        session.observe("own", status=200, headers={}, body=body, path=f"/v1/models/{FIRST}")
        assert [row["complete"] for row in of(session, "models", "own")] == [False]
        assert "list not read to its end" not in {row["risk"] for row in of(session, "risks", "own")}
        (row,) = [row for row in of(session, "permissions", "own") if row["model_id"] == COVERED]
        assert "not read to its end" in row["reason"]
