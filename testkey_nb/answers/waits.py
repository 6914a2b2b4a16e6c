"""The wait that one answer tells, in a header, a field or the words of its error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from testkey_nb.answers.documents import Document
from testkey_nb.answers.limit_rules import limit_rules
from testkey_nb.answers.times import instant, naive, seconds, wait_in

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue

# a number beyond this is an instant or a mistake
_LONG = 366 * 86400.0


def retry_after(doc: Document, *, catalogue: Catalogue, at: datetime | None = None) -> float | None:
    """Seconds to wait as told by a header, a field or the words of the error, in this order; None when not told.

    A wait told as a date counts from the answer's own `date`, else from `at`.
    """
    headers, names = doc["headers"], catalogue.once(limit_rules).waits
    base = instant(headers.get("date"), "http") or at
    told = [(name, headers[name]) for name in (*names["headers_ms"], *names["headers"]) if name in headers]
    for name, value in (*told, *(_fields(doc["body"], 0) if doc["failed"] else ())):
        if name in names["headers_ms"] or name in names["fields_ms"]:
            wait = _wait(value, None, unit=1000)
        elif name in names["headers"] or name in names["fields"]:
            wait = _wait(value, base)
        else:
            continue
        if wait is not None:
            return wait
    if not doc["failed"]:
        return None
    for text in (doc["error"], doc["nested"]):
        if text and (wait := wait_in(text)) is not None:
            return wait
    return None


def _wait(value: Any, base: datetime | None, *, unit: float = 1.0) -> float | None:
    wait = seconds(value)
    if wait is not None:
        return max(wait / unit, 0.0) if wait < _LONG * unit else None
    moment = instant(value)
    return max((moment - naive(base)).total_seconds(), 0.0) if moment is not None and base is not None else None


def _fields(node: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > 6:
        return
    if isinstance(node, Mapping):
        for name, value in node.items():
            if isinstance(value, Mapping | list):
                yield from _fields(value, depth + 1)
            elif isinstance(name, str):
                yield name, value
    elif isinstance(node, list):
        for item in node[:20]:
            yield from _fields(item, depth + 1)
