"""The limits that answers tell: the number that is the limit, its window, and the model it was told of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testkey_nb.answers import diagnose, document, limits_of
from testkey_nb.answers.reading import extract_answer
from testkey_nb.catalogue import load
from testkey_nb.catalogue.model import Provider

FORMS = [json.loads(line) for line in (Path(__file__).parent / "limits.jsonl").read_text(encoding="utf-8").splitlines()]
# headers that many services share, and that say nothing of whom they bind
SHARED = (
    {"x-ratelimit-limit-requests": "{}", "x-ratelimit-remaining-requests": "1"},
    {"x-ratelimit-limit-tokens-day": "{}"},
    {"ratelimit-limit": "{}, {};w=60", "ratelimit-remaining": "1"},
    {"ratelimit-policy": '"burst";q={};w=300', "ratelimit": '"burst";r=1;t=5'},
    {"x-ai-ratelimit-limit-60-openai": "{}"},
)
ACCOUNT_WIDE = ("account", "key")
PROVIDERS = list(load().providers.values())
NAMES = st.from_regex(r"[a-z]{2,8}-[0-9]{1,3}[a-z]{0,3}", fullmatch=True)


def provider_of(case: dict[str, Any]) -> Provider | None:
    return load().provider(case["provider"]) if "provider" in case else None


@pytest.mark.parametrize("case", FORMS, ids=lambda case: case["source"].split("//")[1][:40])
def test_a_limit_has_its_number_its_window_and_its_model(case: dict[str, Any]) -> None:
    doc = document(status=case["status"], headers=case["headers"], body=case["body"], path=case.get("path"))
    rows = diagnose(doc, catalogue=load(), provider=provider_of(case)).limits
    told = [[row[name] for name in ("kind", "window", "limit", "remaining", "model_id")] for row in rows]
    assert sorted(told, key=str) == sorted(([*limit, case["model"]] for limit in case["limits"]), key=str)


def test_there_are_a_hundred_forms_of_limits_and_each_has_a_source() -> None:
    assert len(FORMS) >= 100
    assert all(case["source"].startswith("https://") for case in FORMS)


def answers_of(model: str, limit: int, headers: dict[str, str]) -> list[tuple[dict[str, Any], str | None]]:
    """The parts of an answer for each way in which its model may be known, and the model that was asked."""
    told = {name: value.format(limit, limit) for name, value in headers.items()}
    return [
        ({"status": 200, "headers": told, "body": {}}, model),
        ({"status": 200, "headers": told, "body": {"model": model, "choices": []}}, None),
        ({"status": 200, "headers": told, "body": {}, "path": f"/v1beta/models/{model}:generateContent"}, None),
        ({"status": 429, "headers": told, "body": {"error": {"message": f"Slow down. model: {model}"}}}, None),
        ({"status": 429, "headers": told, "body": {"error": {"message": f"Slow down. model: {model}"}}}, "other-1"),
    ]


@given(
    provider=st.sampled_from([None, *(each for each in PROVIDERS if each.binds not in ACCOUNT_WIDE)]),
    headers=st.sampled_from(SHARED),
    models=st.lists(NAMES, min_size=2, max_size=2, unique=True),
    limits=st.lists(st.integers(2, 10**9), min_size=2, max_size=2, unique=True),
)
def test_no_limit_of_one_model_stands_for_another(
    provider: Provider | None, headers: dict[str, str], models: list[str], limits: list[int]
) -> None:
    for model, limit in zip(models, limits, strict=True):
        for parts, asked in answers_of(model, limit, headers):
            rows = limits_of(document(**parts), catalogue=load(), provider=provider, model=asked)
            assert {(row.model_id, row.limit) for row in rows} == {(model, limit)}


@pytest.mark.parametrize("headers", SHARED, ids=lambda headers: next(iter(headers)))
def test_a_limit_of_an_unnamed_model_stands_under_none(headers: dict[str, str]) -> None:
    told = {name: value.format(9, 9) for name, value in headers.items()}
    rows = limits_of(document(status=200, headers=told, body={"data": []}), catalogue=load())
    assert [row.model_id for row in rows] == [None]


@pytest.mark.parametrize(
    "provider", [each for each in PROVIDERS if each.binds in ACCOUNT_WIDE], ids=lambda each: each.id
)
def test_a_limit_of_the_whole_account_stands_for_every_model(provider: Provider) -> None:
    doc = document(status=200, headers={"x-ratelimit-limit": "9"}, body={"model": "some-1", "choices": []})
    (row,) = limits_of(doc, catalogue=load(), provider=provider)
    assert (row.model_id, row.scope) == ("*", "organization")


def test_what_a_model_can_take_is_never_a_limit_of_the_account() -> None:
    doc = document(status=400, body={"error": {"message": "max_tokens: 9000 > 8000"}})
    (row,) = limits_of(doc, catalogue=load(), provider=load().provider("moonshot"))
    assert (row.kind, row.model_id) == ("max_output", None)


@pytest.mark.parametrize(
    ("provider", "path"),
    [("huggingface", "/api/whoami-v2"), ("cloudflare", "/client/v4/user/tokens/verify"), ("github-models", "/user")],
)
def test_a_limit_of_a_management_route_says_so(provider: str, path: str) -> None:
    doc = document(status=200, headers={"ratelimit-policy": '"x";q=9;w=300'}, body={}, path=path, method="GET")
    (row,) = extract_answer(load().provider(provider), path, doc, catalogue=load())["limits"]
    assert (row["model_id"], row["scope"], row["window"]) == ("*", "route", "PT5M")


def test_an_inference_route_of_the_same_service_tells_a_limit_of_its_model() -> None:
    headers = {"x-ratelimit-limit-requests": "9"}
    doc = document(status=200, headers=headers, body={"model": "some-1", "choices": []}, path="/v1/chat/completions")
    (row,) = limits_of(doc, catalogue=load(), provider=load().provider("huggingface"))
    assert (row.model_id, row.scope) == ("some-1", "organization")


def test_the_asked_model_keeps_its_whole_name_where_words_shorten_it() -> None:
    doc = document(status=429, body={"error": {"message": "limit of 9 requests per minute, model: some-1"}})
    (row,) = limits_of(doc, catalogue=load(), model="models/some-1")
    assert row.model_id == "models/some-1"


def test_words_speak_of_whose_limit_the_headers_tell() -> None:
    words = "Rate limit reached for gpt-4o in organization org-x on tokens per min (TPM): Limit 9, Used 1, Requested 9."
    doc = document(status=429, body={"error": {"message": words}})
    (row,) = limits_of(doc, catalogue=load(), provider=load().provider("openai"))
    assert (row.model_id, row.scope) == ("gpt-4o", "organization")
