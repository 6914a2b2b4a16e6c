"""Reads every way in which an answer tells a time: durations, epochs, dates, words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

_UNITS = {
    word: length
    for length, words in {
        0.001: "ms millisecond 毫秒",
        1.0: "s sec second 秒",
        60.0: "m min minute 分钟",
        3600.0: "h hr hour 小时",
        86400.0: "d day 天",
        604800.0: "w week",
        1e-06: "us µs",
        1e-09: "ns",
    }.items()
    for word in words.split()
}
_UNIT = (
    r"milliseconds?|ms|µs|us|ns|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w"
    r"|毫秒|秒|分钟|小时|天"
)
_PART = rf"(\d+(?:\.\d+)?)\s*({_UNIT})"
_PARTS = re.compile(_PART, re.IGNORECASE)
_DURATION = re.compile(rf"~?\s*(?:{_PART}[\s,]*(?:and\s+)?)+", re.IGNORECASE)
_ISO_DURATION = re.compile(
    r"P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?",
)
_CLOCK = re.compile(r"(\d{1,3}):(\d\d):(\d\d(?:\.\d+)?)")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?\s*(?:Z|UTC|[+-]\d\d:?\d\d)?")

EPOCH = 1_000_000_000.0  # seconds told as more than this are an instant (2001), not a wait
EPOCH_MS = 1_000_000_000_000.0
FAR = 4_102_444_800.0  # 2100: beyond it a number is no instant


def seconds(text: Any) -> float | None:
    """A duration in seconds: `1m30s`, `17ms`, `PT5M`, `1:02:03`, `5 minutes`, `~5s`, `20.4`; None for anything else."""
    if isinstance(text, bool) or text is None:
        return None
    if isinstance(text, int | float):
        return float(text) if abs(text) < EPOCH_MS * 10 else None
    told = str(text).strip()
    if _NUMBER.fullmatch(told):
        return float(told) if len(told) < 40 else None
    if found := _CLOCK.fullmatch(told):
        return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])
    if len(told) > 2 and (found := _ISO_DURATION.fullmatch(told.upper())):
        weeks, days, hours, minutes, rest = (float(part or 0) for part in found.groups())
        return weeks * 604800 + days * 86400 + hours * 3600 + minutes * 60 + rest
    if len(told) < 100 and _DURATION.fullmatch(told):
        return round(sum(float(number) * _unit(unit) for number, unit in _PARTS.findall(told)), 9)
    return None


def _unit(word: str) -> float:
    word = word.lower()
    return _UNITS[word] if word in _UNITS else _UNITS[word.rstrip("s")]


def instant(value: Any, how: str = "auto", *, now: datetime | None = None) -> datetime | None:
    """A moment as naive UTC, or None.

    `how`: `iso`, `http`, `epoch`, `epoch_ms`, `duration` (from `now`), or `auto`: whichever the value looks like
    (a bare number below a billion is not an instant and gives None).
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
        return _written(str(value).strip(), how)
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _plain_number(value: Any) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    told = str(value).strip()
    return float(told) if len(told) < 40 and _NUMBER.fullmatch(told) else None


def _epoch(number: float, how: str) -> datetime | None:
    if how == "epoch_ms" or (how == "auto" and number >= EPOCH_MS):
        number /= 1000
    if how == "auto" and not EPOCH <= number < FAR:
        return None
    return datetime.fromtimestamp(number, UTC).replace(tzinfo=None)


def _written(told: str, how: str) -> datetime | None:
    if how in ("iso", "auto"):
        text = re.sub(r"\s*(?:UTC|GMT)$", "Z", told) if "," not in told else told
        try:
            return naive(datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)))
        except ValueError:
            if how == "iso":
                return None
    return naive(parsedate_to_datetime(told)) if how in ("http", "auto") else None


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
    found = _INSTANT.search(text)
    return instant(found[0].strip(), "iso") if found else None


_WAITS = re.compile(
    r"(?:try(?:ing)?\s+again|retry(?:ing)?|resets?|available(?:\s+again)?|wait(?:ing)?|unlocks?|back)"
    r"(?:\s+(?:your\s+request|shortly))?(?:\s+(?:in|after|for|within|at\s+least)|:)?\s+(?:about\s+|at\s+least\s+)?"
    rf"(~?\s*(?:{_PART}[\s,]*(?:and\s+)?)+)|请(?:在|于)?\s*({_PART})\s*后",
    re.IGNORECASE,
)


def wait_in(text: str) -> float | None:
    """The wait that a sentence tells ("try again in 20.4s", "resets in ~5s"), in seconds; None when none."""
    found = _WAITS.search(text[:20_000])
    if found is None:
        return None
    return seconds((found[1] or found[4]).strip(" ,."))
