"""Answers become rows, exact where told and unknown where not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from testkey_nb.answers import Reading, document, extract_answer
from testkey_nb.answers.coerce import coerce
from testkey_nb.catalogue import load, model
from testkey_nb.keys import Key
from testkey_nb.vocabulary import EXTRACT_COLUMNS
from tests.answers.conftest import field, part, request

Make = Callable[..., model.Provider]
EVENING = datetime.fromisoformat("2026-11-23T20:00:00")


def rows(provider: model.Provider, body: Any, **more: Any) -> dict[str, list[dict[str, Any]]]:
    doc = document(status=more.pop("status", 200), headers=more.pop("headers", {}), body=body, method="GET")
    return Reading(doc, catalogue=load(), provider=provider, request=provider.probes[0].requests[0], **more).tables


def test_prices_are_exact_from_texts_and_floats(made: Make) -> None:
    scaled = {"get": "prompt", "scale": "1000000"}
    provider = made(request("/m", part("prices", "data", {"model_id": "id", "input_mtok": scaled})))
    data = [{"id": str(n), "prompt": n} for n in ("0.00000015", 1.5e-07, 2, "1e-6", -1, "-1", None, "free")]
    got = rows(provider, {"data": data})["prices"]
    assert [row["input_mtok"] for row in got] == ["0.15", "0.15", "2000000", "1", None, None, None, None]


@pytest.mark.parametrize(
    ("provider", "status", "body", "amounts"),
    [  # github.com/QuantumNous/new-api/issues/6929, github.com/dmarx/video-killed-the-radio-star/issues/23
        ("new-api", 403, {"error": {"message": "用户额度不足, 剩余额度: ＄-0.000002"}}, [("remaining", "-0.000002")]),
        ("new-api", 403, "用户额度不足, 剩余额度: ＄0.10", [("remaining", "0.1")]),
        ("new-api", 403, {"error": {"message": "用户额度不足"}}, []),
        (
            "stability",
            403,
            {"errors": ["not enough balance (need $0.02, have $0.5 in active grants, $0 in balance)."]},
            [("available", "0"), ("granted", "0.5")],
        ),
        # github.com/chutesai/chutes-api/blob/main/api/invocation/router.py
        ("chutes", 402, {"detail": {"message": "account balance is $-0.059, please pay"}}, [("available", "-0.059")]),
        ("chutes", 402, {"detail": "account balance is $0.0, please pay with fiat"}, [("available", "0")]),
    ],
)
def test_the_money_that_a_refusal_tells_is_a_balance(
    provider: str, status: int, body: Any, amounts: list[tuple[str, str]]
) -> None:
    tables = extract_answer(load().provider(provider), None, document(status=status, body=body), catalogue=load())
    assert [(row["kind"], row["amount"]) for row in tables.get("balances", ())] == amounts


def test_every_row_has_every_column_of_its_table(made: Make) -> None:
    provider = made(request("/m", part("models", "data", {"model_id": "id"})))
    (row,) = rows(provider, {"data": [{"id": "m"}, {"id": None}, "text", 7]})["models"]
    assert (set(row), row["model_id"], row["context_window"]) == (set(EXTRACT_COLUMNS["models"]), "m", None)


def test_inner_rows_see_the_outer_one(made: Make) -> None:
    fields = {
        "model_id": "name",
        "kind": {"get": "_each.type", "map": {"TOKEN": "tokens"}, "strict": True},
        "limit": "_each.threshold",
        "window": "'minute'",
    }
    provider = made(request("/m", part("limits", "items", fields, each="rate_limits")))
    limits = [{"type": "TOKEN", "threshold": 500000}, {"type": "NEW", "threshold": 1}]
    (row,) = rows(provider, {"items": [{"name": "m", "rate_limits": limits}]})["limits"]
    assert (row["model_id"], row["kind"], row["limit"], row["unlimited"]) == ("m", "tokens", "500000", False)


def test_a_limit_told_to_be_none_is_unlimited_and_one_not_told_is_no_row(made: Make) -> None:
    fields = {"kind": "'requests'", "limit": "most"}
    provider = made(request("/m", part("limits", "data", fields)))
    got = rows(provider, {"data": [{"most": -1}, {"most": "unlimited"}, {"most": None}, {"most": 0}]})["limits"]
    assert [(row["limit"], row["unlimited"]) for row in got] == [(None, True), (None, True), ("0", False)]


def test_only_the_row_of_this_key_is_kept(made: Make) -> None:
    fields = {"owner_id": "owner"}
    provider = made(request("/m", part("identity", "keys", fields, mine=("prefix", "prefix"))))
    body = {"keys": [{"prefix": "othr1234", "owner": "x"}, {"prefix": "EXAMPLE1", "owner": "y"}]}
    got = rows(provider, body, key=Key("EXAMPLE1.of-a-made-up-key"))
    assert [row["owner_id"] for row in got["identity"]] == ["y"]


def test_without_a_key_no_identity_is_taken_from_a_list_of_keys(made: Make) -> None:
    mine = ("prefix", "prefix")
    parts = (
        part("identity", "keys", {"owner_id": "owner"}, mine=mine),
        part("permissions", "keys", {"model_id": "'m'", "state": "'callable'"}, mine=mine),
    )
    got = rows(made(request("/m", *parts)), {"keys": [{"prefix": "EXAMPLE1", "owner": "y"}]})
    assert set(got) == {"permissions"}


def test_mail_addresses_are_masked(made: Make) -> None:
    provider = made(request("/m", part("identity", "@", {"owner_id": "email", "token_role": "role"})))
    (row,) = rows(provider, {"email": "analyst@example.com", "role": "owner"})["identity"]
    assert "analyst" not in row["owner_id"]
    assert row["token_role"] == "owner"


def test_what_the_request_declares_is_read_only_from_a_success(made: Make) -> None:
    provider = made(request("/m", part("models", "data", {"model_id": "id"})))
    assert rows(provider, {"error": {"message": "x"}, "data": [{"id": "m"}]}, status=200) == {}
    assert rows(provider, {"data": [{"id": "m"}]}, status=401) == {}


def test_what_is_read_on_every_answer_is_read_on_a_refusal_too(made: Make) -> None:
    always = part("identity", "@", {"organization_id": '_headers."x-org"'})
    provider = made(request("/m"), always=(always,))
    got = rows(provider, {"error": "no"}, status=403, headers={"X-Org": "org-1"})
    assert got["identity"][0]["organization_id"] == "org-1"


def test_limit_headers_become_rows_with_their_source(made: Make) -> None:
    spec = model.LimitHeader("requests", "day", limit="x-ratelimit-limit-requests")
    provider = made(request("/m"), limit_headers=(spec,))
    (row,) = rows(provider, {}, headers={"x-ratelimit-limit-requests": "1000"})["limits"]
    assert (row["window"], row["limit"], row["source"]) == ("day", "1000", "x-ratelimit-limit-requests")


def test_the_path_finds_the_declared_request(made: Make) -> None:
    one = request("/v1/models/{id}", part("models", "@", {"model_id": "id"}), id="one")
    many = request("/v1/models?limit=5", part("models", "data", {"model_id": "id"}), id="many")
    provider = made(one, many)
    doc = document(status=200, body={"id": "m"})
    assert extract_answer(provider, "/v1/models/m", doc, catalogue=load())["models"][0]["model_id"] == "m"
    assert extract_answer(provider, "/v1/other", doc, catalogue=load()) == {}


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (0.1 + 0.2, "money", "0.30000000000000004"),
        ("1,234.50", "money", "1234.5"),
        ("$5", "money", "5"),
        ("12", "int", 12),
        (12.0, "int", 12),
        (12.5, "int", None),
        (True, "int", None),
        ({}, "money", None),
        ("NaN", "money", None),
        (10**30, "int", None),
        ("true", "bool", True),
        (0, "bool", False),
        ("x", "bool", None),
        (["a", 1, None], "list", '["a", "1"]'),
        ([], "list", "[]"),
        ("a", "list", '["a"]'),
        ({"vision": True, "tools": {"supported": True}, "no": False}, "list", '["vision", "tools"]'),
        (1795464000, "time", EVENING),
        ("2026-11-23T20:00:00.000Z", "time", EVENING),
        (0, "time", None),
        ("", "text", None),
        (7, "text", "7"),
        ({"a": 1}, "text", None),
        (None, "list", None),
    ],
)
def test_what_does_not_fit_a_column_is_unknown(value: Any, kind: str, expected: Any) -> None:
    assert coerce(value, kind) == expected


def test_the_sign_of_a_ledger_can_be_turned() -> None:
    assert coerce("-1000", "money", spec=field({"get": "x", "scale": "-0.01"})) == "10"
