"""Each reason for which a request does not leave holds by itself."""

from __future__ import annotations

from typing import Any

import pytest

from testkey_nb.catalogue.model import Auth
from testkey_nb.errors import HostRefused, MethodRefused, PathRefused
from testkey_nb.keys import Key
from testkey_nb.wire import Declared, Outgoing, Permit, check, fill, fill_body
from testkey_nb.wire.origins import base, is_private, parse
from testkey_nb.wire.templates import match, match_body, require_plain_path
from tests.wire.conftest import MODELS, TEXT, outgoing

OWN = "https://api.example.com"
BEARER = Auth("Authorization", "Bearer")


def with_auth(key: Key | None, auth: Auth | None, **more: Any) -> Outgoing:
    permit = Permit(origins=frozenset({OWN}), declared=(MODELS,), key=key, auth=auth)
    return Outgoing(f"{OWN}/v1/models", permit, MODELS, **more)


def test_a_request_that_should_carry_a_key_is_refused_without_one() -> None:
    with pytest.raises(HostRefused, match="no key"):
        check(with_auth(None, BEARER))


def test_a_key_without_a_header_for_it_is_refused(key: Key) -> None:
    with pytest.raises(HostRefused, match="no key"):
        check(with_auth(key, None))


def test_a_request_without_a_key_needs_none() -> None:
    assert check(with_auth(None, None, authenticated=False)).headers == {}


def test_constant_headers_of_a_key_go_with_it(key: Key) -> None:
    assert check(with_auth(key, Auth("x-key", headers={"x-version": "1"}))).headers == {"x-version": "1"}


def test_constant_headers_of_a_key_stay_behind_when_it_does(key: Key) -> None:
    sent = with_auth(key, Auth("x-key", headers={"x-version": "1"}), authenticated=False)
    assert check(sent).headers == {}


def test_a_constant_header_of_a_key_cannot_lead_elsewhere(key: Key) -> None:
    with pytest.raises(HostRefused):
        check(with_auth(key, Auth("x-key", headers={"host": "evil.example"})))


@pytest.mark.parametrize(("own", "other"), [("x-own", "X-Own"), ("X-Own", "x-own")])
def test_a_constant_header_does_not_take_the_place_of_the_keys_own(key: Key, own: str, other: str) -> None:
    with pytest.raises(HostRefused):
        check(with_auth(key, Auth(own), headers={other: "y"}))


@pytest.mark.parametrize("auth", [Auth("x own"), Auth("x-own", "Bearer\r\nhost: evil.example")])
def test_the_header_of_a_key_is_plain_text(key: Key, auth: Auth) -> None:
    with pytest.raises(HostRefused):
        check(with_auth(key, auth))


def test_a_host_without_a_route_is_asked_itself(key: Key) -> None:
    checked = check(outgoing(OWN, key, routes={"https://other.example": "http://127.0.0.1:9"}))
    assert (checked.routed, checked.target) == (False, checked.asked)


def test_a_route_tells_that_the_request_goes_elsewhere(key: Key) -> None:
    assert check(outgoing(OWN, key, routes={OWN: "http://127.0.0.1:9"})).routed


@pytest.mark.parametrize("prefix", ["/..", "/%2e%2e", "/a//b"])
def test_a_route_to_a_path_that_is_not_plain_is_refused(key: Key, prefix: str) -> None:
    with pytest.raises(PathRefused):
        check(outgoing(OWN, key, routes={OWN: f"http://127.0.0.1:9{prefix}"}))


def test_a_route_that_completes_a_denied_path_is_refused(key: Key) -> None:
    declared = Declared("/token")
    with pytest.raises(PathRefused, match="deny list"):
        check(outgoing(OWN, key, declared=declared, routes={OWN: "http://127.0.0.1:9/api/user"}))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_an_active_request_is_a_post(key: Key, method: str) -> None:
    declared = Declared("/v1/count", method=method, body={}, active=True)
    with pytest.raises(MethodRefused):
        check(outgoing(OWN, key, declared=declared, body={}))


@pytest.mark.parametrize(
    ("declared", "body"),
    [("{m}", TEXT), ({"m": "{m}"}, {"m": TEXT}), ({"m": [{"c": "{m}"}]}, {"m": [{"c": TEXT}]}), ({TEXT: 1}, {TEXT: 1})],
    ids=["text", "value", "in a list", "name"],
)
def test_a_key_in_a_body_is_refused(key: Key, declared: Any, body: Any) -> None:
    active = Declared("/v1/count", method="POST", body=declared, active=True)
    with pytest.raises(PathRefused, match="the key itself"):
        check(outgoing(OWN, key, declared=active, body=body))


