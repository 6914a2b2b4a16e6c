"""Whatever an answer held goes in as the column's type or as unknown; no row stops the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pandas as pd
import pytest
from store_rows import Filled

from testkey_nb.errors import UnknownTable

NEW_YEAR = datetime.fromisoformat("2026-01-01")


def test_a_list_of_rows_goes_in_as_well_as_a_frame(filled: Filled) -> None:
    filled.store.insert(filled.run, "ref_families", [{"model_id": "m1", "family": "f"}, {"model_id": "m2"}])
    assert filled.records("ref_families") == [
        {"model_id": "m1", "family": "f"},
        {"model_id": "m2", "family": None},
    ]


def test_text_columns_take_numbers_flags_lists_and_times(filled: Filled) -> None:
    values = [Decimal("1.50"), 7, True, ["a"], NEW_YEAR, None, float("nan"), "x"]
    filled.rows(
        "observations", *({"key_id": "k1", "topic": "t", "name": str(n), "value": v} for n, v in enumerate(values))
    )
    assert list(filled.column("observations", "name", "value").values()) == [
        "1.50",
        "7",
        "true",
        '["a"]',
        "2026-01-01T00:00:00",
        None,
        None,
        "x",
    ]


@pytest.mark.parametrize("value", [2**70, -(2**70), float("inf"), "many", 1.5, [], True])
def test_a_context_window_that_is_no_whole_number_is_unknown(filled: Filled, value: object) -> None:
    filled.listed("m1", context_window=value).listed("m2", context_window=4096)
    assert filled.column("models", "model_id", "context_window") == {"m1": None, "m2": 4096}


@pytest.mark.parametrize(
    "value",
    [
        NEW_YEAR.replace(hour=12),
        datetime(2026, 1, 1, 12, tzinfo=UTC),
        datetime(2026, 1, 1, 14, tzinfo=timezone(timedelta(hours=2))),
        "2026-01-01T12:00:00Z",
        "2026-01-01T14:00:00+02:00",
    ],
)
def test_every_spelling_of_an_instant_is_naive_utc(filled: Filled, value: object) -> None:
    filled.listed("m1", created=value)
    assert filled.one("models")["created"] == "2026-01-01T12:00:00Z"


def test_text_that_is_no_utf8_does_not_stop_the_rows(filled: Filled) -> None:
    filled.rows(
        "exchanges",
        {"exchange_id": "x1", "key_id": "k1", "body_excerpt": "bad \ud800"},
        {"exchange_id": "x2", "body_excerpt": "nul \x00"},
    )
    assert filled.column("exchanges", "exchange_id", "body_excerpt") == {"x1": "bad ?", "x2": "nul \x00"}


def test_a_column_of_nothing_but_unknowns_goes_in(filled: Filled) -> None:
    filled.rows("observations", {"key_id": "k1", "topic": "t", "unlimited": None, "reset_at": None, "value": None})
    assert filled.one("observations")["unlimited"] is None


def test_an_unknown_column_is_an_error(filled: Filled) -> None:
    with pytest.raises(ValueError, match="no such column: colour"):
        filled.rows("keys", {"key_id": "k1", "colour": "red"})


@pytest.mark.parametrize("table", ["limits", "ref_metrics", "runs"])
def test_only_base_tables_of_runs_take_rows(filled: Filled, table: str) -> None:
    with pytest.raises(UnknownTable):
        filled.store.insert(filled.run, table, pd.DataFrame({"a": [1]}))


def test_bulk_rows_are_never_inserted_one_by_one() -> None:
    from pathlib import Path

    import testkey_nb.store.ingest as module

    texts = [path.read_text() for path in Path(str(module.__file__)).parent.glob("*.py")]
    assert not [text for text in texts if "executemany" in text]
