"""The rule tables over the real store and the real catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

import testkey_nb as tk
from testkey_nb import analysis
from testkey_nb.catalogue import load
from testkey_nb.session.loading import open_store
from testkey_nb.store import Store

TABLES = ("capabilities", "dimensions", "stages", "actions", "risks")
REFUSAL = {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}


@pytest.fixture
def filled() -> Iterator[Store]:
    store = open_store(load(), ttl=60)
    provider = next(iter(load().providers))
    run, now = store.open_run(), datetime.now(UTC).replace(tzinfo=None)
    key = {"key_id": "k1", "label": "prod", "source": "env:X", "added_at": now}
    store.insert(run, "keys", [key, key | {"key_id": "k2", "label": "bare"}])
    exchange: dict[str, Any] = {
        "exchange_id": "e1",
        "key_id": "k1",
        "request": "models",
        "method": "GET",
        "host": "h",
        "path": "/v1/models",
        "status": 200,
        "outcome": "ok",
        "attempt": 1,
        "sent_at": now,
        "latency_ms": 12.0,
        "authenticated": True,
    }
    store.insert(run, "exchanges", [exchange])
    seen = {"key_id": "k1", "provider": provider, "exchange_id": "e1", "scope": "key", "observed_at": now}
    verdict = {"verdict": "confirmed", "provider": provider, "key_valid": True, "key_kind": "admin"}
    store.insert(run, "verdicts", [{"key_id": "k1", "exchange_id": "e1", "observed_at": now} | verdict])
    store.insert(
        run,
        "observations",
        [
            {
                **seen,
                "topic": "limit",
                "name": "requests",
                "window": "minute",
                "value": "100",
                "remaining": "4",
                "model_id": "m-1",
            },
            {**seen, "topic": "balance", "name": "available", "value": "1.25", "unit": "USD"},
        ],
    )
    listing = {"key_id": "k1", "provider": provider, "exchange_id": "e1", "model_id": "m-1", "scope": "key"}
    store.insert(run, "model_listings", [listing | {"proves": "callable", "public": False}])
    store.insert(
        run,
        "price_rows",
        [
            {
                "key_id": "k1",
                "provider": provider,
                "exchange_id": "e1",
                "source": "answer",
                "checked": now,
                "model_id": "m-1",
                "tier": "default",
                "input_mtok": "0.5",
                "output_mtok": "1.5",
                "currency": "USD",
            }
        ],
    )
    store.insert(run, "ref_families", [{"model_id": "m-1", "family": "m-1"}])
    yield store
    store.close()


def test_every_rule_of_the_files_is_accepted_by_the_store() -> None:
    store = open_store(load(), ttl=60)
    assert analysis.define_all(store, load()) == ()
    store.close()


def test_every_rule_table_has_rows_for_every_key(filled: Store) -> None:
    frames = {name: filled.frame(name) for name in TABLES}
    assert all(set(frame["label"]) == {"prod", "bare"} for name, frame in frames.items() if name != "risks")
    assert len(frames["capabilities"]) == 20
    assert len(frames["stages"]) == 10
    assert {"over-privileged key", "low balance", "quota nearly exhausted"} <= set(frames["risks"]["risk"])


def test_what_the_store_says_reaches_the_sentences(filled: Store) -> None:
    summaries = filled.sql("FROM capabilities WHERE label = 'prod'").set_index("capability")["summary"]
    assert summaries["balance and quota"] == "1.25 USD left in the account."
    assert summaries["limit matrix"] == "1 limit known, 1 with what remains (at least 4 % left)."
    assert summaries["pricing and cost"] == "1 model priced (answer)."


def test_a_comparison_reads_the_real_store(filled: Store) -> None:
    found = analysis.compare(filled, "prod", "bare")
    assert found.permissions.set_index("model").loc["m-1", "difference"] == "unknown"
    assert list(found.frames) == ["permissions", "limits", "prices", "identity", "models"]


@pytest.fixture
def own_traffic(monkeypatch: pytest.MonkeyPatch) -> Iterator[tk.Session]:
    """A key that one path of its host answered and another calls unknown."""
    monkeypatch.setenv("OWN_TRAFFIC_KEY", "sk-EXAMPLE-" + "0" * 40)
    session = tk.Session()
    session.add("env:OWN_TRAFFIC_KEY", label="own", base_url="http://127.0.0.1:1/v1")
    session.observe("own", status=200, body={"id": "x", "choices": []}, path="/v1/chat/completions")
    session.observe("own", status=401, body=REFUSAL, path="/v1/audio/speech")
    yield session
    session.purge()


def test_own_traffic_that_one_path_refuses_leaves_the_key_valid(own_traffic: tk.Session) -> None:
    assert own_traffic.frame("identity")["key_valid"].tolist() == [True]


def test_own_traffic_that_one_path_refuses_is_judged_by_the_other(own_traffic: tk.Session) -> None:
    found = own_traffic.frame("diagnoses")
    assert found[["condition", "judged"]].values.tolist() == [["invalid-api-key", "access-forbidden"]]
    assert "replace invalid key" not in set(own_traffic.frame("actions")["action"])


def test_own_traffic_that_every_path_refuses_makes_the_key_invalid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWN_TRAFFIC_KEY", "sk-EXAMPLE-" + "0" * 40)
    session = tk.Session()
    session.add("env:OWN_TRAFFIC_KEY", label="own", base_url="http://127.0.0.1:1/v1")
    session.observe("own", status=401, body=REFUSAL, path="/v1/chat/completions")
    assert session.frame("diagnoses")["judged"].tolist() == ["invalid-api-key"]
    session.purge()
