"""Answers of the analyst's own traffic join the tables; nothing is sent, nothing secret is kept."""

import json

import pytest

import testkey_nb as tk
from testkey_nb.cli.output import csv_text
from testkey_nb.clock import ManualClock
from testkey_nb.vocabulary import BASE_TABLES, TABLES

KEY = "sk-proj-" + "EXAMPLEobserved-" * 5 + "T3BlbkFJ" + "EXAMPLEobserved-" * 5
HEADERS = {
    "x-ratelimit-limit-requests": "500", "x-ratelimit-remaining-requests": "499",
    "x-ratelimit-limit-tokens": "200000", "x-ratelimit-remaining-tokens": "199000",
    "set-cookie": "session=EXAMPLEcookie1", "content-type": "application/json",
}  # fmt: skip
COOKIE, QUERY_KEY, OTHER = "EXAMPLEcookie1", "EXAMPLEquerykey1234567890", "sk-ant-api03-" + "EXAMPLEother-" * 8


def entry(url, *, status=200, sent=(), headers=HEADERS, text="{}", **content):
    return {
        "startedDateTime": "2026-11-23T08:00:00+02:00",
        "request": {"method": "POST", "url": url, "headers": [{"name": n, "value": v} for n, v in sent]},
        "response": {
            "status": status,
            "headers": [{"name": name, "value": value} for name, value in headers.items()],
            "content": {"text": text, **content},
        },
    }


def session_with_key(**options):
    return tk.Session(**options).add(tk.Key(KEY), label="mine", provider="openai")


@pytest.fixture(scope="module")
def observed():
    # what comes within five seconds shares a run, and a busy machine may take longer between two answers
    session = session_with_key(clock=ManualClock())
    session.observe("mine", status=200, headers=HEADERS, body={"id": "x"}, path="/v1/chat/completions")
    session.observe(
        "mine", status=429, headers={"retry-after": "20"}, path="/v1/chat/completions",
        body={"error": {"message": "You exceeded your current quota", "code": "insufficient_quota",
                        "type": "insufficient_quota"}},
    )  # fmt: skip
    return session


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    har = tmp_path_factory.mktemp("har") / "traffic.har"
    body = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}; not {OTHER}", "code": "invalid"}})
    entries = [
        entry("https://api.openai.com/v1/chat/completions", sent=[("Authorization", f"Bearer {KEY}")]),
        entry(f"https://api.openai.com/v1/models?key={QUERY_KEY}", sent=[("cookie", COOKIE)], status=400, text=body),
        entry("https://news.example/?q=1", text='{"unknown": "host"}'),
        {"request": "broken"},
        None,
    ]
    har.write_text(json.dumps({"log": {"entries": entries}}), encoding="utf-8")
    session = session_with_key()
    session.count = session.observe_har(har)
    return session


def test_an_observed_answer_fills_the_limit_matrix(observed):
    limits = observed.sql("FROM limits WHERE kind IN ('requests', 'tokens')").set_index("kind")
    assert limits["limit"].to_dict() == {"requests": 500, "tokens": 200000}
    assert limits["remaining"].to_dict() == {"requests": 499, "tokens": 199000}


def test_an_observed_limit_names_the_header_it_came_from(observed):
    assert "x-ratelimit-limit-tokens" in set(observed.limits["source"])


def test_an_observed_success_makes_the_key_valid(observed):
    assert observed.identity["key_valid"].tolist() == [True]


def test_an_observed_failure_is_diagnosed(observed):
    assert observed.diagnoses["condition"].tolist() == ["insufficient-balance"]


def test_observed_answers_that_come_together_share_a_run(observed):
    assert len(observed.sql("SELECT DISTINCT run_id FROM runs")) == 1


def test_an_observed_cookie_is_dropped(observed):
    assert COOKIE not in csv_text(observed.exchanges)


def test_observing_for_no_label_says_which_there_are():
    with pytest.raises(tk.errors.UnknownLabel, match="mine"):
        session_with_key().observe("yours", status=200)


@pytest.mark.parametrize("body", [None, "", "<html>", [], 7, {"data": None}, {"error": {"message": [1]}}, b"raw", {1}])
def test_any_observed_body_is_taken(body):
    with session_with_key() as session:
        assert session.observe("mine", status=500, body=body) is session


@pytest.mark.parametrize(("status", "wrap"), [(401, str), (403, str.encode)])
def test_a_body_given_as_text_or_bytes_is_read_as_json(status, wrap):
    body = wrap('{"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}')
    with session_with_key() as session:
        session.observe("mine", status=status, body=body, path="/v1/chat/completions")
        assert session.diagnoses["condition"].tolist() == ["invalid-api-key"]


def test_of_a_har_only_the_answers_of_keys_held_are_taken(recorded):
    assert recorded.count == 2
    assert set(recorded.exchanges["host"]) == {"api.openai.com"}


def test_a_har_fills_the_limit_matrix(recorded):
    assert {"requests", "tokens"} <= set(recorded.limits["kind"])


def test_a_har_answer_keeps_its_own_time_in_utc(recorded):
    assert set(recorded.exchanges["sent_at"].astype(str)) == {"2026-11-23 06:00:00"}


@pytest.mark.parametrize("secret", [KEY, COOKIE, QUERY_KEY, OTHER])
def test_no_secret_of_a_har_is_kept(recorded, secret):
    for table in [*TABLES, *BASE_TABLES]:
        assert secret not in csv_text(recorded.frame(table)), table


@pytest.mark.parametrize("text", ["", "{", "[]", '{"log": 1}', '{"log": {}}', "\x00"])
def test_a_broken_har_says_so(tmp_path, text):
    (tmp_path / "broken.har").write_text(text)
    with pytest.raises(tk.errors.BadAnswer, match=r"broken\.har is no HAR file"):
        session_with_key().observe_har(tmp_path / "broken.har")


def test_a_har_that_is_not_there_says_so(tmp_path):
    with pytest.raises(tk.errors.BadAnswer, match=r"none\.har"):
        session_with_key().observe_har(tmp_path / "none.har")


def test_a_har_without_answers_of_ours_counts_none(tmp_path):
    har = tmp_path / "other.har"
    har.write_text(json.dumps({"log": {"entries": [entry("https://news.example/")]}}))
    assert session_with_key().observe_har(har) == 0
