"""A provider file is tried on one answer: each declared field says what it read, what it became, or why nothing did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import testkey_nb as tk

HEAD = """
id = "acme"
name = "Acme"
route = "global"
kind = "lab"
docs = "https://docs.acme.example"
checked = 2026-11-27
covered_models = []
[key]
patterns = []
auth = { header = "Authorization", scheme = "Bearer" }
[hosts]
inference = "https://api.acme.example"
[[limit_headers]]
kind = "requests"
window = "minute"
limit = "x-acme-calls-limit"
remaining = "x-acme-calls-left"
source = "https://docs.acme.example"
[[errors]]
id = "frozen"
when = "matches(error, 'frozen')"
condition = "key-disabled"
cause_code = "switched-off"
move_code = "reactivate-key"
source = "https://docs.acme.example"
[[probes]]
id = "current_key"
kind = "current_key"
question = "What is left?"
metrics = []
  [[probes.requests]]
  id = "me"
  get = "/v1/me"
  source = "https://docs.acme.example"
"""
EXTRACTS = """
    [[probes.requests.extract]]
    table = "balances"
    rows = "purses[]"
    where = "open"
      [probes.requests.extract.fields]
      kind = { get = "sort", map = { left = "available" }, strict = true }
      amount = { get = "cents", scale = "0.01" }
      currency = "unit"
    [[probes.requests.extract]]
    table = "models"
    rows = "models[]"
    fields = { model_id = "id" }
"""
PURSE = {"open": True, "sort": "left", "cents": 1250, "unit": "USD"}


@pytest.fixture
def tried(tmp_path: Path) -> Any:
    def read(body: Any, **options: Any) -> pd.DataFrame:
        file = tmp_path / "acme.toml"
        file.write_text(HEAD + EXTRACTS)
        return tk.try_provider_file(file, options.pop("path", "/v1/me"), body=body, **options)

    return read


def cell(frame: pd.DataFrame, part: str, name: str, column: str) -> Any:
    (value,) = frame.loc[frame["part"].eq(part) & frame["name"].eq(name), column]
    return value


def test_a_field_shows_what_it_read_and_what_it_became(tried: Any) -> None:
    frame = tried({"purses": [PURSE]})
    assert cell(frame, "field", "amount", "expression") == "cents"
    assert (cell(frame, "field", "amount", "raw"), cell(frame, "field", "amount", "value")) == (1250, "12.5")


def test_the_row_that_came_of_it_is_shown(tried: Any) -> None:
    row = cell(tried({"purses": [PURSE]}), "row", "balances", "value")
    assert {name: row[name] for name in ("kind", "amount", "currency")} == {
        "kind": "available", "amount": "12.5", "currency": "USD",
    }  # fmt: skip


def test_the_rows_are_those_that_extraction_makes(tried: Any) -> None:
    purses = [PURSE, PURSE | {"open": False}, PURSE | {"sort": "odd"}, PURSE | {"cents": "many"}, PURSE | {"cents": 7}]
    frame = tried({"purses": purses})
    made = frame.loc[frame["name"].eq("balances") & frame["value"].notna(), "row"].tolist()
    assert made == [0, 4]


@pytest.mark.parametrize(
    ("purse", "part", "name", "why"),
    [
        (PURSE | {"open": False}, "row", "where", "where is not true of this row"),
        (PURSE | {"sort": "odd"}, "field", "kind", "the map is strict and has no 'odd'; it has left"),
        (PURSE | {"sort": "odd"}, "row", "balances", "a row of balances needs kind"),
        (PURSE | {"cents": "many"}, "field", "amount", "does not fit a column of kind money"),
        (PURSE | {"unit": None}, "field", "currency", "the expression gave null"),
        ({"open": True}, "row", "balances", "no expression gave a value"),
    ],
    ids=["where", "strict map", "key column", "kind of column", "null", "nothing at all"],
)
def test_what_gives_no_value_or_no_row_says_why(tried: Any, purse: Any, part: str, name: str, why: str) -> None:
    assert why in cell(tried({"purses": [purse], "models": [{"id": "m"}]}), part, name, "why")


def test_a_list_that_is_not_there_is_told_apart_from_an_empty_one(tried: Any) -> None:
    whys = [tried(body).set_index("name").loc["rows", "why"].tolist() for body in ({}, {"purses": [], "models": []})]
    assert ["null" in why for why in whys[0]] == [True, True]
    assert ["empty" in why for why in whys[1]] == [True, True]


def test_no_extract_reads_a_failure(tried: Any) -> None:
    frame = tried({"purses": [PURSE]}, status=500)
    assert set(frame.loc[frame["name"].eq("rows"), "why"]) == {"an extract reads successes only, and the status is 500"}


def test_a_path_that_no_request_has_is_named(tried: Any) -> None:
    frame = tried({}, path="/v1/others")
    assert cell(frame, "request", "/v1/others", "why") == "no request of this file has a path that fits"


def test_a_declared_limit_header_shows_the_row_it_made(tried: Any) -> None:
    frame = tried({}, headers={"x-acme-calls-limit": "60"})
    assert cell(frame, "limit header", "x-acme-calls-limit", "value")["limit"] == "60"
    assert cell(frame, "limit header", "x-acme-calls-left", "raw") is None


def test_a_declared_limit_header_that_is_not_there_says_so(tried: Any) -> None:
    assert cell(tried({}), "limit header", "x-acme-calls-left", "why") == "the answer has no header of this name"


def test_the_rule_that_judged_the_answer_is_named(tried: Any) -> None:
    frame = tried({"error": {"message": "this key is frozen"}}, status=403)
    assert cell(frame, "error rule", "frozen", "value") == "key-disabled"
