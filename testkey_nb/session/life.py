"""How long a session's keys and rows live, and what goes when their time is up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from testkey_nb.errors import Expired
from testkey_nb.session.key_registry import Deadline, KeyRegistry
from testkey_nb.session.reading import Reading

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.clock import Clock
    from testkey_nb.store import Store


class Life(Reading):
    """The part of a session that forgets; it holds keys and store, and lets go of both in time."""

    def __init__(self, *, ttl: float, catalogue: Catalogue, clock: Clock) -> None:
        self.ttl, self.catalogue, self._clock = ttl, catalogue, clock
        self._registry = KeyRegistry()
        self._runs = 0
        self._observing: tuple[str, datetime] | None = None
        self._lock = threading.RLock()
        self._lazy_store: Store | None = None
        self._callbacks: list[Callable[[], object]] = []
        self._unread = Deadline(self._forget_unread, clock=clock)
        self._is_closed = False

    @property
    def expires_in(self) -> float:
        """Seconds until the first run's data is gone; 0 when there is none."""
        return 0.0 if self._lazy_store is None else self._lazy_store.expires_in or 0.0

    def on_purge(self, callback: Callable[[], object]) -> None:
        """Calls `callback()`, from any thread, after a run's data went."""
        self._callbacks.append(callback)

    def purge(self) -> None:
        """Forgets everything now: rows, keys, cached answers."""
        if self._lazy_store is not None:
            self._lazy_store.purge()
        # an answer observed right after it begins a run of its own: the one before is gone
        self._observing = None
        self._registry.forget_all()
        self._unread.stop()

    def close(self) -> None:
        """Forgets everything for good; reading it afterwards raises Expired."""
        self._is_closed = True
        self.purge()
        if self._lazy_store is not None:
            self._lazy_store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        count = len(self._keys)
        keys = f"{count} key{'' if count == 1 else 's'}"
        left = self.expires_in
        return f"<Session: {keys}{f', data for {left:.0f} s more' if left else ', nothing probed'}>"

    @property
    def _keys(self) -> KeyRegistry:
        """The keys held, without those whose time is up: whoever reads looks at the clocks, as the store does."""
        if self._lazy_store is None:
            self._unread.look()
        else:
            _ = self._lazy_store.expires_in
        return self._registry

    @property
    def _store(self) -> Store:
        if self._lazy_store is None:
            self._check_open()
            from testkey_nb.session.loading import open_store

            with self._lock:
                if self._lazy_store is None:
                    self._lazy_store = open_store(self.catalogue, ttl=self.ttl, clock=self._clock)
                    self._lazy_store.on_purge(self._forget)
                    self._unread.stop()
                    self._show_pending()
        return self._lazy_store

    def _check_open(self) -> None:
        if self._is_closed:
            raise Expired("this session is closed; begin a new one")

    def _show_pending(self) -> None:
        """Keys that were added and not probed stand in `keys` too, and have their time like the others."""
        if self._lazy_store is not None:
            self._lazy_store.set_pending_keys([target.row() for target in self._registry.unused])
        else:
            self._unread.start(self.ttl)

    def _forget_unread(self) -> None:
        """The time of keys is up that were added to a session whose tables nobody looked at."""
        if self._lazy_store is None:
            self._registry.forget_unused()
            for callback in self._callbacks:
                callback()

    def _forget(self, group: str) -> None:
        """A run's time is up, or that of the keys that nobody asked with: the keys go with the rows."""
        from testkey_nb.store import PENDING

        if group == PENDING:
            self._registry.forget_unused()
        else:
            self._registry.forget_run(group)
        for callback in self._callbacks:
            callback()
