"""What an unknown host is asked, and what is never sent to it."""

import asyncio
from collections.abc import Callable

import httpx
import pytest

from testkey_nb.catalogue import load
from testkey_nb.errors import BadBaseURL, PlainHTTPRefused
from testkey_nb.identity import Identified, identify_base, identify_url
from testkey_nb.preflight import parse_base_url
from testkey_nb.wire import Budget, Pace, Wire

DUMMY = "sk-testkeynb-dummy-000000000000000000000000"
Handler = Callable[[httpx.Request], httpx.Response]


def ask(
    handler: Handler, url: str = "https://llm.corp.example/v1", *, requests: int = 30
) -> tuple[Identified, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def record(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return handler(request)

    async def run() -> Identified:
        async with Wire(
            transport=httpx.MockTransport(record),
            pace=Pace(per_second=1e6),
            budget=Budget(requests=requests),
            retries=0,
        ) as wire:
            return await identify_base(parse_base_url(url), wire=wire, catalogue=load(), random=lambda: "abcdef012345")

    return asyncio.run(run()), seen


def litellm(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/health/liveliness":
        return httpx.Response(200, json="I'm alive!")
    if request.url.path == "/v1/models":
        words = "No api key passed in." if not request.headers.get("authorization") else "Invalid API key provided."
        error = {"message": f"Authentication Error, {words}", "type": "auth_error", "param": "None", "code": "401"}
        return httpx.Response(401, json={"error": error})
    return httpx.Response(404, json={"detail": "Not Found"})


def nothing(_: httpx.Request) -> httpx.Response:
    return httpx.Response(404, json={"error": {"message": "no", "type": "invalid_request_error", "code": None}})


def test_a_relay_is_named_from_its_own_answers() -> None:
    shown, _ = ask(litellm)
    assert (shown.verdict.provider, shown.verdict.verdict) == ("litellm", "confirmed")


def test_at_most_eight_questions_without_a_key_and_two_with_the_dummy() -> None:
    _, seen = ask(nothing)
    keyed = [one for one in seen if DUMMY in str(one.headers.raw)]
    assert (len(seen) - len(keyed), len(keyed)) == (8, 2)


def test_nothing_but_the_dummy_is_ever_sent_as_a_key() -> None:
    _, seen = ask(nothing)
    sent = {value for one in seen for name in ("authorization", "x-api-key") if (value := one.headers.get(name))}
    assert sent == {f"Bearer {DUMMY}", DUMMY}


def test_only_reading_methods_are_used() -> None:
    assert {one.method for one in ask(nothing)[1]} <= {"GET", "OPTIONS"}


def test_a_host_that_limits_never_sees_the_dummy() -> None:
    _, seen = ask(lambda _: httpx.Response(429))
    assert not any(DUMMY in str(one.headers.raw) for one in seen)


def test_a_host_that_cannot_be_reached_is_asked_once() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    shown, seen = ask(refuse)
    assert (len(seen), shown.verdict.verdict) == (1, "insufficient")


def test_a_host_without_marks_of_its_own_is_an_unknown_one() -> None:
    shown, _ = ask(nothing)
    assert (shown.verdict.provider, shown.verdict.verdict) == (None, "openai-compatible-unknown")


def test_a_list_that_needs_no_key_is_noted() -> None:
    assert ask(lambda _: httpx.Response(200, json={"object": "list", "data": []}))[0].is_open


def test_a_base_url_without_a_path_is_asked_under_v1() -> None:
    _, seen = ask(nothing, "https://llm.corp.example")
    assert seen[0].url.path == "/v1/models"


def test_the_route_of_the_leading_product_is_asked() -> None:
    def ollama(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/":
            return httpx.Response(200, text="Ollama is running")
        if request.url.path == "/api/version":
            return httpx.Response(200, json={"version": "0.9.0"})
        return httpx.Response(404, text="404 page not found")

    shown, seen = ask(ollama, "http://127.0.0.1:11434")
    assert "/api/version" in {one.url.path for one in seen}
    assert shown.verdict.provider == "ollama"


def test_a_budget_that_ends_early_still_gives_a_verdict() -> None:
    shown, seen = ask(litellm, requests=2)
    assert (len(seen), len(shown.answers)) == (2, 2)


def test_every_answer_has_an_outcome() -> None:
    shown, _ = ask(litellm)
    assert [outcome for _, outcome in shown.answers][:2] == ["refused", "absent"]
    assert len(shown.questions) == len(shown.answers)


def test_plain_http_to_a_public_host_is_refused() -> None:
    with pytest.raises(PlainHTTPRefused):
        identify_url("http://llm.corp.example/v1")


def test_no_url_is_an_error() -> None:
    with pytest.raises(BadBaseURL):
        identify_url("llm.corp.example")


def test_a_page_is_no_wall_where_no_api_was_asked() -> None:
    def with_a_page(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/":
            return httpx.Response(200, html="<!doctype html><title>LiteLLM</title>")
        return litellm(request)

    shown, _ = ask(with_a_page)
    told = dict(zip(shown.questions, (outcome for _, outcome in shown.answers), strict=True))
    assert (told["root"], told["alive"], told["options"]) == ("ok", "ok", "refused")


def test_a_page_instead_of_the_model_list_is_a_wall() -> None:
    shown, _ = ask(lambda _: httpx.Response(200, html="<!doctype html><title>Sign in</title>"))
    assert {outcome for _, outcome in shown.answers[:1]} == {"blocked"}
