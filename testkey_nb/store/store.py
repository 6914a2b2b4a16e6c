"""The store takes rows by run, gives tables, and forgets a run once its time is up."""

from __future__ import annotations

import contextlib
import difflib
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import duckdb
import pandas as pd

from testkey_nb.clock import SYSTEM_CLOCK
from testkey_nb.errors import BadQuery, Expired, UnknownTable
from testkey_nb.store.database import Database
from testkey_nb.store.engine import give_memory_back
from testkey_nb.store.expiry import Clocks, Group, Listeners, Watch
from testkey_nb.store.frames import check_reads, fetch_frame
from testkey_nb.store.ingest import typed_frame
from testkey_nb.store.quoting import identifier
from testkey_nb.store.schema import DEFINED_ELSEWHERE, ORDER, REFERENCE_TABLES, RUN_TABLES
from testkey_nb.vocabulary import BASE_TABLES, TABLES

# the group of keys that were added and not probed
PENDING = "pending"
Rows = pd.DataFrame | Sequence[Mapping[str, Any]]
T = TypeVar("T")


class Store:
    """Tables in memory that forget.

    Thread-safe. Reads look at both clocks themselves, so rows whose time is up are never seen, however late the purge.

    Args:
        ttl: seconds that the rows of a run live, counted from its first answer.
        clock: now, as naive UTC.
        monotonic: seconds that never go back.
        reference: rows of the `ref_*` tables: facts of the catalogue, which stay.
        metric_sql: metric name to SELECT (key_id, model_id, "window", value, unit, state, exchange_id).
        memory_limit: what DuckDB may use; it cannot spill.
    """

    def __init__(
        self,
        *,
        ttl: float = 300,
        clock: Callable[[], datetime] = SYSTEM_CLOCK.now,
        monotonic: Callable[[], float] = SYSTEM_CLOCK.steady,
        reference: Mapping[str, Rows] | None = None,
        metric_sql: Mapping[str, str] | None = None,
        memory_limit: str = "1GB",
    ) -> None:
        self.ttl = ttl
        self._clocks = Clocks(clock, monotonic)
        self._database = Database(
            reference={name: typed_frame(rows, REFERENCE_TABLES[name]) for name, rows in (reference or {}).items()},
            metric_sql=dict(metric_sql or {}),
            memory_limit=memory_limit,
        )
        self._groups: dict[str, Group] = {}
        self._pending_ids: set[str] = set()
        self._runs = 0
        self._purges = 0
        self._has_forgotten = False
        self._is_closed = False
        self._lock = threading.RLock()
        self._listeners = Listeners()
        self._watch = Watch()
        # at the end of the store or of the interpreter, whichever comes first
        weakref.finalize(self, _finish, self._watch, self._database)

    # -- in ---------------------------------------------------------------------------------------------------------

    def open_run(self) -> str:
        """Begins a run; returns its id. Its time does not run before something comes in."""
        with self._changing():
            self._runs += 1
            group = Group(f"run_{self._runs:05d}", self._clocks.wall())
            self._groups[group.name] = group
            self._has_forgotten = False
            return group.name

    def insert(self, run_id: str, table: str, rows: Rows) -> None:
        """Appends rows to a base table; columns left out are unknown, cells that do not fit their column too.

        Raises:
            UnknownTable: no base table.
            ValueError: a column that the table does not have.
            Expired: the run's time is up.
        """
        if table not in RUN_TABLES:
            raise UnknownTable(f"no base table {table!r}; there are {', '.join(RUN_TABLES)}")
        frame = typed_frame(rows, RUN_TABLES[table])
        with self._changing():
            group = self._live(run_id)
            if frame.empty:
                return
            if group.first_answer_at is None:
                group.start(self._clocks.wall(), ttl=self.ttl, clocks=self._clocks)
            self._database.append(group, table, frame, groups=self._groups.values())
            self._watch.keep(self)

    def first_answer(self, run_id: str, at: datetime | None = None) -> None:
        """Says when the run's first answer came (naive UTC; now by default); its time counts from then.

        The earliest word counts; rows that came before any word count as first answer until then.

        Raises:
            Expired: the run's time is up.
        """
        with self._changing():
            group = self._live(run_id)
            at = at or self._clocks.wall()
            if not group.is_told or group.first_answer_at is None or at < group.first_answer_at:
                group.start(at, ttl=self.ttl, clocks=self._clocks)
                group.is_told = True
                self._database.unite(("runs",), self._groups.values())
                self._watch.keep(self)

    def set_pending_keys(self, rows: Rows) -> None:
        """Replaces the keys that were added and not probed; a key that is new among them starts their time anew."""
        frame = typed_frame(rows, RUN_TABLES["keys"])
        with self._changing():
            ids = set(frame["key_id"].dropna()) if "key_id" in frame else set()
            before, old = self._pending_ids, self._groups.get(PENDING)
            if old is not None:
                del self._groups[PENDING]
                self._database.drop(old, groups=self._groups.values())
            self._pending_ids = ids
            if not ids:
                return
            group = old or Group(PENDING, self._clocks.wall())
            if old is None or ids - before:
                group.start(self._clocks.wall(), ttl=self.ttl, clocks=self._clocks)
            group.tables.clear()
            self._groups[PENDING] = group
            self._has_forgotten = False
            self._database.append(group, "keys", frame, groups=self._groups.values())
            self._watch.keep(self)

    def define(self, name: str, sql: str) -> None:
        """Registers a table as a view over the others (a later definition of the same name replaces it).

        A store that nothing was asked of yet checks the SQL with the first read.

        Raises:
            BadQuery: no single SELECT, or one that the engine refuses.
        """
        check_reads(sql)
        with self._changing():
            self._database.define(name, sql)

    # -- out --------------------------------------------------------------------------------------------------------

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of the design that this store has, in the design's order, then others that were defined."""
        names = tuple(name for name in TABLES if name in self._database.defined or name not in DEFINED_ELSEWHERE)
        return names + tuple(name for name in self._database.defined if name not in names)

    def frame(self, table: str) -> pd.DataFrame:
        """Gives one table, its rows always in the same order: str, Int64, Float64, boolean, datetime64 (naive UTC).

        Raises:
            UnknownTable: with near names.
            Expired: everything that was here has expired.
        """
        query = self._query(table)
        return self._read(query, lambda cursor: fetch_frame(cursor, query))

    def sql(self, query: str) -> pd.DataFrame:
        """Gives the result of one statement that only reads. `now_utc()` is the store's clock.

        Raises:
            BadQuery: the statement would change something, or DuckDB refused it; its first line says why.
            Expired: everything that was here has expired.
        """
        check_reads(query)
        return self._read(query, lambda cursor: fetch_frame(cursor, query))

    def _query(self, table: str) -> str:
        names = (*self.tables, *BASE_TABLES, *REFERENCE_TABLES, "ref_families")
        if table not in names:
            near = difflib.get_close_matches(table, names, n=3)
            raise UnknownTable(
                f"no table {table!r}; {'did you mean' if near else 'there are'} {', '.join(near or names)}"
            )
        # a defined table brings its own order
        order = "" if table in self._database.defined else f" ORDER BY {ORDER.get(table, 'ALL')}"
        return f"SELECT * FROM {identifier(table)}{order}"  # noqa: S608

    def _read(self, query: str, fetch: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        while True:
            with self._changing():
                if self._is_closed:
                    raise Expired("this store is closed; nothing of it is left")
                if self._has_forgotten and not self._groups:
                    raise Expired(
                        f"the data's time ({self.ttl:g} s) is up or it was purged; probe again to have it anew"
                    )
                engine, purges = self._database.engine(self._groups.values()), self._purges
                self._database.prepare(query, now=self._clocks.wall())
                reading = engine.reader()
            problem: BadQuery | None = None
            try:
                result = engine.read(reading, fetch, now=self._clocks.wall())
            except BadQuery as refusal:
                problem = refusal
            with self._changing():
                if self._purges != purges:
                    continue  # something expired meanwhile: what was read may hold rows of it
            if problem is not None:
                raise problem
            return result

    # -- life -------------------------------------------------------------------------------------------------------

    @property
    def expires_in(self) -> float | None:
        """Seconds until the next rows go; 0 when all that was here is gone, None when there was nothing."""
        with self._changing():
            left = self._seconds_left()
            return max(min(left), 0.0) if left else 0.0 if self._has_forgotten and not self._groups else None

    def _seconds_left(self) -> list[float]:
        times = (group.left_s(self._clocks) for group in self._groups.values())
        return [seconds for seconds in times if seconds is not None]

    def on_purge(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Calls `callback(run_id)` after each purge (`pending` for keys not probed), on the thread that purged.

        Returns a function that takes the callback off again.
        """
        return self._listeners.add(callback)

    def purge(self, run_id: str | None = None) -> None:
        """Forgets one run now, or everything; a run that is gone already is no error."""
        with self._changing():
            self._forget([name for name in self._groups if run_id in (None, name)])

    def look(self) -> float | None:
        """Purges what is due; gives the seconds until the next look, None when nothing is left to wait for."""
        with self._changing():
            left = self._seconds_left()
            if left and not self._is_closed:
                return max(min(left), 0.0)
            self._watch.rest()
            return None

    def close(self) -> None:
        """Forgets everything for good."""
        with self._changing():
            self._forget(list(self._groups))
            self._is_closed = True
            self._database.close()

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Holds the lock, with everything that is due purged; callbacks run after it is free."""
        try:
            with self._lock:
                self._forget(
                    [n for n, g in self._groups.items() if (left := g.left_s(self._clocks)) is not None and left <= 0]
                )
                yield
        finally:
            self._listeners.tell()

    def _forget(self, names: list[str]) -> None:
        if not names:
            return
        gone = [self._groups.pop(name) for name in names]
        if PENDING in names:
            self._pending_ids = set()
        if self._groups:
            for group in gone:
                self._database.drop(group, groups=self._groups.values())
            # a read that was stopped is made anew on what is left
            self._database.settle()
        else:
            self._database.close()
        self._purges += len(names)
        self._has_forgotten = True
        self._listeners.note(names)
        give_memory_back()

    def _live(self, run_id: str) -> Group:
        if run_id not in self._groups or self._is_closed:
            raise Expired(f"{run_id} has expired or was purged; what comes for it now is not kept")
        return self._groups[run_id]


def _finish(watch: Watch, database: Database) -> None:
    watch.stop()
    database.close()
