"""Words before statuses: naming the provider never makes a diagnosis worse."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import testkey_nb as tk
from testkey_nb.answers import Document, diagnose, document
from testkey_nb.catalogue import load
from testkey_nb.catalogue.error_rules import general_rules
from testkey_nb.catalogue.model import ErrorRule, Provider
from testkey_nb.vocabulary import ERROR_RANKS
from tests.answers.test_diagnosis import cases

PROVIDERS = tuple(load().providers)
# where a rule of a provider's own file rightly differs, and why
OWN = tomllib.loads((Path(__file__).parent / "own_readings.toml").read_text(encoding="utf-8"))["own"]


@cache
def general_wordings() -> tuple[tuple[Document, str], ...]:
    """Each example of a general rule in its statuses, where that rule decides without a provider."""
    return tuple(_wordings())


def _wordings() -> Iterator[tuple[Document, str]]:
    for rule in general_rules(load().path_of("errors")):
        for part in (rule, *rule.any):
            for example in part.examples:
                for status in part.status or rule.status or (None, 400, 401, 403, 404, 429, 500):
                    doc = document(status=status, body={"error": {"message": example}}, path="/v1/chat/completions")
                    if diagnose(doc, catalogue=load()).rule == rule.id:
                        yield doc, rule.condition


def test_most_general_rules_have_a_wording_that_they_decide() -> None:
    assert len(general_wordings()) > 300


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_general_wording_means_the_same_when_the_provider_is_named(name: str) -> None:
    provider = load().provider(name)
    wrong = []
    for doc, condition in general_wordings():
        got = diagnose(doc, catalogue=load(), provider=provider)
        if got.condition != condition and (name, got.rule) not in _own_rules():
            wrong.append((doc["status"], doc["error"], condition, got.condition, got.rule))
    assert wrong == []


@cache
def labelled() -> tuple[tuple[Document, dict[str, Any]], ...]:
    return tuple((document(status=case["status"], body=case["body"]), case) for case in cases("wordings.jsonl"))


@cache
def _own_rules() -> frozenset[tuple[str, str]]:
    return frozenset((entry["provider"], entry["rule"]) for entry in OWN)


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_wording_of_any_service_means_the_same_when_a_provider_is_named(name: str) -> None:
    provider = load().provider(name)
    wrong = []
    for doc, case in labelled():
        got = diagnose(doc, catalogue=load(), provider=provider)
        if got.condition not in case["condition"] and (name, got.rule) not in _own_rules():
            wrong.append((case["status"], case["body"], case["condition"], got.condition, got.rule))
    assert wrong == []


@pytest.mark.parametrize("entry", OWN, ids=lambda entry: f"{entry['provider']}-{entry['rule']}")
def test_an_own_reading_is_needed_and_has_its_reason(entry: dict[str, str]) -> None:
    provider = load().provider(entry["provider"])
    readings = [(diagnose(doc, catalogue=load(), provider=provider), case["condition"]) for doc, case in labelled()]
    assert entry["why"]
    assert [got for got, right in readings if got.rule == entry["rule"] and got.condition not in right]


DEAD = {"error": {"type": "permission_error", "message": "OAuth token has been revoked"}}


@pytest.mark.parametrize(
    "rule",
    [
        ErrorRule(id="status", condition="unknown", status=(403,)),
        ErrorRule(id="type", condition="unknown", type=("permission_error",)),
        ErrorRule(id="late", condition="unknown", says=("token",), late=True),
    ],
    ids=lambda rule: str(rule.id),
)
def test_a_rule_that_knows_no_more_than_a_status_waits_for_words(
    made: Callable[..., Provider], rule: ErrorRule
) -> None:
    got = diagnose(document(status=403, body=DEAD), catalogue=load(), provider=made(errors=(rule,)))
    assert got.condition == "key-disabled"


@pytest.mark.parametrize(
    "rule",
    [
        ErrorRule(id="words", condition="unknown", says=("revoked",)),
        ErrorRule(id="code", condition="unknown", type=("oauth_gone",)),
        ErrorRule(id="path", condition="unknown", path=("/me$",)),
    ],
    ids=lambda rule: str(rule.id),
)
def test_what_a_file_knows_in_words_goes_first(made: Callable[..., Provider], rule: ErrorRule) -> None:
    body = {"error": {"type": "oauth_gone", "message": "OAuth token has been revoked"}}
    got = diagnose(document(status=403, body=body, path="/me"), catalogue=load(), provider=made(errors=(rule,)))
    assert got.rule == rule.id


def test_alternatives_of_one_rule_stand_in_their_own_ranks(made: Callable[..., Provider]) -> None:
    parts = (
        ErrorRule(id="a", condition="unknown", says=("revoked",)),
        ErrorRule(id="b", condition="unknown", status=(403,)),
    )
    provider = made(errors=(ErrorRule(id="either", condition="unknown", any=parts),))
    expired = document(status=403, body={"error": {"message": "API key expired"}})
    assert diagnose(document(status=403, body=DEAD), catalogue=load(), provider=provider).rule == "either"
    assert diagnose(expired, catalogue=load(), provider=provider).condition == "expired-key"


def test_explain_shows_the_rules_in_their_order() -> None:
    frame = tk.diagnose(status=403, body={"type": "error", **DEAD}, provider="anthropic", explain=True)
    assert list(frame["decides"]) == [True] + [False] * (len(frame) - 1)
    assert list(frame["rank"]) == sorted(frame["rank"], key=ERROR_RANKS.index)
    ranks = {*zip(frame["rule"], frame["rank"], strict=True)}
    assert {("disabled", "general words"), ("missing-scope", "own catch-all")} <= ranks


def test_explain_says_what_a_rule_found() -> None:
    frame = tk.diagnose(status=403, body={"error": {"message": "API key expired"}}, explain=True)
    assert "'API key expired'" in frame["holds"][0]


def test_nothing_is_explained_where_nothing_failed() -> None:
    assert tk.diagnose(status=200, body={"data": []}, explain=True).empty
