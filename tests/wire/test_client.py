"""What leaves with a request, and what one answer tells of the way it took."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import stamina

from testkey_nb.catalogue.model import Auth
from testkey_nb.keys import Key
from testkey_nb.wire import Answer, Budget, Declared, Outgoing, Pace, Permit, Wire
from tests.wire.conftest import MODELS, TEXT, answer, failed, outgoing, serving
from tests.wire.test_trouble import free_port

OWN = "https://api.example.com"


def sent(request: Outgoing, **options: Any) -> tuple[httpx.Request, Answer]:
    """The request as the library got it, and the answer."""
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    async def run() -> Answer:
        async with Wire(transport=httpx.MockTransport(handle), retries=0, **options) as wire:
            return (await wire.send(request))[-1]

    answered = asyncio.run(run())
    return seen[0], answered


def with_auth(key: Key, auth: Auth, **more: Any) -> Outgoing:
    return Outgoing(f"{OWN}/v1/models", Permit(frozenset({OWN}), (MODELS,), key, auth), MODELS, **more)


def test_a_request_carries_these_headers_and_no_other(key: Key) -> None:
    request, _ = sent(outgoing(OWN, key))
    assert dict(request.headers) == {
        "host": "api.example.com",
        "accept": "application/json",
        "accept-encoding": "gzip, deflate",
        "user-agent": "testkey-nb",
        "authorization": f"Bearer {TEXT}",
    }


def test_constant_headers_leave_with_the_request(key: Key) -> None:
    auth = Auth("x-own-key", headers={"x-version": "1"})
    request, _ = sent(with_auth(key, auth, headers={"accept": "text/plain"}))
    shown = {name: request.headers[name] for name in ("x-own-key", "x-version", "accept")}
    assert shown == {"x-own-key": TEXT, "x-version": "1", "accept": "text/plain"}


def test_the_body_of_an_active_request_leaves_as_json(key: Key) -> None:
    declared = Declared("/v1/count", method="POST", body={"model": "{m}"}, active=True)
    request, _ = sent(outgoing(OWN, key, declared=declared, body={"model": "m/1"}))
    assert (request.content, request.headers["content-type"]) == (b'{"model":"m/1"}', "application/json")


def test_a_request_that_reads_has_no_body(key: Key) -> None:
    request, _ = sent(outgoing(OWN, key))
    assert request.content == b""


def test_a_request_may_leave_without_any_key() -> None:
    request, answered = sent(outgoing(OWN, None))
    assert ("authorization" in request.headers, answered.authenticated) == (False, False)


def test_an_answer_tells_how_long_it_took(key: Key) -> None:
    _, answered = sent(outgoing(OWN, key), clock=iter([1.0, 1.25]).__next__)
    assert answered.latency_ms == 250.0


def test_an_answer_tells_where_a_route_sent_it(key: Key) -> None:
    assert sent(outgoing(OWN, key))[1].sent_to is None
    answered = sent(outgoing(OWN, key, routes={OWN: "http://127.0.0.1:9/relay"}))[1]
    assert (answered.host, answered.sent_to) == ("api.example.com", "127.0.0.1:9")


def test_a_wire_shows_its_budget_only() -> None:
    assert repr(Wire(budget=Budget(requests=1, seconds=2))) == "Wire(Budget(spent=0, requests=1, seconds=2))"


def test_no_answer_is_no_cut_answer(key: Key) -> None:
    port = free_port()
    answered = failed(f"http://127.0.0.1:{port}", key)
    assert (answered.truncated, answered.headers, answered.body) == (False, {}, None)
    assert answered.problem == f"the connection was refused (127.0.0.1:{port})"


def test_a_private_host_that_refuses_is_not_the_proxys_trouble(key: Key) -> None:
    answered = failed(f"http://127.0.0.1:{free_port()}", key, proxy="http://127.0.0.1:9")
    assert answered.trouble == "connection-refused"


@pytest.mark.parametrize(("length", "failure"), [(4 * 1024 * 1024, None), (4 * 1024 * 1024 + 1, "too_large")])
def test_a_body_of_four_mebibytes_is_read_whole(length: int, failure: str | None) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=b"x" * length))
    assert failed(OWN, None, transport=transport).failure == failure  # type: ignore[arg-type]


class Stream(httpx.AsyncByteStream):
    """Two pieces, then nothing; remembers that it was closed."""

    def __init__(self, closing: Exception | None = None) -> None:
        self.is_closed, self._closing = False, closing

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"12345"
        yield b"67890"

    async def aclose(self) -> None:
        self.is_closed = True
        if self._closing is not None:
            raise self._closing


def test_an_answer_that_is_cut_lets_its_connection_go(key: Key) -> None:
    stream = Stream()
    failed(OWN, key, transport=httpx.MockTransport(lambda _: httpx.Response(200, stream=stream)), body_cap=3)
    assert stream.is_closed


def test_what_was_wrong_first_is_told_when_the_connection_breaks_too(key: Key) -> None:
    stream = Stream(OSError("theirs"))
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=stream))
    assert failed(OWN, key, transport=transport, body_cap=3).problem == "the body is longer than 3 bytes"
    assert failed(OWN, key, transport=transport).problem == "the connection broke in the middle of the body"


@pytest.mark.parametrize("error", [httpx.ConnectError("theirs"), OSError("theirs"), UnicodeError("theirs")])
def test_whatever_the_library_raises_is_an_answer_that_never_came(key: Key, error: Exception) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    answered = failed(OWN, key, transport=httpx.MockTransport(fail))
    assert (answered.failure, answered.problem) == ("unreachable", "no connection (api.example.com)")


def test_a_timeout_names_the_host_and_the_seconds(key: Key) -> None:
    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async def run() -> Answer:
        async with Wire(transport=httpx.MockTransport(never), retries=0, timeout_s=0.01) as wire:
            return (await wire.send(outgoing(OWN, key)))[-1]

    assert asyncio.run(run()).problem == "no complete answer from api.example.com within 0.01 s"


def test_a_redirect_without_a_key_is_told_by_its_host() -> None:
    reply = httpx.Response(302, headers={"location": "https://other.example/x"})
    answered = failed(OWN, None, transport=httpx.MockTransport(lambda _: reply))  # type: ignore[arg-type]
    assert answered.problem == "redirects to https://other.example; not followed"


class Closing(httpx.MockTransport):
    is_closed = False

    async def aclose(self) -> None:
        self.is_closed = True


def test_a_wire_closes_its_connections_at_the_end(key: Key) -> None:
    transport = Closing(lambda _: httpx.Response(200))
    failed(OWN, key, transport=transport)
    assert transport.is_closed


def test_a_name_is_looked_up_beside_the_request(key: Key) -> None:
    asked = threading.Event()

    def resolve(host: str) -> None:
        asked.set()

    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=asked.wait(5)))
    assert failed(OWN, key, transport=transport, look_up_names=True, resolve=resolve).body is True


def test_a_private_host_is_not_paced(key: Key) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def run() -> None:
        async with serving() as server, Wire(pace=Pace(burst=1, per_second=1, sleep=sleep)) as wire:
            for _ in range(3):
                await wire.send(outgoing(server.base, key))

    asyncio.run(run())
    assert slept == []


def storm(*keys: Key, **options: Any) -> list[int]:
    """How often each key asks, in turn, a host that is always busy."""

    async def run() -> list[int]:
        async with serving(answer(status="503 Busy")) as server, Wire(**options) as wire:
            return [len(await wire.send(outgoing(server.base, key))) for key in keys]

    with stamina.set_testing(True, attempts=10, cap=True):
        return asyncio.run(run())


def test_a_host_that_fails_one_key_is_asked_anew_for_another(key: Key) -> None:
    assert storm(key, key, key, Key(TEXT + "other"), key) == [3, 3, 1, 3, 1]


def test_a_wait_beyond_the_cap_that_was_given_is_not_waited_for(key: Key) -> None:
    def advise(_: Answer) -> Any:
        return SimpleNamespace(wait_s=3.0, is_worth_retrying=True)

    async def run(cap_s: float) -> int:
        async def sleep(seconds: float) -> None:
            pass

        reply = answer(status="429 Slow")
        async with serving(reply) as server, Wire(retry_after_cap_s=cap_s, pace=Pace(sleep=sleep)) as wire:
            return len(await wire.send(outgoing(server.base, key, advise=advise)))

    with stamina.set_testing(True, attempts=10, cap=True):
        assert [asyncio.run(run(2.9)), asyncio.run(run(3.0))] == [1, 3]


def test_tries_are_a_fifth_of_a_second_apart_and_then_twice_as_far(key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("theirs")

    async def run() -> None:
        async with Wire(transport=httpx.MockTransport(fail), retries=5) as wire:
            monkeypatch.setattr(asyncio, "sleep", sleep)
            await wire.send(outgoing(OWN, key))

    with stamina.set_testing(False):
        asyncio.run(run())
    bounds = [(0.2, 0.5), (0.4, 0.7), (0.8, 1.1), (1.6, 1.9), (2.0, 2.0)]
    assert [low <= wait <= high for wait, (low, high) in zip(slept, bounds, strict=True)] == [True] * 5


def test_a_wire_that_was_left_open_serves_another_loop(key: Key) -> None:
    made: list[httpx.MockTransport] = []

    def build(*, proxied: bool) -> Any:
        made.append(httpx.MockTransport(lambda _: httpx.Response(200)))
        return made[-1]

    wire = Wire()
    wire._shards._build = build  # type: ignore[method-assign]
    answered = [asyncio.run(wire.send(outgoing(OWN, key)))[-1].status for _ in range(2)]
    assert (answered, len(made)) == ([200, 200], 2)


def test_requests_of_one_loop_share_their_connections(key: Key) -> None:
    made: list[httpx.MockTransport] = []

    def build(*, proxied: bool) -> Any:
        made.append(httpx.MockTransport(lambda _: httpx.Response(200)))
        return made[-1]

    async def run() -> None:
        async with Wire() as wire:
            wire._shards._build = build  # type: ignore[method-assign]
            for _ in range(3):
                await wire.send(outgoing(OWN, key))

    asyncio.run(run())
    assert len(made) == 1


def test_a_wait_that_would_use_up_the_run_is_not_slept(key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    def advise(_: Answer) -> Any:
        return SimpleNamespace(wait_s=3.0, is_worth_retrying=True)

    async def run() -> int:
        busy = httpx.MockTransport(lambda _: httpx.Response(429))
        async with Wire(transport=busy, budget=Budget(seconds=2)) as wire:
            monkeypatch.setattr(asyncio, "sleep", sleep)
            return len(await wire.send(outgoing(OWN, key, advise=advise)))

    with stamina.set_testing(False):
        assert (asyncio.run(run()), slept) == (1, [])


def test_a_host_that_never_answered_has_no_peer(key: Key) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("theirs")

    answered = failed(
        OWN, key, transport=httpx.MockTransport(fail), look_up_names=True, resolve=lambda _: "edge.example"
    )
    assert answered.peer is None


def test_the_catalogue_that_was_given_says_which_headers_are_kept(key: Key) -> None:
    mine: Any = SimpleNamespace(kept_headers={"x-odd"}, redact=str.upper)
    reply = httpx.Response(200, headers={"x-odd": "a", "x-request-id": "b"})
    answered = failed(OWN, key, transport=httpx.MockTransport(lambda _: reply), catalogue=mine)
    assert dict(answered.headers) == {"x-odd": "A"}
