"""Every way of telling a time is read, and nothing else."""

from __future__ import annotations

from datetime import datetime

import pytest

from testkey_nb.answers.dates import moment
from testkey_nb.answers.times import instant, reset, seconds
from testkey_nb.answers.windows import of_seconds, refill, window

NOON = datetime.fromisoformat("2026-11-23T12:00:00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1m30s", 90),
        ("6m0s", 360),
        ("17ms", 0.017),
        ("PT5M", 300),
        ("45s", 45),
        ("20.4", 20.4),
        (7, 7),
        ("5 minutes", 300),
        ("~5s", 5),
        ("1:02:03", 3723),
        ("1m20.5s", 80.5),
        ("1d2h", 93600),
        ("5.12:30:00", 477000),
        ("1 day, 2:03:04", 93784),
        ("5 days 22 hours 11 minutes", 511860),
        ("3 hours and 5 minutes", 11100),
        ("86,400 seconds", 86400),
        ("an hour", 3600),
        ("3 months", None),
        ("1e400", None),
        ("soon", None),
        ("", None),
        (None, None),
        (True, None),
    ],
)
def test_durations_are_seconds(text: object, expected: float | None) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-23T12:00:00Z",
        "2026-11-23T13:00:00+01:00",
        1795435200,
        "1795435200000",
        1795435200000000,
        "Mon, 23 Nov 2026 12:00:00 GMT",
        "2026-11-23 20:00:00 +0800 CST",
    ],
)
def test_instants_are_naive_utc(value: object) -> None:
    assert instant(value) == NOON


def test_a_reset_is_kept_as_it_was_told() -> None:
    assert reset("12ms") == (0.012, None)
    assert reset("1795435200") == (None, NOON)
    assert reset("nonsense") == (None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wed, 25 Nov 2026 10:00:00 GMT", "2026-11-25T10:00:00"),
        ("2026-11-25 10:00:00 +0800 CST", "2026-11-25T02:00:00"),
        ("2026-11-25 at 10:00 PST", "2026-11-25T18:00:00"),
        ("2026-11-25 10:00 Beijing time", "2026-11-25T02:00:00"),
        ("2026年11月25日 10:00", "2026-11-25T10:00:00"),
        ("Wed Nov 25 2026 10:00:00 GMT+0530 (India Standard Time)", "2026-11-25T04:30:00"),
        ("Nov 25th, 2026 10:00 AM UTC", "2026-11-25T10:00:00"),
        ("11-25 10:00:00 UTC", "2026-11-25T10:00:00"),
        ("Jan 2 at 4pm (UTC)", "2027-01-02T16:00:00"),
        ("Oct 31 at 4pm (UTC)", "2026-10-31T16:00:00"),
        ("00:00 UTC on Tuesday", "2026-11-24T00:00:00"),
        ("Monday 11:00 UTC", "2026-11-30T11:00:00"),
        ("5pm (America/New_York)", "2026-11-23T22:00:00"),
        ("midnight Pacific time", "2026-11-24T08:00:00"),
        ("noon UTC", "2026-11-24T12:00:00"),
        ("12am (Etc/GMT+5)", "2026-11-24T05:00:00"),
        ("tomorrow", "2026-11-24T00:00:00"),
        ("5pm", None),
        ("Nov 25th, 2026 10:00 AM", None),
        ("2026-11-25 10:00 CST", None),
        ("5pm (Nowhere/At_All)", None),
        ("2026-02-30 10:00 UTC", None),
        ("later", None),
    ],
)
def test_a_moment_is_read_as_people_write_it(text: str, expected: str | None) -> None:
    assert moment(text, NOON) == (None if expected is None else datetime.fromisoformat(expected))


def test_a_weekday_is_no_moment_without_a_day_to_count_from() -> None:
    assert moment("Monday 00:00 UTC") is None


def test_a_field_is_a_moment_only_as_a_whole() -> None:
    assert instant("Nov 25, 2026 10:00 UTC, or later") is None


def test_windows_have_one_name() -> None:
    assert [window(word) for word in ("min", "daily", "60-second", 300, "P7D", "never", "?")] == [
        "minute",
        "day",
        "minute",
        "PT5M",
        "week",
        "lifetime",
        None,
    ]
    assert of_seconds(10) == "PT10S"


def test_the_refill_names_the_window_only_where_it_proves_it() -> None:
    assert refill(20000, 19991, 38.879) == "day"
    assert refill(500, 499, 0.12) == "minute"
    assert refill(600, 599, 1) is None
    assert refill(600, 600, 1) is None
