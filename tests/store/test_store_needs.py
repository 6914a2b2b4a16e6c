"""Before a query the derived tables that it reads are worked out, and no others."""

from __future__ import annotations

import duckdb
import pytest
from store_rows import Filled

from testkey_nb.store.materialized import Kept, tables_read
from testkey_nb.store.schema import RUN_TABLES

SQL = {"a": "SELECT 1 AS n", "b": "FROM a", "c": "WITH c AS (FROM b) FROM c", "_d": "SELECT 'a' AS text"}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("FROM a", ["a"]),
        ('SELECT * FROM main."B"', ["a", "b"]),
        ("SELECT (SELECT n FROM b) AS n", ["a", "b"]),
        ("FROM c", ["a", "b", "c"]),
        ("FROM live._d", ["_d"]),
        ("FROM live.a", []),
        ("SELECT 'FROM a' AS b -- FROM c", []),
        ("PIVOT b ON n IN (1) USING count(*)", ["a", "b"]),
        ("SELECT 1", []),
    ],
)
def test_what_a_query_reads_comes_after_what_that_needs(query: str, names: list[str]) -> None:
    assert Kept(dict(SQL)).missing(duckdb.connect(), query) == names


def test_a_pivot_over_unknown_values_may_read_any_table() -> None:
    assert set(Kept(dict(SQL)).missing(duckdb.connect(), "PIVOT a ON n USING count(*)")) == set(SQL)


def test_a_table_defined_anew_needs_what_its_new_sql_reads() -> None:
    kept, cursor = Kept(dict(SQL)), duckdb.connect()
    kept.missing(cursor, "FROM b")
    kept.add("b", "FROM live._d")
    assert kept.missing(cursor, "FROM b") == ["_d", "b"]


def test_a_statement_that_is_no_single_select_names_no_tables() -> None:
    assert tables_read(duckdb.connect(), "PIVOT a ON n USING count(*)") is None


def test_a_defined_table_may_use_its_own_name_inside(filled: Filled) -> None:
    filled.store.define("risks", "WITH risks AS (SELECT count(*) AS n FROM keys) FROM risks")
    assert filled.one("risks") == {"n": 1}


def test_a_derived_table_is_worked_out_anew_after_a_change(filled: Filled) -> None:
    filled.store.frame("identity")
    filled.key("k2")
    assert len(filled.store.frame("identity")) == 2


def test_a_metric_may_have_a_quote_in_its_name() -> None:
    cells = ("NULL AS model_id", 'NULL AS "window"', "'v' AS value", "NULL AS unit", "NULL AS state")
    made = Filled(metric_sql={"it's": f"SELECT key_id, {', '.join(cells)}, NULL AS exchange_id FROM keys"})
    assert made.key().one("metrics")["metric"] == "it's"
    made.store.close()


def test_every_base_table_of_a_run_goes_with_it(filled: Filled) -> None:
    gone = filled.again().run
    for table, columns in RUN_TABLES.items():
        filled.rows(table, dict.fromkeys([*columns][:1], "EXAMPLE-gone"))
    filled.store.purge(gone)
    left = {table: filled.store.frame(table).to_csv() for table in RUN_TABLES}
    assert [table for table, text in left.items() if "EXAMPLE-gone" in text] == []
