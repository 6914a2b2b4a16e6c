"""A base URL is read strictly, or refused with the reason."""

import pytest

from testkey_nb.errors import BadBaseURL
from testkey_nb.preflight import parse_base_url


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://api.alpha.example", "https://api.alpha.example"),
        ("https://API.Alpha.example:443/v1/", "https://api.alpha.example/v1"),
        (" http://127.0.0.1:4000 ", "http://127.0.0.1:4000"),
        ("http://[::1]:8080/proxy/team", "http://[::1]:8080/proxy/team"),
    ],
)
def test_a_base_url_is_an_origin_and_a_path(text: str, shown: str) -> None:
    assert str(parse_base_url(text)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "ftp://host/v1", "host/v1", "", "https://", "https://user:EXAMPLE@host", "https://host?key=EXAMPLE",
        "https://host/#part", "https://xn--80ak6aa92e.com", "https://аpple.com", "https://host./v1",
        "https://host\\@other", "https://host/a/../b", "https://host/%2e%2e", "https://127.1/v1", "https://host:99999",
    ],
)  # fmt: skip
def test_a_misleading_base_url_is_refused(text: str) -> None:
    with pytest.raises(BadBaseURL):
        parse_base_url(text)


def test_a_refusal_does_not_repeat_what_stood_before_the_host() -> None:
    with pytest.raises(BadBaseURL) as raised:
        parse_base_url("https://someone:EXAMPLESECRET@host.example")
    assert "EXAMPLESECRET" not in str(raised.value)


def test_the_base_path_is_cut_off_only_at_the_end() -> None:
    base = parse_base_url("https://gw.example/proxy/v1")
    assert (str(base.without("/v1")), str(base.without("/proxy"))) == ("https://gw.example/proxy", str(base))


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "10.1.2.3", "192.168.0.9", "box.local", "[::1]"])
def test_plain_http_to_a_private_host_is_fine(host: str) -> None:
    assert not parse_base_url(f"http://{host}").is_plain


def test_plain_http_to_a_public_host_is_not() -> None:
    assert parse_base_url("http://api.alpha.example").is_plain
