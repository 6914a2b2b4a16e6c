"""Derived tables that are worked out once between two changes, instead of at every look."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb

from testkey_nb.store.quoting import identifier
from testkey_nb.store.views import place_of

SCHEMA = "kept"


class Kept:
    """Which derived tables stand as rows at the moment; the others are views.

    Capabilities, stages, actions and risks all read the same facts, and those read permissions and limits: as views
    over views every look would work all of it out again, and a thousand keys would not fit into memory.
    """

    def __init__(self, sql: dict[str, str]) -> None:
        self._sql = sql
        self._needs: dict[str, set[str]] = {}
        self._rows: set[str] = set()

    def add(self, name: str, sql: str) -> None:
        """Knows a table that another room defined."""
        self._sql[name] = sql
        self._needs.pop(name, None)

    def missing(self, cursor: duckdb.DuckDBPyConnection, query: str) -> list[str]:
        """Gives the derived tables that the query reads and that are still views, each after those that it needs."""
        names: dict[str, None] = {}
        seen = set(self._rows)

        def visit(wanted: set[str]) -> None:
            for name in sorted(wanted & self._sql.keys() - seen):
                seen.add(name)  # before what it needs: a CTE may bear the name of the table around it
                if name not in self._needs:
                    self._needs[name] = tables_read(cursor, self._sql[name]) or set()
                visit(self._needs[name])
                names[name] = None

        read = tables_read(cursor, query)
        # a statement that cannot be taken apart may read any of them
        visit(set(self._sql) if read is None else read)
        return list(names)

    def keep(self, cursor: duckdb.DuckDBPyConnection, names: list[str], *, now: datetime) -> None:
        """Turns these views into rows, in this order."""
        cursor.execute(f"SET VARIABLE now_utc = TIMESTAMP '{now.isoformat(sep=' ')}'")
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        for name in names:
            cursor.execute(f"CREATE OR REPLACE TABLE {SCHEMA}.{identifier(name)} AS {self._sql[name]}")
            cursor.execute(f"CREATE OR REPLACE VIEW {place_of(name)} AS FROM {SCHEMA}.{identifier(name)}")
            self._rows.add(name)

    def drop(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Turns all rows back into views: something that they were made of has changed."""
        if not self._rows:
            return
        for name in self._rows:
            cursor.execute(f"CREATE OR REPLACE VIEW {place_of(name)} AS {self._sql[name]}")
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        self._rows.clear()


def tables_read(cursor: duckdb.DuckDBPyConnection, sql: str) -> set[str] | None:
    """Gives the names of the derived tables that a statement may read, as DuckDB parses it; None where it cannot say.

    It cannot for a PIVOT without a list of values, which is several statements in one.
    """
    ((text,),) = cursor.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()
    tree = json.loads(text)
    return None if tree["error"] else set(_tables(tree))


def _tables(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        name = str(node.get("table_name", "")).lower()
        # what else stands in `live` is a base table, which may have the name of the table that shows it
        if name and name.startswith("_") == (node.get("schema_name") == "live"):
            yield name
        for child in node.values():
            yield from _tables(child)
    elif isinstance(node, list):
        for child in node:
            yield from _tables(child)
