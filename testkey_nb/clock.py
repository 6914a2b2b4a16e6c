"""Now: the one place where the package reads a clock, and how a test sets it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

# the longest time between two looks at the clocks: a laptop that slept notices this soon after it woke
LOOK_AGAIN_S = 0.5


def utc_now() -> datetime:
    """Gives the present as naive UTC, as the store holds instants."""
    return datetime.now(UTC).replace(tzinfo=None)


class Clock(Protocol):
    """What tells the time: the wall clock, and one that never goes back."""

    def now(self) -> datetime:
        """Gives the present as naive UTC."""

    def steady(self) -> float:
        """Gives seconds that never go back and count the time a laptop sleeps."""


class SystemClock:
    """The clocks of the machine."""

    def now(self) -> datetime:
        """Gives the present as naive UTC."""
        return utc_now()

    def steady(self) -> float:
        """Gives seconds since the machine started, time asleep included where the system counts it."""
        if (boottime := getattr(time, "CLOCK_BOOTTIME", None)) is not None:
            return time.clock_gettime(boottime)
        return time.monotonic()


class ManualClock:
    """A clock that stands still until it is moved: for tests, which then need not wait.

    What waits for a moment on a thread notices a move within half a second; whatever reads notices at once.

    Args:
        start: the first moment, naive UTC; the present by default.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._now, self._steady = start or utc_now(), 0.0

    def now(self) -> datetime:
        """Gives the moment it stands at, naive UTC."""
        return self._now

    def steady(self) -> float:
        """Gives the seconds it was moved by."""
        return self._steady

    def move(self, seconds: float) -> None:
        """Moves both clocks forward."""
        self._now += timedelta(seconds=seconds)
        self._steady += seconds

    def set_wall(self, moment: datetime) -> None:
        """Sets the wall clock alone, as a user or a time server does."""
        self._now = moment


SYSTEM_CLOCK = SystemClock()
