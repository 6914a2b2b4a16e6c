"""Rows become typed columns that DuckDB takes in one bulk insert."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd

from testkey_nb.store.quoting import identifier

_INT_MAX = {"INTEGER": 2**31 - 1, "BIGINT": 2**63 - 1}


def insert(cursor: duckdb.DuckDBPyConnection, place: str, columns: Mapping[str, str], frame: pd.DataFrame) -> None:
    """Appends a typed frame to a table: one statement, however many rows."""
    if frame.empty:
        return
    names = [name for name in columns if name in frame.columns]
    cells = ", ".join(f"CAST({identifier(name)} AS {columns[name]})" for name in names)
    cursor.register("incoming", frame)
    try:
        cursor.execute(
            f"INSERT INTO {place} ({', '.join(map(identifier, names))}) SELECT {cells} FROM incoming"  # noqa: S608
        )
    finally:
        cursor.unregister("incoming")


def typed_frame(rows: pd.DataFrame | Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Gives the rows as a frame of exactly typed columns; a cell that is no value of its column is unknown.

    Raises:
        ValueError: a column that the table does not have.
    """
    if isinstance(rows, pd.DataFrame):
        names = [str(name) for name in rows.columns]
        data = {name: typed(rows.iloc[:, place], columns.get(name, "")) for place, name in enumerate(names)}
    else:
        names = list(dict.fromkeys(name for row in rows for name in row))
        data = {name: typed([row.get(name) for row in rows], columns.get(name, "")) for name in names}
    if unknown := [name for name in names if name not in columns]:
        raise ValueError(f"no such column: {', '.join(unknown)}; the table has {', '.join(columns)}")
    return pd.DataFrame(data)


def typed(values: pd.Series[Any] | Iterable[Any], kind: str) -> pd.Series[Any]:
    """Gives one column as the pandas type of a DuckDB type; what does not fit becomes unknown."""
    column: pd.Series[Any] = values if isinstance(values, pd.Series) else pd.Series(list(values), dtype=object)
    column = column.reset_index(drop=True)
    if kind in ("TIMESTAMP", "DATE"):
        return _times(column)
    if kind == "DOUBLE":
        return pd.to_numeric(column, errors="coerce").astype("Float64")
    if kind == "BOOLEAN":
        if column.dtype != "boolean" and column.dtype != bool:
            column = pd.Series([cell if isinstance(cell, bool) else _truth(cell) for cell in column], dtype=object)
        return column.astype("boolean")
    if kind in _INT_MAX:
        if pd.api.types.is_integer_dtype(column.dtype):
            return column.astype("Int64")
        return pd.Series(pd.array([_whole(cell, _INT_MAX[kind]) for cell in column], dtype="Int64"))
    return _texts(column)


def _texts(column: pd.Series[Any]) -> pd.Series[Any]:
    if isinstance(column.dtype, pd.StringDtype):
        texts = column
    elif column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty"):
        texts = column.astype("str")
    else:
        texts = pd.Series([_text(text) for text in column], dtype=object).astype("str")
    try:
        # a lone surrogate, which JSON can carry, is no UTF-8; one cell of a hostile answer must not stop the others
        "".join(texts.dropna()).encode()
    except UnicodeEncodeError:
        texts = texts.map(lambda text: text.encode("utf-8", "replace").decode(), na_action="ignore").astype("str")
    return texts


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, Decimal):
        return format(value, "f")
    if pd.isna(value):
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _truth(value: Any) -> bool | None:
    return {"true": True, "false": False}.get(str(value).lower())


def _whole(value: Any, most: int) -> int | None:
    try:
        number = int(value) if isinstance(value, str) else value
        if number is None or isinstance(number, bool) or not math.isfinite(number) or number != int(number):
            return None
    except (TypeError, ValueError, OverflowError):
        return None
    return int(number) if abs(number) <= most else None


def _times(column: pd.Series[Any]) -> pd.Series[Any]:
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        # naive means UTC, as everywhere in the store
        column = pd.to_datetime(column.astype(object), utc=True, errors="coerce", format="ISO8601")
    if column.dt.tz is not None:
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    return column.astype("datetime64[us]")
