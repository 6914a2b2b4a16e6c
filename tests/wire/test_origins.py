"""An address is read so that no other reader sees another host."""

from __future__ import annotations

import pytest

from testkey_nb.errors import HostRefused
from testkey_nb.wire.origins import base, parse


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.0.0.1", "127.0.0.0x1", "api.example.1", "1.2.3.256"])
def test_a_host_that_some_resolvers_take_for_an_address_is_refused(host: str) -> None:
    with pytest.raises(HostRefused, match="no IPv4 address in its usual form"):
        parse(f"https://{host}/")


@pytest.mark.parametrize("host", ["1.example", "0x7f.example", "127.0.0.1", "4.example.com"])
def test_a_host_may_begin_with_a_number(host: str) -> None:
    assert parse(f"https://{host}/").host == host


@pytest.mark.parametrize("host", ["xn--pi-7kc.example.com", "api.xn--pi-7kc.example"])
def test_an_international_name_is_refused_because_it_can_look_like_another(host: str) -> None:
    with pytest.raises(HostRefused, match="international name"):
        parse(f"https://{host}/")


@pytest.mark.parametrize("host", ["[1::2::3]", "[12345::]", "[::1.2.3]"])
def test_brackets_hold_an_ipv6_address_or_nothing_is_sent(host: str) -> None:
    with pytest.raises(HostRefused, match="no IPv6 address"):
        parse(f"https://{host}/")


def test_an_ipv6_address_is_read_in_its_shortest_form() -> None:
    assert parse("https://[2001:DB8:0:0::0001]/").host == "[2001:db8::1]"


@pytest.mark.parametrize(("path", "kept"), [("", ""), ("/", ""), ("/v1", "/v1"), ("/v1/", "/v1"), ("/v1//", "/v1")])
def test_a_base_address_ends_without_a_slash(path: str, kept: str) -> None:
    assert base(f"https://api.example.com{path}").path == kept
