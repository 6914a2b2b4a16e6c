"""One locked in-memory DuckDB, and how to get rid of it while somebody still reads."""

from __future__ import annotations

import contextlib
import ctypes
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import duckdb

from testkey_nb.errors import BadQuery

# freed blocks go back to the system at once: without this, dropped strings stay readable in the process's memory
_AT_ONCE = "1KB"
# how long a purge waits for a read that it interrupted (milliseconds, unless something holds the interpreter)
PATIENCE_S = 2.0

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class Reading:
    """One read and its cursor, which only the thread of the read closes."""

    cursor: duckdb.DuckDBPyConnection | None

    def stop(self) -> None:
        """Interrupts the read, if it still runs."""
        cursor = self.cursor
        if cursor is not None:
            with contextlib.suppress(duckdb.Error):
                cursor.interrupt()


class Engine:
    """A DuckDB that reads and writes no file, loads no extension, sees no Python variable and cannot spill.

    Reads run on cursors of their own and are known here, so that a purge can stop them: the rows that a running query
    looks at cannot be freed before it ends.
    """

    def __init__(self, *, memory_limit: str) -> None:
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "enable_external_access": "false",
                "python_enable_replacements": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                # its own threads would keep freed blocks in their caches, and the tables are small
                "threads": "1",
                "temp_directory": "",
                "memory_limit": memory_limit,
                "allocator_flush_threshold": _AT_ONCE,
                "allocator_bulk_deallocation_flush_threshold": _AT_ONCE,
            },
        )
        self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
        self._connection.execute("SET lock_configuration = true")
        self._readings: set[Reading] = set()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Gives a cursor for changes; the caller sees to it that there is one at a time."""
        cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def reader(self) -> Reading:
        """Announces a read, so that whoever closes the engine before it is done stops it."""
        reading = Reading(self._connection.cursor())
        with self._lock:
            self._readings.add(reading)
        return reading

    def read(self, reading: Reading, fetch: Callable[[duckdb.DuckDBPyConnection], T], *, now: datetime) -> T:
        """Gives what `fetch` makes of a cursor that cannot write and knows `now_utc()`.

        Raises:
            BadQuery: DuckDB refused it.
        """

        def work() -> T | BadQuery:
            cursor = reading.cursor
            assert cursor is not None  # noqa: S101 - nobody else takes it away
            try:
                cursor.execute(f"SET VARIABLE now_utc = TIMESTAMP '{now.isoformat(sep=' ')}'")
                cursor.execute("BEGIN TRANSACTION READ ONLY")
                return fetch(cursor)
            except duckdb.Error as problem:
                # not the error itself: its traceback would carry the cursor into another thread
                return BadQuery(first_line(problem))
            finally:
                with contextlib.suppress(duckdb.Error):
                    cursor.close()
                reading.cursor = cursor = None
                with self._lock:
                    self._readings.discard(reading)

        result = apart(work, stop=reading.stop)
        if isinstance(result, BadQuery):
            raise result
        return result

    def stop_readers(self, *, patience_s: float = PATIENCE_S) -> bool:
        """Interrupts every running read and waits until it let go of its rows; False when one did not in time."""
        last = time.monotonic() + patience_s
        while True:
            with self._lock:
                readings = list(self._readings)
            if not readings:
                return True
            for reading in readings:
                # again and again: an interrupt that comes before the query starts is lost
                reading.stop()
            if time.monotonic() > last:
                return False
            time.sleep(0.002)

    def sweep(self) -> None:
        """Makes DuckDB let go of what was dropped: it frees that with a later change, and keeps it until a bulk one."""

        def work() -> None:
            with self.writing() as cursor:
                cursor.execute("CREATE TEMP TABLE swept AS FROM range(5000)")
                cursor.execute("DROP TABLE swept")

        # the first frees the blocks, on a thread that keeps some until it ends; the second hands those to the system
        apart(work)
        apart(work)

    def close(self) -> None:
        """Stops the reads and closes the connection; a read that will not stop is waited for on another thread."""
        if self.stop_readers():
            self._close()
        else:
            threading.Thread(target=self._close_later, name="testkey_nb close", daemon=True).start()

    def _close_later(self) -> None:
        while not self.stop_readers():
            pass
        self._close()
        give_memory_back()

    def _close(self) -> None:
        last = time.monotonic() + PATIENCE_S
        while True:
            try:
                self._connection.close()
                return
            except duckdb.Error:
                # DuckDB 2 refuses while it thinks that something still runs
                if time.monotonic() > last:
                    raise
                with contextlib.suppress(duckdb.Error):
                    self._connection.interrupt()
                time.sleep(0.005)


def apart(work: Callable[[], T], *, stop: Callable[[], None] | None = None) -> T:
    """Gives the result of `work`, done on a thread that ends with it; `stop` is called when the waiting is interrupted.

    Allocators keep what a thread freed in a cache of that thread, where no purge on another one reaches it: strings of
    a small result stayed readable there. A thread that has ended has no cache.
    """
    done: list[T] = []
    problems: list[BaseException] = []

    def body() -> None:
        try:
            done.append(work())
        except BaseException as problem:  # noqa: BLE001 - raised again where the caller waits
            problems.append(problem)

    thread = threading.Thread(target=body, name="testkey_nb store", daemon=True)
    thread.start()
    try:
        thread.join()
    except BaseException:
        while stop is not None and thread.is_alive():
            stop()
            thread.join(0.005)
        raise
    if problems:
        raise problems.pop()
    return done.pop()


def first_line(problem: Exception) -> str:
    """Gives what DuckDB says, without its drawing of the query."""
    return str(problem).strip().splitlines()[0] if str(problem).strip() else type(problem).__name__


def give_memory_back() -> None:
    """Hands freed memory to the system, where the platform can: what is unmapped cannot be read any more."""
    if (pyarrow := sys.modules.get("pyarrow")) is not None:
        pyarrow.default_memory_pool().release_unused()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
