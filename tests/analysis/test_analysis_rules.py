"""Rules are data: what they say of a key, and what a broken one does."""

from __future__ import annotations

import json
import tomllib
from datetime import timedelta
from typing import Any

import pytest
from small_store import DATA, NOW, Book, SmallStore, healthy, read, refused

from testkey_nb.analysis import define_all
from testkey_nb.analysis.dimension_signal import signal_of
from testkey_nb.analysis.rules import evidence_sql, text_sql
from testkey_nb.errors import CatalogueError

TEN = [
    "key identity",
    "capability matrix",
    "model permission matrix",
    "limit matrix",
    "balance and quota",
    "operational actions",
    "continuous monitoring",
    "risk profile",
    "error diagnosis",
    "pricing and cost",
]
FIVE = ["identification", "inventory", "pricing", "routing", "launch"]


def verdicts(store: SmallStore, table: str, column: str, key_id: str = "prod") -> dict[str, str]:
    frame = store.sql(f"FROM {table} WHERE key_id = '{key_id}'")
    return dict(zip(frame[column], frame["verdict"], strict=True))


def test_every_key_has_the_ten_capabilities_in_order(store: SmallStore) -> None:
    healthy(store)
    store.key("bare")
    frame = store.frame("capabilities")
    assert list(frame[frame["key_id"] == "prod"]["capability"]) == TEN
    assert list(frame[frame["key_id"] == "bare"]["capability"]) == TEN


def test_a_state_beyond_unknown_has_an_exchange_and_a_sentence(store: SmallStore) -> None:
    healthy(store)
    refused(store)
    store.key("bare")
    frame = store.frame("capabilities")
    known = ~frame["state"].isin(["unknown", "not_exposed"])
    assert frame[known]["exchange_id"].notna().all()
    assert frame[~known]["exchange_id"].isna().all()
    assert frame["summary"].str.endswith(".").all()
    assert known.any()


def test_a_healthy_key_confirms_nine_capabilities(store: SmallStore) -> None:
    healthy(store)
    states = store.frame("capabilities").set_index("capability")["state"]
    assert set(states.drop("capability matrix")) == {"confirmed"}
    assert states["capability matrix"] == "partial"


def test_a_summary_tells_numbers(store: SmallStore) -> None:
    healthy(store)
    texts = store.frame("capabilities").set_index("capability")["summary"]
    assert texts["model permission matrix"] == "3 models callable."
    assert texts["limit matrix"] == "3 limits known, 3 with what remains (at least 90 % left)."
    assert texts["balance and quota"] == "12.50 USD left in the account."


def test_nothing_asked_is_unknown_not_denied(store: SmallStore) -> None:
    store.key("bare")
    assert set(store.frame("capabilities")["state"]) == {"unknown"}


def test_what_the_provider_does_not_expose_is_said(store: SmallStore) -> None:
    store.add("ref_not_exposed", provider="alpha", fact="balance")
    store.key("prod", provider="alpha", key_valid=True, verdict="confirmed")
    store.exchange("prod", "e1")
    row = store.sql("FROM capabilities WHERE capability = 'balance and quota'").iloc[0]
    assert (row["state"], row["exchange_id"] is None or row["exchange_id"] != row["exchange_id"]) == (
        "not_exposed",
        True,
    )
    assert "Alpha AI" in row["summary"]


def test_what_this_key_may_not_see_is_invisible_with_its_refusal(store: SmallStore) -> None:
    store.add("ref_metric_capabilities", metric="balance_available", capability="balance and quota")
    store.key("prod", provider="alpha", key_valid=True, verdict="confirmed")
    store.exchange("prod", "e1")
    store.exchange("prod", "e2", status=403, outcome="refused")
    store.add(
        "coverage",
        key_id="prod",
        exchange_id="e2",
        metric="balance_available",
        state="invisible",
        reason="needs the billing scope",
    )
    row = store.sql("FROM capabilities WHERE capability = 'balance and quota'").iloc[0]
    assert (row["state"], row["exchange_id"]) == ("invisible", "e2")
    assert "billing scope" in row["summary"]


