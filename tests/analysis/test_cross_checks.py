"""No refusal is judged by its words alone: what else is known of the key is held against them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from small_store import Book, SmallStore, healthy, read, refused

from testkey_nb.analysis import define_all

SIX = ["key shape", "base URL", "balance", "model permission", "visible list", "region"]


def fail(store: SmallStore, condition: str | None, *, key_id: str = "prod", **more: Any) -> None:
    """One failed exchange of the key, e9, at the host where its good answers came from."""
    told = {name: more.pop(name) for name in ("cause", "cause_code", "move", "move_code", "specific") if name in more}
    store.connection.execute("UPDATE exchanges SET host = 'api.alpha.example', path = '/v1/models' WHERE host IS NULL")
    where = {"host": "api.alpha.example", "path": "/v1/chat/completions", "status": 401, "outcome": "refused"} | more
    store.exchange(key_id, "e9", **where)
    store.add("diagnoses", exchange_id="e9", key_id=key_id, condition=condition, status=where["status"], **told)


def own_list(store: SmallStore, *models: str, public: bool = False, complete: bool = True) -> None:
    for model in models:
        store.add(
            "model_listings", key_id="prod", exchange_id="prod-models", public=public, model_id=model, complete=complete
        )


def left(store: SmallStore, amount: str) -> None:
    store.connection.execute("UPDATE balances SET amount = ?", [amount])


def verdict(store: SmallStore) -> dict[str, Any]:
    return dict(store.sql("FROM diagnoses WHERE exchange_id = 'e9'").iloc[0])


def check(store: SmallStore, name: str, key_id: str = "prod") -> dict[str, Any]:
    return dict(store.sql(f"""FROM checks WHERE "check" = '{name}' AND key_id = '{key_id}'""").iloc[0])


def elsewhere(store: SmallStore) -> None:
    """A key whose shape is Beta's, at a host of Alpha."""
    store.key("prod", provider="alpha", verdict="conflicting", key_valid=False)
    store.add("verdicts", key_id="prod", shape_owner="beta")
    fail(store, "invalid-api-key")


def test_a_key_of_which_something_failed_has_the_six_checks(store: SmallStore) -> None:
    refused(store)
    healthy(store)
    frame = store.frame("checks")
    assert list(frame["check"]) == SIX
    assert set(frame["key_id"]) == {"dead"}


def test_a_check_says_its_facts_in_a_sentence_with_proof(store: SmallStore) -> None:
    healthy(store)
    fail(store, "rate-limited")
    row = check(store, "balance")
    assert row["reason"] == "Money is there: 12.50 USD left in the account."
    assert json.loads(row["evidence"]) == ["prod-balance"]


def test_checks_know_only_three_states(store: SmallStore) -> None:
    healthy(store)
    fail(store, "rate-limited")
    refused(store)
    assert set(store.frame("checks")["state"]) == {"agrees", "unknown"}
    left(store, "0")
    assert check(store, "balance")["state"] == "contradicts"


def test_the_condition_stays_what_the_answer_said(store: SmallStore) -> None:
    healthy(store)
    fail(store, "invalid-api-key")
    row = verdict(store)
    assert (row["condition"], row["judged"]) == ("invalid-api-key", "access-forbidden")


def test_a_key_that_its_host_accepted_elsewhere_is_not_to_be_replaced(store: SmallStore) -> None:
    healthy(store)
    fail(store, "invalid-api-key", move="Make a new key.", cause_code="key-unknown", move_code="replace-key")
    assert verdict(store)["move"].startswith("Add the permission that this path asks for")
    assert (verdict(store)["cause_code"], verdict(store)["move_code"]) == ("scope-missing", "add-right")
    assert "replace invalid key" not in set(store.frame("actions")["action"])


def test_a_refused_key_lacks_the_right_to_the_model_that_the_answer_names(store: SmallStore) -> None:
    healthy(store)
    fail(store, "invalid-api-key", path="/v1beta/models/m-9:generateContent")
    row = verdict(store)
    assert (row["judged"], row["model_id"]) == ("permission-denied", "m-9")


def test_an_answer_that_comes_without_the_key_too_accepts_nothing(store: SmallStore) -> None:
    healthy(store)
    store.connection.execute("DELETE FROM exchanges WHERE exchange_id <> 'prod-models'")
    own_list(store, "m-1", public=True)
    fail(store, "invalid-api-key")
    assert verdict(store)["judged"] == "invalid-api-key"


def test_a_good_answer_of_another_host_does_not_move_the_blame(store: SmallStore) -> None:
    healthy(store)
    fail(store, "invalid-api-key", host="api.other.example")
    assert verdict(store)["judged"] == "invalid-api-key"
    assert "compare the Base URL" in verdict(store)["judgement"]


def test_a_key_that_nothing_accepted_stays_invalid(store: SmallStore) -> None:
    refused(store)
    row = store.frame("diagnoses").iloc[0]
    assert row["judged"] == "invalid-api-key"
    assert row["judgement"].startswith("No other answer accepted the key")


