"""The wait that an analyst is told is the wait that the wire keeps, in whatever form it comes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from testkey_nb.answers import reader
from testkey_nb.catalogue import load
from testkey_nb.wire.answer import Answer
from testkey_nb.wire.retries import Again, Retries

SENT = datetime.fromisoformat("2026-11-23T07:00:00")
DATE = "Mon, 23 Nov 2026 07:00:10 GMT"
CAP = 60.0


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
    ({"retry-after": "1795435200"}, None, None),
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
