"""Cuts a list into pages the way the service says it does."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from testkey_nb.sandbox.model import Pages, Request


def dig(body: Any, path: str) -> Any:
    """Gives what stands at a dotted path; None where there is nothing; an empty path is the body itself."""
    for part in path.split(".") if path else ():
        body = body.get(part) if isinstance(body, Mapping) else None
    return body


def put(body: Any, path: str, value: Any) -> Any:
    """Gives a copy of the body with the value at the path; the parts beside the path are shared."""
    if not path:
        return value
    head, _, rest = path.partition(".")
    return {**body, head: put(body.get(head) or {}, rest, value)}


def cut(body: Any, pages: Pages, *, request: Request, url: str) -> Any:
    """Gives the page that the request asks for; None when its place in the list is not one."""
    rows: list[Any] = dig(body, pages.rows)
    start = _start(rows, pages, request.query.get(pages.query))
    if start is None:
        return None
    wanted = request.query.get(pages.size_query or "")
    size = min(int(wanted), pages.most) if wanted and wanted.isdigit() and int(wanted) > 0 else pages.size
    page = rows[start : start + size]
    end, more = start + len(page), start + len(page) < len(rows)
    body = put(body, pages.rows, page)
    if pages.next and (more or not pages.absent_at_end):
        body = put(body, pages.next, _token(end) if more else None)
    if pages.more:
        body = put(body, pages.more, more)
    if pages.first:
        body = put(body, pages.first, page[0][pages.field] if page else None)
    if pages.last:
        body = put(body, pages.last, page[-1][pages.field] if page else None)
    if pages.total:
        body = put(body, pages.total, len(rows))
    if pages.link:
        rest = f"&{pages.size_query}={size}" if pages.size_query else ""
        body = put(body, pages.link, f"{url}?{pages.query}={end}{rest}" if more else None)
    return body


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"row:{offset}".encode()).decode()


def _start(rows: list[Any], pages: Pages, given: str | None) -> int | None:
    if not given:
        return 0
    if pages.style == "after":
        return next((n + 1 for n, row in enumerate(rows) if row.get(pages.field) == given), None)
    if pages.style == "offset":
        return int(given) if given.isdigit() else None
    try:
        return int(base64.urlsafe_b64decode(given).decode().removeprefix("row:"))
    except (ValueError, binascii.Error):
        return None
