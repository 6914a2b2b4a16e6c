"""Who speaks OpenAI's dialect is not OpenAI, whatever it says in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from testkey_nb.catalogue import load
from testkey_nb.identity import identify_recorded
from testkey_nb.identity.signals import signals_of

# words of https://developers.openai.com/api/docs/guides/error-codes that compatible servers send as well
TYPES = st.sampled_from(
    [
        "invalid_request_error",
        "authentication_error",
        "insufficient_quota",
        "rate_limit_error",
        "server_error",
        "tokens",
    ]
)
CODES = st.sampled_from(
    [None, "", "invalid_api_key", "insufficient_quota", "model_not_found", "rate_limit_exceeded", 401]
)
SENTENCES = st.sampled_from(
    [
        "Incorrect API key provided: EXA*****MPLE.",
        "Invalid API key",
        "You exceeded your current quota, please check your plan and billing details.",
        "The model `gpt-4o` does not exist or you do not have access to it.",
        "Rate limit reached for requests",
        "Invalid URL (GET /v1/x)",
        "This model's maximum context length is 8192 tokens.",
        "That model is currently overloaded with other requests.",
        "Unrecognized request argument supplied: foo",
    ]
)
ERRORS = st.fixed_dictionaries(
    {
        "error": st.fixed_dictionaries(
            {"message": SENTENCES | st.text(max_size=60), "type": TYPES},
            optional={"param": st.none() | st.just(""), "code": CODES},
        )
    }
)
MODELS = st.fixed_dictionaries(
    {
        "object": st.just("list"),
        "data": st.lists(
            st.fixed_dictionaries(
                {"id": st.sampled_from(["gpt-4o", "gpt-4o-mini", "local-model"]), "object": st.just("model")},
                optional={
                    "created": st.integers(0, 2_000_000_000),
                    "owned_by": st.sampled_from(["me", "org", "custom"]),
                },
            ),
            max_size=3,
        ),
    }
)
COMPLETIONS = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["chatcmpl-EXAMPLE", "cmpl-1"]),
        "object": st.just("chat.completion"),
        "choices": st.just([]),
    },
    optional={"usage": st.just({"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2})},
)
PATHS = st.sampled_from([None, "/v1/models", "/v1/chat/completions", "/v1/organization/costs", "/v1/embeddings"])


@settings(max_examples=300, deadline=None)
@example(
    status=429,
    body={"error": {"message": "You exceeded your current quota, please check your plan and billing details.",
                    "type": "insufficient_quota", "param": None, "code": "insufficient_quota"}},
    path="/v1/organization/costs",
)  # fmt: skip
@given(status=st.sampled_from([None, 200, 400, 401, 404, 429]), body=ERRORS | MODELS | COMPLETIONS, path=PATHS)
def test_an_answer_in_openais_shape_alone_is_never_openai(status: int | None, body: Any, path: str | None) -> None:
    assert identify_recorded(status=status, body=body, path=path).provider != "openai"


@pytest.mark.parametrize("name", sorted(signals_of(load()).imitated))
def test_nothing_that_an_imitated_services_file_declares_speaks_for_it(name: str) -> None:
    body = {"total_granted": 1, "hard_limit_usd": 1, "data": [{"inputTokenLimit": 1, "max_tokens": 1}], "first_id": "x"}
    for path in ("/v1/organization/costs", "/v1/models", "/v1beta/models"):
        verdict = identify_recorded(status=200, body=body, path=path)
        assert not [one for one in verdict.evidence if one.provider == name and one.signal.startswith("declared-")]
