"""Counts what each key has used of each limit, and says so in the service's own headers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock

from testkey_nb.sandbox.model import Limit, SandboxKey


class Meter:
    """The counters of one service; safe to share between threads."""

    def __init__(self, limits: tuple[Limit, ...], *, clock: Callable[[], float]) -> None:
        self._limits, self._clock, self._lock = limits, clock, Lock()
        self._used: dict[tuple[str, str, str], tuple[float, float]] = {}  # (key, set, kind) -> (used, since)

    def spend(self, name: str, *, key: SandboxKey) -> tuple[dict[str, str], str | None]:
        """Gives the headers after this request, and the name of the answer when a limit is now overrun."""
        headers: dict[str, str] = {}
        over: str | None = None
        with self._lock:
            for limit in self._limits:
                if limit.set != name:
                    continue
                cap = key.limits.get(limit.kind, limit.limit)
                used, reset_s = self._take(limit, key=key, cap=cap)
                remaining = max(0, cap - int(used))
                reset = self._show(reset_s, limit.reset_as)
                for header, text in limit.headers.items():
                    headers[header] = text.format(limit=cap, remaining=remaining, reset=reset)
                if used > cap and limit.over:
                    over = limit.over
        return headers, over

    def _take(self, limit: Limit, *, key: SandboxKey, cap: int) -> tuple[float, float]:
        place, now = (key.name, limit.set, limit.kind), self._clock()
        used, since = self._used.get(place, (0.0, now))
        if limit.refills:
            used = max(0.0, used - (now - since) * cap / limit.window_s)
            since = now
        elif now - since >= limit.window_s:
            used, since = 0.0, now
        used += limit.spend
        self._used[place] = (used, since)
        return used, used * limit.window_s / max(cap, 1) if limit.refills else limit.window_s - (now - since)

    def _show(self, seconds: float, how: str) -> str:
        if how == "epoch":
            return str(int(self._clock() + seconds))
        if how == "iso":
            return datetime.fromtimestamp(self._clock() + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return duration(seconds) if how == "duration" else str(max(1, round(seconds)))


def duration(seconds: float) -> str:
    """Go's way of writing a time span: 120ms, 7.66s, 2m59.56s, 6m0s, 1h2m3s."""
    if seconds < 1:
        return f"{max(1, round(seconds * 1000))}ms"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    text = f"{round(rest, 3):g}s"
    if hours:
        return f"{hours}h{minutes}m{text}"
    return f"{minutes}m{text}" if minutes else text