@pytest.mark.parametrize("written", [TEXT, "".join(f"%{ord(letter):02X}" for letter in TEXT)], ids=["plain", "escaped"])
def test_a_key_in_a_query_is_refused_however_it_is_written(key: Key, written: str) -> None:
    declared = Declared("/v1/models?who={w}")
    with pytest.raises(PathRefused, match="the key itself"):
        check(outgoing(OWN, key, declared=declared, url=f"{OWN}/v1/models?who={written}"))


def test_a_key_that_holds_an_escape_is_known_as_it_stands() -> None:
    key = Key("%41cme-EXAMPLE-canary")
    declared = Declared("/v1/models?who={w}")
    with pytest.raises(PathRefused, match="the key itself"):
        check(outgoing(OWN, key, declared=declared, url=f"{OWN}/v1/models?who=%41cme-EXAMPLE-canary"))


@pytest.mark.parametrize(("part", "fine"), [(TEXT[:5], True), (TEXT[:6], False)])
def test_six_letters_of_a_keys_start_are_too_many_for_an_address(key: Key, part: str, fine: bool) -> None:
    request = outgoing(OWN, key, url=f"{OWN}/v1/keys/{part}", declared=Declared("/v1/keys/{id}"))
    if fine:
        assert check(request)
    else:
        with pytest.raises(PathRefused, match="start of the key"):
            check(request)


@pytest.mark.parametrize(
    "path",
    [
        "//a",
        "/a//b",
        "/a b",
        "a",
        "/a?b",
        "/a\\b",
        "/%2e",
        "/a%2Fb",
        "/a%0a",
        "/a%5Cb",
        "/a%7Fb",
        "/a%25b",
        "/a%1f",
        "/a/.",
        "/../b",
    ],
)
def test_a_path_that_a_server_could_read_as_another_is_refused(path: str) -> None:
    with pytest.raises(PathRefused):
        require_plain_path(path)


def test_a_filled_body_differs_in_its_placeholders_only() -> None:
    declared = {"m": "{m}", "n": [{"c": "a {m}"}], "max": 1}
    assert fill_body(declared, {"m": "x"}) == {"m": "x", "n": [{"c": "a x"}], "max": 1}


@pytest.mark.parametrize(
    ("declared", "body"),
    [
        ("hi", "ho"),
        ("{m}", ""),
        ("{m}", "x" * 301),
        (["a"], "a"),
        (["a"], ["b"]),
        (["a", "b"], ["a"]),
        ({"a": 1}, []),
        (1, 1.0),
    ],
)
def test_a_body_that_is_not_the_declared_one_is_told(declared: Any, body: Any) -> None:
    assert not match_body(declared, body)


@pytest.mark.parametrize(
    ("template", "query"),
    [
        ("/x?a=1", None), ("/x?a=1", ""), ("/x?a=1", "a=2"), ("/x?a=1", "a=1&a=1"), ("/x?a=1", "a=1&b=2"),
        ("/x", "b=2"), ("/x?a={v}", "a=a%00b"), ("/x?a={v}", "a=a%1Fb"),
        ("/x?a={v}", "a=a%7Fb"), ("/x?a={v}", "a=<"), ("/x?a={v}", "a="),
        ("/x?a=1", "a=1&after=1&after=2"), ("/x", "after=%00"), ("/x", "after=<"),
    ],
)  # fmt: skip
def test_a_query_that_is_not_the_declared_one_is_told(template: str, query: str | None) -> None:
    assert match(Declared(template, paging=frozenset({"after"})), "/x", query) is None


def test_values_of_a_next_page_are_looked_at_too(key: Key) -> None:
    declared = Declared("/v1/models", paging=frozenset({"after"}))
    with pytest.raises(PathRefused, match="start of the key"):
        check(outgoing(OWN, key, declared=declared, url=f"{OWN}/v1/models?after={TEXT[:10]}"))


@pytest.mark.parametrize("query", ["after=x%2Fy", "%61fter=x/y"])
def test_a_next_page_may_be_written_with_escapes(query: str) -> None:
    assert match(Declared("/x", paging=frozenset({"after"})), "/x", query) == ["x/y"]


@pytest.mark.parametrize("target", ["/v1/keys/k?who=x&after={}", "/v1/keys/{}?who=x", "/v1/keys/k?who={}"])
def test_the_start_of_a_key_is_known_in_escapes_too(key: Key, target: str) -> None:
    escaped = "".join(f"%{ord(letter):02X}" for letter in TEXT[:10])
    declared = Declared("/v1/keys/{id}?who={who}", paging=frozenset({"after"}))
    with pytest.raises(PathRefused, match="start of the key"):
        check(outgoing(OWN, key, declared=declared, url=OWN + target.format(escaped)))


