"""Where a coroutine runs that synchronous code waits for, and what the room gives out."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import Any

import pytest

from testkey_nb import wire
from testkey_nb.wire import client, failures, peer, run_sync


async def thread() -> threading.Thread:
    return threading.current_thread()


def test_without_a_loop_it_runs_where_it_was_asked_for() -> None:
    assert run_sync(thread()) is threading.current_thread()


def test_inside_a_loop_it_runs_on_a_thread_that_keeps_no_program_from_ending() -> None:
    async def inside() -> threading.Thread:
        return run_sync(thread())

    other = asyncio.run(inside())
    assert (other is threading.current_thread(), other.name, other.daemon) == (False, "testkey_nb", True)


def test_an_interrupt_that_comes_after_the_end_is_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    wait = Future.result

    def interrupted(self: Future[Any], timeout: float | None = None) -> None:
        wait(self, timeout)
        raise KeyboardInterrupt

    async def inside() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Future, "result", interrupted)
            run_sync(thread())

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(inside())


def test_what_needs_the_http_library_is_loaded_when_it_is_asked_for() -> None:
    assert (wire.Wire, wire.Peer, wire.Trouble) == (client.Wire, peer.Peer, failures.Trouble)
    for name in ("Wire", "Peer", "Trouble"):
        assert wire.__getattr__(name) is getattr(wire, name)


def test_a_name_that_the_room_does_not_have_is_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        wire.Nothing  # noqa: B018
