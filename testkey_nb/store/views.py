"""The views of a fresh connection: base tables over all runs that live, and the tables derived from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb
import pandas as pd

from testkey_nb.errors import BadQuery, CatalogueError
from testkey_nb.store.engine import first_line
from testkey_nb.store.expiry import Group
from testkey_nb.store.frames import check_reads
from testkey_nb.store.ingest import insert
from testkey_nb.store.quoting import identifier, literal
from testkey_nb.store.schema import REFERENCE_TABLES, RUN_TABLES, VIEWS, create_table, view_sql
from testkey_nb.vocabulary import BASE_TABLES

_METRIC_COLUMNS = ("key_id", "model_id", "window", "value", "unit", "state", "exchange_id")


def create_views(
    cursor: duckdb.DuckDBPyConnection,
    reference: Mapping[str, pd.DataFrame],
    metric_sql: Mapping[str, str],
    *,
    groups: Iterable[Group],
) -> dict[str, str]:
    """Creates everything but the rows of runs and what `Store.define` adds; gives the SELECT of each derived table.

    Raises:
        CatalogueError: a metric's SQL that the engine refuses.
    """
    # views are bound when they are used, so a cursor's own value of the variable counts
    cursor.execute("CREATE MACRO now_utc() AS CAST(getvariable('now_utc') AS TIMESTAMP)")
    cursor.execute("CREATE SCHEMA live")
    cursor.execute("CREATE SCHEMA empty")
    for name, columns in REFERENCE_TABLES.items():
        cursor.execute(create_table(name, columns))
        if name in reference:
            insert(cursor, name, columns, reference[name])
    groups = list(groups)
    cursor.execute(unite("runs", groups))
    for name, columns in RUN_TABLES.items():
        cursor.execute(create_table(f"empty.{name}", columns))
        cursor.execute(unite(name, groups))
    for name in BASE_TABLES:
        if name in RUN_TABLES:
            cursor.execute(f"CREATE VIEW {name} AS FROM live.{name}")
    views: dict[str, str] = {}

    def create(name: str, sql: str) -> None:
        cursor.execute(f"CREATE VIEW {place_of(name)} AS {sql}")
        views[name] = sql

    for name in VIEWS:
        create(name, view_sql(name))
    try:
        create("_computed", _computed(metric_sql))
    except duckdb.Error:
        # to check each metric before takes as long as to create the view
        for name, sql in metric_sql.items():
            _check_metric(cursor, name, sql)
        raise
    create("metrics", view_sql("metrics"))
    return views


def place_of(name: str) -> str:
    """Tells where a derived table stands: those that begin with `_` are not for analysts."""
    return f"live.{name}" if name.startswith("_") else identifier(name)


def unite(table: str, groups: Iterable[Group]) -> str:
    """Gives the statement that makes a base table out of its parts in the runs that live."""
    if table == "runs":
        rows = [f"('{run.name}', {_times(run)})" for run in groups]
        return (
            "CREATE OR REPLACE VIEW runs AS SELECT * FROM (VALUES "  # noqa: S608
            + ", ".join(["(CAST(NULL AS VARCHAR), CAST(NULL AS TIMESTAMP), NULL, NULL)", *rows])
            + ") r(run_id, started_at, first_answer_at, expires_at) WHERE run_id IS NOT NULL"
        )
    parts = [f"SELECT *, CAST(NULL AS VARCHAR) AS run_id FROM empty.{table}"]  # noqa: S608
    parts += [f"SELECT *, '{run.name}' AS run_id FROM {run.name}.{table}" for run in groups if table in run.tables]  # noqa: S608
    return f"CREATE OR REPLACE VIEW live.{table} AS {' UNION ALL BY NAME '.join(parts)}"


def define_view(cursor: duckdb.DuckDBPyConnection, name: str, sql: str) -> None:
    """Creates or replaces one view.

    Raises:
        BadQuery: the engine refuses it.
    """
    try:
        cursor.execute(f"CREATE OR REPLACE VIEW {identifier(name)} AS {sql.rstrip().rstrip(';')}")
    except duckdb.Error as problem:
        raise BadQuery(f"{name}: {first_line(problem)}") from None


def _computed(metric_sql: Mapping[str, str]) -> str:
    """Gives the SELECT of all metrics that are worked out from other tables."""
    nothing = ", ".join(f"NULL AS {identifier(name)}" for name in _METRIC_COLUMNS)
    metrics = {metric: sql for metric, sql in metric_sql.items() if sql.strip()}
    # the first part has no row: it gives the columns where there is no metric
    return "\nUNION ALL BY NAME\n".join(
        [f"FROM ({_metric('', f'SELECT {nothing}')}) WHERE false", *(_metric(*each) for each in metrics.items())]
    )


def _metric(metric: str, sql: str) -> str:
    columns = ", ".join(f"CAST({identifier(name)} AS VARCHAR) AS {identifier(name)}" for name in _METRIC_COLUMNS)
    return f"SELECT {literal(metric)} AS metric, {columns} FROM (\n{sql.rstrip().rstrip(';')}\n)"  # noqa: S608


def _check_metric(cursor: duckdb.DuckDBPyConnection, metric: str, sql: str) -> None:
    try:
        if sql.strip():
            cursor.execute(f"SELECT * FROM ({check_reads(_metric(metric, sql))}) LIMIT 0").fetchall()  # noqa: S608
    except (duckdb.Error, BadQuery) as problem:
        raise CatalogueError(
            f"the engine refuses this metric: {first_line(problem)}", file="metrics.toml", field=metric
        ) from None


def _times(group: Group) -> str:
    times = (group.started_at, group.first_answer_at, group.expires_at)
    return ", ".join("CAST(NULL AS TIMESTAMP)" if at is None else f"TIMESTAMP '{at}'" for at in times)
