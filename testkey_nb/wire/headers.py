"""Which headers may be sent beside the key's own, and which of an answer are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from testkey_nb.catalogue import Catalogue, load
from testkey_nb.catalogue.denials import denied_headers
from testkey_nb.catalogue.header_rules import NEVER_SENT, PLAIN_VALUE, TOKEN
from testkey_nb.catalogue.model import Auth
from testkey_nb.errors import HostRefused
from testkey_nb.keys import Key

BASE = {"accept": "application/json", "accept-encoding": "gzip, deflate", "user-agent": "testkey-nb"}
LONGEST_VALUE = 2000


def require_harmless(headers: Mapping[str, str], *, auth: Auth | None) -> None:
    """HostRefused for a constant header that could lead elsewhere, carry a secret or split the request."""
    own = auth.header.lower() if auth else None
    for name, value in headers.items():
        plain = name.lower()
        if NEVER_SENT.fullmatch(plain) or denied_headers().fullmatch(plain) or plain == own:
            raise HostRefused(f"not sent: the header {name} is never set by a provider file")
        if not TOKEN.fullmatch(name) or not PLAIN_VALUE.fullmatch(value):
            raise HostRefused("not sent: a constant header is not plain text")
    if auth and not (TOKEN.fullmatch(auth.header) and PLAIN_VALUE.fullmatch(auth.scheme or "")):
        raise HostRefused("not sent: the header for the key is not plain text")


def kept(raw: Iterable[tuple[str, str]], *, key: Key | None, catalogue: Catalogue | None = None) -> dict[str, str]:
    """The answer's headers that are kept, lower-case; repeated ones joined by a comma; no key, no cookie.

    Args:
        catalogue: knows the names and the shapes of keys; the installed one by default.
    """
    catalogue = catalogue or load()
    headers: dict[str, str] = {}
    values = [(name.lower(), value[:LONGEST_VALUE]) for name, value in raw if name.lower() in catalogue.kept_headers]
    joined = "\n".join(value for _, value in values)
    echoed = key if key is not None and key.redact(joined) != joined else None
    for name, value in values:
        clean = catalogue.redact(value if echoed is None else echoed.redact(value))
        headers[name] = f"{headers[name]}, {clean}" if name in headers else clean
    return headers
