"""Limits, balances, usage, prices, models and diagnoses say what was told, and nothing that was not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from store_rows import START, Filled


def test_a_limit_keeps_its_numbers_window_and_source(filled: Filled) -> None:
    filled.exchange("x1").observe(
        "limit",
        "tokens",
        value="30000",
        remaining="29000",
        window="minute",
        source="x-tokens",
        exchange_id="x1",
        reset_at=START,
        model_id="m1",
    )
    assert filled.one("limits") == {
        "key_id": "k1",
        "label": "label-k1",
        "model_id": "m1",
        "scope": "key",
        "kind": "tokens",
        "window": "minute",
        "limit": 30000.0,
        "remaining": 29000.0,
        "unit": "tokens",
        "unlimited": False,
        "reset_at": "2026-11-23T12:00:00Z",
        "state": "confirmed",
        "source": "x-tokens",
        "exchange_id": "x1",
    }


def test_the_newest_limit_counts(filled: Filled) -> None:
    for number in (1, 2):
        filled.clock.pass_(1)
        filled.observe("limit", "requests", value=str(number), window="minute", exchange_id=f"x{number}")
    assert (filled.one("limits")["limit"], filled.one("limits")["exchange_id"]) == (2.0, "x2")


def test_a_row_that_only_counts_down_does_not_hide_the_limit(filled: Filled) -> None:
    filled.observe("limit", "requests", value="60", remaining="59", window="minute", exchange_id="x1")
    filled.clock.pass_(1)
    filled.observe("limit", "requests", remaining="7", window="minute", exchange_id="x2")
    found = filled.one("limits")
    assert (found["limit"], found["remaining"]) == (60.0, 7.0)


@pytest.mark.parametrize("cells", [{"unlimited": True}, {"value": "inf"}, {"unlimited": True, "value": "5"}])
def test_a_limit_told_to_be_none_is_unlimited_with_no_number(filled: Filled, cells: dict[str, Any]) -> None:
    filled.observe("limit", "tokens", window="day", **cells)
    found = filled.one("limits")
    assert (found["limit"], found["unlimited"], found["state"]) == (None, True, "confirmed")


def test_a_limit_without_a_number_is_unknown_not_zero(filled: Filled) -> None:
    filled.observe("limit", "tokens", window="day", value="lots")
    found = filled.one("limits")
    assert (found["limit"], found["remaining"], found["unlimited"], found["state"]) == (None, None, False, "unknown")


def test_limits_of_models_scopes_and_windows_stand_apart(filled: Filled) -> None:
    filled.observe("limit", "tokens", value="1", window="minute")
    filled.observe("limit", "tokens", value="2", window="day")
    filled.observe("limit", "tokens", value="3", window="minute", model_id="m1")
    filled.observe("limit", "tokens", value="4", window="minute", scope="project:p1")
    assert sorted(filled.column("limits", "limit", "scope").items()) == [
        (1.0, "key"),
        (2.0, "key"),
        (3.0, "key"),
        (4.0, "project:p1"),
    ]


def test_context_and_output_of_listed_models_are_limits_per_request(filled: Filled) -> None:
    filled.exchange("x1").listed("m1", context_window=4096, max_output=512).listed("m2")
    rows = [
        (r["model_id"], r["kind"], r["window"], r["limit"], r["unit"], r["source"]) for r in filled.records("limits")
    ]
    assert rows == [
        ("m1", "context", "none", 4096.0, "tokens", "context_window"),
        ("m1", "max_output", "none", 512.0, "tokens", "max_output"),
    ]


def test_a_spend_cap_stands_in_limits_and_exactly_in_balances(filled: Filled) -> None:
    filled.observe("limit", "spend", value="10.10", unit="USD", window="month", exchange_id="x1")
    assert (filled.one("limits")["limit"], filled.one("limits")["unit"]) == (10.1, "USD")
    assert {name: filled.one("balances")[name] for name in ("kind", "amount", "currency")} == {
        "kind": "cap",
        "amount": "10.10",
        "currency": "USD",
    }


def test_a_cap_told_as_a_balance_stands_in_limits_too(filled: Filled) -> None:
    filled.observe("balance", "cap", value="5.00", unit="EUR", exchange_id="x1")
    found = filled.one("limits")
    assert (found["kind"], found["window"], found["limit"], found["unit"]) == ("spend", "lifetime", 5.0, "EUR")


def test_a_cap_told_both_ways_stands_once_in_each(filled: Filled) -> None:
    filled.observe("balance", "cap", value="5.00", unit="USD").observe(
        "limit", "spend", value="5", unit="USD", window="day"
    )
    assert filled.one("balances")["amount"] == "5.00"
    assert filled.one("limits")["window"] == "day"


def test_a_cap_in_characters_that_is_a_limit_too_is_no_spend(filled: Filled) -> None:
    filled.observe("balance", "cap", value="100", unit="characters").observe(
        "limit", "characters", value="100", window="month", scope="organization"
    )
    assert filled.one("limits")["kind"] == "characters"


@pytest.mark.parametrize("amount", ["0.10", "123456789012345678901234567890.123456789", "-3.50", "1e-7"])
def test_money_stays_the_text_that_was_told(filled: Filled, amount: str) -> None:
    filled.observe("balance", "available", value=amount, unit="USD").observe(
        "usage", "spend", value=amount, unit="USD", window="day"
    )
    assert (filled.one("balances")["amount"], filled.one("usage")["amount"]) == (amount, amount)


def test_a_balance_has_one_row_per_kind_and_currency(filled: Filled) -> None:
    for unit, value in (("USD", "1"), ("CNY", "2"), ("USD", "3")):
        filled.clock.pass_(1)
        filled.observe("balance", "available", value=value, unit=unit)
    assert filled.column("balances", "currency", "amount") == {"CNY": "2", "USD": "3"}


def test_the_balance_of_another_project_is_not_the_keys(filled: Filled) -> None:
    filled.observe("balance", "available", value="9", unit="USD", scope="project:p1")
    assert filled.records("balances") == []


def test_a_balance_that_was_not_told_is_unknown_not_zero(filled: Filled) -> None:
    filled.observe("balance", "available", unit="USD", state="invisible").observe("balance", "total", unit="USD")
    assert [(r["kind"], r["amount"], r["state"]) for r in filled.records("balances")] == [
        ("available", None, "invisible"),
        ("total", None, "unknown"),
    ]


def test_usage_by_model_is_added_up_exactly(filled: Filled) -> None:
    for model, amount in (("m1", "0.10"), ("m2", "0.20")):
        filled.observe(
            "usage", "spend", value=amount, unit="USD", window="2026-11-22/P1D", model_id=model, exchange_id="x1"
        )
    assert filled.one("usage")["amount"] == "0.3"


def test_a_total_is_not_added_to_its_parts(filled: Filled) -> None:
    filled.observe("usage", "tokens", value="10", window="day").observe(
        "usage", "tokens", value="4", window="day", model_id="m1"
    )
    assert filled.one("usage")["amount"] == "10"


def test_a_whole_sum_keeps_its_zeros(filled: Filled) -> None:
    for model in ("m1", "m2"):
        filled.observe("usage", "tokens", value="50", window="day", model_id=model)
    assert filled.one("usage")["amount"] == "100"


@pytest.mark.parametrize(
    ("other", "conflict"),
    [("1.01", False), ("1.0101", True), ("0.99", True), ("1.000", False), (None, False), ("0", True)],
)
def test_two_sources_conflict_beyond_one_percent(filled: Filled, other: str | None, conflict: bool) -> None:
    filled.price("m1", "provider", input_mtok="1.00").price("m1", "list", input_mtok=other)
    assert set(filled.column("prices", "source", "conflict").values()) == {conflict}


def test_no_tier_is_the_default_tier(filled: Filled) -> None:
    filled.price("m1", "provider", input_mtok="1").price("m1", "list", input_mtok="2", tier="default")
    rows = [(row["tier"], row["conflict"]) for row in filled.records("prices")]
    assert rows == [("default", True), ("default", True)]


@pytest.mark.parametrize("cells", [{"tier": "batch"}, {"currency": "CNY"}, {"upstream": "u1"}, {"model_id": "m2"}])
def test_unlike_prices_are_no_conflict(filled: Filled, cells: dict[str, Any]) -> None:
    filled.price("m1", "provider", input_mtok="1").rows(
        "price_rows", {"key_id": "k1", "model_id": "m1", "source": "list", "currency": "USD", "input_mtok": "2"} | cells
    )
    assert [row["conflict"] for row in filled.records("prices")] == [False, False]


def test_the_age_of_a_price_is_counted_from_its_check(filled: Filled) -> None:
    filled.price("m1", "list", input_mtok="0.10", checked=START - timedelta(days=12)).price("m2", "list")
    assert filled.column("prices", "model_id", "age_days") == {"m1": 12, "m2": None}
    assert filled.column("prices", "model_id", "input_mtok") == {"m1": "0.10", "m2": None}


def test_a_model_in_two_lists_is_one_row_with_the_cells_of_both(filled: Filled) -> None:
    filled.exchange("x1").exchange("x2", request="public", authenticated=False)
    filled.listed("m1", "x2", public=True, name="M one", context_window=1).listed(
        "m1", proves="callable", context_window=2
    )
    found = filled.one("models")
    assert (found["name"], found["context_window"], found["exchange_id"]) == ("M one", 2, "x1")


def test_every_failed_exchange_has_its_diagnosis(filled: Filled) -> None:
    told = {"condition": "invalid-api-key", "cause": "no such key", "move": "make a new one", "key_valid": False}
    filled.exchange("x1").exchange("x2", status=401, outcome="refused", **told)
    filled.exchange("x3", status=None, outcome="timeout")
    names = ("exchange_id", "condition", "status", "cause", "move")
    assert [tuple(row[name] for name in names) for row in filled.records("diagnoses")] == [
        ("x2", "invalid-api-key", 401, "no such key", "make a new one"),
        ("x3", None, None, None, None),
    ]
