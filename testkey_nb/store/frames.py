"""Query results become frames with nullable types; unknown is NA, never 0 or an empty text."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd

from testkey_nb.errors import BadQuery
from testkey_nb.store.engine import first_line
from testkey_nb.store.ingest import typed
from testkey_nb.store.quoting import identifier

_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
_ZONED = "TIMESTAMP WITH TIME ZONE"
_HUGE = ("HUGEINT", "UHUGEINT", "UBIGINT")


def check_reads(query: str) -> str:
    """Gives the query, if it is one statement that only reads.

    Raises:
        BadQuery: it is empty, several statements, no SQL, or would change something.
    """
    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error as problem:
        raise BadQuery(first_line(problem)) from None
    except UnicodeError:
        raise BadQuery("the query is no valid text") from None
    # a PIVOT without a list of values is parsed into steps of its own: MULTI, or before DuckDB 2 one CREATE without a
    # text and then the SELECT
    kinds = [part.type.name for part in statements if part.type.name != "CREATE" or part.query]
    if not kinds:
        raise BadQuery("the query is empty")
    if len(kinds) > 1:
        raise BadQuery(f"one statement at a time, not {len(kinds)}")
    if kinds[0] not in ("SELECT", "MULTI"):
        raise BadQuery(f"the store only reads: SELECT, FROM, WITH, DESCRIBE, SUMMARIZE, PIVOT; this is {kinds[0]}")
    return query


def fetch_frame(cursor: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    """Gives the whole result as str, Int64, Float64, boolean, datetime64[us] (naive UTC); DECIMAL stays a Decimal."""
    cursor.execute(query)
    kinds = _kinds(cursor)
    zoned = [name for name, kind in kinds if kind == _ZONED]
    if zoned:
        # zoned times make duckdb's client warn under pandas 3, and the store's own times are naive UTC anyway
        cells = ", ".join(
            f"{identifier(name)} AT TIME ZONE 'UTC' AS {identifier(name)}" for name in dict.fromkeys(zoned)
        )
        cursor.execute(f"SELECT * REPLACE ({cells}) FROM ({query.rstrip().rstrip(';')}\n)")  # noqa: S608
        kinds = _kinds(cursor)
    if any(kind.startswith("DECIMAL") or kind in _HUGE for _, kind in kinds):
        # .df() would make floats of these
        rows = cursor.fetchall()
        columns = [_exact([row[place] for row in rows], kind) for place, (_, kind) in enumerate(kinds)]
        frame = pd.concat(columns, axis=1) if columns else pd.DataFrame()
        frame.columns = pd.Index([name for name, _ in kinds])
        return frame
    frame = cursor.df()
    for place, (_, kind) in enumerate(kinds):
        if (dtype := _dtype(kind)) is not None and str(frame.dtypes.iloc[place]) != dtype:
            frame.isetitem(place, frame.iloc[:, place].astype(pd.api.types.pandas_dtype(dtype)).array)
    return frame


def _kinds(cursor: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return [(str(column[0]), str(column[1])) for column in cursor.description or ()]


def _dtype(kind: str) -> str | None:
    if kind == "VARCHAR" or kind.startswith("ENUM"):
        return "str"
    if kind in _INTEGERS:
        return "Int64"
    if kind in ("DOUBLE", "FLOAT"):
        return "Float64"
    if kind == "BOOLEAN":
        return "boolean"
    return "datetime64[us]" if kind in ("DATE", "TIMESTAMP") else None


def _exact(values: list[Any], kind: str) -> pd.Series[Any]:
    if kind in _HUGE:
        fits = all(value is None or abs(value) < 2**63 for value in values)
        return pd.Series(values, dtype="Int64" if fits else object)
    dtype = _dtype(kind)
    if dtype is None:
        return pd.Series(values, dtype=object)
    plain = {"str": "VARCHAR", "Int64": "BIGINT", "Float64": "DOUBLE", "boolean": "BOOLEAN"}.get(dtype, "TIMESTAMP")
    return typed(values, plain)
