"""Why no connection was made, or no answer came."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Any

import pytest
import trustme

from testkey_nb.answers import diagnose, document
from testkey_nb.catalogue import load
from testkey_nb.keys import Key
from testkey_nb.wire import Answer, Wire
from tests.wire.conftest import answer, asked_over_tls, failed, outgoing, serving, tls_serving

PUBLIC = "https://llm.acme.example"

pytestmark = pytest.mark.usefixtures("_no_look_ups")


def test_a_certificate_of_an_unknown_authority_keeps_the_key_at_home(key: Key, certificate: trustme.LeafCert) -> None:
    got, server = asked_over_tls(key, certificate)
    assert (got.status, got.failure, got.trouble, got.peer) == (None, "unreachable", "certificate", None)
    assert server.heads == []


def test_a_certificate_for_another_name_keeps_the_key_at_home(
    key: Key, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    got, server = asked_over_tls(key, authority.issue_cert("other.acme.example"), host="localhost", verify=trusting)
    assert (got.trouble, server.heads) == ("certificate", [])
    assert "it is for another name" in (got.problem or "")


def test_a_certificate_that_does_not_verify_is_asked_for_once(key: Key, certificate: trustme.LeafCert) -> None:
    async def run() -> int:
        async with tls_serving(certificate) as server, Wire(timeout_s=5, retries=2) as wire:
            return len(await wire.send(outgoing(f"https://127.0.0.1:{server.port}", key)))

    assert asyncio.run(run()) == 1


def test_https_to_a_port_of_plain_http_is_tls_trouble(key: Key) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async def run() -> Answer:
        listening = await asyncio.start_server(plain, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        async with listening, Wire(timeout_s=5, retries=0) as wire:
            return (await wire.send(outgoing(f"https://127.0.0.1:{port}", key)))[-1]

    assert asyncio.run(run()).trouble == "tls"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_port_where_nothing_listens_is_refused(key: Key, host: str) -> None:
    got = failed(f"http://{host}:{free_port()}", key)
    assert (got.failure, got.trouble) == ("unreachable", "connection-refused")


def test_a_refusal_at_every_address_of_a_host_is_refused(key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()

    def two(*args: Any, **more: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{last}", port)) for last in (1, 2)]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    assert failed(f"http://localhost:{port}", key).trouble == "connection-refused"


def test_a_name_that_does_not_resolve_is_told(key: Key) -> None:
    got = failed(PUBLIC, key)
    assert (got.failure, got.trouble) == ("unreachable", "name-not-resolved")


def test_a_proxy_that_is_not_there_is_the_proxys_trouble(key: Key) -> None:
    assert failed(PUBLIC, key, proxy=f"http://127.0.0.1:{free_port()}").trouble == "proxy"


def test_a_proxy_that_does_not_connect_is_the_proxys_trouble(key: Key) -> None:
    async def run() -> Answer:
        async with serving(answer(status="403 No")) as proxy, Wire(proxy=proxy.base, retries=0) as wire:
            return (await wire.send(outgoing(PUBLIC, key)))[-1]

    assert asyncio.run(run()).trouble == "proxy"


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def close(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def other(writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-other\r\n\r\n")
    await writer.drain()


async def silent(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(1)


@pytest.mark.parametrize(
    ("reply", "trouble"),
    [(hang_up, "reset"), (close, "reset"), (silent, "timeout"), (other, None), (answer(status="500 No"), None)],
    ids=["reset", "closed", "silent", "another protocol", "an answer"],
)
def test_what_a_server_does_has_its_word(key: Key, reply: Any, trouble: str | None) -> None:
    async def run() -> Answer:
        async with serving(reply) as server, Wire(timeout_s=0.3, retries=0) as wire:
            return (await wire.send(outgoing(server.base, key)))[-1]

    assert asyncio.run(run()).trouble == trouble


WORDS = ["name-not-resolved", "connection-refused", "certificate", "tls", "timeout", "reset", "proxy"]


@pytest.mark.parametrize("trouble", WORDS)
def test_every_trouble_has_its_own_cause_and_tells_nothing_of_the_key(trouble: Any) -> None:
    failure: Any = "timeout" if trouble == "timeout" else "unreachable"
    shown = Answer(method="GET", host="h", path="/", failure=failure, trouble=trouble, authenticated=True)
    told = diagnose(document(shown), catalogue=load())
    assert (told.condition, told.key_valid) == ("unknown", None)
    assert told.rule not in ("no-answer", "unmatched")
    assert told.move


def test_a_failure_without_a_word_is_still_no_answer() -> None:
    shown = document(Answer(method="GET", host="h", path="/", failure="unreachable"))
    assert diagnose(shown, catalogue=load()).rule == "no-answer"
