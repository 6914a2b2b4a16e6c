"""A loopback server that keeps every request it got."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import trustme

from testkey_nb.catalogue.model import Auth
from testkey_nb.keys import Key
from testkey_nb.wire import Answer, Declared, Outgoing, Permit, Wire

TEXT = "sk-EXAMPLE-canary-0123456789-wXyZ"
MODELS = Declared("/v1/models")
Reply = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


def answer(body: bytes = b"{}", *, status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Server:
    """Gives `replies` in turn, the last one for ever."""

    replies: list[Reply]
    port: int = 0
    heads: list[str] = field(default_factory=list)
    connections: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def keys(self) -> int:
        return sum(TEXT in head for head in self.heads)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is not None:
            self.connections.add(task)
        try:
            while True:
                self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"))
                reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                if not isinstance(reply, bytes):
                    await reply(writer)
                    return
                writer.write(reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def end(self) -> None:
        """Lets every connection go while the loop still runs: what it closes later is never closed."""
        for _ in range(3):  # one that was accepted just now has no task yet
            await asyncio.sleep(0)
        for task in self.connections:
            task.cancel()
        await asyncio.gather(*self.connections, return_exceptions=True)
        await asyncio.sleep(0)


@asynccontextmanager
async def serving(*replies: Reply) -> AsyncIterator[Server]:
    server = Server(list(replies) or [answer()])
    listening = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await server.end()


@pytest.fixture
def key() -> Key:
    return Key(TEXT)


def outgoing(
    base: str, key: Key | None, *, url: str | None = None, declared: Declared = MODELS, **more: object
) -> Outgoing:
    """A request for the models of one own host."""
    permit_parts = {name: more.pop(name) for name in ("routes",) if name in more}
    permit = Permit(
        origins=frozenset({base}),
        declared=(declared,),
        key=key,
        auth=Auth("Authorization", "Bearer") if key is not None else None,
        **permit_parts,  # type: ignore[arg-type]
    )
    more.setdefault("authenticated", key is not None)
    return Outgoing(url or base + declared.path, permit, declared, **more)  # type: ignore[arg-type]


@asynccontextmanager
async def tls_serving(certificate: trustme.LeafCert, *replies: bytes) -> AsyncIterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    server = Server(list(replies) or [answer()])
    listening = await asyncio.start_server(server.handle, "127.0.0.1", 0, ssl=context)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await server.end()


def asked_over_tls(
    key: Key, certificate: trustme.LeafCert, *, host: str = "127.0.0.1", **options: Any
) -> tuple[Answer, Server]:
    async def run() -> tuple[Answer, Server]:
        async with tls_serving(certificate) as server, Wire(timeout_s=5, retries=0, **options) as wire:
            base = f"https://{host}:{server.port}"
            return (await wire.send(outgoing(base, key)))[-1], server

    return asyncio.run(run())


def failed(base: str, key: Key, **options: Any) -> Answer:
    async def run() -> Answer:
        async with Wire(timeout_s=5, retries=0, **options) as wire:
            return (await wire.send(outgoing(base, key)))[-1]

    return asyncio.run(run())


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(organization_name="Acme Test Authority")


@pytest.fixture
def certificate(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert(
        "localhost", "127.0.0.1", "Api.Acme.example", "*.acme.example", organization_name="Acme Example"
    )


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def _no_look_ups(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks a name server; a name that is looked up all the same is a name not known."""
    plain = socket.getaddrinfo

    def local(host: Any, *args: Any, **more: Any) -> Any:
        if host in ("localhost", b"localhost", "127.0.0.1", b"127.0.0.1", None):
            return plain(host, *args, **more)
        raise socket.gaierror(socket.EAI_NONAME, "not looked up")

    monkeypatch.setattr(socket, "getaddrinfo", local)
