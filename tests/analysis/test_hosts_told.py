"""What an answer says of the right host or region is what the checks and the next action go by."""

from __future__ import annotations

from typing import Any

import pytest
from small_store import SmallStore, healthy

MOVE = "Ask at us.api.alpha.example: the key belongs there."
TOLD = {
    "cause": "Another region.",
    "cause_code": "wrong-host",
    "move": MOVE,
    "move_code": "change-host",
    "specific": True,
}


def refused(store: SmallStore, condition: str, **told: Any) -> None:
    """A key of which the only question was refused so, at a host that answers as Alpha does."""
    store.key("prod", provider="alpha", claimed_provider="alpha", verdict="confirmed", key_valid=None)
    store.exchange("prod", "e1", host="api.alpha.example", path="/v1/models", status=401, outcome="refused")
    store.add("diagnoses", exchange_id="e1", key_id="prod", condition=condition, status=401, **told)


def check(store: SmallStore, name: str) -> tuple[str, str]:
    row = store.sql(f"""FROM checks WHERE "check" = '{name}'""").iloc[0]
    return row["state"], row["reason"]


def actions(store: SmallStore) -> dict[str, str]:
    frame = store.frame("actions")
    return dict(zip(frame["action"], frame["reason"], strict=True))


@pytest.mark.parametrize("name", ["region", "base URL"])
def test_an_answer_that_names_another_host_contradicts_region_and_base_url(store: SmallStore, name: str) -> None:
    refused(store, "access-forbidden", **TOLD)
    state, reason = check(store, name)
    assert state == "contradicts"
    assert "us.api.alpha.example" in reason


def test_an_answer_that_names_another_host_gets_the_base_url_changed(store: SmallStore) -> None:
    refused(store, "access-forbidden", **TOLD)
    assert "us.api.alpha.example" in actions(store)["change base URL"]


def test_an_answer_that_names_another_host_asks_for_no_permission(store: SmallStore) -> None:
    refused(store, "access-forbidden", **TOLD)
    assert "add permission" not in actions(store)


def test_good_answers_beside_the_one_that_names_another_host_leave_the_base_url_open(store: SmallStore) -> None:
    healthy(store)
    store.exchange("prod", "e9", host="api.alpha.example", status=401, outcome="refused")
    store.add("diagnoses", exchange_id="e9", key_id="prod", condition="access-forbidden", status=401, **TOLD)
    assert check(store, "base URL")[0] == "unknown"


def test_a_refusal_that_only_guesses_at_another_host_agrees_with_nothing(store: SmallStore) -> None:
    refused(store, "invalid-api-key", **TOLD)
    assert check(store, "base URL")[0] == "unknown"
    assert check(store, "region")[0] == "unknown"


def test_an_unknown_key_whose_move_is_to_compare_hosts_is_told_no_other_one(store: SmallStore) -> None:
    refused(store, "invalid-api-key", cause_code="key-unknown", move_code="change-host", move="Compare.")
    assert check(store, "base URL")[0] == "agrees"
    assert "change base URL" not in actions(store)


def test_a_region_that_is_not_served_contradicts_the_region_alone(store: SmallStore) -> None:
    refused(store, "access-forbidden", cause_code="model-not-allowed", move_code="change-region", move="Elsewhere.")
    assert check(store, "region")[0] == "contradicts"
    assert check(store, "base URL")[0] == "agrees"


def test_a_region_that_the_caller_may_not_ask_from_closes_the_way(store: SmallStore) -> None:
    refused(store, "access-forbidden", cause_code="region-not-allowed", move_code="change-region", move="Elsewhere.")
    assert "change egress IP" in actions(store)


def unreachable(store: SmallStore, *, official: bool) -> None:
    store.key("prod", claimed_provider="alpha", verdict="insufficient", base_url="https://api.alpha.example")
    store.add("verdicts", key_id="prod", official=official)
    store.exchange("prod", "e1", status=None, outcome="unreachable")


def test_an_official_host_that_is_not_reached_keeps_its_address(store: SmallStore) -> None:
    unreachable(store, official=True)
    assert next(iter(actions(store))) == "fix the connection"
    assert not {"change base URL", "add provider config", "send to human review"} & set(actions(store))


def test_an_unknown_host_that_is_not_reached_may_have_another_address(store: SmallStore) -> None:
    unreachable(store, official=False)
    assert "change base URL" in actions(store)
    assert "fix the connection" not in actions(store)


def test_an_official_host_that_is_not_reached_leaves_no_identity_unproven(store: SmallStore) -> None:
    unreachable(store, official=True)
    assert "identity unproven" not in set(store.frame("risks")["risk"])


def test_a_token_that_is_no_key_is_not_to_be_declared(store: SmallStore) -> None:
    store.key("prod", verdict="insufficient")
    store.add("verdicts", key_id="prod", shape_owner="beta", shape_refusal="it manages a team")
    assert actions(store)["use a runtime key instead"] == "Nothing was sent: it is of Beta, and it manages a team."
    assert "declare provider or base URL" not in actions(store)


def test_a_declared_provider_without_a_host_asks_for_the_host(store: SmallStore) -> None:
    store.key("prod", claimed_provider="alpha", verdict="insufficient")
    assert "alpha is to be asked is not told" in actions(store)["declare provider or base URL"]
