"""How the bytes of an answer become JSON or text."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from testkey_nb.keys import Key
from testkey_nb.wire import json_or_text
from testkey_nb.wire.decode import Received, parse, read
from tests.wire.conftest import TEXT


def received(*chunks: bytes, encoding: str = "", cap: int = 1_000_000) -> Received:
    async def stream() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    into = Received(headers=[("Content-Encoding", encoding)])
    asyncio.run(read(stream(), into=into, cap=cap))
    return into


def parsed(raw: bytes, content_type: str = "", key: Key | None = None) -> Any:
    return parse(Received(headers=[("Content-Type", content_type)], raw=bytearray(raw)), key=key)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1}', {"a": 1}), ("[]", []), ("7", 7), ("true", True), ('"word"', "word"), ("plain", "plain"),
        ("null", "null"), ("", ""), ("0.5", 0.5), ('{"a": 1', '{"a": 1'),
    ],
)  # fmt: skip
def test_json_is_a_document_and_all_else_text(text: str, expected: Any) -> None:
    assert json_or_text(text) == expected


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_document_is_nested_a_hundred_deep_at_most(opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    inner = "" if opening == "[" else "{}"
    fits, deeper = (opening * n + inner + closing * n for n in ((100, 101) if opening == "[" else (99, 100)))
    assert json_or_text(fits) == json.loads(fits)
    assert json_or_text(deeper) == deeper


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_a_number_that_is_none_is_null(number: str) -> None:
    assert json_or_text(f'{{"a": {number}, "b": [1.5]}}') == {"a": None, "b": [1.5]}


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json; charset=latin-1", {"a": "é"}), ('application/json; Charset="ISO-8859-1"', {"a": "é"}),
        ("application/json; charset=no-such", {"a": "\N{REPLACEMENT CHARACTER}"}),
        ("application/json", {"a": "\N{REPLACEMENT CHARACTER}"}),
        ("text/html; charset=hex", {"a": "\N{REPLACEMENT CHARACTER}"}),
    ],
)  # fmt: skip
def test_letters_are_read_as_the_answer_declares_them(content_type: str, expected: Any) -> None:
    assert parsed(b'{"a": "\xe9"}', content_type) == expected


def test_utf_8_is_read_whatever_is_declared() -> None:
    assert parsed("é".encode(), "text/plain; charset=latin-1") == "é"


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be", "utf-32"])
def test_wide_letters_are_read_without_a_word(charset: str) -> None:
    assert parsed('{"a": "é"}'.encode(charset)) == {"a": "é"}


def test_a_nul_in_a_text_becomes_the_mark_of_a_letter_that_is_none() -> None:
    assert parsed(b"plain text\0") == "plain text\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(("raw", "expected"), [(b"plain", "plain"), (b'{"a": "\\n"}', {"a": "\n"})])
def test_without_a_key_nothing_is_taken_out(raw: bytes, expected: Any) -> None:
    assert parsed(raw) == expected


def test_a_string_keeps_all_but_the_key() -> None:
    assert parsed(f'["a {TEXT}", 1, null]'.encode(), key=Key(TEXT)) == ["a [key]", 1, None]


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", " x-gzip ", "Gzip"])
def test_the_name_of_an_encoding_may_be_written_in_any_way(encoding: str) -> None:
    assert bytes(received(gzip.compress(b"body"), encoding=encoding).raw) == b"body"


@pytest.mark.parametrize("encoding", ["", "identity", "IDENTITY"])
def test_a_body_that_is_not_packed_is_read_as_it_is(encoding: str) -> None:
    assert bytes(received(b"bo", b"dy", encoding=encoding).raw) == b"body"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", ""])
def test_a_body_without_a_byte_is_whole(encoding: str) -> None:
    into = received(encoding=encoding)
    assert (into.complete, into.problem) == (True, None)


def test_deflate_is_read_with_its_largest_window() -> None:
    dice = random.Random(1)
    once = bytes(dice.randrange(256) for _ in range(20_000))
    packed = zlib.compress(once + once)[2:-4]
    assert bytes(received(packed, encoding="deflate").raw) == once + once


def test_a_stream_that_breaks_is_not_begun_anew() -> None:
    # in place of its check sum comes what would be a body by itself
    into = received(gzip.compress(b"body")[:-8], zlib.compress(b"other")[2:-4], encoding="gzip")
    assert (into.complete, into.problem) == (False, "the body's compression is broken")
    assert b"other" not in into.raw


def test_a_body_beyond_the_cap_says_so() -> None:
    into = received(b"x" * 11, cap=10)
    assert (into.too_large, into.complete, into.problem) == (True, False, "the body is longer than 10 bytes")
