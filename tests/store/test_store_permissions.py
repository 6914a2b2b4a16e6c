"""The strongest evidence decides what a key may call; unknown is never drawn as denied."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from store_rows import START, Filled


def states(filled: Filled) -> dict[str, str]:
    return filled.column("permissions", "model_id", "state")


def row(filled: Filled, model_id: str, scope: str = "key") -> dict[str, Any]:
    (one,) = [row for row in filled.records("permissions") if (row["model_id"], row["scope"]) == (model_id, scope)]
    return one


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        ({"proves": "callable"}, "callable"),
        ({"proves": "listed"}, "listed"),
        ({"proves": "nothing"}, "unknown"),
        ({"proves": None}, "unknown"),
        ({"proves": "listed", "state": "callable"}, "callable"),
        ({"proves": "callable", "state": "listed"}, "listed"),
        ({"proves": "listed", "state": "denied"}, "denied"),
        ({"proves": "callable", "public": True}, "listed"),
        ({"proves": "nothing", "state": "callable", "public": True}, "listed"),
        ({"proves": "callable", "retired_at": START - timedelta(days=1)}, "denied"),
        ({"proves": "callable", "retired_at": START + timedelta(days=1)}, "callable"),
    ],
)
def test_a_list_row_is_worth_what_its_list_proves(filled: Filled, cells: dict[str, Any], state: str) -> None:
    filled.exchange("x1").listed("m1", **cells)
    assert states(filled) == {"m1": state}


def test_a_list_that_was_asked_without_the_key_proves_no_right(filled: Filled) -> None:
    filled.exchange("x1", authenticated=False).listed("m1", proves="callable")
    assert states(filled) == {"m1": "listed"}


def test_a_list_that_proves_nothing_says_so(filled: Filled) -> None:
    filled.exchange("x1").listed("m1", proves="nothing")
    assert row(filled, "m1")["reason"] == "public list proves nothing about the key"


def test_what_a_public_list_says_beside_stands_behind_that_it_proves_nothing(filled: Filled) -> None:
    filled.exchange("x1").listed("m1", proves="nothing", reason="in us")
    assert row(filled, "m1")["reason"] == "public list proves nothing about the key; in us"


def test_a_retired_model_says_since_when(filled: Filled) -> None:
    filled.exchange("x1").listed("m1", proves="callable", retired_at=START - timedelta(days=1))
    assert row(filled, "m1")["reason"] == "retired since 2026-11-22"


# weakest first: each claim, added to all before it, takes over
LADDER = [
    ("unknown", {"state": "unknown", "reason": "r0"}, {}),
    ("listed", {"state": "listed", "reason": "r1"}, {}),
    ("callable", {"state": "callable", "reason": "r2"}, {}),
    ("denied", {"state": "denied", "reason": "r3"}, {}),
    ("callable", {"state": "callable", "reason": "r4"}, {"method": "POST"}),
]


def test_stronger_evidence_takes_over_in_any_order() -> None:
    for steps in (LADDER, LADDER[::-1]):
        filled = Filled().key()
        for number, (_, cells, exchange) in enumerate(steps):
            filled.exchange(f"x{number}", **exchange).observe(
                "permission", model_id="m1", exchange_id=f"x{number}", **cells
            )
        assert (row(filled, "m1")["state"], row(filled, "m1")["reason"]) == ("callable", "r4")
        filled.store.close()


@pytest.mark.parametrize("rungs", [1, 2, 3, 4, 5])
def test_each_rung_of_the_evidence_outranks_the_one_below(filled: Filled, rungs: int) -> None:
    for number, (_, cells, exchange) in enumerate(LADDER[:rungs]):
        filled.exchange(f"x{number}", **exchange).observe(
            "permission", model_id="m1", exchange_id=f"x{number}", **cells
        )
    found = row(filled, "m1")
    assert (found["state"], found["reason"], found["exchange_id"]) == (
        LADDER[rungs - 1][0],
        f"r{rungs - 1}",
        f"x{rungs - 1}",
    )


def test_of_two_answers_of_the_model_the_newest_counts(filled: Filled) -> None:
    for number, state in enumerate(("callable", "denied")):
        filled.clock.pass_(1)
        filled.exchange(f"x{number}", method="POST").observe(
            "permission", model_id="m1", exchange_id=f"x{number}", state=state
        )
    assert row(filled, "m1")["exchange_id"] == "x1"
    assert states(filled) == {"m1": "denied"}


def test_what_the_filtered_list_leaves_out_of_the_public_one_is_denied(filled: Filled) -> None:
    filled.exchange("x1").exchange("x2", request="public", authenticated=False)
    filled.listed("m1", proves="callable").listed("m1", "x2", public=True, proves="nothing")
    filled.listed("m2", "x2", public=True, proves="nothing")
    assert states(filled) == {"m1": "callable", "m2": "denied"}
    assert row(filled, "m2")["exchange_id"] == "x1"
    assert "leaves out" in row(filled, "m2")["reason"]


def test_what_a_list_that_was_not_read_to_its_end_leaves_out_is_not_denied(filled: Filled) -> None:
    filled.exchange("x1").exchange("x2", request="public", authenticated=False)
    filled.listed("m1", proves="callable", complete=False, cut="page-limit").listed("m2", "x2", public=True)
    assert states(filled) == {"m1": "callable", "m2": "unknown"}


def test_the_public_list_of_the_same_host_may_have_been_read_for_another_key(filled: Filled) -> None:
    filled.key("k2").exchange("x1").exchange("x2", "k2", request="public", authenticated=False)
    filled.listed("m1", proves="callable").listed("m2", "x2", "k2", public=True)
    assert {(one["key_id"], one["model_id"], one["state"]) for one in filled.records("permissions")} == {
        ("k1", "m1", "callable"),
        ("k1", "m2", "denied"),
        ("k2", "m2", "unknown"),
    }


def test_a_filtered_list_with_a_missing_page_denies_nothing(filled: Filled) -> None:
    filled.exchange("x1").exchange("x1b", path="/v1/models?page=2", status=500, outcome="failed")
    filled.exchange("x2", request="public", authenticated=False)
    filled.listed("m1", proves="callable").listed("m2", "x2", public=True)
    assert states(filled) == {"m1": "callable", "m2": "unknown"}


def test_a_page_that_came_at_the_second_try_is_not_missing(filled: Filled) -> None:
    filled.exchange("x0", status=503, outcome="failed").exchange("x1", attempt=2)
    filled.exchange("x2", request="public", authenticated=False)
    filled.listed("m1", proves="callable").listed("m2", "x2", public=True)
    assert states(filled)["m2"] == "denied"


def test_an_allow_list_outranks_what_one_list_forgot(filled: Filled) -> None:
    filled.exchange("x1").exchange("x2", request="public", authenticated=False).exchange("x3", request="key")
    filled.listed("m1", proves="callable").listed("m2", "x2", public=True)
    filled.observe("permission", model_id="m2", state="callable", exchange_id="x3")
    assert states(filled)["m2"] == "callable"


def test_a_key_kind_that_calls_no_model_denies_them_all(filled: Filled) -> None:
    filled.exchange("x1").listed("m1", proves="listed").observe(
        "permission", model_id="*", state="denied", reason="no model"
    )
    assert states(filled) == {"m1": "denied"}


def test_such_a_denial_outranks_a_list_that_knows_nothing_of_the_kind(filled: Filled) -> None:
    filled.exchange("x1").listed("m1", proves="callable").observe("permission", model_id="*", state="denied")
    assert states(filled) == {"m1": "denied"}


def test_what_an_allow_list_names_is_not_what_it_leaves_over(filled: Filled) -> None:
    filled.exchange("x1").listed("m1", proves="listed").listed("m2", proves="listed")
    filled.observe("permission", model_id="*", state="denied").observe("permission", model_id="m2", state="callable")
    assert states(filled) == {"m1": "denied", "m2": "callable"}


def test_a_pattern_stands_for_itself_where_no_model_is_known(filled: Filled) -> None:
    filled.observe("permission", model_id="*", state="denied")
    assert states(filled) == {"*": "denied"}


def test_a_pattern_speaks_of_the_models_it_matches(filled: Filled) -> None:
    filled.exchange("x1").listed("acme/m1", proves="listed").listed("other/m1", proves="listed")
    filled.observe("permission", model_id="acme/*", state="callable")
    assert states(filled) == {"acme/m1": "callable", "other/m1": "listed"}


def test_rights_of_a_project_never_become_the_keys(filled: Filled) -> None:
    filled.exchange("x1").listed("m1", proves="listed")
    filled.observe("permission", model_id="m1", state="callable", scope="project:p1")
    filled.observe("permission", model_id="*", state="denied", scope="organization")
    found = {(one["scope"], one["model_id"]): one["state"] for one in filled.records("permissions")}
    assert found == {("key", "m1"): "listed", ("project:p1", "m1"): "callable", ("organization", "*"): "denied"}


def test_with_an_invalid_key_nothing_is_callable(filled: Filled) -> None:
    filled.exchange("x1").listed("m1", proves="callable").listed("m2", proves="listed").listed("m3", proves="nothing")
    filled.exchange("x2", status=401, outcome="refused").verdict(key_valid=False, exchange_id="x2")
    assert states(filled) == {"m1": "denied", "m2": "listed", "m3": "unknown"}
    assert row(filled, "m1")["exchange_id"] == "x2"


def test_a_later_reading_of_the_same_list_replaces_the_earlier(filled: Filled) -> None:
    filled.exchange("x1").listed("m1", proves="callable").listed("m2", proves="callable")
    filled.again().key().exchange("y1").listed("m1", "y1", proves="callable")
    assert states(filled) == {"m1": "callable"}


@pytest.fixture
def covering() -> Iterator[Filled]:
    made = Filled(
        reference={
            "ref_covered_models": [{"provider": "acme", "model_id": "acme/m9"}, {"provider": "other", "model_id": "o1"}]
        }
    )
    yield made
    made.store.close()


def test_a_covered_model_that_the_list_lacks_is_unknown(covering: Filled) -> None:
    covering.key().exchange("x1").verdict(verdict="likely", provider="acme").listed("m1", proves="callable")
    assert states(covering) == {"acme/m9": "unknown", "m1": "callable"}
    assert row(covering, "acme/m9")["exchange_id"] == "x1"


def test_a_covered_model_beyond_the_end_of_what_was_read_is_not_called_lacking(covering: Filled) -> None:
    covering.key().exchange("x1").verdict(verdict="likely", provider="acme")
    covering.listed("m1", proves="callable", complete=False, cut="no-cursor")
    assert row(covering, "acme/m9")["reason"] == "a covered model; this key's list was not read to its end"


def test_a_covered_model_that_the_list_spells_otherwise_is_not_lacking(covering: Filled) -> None:
    covering.key().exchange("x1").verdict(verdict="likely", provider="acme").listed("models/M9", proves="callable")
    assert states(covering) == {"models/M9": "callable"}


def test_a_key_that_was_not_probed_knows_its_covered_models_as_unknown(covering: Filled) -> None:
    covering.store.set_pending_keys([{"key_id": "k9", "label": "new", "claimed_provider": "acme"}])
    assert states(covering) == {"acme/m9": "unknown"}


def test_the_family_joins_what_providers_spell_differently(filled: Filled) -> None:
    filled.exchange("x1").listed("models/m1", proves="listed").rows(
        "ref_families", {"model_id": "models/m1", "family": "m"}
    )
    assert row(filled, "models/m1")["family"] == "m"
