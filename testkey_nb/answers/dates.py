"""Reads moments as people write them: dates, weekdays and hours, in any order and with any zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
# names that mean several zones (China or Chicago, India or Ireland): better no moment than one that is hours off
_MANY = frozenset({"cst", "ist"})
_OFFSETS = {
    name: hours
    for hours, names in {
        0: "z utc gmt ut",
        -8: "pst",
        -7: "pdt mst",
        -6: "mdt",
        -5: "est cdt",
        -4: "edt",
        1: "cet bst",
        2: "cest eet",
        3: "eest msk",
        8: "sgt hkt 北京时间 beijing shanghai singapore",
        9: "jst kst tokyo",
        10: "aest",
        11: "aedt",
    }.items()
    for name in names.split()
}
_PLACES = {
    "pt": "America/Los_Angeles",
    "pacific": "America/Los_Angeles",
    "mt": "America/Denver",
    "mountain": "America/Denver",
    "ct": "America/Chicago",
    "central": "America/Chicago",
    "et": "America/New_York",
    "eastern": "America/New_York",
}
_NAMED = "|".join(sorted({*_OFFSETS, *_MANY, *_PLACES}, key=len, reverse=True))
_MONTH, _DAY = (rf"(?:{'|'.join(names)})[a-z]*\.?" for names in (_MONTHS, _DAYS))
_YEAR = r"(?:,?\s*(?P<year>\d{4})(?![:\d]))?"
_FORMS = {
    "date": (
        r"(?P<year>\d{4})[-/.年](?P<month>\d\d?)[-/.月](?P<day>\d\d?)(?!\d)日?",
        rf"(?:{_DAY},?\s+)?(?P<name>{_MONTH})\s+(?P<day>\d\d?)(?!\d)(?:st|nd|rd|th)?{_YEAR}",
        rf"(?:{_DAY},?\s+)?(?P<day>\d\d?)(?:st|nd|rd|th)?[\s-](?P<name>{_MONTH})[\s-]?{_YEAR}",
        r"(?P<month>\d\d)[-/](?P<day>\d\d)(?=\s+\d\d:\d\d)",
        rf"(?:next\s+)?(?P<week>{_DAY})(?![a-z])",
        r"(?P<word>today|tomorrow)\b",
    ),
    "time": (
        r"(?P<hour>\d\d?)(?::(?P<minute>\d\d))?(?::(?P<second>\d\d))?(?:\.\d+)?\s*(?P<half>[ap])\.?m\b\.?",
        r"T?(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?(?![:\d])",
        r"(?P<word>midnight|noon)\b",
    ),
    "zone": (
        r"(?:UTC|GMT)?\s?(?P<sign>[+-])(?P<hours>\d\d?)(?::?(?P<minutes>\d\d))?(?![\d:])(?:\s*\(?[A-Z]{2,5}\b\)?)?",
        r"(?P<place>(?:Africa|America|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific|US)(?:/[\w+-]+){1,2})",
        rf"(?P<name>{_NAMED})(?![a-z])(?:\s+(?:standard\s+|daylight\s+)?time\b)?",
    ),
}
_PARTS = {part: tuple(re.compile(form, re.IGNORECASE | re.ASCII) for form in forms) for part, forms in _FORMS.items()}
_BETWEEN = re.compile(r"(?:[\s,;(（@·∙]|(?:at|on|the|T(?=\d))\b)*", re.IGNORECASE)
_REST = re.compile(r"\)?\s*(?:\([^()]*\))?[\s.]*")
# a date without a year that lies further back belongs to the next one
_STALE = timedelta(days=30)


def moment(
    text: str, base: datetime | None = None, *, zone: tzinfo | None = None, whole: bool = False
) -> datetime | None:
    """The moment that a text begins with, as naive UTC; None when it begins with none.

    Args:
        base: naive UTC; what a weekday, an hour or a date without a year is counted from.
        zone: where a date without a zone was written; None = UTC. An hour alone, or one of twelve, without a zone
            is somebody's local time and no moment.
        whole: nothing may follow.
    """
    parts: dict[str, Mapping[str, str | None]] = {}
    place = 0
    while len(parts) < len(_PARTS):
        start = _at(_BETWEEN, text, place)
        hits = (
            (part, form.match(text, start)) for part, forms in _PARTS.items() if part not in parts for form in forms
        )
        part, hit = next(((part, hit) for part, hit in hits if hit is not None), (None, None))
        if part is None or hit is None:
            break
        parts[part], place = hit.groupdict(), hit.end()
    if whole and _REST.fullmatch(text, place) is None:
        return None
    try:
        return _moment(parts, base, zone)
    except (ValueError, OverflowError, OSError, KeyError):
        return None


def _at(pattern: re.Pattern[str], text: str, place: int) -> int:
    hit = pattern.match(text, place)
    return hit.end() if hit is not None else place


def _moment(
    parts: Mapping[str, Mapping[str, str | None]], base: datetime | None, zone: tzinfo | None
) -> datetime | None:
    date, time, where = (parts.get(part) for part in ("date", "time", "zone"))
    if date is None and time is None:
        return None
    if where is not None:
        zone = _zone(where)
        if zone is None:
            return None
    elif zone is None:
        if date is None or (time is not None and time.get("half")):
            return None
        zone = UTC
    now = None if base is None else base.replace(tzinfo=UTC).astimezone(zone)
    hour, minute, second = _hour(time or {})
    if date is not None and date.get("year"):
        day = datetime(int(date["year"] or 0), _month(date), int(date["day"] or 0), tzinfo=zone)
        return _utc(day.replace(hour=hour, minute=minute, second=second))
    if now is None:
        return None
    today = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
    if date is not None and date.get("day"):
        day = today.replace(month=_month(date), day=int(date["day"] or 0))
        return _utc(day if day >= now - _STALE else day.replace(year=day.year + 1))
    if date is not None and date.get("week"):
        today += timedelta(days=(_DAYS.index((date["week"] or "")[:3].lower()) - today.weekday()) % 7)
        return _utc(today if today > now else today + timedelta(days=7))
    if date is not None:
        return _utc(today + timedelta(days=(date["word"] or "").lower() == "tomorrow"))
    return _utc(today if today > now else today + timedelta(days=1))


def _utc(day: datetime) -> datetime:
    return day.astimezone(UTC).replace(tzinfo=None)


def _month(date: Mapping[str, str | None]) -> int:
    name = date.get("name")
    return _MONTHS.index(name[:3].lower()) + 1 if name else int(date["month"] or 0)


def _hour(time: Mapping[str, str | None]) -> tuple[int, int, int]:
    if word := time.get("word"):
        return (12 if word.lower() == "noon" else 0), 0, 0
    hour, minute, second = (int(time.get(name) or 0) for name in ("hour", "minute", "second"))
    if half := time.get("half"):
        hour = hour % 12 + 12 * (half.lower() == "p")
    return hour, minute, second


def _zone(where: Mapping[str, str | None]) -> tzinfo | None:
    if sign := where.get("sign"):
        span = timedelta(hours=int(where["hours"] or 0), minutes=int(where["minutes"] or 0))
        return timezone(span if sign == "+" else -span)
    name = (where.get("name") or "").lower()
    if name in _OFFSETS:
        return timezone(timedelta(hours=_OFFSETS[name]))
    place = where.get("place") or _PLACES.get(name)
    return ZoneInfo(place) if place else None
