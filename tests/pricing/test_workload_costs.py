"""What a workload costs: exact, cheapest first, silent about nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from testkey_nb.pricing import cost

COLUMNS = [
    "key_id",
    "label",
    "provider",
    "model_id",
    "source",
    "tier",
    "input_mtok",
    "output_mtok",
    "cache_read_mtok",
    "cache_write_mtok",
    "currency",
    "age_days",
    "conflict",
]


def offer(key_id: str, price: tuple[str | None, str | None], **more: Any) -> dict[str, Any]:
    return {
        "key_id": key_id,
        "label": key_id.upper(),
        "provider": f"p-{key_id}",
        "model_id": "gpt-oss-120b",
        "source": "s",
        "tier": "default",
        "input_mtok": price[0],
        "output_mtok": price[1],
        "currency": "USD",
        "age_days": 1,
        "conflict": False,
    } | more


def book(*offers: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(offers), columns=COLUMNS)


def test_the_cheapest_comes_first_and_sums_are_exact() -> None:
    frame = cost(book(offer("a", ("0.3", "0.1")), offer("b", ("0.1", "0.2"))), input_mtok=3, output_mtok=0.1)
    assert list(frame["key_id"]) == ["b", "a"]
    assert list(frame["cost"]) == [Decimal("0.32"), Decimal("0.91")]
    assert list(frame["rank"]) == [1, 2]
    assert frame["input_cost"][0] == Decimal("0.3")
    assert all(isinstance(value, Decimal) for value in frame["cost"])


def test_a_missing_price_stays_at_the_end_and_is_never_zero() -> None:
    frame = cost(book(offer("a", (None, "0.1")), offer("b", ("9", "9"))), input_mtok=1, output_mtok=1)
    assert list(frame["key_id"]) == ["b", "a"]
    assert frame["cost"].isna().tolist() == [False, True]
    assert "input_mtok" in frame["reason"][1]


def test_a_missing_output_price_does_not_matter_without_output() -> None:
    frame = cost(book(offer("a", ("2", None))), input_mtok=1, output_mtok=0)
    assert frame["cost"].tolist() == [Decimal(2)]


def test_a_price_that_depends_on_the_route_is_no_price() -> None:
    frame = cost(book(offer("a", ("-1000000", "-1000000"))), input_mtok=1, output_mtok=1)
    assert frame["cost"].isna().all()
    assert "route" in frame["reason"][0]


def test_a_free_model_costs_zero() -> None:
    assert cost(book(offer("a", ("0", "0"))), input_mtok=1, output_mtok=1)["cost"].tolist() == [Decimal(0)]


def test_currencies_are_ranked_apart_and_say_so() -> None:
    frame = cost(
        book(offer("a", ("1", "1")), offer("b", ("0.5", "0.5"), currency="CNY"), offer("c", ("2", "2"))),
        input_mtok=1,
        output_mtok=1,
    )
    assert list(zip(frame["currency"], frame["rank"], strict=True)) == [("USD", 1), ("USD", 2), ("CNY", 1)]
    assert frame["assumption"].str.contains("currencies are not compared").all()


LENGTHS = [(None, "default"), (10, "default"), (5, "default"), (4, ">200000"), (1, ">500000")]


@pytest.mark.parametrize(("requests", "tier"), LENGTHS)
def test_the_length_of_a_request_picks_the_context_tier(requests: int | None, tier: str) -> None:
    offers = [offer("a", (str(n), "1"), tier=name) for n, name in enumerate(("default", ">200000", ">500000"), 1)]
    frame = cost(book(*offers), input_mtok=1, output_mtok=0, requests=requests)
    assert frame["tier"].tolist() == [tier]
    assert (requests is None) == ("200,000" in str(frame["assumption"][0]))


def test_hours_are_offers_of_their_own_and_batch_only_when_asked_for() -> None:
    offers = [offer("a", (str(n), "1"), tier=name) for n, name in enumerate(("default", "01:00-04:00 UTC", "batch"), 1)]
    assert cost(book(*offers), input_mtok=1, output_mtok=0)["tier"].tolist() == ["default", "01:00-04:00 UTC"]
    assert cost(book(*offers), input_mtok=1, output_mtok=0, tier="batch")["tier"].tolist() == ["batch"]


def test_cached_tokens_without_a_price_count_as_input_and_say_so() -> None:
    frame = cost(book(offer("a", ("2", "1"))), input_mtok=0, output_mtok=0, cache_read_mtok=3)
    assert frame["cost"].tolist() == [Decimal(6)]
    assert "cache reads" in frame["assumption"][0]


def test_old_prices_and_conflicts_are_said() -> None:
    frame = cost(book(offer("a", ("2", "1"), age_days=400, conflict=True)), input_mtok=1, output_mtok=0)
    assert "400 days" in frame["assumption"][0]
    assert "disagree" in frame["assumption"][0]


def test_any_id_of_a_family_selects_it() -> None:
    offers = book(
        offer("a", ("1", "1"), model_id="accounts/fireworks/models/llama-v3p3-70b-instruct"),
        offer("b", ("1", "1")),
    )
    assert cost(offers, input_mtok=1, output_mtok=1, family="llama-3.3-70b-versatile")["key_id"].tolist() == ["a"]
    assert cost(offers, input_mtok=1, output_mtok=1, model="gpt-oss-120b")["key_id"].tolist() == ["b"]


def test_a_callable_model_without_any_price_is_a_row_that_says_so() -> None:
    rights = pd.DataFrame(
        {
            "key_id": ["a", "z", "y"],
            "label": ["A", "Z", "Y"],
            "provider": "p",
            "model_id": "gpt-oss-120b",
            "state": ["callable", "callable", "denied"],
        }
    )
    frame = cost(book(offer("a", ("1", "1"))), input_mtok=1, output_mtok=1, models=rights)
    assert frame["label"].tolist() == ["A", "Z"]
    assert "no source" in frame["reason"][1]


def test_no_offer_is_an_empty_frame_with_all_columns() -> None:
    frame = cost(book(), input_mtok=1, output_mtok=1)
    assert frame.empty
    assert {"cost", "currency", "assumption"} <= set(frame.columns)


@pytest.mark.parametrize(
    "wrong", [{"input_mtok": -1}, {"input_mtok": "x"}, {"input_mtok": float("nan")}, {"requests": 0}]
)
def test_wrong_amounts_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        cost(book(), **({"input_mtok": 1, "output_mtok": 1} | wrong))
