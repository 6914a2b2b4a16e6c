"""Why no answer came, in our own words: those of the libraries can hold a header."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import Literal

import httpx

from testkey_nb.wire.pools import UnreadableAuthorities

Trouble = Literal["name-not-resolved", "connection-refused", "certificate", "tls", "timeout", "reset", "proxy"]

# OpenSSL's verify codes (x509_vfy.h); the others are told in general words
_CERTIFICATE = {
    9: "it is not valid yet", 10: "it has expired", 18: "it is signed by itself",
    19: "its chain ends in an authority that is not known", 20: "its issuer is not known",
    21: "its chain is incomplete", 23: "it was revoked", 62: "it is for another name", 64: "it is for another address",
}  # fmt: skip
_CLOSED = (errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE)


def trouble_of(error: BaseException, *, proxied: bool = False) -> tuple[Trouble | None, str]:
    """The word for it (None: no word fits) and one sentence, without the library's text.

    `proxied`: the connection goes to a proxy first, so that a refused one is the proxy's.
    """
    trouble, text = _cause(error)
    if proxied and trouble in ("connection-refused", "name-not-resolved"):
        return "proxy", "the proxy cannot be reached"
    return trouble, text


def _cause(error: BaseException) -> tuple[Trouble | None, str]:
    chain = list(_chain(error))
    for cause in chain:
        if isinstance(cause, UnreadableAuthorities):
            return "tls", str(cause)
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = _CERTIFICATE.get(cause.verify_code)
            return "certificate", "the host's certificate is not trusted" + (f": {why}" if why else "")
        if isinstance(cause, ssl.SSLError):
            return "tls", "the TLS handshake failed"
        if isinstance(cause, ConnectionRefusedError):
            return "connection-refused", "the connection was refused"
        if isinstance(cause, socket.gaierror):
            return "name-not-resolved", "the host name is not known"
    if isinstance(error, httpx.ProxyError):
        return "proxy", "the proxy refused"
    if any(type(cause).__module__.partition(".")[0] == "h11" for cause in chain):
        return None, "the host did not speak HTTP"
    if any(isinstance(cause, OSError) and cause.errno in _CLOSED for cause in chain) or _is_closed(error):
        return "reset", "the host closed the connection without an answer"
    return None, "no connection"


def _is_closed(error: BaseException) -> bool:
    return isinstance(error, httpx.ReadError | httpx.WriteError | httpx.RemoteProtocolError)


def _chain(error: BaseException | None, *, deepest: int = 20) -> Iterator[BaseException]:
    """The error and what it came from; a host with several addresses fails with a group of errors."""
    while error is not None and deepest:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for member in error.exceptions:
                yield from _chain(member, deepest=deepest - 1)
        error, deepest = error.__cause__ or error.__context__, deepest - 1
