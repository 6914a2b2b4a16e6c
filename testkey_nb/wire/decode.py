"""Turns the bytes of an answer into JSON or text without a key, whatever the server sent."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import AsyncIterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from testkey_nb.keys import Key

if TYPE_CHECKING:
    from testkey_nb.wire.peer import Peer

DEEPEST = 100
_ODD = re.compile(r"\\u(?:d[89a-f]|0000)", re.I)
_INFINITE = float("inf")
_WATCHED = frozenset({dict, list, float})
_SURROGATE = re.compile("[\ud800-\udfff\0]")


@dataclass(slots=True)
class Received:
    """What arrived so far; it survives a connection that breaks in the middle."""

    status: int | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)
    complete: bool = False
    too_large: bool = False
    problem: str | None = None
    peer: Peer | None = None

    def header(self, name: str) -> str:
        return next((value for sent_name, value in self.headers if sent_name.lower() == name), "")


async def read(stream: AsyncIterable[bytes], *, into: Received, cap: int) -> None:
    """Read up to `cap` decoded bytes; a broken or unknown encoding ends the reading with a problem."""
    decoder = _decoder(into.header("content-encoding"))
    if decoder is None:
        into.problem = "the body came in an encoding that was not asked for"
        return
    async for chunk in stream:
        try:
            # the cap holds on what comes out, so that a small bomb stays small
            into.raw += decoder.decode(chunk, room=cap + 1 - len(into.raw))
        except zlib.error:
            into.problem = "the body's compression is broken"
            return
        if len(into.raw) > cap:
            del into.raw[cap:]
            into.too_large = True
            into.problem = f"the body is longer than {cap} bytes"
            return
    into.complete = decoder.is_done
    if not into.complete:
        into.problem = "the body ended early"


def json_or_text(text: str) -> Any:
    """JSON where the text is any that is not nested too deep, else the text."""
    body = _json(text)
    return text if body is None else body


def parse(received: Received, *, key: Key | None) -> Any:
    """JSON where it parses and is not nested deeper than 100, else text; None for an empty body."""
    if not received.raw:
        return None
    text = _text(bytes(received.raw), received.header("content-type"))
    body = _json(text)
    if body is None:
        clean = _SURROGATE.sub("\ufffd", text)
        return clean if key is None else key.redact(clean)
    # a string without a backslash stands in the text as it is, so one look at the whole is enough for most
    escaped = "\\" in text
    if _ODD.search(text):
        body = _mapped(body, lambda item: _SURROGATE.sub("\ufffd", item))
    if key is not None and (escaped or key.redact(text) != text):
        body = _mapped(body, key.redact)
    return body


class _Decoder:
    """gzip, deflate (with or without its wrapper) or nothing."""

    def __init__(self, *, packed: bool) -> None:
        self._zlib = zlib.decompressobj(47) if packed else None
        self._raw_tried = False

    def decode(self, chunk: bytes, *, room: int) -> bytes:
        if self._zlib is None:
            return chunk
        try:
            return self._zlib.decompress(chunk, room)
        except zlib.error:
            if self._raw_tried:
                raise
            self._zlib = zlib.decompressobj(-15)
            return self._zlib.decompress(chunk, room)
        finally:
            self._raw_tried = True

    @property
    def is_done(self) -> bool:
        return self._zlib is None or self._zlib.eof or not self._raw_tried


def _decoder(encoding: str) -> _Decoder | None:
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return _Decoder(packed=False)
    return _Decoder(packed=True) if encoding in ("gzip", "x-gzip", "deflate") else None


def _text(raw: bytes, content_type: str) -> str:
    declared = re.findall(r"(?i)charset=\"?([\w.:-]+)", content_type)
    for charset in (json.detect_encoding(raw), *declared):
        try:
            return raw.decode(charset)
        except (LookupError, ValueError):
            continue
    return raw.decode("utf-8", errors="replace")


def _json(text: str) -> Any:
    """The document, with NaN and infinities as None; None when it is no JSON, too deep, or only `null`."""
    try:
        body = json.loads(text, parse_constant=lambda _: None)
        deep, endless = _look(body)
        if endless and not deep:
            body = json.loads(text, parse_constant=lambda _: None, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    return None if deep else body


def _finite(text: str) -> float | None:
    number = float(text)
    return number if abs(number) != _INFINITE else None


def _look(body: Any) -> tuple[bool, bool]:
    """Whether it is nested too deep, and whether a number in it is infinite; one cheap walk, level by level."""
    level, endless = [item for item in (body,) if type(item) in _WATCHED], False
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for outer in level:
            if type(outer) is dict:
                inner += outer.values()
            elif type(outer) is list:
                inner += outer
            else:
                endless = endless or abs(outer) == _INFINITE
        level = [item for item in inner if type(item) in _WATCHED]
        if not level:
            return False, endless
    return True, endless


def _mapped(body: Any, change: Any) -> Any:
    """A copy with every string changed, names too."""
    if isinstance(body, str):
        return change(body)
    if isinstance(body, list):
        return [_mapped(item, change) for item in body]
    if isinstance(body, dict):
        return {change(name): _mapped(item, change) for name, item in body.items()}
    return body