def test_a_healthy_key_passes_all_five_stages_and_three_dimensions(store: SmallStore) -> None:
    healthy(store)
    assert verdicts(store, "stages", "stage") == dict.fromkeys(FIVE, "pass")
    assert set(verdicts(store, "dimensions", "dimension").values()) == {"pass"}


def test_an_invalid_key_blocks_every_later_stage_and_says_why(store: SmallStore) -> None:
    refused(store)
    frame = store.frame("stages")
    assert list(frame["stage"]) == FIVE
    assert set(frame["verdict"]) == {"blocked"}
    assert frame["reason"][0] == "Alpha AI does not accept the key (invalid-api-key)."
    assert frame["reason"][4].startswith("Waits for identification: ")


def test_a_stage_under_review_lets_none_behind_it_pass(store: SmallStore) -> None:
    healthy(store)
    store.connection.execute("UPDATE permissions SET state = 'listed'")
    assert verdicts(store, "stages", "stage") == dict(
        zip(FIVE, ["pass", "review", "review", "review", "review"], strict=True)
    )
    last = store.frame("stages")["reason"][4]
    assert last.startswith("Waits for the review of inventory: 3 models listed; missing: proof of the right to call.")


def test_a_missing_price_is_reviewed_and_blocks_nothing(store: SmallStore) -> None:
    healthy(store)
    store.connection.execute("DELETE FROM prices")
    assert verdicts(store, "stages", "stage") == dict(
        zip(FIVE, ["pass", "pass", "review", "review", "review"], strict=True)
    )


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "limited model coverage"),
        (2, "limited model coverage"),
        (3, "multi-model coverage"),
        (11, "multi-model"),
    ],
)
def test_the_threshold_of_onboarding_is_three(n: int, text: str) -> None:
    assert text in signal_of(read("dimensions")["dimensions"][0], n=n, route="global")["text"]


@pytest.mark.parametrize("n", [0, 1, 40])
def test_inventory_counts_without_special_cases(n: int) -> None:
    signal = signal_of(read("dimensions")["dimensions"][1], n=n, route=None)
    assert signal["text"] == "{N} models can become inventory candidates"


@pytest.mark.parametrize(
    ("route", "start"),
    [
        ("global", "global route, check region/IP"),
        ("china", "China route"),
        ("self-hosted", "self-hosted route"),
        (None, "unknown route"),
    ],
)
def test_launch_signals_follow_the_route(route: str | None, start: str) -> None:
    assert signal_of(read("dimensions")["dimensions"][2], n=0, route=route)["text"].startswith(start)


def test_the_table_and_the_page_give_the_same_signals(store: SmallStore) -> None:
    healthy(store)
    frame = store.frame("dimensions")
    expected = [signal_of(one, n=3, route="global")["text"] for one in read("dimensions")["dimensions"]]
    assert list(frame["signal"]) == [text.replace("{N}", "3") for text in expected]
    assert list(frame["dimension"]) == ["onboarding-readiness", "inventory-fit", "commercial-launch"]


def test_every_key_has_ranked_actions_with_evidence(store: SmallStore) -> None:
    healthy(store)
    refused(store)
    store.key("bare")
    frame = store.frame("actions")
    for key_id, rows in frame.groupby("key_id"):
        assert list(rows["rank"]) == list(range(1, len(rows) + 1)), key_id
    asked = frame[frame["key_id"] != "bare"]
    assert all(json.loads(text) for text in asked["evidence"])
    assert frame["reason"].str.len().gt(10).all()


def first(store: SmallStore) -> str:
    return str(store.sql("FROM actions WHERE rank = 1")["action"][0])


def test_an_undeclared_key_is_to_be_declared_first(store: SmallStore) -> None:
    store.key("bare", verdict="insufficient")
    assert first(store) == "declare provider or base URL"


@pytest.mark.parametrize(
    ("condition", "action"),
    [
        ("invalid-api-key", "replace invalid key"),
        ("expired-key", "rotate expired key"),
        ("key-disabled", "enable key or make a new one"),
    ],
)
def test_a_refused_key_is_renewed_first(store: SmallStore, condition: str, action: str) -> None:
    refused(store, condition=condition)
    assert first(store) == action
    assert "hold listing" in set(store.frame("actions")["action"])


