"""An answer is read by the request that its path means, and where that is not told, by what its body shows."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import testkey_nb as tk
from testkey_nb.answers import Reading, document, extract_answer, matched
from testkey_nb.answers.routes import declared_request
from testkey_nb.catalogue import data_dir, load, model
from tests.answers.conftest import part, request

Make = Callable[..., model.Provider]
HERE = Path(__file__).parent
MODEL = {"id": "m", "object": "model", "created": 1750000000, "owned_by": "acme"}
GEMINI = {"name": "models/gemini-2.0-flash", "displayName": "Gemini", "inputTokenLimit": 1048576, "version": "2.0"}
PURSE = {"currency": "USD", "total_balance": "9.98", "granted_balance": "5.00", "topped_up_balance": "4.98"}
TOKEN = {
    "object": "token_usage",
    "total_granted": 100,
    "total_used": 20,
    "total_available": 80,
    "unlimited_quota": False,
}
BODIES: dict[str, Any] = {
    "list": {"object": "list", "data": [MODEL]},
    "one": MODEL,
    "owned": {**MODEL, "id": "acme/m-large"},
    "gemini": GEMINI,
    "gemini-list": {"models": [GEMINI]},
    "mistral": {**MODEL, "id": "mistral-x", "max_context_length": 32768, "aliases": []},
    "deepseek": {"is_available": True, "balance_infos": [PURSE]},
    "moonshot": {"code": 0, "data": {"available_balance": 25.8, "voucher_balance": 5.0, "cash_balance": 20.8}},
    "credits": {"data": {"total_credits": 100.0, "total_usage": 25.0}},
    "or-key": {
        "data": {"label": "sk-or-v1-3...4", "limit": 10, "limit_remaining": 4, "usage": 6, "is_free_tier": False}
    },
    "key-info": {"key": "hashed", "info": {"key_alias": "a", "spend": 9.75, "max_budget": 30.0}},
    "subscription": {"object": "billing_subscription", "hard_limit_usd": 20.0, "access_until": 0},
    "token": {"code": True, "message": "ok", "data": TOKEN},
    "files": {"object": "list", "data": [{"id": "file-1", "object": "file", "bytes": 175, "purpose": "search"}]},
    "batches": {"object": "list", "data": [{"id": "batch_1", "object": "batch", "status": "completed"}]},
    "jobs": {
        "object": "list",
        "data": [{"id": "ftjob-1", "object": "fine_tuning.job", "model": "m", "status": "queued"}],
    },
    "deleted": {"id": "m", "object": "model", "deleted": True},
    "embeddings": {"object": "list", "data": [{"object": "embedding", "embedding": [0.1], "index": 0}], "model": "m"},
    "odd": {"id": "m", "status": "ok"},
    "completion": {"id": "c", "object": "chat.completion", "model": "m", "choices": [{}], "usage": {"total_tokens": 9}},
}


def cases(name: str) -> list[Any]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [pytest.param(row, id=f"{row['provider']}:{row['path'] or 'no path'}:{len(str(row))}") for row in rows]


def read(provider: str, path: str, body: Any) -> dict[str, list[dict[str, Any]]]:
    return extract_answer(load().provider(provider), path, document(status=200, body=body), catalogue=load())


@pytest.mark.parametrize("case", cases("routes.jsonl"))
def test_a_form_of_a_path_is_read_as_the_declared_one(case: dict[str, Any]) -> None:
    tables = read(case["provider"], case["path"], BODIES[case["body"]])
    ids = [row["model_id"] for row in tables.get("models", ())]
    assert sorted(ids + [row["kind"] for row in tables.get("balances", ())]) == case["reads"]


@pytest.mark.parametrize("case", cases("single_models.jsonl"))
def test_one_model_is_read_as_in_its_providers_list(case: dict[str, Any]) -> None:
    (row,) = read(case["provider"], case["path"], case["body"])["models"]
    assert (row["model_id"], row["context_window"]) == (case["id"], case["context"])


def test_the_price_of_one_model_is_read_with_it() -> None:
    body = {
        "id": "m",
        "object": "model",
        "context_length": 8,
        "pricing": {"prompt": "0.000005", "completion": "0.000007"},
    }
    (price,) = read("sambanova", "/v1/models/m", body)["prices"]
    assert (price["input_mtok"], price["output_mtok"]) == ("5", "7")


def test_the_longest_output_of_a_model_stands_beside_its_context() -> None:
    spec = {"availableContextTokens": 200000, "maxCompletionTokens": 24000}  # skills.sh/veniceai/skills/venice-models
    (row,) = read("venice", "/api/v1/models", {"data": [{"id": "m-1", "object": "model", "model_spec": spec}]})[
        "models"
    ]
    assert (row["context_window"], row["max_output"]) == (200000, 24000)


LIST = request("/v1/models", part("models", "data[]", {"model_id": "id", "context_window": "ctx"}), id="list")
SHAPES: dict[str, Any] = {
    "a list without a name": [{"id": "m", "ctx": 8}],
    "a list under another name": {"models": [{"id": "m", "ctx": 8}]},
    "a list in two wrappers": {"result": {"items": [{"id": "m", "ctx": 8}]}},
    "a list in an envelope of success": {"success": True, "message": "", "data": [{"id": "m", "ctx": 8}]},
    "one object": {"id": "m", "ctx": 8},
    "one object in a wrapper": {"data": {"id": "m", "ctx": 8}},
}


@pytest.mark.parametrize("body", SHAPES.values(), ids=SHAPES)
def test_what_a_list_would_read_is_read_in_other_wrappings(made: Make, body: Any) -> None:
    doc = document(status=200, body=body, method="GET")
    (row,) = Reading(doc, catalogue=load(), provider=made(LIST), request=LIST).tables["models"]
    assert (row["model_id"], row["context_window"]) == ("m", 8)


def test_an_object_with_nothing_but_common_names_is_no_model_of_a_list(made: Make) -> None:
    doc = document(status=200, body={"id": "m", "status": "ok"}, method="GET")
    assert Reading(doc, catalogue=load(), provider=made(LIST), request=LIST).tables == {}


def test_what_counts_a_list_is_not_read_of_one_of_its_models(made: Make) -> None:
    both = request(
        "/v1/models",
        part("models", "data[]", {"model_id": "id"}),
        part("metrics", "[{total: length(data)}]", {"metric": "'models_total'", "value": "total"}),
    )
    assert set(extract_answer(made(both), "/v1/models/m", document(status=200, body=MODEL), catalogue=load())) == {
        "models"
    }


def test_the_most_specific_template_reads_a_path(made: Make) -> None:
    rows = part("models", "data[]", {"model_id": "id"})
    provider = made(request("/v1/{a}/{b}", rows, id="any"), request("/v1/{a}/models", rows, id="some"), LIST)
    doc = document(status=200, body=BODIES["list"])
    ids = [matched(provider, path, doc, catalogue=load()).request for path in ("/v1/x/y", "/v1/x/models", "/v1/models")]
    assert [one.id for one in ids if one is not None] == ["any", "some", "list"]


def test_two_requests_that_read_a_body_in_two_ways_read_nothing_without_a_path(made: Make) -> None:
    left = request("/left", part("balances", "@", {"kind": "'available'", "amount": "credit"}), id="left")
    right = request("/right", part("balances", "@", {"kind": "'used'", "amount": "credit"}), id="right")
    doc = document(status=200, body={"credit": 5})
    assert extract_answer(made(left, right), "", doc, catalogue=load()) == {}
    assert extract_answer(made(left), "", doc, catalogue=load())["balances"][0]["amount"] == "5"


def test_the_request_that_reads_most_of_a_body_reads_it_without_a_path(made: Make) -> None:
    few = request("/few", part("balances", "@", {"kind": "'available'", "amount": "credit"}), id="few")
    fields = {"kind": "'available'", "amount": "credit", "currency": "unit"}
    most = request("/most", part("balances", "@", fields), id="most")
    doc = document(status=200, body={"credit": 5, "unit": "USD"})
    assert extract_answer(made(few, most), "", doc, catalogue=load())["balances"][0]["currency"] == "USD"


def test_what_the_body_does_not_tell_is_not_taken_from_one_of_two_requests(made: Make) -> None:
    own = request("/own", part("usage", "bills[]", {"kind": "'spend'", "amount": "paid"}), id="own")
    fields = {"kind": "'spend'", "amount": "paid", "unit": "coin", "scope": "'organization'"}
    everyone = request("/all", part("usage", "bills[]", fields), id="all")
    doc = document(status=200, body={"bills": [{"paid": 5, "coin": "USD"}]})
    assert extract_answer(made(own, everyone), "", doc, catalogue=load()) == {}


@pytest.mark.parametrize("status", [204, 404, 500])
def test_only_a_success_with_a_body_is_matched(status: int) -> None:
    doc = document(status=status, body=BODIES["list"] if status != 204 else None)
    assert extract_answer(load().provider("openai"), "/v1/models", doc, catalogue=load()).get("models") is None


def test_a_model_of_a_service_that_is_not_known_has_its_id_and_context() -> None:
    models = tk.extract(None, "", body={"object": "list", "data": [{**MODEL, "max_model_len": 4096}]})["models"]
    assert models[["model_id", "context_window"]].to_numpy().tolist() == [["m", 4096]]


@pytest.mark.parametrize("name", ["files", "jobs", "odd", "deleted", "completion", "credits"])
def test_what_does_not_say_that_it_is_a_model_is_none_of_an_unknown_service(name: str) -> None:
    assert tk.extract(None, "/v1/x", body=BODIES[name])["models"].empty


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/left", "available"),
        ("/v2/right", "used"),
        ("/left", "available"),
        ("/api/v1beta/right", "used"),
        ("/gateway/acme/v1/left", "available"),
        ("/gateway/right", "used"),
    ],
)
def test_of_two_requests_that_read_a_body_the_one_that_the_path_means_reads_it(
    made: Make, path: str, kind: str
) -> None:
    left = request("/v1/left", part("balances", "@", {"kind": "'available'", "amount": "credit"}), id="left")
    right = request("/v1/right", part("balances", "@", {"kind": "'used'", "amount": "credit"}), id="right")
    tables = extract_answer(made(left, right), path, document(status=200, body={"credit": 5}), catalogue=load())
    assert [row["kind"] for row in tables["balances"]] == [kind]


def test_a_count_does_not_tell_what_a_body_is(made: Make) -> None:
    counts = request("/v1/keys", part("metrics", "@", {"metric": "'keys_total'", "value": "credit"}))
    assert extract_answer(made(counts), "", document(status=200, body={"credit": 5}), catalogue=load()) == {}


def test_the_name_of_a_wrapper_does_not_tell_what_a_body_is(made: Make) -> None:
    owners = request("/v1/accounts", part("identity", "[@]", {"organization_id": "result[].id | [0]"}))
    doc = document(status=200, body={"result": [{"id": "log-1"}], "success": True})
    assert extract_answer(made(owners), "", doc, catalogue=load()) == {}


def test_a_body_that_is_nested_too_deep_to_compare_is_read_as_nothing(made: Make) -> None:
    body: Any = {}
    for _ in range(100_000):
        body = {"data": body}
    assert extract_answer(made(LIST), "/v1/models/m", document(status=200, body=body), catalogue=load()) == {}


def documented(folder: Path) -> Iterator[tuple[str, Any]]:
    """(path, body) of every good answer that the sandbox has for GET requests to one service."""
    for route in tomllib.loads((folder / "routes.toml").read_text(encoding="utf-8")).get("routes", ()):
        if "get" in route and route.get("status", 200) == 200 and isinstance(route.get("json"), dict | list):
            yield route["get"], route["json"]
        if "get" in route and str(route.get("body")).endswith(".json"):
            yield route["get"], json.loads((folder / route["body"]).read_text(encoding="utf-8"))


SANDBOX = data_dir() / "sandbox"
ANSWERED = sorted(path.parent.name for path in SANDBOX.glob("*/routes.toml"))


@pytest.mark.parametrize("provider", ANSWERED)
def test_a_body_alone_never_gives_a_row_that_its_path_would_not_give(provider: str) -> None:
    asked = [
        case for case in documented(SANDBOX / provider) if declared_request(load().provider(provider), "GET", case[0])
    ]
    for path, body in asked:
        of_path = read(provider, path, body)
        for table, rows in read(provider, "", body).items():
            assert [row for row in rows if not any(agrees(row, other) for other in of_path.get(table, ()))] == [], path


def agrees(row: dict[str, Any], other: dict[str, Any]) -> bool:
    """Is every cell that the row has that of the other? It may have less."""
    return all(value is None or value == other[column] for column, value in row.items())


@pytest.mark.parametrize("path", ["", "/api/v1/keys/abc", "/api/v2/keys/abc"])
def test_what_a_management_key_reads_of_other_keys_is_not_read_as_this_keys(path: str) -> None:
    key = {"hash": "abc", "label": "sk-or-v1-3...4", "limit": 10, "limit_remaining": 4, "usage": 6}
    body = {"data": [key, key]} if not path else {"data": key}
    assert read("openrouter", path, body).get("balances") is None
