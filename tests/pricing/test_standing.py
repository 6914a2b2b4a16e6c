"""What a workload meets on its way: rights, money and limits of the key."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from testkey_nb.pricing import cost
from testkey_nb.pricing.standing import Standing

GOOD = {
    "key_id": "k",
    "key_valid": True,
    "key_kind": "project",
    "spent": False,
    "spent_text": None,
    "serves_nothing": False,
}


def standing(
    state: str = "callable",
    limits: list[dict[str, Any]] | None = None,
    balances: list[dict[str, Any]] | None = None,
    **key: Any,
) -> Standing:
    limit = {"key_id": "k", "model_id": "*", "scope": "key", "window": "minute"}
    columns = ["key_id", "model_id", "scope", "kind", "window", "limit"]
    return Standing.of(
        permissions=pd.DataFrame([{"key_id": "k", "model_id": "m", "scope": "key", "state": state}]),
        keys=pd.DataFrame([GOOD | key]),
        limits=pd.DataFrame([limit | row for row in limits or ()], columns=columns),
        balances=pd.DataFrame(
            [{"key_id": "k", "currency": "USD"} | row for row in balances or ()],
            columns=["key_id", "purse", "kind", "amount", "currency"],
        ),
    )


def costed(given: Standing, *, price: str = "1", **workload: Any) -> dict[str, Any]:
    prices = [{"key_id": "k", "provider": "p", "model_id": "m", "source": "s", "tier": "default", "input_mtok": price,
               "output_mtok": price, "currency": "USD", "age_days": 1, "conflict": False}]  # fmt: skip
    frame = cost(pd.DataFrame(prices), standing=given, **({"input_mtok": 1, "output_mtok": 0} | workload))
    return {name: None if pd.isna(value) else value for name, value in frame.iloc[0].items()}


@pytest.mark.parametrize(
    ("state", "key", "why"),
    [
        ("denied", {}, "may not call"),
        ("callable", {"key_valid": False}, "not valid"),
        ("callable", {"spent": True, "spent_text": "0 USD left in the account"}, "0 USD left in the account"),
        ("callable", {"serves_nothing": True, "key_kind": "admin"}, "admin"),
    ],
)
def test_what_may_not_be_used_has_a_cost_a_reason_and_no_rank(state: str, key: dict[str, Any], why: str) -> None:
    row = costed(standing(state, **key))
    assert row["rank"] is None
    assert why in row["reason"]
    assert row["cost"] == Decimal(1)


@pytest.mark.parametrize("state", ["callable", "listed"])
def test_what_may_be_used_has_a_rank_and_its_right(state: str) -> None:
    row = costed(standing(state))
    assert (row["rank"], row["permission"]) == (1, state)


def test_a_limit_is_held_against_the_busiest_minute() -> None:
    # 1,440,000 tokens a day are 1,000 a minute on average, 2,000 at the peak
    day = {"input_mtok": "1.44"}
    assert costed(standing(limits=[{"kind": "tokens", "limit": 2000.0}]), **day)["carries"].startswith("yes")
    assert costed(standing(limits=[{"kind": "tokens", "limit": 1999.0}]), **day)["carries"].startswith("no")
    assert costed(standing(limits=[{"kind": "tokens", "limit": 1000.0}]), **day, peak=1)["carries"].startswith("yes")


def test_requests_are_held_against_limits_only_where_they_are_told() -> None:
    limited = standing(limits=[{"kind": "requests", "window": "day", "limit": 10.0}])
    assert costed(limited)["carries"] is None
    assert costed(limited, requests=10)["carries"].startswith("yes")
    assert costed(limited, requests=11)["carries"].startswith("no")


@pytest.mark.parametrize("other", [{"model_id": "another"}, {"scope": "group:free-models"}, {"scope": "route"}])
def test_a_limit_of_something_else_says_nothing(other: dict[str, str]) -> None:
    assert costed(standing(limits=[{"kind": "tokens", "limit": 1.0} | other]))["carries"] is None


def test_days_left_follow_the_tighter_of_cap_and_money() -> None:
    money = {"purse": "account", "kind": "available", "amount": "30"}
    cap = {"purse": "cap", "kind": "remaining", "amount": "5"}
    assert costed(standing(balances=[money]))["days_left"] == Decimal("30.0")
    assert costed(standing(balances=[money, cap]))["days_left"] == Decimal("5.0")
    assert costed(standing(balances=[money, cap]), per="hour")["days_left"] == Decimal("0.2")


def test_what_was_used_or_granted_lasts_for_no_day() -> None:
    used = {"purse": "account", "kind": "used", "amount": "30"}
    assert costed(standing(balances=[used]))["days_left"] is None


def test_a_cached_share_is_priced_and_counted_as_read_from_the_cache() -> None:
    limited = standing(limits=[{"kind": "uncached_input_tokens", "window": "day", "limit": 500_000.0}])
    row = costed(limited, cached_share="0.5")
    assert row["carries"].startswith("yes")
    assert (row["input_cost"], row["cache_cost"]) == (Decimal("0.5"), Decimal("0.5"))


def test_rates_compare_currencies() -> None:
    offer = {"provider": "p", "model_id": "m", "source": "s", "tier": "default", "output_mtok": "0", "conflict": False}
    frame = pd.DataFrame(
        [
            offer | {"key_id": "a", "input_mtok": "1", "currency": "USD"},
            offer | {"key_id": "b", "input_mtok": "2", "currency": "CNY"},
        ]
    )
    ranked = cost(frame, input_mtok=1, output_mtok=0, rates={"USD": 1, "CNY": "0.14"})
    assert list(zip(ranked["key_id"], ranked["rank"], strict=True)) == [("b", 1), ("a", 2)]


@pytest.mark.parametrize("wrong", [{"cached_share": 1.5}, {"per": "year"}, {"peak": "x"}, {"rates": {"CNY": "much"}}])
def test_a_workload_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        costed(standing(), **wrong)
