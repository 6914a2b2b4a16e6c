"""What the libraries below log of a request of ours."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import httpcore
import pytest
import stamina

from testkey_nb.keys import Key
from testkey_nb.wire import Wire
from testkey_nb.wire.log_filter import ours
from tests.wire.conftest import TEXT, answer, outgoing, serving

LOGGERS = ["httpcore", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "httpcore.socks"]


@contextmanager
def under_way() -> Iterator[None]:
    Wire()
    mark = ours.set(True)
    yield
    ours.reset(mark)


@pytest.mark.parametrize("name", LOGGERS)
def test_a_record_says_what_happened_and_nothing_of_the_request(name: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger=name), under_way():
        logging.getLogger(name).debug("send.started request=%r", TEXT)
        logging.getLogger(name).debug(f"send.started request={TEXT}")
    assert caplog.messages == ["send.started", "send.started"]


def test_every_logger_of_the_http_library_is_known() -> None:
    assert httpcore.AsyncConnectionPool
    made = [name for name, item in logging.root.manager.loggerDict.items() if isinstance(item, logging.Logger)]
    of_library = {name for name in made if name.startswith("httpcore")} - {"httpcore.http2"}  # http/2 is not spoken
    assert of_library - set(LOGGERS) == set()


def test_a_retry_is_not_logged(key: Key, caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> int:
        async with serving(answer(status="503 Busy")) as server, Wire() as wire:
            return len(await wire.send(outgoing(server.base, key)))

    with stamina.set_testing(True, attempts=10, cap=True), caplog.at_level(logging.DEBUG):
        assert asyncio.run(run()) == 3
        with under_way():
            logging.getLogger("stamina").warning("another try")
    assert [record for record in caplog.records if record.name == "stamina"] == []


def test_after_a_request_the_logs_of_others_are_whole_again(key: Key) -> None:
    async def run() -> bool:
        async with serving() as server, Wire() as wire:
            await wire.send(outgoing(server.base, key))
            return ours.get()

    assert asyncio.run(run()) is False
