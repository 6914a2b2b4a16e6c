"""What a provider's file declares is evidence, by how few other files declare it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from testkey_nb.answers import document
from testkey_nb.catalogue import Catalogue, load
from testkey_nb.catalogue.expressions import compiled
from testkey_nb.catalogue.model import ErrorRule, Extract, FieldSpec, LimitHeader, Probe, Provider, Request
from testkey_nb.identity import decide, identify_answer
from testkey_nb.identity.evidence import evidence_of
from testkey_nb.identity.piece import Evidence
from tests.identity.made_up_catalogue import catalogue, provider

SENTENCE = "The purse of this workspace holds no more marbles today"


def declaring(name: str, *fields: str, path: str = "/v1/marble/purse", **more: Any) -> Provider:
    """A provider whose one request reads these fields of `data`."""
    extract = Extract("balances", compiled("data"), {name: FieldSpec(compiled(name)) for name in fields})
    request = Request("purse", "inference", "GET", path, extracts=(extract,))
    probes = (Probe("balance", "balance_snapshot", "?", (), (request,)),)
    return replace(provider(name), probes=probes, **more)


def found_by(
    files: Catalogue, body: Any = None, *, status: int = 200, path: str | None = None, headers: Any = None
) -> dict[tuple[str, str], Evidence]:
    doc = document(status=status, headers=headers, body=body, path=path, catalogue=files)
    found = evidence_of(doc, catalogue=files)
    return {(one.provider, one.signal): one for one in found if one.signal.startswith("declared-")}


MARBLE = declaring("marble", "granted_marbles", "borrowed_marbles", "colour")
PURSE = {"data": {"granted_marbles": 5, "borrowed_marbles": 2, "colour": "red"}}


def test_fields_that_one_file_declares_speak_for_it() -> None:
    one = found_by(catalogue(MARBLE), PURSE)["marble", "declared-fields"]
    assert (one.db, one.group, one.layer) == (12.0, "ident", "front")


def test_the_evidence_names_file_request_and_fields() -> None:
    one = found_by(catalogue(MARBLE), PURSE)["marble", "declared-fields"]
    assert one.source == "data/providers/marble.toml, purse"
    assert one.text == "fields that few files declare: borrowed_marbles, granted_marbles, colour"


def test_a_field_that_several_files_declare_speaks_less_for_each() -> None:
    two = [declaring(name, "marbles_granted_today", path=f"/v1/{name}") for name in ("marble", "other")]
    found = found_by(catalogue(*two), {"data": {"marbles_granted_today": 5}})
    assert {name: one.db for (name, _), one in found.items()} == {"marble": 4.2, "other": 4.2}


def test_a_field_that_many_files_declare_tells_nothing() -> None:
    others = [declaring(f"other-{number}", "granted_marbles", path=f"/v1/o{number}") for number in range(3)]
    assert found_by(catalogue(MARBLE, *others), {"data": {"granted_marbles": 5}}) == {}


def test_fields_of_different_requests_are_not_added_up() -> None:
    two = replace(MARBLE, probes=(*MARBLE.probes, *declaring("marble", "lent_marbles", path="/v1/lent").probes))
    second = replace(two.probes[1].requests[0], id="lent")
    two = replace(two, probes=(two.probes[0], replace(two.probes[1], requests=(second,))))
    body = {"data": {"granted_marbles": 5, "lent_marbles": 1}}
    assert found_by(catalogue(two), body)["marble", "declared-fields"].db == 5.0


def test_all_fields_together_stay_below_a_cap() -> None:
    names = [f"marbles_of_day_{letter}" for letter in ("one", "two", "three", "four")]
    many = declaring("marble", *names)
    assert found_by(catalogue(many), {"data": dict.fromkeys(names, 1)})["marble", "declared-fields"].db == 17.0


def test_a_field_that_is_null_is_not_there() -> None:
    assert found_by(catalogue(MARBLE), {"data": {"granted_marbles": None}}) == {}


def test_what_a_model_generated_is_not_read_for_fields() -> None:
    assert found_by(catalogue(MARBLE), {"choices": [], **PURSE}) == {}


def test_an_imitated_services_fields_speak_for_nobody() -> None:
    openai = declaring("openai", "granted_marbles", path="/v1/other")
    assert found_by(catalogue(MARBLE, openai), {"data": {"granted_marbles": 5}}) == {}


def test_what_a_service_shares_with_the_product_it_is_built_on_is_the_products() -> None:
    product = declaring("marble", "marbles_granted_today")
    hosted = declaring("hosted", "marbles_granted_today", path="/v1/other", outranks=("*", "marble"))
    found = found_by(catalogue(product, hosted), {"data": {"marbles_granted_today": 5}})
    assert [name for name, _ in found] == ["marble"]


def test_what_is_little_is_left_out() -> None:
    assert found_by(catalogue(declaring("marble", "colour")), {"data": {"colour": "red"}}) == {}


@pytest.mark.parametrize("path", ["/v1/marble/purse", "/marble/purse", "/v1/marble/purse?page=2"])
def test_an_answer_on_a_path_of_one_file_speaks_for_it(path: str) -> None:
    one = found_by(catalogue(MARBLE), {"x": 1}, path=path)["marble", "declared-path"]
    assert (one.db, one.group) == (9, "path")


def test_a_path_that_was_only_asked_is_weak() -> None:
    body = {"error": {"message": "no", "type": "x"}}
    assert found_by(catalogue(MARBLE), body, status=401, path="/v1/marble/purse")["marble", "declared-path"].db == 2.0


@pytest.mark.parametrize("status", [404, 405])
def test_a_path_that_is_not_there_tells_nothing(status: int) -> None:
    assert found_by(catalogue(MARBLE), {"detail": "Not Found"}, status=status, path="/v1/marble/purse") == {}


def test_the_list_of_models_is_everybodys_path() -> None:
    assert [name for name, signal in found_by(load(), {"x": 1}, path="/v1/models") if signal == "declared-path"] == []


def test_a_sentence_of_one_files_error_rules_speaks_for_it() -> None:
    rule = ErrorRule(id="spent", says=("purse of this workspace holds no more marbles",), condition="quota-exhausted")
    files = catalogue(replace(MARBLE, errors=(rule,)))
    one = found_by(files, {"error": {"message": SENTENCE}}, status=429)["marble", "declared-words"]
    assert (one.db, one.group, one.source) == (15.5, "err", "data/providers/marble.toml, spent")


def test_a_short_wording_tells_nothing() -> None:
    rule = ErrorRule(id="spent", says=("no more marbles",), condition="quota-exhausted")
    assert found_by(catalogue(replace(MARBLE, errors=(rule,))), {"error": {"message": SENTENCE}}, status=429) == {}


def test_a_code_of_one_files_error_rules_speaks_for_it() -> None:
    rule = ErrorRule(id="spent", code=("marble_purse_empty",), condition="quota-exhausted")
    files = catalogue(replace(MARBLE, errors=(rule,)))
    body = {"error": {"message": "no", "code": "marble_purse_empty"}}
    assert found_by(files, body, status=429)["marble", "declared-words"].db == 7.0


def test_a_header_of_one_file_speaks_for_it() -> None:
    limit = LimitHeader("requests", "minute", limit="x-marble-limit-requests")
    found = found_by(catalogue(replace(MARBLE, limit_headers=(limit,))), headers={"X-Marble-Limit-Requests": "5"})
    assert (found["marble", "declared-headers"].db, found["marble", "declared-headers"].group) == (7.0, "hdr")


def test_what_files_declare_never_puts_another_service_behind() -> None:
    relay = declaring("relay", "marbles_of_day_one", "marbles_of_day_two", "marbles_of_day_three", outranks=("*",))
    files = catalogue(relay)
    mark = Evidence("its-mark", "baseten", "front", "hdr", 20.0, "a mark")
    body = {"data": {"marbles_of_day_one": 1, "marbles_of_day_two": 1, "marbles_of_day_three": 1}}
    verdict = decide([mark, *found_by(files, body).values()], catalogue=files)
    assert "baseten" in {one.provider for one in verdict.candidates}


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        (
            "/v1/users/me/balance",
            {"data": {"available_balance": 4, "voucher_balance": 1, "cash_balance": 3}},
            "moonshot",
        ),
        (
            None,
            {
                "redacted_api_key": "xai-…EXAM",
                "team_id": "t",
                "api_key_id": "k",
                "team_blocked": False,
                "acls": ["api-key:model:*"],
            },
            "xai",
        ),
        (
            "/text/models",
            [{"name": "m", "pricing": {"promptTextTokens": 1, "completionTextTokens": 2}}],
            "pollinations",
        ),
    ],
)
def test_real_answers_are_named_by_what_the_files_declare_alone(path: str | None, body: Any, name: str) -> None:
    assert decide(found_by(load(), body, path=path).values(), catalogue=load()).provider == name


def test_explain_shows_the_file_and_the_field() -> None:
    body = {"data": {"available_balance": 4, "voucher_balance": 1, "cash_balance": 3}}
    frame = identify_answer(status=200, body=body, path="/v1/users/me/balance", explain=True)
    row = frame[frame.signal == "declared-fields"].iloc[0]
    assert "voucher_balance" in row.text
    assert row.source == "data/providers/moonshot.toml, balance"