@pytest.mark.parametrize(
    ("condition", "action"),
    [
        ("insufficient-balance", "refill balance"),
        ("billing-disabled", "enable billing"),
        ("model-not-found", "change model ID"),
        ("context-too-long", "reduce context"),
        ("quota-exhausted", "raise limit"),
    ],
)
def test_a_valid_key_that_fails_gets_its_move_first(store: SmallStore, condition: str, action: str) -> None:
    healthy(store)
    store.exchange("prod", "e9", status=429, outcome="refused")
    store.add("diagnoses", exchange_id="e9", key_id="prod", condition=condition, status=429)
    assert first(store) == action


@pytest.mark.parametrize(
    ("move_code", "action"),
    [
        ("change-address", "change egress IP"),
        ("add-right", "add permission"),
        ("change-credential", "use another credential"),
    ],
)
def test_what_is_forbidden_gets_the_move_of_its_code(store: SmallStore, move_code: str, action: str) -> None:
    healthy(store)
    store.exchange("prod", "e9", status=403, outcome="refused")
    store.add(
        "diagnoses", exchange_id="e9", key_id="prod", condition="access-forbidden", move_code=move_code, specific=True
    )
    actions = set(store.frame("actions")["action"]) & {"change egress IP", "add permission", "use another credential"}
    assert actions == {action}


def test_a_refused_side_question_does_not_outrank_what_works(store: SmallStore) -> None:
    healthy(store)
    store.exchange("prod", "e9", status=403, outcome="refused")
    store.add(
        "diagnoses", exchange_id="e9", key_id="prod", condition="permission-denied", status=403, move_code="add-right"
    )
    actions = list(store.frame("actions")["action"])
    assert actions.count("add permission") == 1
    store.connection.execute("DELETE FROM permissions")
    assert first(store) == "add permission"


def test_a_refusal_without_the_key_says_nothing_of_the_key(store: SmallStore) -> None:
    healthy(store)
    before = store.frame("actions")
    store.exchange("prod", "control", status=401, outcome="refused", authenticated=False)
    store.add("diagnoses", exchange_id="control", key_id="prod", condition="missing-api-key", status=401)
    assert list(store.frame("actions")["action"]) == list(before["action"])
    summary = store.frame("capabilities").set_index("capability")["summary"]["error diagnosis"]
    assert summary == "4 requests sent and none failed."


def test_signals_are_worded_as_on_the_page() -> None:
    said = tomllib.loads((DATA / "locales" / "en.toml").read_text())["signal"]
    worded = {one["text"] for each in read("dimensions")["dimensions"] for one in each["signals"]}
    assert {text.replace("{count}", "{N}") for text in said.values()} <= worded


def risk(store: SmallStore) -> dict[str, str]:
    frame = store.frame("risks")
    return dict(zip(frame["risk"], frame["severity"], strict=True))


def test_a_healthy_key_has_no_risk_above_info(store: SmallStore) -> None:
    healthy(store)
    assert set(risk(store).values()) <= {"info"}


