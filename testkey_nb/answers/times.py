"""Reads every way in which an answer tells a time: durations, epochs, dates."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from testkey_nb.answers.dates import moment

_UNITS = {
    word.casefold(): length
    for length, words in {
        1e-09: "ns nanosecond",
        1e-06: "us µs microsecond",
        0.001: "ms msec millisecond 毫秒",
        1.0: "s sec second 秒 秒钟",
        60.0: "m min minute 分 分钟",
        3600.0: "h hr hour 小时 个小时",
        86400.0: "d day 天",
        604800.0: "w week 周",
    }.items()
    for word in words.split()
}
_UNIT = "|".join(rf"{word}s?(?![a-z])" if word.isascii() else word for word in sorted(_UNITS, key=len, reverse=True))
# bounded on all sides: a search tries them at every place of a text
_PART = rf"(\d{{1,3}}(?:,\d{{3}}){{1,3}}|\d{{1,12}}(?:\.\d{{1,12}})?|\b(?:an?|one)\b)\s{{0,3}}({_UNIT})"
_PARTS = re.compile(_PART, re.IGNORECASE)
_CLOCK_TEXT = r"(?:(\d{1,4})(?:\.|\s?days?,\s?))?(\d{1,3}):(\d\d):(\d\d(?:\.\d+)?)"
_CLOCK = re.compile(_CLOCK_TEXT)
_DURATION_TEXT = rf"~?\s{{0,3}}(?:{_PART}[\s,]{{0,3}}(?:and\s(?=\d|an?\s|one\s))?){{1,7}}"
_DURATION = re.compile(_DURATION_TEXT, re.IGNORECASE)
_ISO_DURATION = re.compile(
    r"P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?",
)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_HTTP_TIME = re.compile(r"\d:\d\d:\d\d\b")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")

# a duration inside a sentence, for patterns that name the words around it
SPAN = re.sub(r"\((?!\?)", "(?:", rf"(?<![\d.:])(?:{_CLOCK_TEXT}|{_DURATION_TEXT})")

EPOCH = 1_000_000_000.0  # seconds told as more than this are an instant (2001), not a wait
EPOCH_MS = 1_000_000_000_000.0
FAR = 4_102_444_800.0  # 2100: beyond it a number is no instant


def seconds(text: Any) -> float | None:
    """A duration in seconds: `1m30s`, `17ms`, `PT5M`, `1:02:03`, `5 minutes`, `~5s`, `20.4`; None for anything else."""
    if isinstance(text, bool) or text is None:
        return None
    if isinstance(text, int | float):
        return float(text) if abs(text) < EPOCH_MS * 10 else None
    phrase = str(text).strip()
    if _NUMBER.fullmatch(phrase):
        return _plain_number(phrase)
    if match := _CLOCK.fullmatch(phrase):
        return int(match[1] or 0) * 86400 + int(match[2]) * 3600 + int(match[3]) * 60 + float(match[4])
    if len(phrase) > 2 and (match := _ISO_DURATION.fullmatch(phrase.upper())):
        weeks, days, hours, minutes, rest = (float(part or 0) for part in match.groups())
        return weeks * 604800 + days * 86400 + hours * 3600 + minutes * 60 + rest
    if len(phrase) < 100 and _DURATION.fullmatch(phrase):
        return round(sum(_count(number) * _unit(unit) for number, unit in _PARTS.findall(phrase)), 9)
    return None


def _count(number: str) -> float:
    return float(number.replace(",", "")) if number[0].isdigit() else 1.0


def _unit(word: str) -> float:
    # a long s and a plural are matched like an s
    word = word.casefold()
    return _UNITS[word] if word in _UNITS else _UNITS[word.removesuffix("s")]


def instant(value: Any, how: str = "auto", *, now: datetime | None = None) -> datetime | None:
    """A moment as naive UTC, or None.

    `how`: `iso`, `http`, `epoch`, `epoch_ms`, `duration` (from `now`), or `auto`: whichever the value looks like
    (a bare number below a billion is not an instant and gives None). `now` is what a weekday is counted from.
    """
    if value is None or isinstance(value, bool):
        return None
    try:
        if how in ("epoch", "epoch_ms", "auto"):
            number = _plain_number(value)
            if number is not None:
                return _epoch(number, how)
            if how != "auto":
                return None
        if how == "duration":
            wait = seconds(value)
            return None if wait is None or now is None else naive(now) + timedelta(seconds=wait)
        if isinstance(value, datetime):
            return naive(value)
        return _written(str(value).strip(), how, now)
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _plain_number(value: Any) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    text = str(value).strip()
    number = float(text) if len(text) < 40 and _NUMBER.fullmatch(text) else None
    return number if number is None or math.isfinite(number) else None


def _epoch(number: float, how: str) -> datetime | None:
    if how == "epoch_ms":
        number /= 1000
    while how == "auto" and EPOCH_MS <= number < math.inf:
        number /= 1000  # told in milliseconds, microseconds or nanoseconds
    if how == "auto" and not EPOCH <= number < FAR:
        return None
    return datetime.fromtimestamp(number, UTC).replace(tzinfo=None)


def _written(date: str, how: str, now: datetime | None) -> datetime | None:
    if how in ("iso", "auto"):
        text = re.sub(r"\s*(?:UTC|GMT)$", "Z", date) if "," not in date else date
        try:
            return naive(datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)))
        except ValueError:
            if how == "iso":
                return moment(date, whole=True)
    if how == "auto" and (at := moment(date, now, whole=True)) is not None:
        return at
    return naive(parsedate_to_datetime(date)) if how == "http" or (how == "auto" and _HTTP_TIME.search(date)) else None


def naive(moment: datetime) -> datetime:
    """The same moment in UTC, without a zone."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def reset(value: Any, how: str = "auto") -> tuple[float | None, datetime | None]:
    """What a reset field tells: (seconds from the answer, None) or (None, the instant told); (None, None) for neither.

    `how`: `auto`, `duration`, `seconds`, `epoch`, `epoch_ms`, `iso`. Nothing is computed from one to the other.
    """
    if how in ("epoch", "epoch_ms", "iso", "http"):
        return None, instant(value, how)
    moment = instant(value) if how == "auto" else None
    if moment is not None:
        return None, moment
    wait = seconds(value)
    return (wait, None) if wait is not None and 0 <= wait < EPOCH else (None, None)


def instant_in(text: str) -> datetime | None:
    """The first written date-time in a sentence."""
    match = _DATE.search(text)
    return moment(text[match.start() :]) if match else None
