"""How often, how long and how much, at the very bounds."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
import stamina

from testkey_nb.catalogue.model import Auth
from testkey_nb.errors import BudgetSpent, HostRefused
from testkey_nb.keys import Key
from testkey_nb.wire import Address, Answer, Budget, Outgoing, Pace, Permit, Wire, kept_headers
from testkey_nb.wire.client import _library_url
from testkey_nb.wire.origins import parse
from testkey_nb.wire.retries import Again, Retries, backoff
from tests.wire.conftest import MODELS, TEXT, Server, answer, outgoing, serving


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_run_has_2000_requests_and_120_seconds_unless_told_otherwise() -> None:
    assert repr(Budget()) == "Budget(spent=0, requests=2000, seconds=120.0)"


def test_a_budget_without_bounds_never_ends(clock: Clock) -> None:
    budget = Budget(requests=None, seconds=None, clock=clock)
    for clock.now in (0.0, 1e9):
        budget.spend()
    assert (budget.spent, budget.seconds_left) == (2, float("inf"))


def test_later_requests_do_not_start_the_seconds_anew(clock: Clock) -> None:
    budget = Budget(seconds=10, clock=clock)
    for clock.now in (0.0, 9.0):
        budget.spend()
    assert budget.seconds_left == 1.0


def test_seconds_left_are_never_below_zero(clock: Clock) -> None:
    budget = Budget(seconds=10, clock=clock)
    budget.spend()
    clock.now = 99.0
    assert budget.seconds_left == 0.0


def test_a_request_that_comes_too_late_is_not_counted(clock: Clock) -> None:
    budget = Budget(seconds=10, clock=clock)
    budget.spend()
    clock.now = 10.0
    with pytest.raises(BudgetSpent):
        budget.spend()
    assert budget.spent == 1


def test_a_wait_of_all_that_is_left_is_refused(clock: Clock) -> None:
    budget = Budget(seconds=10, clock=clock)
    budget.check_wait(9.9)
    with pytest.raises(BudgetSpent):
        budget.check_wait(10.0)


HOST = parse("https://api.example.com")


def test_eight_requests_leave_at_once_and_then_eight_a_second(clock: Clock) -> None:
    pace = Pace(clock=clock)
    assert [pace.wait_for(HOST) for _ in range(10)] == [0.0] * 8 + [0.125, 0.25]


def test_the_burst_comes_back_with_time_and_no_more_than_it(clock: Clock) -> None:
    pace = Pace(per_second=1, burst=2, clock=clock)
    assert [pace.wait_for(HOST) for _ in range(3)] == [0.0, 0.0, 1.0]
    clock.now = 100.0
    assert [pace.wait_for(HOST) for _ in range(3)] == [0.0, 0.0, 1.0]


def test_a_pause_is_for_one_key_and_one_host(clock: Clock) -> None:
    pace = Pace(clock=clock)
    pace.hold(HOST, who="a", seconds=3)
    waits = [
        pace.wait_for(HOST, who="a"),
        pace.wait_for(HOST, who="b"),
        pace.wait_for(parse("https://b.example"), who="a"),
    ]
    assert waits == [3.0, 0.0, 0.0]


def test_a_shorter_pause_does_not_end_a_longer_one(clock: Clock) -> None:
    pace = Pace(clock=clock)
    pace.hold(HOST, seconds=5)
    pace.hold(HOST, seconds=1)
    assert pace.wait_for(HOST) == 5.0


def test_half_a_second_is_a_pause_too(clock: Clock) -> None:
    pace = Pace(clock=clock)
    pace.hold(HOST, seconds=0.5)
    assert pace.wait_for(HOST) == 0.5


def test_a_pause_holds_for_a_host_that_is_not_paced(clock: Clock) -> None:
    pace = Pace(clock=clock)
    pace.hold(HOST, seconds=5)
    assert pace.wait_for(HOST, private=True) == 5.0


def got(**parts: Any) -> Answer:
    answered = {
        "host": "api.example.com",
        "method": "GET",
        "status": 429,
        "failure": None,
        "trouble": None,
        "headers": {},
    }
    return SimpleNamespace(**answered | parts)  # type: ignore[return-value]


def told(wait_s: float | None, *, worth: bool = True) -> Any:
    return lambda _: SimpleNamespace(wait_s=wait_s, is_worth_retrying=worth)


@pytest.mark.parametrize("status", [429, 502, 503, 504, 529])
def test_a_passing_status_is_worth_another_try(status: int) -> None:
    assert Retries().consider(got(status=status), who="a") is not None


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 500, 501])
def test_any_other_status_stands(status: int) -> None:
    assert Retries().consider(got(status=status), who="a") is None


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_what_is_not_read_only_is_sent_once(method: str) -> None:
    assert Retries().consider(got(method=method), who="a") is None


@pytest.mark.parametrize(
    "parts",
    [{"headers": {"x-should-retry": "false"}}, {"failure": "unreachable", "status": None, "trouble": "certificate"}],
)
def test_what_another_try_cannot_change_stands(parts: dict[str, Any]) -> None:
    assert Retries().consider(got(**parts), who="a") is None


@pytest.mark.parametrize(("wait", "fine"), [(5.0, True), (5.1, False)])
def test_five_seconds_are_waited_for_and_no_more(wait: float, fine: bool) -> None:
    assert (Retries().consider(got(), who="a", advise=told(wait)) is not None) is fine


@pytest.mark.parametrize(
    ("failure", "again"), [("timeout", True), ("unreachable", True), ("too_large", False), ("not_sent", False)]
)
def test_a_passing_failure_is_worth_another_try(failure: str, again: bool) -> None:
    assert (Retries().consider(got(failure=failure, status=None), who="a") is not None) is again


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_what_is_read_only_may_be_sent_again(method: str) -> None:
    assert Retries().consider(got(method=method), who="a") is not None


def test_without_a_wait_the_cap_does_not_matter() -> None:
    assert Retries(cap_s=0.5).consider(got(), who="a", advise=told(None)) is not None


def test_an_answer_that_is_not_worth_it_stands_even_without_a_wait() -> None:
    assert Retries().consider(got(), who="a", advise=told(None, worth=False)) is None


def test_the_sixth_failure_in_a_row_is_not_tried_again() -> None:
    retries = Retries()
    tried = [retries.consider(got(), who="a") is not None for _ in range(7)]
    assert tried == [True] * 5 + [False] * 2


def test_a_streak_of_failures_ends_with_an_answer() -> None:
    retries = Retries()
    for status in [429] * 5 + [200]:
        retries.consider(got(status=status), who="a")
    tried = [retries.consider(got(), who="a") is not None for _ in range(6)]
    assert tried == [True] * 5 + [False]


@pytest.mark.parametrize(("host", "who"), [("api.example.com", "b"), ("other.example.com", "a")])
def test_a_streak_belongs_to_one_key_at_one_host(host: str, who: str) -> None:
    retries = Retries()
    for _ in range(9):
        retries.consider(got(), who="a")
    assert retries.consider(got(host=host), who=who) is not None


def sent(key: Key, *replies: Any, auth: Auth | None = None, **options: Any) -> tuple[list[Answer], Server]:
    async def run() -> tuple[list[Answer], Server]:
        async with serving(*replies) as server, Wire(**options) as wire:
            request = outgoing(server.base, key, advise=options_advise)
            if auth is not None:
                permit = Permit(frozenset({server.base}), (MODELS,), key, auth)
                request = Outgoing(f"{server.base}/v1/models", permit, MODELS)
            return await wire.send(request), server

    options_advise = options.pop("advise", None)
    with stamina.set_testing(True, attempts=10, cap=True):
        return asyncio.run(run())


async def silent(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(1)


def test_one_attempt_lasts_no_longer_than_the_run_may() -> None:
    [late], _ = sent(Key(TEXT), silent, budget=Budget(seconds=0.2), retries=0)
    # a server that falls silent and hangs up later is unreachable; a timeout means that the run did not wait for that
    assert late.failure == "timeout"


def test_a_wait_that_the_run_has_no_time_for_is_not_begun() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    answers, server = sent(
        Key(TEXT), answer(status="429 Slow"), budget=Budget(seconds=2), pace=Pace(sleep=sleep), advise=told(3.0)
    )
    assert (len(answers), server.keys, slept) == (1, 1, [])


def test_a_key_without_a_scheme_stands_alone_in_its_header() -> None:
    _, server = sent(Key(TEXT), auth=Auth("x-own-key"))
    assert f"x-own-key: {TEXT}\r\n" in server.heads[0]


@pytest.mark.parametrize(
    ("location", "problem"),
    [
        ("/x", "redirects within the host; not followed"),
        ("", "redirects within the host; not followed"),
        ("//evil.example/x", "redirects to https://evil.example; not followed"),
        (f"https://evil.example/?k={TEXT}", "redirects to https://evil.example; not followed"),
        (f"https://{TEXT}@evil.example/", "redirects to an address that cannot be read; not followed"),
        (f"https://{TEXT}.evil.example/", "redirects to an address that holds the key; not followed"),
    ],
)
def test_a_redirect_is_told_by_its_host_alone(location: str, problem: str) -> None:
    [answered], server = sent(Key(TEXT), answer(status="302 Found", Location=location))
    assert (answered.problem, len(server.heads)) == (problem, 1)


@pytest.mark.parametrize(
    "target",
    [
        Address("https", "a@api.example.com", 443, "/"),
        Address("https", "api.example.com/x", 443, "/"),
        Address("https", "API.example.com", 443, "/"),
        Address("https", "api.example.com:8443", 443, "/"),
        Address("https", "api.example.com", 443, "/a/../b"),
    ],
    ids=str,
)
def test_an_address_that_the_library_reads_otherwise_is_refused(target: Address) -> None:
    with pytest.raises(HostRefused):
        _library_url(target)


@pytest.mark.parametrize(
    "url",
    [
        "https://[::1]:8443/x",
        "https://a.example/x?b[]=1&c='d'",
        "https://a.example/a%20b/%41",
        "https://a.example:8443/",
    ],
)
def test_an_address_that_the_library_reads_as_we_do_is_asked(url: str) -> None:
    assert str(_library_url(parse(url)).raw_path.decode())


def test_a_header_of_an_answer_is_kept_to_2000_characters() -> None:
    assert kept_headers([("x-request-id", "a " * 1001)], key=None) == {"x-request-id": "a " * 1000}


def test_a_repeated_header_is_joined() -> None:
    assert kept_headers([("x-request-id", "a"), ("X-Request-Id", "b")], key=None) == {"x-request-id": "a, b"}


def test_a_key_of_someone_else_in_a_header_is_taken_out() -> None:
    assert kept_headers([("x-request-id", "sk-EXAMPLE-0000000000000000")], key=None) == {"x-request-id": "[secret]"}


def test_the_own_key_in_a_header_is_taken_out_whatever_its_shape() -> None:
    assert kept_headers([("x-request-id", "odd-key")], key=Key("odd-key")) == {"x-request-id": "[key]"}


def test_half_a_second_is_waited_for_too() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    asyncio.run(Pace(sleep=sleep).rest(0.5))
    assert slept == [0.5]


def test_a_wait_that_was_told_is_the_wait_before_another_try() -> None:
    assert backoff(Again(3.0)) == 3.0