@pytest.mark.parametrize(
    ("change", "name", "severity"),
    [
        ("UPDATE identity SET key_kind = 'admin'", "over-privileged key", "high"),
        ("UPDATE identity SET key_kind = 'personal'", "personal key", "medium"),
        ("UPDATE identity SET key_kind = 'trial'", "trial key", "medium"),
        ('UPDATE identity SET token_scopes = \'["api.write", "account.admin"]\'', "wide rights", "medium"),
        ("UPDATE identity SET verdict = 'conflicting'", "identity conflict", "high"),
        ("UPDATE identity SET key_valid = NULL", "untested key", "medium"),
        ("UPDATE identity SET upstream = 'beta'", "hidden upstream", "info"),
        ("UPDATE identity SET expires_at = TIMESTAMP '2026-12-01'", "expiring key", "medium"),
        ("UPDATE identity SET expires_at = TIMESTAMP '2026-01-01'", "expired key", "high"),
        ("DELETE FROM balances", "spend cap not visible", "info"),
        ("UPDATE limits SET kind = 'spend', unlimited = true, \"limit\" = NULL", "no spend cap", "medium"),
        ("UPDATE balances SET amount = '0'", "empty balance", "high"),
        ("UPDATE balances SET amount = '-3.20'", "empty balance", "high"),
        ("UPDATE balances SET amount = '1.10'", "low balance", "medium"),
        ("UPDATE limits SET remaining = 2", "quota nearly exhausted", "medium"),
        ("UPDATE limits SET remaining = 0", "quota exhausted", "high"),
        ("UPDATE limits SET scope = 'organization'", "shared limits", "low"),
        ("UPDATE limits SET remaining = 0 WHERE model_id = 'm-1'", "model quota exhausted", "low"),
        (
            "UPDATE keys SET fingerprint = 'f'; INSERT INTO keys (key_id, label, fingerprint) VALUES ('b', 'b', 'f')",
            "same key twice",
            "low",
        ),
        (
            "INSERT INTO usage (key_id, period, kind, amount, unit) VALUES ('prod', 'day', 'spend', '5', 'USD')",
            "money ends soon",
            "medium",
        ),
        ("DELETE FROM limits", "no limits known", "info"),
        ("UPDATE models SET retired_at = TIMESTAMP '2026-01-01'", "retired models", "low"),
        ("UPDATE prices SET conflict = true", "price conflict", "low"),
        ("UPDATE prices SET age_days = 200", "old prices", "info"),
        ("DELETE FROM prices", "prices missing", "low"),
        ("UPDATE keys SET base_url = 'http://10.0.0.8:4000/v1'", "plain-http gateway", "high"),
        ("UPDATE exchanges SET outcome = 'failed'", "error spike", "medium"),
        ("UPDATE exchanges SET outcome = 'blocked'", "blocked on the way", "medium"),
    ],
)
def test_a_risk_shows_with_its_severity(store: SmallStore, change: str, name: str, severity: str) -> None:
    healthy(store)
    assert name not in risk(store)
    store.connection.execute(change)
    assert risk(store)[name] == severity


def test_loopback_over_plain_http_is_no_risk(store: SmallStore) -> None:
    healthy(store)
    store.connection.execute("UPDATE keys SET base_url = 'http://127.0.0.1:4000'")
    assert "plain-http gateway" not in risk(store)


def test_a_second_key_takes_the_single_key_risk_away(store: SmallStore) -> None:
    healthy(store)
    assert "single key" in risk(store)
    healthy(store, "spare")
    assert "single key" not in risk(store)


def test_expiry_is_judged_by_the_time_of_the_answers(store: SmallStore) -> None:
    healthy(store)
    store.connection.execute("UPDATE identity SET expires_at = ?", [NOW + timedelta(hours=1)])
    assert "expired key" not in risk(store)
    store.connection.execute("UPDATE exchanges SET sent_at = ?", [NOW + timedelta(hours=2)])
    assert "expired key" in risk(store)


def test_reasons_never_swallow_an_unknown() -> None:
    import duckdb

    with duckdb.connect() as connection:
        sql = text_sql("{f.x|model|models} of {f.y}, it's")
        rows = connection.execute(f"SELECT {sql} FROM (VALUES (1, NULL), (2, 'a')) f(x, y)").fetchall()
    assert rows == [("1 model of unknown, it's",), ("2 models of a, it's",)]


BROKEN = {
    "risk": "broken",
    "severity": "high",
    "when": "f.no_such_column > 0",
    "reason": "x",
    "evidence": "f.any_ids",
}


def test_a_rule_the_engine_refuses_is_named_and_the_rest_stands(store: SmallStore) -> None:
    healthy(store)
    problems = define_all(store, Book(risks={"rules": [BROKEN, *read("risks")["rules"]]}))
    assert [(one.file, one.field) for one in problems] == [("risks.toml", "rules broken")]
    assert "no_such_column" in str(problems[0])
    assert "single key" in risk(store)
    assert len(store.frame("actions")) > 0


