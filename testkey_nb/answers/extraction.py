"""Reads one answer into rows of the tables, as the provider's file declares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from testkey_nb.answers.coerce import coerce
from testkey_nb.answers.documents import Document, as_list, holds
from testkey_nb.answers.limit_row import LimitRow
from testkey_nb.answers.numbers import is_unlimited
from testkey_nb.answers.windows import window
from testkey_nb.catalogue.expressions import Expression
from testkey_nb.catalogue.model import Extract, FieldSpec, Provider, Request
from testkey_nb.catalogue.parse_extracts import is_window
from testkey_nb.vocabulary import EXTRACT_COLUMNS

if TYPE_CHECKING:
    from testkey_nb.keys import Key

Row = dict[str, Any]
Tables = dict[str, list[Row]]
_MAIL = re.compile(r"[^@\s]@[\w-]+(?:\.[\w-]+)+")
_CAP = 20_000  # rows of one table out of one answer; no list is longer, an attack might be


def extract(
    provider: Provider | None,
    request: Request | None,
    doc: Document,
    *,
    limits: Sequence[LimitRow],
    key: Key | None = None,
    item: Any = None,
    now: datetime | None = None,
) -> Tables:
    """Rows by table, each with every column of `vocabulary.EXTRACT_COLUMNS` (unknown = None).

    What the request declares is read only from a success; what the provider says of every answer (`always`) and the
    limits that headers and errors tell (`limits`), from each. Where an extract keeps only
    "the row that is this key" and no key is given, all rows stay, but none of the identity table: whose they are is not
    known. Never raises, whatever the body.
    """
    tables: Tables = {}
    parts: list[Extract] = list(provider.always) if provider is not None else []
    if request is not None and is_success(doc) and (request.ok is None or holds(request.ok, doc)):
        parts = [*request.extracts, *parts]
    around = _around(provider, request, doc, item=item, now=now)
    for part in parts:
        rows = tables.setdefault(part.table, [])
        new_rows = (row for _, row in _rows(part, doc["body"], around, key=key, now=now))
        rows += islice(new_rows, _CAP - len(rows))
    rows = tables.setdefault("limits", [])
    rows += [row for row in map(LimitRow.extracted, limits) if not any(_same(row, other) for other in rows)]
    return {table: rows for table, rows in tables.items() if rows}


def is_success(doc: Document) -> bool:
    """May what a request declares be read from this answer? Not where the body tells an error."""
    status = doc["status"]
    return isinstance(status, int) and 200 <= status < 300 and not doc["html"] and not doc["told"]


def candidates(
    provider: Provider | None, request: Request | None, part: Extract, doc: Document, *, most: int
) -> Iterator[tuple[Mapping[str, Any], Row]]:
    """The first rows of one extract, each with what its expressions were read against."""
    around = _around(provider, request, doc)
    return islice(_rows(part, doc["body"], around, key=None, now=None), most)


def _around(
    provider: Provider | None, request: Request | None, doc: Document, *, item: Any = None, now: datetime | None = None
) -> dict[str, Any]:
    region = provider.region_of(doc["host"]) if provider is not None else None
    return {
        "_region": region.name if region is not None else None,
        "_currency": region.currency if region is not None else None,
        "_body": doc["body"],
        "_headers": doc["headers"],
        "_status": doc["status"],
        "_item": item,
        "_host": request.host if request is not None else None,
        "_now": now.isoformat() if now is not None else None,
    }


def _rows(
    part: Extract,
    body: Any,
    around: Mapping[str, Any],
    *,
    key: Key | None,
    now: datetime | None,
) -> Iterator[tuple[Mapping[str, Any], Row]]:
    if part.mine is not None and key is None and part.table == "identity":
        return
    for index, row in enumerate(as_list(_read(part.rows, body))):
        scope: dict[str, Any] = {**(row if isinstance(row, Mapping) else {}), **around, "_": row, "_i": index}
        inner: list[Any] = [None]
        if part.each is not None:
            inner = as_list(_read(part.each, scope))
        for item in inner:
            scope["_each"] = item
            if key is not None and part.mine is not None and not _is_mine(part.mine, scope, key):
                continue
            if part.where is not None and not holds(part.where, scope):
                continue
            made = _row(part.table, part.fields, scope, now)
            if made is not None:
                for row_of_model in _per_model(made, part.fields.get("model_id"), scope):
                    yield scope, row_of_model


def _per_model(row: Row, spec: FieldSpec | None, scope: Mapping[str, Any]) -> Iterable[Row]:
    """The row, or one for each of several models that it speaks of."""
    named = _read(spec.get, scope) if spec is not None else None
    if not isinstance(named, list):
        return [row]
    return [row | {"model_id": name} for name in named if isinstance(name, str) and name]


def _row(table: str, fields: Mapping[str, FieldSpec], scope: Mapping[str, Any], now: datetime | None) -> Row | None:
    columns = EXTRACT_COLUMNS[table]
    raw = {name: _read(spec.get, scope) for name, spec in fields.items() if name in columns}
    row: Row = dict.fromkeys(columns)
    for name, value in raw.items():
        row[name] = coerce(value, columns[name], spec=fields[name], now=now)
    if raw.get("window") is not None and not is_window(row["window"] or ""):
        span = window(row["window"] or raw["window"])  # a length of time: `300 MINUTE`, 18000 seconds
        row["window"] = span if table == "limits" else span or row["window"]
    if table == "limits":
        _settle_limit(row, raw.get("limit"))
    if table == "prices":
        for name in ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok"):
            if (row[name] or "").startswith("-"):
                row[name] = None  # a router writes -1 where the price varies
    for name, value in row.items():
        if isinstance(value, str) and "@" in value and name not in ("model_id", "name"):
            row[name] = _masked(value)
    return row if any(row[name] is not None for name in raw) and _names_something(table, row) else None


def _names_something(table: str, row: Row) -> bool:
    """Does the row say what it is a row of? A list entry without an id is none."""
    if table in ("models", "prices"):
        return bool(row["model_id"])
    if table == "limits":
        return bool(row["kind"]) and any(row[name] is not None for name in ("limit", "remaining", "unlimited"))
    if table in ("balances", "usage"):
        return bool(row["kind"]) and row["amount"] is not None
    if table == "metrics":
        return bool(row["metric"])
    return True


def _settle_limit(row: Row, limit: Any) -> None:
    """Minus one and its like are told to be no limit; that is not the same as no limit told."""
    row["model_id"] = row["model_id"] or "*"
    row["scope"] = row["scope"] or "key"
    if row["unlimited"] is None and is_unlimited(limit):
        row["unlimited"] = True
    if row["unlimited"] or (row["limit"] or "").startswith("-"):
        row["limit"] = None
    elif row["unlimited"] is None and row["limit"] is not None:
        row["unlimited"] = False


def _same(left: Row, right: Row) -> bool:
    return all(left[name] == right[name] for name in ("model_id", "scope", "kind", "window"))


def _read(expression: Any, data: Any) -> Any:
    try:
        return expression(data)
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError):
        return None  # no body may stop a reading


def _is_mine(mine: tuple[Expression, str], scope: Mapping[str, Any], key: Key) -> bool:
    """Is this row's public mark one of the key's own? Compared here, never sent."""
    expression, how = mine
    mark = _read(expression, scope)
    if not isinstance(mark, str) or len(mark) < 4:
        return False
    if how == "prefix":
        return key.starts_with(mark.rstrip(".*…"))
    if how == "suffix":
        return key.ends_with(mark.lstrip(".*…"))
    if how == "equals":
        return key.contains(mark) and key.starts_with(mark) and key.ends_with(mark)
    return key.shown_by(mark)


def _masked(text: str) -> str:
    """No whole e-mail address leaves an answer."""
    if _MAIL.search(text) is None:
        return text
    from testkey_nb.keys import redact_secrets

    return redact_secrets(text)
