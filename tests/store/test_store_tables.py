"""The tables have the columns of the design, in order, with nullable types."""

from __future__ import annotations

import pytest
from store_rows import Filled

from testkey_nb.errors import BadQuery, UnknownTable
from testkey_nb.store import Store

COLUMNS = {
    "keys": "key_id label fingerprint source claimed_provider base_url added_at",
    "exchanges": "exchange_id key_id probe method host path status outcome latency_ms attempt sent_at headers "
    "body_excerpt authenticated",
    "metrics": "key_id provider probe metric model_id window value unit state exchange_id observed_at",
    "identity": "key_id label claimed_provider provider key_valid verdict confidence_db front transport upstream "
    "key_kind owner_id organization_id project token_type token_role token_scopes expires_at "
    "evidence",
    "models": "key_id provider model_id family name context_window max_output modalities features created "
    "retired_at exchange_id complete",
    "permissions": "key_id label provider model_id family scope state reason exchange_id",
    "limits": "key_id label model_id scope kind window limit remaining unit unlimited reset_at state source "
    "exchange_id",
    "balances": "key_id purse kind amount currency derived state exchange_id",
    "usage": "key_id period kind amount unit state exchange_id",
    "prices": "key_id provider model_id family source upstream tier input_mtok output_mtok cache_read_mtok "
    "cache_write_mtok currency effective_from checked age_days conflict",
    "diagnoses": "exchange_id key_id condition status cause cause_code move move_code whose",
}
BASE = {
    "runs": "run_id started_at first_answer_at expires_at",
    "observations": "key_id provider exchange_id probe topic name purse model_id scope window value remaining unit "
    "unlimited reset_at state reason source observed_at",
    "model_listings": "key_id provider exchange_id proves public",
    "verdicts": "key_id exchange_id verdict confidence_db provider front transport upstream key_kind shape_owner "
    "shape_text shape_refusal official expires_at reason candidates key_valid key_valid_reason contradicted "
    "observed_at",
    "evidence": "key_id exchange_id probe signal provider layer group db text source routed",
    "coverage": "key_id exchange_id metric probe state reason",
    "price_rows": "key_id provider exchange_id source checked",
}


@pytest.mark.parametrize(("table", "columns"), [*COLUMNS.items(), *BASE.items()], ids=[*COLUMNS, *BASE])
def test_a_table_begins_with_the_columns_of_the_design(table: str, columns: str) -> None:
    store = Store()
    names = columns.split()
    assert list(store.frame(table).columns)[: len(names)] == names
    store.close()


def test_an_empty_store_gives_typed_empty_frames() -> None:
    store = Store()
    dtypes = store.frame("limits").dtypes.astype(str)
    store.close()
    assert dtypes[["label", "limit", "unlimited", "reset_at"]].to_dict() == {
        "label": "str",
        "limit": "Float64",
        "unlimited": "boolean",
        "reset_at": "datetime64[us]",
    }


def test_types_stay_the_same_without_a_missing_cell(filled: Filled) -> None:
    filled.exchange("x1")
    dtypes = filled.store.frame("exchanges").dtypes.astype(str)
    assert dtypes[["status", "latency_ms", "authenticated", "sent_at"]].to_list() == [
        "Int64",
        "Float64",
        "boolean",
        "datetime64[us]",
    ]


def test_unknown_is_missing_in_a_frame(filled: Filled) -> None:
    filled.exchange("x1", status=None, latency_ms=None)
    assert filled.store.frame("exchanges")[["status", "latency_ms", "body_excerpt"]].isna().all(axis=None)


def test_rows_come_in_the_same_order_however_they_went_in() -> None:
    frames = []
    for order in (("m1", "m2", "m3"), ("m3", "m1", "m2")):
        made = Filled().key().exchange("x1")
        for model in order:
            made.listed(model, proves="listed")
        frames.append(made.store.frame("permissions"))
        made.store.close()
    assert frames[0].equals(frames[1])
    assert frames[0]["model_id"].to_list() == ["m1", "m2", "m3"]


def test_the_tables_are_in_the_order_of_the_design() -> None:
    store = Store()
    store.define("stages", "SELECT 1 AS one")
    store.define("mine", "SELECT 1 AS one")
    assert [*store.tables][-4:] == ["prices", "stages", "diagnoses", "mine"]
    store.close()


def test_an_unknown_table_names_near_ones() -> None:
    store = Store()
    with pytest.raises(UnknownTable, match="did you mean limits"):
        store.frame("limit")
    store.close()


def test_a_defined_table_keeps_its_own_order(filled: Filled) -> None:
    filled.store.define("risks", "SELECT * FROM (VALUES ('low', 2), ('high', 1)) v(severity, weight) ORDER BY weight")
    assert filled.store.frame("risks")["severity"].to_list() == ["high", "low"]


def test_a_definition_outlives_the_data(filled: Filled) -> None:
    filled.store.define("counted", "SELECT count(*) AS keys FROM keys")
    filled.store.purge()
    filled.again()
    assert filled.one("counted") == {"keys": 0}


def test_a_definition_may_be_replaced_after_the_lock(filled: Filled) -> None:
    filled.store.frame("keys")
    for number in (1, 2):
        filled.store.define("risks", f"SELECT {number} AS n")
    assert filled.one("risks") == {"n": 2}


@pytest.mark.parametrize("sql", ["DROP VIEW keys", "SELECT 1; SELECT 2", "SELECT nothing FROM keys", ""])
def test_a_definition_that_is_no_select_is_refused(filled: Filled, sql: str) -> None:
    with pytest.raises(BadQuery):
        filled.store.define("risks", sql)
