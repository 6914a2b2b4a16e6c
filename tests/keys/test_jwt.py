"""What is read out of a JSON Web Token: what tells its kind and its life span, nothing that names a person."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from testkey_nb.keys import Key

EVERY_CLAIM = ["iss", "aud", "exp", "iat", "nbf", "typ", "type", "token_type", "azp", "scope", "scp", "env"]


def claims(payload: Any) -> dict[str, Any] | None:
    part = base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")
    return Key(f"eyJEXAMPLE.{part}.sig").jwt_claims()


def test_claims_of_a_jwt_name_no_person() -> None:
    payload = {"iss": "https://issuer.example", "sub": "user:ana", "email": "ana@example.com", "exp": 1}
    assert claims(payload) == {"iss": "https://issuer.example", "exp": 1, "sub_type": "user"}


@pytest.mark.parametrize("name", EVERY_CLAIM)
@pytest.mark.parametrize("value", ["word", 7, 1.5, ["a", "b"]], ids=repr)
def test_a_claim_of_issuer_span_or_kind_is_kept(name: str, value: Any) -> None:
    assert claims({name: value}) == {name: value}


@pytest.mark.parametrize("value", [True, None, {"a": 1}, [1], ["a", {"b": 1}]], ids=repr)
def test_a_claim_that_is_no_plain_value_is_left_out(value: Any) -> None:
    assert claims({"env": value}) == {}


@pytest.mark.parametrize("subject", ["service:a1", "service|a1", "service/a1", "service|a:b/c", "service:"])
@pytest.mark.parametrize("padding", ["", "x", "xx", "xxx"])
def test_the_kind_of_a_subject_ends_at_its_first_separator(subject: str, padding: str) -> None:
    assert claims({"sub": subject, "jti": padding}) == {"sub_type": "service"}


@pytest.mark.parametrize("subject", ["a1", "", 7, None, ["user:ana"]], ids=repr)
def test_a_subject_without_a_kind_is_left_out(subject: Any) -> None:
    assert claims({"sub": subject}) == {}


@pytest.mark.parametrize(
    "text",
    [
        "sk-EXAMPLE-no-jwt", "eyJEXAMPLE.e30", "eyJEXAMPLE.e30.b.c", "a.e30.bEXAMPLE", "eyJEXAMPLE.!!.sig",
        "eyJEXAMPLE.W10.sig", "eyJEXAMPLE._w.sig", f"eyJEXAMPLE.{'W1tb' * 900}.sig",
    ],
)  # fmt: skip
def test_what_is_no_jwt_has_no_claims(text: str) -> None:
    assert Key(text).jwt_claims() is None
