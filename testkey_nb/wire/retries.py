"""Whether a request is worth another try, after how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime

from testkey_nb.clock import utc_now
from testkey_nb.wire.answer import Answer

_PASSING = (429, 502, 503, 504, 529)
# so many passing failures in a row, and a host is asked once per question only
_PATIENCE = 6


class Again(Exception):
    """Try again after `wait` seconds, or after the usual backoff when it is None."""

    def __init__(self, wait: float | None) -> None:
        super().__init__("passing failure")
        self.wait = wait


@dataclass(slots=True, eq=False)
class Retries:
    """Remembers which hosts keep failing for which key.

    Attributes:
        cap_s: a longer Retry-After is not waited for.
        worth: the caller's own view of an answer (a 429 that means no money is not worth a retry).
    """

    cap_s: float = 5.0
    worth: Callable[[Answer], bool] | None = None
    _streak: Counter[tuple[str, str]] = field(default_factory=Counter)

    def consider(self, answer: Answer, *, who: str) -> Again | None:
        """None when the answer stands."""
        where = (answer.host, who)
        passing = answer.failure in ("timeout", "unreachable") or answer.status in _PASSING
        if not passing:
            self._streak[where] = 0
            return None
        self._streak[where] += 1
        if self._streak[where] >= _PATIENCE or answer.method not in ("GET", "HEAD", "OPTIONS"):
            return None
        if answer.headers.get("x-should-retry") == "false" or answer.trouble == "certificate":
            return None
        wait = retry_after(answer)
        if (wait is not None and wait > self.cap_s) or (self.worth is not None and not self.worth(answer)):
            return None
        return Again(wait)


def backoff(error: Exception) -> bool | float:
    """For stamina: how long to wait after this exception, False to let it through."""
    if not isinstance(error, Again):
        return False
    return True if error.wait is None else error.wait


def retry_after(answer: Answer) -> float | None:
    """Seconds that the answer asks to wait, at least 0; None when it does not say."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        text = answer.headers.get(name, "").strip()
        try:
            seconds = float(text) / unit
        except ValueError:
            continue
        return max(0.0, seconds) if seconds == seconds else None
    try:
        until = parsedate_to_datetime(answer.headers.get("retry-after", ""))
        since = answer.sent_at or utc_now()
        return max(0.0, (until.astimezone(UTC).replace(tzinfo=None) - since).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
