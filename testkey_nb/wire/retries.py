"""Whether a request is worth another try, after how long."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from testkey_nb.wire.answer import Answer
from testkey_nb.wire.permit import Advise

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
        cap_s: a longer wait than this is not waited for.
    """

    cap_s: float = 5.0
    _streak: Counter[tuple[str, str]] = field(default_factory=Counter)

    def consider(self, answer: Answer, *, who: str, advise: Advise | None = None) -> Again | None:
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
        advice = advise(answer) if advise is not None else None
        if advice is None:
            return Again(None)
        if not advice.is_worth_retrying or (advice.wait_s or 0.0) > self.cap_s:
            return None
        return Again(advice.wait_s)


def backoff(error: Exception) -> bool | float:
    """For stamina: how long to wait after this exception, False to let it through."""
    if not isinstance(error, Again):
        return False
    return True if error.wait is None else error.wait
