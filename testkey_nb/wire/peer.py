"""Whom a connection reached: the names in the host's certificate, and the host's own name in the DNS."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

import httpx

from testkey_nb.keys import Key

Resolve = Callable[[str], str | None]

# Names that no public DNS knows; asking for them would tell outsiders how a network inside is called.
_INSIDE = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "corp", "invalid", "test")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end of one connection. Where a route or mirror was asked, it is that one's.

    Attributes:
        canonical: the name at the end of the host's aliases (CNAME), lower-case; None when the host has none, was
            not looked up, or is an address or a private name.
        names: DNS names that the verified certificate is for, lower-case, `*.` included; () over plain http.
        organization: whom the certificate was issued to; None where it tells a name only (most do).
        issuer: organization that signed the certificate, else its name.
        alpn: protocol agreed on in the handshake (`http/1.1`, `h2`); None when none was.
    """

    canonical: str | None = None
    names: tuple[str, ...] = ()
    organization: str | None = None
    issuer: str | None = None
    alpn: str | None = None


def peer_of(response: httpx.Response, *, key: Key | None = None) -> Peer | None:
    """What the certificate says of the connection that carries this response; None over plain http."""
    stream = response.extensions.get("network_stream")
    tls = stream.get_extra_info("ssl_object") if stream is not None else None
    if tls is None:
        return None
    try:
        certificate: Mapping[str, Any] = tls.getpeercert() or {}
    except ValueError:  # a connection that has gone has none
        certificate = {}
    issuer = _parts(certificate.get("issuer", ()))
    texts = [
        _parts(certificate.get("subject", ())).get("organizationName"),
        issuer.get("organizationName") or issuer.get("commonName"),
        *(text for kind, text in certificate.get("subjectAltName", ()) if kind == "DNS"),
    ]
    # a certificate is the other side's own text, like a body
    plain = ["".join(char for char in text or "" if char.isprintable())[:_LONGEST] for text in texts]
    if key is not None and key.redact(whole := "\n".join(plain)) != whole:
        plain = [key.redact(text) for text in plain]
    organization, signed_by, *names = plain
    return Peer(
        names=tuple(dict.fromkeys(name.lower() for name in names if name)),
        organization=organization or None,
        issuer=signed_by or None,
        alpn=tls.selected_alpn_protocol(),
    )


def canonical_name(host: str) -> str | None:
    """The name that the system's resolver calls canonical; OSError where it knows none. Blocks."""
    addresses = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)
    return next((entry[3] for entry in addresses if entry[3]), None)


class CanonicalNames:
    """Canonical names of hosts, each looked up once, on a thread of its own. Never raises.

    Args:
        resolve: looks a name up (blocking).
        timeout_s: a look-up that takes longer counts as none: an alias is a hint, not worth a wait.
    """

    def __init__(self, *, resolve: Resolve = canonical_name, timeout_s: float = 2.0) -> None:
        self._resolve, self._timeout_s = resolve, timeout_s
        # None: it took too long
        self._asked: dict[str, Future[str | None] | None] = {}

    def begin(self, host: str) -> None:
        """Start the look-up, so that it runs beside the request."""
        if host in self._asked or not is_public_name(host):
            return
        future: Future[str | None] = Future()
        self._asked[host] = future
        # not the loop's own threads: a resolver that hangs would keep the loop from closing
        threading.Thread(target=self._work, args=(host, future), name="testkey_nb-dns", daemon=True).start()

    async def of(self, host: str) -> str | None:
        """The canonical name where it differs from the host, else None."""
        self.begin(host)
        future = self._asked.get(host)
        if future is None:
            return None
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._timeout_s)
        except TimeoutError:
            self._asked[host] = None
            return None

    async def add_to(self, peer: Peer | None, host: str) -> Peer | None:
        """The peer with its host's canonical name; None where nothing is known of either."""
        canonical = await self.of(host)
        return peer if canonical is None else replace(peer or Peer(), canonical=canonical)

    def _work(self, host: str, future: Future[str | None]) -> None:
        future.set_running_or_notify_cancel()
        try:
            name = (self._resolve(host) or "").rstrip(".").lower()
        except Exception:  # noqa: BLE001  a resolver's trouble is no trouble of the request
            name = ""
        future.set_result(name[:253] if name and name != host else None)


def is_public_name(host: str) -> bool:
    """Is it a name that the public DNS may know: no address, no single word, no private suffix?"""
    if "." not in host or any(host == name or host.endswith(f".{name}") for name in _INSIDE):
        return False
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return True
    return False


def _parts(name: Iterable[Iterable[tuple[str, str]]]) -> dict[str, str]:
    """A distinguished name as `{attribute: first value}`."""
    values: dict[str, str] = {}
    for group in name:
        for attribute, value in group:
            values.setdefault(attribute, value)
    return values
