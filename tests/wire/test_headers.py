"""Which headers of an answer are kept follows from data/, but for what may carry a key."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from testkey_nb.catalogue import load
from testkey_nb.catalogue.denials import denied_headers
from testkey_nb.catalogue.expressions import compiled
from testkey_nb.catalogue.header_names import HeaderNames, names_in
from testkey_nb.catalogue.header_rules import NEVER_SENT, NEVER_WITH_KEY, is_keepable
from testkey_nb.catalogue.model import LimitHeader
from testkey_nb.keys import Key
from testkey_nb.wire import kept_headers

LIMITS = sorted({
    name
    for provider in load().providers.values()
    for header in provider.limit_headers
    for name in (header.limit, header.remaining, header.reset)
    if name
})  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
def test_every_declared_limit_header_is_kept(name: str) -> None:
    assert kept_headers([(name.title(), "7")], key=None) == {name: "7"}


def test_a_header_that_nobody_reads_is_dropped() -> None:
    assert kept_headers([("x-acme-calls-left", "7"), ("x-odd", "1")], key=None) == {}


def test_a_named_header_is_kept_by_its_name_alone() -> None:
    names = HeaderNames(named=["x-odd"], families=["x-acme-*"], patterns=["x-(?P<what>one|two)"])
    asked = ("x-odd", "x-odd-2", "x-acme-calls", "x-two", "x-three")
    assert [name for name in asked if name in names] == ["x-odd", "x-acme-calls", "x-two"]


@pytest.mark.parametrize(
    "name",
    ["set-cookie", "x-session-id", "authorization", "x-api-key", "location", "x-refresh-token", "x odd", "X-Odd", ""],
)  # fmt: skip
def test_no_word_of_a_file_makes_a_secret_header_kept(name: str) -> None:
    assert is_keepable(name) is False
    assert name not in HeaderNames(named=[name], families=["*"])


def test_a_count_of_tokens_is_no_secret() -> None:
    assert is_keepable("x-ratelimit-remaining-token")


def test_names_are_read_out_of_expressions_wherever_they_stand() -> None:
    rules = {
        "rules": [{"when": "headers.\"x-one\" || contains(_headers.two || '', 'a')", "text": "the `headers` of it"}]
    }
    header = LimitHeader("requests", "day", remaining="x-three", when=compiled("headers.server == 'x'"))
    assert set(names_in([rules, header])) == {"x-one", "two", "x-three", "server"}


def test_the_deny_list_names_the_headers_that_choose_another_upstream() -> None:
    assert denied_headers().fullmatch("cf-aig-authorization")
    assert not denied_headers().fullmatch("x-acme-cf-aig-y")


# what chooses a host or an upstream, carries an identity, or belongs to the connection (RFC 9110, RFC 7239; gateways)
LEADING_ELSEWHERE = [
    "host", "authorization", "cookie", "connection", "content-length", "transfer-encoding", "expect", "te", "upgrade",
    "forwarded", "referer", "origin", "via", "http-referer", "x-title", "x-forwarded-for", "x-forwarded-host",
    "x-original-url", "x-rewrite-url", "x-http-method", "x-http-method-override", "x-method-override",
    "proxy-authorization", "proxy-connection", "api-key", "apikey", "x-api-key", "x-goog-api-key", "x-real-ip",
    "sec-fetch-site",
]  # fmt: skip
NO_PLACE_FOR_A_KEY = [
    "host", "cookie", "set-cookie", "cookie2", "set-cookie2", "connection", "keep-alive", "content-type",
    "content-length", "transfer-encoding", "expect", "te", "trailer", "upgrade", "upgrade-insecure-requests",
    "forwarded", "referer", "http-referer", "origin", "via", "user-agent", "accept", "accept-language", "range",
    "if-match", "if-none-match", "date", "from", "max-forwards", "pragma", "cache-control", "location", "x-title",
    "x-forwarded-for", "x-original-url", "x-rewrite-url", "x-http-method", "x-http-method-override",
    "x-method-override", "proxy-authorization", "x-real-ip", "sec-fetch-site", "x-request-id", "traceparent",
    "tracestate", "baggage",
]  # fmt: skip


@pytest.mark.parametrize("name", LEADING_ELSEWHERE)
def test_a_header_that_leads_elsewhere_is_never_sent(name: str) -> None:
    assert NEVER_SENT.fullmatch(name)


@pytest.mark.parametrize("name", ["x-version", "anthropic-version", "x-hostname", "x-cookie-law", "accept", "x-token"])
def test_a_header_that_leads_nowhere_may_be_sent(name: str) -> None:
    assert not NEVER_SENT.fullmatch(name)


@pytest.mark.parametrize("name", NO_PLACE_FOR_A_KEY)
def test_a_header_with_a_meaning_of_its_own_carries_no_key(name: str) -> None:
    assert NEVER_WITH_KEY.fullmatch(name)


@pytest.mark.parametrize("name", ["authorization", "x-api-key", "api-key", "x-goog-api-key", "x-auth-token", "token"])
def test_the_usual_headers_of_keys_may_carry_one(name: str) -> None:
    assert not NEVER_WITH_KEY.fullmatch(name)


@pytest.mark.parametrize("what", ["limit", "remaining", "reset", "usage"])
def test_every_count_of_tokens_is_kept(what: str) -> None:
    assert is_keepable(f"x-{what}-per-token")


@pytest.mark.parametrize("name", ["x-client-secret", "x-secret", "my-cookie-jar", "www-authorization", "x-apikey-hint"])
def test_a_header_that_may_hold_a_secret_is_dropped(name: str) -> None:
    assert is_keepable(name) is False


def test_the_catalogue_that_was_given_says_what_is_kept_and_taken_out() -> None:
    mine: Any = SimpleNamespace(kept_headers={"x-odd"}, redact=str.upper)
    assert kept_headers([("x-odd", "a"), ("x-request-id", "b")], key=None, catalogue=mine) == {"x-odd": "A"}


def test_headers_without_an_echo_stay_as_they_are() -> None:
    assert kept_headers([("x-request-id", "abc")], key=Key("odd-key")) == {"x-request-id": "abc"}
