"""What an answer fills: rows, columns, and the words that a column may hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from testkey_nb import vocabulary
from testkey_nb.catalogue import model
from testkey_nb.catalogue.names import results, wrong_row_names
from testkey_nb.catalogue.reader import Reader
from testkey_nb.catalogue.sources import source
from testkey_nb.vocabulary import EXTRACT_COLUMNS, HINTS, TIME_READINGS

Fits = Callable[[str], bool]


def is_window(word: str) -> bool:
    """Tells whether a word is a window of limits: one of ours or an ISO 8601 duration."""
    return word in vocabulary.WINDOWS or vocabulary.DURATION.fullmatch(word) is not None


def is_scope(word: str) -> bool:
    """Tells whether a word says of whom a row speaks: the key, its organisation, a project or a group."""
    return word in vocabulary.SCOPES or word.startswith(vocabulary.SCOPE_PREFIXES)


def is_period(word: str) -> bool:
    """Tells whether a word is a period of usage: one of ours, an ISO 8601 duration or interval."""
    return word in vocabulary.PERIODS or vocabulary.DURATION.fullmatch(word) is not None or "/" in word


# column (of a table, or of any table): its words, and what else is right beside them
_WORDS: dict[str, tuple[Collection[str], Fits | None]] = {
    "limits.kind": (vocabulary.LIMIT_KINDS, None),
    "balances.kind": (vocabulary.BALANCE_KINDS, None),
    "balances.purse": (vocabulary.PURSES, None),
    "usage.kind": (vocabulary.USAGE_KINDS, None),
    "models.state": (vocabulary.PERMISSION_STATES, None),
    "permissions.state": (vocabulary.PERMISSION_STATES, None),
    "state": (vocabulary.FACT_STATES, None),
    "window": (vocabulary.WINDOWS, is_window),
    "period": (vocabulary.PERIODS, is_period),
    "scope": (vocabulary.SCOPES, is_scope),
    "key_kind": (vocabulary.KEY_KINDS, None),
}


def parse_extract(table: Reader, metrics: Collection[str], *, sourced: bool = False) -> model.Extract:
    """One of `[[probes.requests.extract]]`, or of `[[always]]`, which says its source itself."""
    name = table.choice("table", EXTRACT_COLUMNS)
    mine = None
    if table.has("mine"):
        row = table.table("mine")
        mine = (row.needed("field"), row.choice("shown", HINTS))
        row.done()
    if sourced:
        source(table)
    columns = table.table("fields", required=True)
    fields = {}
    for column in table.raw("fields") if isinstance(table.raw("fields"), dict) else ():
        spec = _field(columns, column)
        if column not in EXTRACT_COLUMNS[name]:
            columns.wrong(f"the table {name} has no such column; it has {', '.join(EXTRACT_COLUMNS[name])}", column)
        else:
            fields[column] = spec
            words = metrics if (name, column) == ("metrics", "metric") else ()
            for field, problem in _wrong_words(name, column, spec, words):
                columns.wrong(problem, field)
    if table.has("fields") and not fields and isinstance(table.raw("fields"), dict):
        table.wrong("fills no column", "fields")
    extract = model.Extract(
        table=name,
        rows=table.needed("rows"),
        fields=fields,
        each=table.expression("each"),
        where=table.expression("where"),
        mine=mine,
    )
    table.done()
    for field, expression in (("each", extract.each), ("where", extract.where)):
        for problem in wrong_row_names(expression) if expression else ():
            table.wrong(problem, field)
    return extract


def _field(columns: Reader, name: str) -> model.FieldSpec:
    if not isinstance(columns.raw(name), dict):
        return model.FieldSpec(get=columns.needed(name))
    table = columns.table(name)
    spec = model.FieldSpec(
        get=table.needed("get"),
        scale=_scale(table) if table.has("scale") else None,
        time=table.choice("time", TIME_READINGS) if table.has("time") else None,
        map=table.words("map"),
        strict=table.flag("strict"),
    )
    table.done()
    return spec


def _scale(table: Reader) -> Decimal | None:
    try:
        scale = Decimal(table.text("scale", default="0"))
    except InvalidOperation:
        scale = Decimal(0)
    if not scale.is_finite() or not scale:
        table.wrong('must be a decimal number in quotes, such as "1000000" or "0.01"', "scale")
        return None
    return scale


def _wrong_words(table: str, column: str, spec: model.FieldSpec, own: Collection[str]) -> Iterator[tuple[str, str]]:
    """Gives field and problem of each text that the column may not hold."""
    for problem in wrong_row_names(spec.get):
        yield column, problem
    words, fits = _WORDS.get(f"{table}.{column}") or _WORDS.get(column) or (own, None)
    for part in results(spec.get.tree):
        if part["type"] == "field" and _is_bare(column, part["value"], words) and part["value"] not in spec.map:
            name = part["value"]
            yield column, f"reads a field of the name {name!r}; a text needs inner quotes: \"'{name}'\""
        text = _text_of(part)
        if words and text is not None and text not in spec.map and not (text in words or (fits and fits(text))):
            yield column, f"{text!r} is none of {', '.join(words)}"
    for given, ours in spec.map.items():
        if words and ours not in words and not (fits and fits(ours)):
            yield f"{column}.map.{given}", f"{ours!r} is none of {', '.join(words)}"


def _is_bare(column: str, name: str, words: Collection[str]) -> bool:
    """Tells whether a field's name is a text of ours, so that the quotes around it were forgotten."""
    if column in ("currency", "unit"):
        return re.fullmatch("[A-Z]{3}", name) is not None or (column == "unit" and name in vocabulary.UNITS)
    return name in words


def _text_of(part: Any) -> str | None:
    """Gives the text that a part always gives, or begins with; None where it depends on the answer."""
    if part["type"] == "literal":
        return part["value"] if isinstance(part["value"], str) else None
    if part["type"] == "function_expression" and part["value"] == "join" and part["children"][0].get("value") == "":
        parts = part["children"][1]
        first = parts["children"][0] if parts["type"] == "multi_select_list" else {}
        return first["value"] if first.get("type") == "literal" and isinstance(first.get("value"), str) else None
    return None
