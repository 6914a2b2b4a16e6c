"""A real MLflow gateway, which knows no keys: named for what it is, and no key there is called valid."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from gateways import Gateway, Hold
from http_calls import Loopback, Reply, Seen, passing_to, serving
from mlflow_gateway import BASE, KEYS
from where_keys_hide import everything, places

import testkey_nb as tk

pytestmark = pytest.mark.gateway

Run = tuple[tk.Session, list[tuple[str, str, int]]]
ADDRESSES = ["", BASE + "/v1"]


@pytest.fixture(scope="module")
def run(mlflow: Gateway, hold: Hold) -> Run:
    """One read-only run of two keys, and what the server's access log says of it."""
    since = mlflow.server.mark()
    session = hold(mlflow, *KEYS, origin=mlflow.origin + BASE).probe(progress=False)
    return session, mlflow.server.requests(since=since)


@pytest.fixture(scope="module")
def session(run: Run) -> tk.Session:
    return run[0]


@pytest.fixture(scope="module")
def relay(mlflow: Gateway) -> Iterator[Loopback]:
    with serving(passing_to(mlflow.origin)) as running:
        yield running


@pytest.mark.parametrize("at", ADDRESSES, ids=["origin", "base URL"])
def test_it_is_identified_without_a_key(mlflow: Gateway, at: str) -> None:
    candidates = tk.identify(mlflow.origin + at)
    assert candidates["provider"].iloc[0] == "mlflow"
    assert candidates["verdict"].iloc[0] in ("confirmed", "likely")
    assert set(candidates["verdict"].iloc[1:]) <= {"insufficient"}


@pytest.mark.parametrize("at", ADDRESSES, ids=["origin", "base URL"])
def test_the_shell_names_it_too(mlflow: Gateway, at: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "testkey_nb", "identify", mlflow.origin + at, "--format", "json"],
        cwd=Path(tk.__file__).parents[1], env=os.environ, timeout=60, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    best = json.loads(done.stdout)["tables"]["candidates"][0]
    assert best["provider"] == "mlflow"
    assert best["verdict"] in ("confirmed", "likely")


def test_the_page_of_a_full_install_names_it_too(mlflow: Gateway) -> None:
    """The small package has no pages; this is what the whole one serves at its root."""
    page = b'<!doctype html><html lang="en"><head><title>MLflow</title></head><body><div id="root"></div></body></html>'
    behind = passing_to(mlflow.origin)

    def reply(seen: Seen) -> Reply:
        return (200, [("content-type", "text/html; charset=utf-8")], page) if seen.path == "/" else behind(seen)

    with serving(reply) as full:
        best = tk.identify(full.origin).iloc[0]
    assert best["provider"] == "mlflow"
    assert best["verdict"] in ("confirmed", "likely")


def test_eight_questions_without_a_key_and_two_with_a_dummy_arrive_and_no_other(relay: Loopback) -> None:
    tk.identify(relay.origin + BASE + "/v1")
    with_key = [seen for seen in relay.seen if "authorization" in seen.headers or "x-api-key" in seen.headers]
    assert {seen.method for seen in relay.seen} <= {"GET", "HEAD", "OPTIONS"}
    assert (len(with_key), 0 < len(relay.seen) - len(with_key) <= 8) == (2, True)
    assert all("dummy" in str(seen.headers) for seen in with_key)
    assert {seen.body for seen in relay.seen} == {b""}


@pytest.mark.parametrize("label", KEYS)
def test_every_key_meets_mlflow(session: tk.Session, label: str) -> None:
    row = session.identity.set_index("label").loc[label]
    assert row["provider"] == "mlflow"
    assert row["verdict"] in ("confirmed", "likely")


@pytest.mark.parametrize("label", KEYS)
def test_where_any_key_is_taken_none_is_called_valid(session: tk.Session, label: str) -> None:
    assert pd.isna(session.identity.set_index("label")["key_valid"][label])


def test_its_endpoints_are_listed_and_not_called_callable(session: tk.Session) -> None:
    found = session.permissions
    assert set(found["model_id"]) == {"chat"}
    assert "callable" not in set(found["state"])


def test_no_answer_is_an_error_of_the_run(session: tk.Session) -> None:
    asked = session.exchanges[session.exchanges["request"].isin(["models", "endpoints"])]
    assert set(zip(asked["request"], asked["status"], strict=True)) == {("models", 200), ("endpoints", 404)}
    told = session.diagnoses[session.diagnoses["authenticated"]]
    assert set(zip(told["path"], told["condition"], strict=True)) == {("/api/2.0/endpoints/", "not-an-api")}


def test_an_open_list_is_told_as_a_risk(session: tk.Session) -> None:
    assert "untested key" in set(session.risks["risk"])


def test_the_server_is_only_read(run: Run) -> None:
    session, requests = run
    assert {method for method, _, _ in requests} <= {"GET", "HEAD", "OPTIONS"}
    assert 0 < len(requests) <= len(session.exchanges)  # an attempt on a closed connection never arrives


def test_no_key_shows_up_anywhere(session: tk.Session, tmp_path: Path) -> None:
    texts = everything(session, tmp_path)
    assert {name: found for name, key in KEYS.items() if (found := places(key, texts))} == {}
