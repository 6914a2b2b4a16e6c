"""The tables of a probed session keep what the design promises of them."""

import json

import pandas as pd
import pytest

COLUMNS = {
    "keys": "key_id label fingerprint source claimed_provider base_url added_at",
    "exchanges": "exchange_id key_id probe method host path status outcome latency_ms attempt sent_at headers "
    "body_excerpt authenticated",
    "metrics": "key_id provider probe metric model_id window value unit state exchange_id observed_at",
    "identity": "key_id label claimed_provider provider key_valid verdict confidence_db front transport upstream "
    "key_kind owner_id organization_id project token_type token_role token_scopes expires_at evidence",
    "models": "key_id provider model_id family name context_window max_output modalities features created "
    "retired_at exchange_id complete",
    "permissions": "key_id label provider model_id family scope state reason exchange_id",
    "limits": "key_id label model_id scope kind window limit remaining unit unlimited reset_at state source "
    "exchange_id",
    "balances": "key_id purse kind amount currency derived state exchange_id",
    "usage": "key_id period kind amount unit state exchange_id",
    "prices": "key_id provider model_id family source upstream tier input_mtok output_mtok cache_read_mtok "
    "cache_write_mtok currency effective_from checked age_days conflict",
    "capabilities": "key_id label capability state summary exchange_id",
    "dimensions": "key_id label provider dimension signal verdict reason",
    "stages": "key_id label stage verdict reason",
    "actions": "key_id label rank action stage move_code reason evidence",
    "risks": "key_id label risk severity reason evidence",
    "checks": "key_id label check state reason evidence",
    "diagnoses": "exchange_id key_id condition judged judgement status model_id cause cause_code move move_code whose",
}
WORDS = {
    ("permissions", "state"): {"callable", "listed", "denied", "unknown"},
    ("capabilities", "state"): {"confirmed", "partial", "invisible", "not_exposed", "unknown"},
    ("metrics", "state"): {"confirmed", "partial", "invisible", "not_exposed", "unknown"},
    ("limits", "state"): {"confirmed", "partial", "invisible", "not_exposed", "unknown"},
    ("balances", "state"): {"confirmed", "partial", "invisible", "not_exposed", "unknown"},
    ("exchanges", "outcome"): {
        "not_sent", "ok", "refused", "no_balance", "limited", "absent", "failed", "malformed", "blocked", "unreachable",
        "timeout",
    },
    ("identity", "verdict"): {"confirmed", "likely", "openai-compatible-unknown", "conflicting", "insufficient"},
    ("identity", "key_kind"): {
        "personal", "project", "service-account", "admin", "management", "virtual", "workspace", "invoke-only",
        "metrics-only", "read-only", "fine-grained", "trial", "master", "unknown",
    },
    ("stages", "verdict"): {"pass", "review", "blocked"},
    ("stages", "stage"): {"identification", "inventory", "pricing", "routing", "launch"},
    ("dimensions", "verdict"): {"pass", "review", "blocked"},
    ("checks", "state"): {"agrees", "contradicts", "unknown"},
    ("risks", "severity"): {"high", "medium", "low", "info"},
    ("balances", "kind"): {"available", "total", "granted", "topped_up", "cap", "remaining", "used"},
    ("limits", "kind"): {
        "requests", "tokens", "input_tokens", "uncached_input_tokens", "output_tokens", "characters", "images",
        "batch_tokens", "concurrency", "spend", "context", "max_output",
    },
    ("usage", "kind"): {"requests", "tokens", "input_tokens", "output_tokens", "cached_tokens", "characters", "spend"},
    ("diagnoses", "condition"): {
        "invalid-api-key", "missing-api-key", "expired-key", "key-disabled", "insufficient-balance",
        "billing-disabled", "quota-exhausted", "rate-limited", "permission-denied", "access-forbidden",
        "model-not-found", "model-retired", "context-too-long", "bad-request", "overloaded", "upstream-error",
        "not-an-api", "unknown",
    },
}  # fmt: skip


@pytest.mark.parametrize("table", COLUMNS)
def test_a_table_begins_with_the_promised_columns(probed, table):
    wanted = COLUMNS[table].split()
    assert list(probed.frame(table).columns[: len(wanted)]) == wanted


@pytest.mark.parametrize("table", COLUMNS)
def test_no_table_is_empty_on_the_sandbox(probed, table):
    assert len(probed.frame(table)) > 0


@pytest.mark.parametrize("table", [name for name, columns in COLUMNS.items() if "exchange_id" in columns.split()])
def test_every_exchange_named_in_a_table_exists(probed, table):
    known = set(probed.exchanges["exchange_id"])
    named = set(probed.frame(table)["exchange_id"].dropna())
    assert named
    assert named <= known


@pytest.mark.parametrize("table", ["identity", "actions", "risks"])
def test_evidence_is_a_list_of_exchanges_that_exist(probed, table):
    known = set(probed.exchanges["exchange_id"])
    evidence = [json.loads(text) for text in probed.frame(table)["evidence"].dropna()]
    assert any(evidence)
    assert {one for ids in evidence for one in ids} <= known


@pytest.mark.parametrize("table", [name for name, columns in COLUMNS.items() if "key_id" in columns.split()])
def test_every_row_belongs_to_a_key(probed, table):
    assert set(probed.frame(table)["key_id"]) <= set(probed.frame("keys")["key_id"])


@pytest.mark.parametrize(("table", "column"), WORDS)
def test_only_the_words_of_the_vocabulary_are_used(probed, table, column):
    assert set(probed.frame(table)[column].dropna()) <= WORDS[table, column]


def test_every_value_stands_on_an_exchange(probed):
    for table in ("permissions", "limits", "balances", "usage", "models"):
        frame = probed.frame(table)
        bare = frame[frame["exchange_id"].isna()]
        # of a key that nothing may be asked with, the catalogue alone speaks, and it says unknown
        asked = set(probed.exchanges["key_id"])
        assert bare[bare["key_id"].isin(asked)].empty, table
        assert set(bare.get("state", [])) <= {"unknown"}, table


def test_times_are_naive_utc(probed):
    for table in COLUMNS:
        for name, kind in probed.frame(table).dtypes.items():
            assert getattr(kind, "tz", None) is None, (table, name)


def test_every_key_has_five_stages_ten_capabilities_and_an_action(probed):
    keys = len(probed.frame("keys"))
    assert len(probed.stages) == 5 * keys
    assert len(probed.capabilities) == 10 * keys
    assert probed.actions["key_id"].nunique() == keys


def test_no_run_broke_off(probed):
    said = probed.sql("SELECT reason FROM verdicts")
    assert not said["reason"].astype(str).str.contains("fault of testkey_nb").any()


def test_money_is_exact_text(probed):
    for table, column in (("balances", "amount"), ("prices", "input_mtok"), ("usage", "amount")):
        assert pd.api.types.is_string_dtype(probed.frame(table)[column]), (table, column)
