"""A real LiteLLM proxy without a database, where a wrong key is met with 400 and key metadata with 500."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from gateways import Gateway, Hold
from litellm_proxy import KEYS, MODELS
from where_keys_hide import places

import testkey_nb as tk
from testkey_nb.vocabulary import TABLES

pytestmark = pytest.mark.gateway


@pytest.fixture(scope="module")
def session(master_only: Gateway, hold: Hold) -> tk.Session:
    return hold(master_only, "master", "wrong").probe(progress=False)


def test_both_keys_meet_litellm(session: tk.Session) -> None:
    assert set(session.identity["provider"]) == {"litellm"}
    assert set(session.identity["verdict"]) <= {"confirmed", "likely"}


def test_a_400_is_a_wrong_key_and_not_a_valid_one(session: tk.Session) -> None:
    assert session.identity.set_index("label")["key_valid"].to_dict() == {"master": True, "wrong": False}


def test_the_same_400_elsewhere_is_a_missing_database(session: tk.Session) -> None:
    key_id = session.keys.set_index("label")["key_id"]["wrong"]
    found = session.diagnoses[(session.diagnoses["key_id"] == key_id) & session.diagnoses["authenticated"]]
    told = {row["path"].partition("?")[0]: row for row in found.to_dict("records")}
    assert {path: (row["status"], row["condition"], row["rule"]) for path, row in told.items()} == {
        "/key/info": (400, "unknown", "no-database"),
        "/v1/models": (400, "invalid-api-key", "not-the-master-key"),
    }
    assert told["/v1/models"]["key_valid"] == False  # noqa: E712 - a pandas boolean
    assert pd.isna(told["/key/info"]["key_valid"])


def test_a_500_on_key_metadata_leaves_the_master_key_valid(session: tk.Session) -> None:
    key_id = session.keys.set_index("label")["key_id"]["master"]
    row = session.exchanges[session.exchanges["request"] == "key_info"].set_index("key_id").loc[key_id]
    assert (row["status"], row["outcome"]) == (500, "failed")
    metrics = session.metrics[session.metrics["key_id"] == key_id].set_index("metric")
    assert metrics.loc["limit_total", "state"] == "unknown"


def test_it_is_identified_without_a_key(master_only: Gateway) -> None:
    best = tk.identify(master_only.origin + "/v1").iloc[0]
    assert (best["provider"], best["verdict"]) == ("litellm", "confirmed")


def shell(gateway: Gateway, name: str) -> tuple[int, dict[str, Any], str]:
    """Exit status, tables and all output of the shell command on one key."""
    done = subprocess.run(
        [sys.executable, "-m", "testkey_nb", "probe", f"gw=env:GATEWAY_KEY@{gateway.origin}", "--format", "json"],
        env={**os.environ, "GATEWAY_KEY": gateway.keys[name]}, cwd=Path(tk.__file__).parents[1], timeout=60,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    found = json.loads(done.stdout)
    assert found["schema"] == 1
    return done.returncode, found["tables"], done.stdout + done.stderr


def test_the_shell_tells_a_good_key_with_status_0(bare: Gateway) -> None:
    status, tables, output = shell(bare, "master")
    (identity,) = tables["identity"]
    assert (status, set(tables)) == (0, set(TABLES))
    assert (identity["label"], identity["provider"], identity["key_valid"]) == ("gw", "litellm", True)
    assert identity["verdict"] in ("confirmed", "likely")
    assert {row["model_id"] for row in tables["permissions"]} == set(MODELS)
    assert {row["limit"] for row in tables["limits"] if row["kind"] == "requests"} == {500, 1}
    assert places(KEYS["master"], {"output": output}) == []


def test_the_shell_tells_a_wrong_key_with_status_1(bare: Gateway) -> None:
    status, tables, output = shell(bare, "wrong")
    (identity,) = tables["identity"]
    assert (status, identity["provider"], identity["key_valid"]) == (1, "litellm", False)
    assert (tables["permissions"], tables["limits"]) == ([], [])
    assert places(KEYS["wrong"], {"output": output}) == []
