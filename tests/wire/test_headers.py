"""Which headers of an answer are kept follows from data/, but for what may carry a key."""

from __future__ import annotations

import pytest

from testkey_nb.catalogue import load
from testkey_nb.catalogue.denials import denied_headers
from testkey_nb.catalogue.expressions import compiled
from testkey_nb.catalogue.header_names import HeaderNames, names_in
from testkey_nb.catalogue.header_rules import is_keepable
from testkey_nb.catalogue.model import LimitHeader
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
    assert not is_keepable(name)
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
