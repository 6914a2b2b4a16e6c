"""What comes back, whatever a server does."""

from __future__ import annotations

import asyncio
import contextvars
import gzip
import json
import logging
import zlib
from typing import Any

import pytest
import stamina

from testkey_nb.answers import reader
from testkey_nb.catalogue import load
from testkey_nb.errors import BudgetSpent, Expired
from testkey_nb.keys import Key
from testkey_nb.wire import Answer, Budget, Declared, Pace, Wire, run_sync
from tests.wire.conftest import TEXT, Server, answer, outgoing, serving


@pytest.fixture(autouse=True)
def _no_waiting() -> Any:
    with stamina.set_testing(True, attempts=10, cap=True):
        yield


def asked(key: Key | None, *replies: Any, **options: Any) -> list[Answer]:
    return asked_of(key, *replies, **options)[0]


def asked_of(key: Key | None, *replies: Any, **options: Any) -> tuple[list[Answer], Server]:
    advise = reader(catalogue=load())

    async def run() -> tuple[list[Answer], Server]:
        async with serving(*replies) as server, Wire(**{"timeout_s": 5, **options}) as wire:
            return await wire.send(outgoing(server.base, key, advise=advise)), server

    return asyncio.run(run())


def raw(head: str, body: bytes = b"", *, then: float = 0.0) -> Any:
    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() + body)
        await writer.drain()
        await asyncio.sleep(then)

    return reply


def test_json_is_parsed_and_allowed_headers_are_kept(key: Key) -> None:
    [got] = asked(key, answer(b'{"data": []}', X_RateLimit_Limit="5", Set_Cookie="a=b", X_Other="c"))
    assert got.body == {"data": []}
    assert dict(got.headers) == {"content-length": "12", "x-ratelimit-limit": "5"}
    assert (got.status, got.authenticated, got.attempt, got.truncated, got.failure) == (
        200,
        True,
        1,
        False,
        None,
    )
    assert got.path == "/v1/models"
    assert got.latency_ms is not None


BODIES: dict[str, tuple[bytes, Any]] = {
    "empty": (b"", None),
    "html": (b"<html>no</html>", "<html>no</html>"),
    "not utf-8": (b"\xff\xfe\xfa plain \xe9", "\N{REPLACEMENT CHARACTER}"),
    "bom": (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
    "utf-16": ('{"a": "é"}'.encode("utf-16"), {"a": "é"}),
    "nan": (b'{"a": NaN, "b": -Infinity, "c": [1e999, -1e999, 0.5]}', {"a": None, "b": None, "c": [None, None, 0.5]}),
    "a number": (b"1e999", "1e999"),
    "deep": (b"[" * 5000 + b"]" * 5000, "[" * 5000 + "]" * 5000),
    "deep but parsable": (b"[" * 300 + b"]" * 300, "[" * 300 + "]" * 300),
    "endless number": (b'{"a": ' + b"9" * 5000 + b"}", '{"a": ' + "9" * 5000 + "}"),
    "half a surrogate": (b'{"a": "\\ud800x"}', {"a": "\N{REPLACEMENT CHARACTER}x"}),
    "nul": (b'{"a": "\\u0000x"}', {"a": "\N{REPLACEMENT CHARACTER}x"}),
    "half a document": (b'{"a": [1, 2', '{"a": [1, 2'),
}


@pytest.mark.parametrize(("sent", "expected"), BODIES.values(), ids=BODIES.keys())
def test_any_body_becomes_json_or_text(key: Key, sent: bytes, expected: Any) -> None:
    [got] = asked(key, answer(sent))
    if expected == "\N{REPLACEMENT CHARACTER}":
        assert isinstance(got.body, str)
    else:
        assert got.body == expected
    json.dumps(got.body).encode()


@pytest.mark.parametrize(
    "pack",
    [gzip.compress, zlib.compress, lambda body: zlib.compress(body)[2:-4]],
    ids=["gzip", "zlib", "raw"],
)
def test_compressed_bodies_are_read(key: Key, pack: Any) -> None:
    name = "gzip" if pack is gzip.compress else "deflate"
    [got] = asked(key, answer(pack(b'{"a": 1}'), Content_Encoding=name))
    assert (got.body, got.truncated, got.problem) == ({"a": 1}, False, None)


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (answer(b"no gzip at all", Content_Encoding="gzip"), "compression is broken"),
        (answer(gzip.compress(b'{"a": 1}' * 99)[:-20], Content_Encoding="gzip"), "ended early"),
        (answer(b"x", Content_Encoding="br"), "not asked for"),
        (raw("content-length: 100", b'{"a": 1'), "broke in the middle"),
        (raw("transfer-encoding: chunked", b'5\r\n{"a":\r\n'), "broke in the middle"),
        (raw("transfer-encoding: chunked", b"zz\r\n"), "broke in the middle"),
    ],
    ids=["broken", "cut gzip", "unasked", "short", "cut chunk", "bad chunk"],
)
def test_a_broken_body_is_truncated_and_says_why(key: Key, reply: Any, problem: str) -> None:
    got = asked(key, reply)[-1]
    assert got.status == 200
    assert got.truncated
    assert problem in (got.problem or "")


