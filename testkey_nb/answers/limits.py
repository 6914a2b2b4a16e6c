"""The limits that one answer tells, in its headers, its body and the words of its error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from testkey_nb.answers.documents import Document, holds
from testkey_nb.answers.envelope import parsed
from testkey_nb.answers.limit_headers import header_rows
from testkey_nb.answers.limit_row import LimitRow
from testkey_nb.answers.limit_rules import LimitRules, limit_rules
from testkey_nb.answers.limit_words import Text
from testkey_nb.catalogue.model import Provider, Request

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue


def limits_of(
    doc: Document,
    *,
    catalogue: Catalogue,
    provider: Provider | None = None,
    request: Request | None = None,
    model: str | None = None,
    fields: bool = True,
) -> list[LimitRow]:
    """One row per limit told, each with the model it was told of.

    The provider's own headers are read first, then the general families. `model` is the one that was asked, where the
    asker knows; else the answer or its path may name it. `fields=False` leaves the general fields of bodies alone,
    where the provider's file reads the body itself.
    """
    rules = catalogue.once(limit_rules)
    own = provider.limit_headers if provider is not None else ()
    rows = header_rows(doc["headers"], own, rules, doc)
    bodies = [doc, *(doc | {"body": inner} for inner in _inner_bodies(doc))]
    for place in rules.header_places:
        for inner in map(place, bodies):
            if isinstance(inner, Mapping):
                lower = {str(name).lower(): str(value) for name, value in inner.items()}
                rows += header_rows(lower, (), rules, doc)
    if fields:
        rows += [row for rule in rules.fields for body in bodies for row in rule.rows(body)]
    if doc["failed"]:
        _add_told(rows, doc, rules, scopes={spec.kind: spec.scope for spec in own})
    binds = (request.binds if request is not None else None) or (provider.binds if provider is not None else None)
    asked = rules.model_of(doc, model)
    return [row.bound(binds, asked) for row in rows]


def _inner_bodies(doc: Document) -> list[Any]:
    """The bodies that a message of this one holds as text, as clients and relays hand an answer on."""
    body, inner = doc["body"], []
    for node in (body, *(body.get(name) for name in ("error", "detail"))) if isinstance(body, Mapping) else (body,):
        text = node.get("message") if isinstance(node, Mapping) else node
        if isinstance(text, str) and text.lstrip().startswith(("{", "[")):
            inner.append(parsed(text))
    return [value for value in inner if isinstance(value, Mapping | list)]


def _add_told(rows: list[LimitRow], doc: Document, rules: LimitRules, *, scopes: Mapping[str, str]) -> None:
    """Adds the limits that the error's words tell; they complete a header or field that tells the same limit.

    `scopes`: whose the provider's headers say that a limit of a kind is; words speak of the same.
    """
    for row in [row for text in (doc["error"], doc["nested"]) if text for row in _from_words(text, doc, rules.texts)]:
        places = [place for place, other in enumerate(rows) if _same(other, row)]
        if not places:
            rows.append(replace(row, scope=scopes.get(row.kind, row.scope)))
        for place in places if row.window is None else places[:1]:
            rows[place] = _completed(rows[place], row)


def _completed(row: LimitRow, other: LimitRow) -> LimitRow:
    """The row with what it leaves open from another one on the same limit; a limit of another height is another's."""
    row = replace(row, window=row.window or other.window, binds=row.binds or other.binds)
    if row.limit is None and not row.unlimited:
        row = replace(row, limit=other.limit)
    if row.limit is None or other.limit not in (None, row.limit):
        return row
    model = other.model_id if row.model_id is None else row.model_id
    row = replace(row, model_id=model, remaining=other.remaining if row.remaining is None else row.remaining)
    if row.reset_s is None and row.reset_at is None:
        row = replace(row, reset_s=other.reset_s, reset_at=other.reset_at)
    return row


def _same(old: LimitRow, new: LimitRow) -> bool:
    return (
        old.kind == new.kind
        and (None in (old.window, new.window) or old.window == new.window)
        and (None in (old.model_id, new.model_id) or old.model_id == new.model_id)
    )


def _from_words(text: str, doc: Document, rules: Iterable[Text]) -> list[LimitRow]:
    """The limits of the first wording that this text has."""
    return next((rows for rule in rules if holds(rule.when, doc) and (rows := rule.rows(text))), [])
