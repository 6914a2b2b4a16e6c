"""Shows how a provider's file reads one answer, field by field: what was there, what it became, or why nothing did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from testkey_nb.answers.coerce import coerce
from testkey_nb.answers.documents import Document, holds
from testkey_nb.answers.extraction import _row
from testkey_nb.answers.matching import matched
from testkey_nb.answers.reading import Reading
from testkey_nb.catalogue.expressions import Expression, compiled
from testkey_nb.catalogue.model import Extract, FieldSpec, LimitHeader, Provider, Request
from testkey_nb.vocabulary import EXTRACT_COLUMNS

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue

COLUMNS = ("part", "place", "row", "name", "expression", "raw", "value", "why")
Row = dict[str, Any]
_ALWAYS = compiled("`true`")
# without these a row of the table names nothing
_KEYS = {
    "models": ("model_id",),
    "prices": ("model_id",),
    "limits": ("kind",),
    "balances": ("kind", "amount"),
    "usage": ("kind", "amount"),
    "metrics": ("metric",),
}


class _Recorder(Expression):
    """An expression that tells of each reading; it reads as the one it stands for."""

    __slots__ = ("_note",)

    def __init__(self, expression: Expression, note: Callable[[Any, Any], None]) -> None:
        self._read, self.text, self.tree, self._note = expression._read, expression.text, expression.tree, note

    def __call__(self, document: Any) -> Any:
        value = super().__call__(document)
        self._note(document, value)
        return value


@dataclass(slots=True)
class _Candidate:
    """What may become a row: what its expressions were read against, and what they gave."""

    scope: Mapping[str, Any]
    is_wanted: bool
    raw: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Watch:
    """One extract while it is read by the extraction itself."""

    place: str
    part: Extract
    was_read: bool = False
    rows: Any = None
    candidates: list[_Candidate] = field(default_factory=list)

    def recorded(self) -> Extract:
        """Gives the extract with expressions that tell this object what they read."""
        where = self.part.where or _ALWAYS
        fields = {
            name: replace(spec, get=_Recorder(spec.get, self._noting(name))) for name, spec in self.part.fields.items()
        }
        return replace(
            self.part,
            rows=_Recorder(self.part.rows, self._note_rows),
            where=_Recorder(where, self._begin),
            fields=fields,
        )

    def _note_rows(self, _document: Any, value: Any) -> None:
        self.was_read, self.rows = True, value

    def _begin(self, scope: Any, value: Any) -> None:
        is_wanted = value is not None and value is not False and value not in ("", [], {})
        self.candidates.append(_Candidate(dict(scope), is_wanted))

    def _noting(self, name: str) -> Callable[[Any, Any], None]:
        def note(_scope: Any, value: Any) -> None:
            self.candidates[-1].raw[name] = value

        return note


def try_answer(
    provider: Provider, path: str, doc: Document, *, catalogue: Catalogue, now: datetime | None = None
) -> list[Row]:
    """Gives a row of `COLUMNS` per declared field of each extract of the request that the path fits.

    After them come the rows that the extracts made, the limit headers, and the rule that judged the answer. The answer
    is read by the same functions as in a probe, with expressions that tell what they read.

    Attributes of a row:
        part: `request`, `field`, `row`, `limit header` or `error rule`.
        place: where in the file.
        raw: what the expression gave, before map, factor and kind of the column.
        value: what the column holds.
        why: why there is no value, or no row; None where there is one.
    """
    match = matched(provider, path, doc, catalogue=catalogue)
    request = match.request
    readings = [
        *_watches(request.extracts if request is not None else (), f"request {request.id}" if request else ""),
        *_watches(provider.always, "always"),
    ]
    parts = iter([reading.recorded() for reading in readings])
    watched = replace(request, extracts=tuple(next(parts) for _ in request.extracts)) if request is not None else None
    watching = replace(provider, always=tuple(parts))
    answer = Reading(doc, catalogue=catalogue, provider=watching, request=watched, at=now)
    answer.match = replace(match, request=watched)  # each expression tells of one reading
    tables, diagnosis = answer.tables, answer.diagnosis
    fits = None if request is not None else "no request of this file has a path that fits"
    rows = [_shown("request", request.path if request else "", name=request.id if request else path, why=fits)]
    for reading in readings:
        rows += _extract_rows(reading, request, match.document, now)
    rows += _limit_rows(provider, doc, tables.get("limits", []))
    rows.append(
        _shown("error rule", name=diagnosis.rule, value=diagnosis.condition or "no failure", why=diagnosis.cause)
    )
    return rows


def _watches(parts: tuple[Extract, ...], place: str) -> list[_Watch]:
    return [_Watch(f"{place} {part.table}[{number}]", part) for number, part in enumerate(parts)]


def _extract_rows(reading: _Watch, request: Request | None, doc: Document, now: datetime | None) -> Iterator[Row]:
    part, place = reading.part, reading.place
    if not reading.candidates:
        why = _unread(request, doc) if not reading.was_read else _no_candidate(part, reading.rows)
        yield _shown("row", place, name="rows", expression=part.rows.text, raw=reading.rows, why=why)
    for number, candidate in enumerate(reading.candidates):
        if not candidate.is_wanted and part.where is not None:
            yield _shown("row", place, number, name="where", expression=part.where.text, raw=candidate.scope["_"],
                         why="where is not true of this row")  # fmt: skip
            continue
        values = {}
        for name, raw in candidate.raw.items():
            spec = part.fields[name]
            values[name] = coerce(raw, EXTRACT_COLUMNS[part.table][name], spec=spec, now=now)
            missing = _no_value(raw, spec, EXTRACT_COLUMNS[part.table][name]) if values[name] is None else None
            yield _shown(
                "field", place, number, name=name, expression=spec.get.text, raw=raw, value=values[name], why=missing
            )
        made = _row(part.table, part.fields, candidate.scope, now)
        lack = None if made is not None else _no_row(part.table, values)
        yield _shown("row", place, number, name=part.table, value=_known(made), why=lack)


def _unread(request: Request | None, doc: Document) -> str:
    status = doc["status"]
    if not isinstance(status, int) or not 200 <= status < 300:
        return f"an extract reads successes only, and the status is {status}"
    if doc["html"]:
        return "the answer is a web page"
    if request is not None and request.ok is not None and not holds(request.ok, doc):
        return f"ok is not true of this answer: {request.ok.text}"
    return "the body tells an error"


def _no_candidate(part: Extract, rows: Any) -> str:
    if rows is None:
        return "rows gave null: the answer has nothing there"
    if part.mine is not None and part.table == "identity":
        return "which row is this key's cannot be told without the key"
    return "rows gave an empty list" if rows == [] else "each gave nothing for any row"


def _no_value(raw: Any, spec: FieldSpec, kind: str) -> str:
    if raw is None:
        return "the expression gave null"
    if spec.strict:
        return f"the map is strict and has no {raw!r}; it has {', '.join(spec.map)}"
    return f"does not fit a column of kind {kind}, or is empty"


def _no_row(table: str, values: Mapping[str, Any]) -> str:
    if all(value is None for value in values.values()):
        return "no expression gave a value"
    lacking = [name for name in _KEYS.get(table, ()) if values.get(name) is None]
    if lacking:
        return f"a row of {table} needs {' and '.join(lacking)}"
    return "a row of limits needs limit, remaining or unlimited" if table == "limits" else "the row names nothing"


def _limit_rows(provider: Provider, doc: Document, limits: list[Row]) -> Iterator[Row]:
    by_source = {row["source"]: row for row in limits if row["source"] in doc["headers"]}
    for number, spec in enumerate(provider.limit_headers):
        names = [name for name in (spec.limit, spec.remaining, spec.reset) if name]
        row = next((by_source.pop(name) for name in names if name in by_source), None)
        for name in names:
            yield _shown("limit header", f"limit_headers[{number}]", name=name, raw=doc["headers"].get(name),
                         value=_known(row), why=_no_limit(spec, name, doc) if row is None else None)  # fmt: skip
    for name, row in by_source.items():
        yield _shown("limit header", "general families", name=name, raw=doc["headers"][name], value=_known(row))


def _no_limit(spec: LimitHeader, name: str, doc: Document) -> str:
    if spec.when is not None and not holds(spec.when, doc):
        return f"when is not true of this answer: {spec.when.text}"
    return "the answer has no header of this name" if name not in doc["headers"] else "no number, or told already"


def _known(row: Row | None) -> Row | None:
    return None if row is None else {name: value for name, value in row.items() if value is not None}


def _shown(part: str, place: str = "", row: int | None = None, **cells: Any) -> Row:
    return dict.fromkeys(COLUMNS) | {"part": part, "place": place, "row": row} | cells
