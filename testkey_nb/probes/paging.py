"""Where the next page of a list is, and how it is asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from testkey_nb.catalogue.expressions import Expression, compiled

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.catalogue.model import Pages


def paged(path: str, extra: Mapping[str, str]) -> str:
    """The path with the paging values of a following page in its query."""
    if not extra:
        return path
    bare, _, query = path.partition("?")
    return f"{bare}?{urlencode({**dict(parse_qsl(query, keep_blank_values=True)), **extra})}"


def has_more(pages: Pages | None, body: Any, *, catalogue: Catalogue) -> bool:
    """Does the answer say that there are more rows, in the provider's own words or those that are usual?"""
    if pages is not None and pages.more is not None:
        return bool(pages.more(body))
    return bool(catalogue.once(_usual_more)(body))


def _usual_more(catalogue: Catalogue) -> Expression:
    return compiled(catalogue.rules("routes")["more"])


def next_page(pages: Pages | None, doc: Mapping[str, Any], number: int, *, rows: int) -> dict[str, str] | None:
    """The query of the page after page `number` (from 0), which had so many rows; None when this was the last."""
    body = doc["body"]
    if pages is None:
        return None
    if pages.more is not None and not pages.more(body):
        return None
    if pages.style == "offset":
        return {pages.query: str((number + 1) * pages.size)} if rows >= pages.size else None
    if pages.style == "page":
        return {pages.query: str(pages.first + number + 1)} if rows >= pages.size else None
    if pages.style == "link":
        return _link(doc["headers"].get("link", ""), names=set(pages.query.split(",")))
    value = pages.next(body) if pages.next else None
    return {pages.query: str(value)} if value not in (None, "") else None


def _link(header: str, *, names: set[str]) -> dict[str, str] | None:
    """Query of the rel=next link; only its paging names are taken, so host and path stay the declared ones."""
    for part in header.split(","):
        target, _, parameters = part.partition(";")
        if re.search(r'rel="?next\b', parameters):
            query = parse_qsl(urlsplit(target.strip().strip("<>")).query)
            return {name: value for name, value in query if name in names} or None
    return None