@pytest.mark.parametrize(
    ("name", "rules", "said"),
    [
        ("risks", {"rules": [BROKEN | {"severity": "awful"}]}, "severity 'awful'"),
        ("risks", {"rules": [BROKEN | {"typo": "x"}]}, "unknown field 'typo'"),
        ("risks", {}, "rules"),
        (
            "actions",
            {"rules": [{"action": "a", "when": "true", "reason": "r", "evidence": "f.any_ids"}]},
            "order",
        ),
        (
            "stages",
            {"stages": [{"stage": "s", "cases": [{"verdict": "maybe", "reason": "r"}]}]},
            "verdict 'maybe'",
        ),
        ("dimensions", CatalogueError("is no TOML", file="dimensions.toml", line=3), "dimensions.toml:3"),
        (
            "capability_rules",
            {"rules": [{"capability": "magic", "cases": []}], "otherwise": []},
            "capability 'magic'",
        ),
    ],
)
def test_a_broken_file_names_itself_and_takes_nothing_else_down(
    store: SmallStore, name: str, rules: Any, said: str
) -> None:
    healthy(store)
    problems = define_all(store, Book(**{name: rules}))
    assert len(problems) == 1
    assert said in str(problems[0])
    tables = {"capabilities", "dimensions", "stages", "actions", "risks"}
    broken = "capabilities" if name == "capability_rules" else name
    assert store.frame(broken).empty
    assert all(len(store.frame(each)) for each in tables - {broken})


def test_every_capability_has_its_rule_and_every_family_action_its_list() -> None:
    assert [rule["capability"] for rule in read("capability_rules")["rules"]] == TEN
    assert set(read("actions")["families"]) == {rule["family"] for rule in read("actions")["rules"]} | {"model route"}
    assert DATA.is_dir()


def test_the_columns_are_those_of_the_contract(store: SmallStore) -> None:
    columns = {
        name: list(store.frame(name).columns) for name in ("capabilities", "dimensions", "stages", "actions", "risks")
    }
    assert columns == {
        "capabilities": ["key_id", "label", "capability", "state", "summary", "exchange_id"],
        "dimensions": ["key_id", "label", "provider", "dimension", "signal", "verdict", "reason"],
        "stages": ["key_id", "label", "stage", "verdict", "reason"],
        "actions": ["key_id", "label", "rank", "action", "stage", "move_code", "reason", "evidence"],
        "risks": ["key_id", "label", "risk", "severity", "reason", "evidence"],
    }


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (19, 19), (20, 20), (21, 20)])
def test_evidence_names_at_most_twenty_exchanges(store: SmallStore, count: int, shown: int) -> None:
    ids = [f"e{place:02}" for place in range(count)]
    text = store.sql(f"SELECT {evidence_sql(f'CAST({ids} AS VARCHAR[])')} AS ids")["ids"][0]
    assert json.loads(text) == ids[:shown]


def test_an_action_says_which_stage_it_opens_and_its_move(store: SmallStore) -> None:
    refused(store)
    rows = store.frame("actions").set_index("action")
    assert tuple(rows.loc["replace invalid key", ["stage", "move_code"]]) == ("identification", "replace-key")
    assert rows.loc["add monitoring", ["stage", "move_code"]].isna().all()


WAIT = {"action": "wait", "order": 1, "when": "true", "reason": "x", "evidence": "f.any_ids"}


def test_a_word_that_no_stage_has_leaves_the_rule_out(store: SmallStore) -> None:
    problems = define_all(store, Book(actions={"rules": [WAIT | {"stage": "lunch"}, WAIT | {"stage": "launch"}]}))
    assert [str(problem).partition("stage")[1:] for problem in problems] == [
        ("stage", " 'lunch' is none of identification, inventory, pricing, routing, launch")
    ]


@pytest.mark.parametrize(("whose", "verdict"), [("own", "blocked"), ("upstream", "pass")])
def test_money_that_the_service_behind_lacks_is_not_this_keys(store: SmallStore, whose: str, verdict: str) -> None:
    healthy(store)
    store.exchange("prod", "e9", status=402, outcome="no_balance")
    store.add("diagnoses", exchange_id="e9", key_id="prod", condition="insufficient-balance", status=402, whose=whose)
    assert verdicts(store, "stages", "stage")["launch"] == verdict
