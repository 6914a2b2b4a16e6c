"""Says every second how long the rows still live; stops when it is closed or the board is gone."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any


class Countdown:
    """A daemon thread that calls `show()` of an object until `close()`; it does not keep the object alive.

    Args:
        owner: what is shown; held weakly.
        show: called with the owner, outside the kernel's event loop.
        every_s: seconds between two calls.
    """

    def __init__(self, owner: Any, *, show: Callable[[Any], None], every_s: float = 1.0) -> None:
        self._owner, self._show, self._every_s = weakref.ref(owner), show, every_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="testkey-countdown", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def close(self) -> None:
        """Stops the calls; waits for one that is under way unless it is the caller's own."""
        self._done.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=2)

    def _run(self) -> None:
        while not self._done.wait(self._every_s):
            owner = self._owner()
            if owner is None:
                return
            self._show(owner)
            del owner


def clock(seconds: float | None) -> str:
    """Gives `4:05` for 245 seconds; a dash when there is nothing to count."""
    if not seconds:
        return "–"
    left = max(0, round(seconds))
    return f"{left // 60}:{left % 60:02d}"
