"""A small answer that expands into a large one is cut while it expands."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator

import pytest

from testkey_nb.wire.decode import Received, read

CAP = 100_000
LARGE = b"x" * 50_000_000
PACKED = {
    "gzip": ("gzip", gzip.compress(LARGE)),
    "zlib": ("deflate", zlib.compress(LARGE)),
    "raw": ("deflate", zlib.compress(LARGE)[2:-4]),
}


async def chunks(raw: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(raw), size):
        yield raw[start : start + size]


def received(encoding: str, raw: bytes, *, size: int = 65536) -> Received:
    into = Received(headers=[("Content-Encoding", encoding)])
    asyncio.run(read(chunks(raw, size), into=into, cap=CAP))
    return into


@pytest.mark.parametrize("name", PACKED)
def test_a_bomb_never_stands_in_memory_whole(name: str) -> None:
    encoding, raw = PACKED[name]
    tracemalloc.start()
    into = received(encoding, raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert into.too_large
    assert len(into.raw) == CAP
    assert peak < 20 * CAP


@pytest.mark.parametrize(("length", "too_large"), [(CAP - 1, False), (CAP, False), (CAP + 1, True)])
@pytest.mark.parametrize("packed", [False, True])
def test_the_cap_is_the_longest_body_that_is_kept_whole(length: int, too_large: bool, packed: bool) -> None:
    body = b"x" * length
    into = received("gzip" if packed else "", gzip.compress(body) if packed else body, size=CAP + 1)
    assert (into.too_large, into.complete) == (too_large, not too_large)
    assert bytes(into.raw) == body[:CAP]


def test_a_body_in_many_pieces_is_read_whole() -> None:
    into = received("gzip", gzip.compress(b'{"a": 1}' * 50), size=7)
    assert (bytes(into.raw), into.complete, into.problem) == (b'{"a": 1}' * 50, True, None)
