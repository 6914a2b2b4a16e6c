"""Which connections a request uses, and whom they trust."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from testkey_nb.wire import pools
from testkey_nb.wire.pools import Shards, UnreadableAuthorities


class Counted(Shards):
    """Builds transports that are only counted."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.built: list[bool] = []

    def _build(self, *, proxied: bool) -> Any:
        self.built.append(proxied)
        return Transport()


class Transport(httpx.AsyncBaseTransport):
    is_closed = False

    async def aclose(self) -> None:
        self.is_closed = True


def borrowed(shards: Shards, count: int) -> list[Any]:
    """Transports of so many requests at once."""

    async def run() -> list[Any]:
        async with AsyncExitStack() as stack:
            return [await stack.enter_async_context(shards.borrow(private=False)) for _ in range(count)]

    return asyncio.run(run())


@pytest.mark.parametrize(("concurrency", "count"), [(1, 1), (8, 1), (9, 2), (16, 2), (32, 4)])
def test_a_pool_serves_eight_requests_at_once(concurrency: int, count: int) -> None:
    shards = Counted(concurrency=concurrency)
    borrowed(shards, concurrency)
    assert len(shards.built) == count


def test_requests_one_after_another_share_a_pool() -> None:
    shards = Counted(concurrency=32)
    assert len({id(transport) for _ in range(3) for transport in borrowed(shards, 1)}) == 1


def test_the_least_busy_pool_serves_the_next() -> None:
    transports = borrowed(Counted(concurrency=32), 12)
    assert sorted(transports.count(transport) for transport in set(transports)) == [3, 3, 3, 3]


def test_a_pool_that_was_given_back_is_idle_again() -> None:
    shards = Counted(concurrency=16)
    for _ in range(3):
        first, second = borrowed(shards, 2)
        assert first is not second
    assert len(shards.built) == 2


def test_a_proxy_is_for_public_hosts_only() -> None:
    async def run(shards: Counted) -> list[bool]:
        for private in (True, False, True, False):
            async with shards.borrow(private=private):
                pass
        return shards.built

    assert asyncio.run(run(Counted(concurrency=8, proxy="http://127.0.0.1:9"))) == [False, True]
    assert asyncio.run(run(Counted(concurrency=8))) == [False]


def test_closing_closes_every_transport_and_keeps_none() -> None:
    shards = Counted(concurrency=16)
    transports = borrowed(shards, 2)
    asyncio.run(shards.close())
    assert [transport.is_closed for transport in transports] == [True, True]
    assert borrowed(shards, 1)[0] not in transports


def test_pools_of_a_loop_that_is_gone_are_forgotten() -> None:
    shards = Counted(concurrency=8)
    [before] = borrowed(shards, 1)
    shards.forget()
    assert borrowed(shards, 1) != [before]


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str | None]]:
    """What the TLS library was asked to trust; it cannot read any of it."""
    calls: list[dict[str, str | None]] = []

    def create(**parts: str | None) -> ssl.SSLContext:
        calls.append(parts)
        raise ssl.SSLError("theirs")

    monkeypatch.setattr(ssl, "create_default_context", create)
    return calls


@pytest.mark.parametrize(
    ("file", "folder", "parts", "name"),
    [
        ("f.pem", None, {"cafile": "f.pem", "capath": None}, "SSL_CERT_FILE"),
        (None, "certs", {"cafile": None, "capath": "certs"}, "SSL_CERT_DIR"),
        ("g.pem", "certs", {"cafile": "g.pem", "capath": None}, "SSL_CERT_FILE"),
    ],
)
def test_authorities_of_the_environment_are_trusted_alone(
    asked_for: list[dict[str, str | None]], file: str | None, folder: str | None, parts: dict[str, str], name: str
) -> None:
    with pytest.raises(UnreadableAuthorities, match=f"^the authorities that {name} names cannot be read$"):
        pools._context(file, folder)
    assert asked_for == [parts]


def test_without_authorities_of_its_own_the_usual_ones_are_trusted() -> None:
    pools._context.cache_clear()
    context = pools._context(None, None)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.cert_store_stats()["x509_ca"] > 0


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_an_empty_variable_names_no_authorities(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    asked: list[tuple[str | None, ...]] = []
    monkeypatch.setattr(pools, "_context", lambda *parts: asked.append(parts) or ssl.create_default_context())
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv(name, "")
    asyncio.run(Shards(concurrency=1)._build(proxied=False).aclose())
    assert asked == [(None, None)]
