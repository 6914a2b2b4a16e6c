"""How long rows live: the clocks, the deadline of each group of rows, and the thread that keeps it."""

from __future__ import annotations

import contextlib
import logging
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from testkey_nb.clock import LOOK_AGAIN_S

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The wall clock and the steady clock; time is up when either says so."""

    wall: Callable[[], datetime]
    steady: Callable[[], float]


@dataclass(slots=True)
class Group:
    """Rows that come and go together: one run, or the keys that were not probed yet.

    Attributes:
        first_answer_at: what the deadline counts from; None = nothing came yet, so nothing has to go.
        is_told: the caller named the first answer; before that the first rows count.
        tables: base tables that have rows of this group.
    """

    name: str
    started_at: datetime
    first_answer_at: datetime | None = None
    expires_at: datetime | None = None
    is_told: bool = False
    tables: set[str] = field(default_factory=set)
    _steady_end: float | None = None

    def start(self, at: datetime, *, ttl: float, clocks: Clocks) -> None:
        """Counts the time from `at`, on both clocks."""
        now = clocks.wall()
        self.first_answer_at = min(at, now)
        self.expires_at = self.first_answer_at + timedelta(seconds=ttl)
        self._steady_end = clocks.steady() + (self.expires_at - now).total_seconds()

    def left_s(self, clocks: Clocks) -> float | None:
        """Gives the seconds until the time is up (0 or less: it is); None = it does not run yet."""
        if self.expires_at is None or self._steady_end is None:
            return None
        return min((self.expires_at - clocks.wall()).total_seconds(), self._steady_end - clocks.steady())


class Forgetful(Protocol):
    """What the thread needs of a store."""

    def look(self) -> float | None:
        """Purges what is due; gives the seconds until the next look, None when nothing is left to wait for."""


class Watch:
    """The thread that keeps the deadlines. It never keeps the store alive, and ends with the last row."""

    def __init__(self) -> None:
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_over = False

    def keep(self, store: Forgetful) -> None:
        """Looks at the clocks from now on; the caller holds the store's lock."""
        if self._thread is None and not self._is_over:
            self._thread = threading.Thread(
                target=self._run, args=(weakref.ref(store),), name="testkey_nb purge", daemon=True
            )
            self._thread.start()
        self._wake.set()

    def rest(self) -> None:
        """Rests, as nothing is left to wait for; the store holds its lock, and `keep` starts anew."""
        self._thread = None

    def stop(self) -> None:
        """Ends for good, and waits for a purge that is under way: at exit it must not meet a dying interpreter."""
        self._is_over = True
        self._wake.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(5)

    def _run(self, store: weakref.ref[Forgetful]) -> None:
        while not self._is_over and (live := store()) is not None:
            self._wake.clear()
            delay = live.look()
            del live
            if delay is None:
                return
            self._wake.wait(min(delay, LOOK_AGAIN_S))


class Listeners:
    """The callbacks that hear of each purge, on the thread that purged and once its lock is free."""

    def __init__(self) -> None:
        self._gone: deque[str] = deque()
        self._callbacks: list[Callable[[str], None]] = []

    def add(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Takes a callback; gives the function that takes it off again."""
        self._callbacks.append(callback)

        def forget() -> None:
            with contextlib.suppress(ValueError):
                self._callbacks.remove(callback)

        return forget

    def note(self, names: Iterable[str]) -> None:
        """Keeps the names of what is gone until the callbacks can be called."""
        self._gone.extend(names)

    def tell(self) -> None:
        """Calls everyone with what is gone; the trouble of one callback is not that of the others."""
        while self._gone:
            with contextlib.suppress(IndexError):
                name = self._gone.popleft()
                for callback in list(self._callbacks):
                    _call(callback, name)


def _call(callback: Callable[[str], None], name: str) -> None:
    try:
        callback(name)
    except Exception as problem:  # noqa: BLE001 - nobody's trouble may stop a purge
        _log.warning("a purge callback failed: %s", type(problem).__name__)
