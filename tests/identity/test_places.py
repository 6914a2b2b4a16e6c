"""An extract's expressions tell which places of the answer they read."""

import pytest

from testkey_nb.catalogue.expressions import compiled
from testkey_nb.catalogue.model import Extract, FieldSpec
from testkey_nb.identity.places import places_of


def extract(rows: str, get: str, *, where: str | None = None, each: str | None = None, **more: str) -> Extract:
    fields = {"value": FieldSpec(compiled(get), map=more)}
    return Extract(
        "metrics",
        compiled(rows),
        fields,
        each=compiled(each) if each else None,
        where=compiled(where) if where else None,
    )


@pytest.mark.parametrize(
    ("rows", "get", "path", "inside"),
    [
        ("@", "balance", ("balance",), "balance"),
        ("data", "available_balance", ("data", "available_balance"), "available_balance"),
        ("data.limits[]", "nextReset", ("data", "limits", "nextReset"), "nextReset"),
        ("data[]", "pricing.prompt", ("data", "pricing", "prompt"), "pricing.prompt"),
        ("data[?kind == 'chat']", "size", ("data", "size"), "size"),
        ("models || data || `[]`", "key", ("models", "key"), "key"),
        ("type(@) == 'array' && @ || data", "key", ("key",), "key"),
        ("data", "_.cash", ("data", "cash"), "cash"),
        ("data[]", "_body.period.end", ("period", "end"), "period.end"),
        ("data", "add(cash, voucher)", ("data", "voucher"), "voucher"),
        ("data", "to_string(window.unit)", ("data", "window", "unit"), "window.unit"),
    ],
)
def test_a_field_stands_where_its_row_leads(rows: str, get: str, path: tuple[str, ...], inside: str) -> None:
    assert places_of(extract(rows, get)).paths[path] == inside


def test_the_inner_rows_lead_further() -> None:
    assert ("data", "windows", "used") in places_of(extract("data", "_each.used", each="windows[]")).paths


@pytest.mark.parametrize(
    ("get", "where"), [("kind", "kind == 'CREDIT_LIMIT'"), ("kind", "'x' || kind == 'CREDIT_LIMIT'")]
)
def test_a_word_that_is_compared_stands_in_the_field(get: str, where: str) -> None:
    assert (("data", "kind"), "CREDIT_LIMIT") in places_of(extract("data", get, where=where)).values


def test_a_word_that_is_mapped_stands_in_the_field() -> None:
    assert (("data", "kind"), "TOKENS_LIMIT") in places_of(extract("data", "kind", TOKENS_LIMIT="tokens")).values


def test_what_is_filtered_by_is_read() -> None:
    assert ("data", "kind") in places_of(extract("data[?kind == 'chat']", "size")).paths


def test_a_header_is_no_place_of_the_body() -> None:
    found = places_of(extract("@", '_headers."X-Plan"'))
    assert (found.headers, list(found.paths)) == ({"x-plan"}, [])


def test_null_in_an_expression_is_no_field() -> None:
    assert list(places_of(extract("@", "balance", where="balance != null")).paths) == [("balance",)]
