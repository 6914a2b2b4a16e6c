"""A list whose models were all created just now is made for each answer, as self-hosted servers do."""

from email.utils import formatdate

import httpx
from test_ask import ask

from testkey_nb.identity import identify_answer
from testkey_nb.identity.compared import across

NOW = 1_795_000_000


def listed(created: int, *, date: str | None = None) -> set[str]:
    """The signals in a list of models with this creation time."""
    body = {"object": "list", "data": [{"id": "m", "object": "model", "created": created, "owned_by": "me"}]}
    headers = {"date": date or formatdate(NOW, usegmt=True)}
    return set(identify_answer(status=200, headers=headers, body=body, explain=True)["signal"])


def test_created_at_the_moment_of_the_answer_is_a_mark() -> None:
    assert "created-now" in listed(NOW - 2)


def test_created_long_ago_is_none() -> None:
    assert "created-now" not in listed(NOW - 3600)


def test_a_date_that_cannot_be_read_is_no_mark() -> None:
    assert "created-now" not in listed(NOW, date="yesterday")


def test_a_creation_time_that_moves_between_two_lists_is_a_mark() -> None:
    rules = {"across": [rule for rule in _rules() if rule["id"] == "created-moves"]}
    documents = {name: {"body": {"data": [{"id": "m", "created": at}]}} for name, at in _asked(0, 1)}
    assert {one.provider for one in across(rules, documents)} >= {"vllm", "sglang", "llama.cpp"}


def test_one_that_stands_still_is_none() -> None:
    rules = {"across": [rule for rule in _rules() if rule["id"] == "created-moves"]}
    documents = {name: {"body": {"data": [{"id": "m", "created": at}]}} for name, at in _asked(0, 0)}
    assert across(rules, documents) == []


def test_a_list_alone_names_nobody() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        rows = [{"id": "m", "object": "model", "created": NOW, "owned_by": "me"}]
        if request.url.path != "/v1/models":
            return httpx.Response(404, json={"message": "no"})
        return httpx.Response(200, headers={"date": formatdate(NOW)}, json={"object": "list", "data": rows})

    assert ask(answer)[0].verdict.provider is None


def _rules() -> list[dict[str, object]]:
    from testkey_nb.catalogue import load

    found: list[dict[str, object]] = load().rules("identify")["across"]
    return found


def _asked(first: int, second: int) -> list[tuple[str, int]]:
    return [("models", NOW + first), ("dummy_bearer", NOW + second)]
