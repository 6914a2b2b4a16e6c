"""What an answer hands on, quotes or names behind it is not its own; what a service has alone is read as its list."""

import copy
from typing import Any

import pytest

from testkey_nb.catalogue import load
from testkey_nb.errors import CatalogueError
from testkey_nb.identity import identify_recorded
from testkey_nb.identity.deriving import read_deriving

OPENAI = {"openai-version": "2020-10-01", "openai-processing-ms": "12", "openai-organization": "org-EXAMPLE"}
QUOTED = 'Image provider error: {"error":{"message":"Please go to https://fireworks.ai/account/billing"}}'


@pytest.mark.parametrize(
    ("message", "behind"),
    [
        ("Upstream error from DeepInfra: max_tokens cannot be greater than 28672", "deepinfra"),
        ("Provider error from DeepInfra: overloaded", "deepinfra"),
        (QUOTED, "fireworks"),
        ('Invalid response received from deepinfra: {"error":{"message":"busy"}}', "deepinfra"),
        ("NVIDIA_API_KEY is not set. Get a key at https://build.nvidia.com/settings/api-keys", "nvidia"),
        ('Post "https://api.deepseek.com/chat/completions": context deadline exceeded', "deepseek"),
        ("HTTPSConnectionPool(host='api.x.ai', port=443): Max retries exceeded", "xai"),
        ("DeepInfra API error: model busy", "deepinfra"),
        ("Could not reach api.openai.com: connection refused", "openai"),
    ],
)
def test_who_is_named_behind_an_answer_did_not_give_it(message: str, behind: str) -> None:
    verdict = identify_recorded(status=400, body={"type": "error", "message": message})
    assert (verdict.provider, verdict.upstream) == (None, behind)


def test_an_address_in_the_answers_own_words_is_its_own() -> None:
    body = {"error": {"message": "Please go to https://fireworks.ai/account/billing"}}
    assert identify_recorded(status=412, body=body).provider == "fireworks"


def test_a_call_that_a_bare_text_tells_of_may_be_the_clients() -> None:
    said = 'Post "https://api.deepseek.com/chat/completions": 402'
    assert identify_recorded(status=402, body=said).provider == "deepseek"


def test_an_address_to_ask_at_instead_is_the_services_own() -> None:
    said = "Incorrect regional hostname. Please make your request to us.api.openai.com"
    assert identify_recorded(status=401, body={"error": {"message": said}}).provider == "openai"


def test_a_path_with_another_service_in_front_is_not_openais() -> None:
    verdict = identify_recorded(status=200, headers=OPENAI, path="/router/v2/openai/v1/responses")
    assert (verdict.provider, verdict.upstream) == (None, "openai")


@pytest.mark.parametrize("path", ["/v1/responses", "/responses", None])
def test_openais_headers_on_a_path_of_its_own_are_openais(path: str | None) -> None:
    assert identify_recorded(status=200, headers=OPENAI, path=path).provider == "openai"


def test_one_model_asked_for_alone_is_read_as_its_list() -> None:
    model = {"id": "openai/gpt-4.1", "name": "GPT-4.1", "publisher": "OpenAI", "rate_limit_tier": "high"}
    assert identify_recorded(status=200, body=model).provider == "github-models"


def test_a_generated_answer_is_no_model_of_a_list() -> None:
    body = {"id": "chatcmpl-1", "object": "chat.completion", "rate_limit_tier": "high", "choices": []}
    assert identify_recorded(status=200, body=body).provider is None


def test_an_error_inside_an_event_stream_is_read() -> None:
    said = "<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 8192]"
    body = 'event:error\ndata:{"code":"InvalidParameter","message":"' + said + '","request_id":"0"}'
    assert identify_recorded(status=400, body=body).provider == "dashscope"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("shares", [], "derived.shares"),
        ("shares", ["much"], "derived.shares"),
        ("least_db", True, "derived.least_db"),
        ("imitated", [1], "derived.imitated"),
        ("surplus", 1, "derived.surplus"),
    ],
)
def test_a_wrong_number_of_what_is_derived_is_named(name: str, value: Any, words: str) -> None:
    rules = copy.deepcopy(dict(load().rules("identify")))
    rules["derived"][name] = value
    with pytest.raises(CatalogueError, match=words):
        read_deriving(rules)


@pytest.mark.parametrize("name", ["shares", "path_db", "imitated"])
def test_a_missing_number_of_what_is_derived_is_named(name: str) -> None:
    rules = copy.deepcopy(dict(load().rules("identify")))
    del rules["derived"][name]
    with pytest.raises(CatalogueError, match=f"derived.{name}"):
        read_deriving(rules)


def test_without_the_table_nothing_is_derived_but_a_fault_told() -> None:
    with pytest.raises(CatalogueError, match="derived"):
        read_deriving({})
