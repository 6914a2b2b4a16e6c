"""Whose words an answer holds: a relay is not blamed for what the service behind it says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from testkey_nb.answers import Diagnosis, diagnose, document
from testkey_nb.catalogue import load
from tests.answers.test_diagnosis import cases

WRONG_KEY = {"error": {"message": "Incorrect API key provided: sk-EXAMPLE", "code": "invalid_api_key", "param": None}}
PREFIXES = (
    "upstream error 429: ",
    "OpenAI API error 401: ",
    "Error from provider(gemini,undefined: 401): ",
    "bad response status code 401, message: ",
    "litellm.AuthenticationError: AuthenticationError: OpenAIException - ",
    "Upstream request failed: ",
    "Provider returned an error: ",
)


def relayed(message: str, *, status: int = 401) -> Diagnosis:
    return diagnose(document(status=status, body={"error": {"message": message, "code": None}}), catalogue=load())


@pytest.mark.parametrize("case", cases("field_wordings.jsonl"), ids=lambda case: str(case["source"])[19:])
def test_an_answer_from_a_public_thread_is_read_as_labelled(case: dict[str, Any]) -> None:
    provider = load().provider(case["provider"]) if "provider" in case else None
    doc = document(
        status=case["status"], body=case["body"], headers=case.get("headers"), path=case.get("path"), method="POST"
    )
    got = diagnose(doc, catalogue=load(), provider=provider)
    assert got.condition in case["condition"], got
    assert got.key_valid in case["key_valid"], got
    assert case.get("move", "") in got.move
    for name in {"cause_code", "move_code", "whose"} & {*case}:
        assert getattr(got, name) == case[name]


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("inner", [json.dumps(WRONG_KEY), json.dumps(WRONG_KEY, indent=2), str(WRONG_KEY)])
def test_the_wrong_key_of_an_upstream_is_not_this_one(prefix: str, inner: str) -> None:
    got = relayed(prefix + inner)
    assert (got.condition, got.whose) == ("upstream-error", "upstream")
    assert got.key_valid is not False


@pytest.mark.parametrize(
    ("inner", "condition"),
    [
        ({"code": 429, "message": "Slow down, rate limit reached for requests", "status": "x"}, "rate-limited"),
        ({"message": "You exceeded your monthly spending limit"}, "quota-exhausted"),
        ({"message": "This model's maximum context length is 4096 tokens"}, "context-too-long"),
        ({"message": "Invalid max_tokens value", "param": "max_tokens"}, "bad-request"),
        ({"message": "The engine is currently overloaded"}, "overloaded"),
        ({"message": "Your credit balance is too low"}, "upstream-error"),
        ({"message": "The model `x` does not exist", "code": "model_not_found"}, "model-not-found"),
        ({"message": "API key has expired"}, "upstream-error"),
    ],
)
def test_what_an_upstream_says_of_the_call_stands_and_of_its_key_does_not(inner: Any, condition: str) -> None:
    got = relayed("Error from provider: " + json.dumps({"error": inner}), status=400)
    assert (got.condition, got.whose) == (condition, "upstream")


def test_words_without_a_body_are_an_upstreams_too() -> None:
    got = relayed("Upstream error from DeepInfra: max_tokens=131072 cannot be greater than 28672.", status=400)
    assert (got.condition, got.whose) == ("bad-request", "upstream")


def test_a_relay_within_a_relay_is_opened_twice() -> None:
    inner = json.dumps({"error": {"message": "Error from provider: " + json.dumps(WRONG_KEY)}})
    assert relayed("upstream error: " + inner).condition == "upstream-error"


def test_a_body_wrapped_twice_as_text_is_the_services_own() -> None:
    once = json.dumps({"error": {"message": json.dumps(WRONG_KEY)}})
    got = relayed(json.dumps({"error": {"message": once}}))
    assert (got.condition, got.key_valid, got.whose) == ("invalid-api-key", False, "own")


def test_a_client_that_repeats_an_answer_is_no_relay() -> None:
    got = diagnose(document(status=None, body=f"Error code: 401 - {WRONG_KEY}"), catalogue=load())
    assert (got.condition, got.key_valid, got.whose) == ("invalid-api-key", False, "own")


def test_details_inside_a_wrapped_text_are_the_body() -> None:
    inner = {"error": {"code": 429, "message": "x", "details": [{"retryDelay": "7s"}]}}
    doc = document(status=429, body={"error": {"message": json.dumps(inner), "code": 429}})
    assert doc["body"]["error"]["details"] == [{"retryDelay": "7s"}]


def test_an_answer_without_an_error_has_nobodys_words() -> None:
    assert diagnose(document(status=200, body={"data": []}), catalogue=load()).whose is None


def test_a_proven_order_of_checks_makes_a_rejected_request_a_proof() -> None:
    body = {"error": {"message": "Invalid value for 'size'", "type": "invalid_request_error", "param": "size"}}
    doc = document(status=400, body=body)
    valid = {
        name: diagnose(doc, catalogue=load(), provider=load().provider(name)).key_valid for name in ("openai", "groq")
    }
    assert valid == {"openai": True, "groq": None}
