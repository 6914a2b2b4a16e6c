"""Reads an address so strictly that two readers of it cannot disagree about the host."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache

from testkey_nb.errors import HostRefused, PathRefused, PlainHTTPRefused

_URL = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?", re.I)
_AUTHORITY = re.compile(r"(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PRIVATE = tuple(
    ipaddress.ip_network(net)
    for net in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
        "::1/128", "fe80::/10", "fc00::/7",
    )
)  # fmt: skip
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """An absolute http(s) address in parts; host lower-case, port always given."""

    scheme: str
    host: str
    port: int
    path: str = ""
    query: str | None = None

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def netloc(self) -> str:
        """host, with the port where it is not the scheme's own."""
        return self.host if self.port == _PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def target(self) -> str:
        """Path with query."""
        return (self.path or "/") + (f"?{self.query}" if self.query is not None else "")

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.target}"


def parse(url: str) -> Address:
    """The address; HostRefused or PathRefused where some reader could see another host or path."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise HostRefused("not sent: the address holds characters that none has (another script, a backslash?)")
    parts = _URL.fullmatch(url)
    if parts is None:
        raise HostRefused("not sent: the address is no absolute http(s) address without a fragment")
    if "@" in parts["authority"]:
        raise HostRefused("not sent: the address names a user before its host")
    authority = _AUTHORITY.fullmatch(parts["authority"])
    if authority is None:
        raise HostRefused("not sent: the address has no readable host and port")
    scheme, host = parts["scheme"].lower(), _host(authority["host"].lower())
    port = int(authority["port"]) if authority["port"] else _PORTS[scheme]
    if not 0 < port < 65536:
        raise HostRefused(f"not sent: {host} has no port {port}")
    return Address(scheme, host, port, parts["path"] or "", parts["query"])


@lru_cache(4096)
def base(url: str) -> Address:
    """A base address: origin plus optional path prefix, without the slash at its end and without a query."""
    address = parse(url)
    if address.query is not None:
        raise PathRefused("not sent: a base address carries no query")
    return Address(*address.origin, address.path.rstrip("/"))


def origin_of(url: str) -> str:
    """`scheme://host[:port]` of an address; HostRefused when it is none."""
    address = parse(url)
    return f"{address.scheme}://{address.netloc}"


def require_safe_scheme(address: Address) -> None:
    """PlainHTTPRefused for plain http to anything but loopback and private addresses."""
    if address.scheme == "http" and not is_private(address.host):
        raise PlainHTTPRefused(
            f"not sent: plain http to {address.host} would show the key on the way; use https "
            "(plain http goes to loopback and private addresses only)"
        )


@lru_cache(4096)
def is_private(host: str) -> bool:
    """Loopback, RFC 1918, link-local and unique-local addresses, `localhost` and names under `.local`."""
    if host == "localhost" or host.endswith(".local"):
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in net for net in _PRIVATE)


@lru_cache(4096)
def _host(host: str) -> str:
    if host.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
        except ValueError:
            raise HostRefused("not sent: the host is no IPv6 address") from None
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise HostRefused(f"not sent: {host} is no plain host name (a dot at its end, an empty part?)")
    if any(label.startswith("xn--") for label in labels):
        raise HostRefused(f"not sent: {host} is an international name, which can look like another host")
    if _NUMBER.fullmatch(labels[-1]):
        # 127.1, 0x7f.1 and 2130706433 are read as addresses by some resolvers only
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            raise HostRefused(f"not sent: {host} is no host name and no IPv4 address in its usual form") from None
    return host
