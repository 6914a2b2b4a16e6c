"""No answer, however strange, stops a reading."""

from __future__ import annotations

import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from testkey_nb.answers import diagnose, document, extract_answer, outcome
from testkey_nb.catalogue import load
from testkey_nb.vocabulary import CONDITIONS, OUTCOMES

WORDS = st.sampled_from(
    [
        "error",
        "errors",
        "message",
        "code",
        "type",
        "detail",
        "details",
        "data",
        "metadata",
        "raw",
        "headers",
        "status",
        "base_resp",
        "status_code",
        "success",
        "limit",
        "reset",
        "violations",
        "models",
        "id",
        "pricing",
        "prompt",
        "info",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "x-ratelimit-limit-requests",
            "x-ratelimit-reset-tokens",
            "x-ratelimit-remaining",
            "ratelimit",
            "ratelimit-policy",
            "retry-after",
            "retry-after-ms",
            "anthropic-ratelimit-tokens-reset",
            "date",
            "x-ratelimit-renewalperiod-requests",
            "content-type",
            "x-amzn-errortype",
        ]
    ),
    st.text(max_size=30)
    | st.sampled_from(["10", "1m3s", "-1", "1e400", "9" * 50, "2026-01-01T00:00:00Z", '"a";q=1;w=0']),
    max_size=6,
)


@given(status=st.none() | st.integers(-1, 700), headers=HEADERS, body=JSON, text=st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_no_answer_stops_a_reading(status: int | None, headers: dict[str, str], body: Any, text: str) -> None:
    catalogue = load()
    provider = catalogue.provider("openrouter")
    for one in (body, text):
        doc = document(status=status, headers=headers, body=one, method="GET", path="/api/v1/models")
        got = diagnose(doc, catalogue=catalogue, provider=provider)
        assert got.condition is None or got.condition in CONDITIONS
        extract_answer(provider, "/api/v1/models", doc, catalogue=catalogue)
        assert outcome(got, doc) in OUTCOMES


def test_a_body_nested_without_end_is_read() -> None:
    body: dict[str, Any] = {}
    for _ in range(5000):
        body = {"error": body}
    doc = document(status=400, body=body)
    assert diagnose(doc, catalogue=load()).condition == "bad-request"


def test_a_long_hostile_text_is_read_at_once() -> None:
    for text in (
        "model " * 4000,
        "limit of " * 3000 + "1",
        "x" * 200_000,
        "[" * 20_000,
        "1" * 20_000,
        "key is " * 400,
        "1s " * 9000,
        " " * 9000,
    ):
        doc = document(status=429, body={"error": {"message": text}})
        start = time.perf_counter()
        assert diagnose(doc, catalogue=load()).condition is not None
        assert time.perf_counter() - start < 1