def test_a_key_of_another_service_gets_its_base_url_changed(store: SmallStore) -> None:
    elsewhere(store)
    row = verdict(store)
    assert row["cause"] == "The key belongs to Beta, not to Alpha AI, which was asked."
    assert row["move"].startswith("Change the Base URL to that of Beta")


def test_a_shape_bound_elsewhere_contradicts_shape_and_base_url(store: SmallStore) -> None:
    elsewhere(store)
    assert {check(store, name)["state"] for name in ("key shape", "base URL")} == {"contradicts"}


def test_a_shape_bound_elsewhere_is_no_reason_to_replace_the_key(store: SmallStore) -> None:
    elsewhere(store)
    actions = set(store.frame("actions")["action"])
    assert "change base URL" in actions
    assert "replace invalid key" not in actions


def test_a_shape_noted_with_the_verdict_is_read(store: SmallStore) -> None:
    healthy(store)
    store.add("verdicts", key_id="prod", shape_owner="alpha", shape_text="only alpha")
    fail(store, "rate-limited")
    assert check(store, "key shape")["reason"].startswith("Only Alpha AI issues keys of this shape")


NAMED = '{"error": {"message": "The model `m-1` does not exist"}}'


def test_a_model_that_the_own_list_shows_is_denied_not_missing(store: SmallStore) -> None:
    healthy(store)
    own_list(store, "m-1", "m-2")
    fail(store, "model-not-found", body_excerpt=NAMED)
    row = verdict(store)
    assert (row["judged"], row["model_id"]) == ("permission-denied", "m-1")
    assert row["judgement"].endswith("shown but not callable.")


@pytest.mark.parametrize("shown", ["m-2", "acme/m-1"])
def test_a_list_that_was_not_read_to_its_end_lacks_no_model(store: SmallStore, shown: str) -> None:
    healthy(store)
    own_list(store, shown, "m-3", complete=False)
    fail(store, "model-not-found", body_excerpt=NAMED)
    row = verdict(store)
    assert row["judged"] == "model-not-found"
    assert row["judgement"] == "The key's own list was not read to its end: whether m-1 is in the rest is open."
    assert check(store, "visible list")["state"] == "unknown"


def test_a_model_that_the_list_lacks_stays_missing_and_says_so(store: SmallStore) -> None:
    healthy(store)
    own_list(store, "m-2", "m-3")
    fail(store, "model-not-found", body_excerpt=NAMED)
    row = verdict(store)
    assert row["judged"] == "model-not-found"
    assert row["judgement"] == "The key's own list of 2 models lacks m-1 too: the answer stands."
    assert check(store, "visible list")["state"] == "contradicts"


def test_a_model_spelled_otherwise_in_the_list_gets_that_spelling(store: SmallStore) -> None:
    healthy(store)
    own_list(store, "acme/m-1")
    fail(store, "model-not-found", body_excerpt=NAMED)
    assert verdict(store)["move"] == "Change the model id to acme/m-1, copied exactly."


def test_a_public_list_shows_nothing_of_the_key(store: SmallStore) -> None:
    healthy(store)
    own_list(store, "m-1", public=True)
    fail(store, "model-not-found", body_excerpt=NAMED)
    assert verdict(store)["judged"] == "model-not-found"


@pytest.mark.parametrize(
    "body", [None, "not found", '{"error": {"param": "model", "code": "model_not_found", "message": "no such model"}}']
)
def test_no_model_is_invented_where_none_is_named(store: SmallStore, body: str | None) -> None:
    healthy(store)
    own_list(store, "m-1")
    fail(store, "model-not-found", body_excerpt=body)
    row = verdict(store)
    assert row["model_id"] is None or row["model_id"] != row["model_id"]
    assert row["judgement"].startswith("Neither request nor answer names the model")


def test_the_model_of_an_active_question_is_known_from_its_observation(store: SmallStore) -> None:
    healthy(store)
    own_list(store, "m-2")
    fail(store, "model-not-found")
    store.add("observations", key_id="prod", exchange_id="e9", topic="permission", model_id="m-2", state="denied")
    assert verdict(store)["judged"] == "permission-denied"


@pytest.mark.parametrize("condition", ["rate-limited", "permission-denied"])
@pytest.mark.parametrize("amount", ["0", "-3.20"])
def test_an_empty_balance_outranks_pace_and_rights(store: SmallStore, condition: str, amount: str) -> None:
    healthy(store)
    left(store, amount)
    fail(store, condition)
    row = verdict(store)
    assert row["judged"] == "insufficient-balance"
    assert f"{amount} USD" in row["cause"]


@pytest.mark.parametrize("condition", ["rate-limited", "permission-denied"])
def test_with_money_or_without_word_of_it_pace_and_rights_stay(store: SmallStore, condition: str) -> None:
    healthy(store)
    fail(store, condition)
    assert verdict(store)["judged"] == condition
    store.connection.execute("DELETE FROM balances")
    assert verdict(store)["judged"] == condition


