"""Windows, lengths and texts at the edges where one sign decides."""

from __future__ import annotations

from typing import Any

import pytest

from testkey_nb.answers import diagnose, document
from testkey_nb.answers.coerce import coerce
from testkey_nb.answers.numbers import exact, is_unlimited, leading
from testkey_nb.answers.times import FAR, instant, reset, seconds
from testkey_nb.answers.windows import of_seconds, refill, window
from testkey_nb.catalogue import load
from tests.answers.conftest import field


@pytest.mark.parametrize(
    ("reset_s", "expected"),
    [(864, "day"), (864 * 1.09, "day"), (864 * 0.91, "day"), (864 * 1.12, None), (864 * 0.88, None), (864 * 1.5, None)],
)
def test_a_refill_proves_a_window_within_a_tenth_only(reset_s: float, expected: str | None) -> None:
    assert refill(1000, 990, reset_s) == expected


@pytest.mark.parametrize(("reset_s", "expected"), [(9, None), (10, "hour"), (9.5, "hour")])
def test_a_short_whole_reset_is_too_coarse_to_prove_a_window(reset_s: float, expected: str | None) -> None:
    assert refill(1000, 1000 - reset_s / 3.6, reset_s) == expected


def test_a_bucket_that_is_full_or_resets_at_once_proves_no_window() -> None:
    assert refill(1000, 1000, 864) is refill(1000, 1001, 864) is refill(1000, 990, 0) is refill(0, 0, 5) is None


@pytest.mark.parametrize(
    ("span", "expected"),
    [(0, None), (-60, None), (0.5, None), (1.5, None), (10**9, "PT277777H46M40S"), (10**9 + 1, None),
     (3661, "PT1H1M1S"), (3600, "hour"), (2 * 86400, "P2D"), (28 * 86400, "month"), (29 * 86400, "P29D"),
     (31 * 86400, "month")],
)  # fmt: skip
def test_a_span_has_a_name_or_is_said_in_full(span: float, expected: str | None) -> None:
    assert of_seconds(span) == expected


def test_a_word_that_is_no_window_is_none() -> None:
    assert [window(word) for word in (True, "", "per week", "P1D", "per_hour")] == [None, None, "week", "day", "hour"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2 hrs", 7200), ("1.5h", 5400), ("1w", 604800), ("2d", 172800), ("250us", 0.00025), ("3 ns", 3e-9),
     ("P1W", 604800), ("P1DT1S", 86401), ("PT1H1M", 3660), ("1:00:00", 3600), ("2 小时", 7200), ("P", None)],
)  # fmt: skip
def test_every_unit_has_its_length(text: str, expected: float | None) -> None:
    assert seconds(text) == (None if expected is None else pytest.approx(expected))


def test_a_number_is_an_instant_from_2001_to_2100_only() -> None:
    assert instant(10**9) is not None
    assert instant(10**9 - 1) is None
    assert instant(FAR) is None
    assert instant(FAR - 1) is not None
    assert instant(10**12) == instant(10**9)


def test_a_duration_is_an_instant_only_from_a_moment() -> None:
    moment = instant(1_795_435_200)
    assert instant("60s", "duration", now=moment) == instant(1_795_435_260)
    assert instant("60s", "duration") is None
    assert instant("soon", "duration", now=moment) is None


def test_a_reset_in_the_past_or_of_an_age_is_none() -> None:
    assert reset(-1) == (None, None)
    assert reset(0) == (0, None)
    assert reset("999999999", "seconds") == (999_999_999, None)
    assert reset("1000000000", "seconds") == (None, None)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [(2**63 - 1, "int", 2**63 - 1), (2**63, "int", None), (-(2**63) + 1, "int", -(2**63) + 1), (1.5, "int", None),
     ("", "time", None), (0, "time", None), (True, "time", None), ("1989-12-31T00:00:00Z", "time", None),
     ("yes", "bool", True), ("off", "bool", False), ("2", "bool", None), (1.0, "bool", None), ([], "list", "[]"),
     (" ", "list", None), ({"a": {"supported": True}, "b": False, "c": True}, "list", '["a", "c"]')],
)  # fmt: skip
def test_a_value_that_does_not_fit_its_column_is_unknown(value: Any, kind: str, expected: Any) -> None:
    assert coerce(value, kind) == expected


def test_a_number_is_read_exactly_or_not_at_all() -> None:
    assert [str(exact(text)) for text in ("1,000", "$2.50", "1,00", "1e39", "1e40", "9" * 40, "9" * 41)] == [
        "1000", "2.50", "None", "1E+39", "None", "9" * 40, "None",
    ]  # fmt: skip
    assert [str(leading(text)) for text in ("100;w=60", "2,000", " 6.0 x", "x6")] == ["100", "2000", "6.0", "None"]
    assert [is_unlimited(value) for value in (-1, -1.0, "-1", "None", "none", True, 0)] == [True] * 3 + [False] * 4


def limits(headers: dict[str, str], body: Any = None) -> list[tuple[Any, ...]]:
    told = diagnose(document(status=429, headers=headers, body=body), catalogue=load()).limits
    return [(row["kind"], row["window"], row["limit"], row["remaining"], row["source"]) for row in told]


def test_words_complete_a_header_on_the_same_limit_only() -> None:
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-limit-requests": "3"}
    words = "Rate limit reached for x on requests per min (RPM): Limit {}, Used 3, Requested 1."
    assert limits(headers, {"error": {"message": words.format(3)}}) == [
        ("requests", "minute", 3, 0, "x-ratelimit-limit-requests")
    ]
    same, *others = limits({"ratelimit-policy": '"a";q=5;w=86400'}, {"error": {"message": words.format(3)}})
    assert same == ("requests", "day", 5, None, "ratelimit-policy")
    assert [row[:3] for row in others] == [("requests", "minute", 3)]


def test_only_a_field_that_is_declared_a_duration_is_read_as_one() -> None:
    assert coerce("90s", "num", spec=field({"get": "@", "time": "duration"})) == 90
    assert coerce("90s", "num", spec=field({"get": "@", "time": "epoch"})) is None


def test_a_strict_map_knows_only_its_words() -> None:
    assert coerce("on", "text", spec=field({"get": "@", "map": {"on": "yes"}, "strict": True})) == "yes"
    assert coerce("off", "text", spec=field({"get": "@", "map": {"on": "yes"}, "strict": True})) is None
