"""What is decided for every key of the sandbox keeps to what is known of it."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal

import pandas as pd
import pytest

import testkey_nb as tk

STAGES = ("identification", "inventory", "pricing", "routing", "launch")
WORST = ("pass", "review", "blocked")


@pytest.fixture(scope="module")
def facts(probed: tk.Session) -> pd.DataFrame:
    return probed.sql("FROM key_facts").set_index("key_id")


@pytest.fixture(scope="module")
def verdicts(probed: tk.Session) -> dict[str, dict[str, str]]:
    by_key: dict[str, dict[str, str]] = defaultdict(dict)
    for row in probed.stages.itertuples():
        by_key[row.key_id][row.stage] = row.verdict
    return by_key


@pytest.fixture(scope="module")
def cost(probed: tk.Session) -> pd.DataFrame:
    return probed.cost(input_mtok=10, output_mtok=2, requests=1000)


def test_the_first_action_opens_the_first_open_stage(probed: tk.Session, verdicts: dict[str, dict[str, str]]) -> None:
    actions = probed.actions
    first = actions[actions["rank"] == 1].set_index("key_id")["stage"]
    opened = {key_id: next((name for name in STAGES if of[name] != "pass"), None) for key_id, of in verdicts.items()}
    assert not {key_id: stage for key_id, stage in opened.items() if stage and first[key_id] != stage}
    assert sum(stage is not None for stage in opened.values()) > 300


def test_every_stage_that_is_not_passed_for_a_reason_of_its_own_has_an_action(probed: tk.Session) -> None:
    actions = {(row.key_id, row.stage) for row in probed.actions.itertuples()}
    stages = probed.stages
    own = stages[(stages["verdict"] != "pass") & ~stages["reason"].str.startswith("Waits for")]
    assert not [(row.key_id, row.stage) for row in own.itertuples() if (row.key_id, row.stage) not in actions]


def test_a_blocked_stage_rests_on_proof(probed: tk.Session, facts: pd.DataFrame) -> None:
    stages = probed.stages
    own = stages[(stages["verdict"] == "blocked") & ~stages["reason"].str.startswith("Waits for")]
    proof = {
        "identification": (facts["key_valid"] == False) | (facts["expires_at"] <= facts["seen_at"]),  # noqa: E712
        "inventory": facts["models_denied"] > 0,
        "routing": facts["host_refuses"] | facts["limits_spent_all"] | facts["over_quota_ids"].notna(),
        "launch": facts["spent"],
    }
    assert set(own["stage"]) <= set(proof)
    assert not [(row.key_id, row.stage) for row in own.itertuples() if not proof[row.stage].fillna(False)[row.key_id]]


def test_a_key_that_passes_launch_has_something_to_spend_and_may_call(
    verdicts: dict[str, dict[str, str]], facts: pd.DataFrame
) -> None:
    passed = [key_id for key_id, of in verdicts.items() if of["launch"] == "pass"]
    assert passed
    for fact in facts.loc[passed].itertuples():
        assert fact.key_valid
        assert fact.models_callable > 0
        assert fact.balances_known > 0 or fact.provider_kind == "self-hosted"
        assert not fact.spent
        assert fact.key_kind not in ("admin", "management", "master", "read-only", "metrics-only", "personal", "trial")


def test_a_later_stage_is_never_better_than_an_earlier_one(verdicts: dict[str, dict[str, str]]) -> None:
    levels = {key_id: [WORST.index(of[stage]) for stage in STAGES] for key_id, of in verdicts.items()}
    assert {key_id: of for key_id, of in levels.items() if of != sorted(of)} == {}


def test_dimensions_and_stages_agree(probed: tk.Session, verdicts: dict[str, dict[str, str]]) -> None:
    stage = {"onboarding-readiness": "identification", "inventory-fit": "pricing", "commercial-launch": "launch"}
    rows = probed.dimensions
    assert len(rows) == 3 * len(verdicts)
    assert not [row for row in rows.itertuples() if verdicts[row.key_id][stage[row.dimension]] != row.verdict]


def test_cost_ranks_nothing_that_is_denied_spent_or_invalid(cost: pd.DataFrame, facts: pd.DataFrame) -> None:
    ranked = cost[cost["rank"].notna()]
    assert len(ranked) > 100
    assert "denied" not in set(ranked["permission"])
    assert not facts.loc[ranked["key_id"], "spent"].any()
    assert (facts.loc[ranked["key_id"], "key_valid"] != False).all()  # noqa: E712
    out = cost[cost["permission"] == "denied"]
    assert len(out)
    assert out["reason"].notna().all()


def test_cost_ranks_what_is_known_above_what_is_not(cost: pd.DataFrame, facts: pd.DataFrame) -> None:
    dollars = cost[cost["rank"].notna() & (cost["currency"] == "USD")].sort_values("rank")
    valid = facts.loc[dollars["key_id"], "key_valid"].fillna(False).to_numpy()
    known = (dollars["permission"].isin(["callable", "listed"]).to_numpy() & valid).tolist()
    assert set(known) == {True, False}
    assert known == sorted(known, reverse=True)


def test_a_derived_amount_is_what_is_held_less_what_is_used(probed: tk.Session) -> None:
    rows = probed.balances
    derived = rows[rows["derived"]]
    assert len(derived) >= 5
    for row in derived.itertuples():
        same = rows[(rows["key_id"] == row.key_id) & (rows["purse"] == row.purse) & (rows["currency"] == row.currency)]
        amounts = {kind: Decimal(amount) for kind, amount in zip(same["kind"], same["amount"], strict=True)}
        whole = amounts["cap"] if row.kind == "remaining" else amounts["total"]
        assert Decimal(row.amount) == whole - amounts["used"]


def test_money_under_a_cap_is_never_the_accounts(probed: tk.Session) -> None:
    rows = probed.balances
    assert set(rows[rows["kind"] == "cap"]["purse"]) <= {"cap", "plan"}
    assert not len(rows[(rows["kind"] == "remaining") & (rows["purse"] == "account")])


def test_evidence_leads_to_exchanges_of_the_key(probed: tk.Session) -> None:
    keys = dict(zip(probed.exchanges["exchange_id"], probed.exchanges["key_id"], strict=True))
    for name in ("actions", "risks", "balances"):
        for row in probed.frame(name).itertuples():
            assert {keys.get(exchange_id) for exchange_id in json.loads(row.evidence)} <= {row.key_id}, (name, row)


def test_a_right_is_advised_only_where_an_answer_asks_for_one(probed: tk.Session, facts: pd.DataFrame) -> None:
    advised = probed.actions.query("action == 'add permission'")["key_id"]
    assert len(advised)
    asked = facts.loc[advised, "lacking_ids"].notna() | (facts.loc[advised, "models_denied"] > 0)
    assert asked.all()


def test_a_cap_that_starts_never_anew_is_not_waited_for(probed: tk.Session) -> None:
    waited = set(probed.actions.query("action == 'wait for reset'")["key_id"])
    limits = probed.limits
    used_up = limits[limits["remaining"].astype("float64") <= 0]
    for key_id in waited:
        of_key = used_up[used_up["key_id"] == key_id]
        assert (of_key["reset_at"].notna() | ~of_key["window"].isin(["lifetime", "none"])).any()


def test_a_warning_of_weight_stands_for_few_of_the_demos_valid_keys(probed: tk.Session, facts: pd.DataFrame) -> None:
    from testkey_nb.sandbox.load import demo_labels

    demo = facts[facts["label"].isin(demo_labels()) & (facts["key_valid"] == True)]  # noqa: E712
    risks = probed.risks
    heavy = risks[risks["severity"].isin(["high", "medium"]) & risks["key_id"].isin(demo.index)]
    assert heavy.groupby("risk")["key_id"].nunique().max() <= len(demo) / 3


def test_a_spent_purse_is_named_with_its_own_move(probed: tk.Session, facts: pd.DataFrame) -> None:
    move = {"account": "refill balance", "cap": "raise limit", "plan": "renew the plan", "trial": "renew the plan"}
    actions = probed.actions.query("stage == 'launch'").groupby("key_id")["action"].agg(set)
    spent = facts[facts["spent_purse"].notna() & (facts["key_valid"] != False)]  # noqa: E712
    assert set(spent["spent_purse"]) >= {"account", "cap"}
    assert not [fact.label for key_id, fact in spent.iterrows() if move[fact["spent_purse"]] not in actions[key_id]]
