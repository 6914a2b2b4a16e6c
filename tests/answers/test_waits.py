"""The wait that an analyst is told is the wait that the wire keeps, in whatever form it comes."""

from __future__ import annotations

import json
import math
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testkey_nb.answers import reader
from testkey_nb.catalogue import load
from testkey_nb.wire.answer import Answer
from testkey_nb.wire.retries import Again, Retries

SENT = datetime.fromisoformat("2026-11-23T07:00:00")
DATE = "Mon, 23 Nov 2026 07:00:10 GMT"
CAP = 60.0
# written from documentation and public threads, each with its source where it has one
TABLE = [json.loads(line) for line in Path(__file__).with_name("waits.jsonl").read_text(encoding="utf-8").splitlines()]


def error(message: str = "slow down", **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, **fields}}


FORMS: list[tuple[dict[str, str], Any, float | None]] = [
    # headers
    ({"retry-after": "20"}, None, 20),
    ({"retry-after": "0"}, None, 0),
    ({"retry-after": "-3"}, None, 0),
    ({"retry-after": " 1.5 "}, None, 1.5),
    ({"retry-after": "12s"}, None, 12),
    ({"retry-after": "1m30s"}, None, 90),
    ({"retry-after": "PT5S"}, None, 5),
    ({"retry-after": "0:00:07"}, None, 7),
    ({"retry-after-ms": "1500"}, None, 1.5),
    ({"retry-after-ms": "250", "retry-after": "9"}, None, 0.25),
    ({"retry-after-ms": "?", "retry-after": "9"}, None, 9),
    ({"x-retry-after": "4"}, None, 4),
    ({"x-ratelimit-retry-after": "5"}, None, 5),
    ({"ratelimit-retry-after": "6"}, None, 6),
    ({"x-should-retry-after": "7"}, None, 7),
    ({"retry-after": "Mon, 23 Nov 2026 07:00:40 GMT", "date": DATE}, None, 30),
    ({"retry-after": "Mon, 23 Nov 2026 07:00:40 GMT"}, None, 40),
    ({"retry-after": "2026-11-23T07:00:30Z", "date": DATE}, None, 20),
    ({"retry-after": "Mon, 23 Nov 2026 06:00:00 GMT", "date": DATE}, None, 0),
    ({"retry-after": "Fri, 31 Dec 2100 23:59:59 GMT"}, None, 2_338_563_599),
    ({"retry-after": "soon"}, None, None),
    ({"retry-after": "1795435200"}, None, 18_000),
    # fields
    ({}, error(retry_after=8), 8),
    ({}, error(retryAfter="9"), 9),
    ({}, error(retry_after_seconds=2.5), 2.5),
    ({}, error(retry_after_s=3), 3),
    ({}, error(wait_seconds=11), 11),
    ({}, error(retry_after_ms=1200), 1.2),
    ({}, {"error": {"message": "x", "details": [{"@type": "RetryInfo", "retryDelay": "31s"}]}}, 31),
    ({}, {"detail": "Request was throttled.", "retry-after": "10"}, 10),
    ({"retry-after": "2"}, error(retry_after=8), 2),
    # words
    ({}, error("Please try again in 20.4s."), 20.4),
    ({}, error("Please retry after 26 seconds."), 26),
    ({}, error("Limit resets in ~5s."), 5),
    ({}, error("Please wait 82473 seconds before retrying"), 82473),
    ({}, error("Request was throttled. Expected available in 3 seconds."), 3),
    ({}, error("try again in 250ms"), 0.25),
    ({}, error("请在 6 秒 后重试"), 6),
    ({}, error("try again later"), None),
    ({}, None, None),
]


@pytest.mark.parametrize(("headers", "body", "expected"), FORMS, ids=range(len(FORMS)))
def test_the_wire_waits_what_the_diagnosis_tells(headers: dict[str, str], body: Any, expected: float | None) -> None:
    answer = Answer("GET", "h", "/", status=503, headers=headers, body=body, sent_at=SENT)
    read = reader(catalogue=load())
    again = Retries(cap_s=CAP).consider(answer, who="", advise=read)
    assert read(answer).diagnosis.retry_after_s == (None if expected is None else pytest.approx(expected))
    if expected is not None and expected > CAP:
        assert again is None
    else:
        assert isinstance(again, Again)
        assert again.wait == read(answer).diagnosis.retry_after_s


def test_a_field_of_a_success_is_no_wait() -> None:
    answer = Answer("GET", "h", "/", status=200, body={"retry_after": 8})
    assert reader(catalogue=load())(answer).wait_s is None


@pytest.mark.parametrize("row", TABLE, ids=range(1, len(TABLE) + 1))
def test_a_wait_is_read_in_every_form_and_nothing_else_is_one(row: dict[str, Any]) -> None:
    answer = Answer("GET", "h", "/", status=row["status"], headers=row["headers"], body=row["body"])
    read = reader(catalogue=load())
    told = read(answer).diagnosis.retry_after_s
    assert told == (None if row["seconds"] is None else pytest.approx(row["seconds"], abs=0.01))
    again = Retries(cap_s=1e9).consider(answer, who="", advise=read)
    assert again is None or again.wait == told


def test_a_length_needs_no_clock_and_goes_before_a_moment() -> None:
    fields = {"resets_at": "2026-11-23T08:00:00Z", "resets_in_seconds": 30}
    answer = Answer("GET", "h", "/", status=429, body=error(**fields), sent_at=SENT)
    assert reader(catalogue=load())(answer).wait_s == 30


NAMES = st.sampled_from(
    ["retry_after", "Retry-After-Ms", "resets_at", "reset_in", "cooldown_until", "next_retry", "x-ratelimit-reset",
     "date", "x-ratelimit-remaining", "ratelimit", "remaining", "used_percent", "details", "message", "error",
     "headers"],
)  # fmt: skip
TIMES = st.sampled_from(
    ["NaN", "1e400", "-1e400", "-9" * 30, "9" * 400, "PT", "P9999999999D", "99:99:99", "9999-12-31T23:59:59-12:00",
     "0001-01-01T00:00:00+14:00", "Monday 99:99 UTC", "31 Feb 2026", "5pm (../../etc/passwd)", "+99:99", "12-99 10:00",
     "99999999999d", "Mon, 99 Xyz 2026 07:00:10 GMT", "limit=0, remaining=0, reset=9e9", "\x00"],
)  # fmt: skip
WORDS = st.lists(
    st.sampled_from(
        ["try again", "in", "at", "resets", "wait", "until", "5", "pm", "UTC",
         "Monday", "2026-13-40", "请在", "后重试", "9" * 50, "h", ":"]
    ),
    max_size=9,
).map(" ".join)  # fmt: skip
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | TIMES | WORDS
BODIES = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)


@given(st.sampled_from([200, 400, 429, 503]), st.dictionaries(NAMES, VALUES.map(str), max_size=5), BODIES)
def test_no_value_of_any_kind_raises_and_a_wait_is_a_length(status: int, headers: dict[str, str], body: Any) -> None:
    answer = Answer("GET", "h", "/", status=status, headers=headers, body=body, sent_at=SENT)
    told = reader(catalogue=load())(answer).wait_s
    assert told is None or (math.isfinite(told) and told >= 0)
