"""Reads the marks of services: those of a provider file, of a file in data/products/, and those that several share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from testkey_nb.catalogue import model
from testkey_nb.catalogue.reader import Reader, read_toml
from testkey_nb.errors import ProviderFileError
from testkey_nb.vocabulary import CONFIDENCES, EVIDENCE_GROUPS, LAYERS

# No single mark may weigh more: 10^6 to 1.
_MOST_DB = 60


def parse_product(path: Path) -> model.Product:
    """The service that this file of data/products/ describes.

    Raises:
        ProviderFileError: naming file, line where it can be found, and field.
    """
    top = _reader(path)
    product = model.Product(
        id=top.text("id", required=True),
        name=top.text("name", required=True),
        file=path.name,
        aliases=top.texts("aliases"),
        hosted=top.flag("hosted", default=True),
        outranks=top.texts("outranks"),
        signatures=parse_marks(top, "signatures"),
        mentions=parse_mentions(top),
    )
    top.done()
    if product.id != path.stem:
        raise top.fail(f"is {product.id!r}, the file is named {path.name!r}", "id")
    return product


def shared_marks(path: Path) -> tuple[model.Signature, ...]:
    """The marks of no single service, which name theirs in `for`.

    Raises:
        ProviderFileError: naming file, line where it can be found, and field.
    """
    top = _reader(path)
    marks = parse_marks(top, "marks")
    top.done()
    return marks


def foreign_mark(service: model.Provider | model.Product, owners: dict[str, str]) -> ProviderFileError | None:
    """An error naming both files where another service has a mark of the same id; else its marks join `owners`."""
    for mark in service.signatures:
        if (owner := owners.get(mark.id, service.file)) != service.file:
            problem = f"the mark {mark.id!r} stands in {owner}; ids of marks are unique over all files"
            return ProviderFileError(problem, file=service.file, field="signatures")
    owners |= {mark.id: service.file for mark in service.signatures}
    return None


def parse_marks(top: Reader, table: str) -> tuple[model.Signature, ...]:
    """The marks of a file; those in `signatures` are the file's own service's."""
    own = top.text("id") if table == "signatures" else None
    marks: dict[str, model.Signature] = {}
    for one in top.tables(table):
        mark = _mark(one, (own,) if own is not None else one.texts("for"))
        if mark.id in marks:
            raise one.fail(f"the id {mark.id!r} is used twice", "id")
        marks[mark.id] = mark
    return tuple(marks.values())


def parse_mentions(top: Reader) -> model.Mentions | None:
    """What the service's refusals mention; None where the file does not say."""
    if not top.has("mentions"):
        return None
    table = top.table("mentions")
    db = _decibans(table, "db", table.number("db")) if table.has("db") else None
    mentions = model.Mentions(table.texts("words", required=True), db)
    table.done()
    if not mentions.words or not all(word.strip() for word in mentions.words):
        raise table.fail("must name at least one word, and no empty one", "words")
    return mentions


def _mark(one: Reader, services: tuple[str, ...]) -> model.Signature:
    when = one.expression("when", required=True)
    assert when is not None  # noqa: S101 - required above
    against = one.raw("against", {})
    if not isinstance(against, dict):
        raise one.fail("must be a table of decibans by service", "against")
    mark = model.Signature(
        id=one.text("id", required=True),
        layer=one.choice("layer", LAYERS, default="front"),
        group=one.choice("group", EVIDENCE_GROUPS),
        when=when,
        db=_decibans(one, "db", one.number("db", required=True)),
        services=services,
        others=_decibans(one, "others", one.number("others")),
        against={name: _decibans(one, f"against.{name}", db) for name, db in against.items()},
        named_by=one.expression("named_by"),
        source=one.text("source", required=True),
        confidence=one.choice("confidence", CONFIDENCES) if one.has("confidence") else None,
        text=one.text("text"),
    )
    one.done()
    if mark.layer == "transport" and (mark.db or mark.others or mark.against):
        raise one.fail("what carries an answer is no evidence: a mark of the layer transport weighs 0", "db")
    if mark.named_by is not None and mark.layer != "upstream":
        raise one.fail("only a mark of the layer upstream takes a name from the answer", "named_by")
    return mark


def _decibans(one: Reader, field: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise one.fail("must be a number of decibans", field)
    if abs(value) > _MOST_DB:
        raise one.fail(f"{value:g} decibans are out of range; {_MOST_DB} at most", field)
    return float(value)


def _reader(path: Path) -> Reader:
    table, text = read_toml(path, ProviderFileError)
    return Reader(table, file=path.name, text=text)