@pytest.mark.parametrize("bomb", [False, True], ids=["plain", "compressed"])
def test_reading_stops_at_the_cap(key: Key, bomb: bool) -> None:
    body = b"x" * 50_000_000 if bomb else b"x" * 5000
    reply = answer(gzip.compress(body), Content_Encoding="gzip") if bomb else answer(body)
    [got] = asked(key, reply, body_cap=1000)
    assert (got.body, got.truncated, got.failure) == ("x" * 1000, True, "too_large")


ECHO = {
    "value": b'{"error": {"message": "bad key ' + TEXT.encode() + b'"}}',
    "name": b'{"' + TEXT.encode() + b'": 1}',
    "escaped": b'{"e": "' + "".join(f"\\u{ord(c):04x}" for c in TEXT).encode() + b'"}',
    "text": b"<p>" + TEXT.encode() + b"</p>",
    "masked": b'{"e": "sk-EXAMPLE****wXyZ"}',
}


@pytest.mark.parametrize("sent", ECHO.values(), ids=ECHO.keys())
def test_an_echo_of_the_key_is_redacted_in_body_and_headers(key: Key, sent: bytes) -> None:
    [got] = asked(key, answer(sent, X_Request_Id=TEXT))
    assert "[key]" in str(got.body)
    assert "canary" not in repr(got)
    assert got.headers["x-request-id"] == "[key]"


def test_nothing_listening_is_unreachable_after_three_tries(key: Key) -> None:
    async def run() -> list[Answer]:
        async with serving() as server:
            base = server.base
        async with Wire() as wire:
            return await wire.send(outgoing(base, key))

    got = asyncio.run(run())
    assert [item.attempt for item in got] == [1, 2, 3]
    assert {item.failure for item in got} == {"unreachable"}
    assert got[-1].status is None
    assert "refused" in (got[-1].problem or "")


def test_a_host_that_speaks_something_else_is_unreachable(key: Key) -> None:
    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-other\r\n")
        await writer.drain()

    assert asked(key, reply, retries=0)[0].failure == "unreachable"


@pytest.mark.parametrize("head", ["", "content-length: 10"], ids=["before the headers", "in the body"])
def test_an_answer_that_does_not_end_is_a_timeout(key: Key, head: str) -> None:
    async def silent(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1)

    reply = raw(head, b"x", then=1) if head else silent
    [got] = asked(key, reply, timeout_s=0.1, retries=0)
    assert got.failure == "timeout"
    assert got.status == (200 if head else None)


def test_a_passing_failure_is_tried_again_and_every_try_is_an_answer(key: Key) -> None:
    got = asked(key, answer(status="503 Busy"), answer(status="429 Slow", Retry_After="0"), answer(b"[1]"))
    assert [(item.attempt, item.status) for item in got] == [(1, 503), (2, 429), (3, 200)]


@pytest.mark.parametrize(
    "reply",
    [
        answer(status="429 Slow", Retry_After="60"), answer(status="429 Slow", Retry_After_Ms="60000"),
        answer(status="429 Slow", Retry_After="Fri, 31 Dec 2100 23:59:59 GMT"), answer(status="401 No"),
        answer(status="429 Slow", X_Should_Retry="false"), answer(status="500 Broken"),
    ],
    ids=["seconds", "milliseconds", "date", "401", "told not to", "500"],
)  # fmt: skip
def test_what_waiting_does_not_help_is_asked_once(key: Key, reply: bytes) -> None:
    assert len(asked(key, reply)) == 1


def test_the_caller_can_say_that_an_answer_is_not_worth_a_retry(key: Key) -> None:
    poor = b'{"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}'
    assert len(asked(key, answer(poor, status="429 Slow"))) == 1


def test_a_storm_of_429_does_not_burn_the_budget(key: Key) -> None:
    async def run() -> list[int]:
        budget = Budget(requests=100)
        async with serving(answer(status="429 Slow")) as server, Wire(budget=budget) as wire:
            return [len(await wire.send(outgoing(server.base, key))) for _ in range(5)]

    assert asyncio.run(run()) == [3, 3, 1, 1, 1]


def test_a_retry_after_is_waited_for_up_to_the_cap(key: Key) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    pace = Pace(clock=lambda: 0.0, sleep=sleep)
    asked(key, answer(status="429 Slow", Retry_After="3"), answer(), pace=pace)
    assert slept == [3.0]


