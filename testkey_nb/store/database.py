"""The tables of the groups that live, in an engine that is opened when first needed and closed with the last group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import duckdb
import pandas as pd

from testkey_nb.errors import BadQuery
from testkey_nb.store.engine import Engine, apart, first_line
from testkey_nb.store.expiry import Group
from testkey_nb.store.ingest import insert
from testkey_nb.store.materialized import Kept
from testkey_nb.store.schema import RUN_TABLES
from testkey_nb.store.views import create_views, define_view, unite


class Database:
    """Each group has a schema of its own, so that its rows can be dropped whole. Not thread-safe: `Store` locks.

    Attributes:
        defined: SQL of the views that other rooms added; they come back with every new engine.
    """

    def __init__(
        self, *, reference: Mapping[str, pd.DataFrame], metric_sql: Mapping[str, str], memory_limit: str
    ) -> None:
        self._reference, self._metric_sql, self._memory_limit = reference, metric_sql, memory_limit
        self.defined: dict[str, str] = {}
        self._engine: Engine | None = None
        self._kept = Kept({})

    def engine(self, groups: Iterable[Group]) -> Engine:
        """Gives the engine; a new one has every view and no rows.

        Raises:
            CatalogueError, BadQuery: SQL of a metric or of a defined view that the engine refuses.
        """
        if self._engine is None:
            engine = Engine(memory_limit=self._memory_limit)
            try:
                with engine.writing() as cursor:
                    self._kept = Kept(create_views(cursor, self._reference, self._metric_sql, groups=groups))
                    for name, sql in self.defined.items():
                        define_view(cursor, name, sql)
                        self._kept.add(name, sql)
            except BaseException:
                engine.close()
                raise
            self._engine = engine
        return self._engine

    def define(self, name: str, sql: str) -> None:
        """Adds or replaces a view; one that the open engine refuses is not added.

        Raises:
            BadQuery: it is refused.
        """
        if self._engine is not None:
            with self._engine.writing() as cursor:
                self._kept.drop(cursor)
                define_view(cursor, name, sql)
            self._kept.add(name, sql)
        self.defined[name] = sql

    def prepare(self, query: str, *, now: datetime) -> None:
        """Works out the derived tables that the query names, unless they stand since the last change.

        Raises:
            BadQuery: the engine cannot (its memory does not suffice, say).
        """
        engine = self._engine
        if engine is None:
            return

        def work() -> str | None:
            with engine.writing() as cursor:
                try:
                    if names := self._kept.missing(cursor, query):
                        self._kept.keep(cursor, names, now=now)
                except duckdb.Error as problem:
                    return first_line(problem)
            return None

        if (problem := apart(work)) is not None:
            raise BadQuery(problem)

    def append(self, group: Group, table: str, frame: pd.DataFrame, *, groups: Iterable[Group]) -> None:
        """Adds a typed frame to a base table of a group."""
        engine, place = self.engine(groups), f"{group.name}.{table}"
        is_new = table not in group.tables

        def work() -> None:
            with engine.writing() as cursor:
                self._kept.drop(cursor)
                if is_new:
                    cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {group.name}")
                    cursor.execute(f"CREATE TABLE IF NOT EXISTS {place} AS FROM empty.{table}")
                insert(cursor, place, RUN_TABLES[table], frame)

        apart(work)
        if is_new:
            group.tables.add(table)
            self.unite((table, "runs"), groups)

    def unite(self, tables: Iterable[str], groups: Iterable[Group]) -> None:
        """Makes base tables anew out of the groups that live."""
        if self._engine is not None:
            parts = list(groups)
            with self._engine.writing() as cursor:
                for table in tables:
                    cursor.execute(unite(table, parts))

    def drop(self, group: Group, *, groups: Iterable[Group]) -> None:
        """Takes a group's rows away: out of every view first, then out of memory. `groups` are those that stay."""
        if self._engine is None:
            return
        engine = self._engine
        self.unite((*group.tables, "runs"), groups)

        def work() -> None:
            with engine.writing() as cursor:
                self._kept.drop(cursor)
                cursor.execute(f"DROP SCHEMA IF EXISTS {group.name} CASCADE")

        apart(work)

    def settle(self) -> None:
        """Frees what was dropped; running reads are stopped, because the rows that they look at cannot be freed."""
        if self._engine is not None:
            self._engine.stop_readers()
            self._engine.sweep()

    def close(self) -> None:
        """Closes the engine, rows and all; the next use opens a new one."""
        engine, self._engine = self._engine, None
        self._kept = Kept({})
        if engine is not None:
            engine.close()
