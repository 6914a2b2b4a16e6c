"""List prices: one unit, exact, dated, and only the provider's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from testkey_nb.errors import UnknownProvider
from testkey_nb.pricing import most_it_costs, prices, rows_for

NOW = datetime.fromisoformat("2026-11-23T12:00")


@dataclass
class Known:
    id: str
    genai_prices: str | None


@dataclass
class Catalogue:
    """The two things pricing asks a catalogue for."""

    providers: Any = field(
        default_factory=lambda: MappingProxyType(
            {
                "fireworks": Known("fireworks", "fireworks"),
                "gemini": Known("gemini", "google"),
                "groq": Known("groq", "groq"),
                "openai": Known("openai", "openai"),
                "deepseek": Known("deepseek", "deepseek"),
                "llama.cpp": Known("llama.cpp", None),
            }
        )
    )

    def provider(self, name: str) -> Known:
        try:
            return self.providers[name]
        except KeyError:
            raise UnknownProvider(name) from None


BOOK: Any = Catalogue()


def test_a_family_is_found_at_every_provider_under_our_names() -> None:
    frame = prices(model="accounts/fireworks/models/gpt-oss-120b", catalogue=BOOK, now=NOW)
    assert {"fireworks", "groq"} <= set(frame["provider"])
    assert set(frame["family"]) == {"gpt-oss-120b"}
    assert "google" not in set(prices(provider="gemini", catalogue=BOOK, now=NOW)["provider"])


def test_money_is_exact_decimal_text() -> None:
    frame = prices(catalogue=BOOK, now=NOW)
    for unit in ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok"):
        texts = frame[unit].dropna()
        assert all(isinstance(text, str) and "E" not in text and Decimal(text) >= 0 for text in texts)
    assert set(frame["currency"]) == {"USD"}


def test_long_contexts_are_tiers_of_their_own() -> None:
    frame = prices(model="gemini-2.5-pro", provider="gemini", catalogue=BOOK, now=NOW).set_index("tier")
    assert frame.loc["default", "input_mtok"] == "1.25"
    assert frame.loc[">200000", "input_mtok"] == "2.5"


def test_hours_are_tiers_of_their_own() -> None:
    frame = prices(model="deepseek-v4-pro", provider="deepseek", catalogue=BOOK, now=NOW)
    assert {"default", "01:00-04:00 UTC", "06:00-10:00 UTC"} <= set(frame["tier"])


def test_a_dated_price_counts_from_its_day_on() -> None:
    def price(at: datetime) -> tuple[str, Any]:
        row = (
            prices(model="o3", provider="openai", catalogue=BOOK, now=at)
            .query("tier == 'default' and model_id == 'o3'")
            .iloc[0]
        )
        return row["input_mtok"], row["effective_from"]

    before, after = price(datetime.fromisoformat("2025-06-01")), price(NOW)
    assert Decimal(before[0]) == 5 * Decimal(after[0])
    assert after[1] == datetime.fromisoformat("2025-06-10")


def test_every_row_says_source_and_age() -> None:
    frame = prices(provider="groq", catalogue=BOOK, now=NOW)
    assert frame["source"].str.startswith("genai-prices ").all()
    assert frame["age_days"].between(0, 366).all()


def test_an_unmapped_provider_keeps_its_own_id_and_an_unknown_one_is_an_error() -> None:
    assert set(prices(provider="ovhcloud", catalogue=BOOK, now=NOW)["provider"]) == {"ovhcloud"}
    with pytest.raises(UnknownProvider):
        prices(provider="nobody", catalogue=BOOK, now=NOW)


def test_a_provider_without_prices_is_an_empty_frame_with_all_columns() -> None:
    frame = prices(provider="llama.cpp", catalogue=BOOK, now=NOW)
    assert frame.empty
    assert {"provider", "model_id", "family", "tier", "input_mtok", "age_days"} <= set(frame.columns)


@pytest.mark.parametrize(
    ("provider", "model_id"),
    [
        ("fireworks", "accounts/fireworks/models/gpt-oss-120b"),
        ("gemini", "models/gemini-2.5-flash"),
        ("groq", "llama-3.3-70b-versatile"),
        ("openai", "gpt-4o-2024-08-06"),
    ],
)
def test_a_listed_id_finds_its_price_and_keeps_its_spelling(provider: str, model_id: str) -> None:
    rows = rows_for(provider, [model_id], now=NOW, catalogue=BOOK)
    assert rows
    assert {row["model_id"] for row in rows} == {model_id}


def test_another_providers_price_is_never_lent() -> None:
    assert rows_for("groq", ["gpt-5", "claude-sonnet-4-5"], now=NOW, catalogue=BOOK) == []
    assert rows_for("llama.cpp", ["gpt-oss-120b"], now=NOW, catalogue=BOOK) == []
    assert rows_for("nobody", ["gpt-oss-120b"], now=NOW, catalogue=BOOK) == []


def plan(**row: Any) -> dict[str, Any]:
    return most_it_costs(
        {"provider": "openai", "times": 1, "input_tokens": 0, "output_tokens": 0} | row,
        catalogue=BOOK,
        now=NOW,
    )


def test_reading_costs_nothing() -> None:
    assert plan() == {"max_cost": Decimal(0), "currency": None}


def test_the_most_an_active_request_costs_is_exact() -> None:
    assert plan(model_id="gpt-4o-mini", input_tokens=8, output_tokens=1, times=2)["max_cost"] > Decimal("0.0000036")
    assert plan(model_id="gpt-4o-mini", input_tokens=8)["currency"] == "USD"


def test_a_model_not_chosen_yet_costs_what_the_dearest_does() -> None:
    any_model = plan(model_id=None, input_tokens=8, output_tokens=1)["max_cost"]
    assert any_model > plan(model_id="gpt-4o-mini", input_tokens=8, output_tokens=1)["max_cost"]


def test_an_unknown_price_is_no_zero() -> None:
    assert plan(provider="llama.cpp", model_id="x", input_tokens=8)["max_cost"] is None
    assert plan(provider=None, model_id="x", input_tokens=8)["max_cost"] is None