def test_a_spent_budget_sends_nothing(key: Key) -> None:
    budget = Budget(requests=1)
    asked(key, budget=budget)
    with pytest.raises(BudgetSpent, match="1 requests"):
        asked(key, budget=budget)
    assert budget.spent == 1


def test_a_budget_spent_between_tries_gives_what_there_is(key: Key) -> None:
    assert len(asked(key, answer(status="503 Busy"), budget=Budget(requests=2))) == 2


def test_seconds_count_from_the_first_request() -> None:
    now = [100.0]
    budget = Budget(seconds=10, clock=lambda: now[0])
    now[0] = 500.0
    budget.spend()
    now[0] = 510.0
    with pytest.raises(BudgetSpent, match="10 seconds"):
        budget.spend()


def test_a_wait_longer_than_the_budget_is_refused_at_once(key: Key) -> None:
    pace = Pace(per_second=0.001, burst=1, private_too=True)
    budget = Budget(seconds=5)
    asked(key, pace=pace, budget=budget)

    async def run() -> None:
        async with Wire(pace=pace, budget=budget) as wire:
            for _ in range(2):
                await wire.send(outgoing("http://127.0.0.1:9", key))

    with pytest.raises(BudgetSpent):
        asyncio.run(run())


def test_pace_lets_a_burst_go_and_then_a_rate() -> None:
    from testkey_nb.wire.origins import parse

    pace = Pace(per_second=2, burst=3, by_host={"slow.example": 1}, clock=lambda: 0.0)
    fast, slow = parse("https://fast.example"), parse("https://slow.example")
    assert [pace.wait_for(fast) for _ in range(5)] == [0, 0, 0, 0.5, 1.0]
    assert [pace.wait_for(slow) for _ in range(4)] == [0, 0, 0, 1.0]
    assert [pace.wait_for(fast, private=True) for _ in range(9)] == [0] * 9


def test_a_forgotten_key_is_not_sent(key: Key) -> None:
    async def run() -> None:
        async with serving() as server, Wire() as wire:
            sent = outgoing(server.base, key)
            key.forget()
            try:
                await wire.send(sent)
            finally:
                assert server.heads == []

    with pytest.raises(Expired):
        asyncio.run(run())


def test_cookies_of_one_answer_do_not_travel_with_the_next(key: Key) -> None:
    async def run() -> str:
        async with serving(answer(Set_Cookie="session=1; path=/")) as server, Wire() as wire:
            await wire.send(outgoing(server.base, key))
            await wire.send(outgoing(server.base, key))
            return server.heads[1].lower()

    assert "cookie" not in asyncio.run(run())


def test_logs_show_neither_queries_nor_headers_nor_keys(key: Key, caplog: pytest.LogCaptureFixture) -> None:
    declared = Declared("/v1/models?who={w}")

    async def run() -> None:
        async with serving(answer(status="503 Busy", X_Request_Id="abc-in-header")) as server, Wire() as wire:
            url = f"{server.base}/v1/models?who=someone-named"
            await wire.send(outgoing(server.base, key, declared=declared, url=url))

    with caplog.at_level(logging.DEBUG):
        asyncio.run(run())
    text = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "httpcore" in text
    for secret in (TEXT, "someone-named", "abc-in-header", "Bearer"):
        assert secret not in text


def test_logs_of_others_stay_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        logging.getLogger("httpcore.http11").info("HTTP Request: %s", "https://x.example/?a=1")
    assert caplog.messages == ["HTTP Request: https://x.example/?a=1"]


def test_one_wire_serves_two_loops_one_after_the_other(key: Key) -> None:
    wire = Wire()

    async def run() -> int | None:
        async with serving() as server, wire:
            return (await wire.send(outgoing(server.base, key)))[-1].status

    assert [asyncio.run(run()), asyncio.run(run())] == [200, 200]


WHO: contextvars.ContextVar[str] = contextvars.ContextVar("who", default="nobody")


async def who() -> str:
    await asyncio.sleep(0)
    return WHO.get()


async def failing() -> None:
    raise LookupError("told")


def test_run_sync_works_outside_and_inside_a_loop_with_its_context() -> None:
    async def inside() -> str:
        WHO.set("analyst")
        return run_sync(who())

    assert run_sync(who()) == "nobody"
    assert asyncio.run(inside()) == "analyst"


@pytest.mark.parametrize("nested", [False, True])
def test_run_sync_lets_exceptions_through(nested: bool) -> None:
    async def inside() -> None:
        run_sync(failing())

    with pytest.raises(LookupError, match="told"):
        asyncio.run(inside()) if nested else run_sync(failing())


def test_an_interrupt_inside_a_loop_cancels_what_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    from concurrent.futures import Future

    ended: list[str] = []

    async def long() -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    def interrupted(self: Any, timeout: float | None = None) -> None:
        raise KeyboardInterrupt

    async def inside() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Future, "result", interrupted)
            run_sync(long())

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(inside())
    assert ended == ["cancelled"]
