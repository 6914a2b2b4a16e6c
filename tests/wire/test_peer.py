"""Whom a connection reached, and why one was not made."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from testkey_nb.keys import Key
from testkey_nb.wire import Answer, Peer, Wire
from testkey_nb.wire.peer import CanonicalNames, is_public_name
from tests.wire.conftest import Server, answer, asked_over_tls, failed, outgoing, serving, tls_serving

PUBLIC = "https://llm.acme.example"


pytestmark = pytest.mark.usefixtures("_no_look_ups")


def named(key: Key, resolve: Callable[[str], str | None], *, base: str = PUBLIC, **options: Any) -> Answer:
    """An answer of a host that exists in this test only."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={}))
    return failed(base, key, transport=transport, resolve=resolve, **{"look_up_names": True, **options})


# --- the certificate ------------------------------------------------------------------------------------------------


def test_the_peer_is_read_from_the_connection_that_carried_the_answer(
    key: Key, certificate: trustme.LeafCert, trusting: ssl.SSLContext
) -> None:
    got, _ = asked_over_tls(key, certificate, verify=trusting)
    assert got.status == 200
    assert got.peer == Peer(
        canonical=None,
        names=("localhost", "api.acme.example", "*.acme.example"),
        organization="Acme Example",
        issuer="Acme Test Authority",
        alpn=None,
    )


def test_every_answer_of_a_kept_connection_has_its_peer(
    key: Key, certificate: trustme.LeafCert, trusting: ssl.SSLContext
) -> None:
    async def run() -> list[Peer | None]:
        async with tls_serving(certificate) as server, Wire(verify=trusting) as wire:
            sent = outgoing(f"https://127.0.0.1:{server.port}", key)
            return [(await wire.send(sent))[-1].peer for _ in range(2)]

    first, second = asyncio.run(run())
    assert first is not None
    assert first == second


def test_the_protocol_agreed_on_is_told(key: Key, certificate: trustme.LeafCert, trusting: ssl.SSLContext) -> None:
    async def run() -> Answer:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        context.set_alpn_protocols(["http/1.1"])
        server = Server([answer()])
        listening = await asyncio.start_server(server.handle, "127.0.0.1", 0, ssl=context)
        port = listening.sockets[0].getsockname()[1]
        async with listening, Wire(verify=trusting) as wire:
            return (await wire.send(outgoing(f"https://127.0.0.1:{port}", key)))[-1]

    got = asyncio.run(run())
    assert got.peer is not None
    assert got.peer.alpn == "http/1.1"


def test_plain_http_has_no_peer(key: Key) -> None:
    async def run() -> Answer:
        async with serving() as server, Wire() as wire:
            return (await wire.send(outgoing(server.base, key)))[-1]

    assert asyncio.run(run()).peer is None


def test_a_certificate_that_bears_the_key_is_redacted(
    key: Key, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    text = "sk-EXAMPLE-canary-0123456789-wXyZ"
    got, _ = asked_over_tls(key, authority.issue_cert("127.0.0.1", organization_name=text), verify=trusting)
    assert got.peer is not None
    assert got.peer.organization == "[key]"


# --- whom the wire trusts -------------------------------------------------------------------------------------------


def test_authorities_of_ssl_cert_file_are_trusted(
    key: Key,
    authority: trustme.CA,
    certificate: trustme.LeafCert,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "company.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "company.pem"))
    got, server = asked_over_tls(key, certificate)
    assert (got.status, server.keys) == (200, 1)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authorities_that_cannot_be_read_send_nothing(
    key: Key, certificate: trustme.LeafCert, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "company.pem").write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "company.pem"))
    got, server = asked_over_tls(key, certificate)
    assert (got.failure, got.trouble, server.heads) == ("unreachable", "tls", [])
    assert "SSL_CERT_FILE" in (got.problem or "")


# --- the canonical name ---------------------------------------------------------------------------------------------


def test_the_canonical_name_of_a_host_is_told_where_it_was_asked_for(key: Key) -> None:
    assert named(key, lambda _: "Edge.Cdn.example.").peer == Peer("edge.cdn.example")


def test_names_are_not_looked_up_unless_asked_for(key: Key) -> None:
    looked: list[str] = []
    named(key, looked.append, look_up_names=False)
    assert looked == []


@pytest.mark.parametrize("canonical", ["llm.acme.example", "LLM.acme.example.", "", None])
def test_a_host_without_an_alias_has_no_canonical_name(key: Key, canonical: str | None) -> None:
    assert named(key, lambda _: canonical).peer is None


def test_a_resolver_that_fails_changes_nothing(key: Key) -> None:
    def fail(host: str) -> str | None:
        raise OSError("no name server")

    got = named(key, fail)
    assert (got.status, got.peer) == (200, None)


def test_a_host_is_looked_up_once(key: Key) -> None:
    looked: list[str] = []
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={}))

    async def run() -> None:
        async with Wire(transport=transport, look_up_names=True, resolve=looked.append) as wire:
            sent = outgoing(PUBLIC, key)
            await asyncio.gather(*(wire.send(sent) for _ in range(3)))
            await wire.send(sent)

    asyncio.run(run())
    assert looked == ["llm.acme.example"]


def test_a_resolver_that_hangs_holds_nothing_up_for_long() -> None:
    release = threading.Event()

    def hang(host: str) -> str | None:
        release.wait(20)
        return "edge.cdn.example"

    async def run() -> tuple[str | None, str | None]:
        names = CanonicalNames(resolve=hang, timeout_s=0.05)
        first = await names.of("llm.acme.example")
        release.set()
        return first, await names.of("llm.acme.example")

    assert asyncio.run(run()) == (None, None)


def test_behind_a_proxy_no_name_is_looked_up(key: Key) -> None:
    looked: list[str] = []
    named(key, looked.append, proxy="http://127.0.0.1:9")
    assert looked == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "8.8.8.8",
        "[2001:db8::1]",
        "localhost",
        "gateway",
        "a.localhost",
        "nas.local",
        "10.1.2.3",
        "x.internal",
    ],
)
def test_addresses_and_private_names_are_never_looked_up(host: str) -> None:
    assert not is_public_name(host)
    looked: list[str] = []
    asyncio.run(CanonicalNames(resolve=looked.append).of(host))
    assert looked == []
