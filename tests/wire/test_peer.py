"""Whom a connection reached, and why one was not made."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import trustme

from testkey_nb.keys import Key
from testkey_nb.wire import Answer, Peer, Wire
from testkey_nb.wire.peer import CanonicalNames, canonical_name, is_public_name, peer_of
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


def certified(certificate: dict[str, Any] | ValueError | None, *, key: Key | None = None) -> Peer | None:
    """The peer of a connection whose certificate says this."""

    def told() -> dict[str, Any] | None:
        if isinstance(certificate, ValueError):
            raise certificate
        return certificate

    tls = SimpleNamespace(getpeercert=told, selected_alpn_protocol=lambda: "h2")
    stream = SimpleNamespace(get_extra_info={"ssl_object": tls}.get)
    return peer_of(httpx.Response(200, extensions={"network_stream": stream}), key=key)


@pytest.mark.parametrize("certificate", [None, {}, ValueError("gone")], ids=["none", "empty", "gone"])
def test_a_connection_without_a_certificate_names_nobody(certificate: Any) -> None:
    assert certified(certificate) == Peer(alpn="h2")


def test_an_issuer_without_an_organization_is_called_by_its_name() -> None:
    assert certified({"issuer": ((("commonName", "Acme CA"),),)}) == Peer(issuer="Acme CA", alpn="h2")


def test_of_several_values_the_first_is_the_name() -> None:
    subject = ((("countryName", "XX"), ("organizationName", "Acme")), (("organizationName", "Other"),))
    assert certified({"subject": subject}) == Peer(organization="Acme", alpn="h2")


def test_names_of_a_certificate_are_plain_and_stand_once() -> None:
    named = (
        ("DNS", "B.example"),
        ("IP Address", "1.2.3.4"),
        ("DNS", ""),
        ("DNS", "a\x1b.example"),
        ("DNS", "b.example"),
    )
    peer = certified({"subjectAltName": named}, key=Key("sk-EXAMPLE-canary"))
    assert peer == Peer(names=("b.example", "a.example"), alpn="h2")


@pytest.mark.parametrize(("length", "kept"), [(200, 200), (201, 200)])
def test_a_text_of_a_certificate_is_kept_to_200_letters(length: int, kept: int) -> None:
    peer = certified({"subject": ((("organizationName", "x" * length),),)})
    assert peer is not None
    assert peer.organization == "x" * kept


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


def test_beside_the_authorities_of_ssl_cert_file_no_other_is_trusted(
    key: Key, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "company.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "company.pem"))
    got, server = asked_over_tls(key, trustme.CA().issue_cert("127.0.0.1"))
    assert (got.trouble, server.heads) == ("certificate", [])


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
        "x.local",
        "x.intranet",
        "x.lan",
        "home.arpa",
        "x.home.arpa",
        "x.corp",
        "x.invalid",
        "x.test",
        "[::ffff:8.8.8.8]",
    ],
)
def test_addresses_and_private_names_are_never_looked_up(host: str) -> None:
    assert is_public_name(host) is False
    looked: list[str] = []
    asyncio.run(CanonicalNames(resolve=looked.append).of(host))
    assert looked == []


def looked_up(host: str, resolve: Callable[[str], str | None], peer: Peer | None = None) -> Peer | None:
    return asyncio.run(CanonicalNames(resolve=resolve).add_to(peer, host))


def test_a_canonical_name_stands_beside_what_the_certificate_says() -> None:
    peer = Peer(names=("llm.acme.example",))
    shown = looked_up("llm.acme.example", lambda _: "edge.example", peer)
    assert shown == Peer("edge.example", ("llm.acme.example",))


def test_a_canonical_name_is_no_longer_than_names_are() -> None:
    assert looked_up("llm.acme.example", lambda _: "x" * 300) == Peer("x" * 253)


def test_a_look_up_that_hangs_keeps_no_program_from_ending() -> None:
    release = threading.Event()

    def hang(host: str) -> None:
        release.wait(20)

    CanonicalNames(resolve=hang).begin("llm.acme.example")
    [thread] = [each for each in threading.enumerate() if each.name == "testkey_nb-dns"]
    release.set()
    assert thread.daemon
    thread.join(20)


def test_a_name_that_took_too_long_is_not_waited_for_again() -> None:
    release = threading.Event()

    async def run() -> str | None:
        names = CanonicalNames(resolve=lambda _: "edge.example" if release.wait(20) else None, timeout_s=0.01)
        await names.of("llm.acme.example")
        names._timeout_s = 60
        return await asyncio.wait_for(names.of("llm.acme.example"), 5)

    try:
        assert asyncio.run(run()) is None
    finally:
        release.set()


@pytest.mark.parametrize(("names", "canonical"), [(["", "edge.example"], "edge.example"), (["", ""], None), ([], None)])
def test_the_system_is_asked_for_the_canonical_name(
    monkeypatch: pytest.MonkeyPatch, names: list[str], canonical: str | None
) -> None:
    def addresses(host: str, port: None, *, type: int, flags: int) -> list[Any]:
        assert (host, type, flags) == ("llm.acme.example", socket.SOCK_STREAM, socket.AI_CANONNAME)
        return [(socket.AF_INET, type, 6, name, ("192.0.2.1", 0)) for name in names]

    monkeypatch.setattr(socket, "getaddrinfo", addresses)
    assert canonical_name("llm.acme.example") == canonical
