"""Every metric that a provider declares has a row: its value, or why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from store_rows import Filled

from testkey_nb.errors import CatalogueError
from testkey_nb.store import Store

SQL = {
    "tokens_limit": 'SELECT key_id, model_id, "window", CAST("limit" AS VARCHAR) AS value, unit, state, exchange_id '
    "FROM limits",
    "owner_id": "SELECT key_id, NULL AS model_id, NULL AS \"window\", value, NULL AS unit, 'confirmed' AS state, "
    "exchange_id FROM observations WHERE topic = 'identity'",
    "balance_available": 'SELECT key_id, NULL AS model_id, NULL AS "window", amount AS value, currency AS unit, state, '
    "exchange_id FROM balances",
    "empty": "",
}
REFERENCE: dict[str, Any] = {
    "ref_metrics": [{"metric": "tokens_limit", "unit": "tokens"}, {"metric": "balance_available", "unit": "currency"}],
    "ref_provider_metrics": [
        {"provider": "acme", "metric": name, "probe": "current_key", "ordinal": number}
        for number, name in enumerate(("tokens_limit", "owner_id", "balance_available", "is_active"))
    ],
}


@pytest.fixture
def filled() -> Iterator[Filled]:
    made = Filled(metric_sql=SQL, reference=REFERENCE)
    made.key(claimed_provider="acme").exchange("x1")
    yield made
    made.store.close()


def row(filled: Filled, metric: str) -> dict[str, Any]:
    (one,) = [row for row in filled.records("metrics") if row["metric"] == metric]
    return one


def test_a_value_comes_with_provider_probe_and_time(filled: Filled) -> None:
    filled.observe("limit", "tokens", value="30000", window="minute", exchange_id="x1")
    found = row(filled, "tokens_limit")
    assert {name: found[name] for name in list(found)[:11]} == {
        "key_id": "k1",
        "provider": "acme",
        "probe": "current_key",
        "metric": "tokens_limit",
        "model_id": None,
        "window": "minute",
        "value": "30000",
        "unit": "tokens",
        "state": "confirmed",
        "exchange_id": "x1",
        "observed_at": "2026-11-23T12:00:00Z",
    }


def test_declared_metrics_stand_in_the_order_of_the_page(filled: Filled) -> None:
    assert [one["metric"] for one in filled.records("metrics")] == [
        "tokens_limit",
        "owner_id",
        "balance_available",
        "is_active",
    ]


@pytest.mark.parametrize(
    ("covered", "state"),
    [
        ("expected", "unknown"),
        ("invisible", "invisible"),
        ("not_exposed", "not_exposed"),
        ("unknown", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_declared_metric_without_a_value_says_why(filled: Filled, covered: str | None, state: str) -> None:
    if covered:
        filled.rows("coverage", {"key_id": "k1", "metric": "is_active", "state": covered, "exchange_id": "x1"})
    found = row(filled, "is_active")
    assert (found["value"], found["state"]) == (None, state)


def test_a_value_straight_from_an_answer_joins_in(filled: Filled) -> None:
    filled.observe("metric", "is_active", value="true", unit="bool", exchange_id="x1", probe="other")
    assert (row(filled, "is_active")["value"], row(filled, "is_active")["state"]) == ("true", "confirmed")


def test_of_one_fact_told_twice_the_newest_is_the_metric(filled: Filled) -> None:
    for number, owner in enumerate(("u1", "u2")):
        filled.clock.pass_(1)
        filled.exchange(f"y{number}").observe("identity", "owner_id", value=owner, exchange_id=f"y{number}")
    assert row(filled, "owner_id")["value"] == "u2"


def test_balances_in_two_currencies_are_two_rows(filled: Filled) -> None:
    for unit in ("USD", "CNY"):
        filled.observe("balance", "available", value="1.0", unit=unit, exchange_id="x1")
    found = [(one["unit"], one["value"]) for one in filled.records("metrics") if one["metric"] == "balance_available"]
    assert found == [("CNY", "1.0"), ("USD", "1.0")]


def test_a_metric_that_the_engine_refuses_is_named() -> None:
    store = Store(metric_sql={"tokens_limit": "SELECT nothing FROM limits"})
    with pytest.raises(CatalogueError, match=r"metrics\.toml: \[tokens_limit\]"):
        store.frame("metrics")
    store.close()
