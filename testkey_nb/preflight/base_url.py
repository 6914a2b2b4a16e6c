"""Reads the base URL that an analyst gives into an origin and a path, strictly."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from testkey_nb.errors import BadBaseURL, Refused
from testkey_nb.wire.origins import base, is_private
from testkey_nb.wire.templates import require_plain_path


@dataclass(frozen=True, slots=True)
class BaseURL:
    """A base URL without anything that could mislead.

    Attributes:
        origin: scheme, lower-case host, and the port where it is not the scheme's own.
        path: without a slash at its end; "" for none.
    """

    origin: str
    path: str = ""

    def __str__(self) -> str:
        return self.origin + self.path

    @property
    def host(self) -> str:
        """`host` or `host:port`."""
        return self.origin.partition("://")[2]

    @property
    def is_private(self) -> bool:
        """Loopback, private and link-local addresses, `localhost` and names under `.local`."""
        return is_private(urlsplit(self.origin).hostname or "")

    @property
    def is_plain(self) -> bool:
        """Plain http to a host that is not private: the key would be readable on the way."""
        return self.origin.startswith("http://") and not self.is_private

    def without(self, suffix: str) -> BaseURL:
        """The same without this path suffix (a provider's `base_path`), where it ends so."""
        if suffix and self.path.endswith(suffix):
            return BaseURL(self.origin, self.path.removesuffix(suffix).rstrip("/"))
        return self


def parse_base_url(text: str) -> BaseURL:
    """The origin and the path of a base URL such as `https://host/v1`.

    Raises:
        BadBaseURL: no http(s) URL with a plain host name or address, or it carries userinfo, query or fragment. The
            text names the fault and never repeats userinfo or query.
    """
    given = text.strip()
    if "?" in given or "#" in given:
        raise BadBaseURL("a base URL must not hold a query or a fragment")
    try:
        address = base(given)
        require_plain_path(address.path)
    except Refused as problem:
        raise BadBaseURL(
            f"{problem.reason}; a base URL begins with https:// (or http:// for a private host) and a plain host name, "
            "such as https://api.example.com/v1"
        ) from None
    return BaseURL(f"{address.scheme}://{address.netloc}", address.path)
