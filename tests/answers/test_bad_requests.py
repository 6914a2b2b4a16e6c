"""No answer to a malformed request judges the key."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testkey_nb.answers import Diagnosis, diagnose, document
from testkey_nb.catalogue import load
from testkey_nb.vocabulary import KEY_CONDITIONS
from tests.answers.test_diagnosis import cases

# published wordings; <name> and <value> stand for whatever parameter and value were wrong
WORDINGS = cases("bad_requests.jsonl")
PROVIDERS = (None, *load().providers.values())
# names of parameters that sound like a credential, or like a limit
_NAMES = """max_tokens max_completion_tokens max_output_tokens thinking.budget_tokens maxOutputTokens stop_token token
tokens token_ids key keys api_key access_token prompt_cache_key logit_bias response_format messages[0].content
tools[1].function.parameters stream_options top_k reasoning_effort user metadata.key credentials"""
NAMES = st.sampled_from(_NAMES.split()) | st.from_regex(
    r"[a-z][a-z_]{1,20}(\[[0-9]\])?(\.[a-z_]{2,10})?", fullmatch=True
)
_VALUES = ("0", "-1", "100000", "null", "high", "tokens", "expired", "json_schema")
VALUES = st.sampled_from(_VALUES) | st.from_regex(r"[A-Za-z0-9_.-]{1,20}", fullmatch=True)


def answered(wording: dict[str, Any], name: str, value: str, provider: Any) -> Diagnosis:
    def filled(node: Any) -> Any:
        if isinstance(node, str):
            return node.replace("<name>", name).replace("<value>", value)
        if isinstance(node, dict):
            return {each: filled(inner) for each, inner in node.items()}
        return [filled(inner) for inner in node] if isinstance(node, list) else node

    doc = document(status=wording["status"], body=filled(wording["body"]))
    return diagnose(doc, catalogue=load(), provider=provider)


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: str(wording["body"])[:60])
@settings(max_examples=40)
@given(name=NAMES, value=VALUES, provider=st.sampled_from(PROVIDERS))
def test_no_bad_request_makes_a_key_invalid(wording: dict[str, Any], name: str, value: str, provider: Any) -> None:
    got = answered(wording, name, value, provider)
    assert got.key_valid is not False, got
    assert got.condition not in KEY_CONDITIONS, got


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: str(wording["body"])[:60])
def test_a_bad_request_proves_no_key_to_an_unknown_host(wording: dict[str, Any]) -> None:
    got = answered(wording, "max_tokens", "100000", None)
    assert (got.condition, got.key_valid) == ("bad-request", None), got


@pytest.mark.parametrize(
    ("status", "body", "condition"),
    [
        (400, {"error": {"message": "Incorrect API key provided", "param": None}}, "invalid-api-key"),
        (400, {"error": {"message": "Invalid key", "param": "key", "code": "invalid_api_key"}}, "invalid-api-key"),
        (401, {"error": {"message": "Invalid token", "param": "token"}}, "invalid-api-key"),
        (422, {"detail": [{"loc": ["header", "authorization"], "msg": "authorization is missing"}]}, "missing-api-key"),
        (400, {"error": {"message": "Missing Authorization header", "param": "x"}}, "missing-api-key"),
        (400, {"message": "Token expired"}, "expired-key"),
    ],
)  # fmt: skip
def test_words_about_the_credential_are_still_about_the_key(status: int, body: Any, condition: str) -> None:
    assert diagnose(document(status=status, body=body), catalogue=load()).condition == condition
