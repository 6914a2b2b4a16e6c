"""One row per key: verdict, what the provider told, and which exchanges prove it."""

from __future__ import annotations

import pytest
from store_rows import Filled


def test_a_key_that_was_not_probed_is_insufficient(filled: Filled) -> None:
    filled.store.set_pending_keys([{"key_id": "k2", "label": "new", "claimed_provider": "acme"}])
    (found,) = [row for row in filled.records("identity") if row["key_id"] == "k2"]
    assert (found["verdict"], found["provider"], found["claimed_provider"], found["key_valid"], found["evidence"]) == (
        "insufficient",
        None,
        "acme",
        None,
        "[]",
    )


def test_claim_and_observation_stand_side_by_side(filled: Filled) -> None:
    filled.key("k2", claimed_provider="acme").verdict("k2", verdict="conflicting", provider="other", confidence_db=17.5)
    found = filled.records("identity")[1]
    assert (found["claimed_provider"], found["provider"], found["verdict"], found["confidence_db"]) == (
        "acme",
        "other",
        "conflicting",
        17.5,
    )


def test_facts_are_spread_into_columns_with_their_proof(filled: Filled) -> None:
    filled.observe("identity", "owner_id", value="u1", exchange_id="x2").observe(
        "identity", "token_scopes", value='["read"]', exchange_id="x1"
    )
    filled.observe("identity", "expires_at", value="2027-01-01T02:00:00+02:00", exchange_id="x1")
    found = filled.one("identity")
    assert (found["owner_id"], found["token_scopes"], found["expires_at"], found["evidence"]) == (
        "u1",
        '["read"]',
        "2027-01-01T00:00:00Z",
        '["x1","x2"]',
    )


def test_what_is_told_of_a_project_is_not_the_keys_identity(filled: Filled) -> None:
    filled.observe("identity", "owner_id", value="u2", scope="project:p1")
    assert filled.one("identity")["owner_id"] is None


@pytest.mark.parametrize(
    ("told", "shape", "kind"),
    [("project", "personal", "project"), ("unknown", "admin", "admin"), (None, "admin", "admin"), (None, None, None)],
)
def test_the_providers_word_on_the_kind_outranks_the_shape(
    filled: Filled, told: str | None, shape: str | None, kind: str | None
) -> None:
    filled.observe("identity", "key_kind", value=told).verdict(verdict="likely", key_kind=shape)
    assert filled.one("identity")["key_kind"] == kind


@pytest.mark.parametrize(
    ("told", "valid"),
    [([False], False), ([True], True), ([True, False], True), ([None], None), ([], None)],
    ids=str,
)
def test_without_a_verdict_the_diagnoses_tell_whether_the_key_is_valid(
    filled: Filled, told: list[bool | None], valid: bool | None
) -> None:
    for number, key_valid in enumerate(told, 2):
        filled.exchange(f"x{number}", condition="unknown", key_valid=key_valid)
    assert filled.one("identity")["key_valid"] is valid


def test_the_newest_word_on_validity_counts(filled: Filled) -> None:
    for value in (False, True, None):
        filled.clock.pass_(1)
        filled.verdict(key_valid=value)
    assert filled.one("identity")["key_valid"] is True


def test_a_verdict_is_not_pieced_together_from_two_runs(filled: Filled) -> None:
    filled.verdict(verdict="confirmed", front="acme")
    filled.again().key().verdict(verdict="insufficient")
    found = filled.one("identity")
    assert (found["verdict"], found["front"]) == ("insufficient", None)


def test_a_key_used_in_two_runs_is_one_key_with_its_newest_label(filled: Filled) -> None:
    filled.again().key(label="renamed")
    assert filled.one("keys")["label"] == "renamed"


def test_own_traffic_does_not_undo_the_verdict_of_a_run(filled: Filled) -> None:
    filled.verdict(verdict="confirmed", provider="acme", key_valid=True)
    filled.clock.pass_(1)
    filled.again().key().verdict(key_valid=False)
    found = filled.one("identity")
    assert (found["verdict"], found["provider"], found["key_valid"]) == ("confirmed", "acme", False)


@pytest.mark.parametrize(
    ("refused_at", "valid"),
    [({"path": "/v1/chat"}, True), ({}, False), ({"path": "/v1/chat", "host": "other.example"}, False)],
    ids=["another path", "the same path", "another host"],
)
def test_a_path_that_refuses_what_another_accepts_refuses_rights(
    filled: Filled, refused_at: dict[str, str], valid: bool
) -> None:
    filled.exchange("x1").verdict(key_valid=True, exchange_id="x1")
    filled.clock.pass_(1)
    filled.exchange("x2", probe="observed", condition="invalid-api-key", **refused_at)
    filled.verdict(key_valid=False, exchange_id="x2")
    assert filled.one("identity")["key_valid"] is valid


def test_where_answers_contradict_each_other_no_refusal_decides(filled: Filled) -> None:
    filled.exchange("x1", condition="invalid-api-key", key_valid=False).verdict(verdict="likely", contradicted=True)
    assert filled.one("identity")["key_valid"] is None


@pytest.mark.parametrize(
    ("told", "date"), [("2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"), (None, "2028-01-01T00:00:00Z")]
)
def test_the_providers_word_on_the_end_outranks_the_keys_own(filled: Filled, told: str | None, date: str) -> None:
    filled.observe("identity", "expires_at", value=told).verdict(verdict="likely", expires_at="2028-01-01T00:00:00")
    assert filled.one("identity")["expires_at"] == date


def test_facts_verdicts_and_marks_are_all_proof(filled: Filled) -> None:
    filled.observe("identity", "owner_id", value="u1", exchange_id="x3").verdict(verdict="likely", exchange_id="x2")
    filled.rows("evidence", {"key_id": "k1", "exchange_id": "x1", "db": 3.0}, {"key_id": "k1", "exchange_id": None})
    filled.observe("limit", "requests", value="1", exchange_id="x4")
    assert filled.one("identity")["evidence"] == '["x1","x2","x3"]'