def test_a_next_page_may_leave_out_what_the_first_one_asked_for() -> None:
    assert match(Declared("/x?after=0", paging=frozenset({"after"})), "/x", None) == []


def test_a_value_of_a_query_may_hold_what_a_path_may_not() -> None:
    assert fill("/x/{a}?b={b}", {"a": "a:b", "b": "a/b%"}) == "/x/a%3Ab?b=a%2Fb%25"


def test_values_of_a_query_are_looked_at_too(key: Key) -> None:
    declared = Declared("/v1/models?who={w}")
    with pytest.raises(PathRefused, match="start of the key"):
        check(outgoing(OWN, key, declared=declared, url=f"{OWN}/v1/models?who={TEXT[:10]}"))


@pytest.mark.parametrize(
    "url",
    [f"{OWN}:0", f"{OWN}:65536", "https://" + "a." * 126 + "aa", f"https://{'a' * 64}.example", "https://a_b.example"],
)
def test_an_address_that_no_host_can_have_is_refused(url: str) -> None:
    with pytest.raises(HostRefused):
        base(url)


@pytest.mark.parametrize(
    "url", [f"{OWN}:1", f"{OWN}:65535", "https://" + "a." * 126 + "a", f"https://{'a' * 63}.example"]
)
def test_the_longest_host_and_the_last_port_are_read(url: str) -> None:
    assert base(url).host


def test_a_base_address_has_no_query() -> None:
    with pytest.raises(PathRefused):
        base(f"{OWN}/v1?key=x")


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("[fe80::1]", True), ("[fc00::1]", True), ("[::ffff:10.0.0.1]", True), ("[::2]", False),
        ("[fec0::1]", False), ("11.0.0.1", False), ("172.15.255.255", False), ("192.167.1.1", False),
        ("169.253.1.1", False), ("128.0.0.1", False), ("notlocal", False),
    ],
)  # fmt: skip
def test_plain_http_is_for_these_hosts_only(host: str, private: bool) -> None:
    assert is_private(host) is private


@pytest.mark.parametrize(
    "path",
    ["/%61pi/user/token", "/api/user/token/", "/v1/models?KEY=x", "/v1/models?%6bey=x", "/v1/models?a=1&key=x"],
)
def test_the_deny_list_reads_a_request_as_the_most_lenient_server(key: Key, path: str) -> None:
    with pytest.raises(PathRefused, match="deny list"):
        check(outgoing(OWN, key, declared=Declared(path)))


def test_a_denied_request_is_told_by_its_path_and_its_effect(key: Key) -> None:
    with pytest.raises(PathRefused, match=r"^not sent: GET /health runs .* \(.+\); it is on the deny list$"):
        check(outgoing(OWN, key, declared=Declared("/health?verbose=1")))


@pytest.mark.parametrize("letter", ["é", "\n", "\x7f", " ", "\\"], ids=ascii)
def test_an_address_is_plain_to_its_last_letter(letter: str) -> None:
    with pytest.raises(HostRefused, match="characters that none has"):
        base(f"{OWN}/v1{letter}")


def test_options_is_a_method_that_reads(key: Key) -> None:
    assert check(outgoing(OWN, key, declared=Declared("/v1/models", method="OPTIONS")))


@pytest.mark.parametrize("target", ["/v1/models", "/v1/models?", "/v1/models?a=1"])
def test_an_address_is_written_as_it_was_read(target: str) -> None:
    assert str(parse(OWN + target)) == OWN + target


def test_an_address_without_a_path_asks_for_the_root() -> None:
    assert parse(OWN).target == "/"


@pytest.mark.parametrize(("url", "port"), [("http://10.1.2.3", 80), (OWN, 443)])
def test_an_address_without_a_port_has_its_schemes(url: str, port: int) -> None:
    assert base(url).port == port


def test_a_path_without_a_query_is_filled_without_one() -> None:
    assert fill("/v1/keys/{id}", {"id": "k"}) == "/v1/keys/k"


def test_a_user_before_the_host_is_told_by_its_name() -> None:
    with pytest.raises(HostRefused, match="names a user"):
        parse("https://api.example.com@evil.example/v1/models")


def test_a_query_is_not_filled_with_nothing() -> None:
    with pytest.raises(PathRefused, match="no value"):
        fill("/v1/keys?id={id}", {})
