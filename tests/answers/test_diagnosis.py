"""What the wordings of services mean, and what a diagnosis says of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from testkey_nb.answers import Diagnosis, diagnose, document, outcome
from testkey_nb.catalogue import load
from testkey_nb.catalogue.error_rules import general_rules
from testkey_nb.catalogue.model import ErrorRule, Provider
from testkey_nb.vocabulary import CONDITIONS, OUTCOMES
from testkey_nb.wire.answer import Answer

HERE = Path(__file__).parent


def cases(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


def diagnosed(**parts: Any) -> Diagnosis:
    return diagnose(document(**parts), catalogue=load())


@pytest.mark.parametrize("case", cases("wordings.jsonl"), ids=lambda case: str(case["condition"][0]))
def test_a_known_wording_has_its_condition_and_never_misjudges_the_key(case: dict[str, Any]) -> None:
    got = diagnosed(status=case["status"], body=case["body"])
    assert got.condition in case["condition"], got
    assert got.key_valid in case["key_valid"], got


def test_every_condition_has_a_cause_and_a_move() -> None:
    rules = load().rules("moves")
    assert {*CONDITIONS} <= {*rules["causes"]}
    assert {*CONDITIONS} <= {*rules["moves"]}


def test_every_rule_has_its_own_id() -> None:
    rules = load().rules("errors")
    ids = [rule["id"] for rule in (*rules["errors"], *rules["successes"])]
    assert len(ids) == len(set(ids))


def test_a_success_has_no_condition_and_keeps_its_told_wait() -> None:
    got = diagnosed(status=200, headers={"Retry-After": "10"}, body={"choices": []}, method="POST")
    assert (got.condition, got.retry_after_s, got.move) == (None, 10, "")


def test_a_list_that_anyone_may_read_proves_no_key() -> None:
    got = diagnosed(status=200, body={"object": "list", "data": [{"id": "m"}]}, method="GET", path="/v1/models")
    assert got.key_valid is None


def test_without_a_key_sent_nothing_is_said_of_it() -> None:
    got = diagnosed(status=401, body={"error": {"message": "Invalid API key", "code": "invalid_api_key"}}, auth=False)
    assert got.key_valid is None


def test_limits_on_a_refusal_prove_that_the_key_was_accepted() -> None:
    headers = {"x-ratelimit-remaining-requests": "499"}
    got = diagnosed(status=401, headers=headers, body={"error": {"message": "Something new"}})
    assert (got.condition, got.key_valid) == ("access-forbidden", True)


def test_a_window_of_a_day_shows_in_the_refill() -> None:
    headers = {
        "openai-version": "2020-10-01",
        "x-ratelimit-limit-requests": "1000",
        "x-ratelimit-remaining-requests": "990",
        "x-ratelimit-reset-requests": "14m24s",
    }
    (row,) = diagnosed(status=200, headers=headers).limits
    assert (row["window"], row["reset_s"]) == ("day", 864)


def test_a_wait_told_as_a_date_counts_from_the_answers_own_date() -> None:
    headers = {"date": "Mon, 23 Nov 2026 07:00:00 GMT", "retry-after": "Mon, 23 Nov 2026 07:00:30 GMT"}
    assert diagnosed(status=429, headers=headers).retry_after_s == 30


def test_a_body_under_a_wrong_status_of_success_is_still_an_error() -> None:
    got = diagnosed(status=200, body={"base_resp": {"status_code": 2049, "status_msg": "invalid api key"}})
    assert (got.condition, got.key_valid) == ("invalid-api-key", False)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"status": 200, "body": {"data": []}}, "ok"),
        ({"status": 401, "body": {"error": {"message": "Invalid API key"}}}, "refused"),
        ({"status": 429, "body": {"error": {"message": "x", "code": "insufficient_quota"}}}, "no_balance"),
        ({"status": 429, "body": {"error": {"message": "x", "code": "rate_limit_exceeded"}}}, "limited"),
        ({"status": 404, "body": {"detail": "Not Found"}}, "absent"),
        ({"status": 503, "body": None}, "failed"),
        ({"status": 200, "body": '{"data": [{"id": "a"', "headers": {"content-type": "application/json"}}, "malformed"),
        ({"status": 200, "body": '{"data": [{"id": "a"', "truncated": True}, "malformed"),
        ({"status": 403, "body": "<!DOCTYPE html><html><title>Just a moment...</title>"}, "blocked"),
        ({"status": 200, "body": "<html><body>hello</body></html>"}, "blocked"),
        ({"failure": "unreachable"}, "unreachable"),
        ({"failure": "timeout"}, "timeout"),
        ({"failure": "too_large", "truncated": True}, "malformed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_outcome_follows_the_diagnosis(parts: dict[str, Any], expected: str) -> None:
    answer = Answer(method="GET", host="api.example.com", path="/v1/models", authenticated=True, **parts)
    doc = document(answer)
    assert outcome(diagnose(doc, catalogue=load()), doc) == expected
    assert expected in OUTCOMES


@pytest.mark.parametrize("sentence", ["cause", "move"])
def test_every_rule_with_a_sentence_of_its_own_has_its_code(sentence: str) -> None:
    general = general_rules(load().path_of("errors"))
    own = [(provider.id, rule) for provider in load().providers.values() for rule in provider.errors]
    rules = [("general", rule) for rule in general] + own
    assert [(owner, r.id) for owner, r in rules if getattr(r, sentence) and not getattr(r, f"{sentence}_code")] == []


def test_a_refused_address_says_so_in_its_codes() -> None:
    got = diagnosed(status=403, body={"error": {"message": "This IP address is not allowed."}})
    assert (got.cause_code, got.move_code) == ("address-not-allowed", "change-address")


def test_a_rule_without_codes_takes_those_of_its_condition() -> None:
    got = diagnosed(status=401, body={"error": {"message": "Unauthorized"}})
    assert (got.cause_code, got.move_code) == ("key-unknown", "change-host")


def test_no_provider_rule_looks_for_a_field_named_like_a_text() -> None:
    whens = [(p.id, r.id, r.when.text) for p in load().providers.values() for r in p.errors if r.when is not None]
    assert [entry for entry in whens if re.search(r'matches\([^)]*, "', entry[2])] == []


@pytest.mark.parametrize("kind", ["self-hosted", "lab"])
def test_a_server_that_may_run_open_takes_any_key(made: Callable[..., Provider], kind: str) -> None:
    body = {"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}
    got = diagnose(document(status=429, body=body), catalogue=load(), provider=made(kind=kind))
    assert got.key_valid is (True if kind == "lab" else None)


def test_a_provider_that_takes_no_key_proves_none(made: Callable[..., Provider]) -> None:
    body = {"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}
    assert diagnose(document(status=429, body=body), catalogue=load(), provider=made(no_key="open")).key_valid is None


def test_a_catch_all_of_a_provider_waits_for_the_general_words(made: Callable[..., Provider]) -> None:
    late = ErrorRule(id="any-401", condition="unknown", status=(401,), late=True)
    body = {"error": {"message": "Your API key has expired"}}
    got = diagnose(document(status=401, body=body), catalogue=load(), provider=made(errors=(late,)))
    assert got.condition == "expired-key"


def test_a_catch_all_of_a_provider_goes_before_the_general_ones(made: Callable[..., Provider]) -> None:
    late = ErrorRule(id="any-401", condition="unknown", status=(401,), late=True)
    got = diagnose(document(status=401, body=None), catalogue=load(), provider=made(errors=(late,)))
    assert got.rule == "any-401"
