"""Names the window of a limit: from words, from seconds, from the speed at which it refills."""

from __future__ import annotations

import re
from typing import Any

from testkey_nb.answers.times import seconds

_DAY = 86400
SECONDS = {1: "second", 60: "minute", 3600: "hour", _DAY: "day", 7 * _DAY: "week"} | {
    days * _DAY: "month" for days in (28, 30, 31)
}
NAMES = frozenset({"second", "minute", "hour", "day", "week", "month", "lifetime", "none"})
_WORDS = {
    word: name
    for name, words in {
        "second": "s sec seconds secs 1s 秒",
        "minute": "m min mins minutes minutely 1m 60s 分钟",
        "hour": "h hr hours hourly hrs 1h 小时",
        "day": "d days daily 1d 24h 天 日",
        "week": "weeks weekly 7d 周",
        "month": "months monthly mo 1mo 30d 月",
        "lifetime": "never total",
    }.items()
    for word in words.split()
}
# A told wait of less than this may be rounded to any second: too coarse to tell windows apart.
COARSE = 0.1


def window(value: Any) -> str | None:
    """The window a word, a duration or a number of seconds means; None when it means none."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return of_seconds(float(value))
    word = str(value).strip().lower().replace("_", " ").replace("-", " ").removeprefix("per ")
    if word in NAMES or word in _WORDS:
        return _WORDS.get(word, word)
    if re.fullmatch(r"P[\dTWDHMSYP.]+", word.upper()) and (span := seconds(word.upper())):
        return of_seconds(span)
    span = seconds(word)
    return of_seconds(span) if span else None


def of_seconds(span: float) -> str | None:
    """A window's name, or an ISO 8601 duration (`PT5M`) for a span that the names cannot say."""
    if not 0 < span <= 10**9 or span != int(span):
        return None
    whole = int(span)
    if whole in SECONDS:
        return SECONDS[whole]
    if whole % 86400 == 0:
        return f"P{whole // 86400}D"
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return "PT" + "".join(f"{n}{u}" for n, u in ((hours, "H"), (minutes, "M"), (left, "S")) if n)


def refill(limit: float | None, remaining: float | None, reset_s: float | None) -> str | None:
    """The window that the refill speed proves, or None.

    A bucket that refills evenly gives back one call every window/limit seconds, so that what is used times that is the
    told reset. The windows lie a factor of 24 or more apart, so a tenth of tolerance cannot mix them up.
    """
    if not limit or remaining is None or reset_s is None or limit <= remaining or reset_s <= 0:
        return None
    used = limit - remaining
    for span, name in ((1, "second"), (60, "minute"), (3600, "hour"), (86400, "day")):
        wait = used * span / limit
        if abs(wait - reset_s) <= COARSE * wait and not (reset_s == int(reset_s) and reset_s < 10):
            return name
    return None