def test_no_money_told_while_the_balance_shows_some_names_quota_or_wallet(store: SmallStore) -> None:
    healthy(store)
    fail(store, "insufficient-balance")
    row = verdict(store)
    assert row["judgement"].startswith(
        "The balance shows money (12.50 USD left in the account): a quota or another wallet"
    )
    assert "wallet" in row["move"]


def test_what_is_forbidden_to_own_traffic_with_all_in_order_is_the_address(store: SmallStore) -> None:
    healthy(store)
    fail(store, "access-forbidden", probe="observed")
    assert (verdict(store)["cause_code"], verdict(store)["move_code"]) == ("address-not-allowed", "change-address")
    assert check(store, "region")["state"] == "contradicts"
    assert "change egress IP" in set(store.frame("actions")["action"])


def test_what_is_forbidden_beside_good_answers_from_one_address_is_a_right(store: SmallStore) -> None:
    healthy(store)
    fail(store, "access-forbidden", probe="usage", move="Add the missing permission, or change the egress IP.")
    assert "this path refuses its scope or role" in verdict(store)["judgement"]
    assert "change egress IP" not in set(store.frame("actions")["action"])


def test_what_is_forbidden_to_a_key_that_is_not_known_is_an_invalid_key(store: SmallStore) -> None:
    store.key("prod", provider="alpha", key_valid=False)
    fail(store, "access-forbidden", move="Use a key with another role.")
    store.exchange("prod", "e8", host="api.alpha.example", path="/v1/models", status=401, outcome="refused")
    store.add("diagnoses", exchange_id="e8", key_id="prod", condition="invalid-api-key", status=401)
    row = verdict(store)
    assert row["judged"] == "invalid-api-key"
    assert row["move"].startswith("Check that the key was copied whole")


def test_an_answer_that_names_the_address_is_believed(store: SmallStore) -> None:
    healthy(store)
    fail(store, "access-forbidden", probe="usage", move="W x y.", move_code="change-address", specific=True)
    assert verdict(store)["judgement"].startswith("The answer itself says that the caller's address is not allowed")
    assert check(store, "region")["state"] == "contradicts"


def test_an_answer_that_names_the_scope_is_believed(store: SmallStore) -> None:
    healthy(store)
    fail(store, "access-forbidden", probe="usage", move="Change the egress address.", specific=True)
    assert verdict(store)["move"] == "Change the egress address."


def test_an_accepted_key_that_is_called_invalid_without_money_lacks_money(store: SmallStore) -> None:
    healthy(store)
    left(store, "0")
    fail(store, "invalid-api-key")
    assert verdict(store)["judged"] == "insufficient-balance"


def test_a_question_without_the_key_is_judged_as_such(store: SmallStore) -> None:
    healthy(store)
    fail(store, "invalid-api-key", authenticated=False)
    row = verdict(store)
    assert (row["judged"], row["judgement"]) == ("invalid-api-key", "Asked without the key: this says nothing of it.")


def test_every_failed_exchange_has_one_row_and_a_judgement(store: SmallStore) -> None:
    healthy(store)
    refused(store)
    fail(store, None)
    frame = store.frame("diagnoses")
    assert sorted(frame["exchange_id"]) == ["dead-1", "e9"]
    assert frame["judgement"].str.endswith(".").all()


def test_the_judged_columns_follow_those_of_the_contract(store: SmallStore) -> None:
    assert list(store.frame("diagnoses").columns) == [
        "exchange_id", "key_id", "condition", "judged", "judgement", "status", "model_id", "cause", "cause_code",
        "move", "move_code", "whose",
    ]  # fmt: skip
    assert list(store.frame("checks").columns) == ["key_id", "label", "check", "state", "reason", "evidence"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"judgement": "x", "when": "f.no_such > 0"}, "the engine refuses this rule"),
        ({"judged": "unknown"}, "judgement is required"),
        ({"judgement": "x", "move": "y"}, "move and move_code go together"),
        ({"judgement": "x", "cause": "y", "cause_code": "z"}, "cause_code 'z' is none of"),
    ],
)
def test_a_broken_judgement_is_named_and_the_rest_stands(store: SmallStore, rule: dict[str, str], said: str) -> None:
    healthy(store)
    fail(store, "rate-limited")
    rules = read("checks")
    problems = define_all(store, Book(checks=rules | {"judgements": [rule, *rules["judgements"]]}))
    assert [(one.file, one.field) for one in problems] == [("checks.toml", "judgements[1]")]
    assert said in str(problems[0])
    assert verdict(store)["judged"] == "rate-limited"


def test_without_judgements_the_answers_stand_as_told(store: SmallStore) -> None:
    healthy(store)
    fail(store, "invalid-api-key")
    assert len(define_all(store, Book(checks={"checks": read("checks")["checks"]}))) == 1
    assert verdict(store)["judged"] == "invalid-api-key"
