"""Keeps many small connection pools instead of one large one.

A pool of httpx walks over all its connections for every request, so beyond about 32 connections it takes most
of the time itself. Transports are used without a client on top: it would keep one key's cookies for the next.
"""

from __future__ import annotations

import math
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache

import httpx

IN_FLIGHT = 8
_LIMITS = httpx.Limits(max_connections=16, max_keepalive_connections=16, keepalive_expiry=30.0)


_AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


class UnreadableAuthorities(OSError):
    """The environment names authorities to trust that cannot be read; without them nothing is sent."""


@dataclass(slots=True, eq=False)
class _Shard:
    transport: httpx.AsyncBaseTransport
    busy: int = 0


class Shards:
    """Pools for `concurrency` requests at once; the least busy one serves the next.

    A proxy is used for public hosts only: in plain http to a private host it would read the key.
    """

    def __init__(
        self,
        *,
        concurrency: int,
        proxy: str | None = None,
        verify: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._count = math.ceil(concurrency / IN_FLIGHT)
        self._proxy, self._verify, self._given = proxy, verify, transport
        self._pools: dict[bool, list[_Shard]] = {}

    @asynccontextmanager
    async def borrow(self, *, private: bool) -> AsyncIterator[httpx.AsyncBaseTransport]:
        """A transport for one request."""
        proxied = self._proxy is not None and not private
        pool = self._pools.setdefault(proxied, [])
        idle = min(pool, key=lambda shard: shard.busy, default=None)
        if idle is None or (idle.busy and len(pool) < self._count):
            idle = _Shard(self._given or self._build(proxied=proxied))
            pool.append(idle)
        idle.busy += 1
        try:
            yield idle.transport
        finally:
            idle.busy -= 1

    async def close(self) -> None:
        pools, self._pools = self._pools, {}
        for shard in (shard for pool in pools.values() for shard in pool):
            await shard.transport.aclose()

    def forget(self) -> None:
        """Drop pools of an event loop that is gone."""
        self._pools = {}

    def _build(self, *, proxied: bool) -> httpx.AsyncHTTPTransport:
        return httpx.AsyncHTTPTransport(
            verify=self._verify or _context(*(os.environ.get(name) or None for name in _AUTHORITIES)),
            trust_env=False,
            limits=_LIMITS,
            proxy=self._proxy if proxied else None,
        )


@lru_cache(maxsize=4)
def _context(file: str | None, folder: str | None) -> ssl.SSLContext:
    """Built once: it costs more than a request.

    The two variables of OpenSSL name a company's own authorities, in place of the usual ones; nothing else is read
    from the environment.
    """
    if file is None and folder is None:
        return httpx.create_ssl_context(trust_env=False)
    name = _AUTHORITIES[file is None]
    try:
        # like OpenSSL's other users: the file where both are set
        context = ssl.create_default_context(cafile=file, capath=None if file else folder)
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        raise UnreadableAuthorities(f"the authorities that {name} names cannot be read") from None
    return context
