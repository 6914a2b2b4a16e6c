"""Reads the marks of services: those of a provider file, of a file in data/products/, and those that several share."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from testkey_nb.catalogue import model
from testkey_nb.catalogue.parse_probes import check_expression
from testkey_nb.catalogue.reader import Reader, read_toml
from testkey_nb.errors import ProviderFileError
from testkey_nb.vocabulary import CONFIDENCES, EVIDENCE_GROUPS, LAYERS, VIEW_NAMES

# no single mark may weigh more: 10^6 to 1; more is a slip of the finger
STRONGEST_DB = 60


def parse_product(path: Path, *, others: Container[str] = ()) -> model.Product:
    """The service that this file of data/products/ describes; `others` are ids that it may not have.

    Raises:
        ProviderFileError: naming file, line where it can be found, and field; `problems` holds all that is wrong.
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
        top.wrong(f"is {product.id!r}, the file is named {path.name!r}", "id")
    if product.id in others:
        top.wrong(f"{product.id!r} is a provider, whose marks stand in its own file", "id")
    _raise(top)
    return product


def shared_marks(path: Path) -> tuple[model.Signature, ...]:
    """The marks of no single service, which name theirs in `for`.

    Raises:
        ProviderFileError: naming file, line where it can be found, and field; `problems` holds all that is wrong.
    """
    top = _reader(path)
    marks = parse_marks(top, "marks")
    top.done()
    _raise(top)
    return marks


def claim_marks(service: model.Provider | model.Product, owners: dict[str, str]) -> None:
    """Notes the service's marks in `owners` (mark to file).

    Raises:
        ProviderFileError: another service has a mark of the same id; names both files.
    """
    for mark in service.signatures:
        if (owner := owners.get(mark.id, service.file)) != service.file:
            problem = f"the mark {mark.id!r} stands in {owner}; ids of marks are unique over all files"
            raise ProviderFileError(problem, file=service.file, line=1, field="signatures")
    owners |= {mark.id: service.file for mark in service.signatures}


def parse_marks(top: Reader, table: str) -> tuple[model.Signature, ...]:
    """The marks of a file; those in `signatures` are the file's own service's."""
    own = top.text("id") if table == "signatures" else None
    marks: dict[str, model.Signature] = {}
    for entry in top.tables(table):
        mark = _mark(entry, (own,) if own is not None else entry.texts("for"))
        if mark.id in marks:
            entry.wrong(f"the id {mark.id!r} is used twice", "id")
        marks[mark.id] = mark
    return tuple(marks.values())


def parse_mentions(top: Reader) -> model.Mentions | None:
    """What the service's refusals mention; None where the file does not say."""
    if not top.has("mentions"):
        return None
    table = top.table("mentions")
    db = table.number("db", low=-STRONGEST_DB, high=STRONGEST_DB) if table.has("db") else None
    mentions = model.Mentions(table.texts("words"), db)
    table.done()
    if not mentions.words or not all(word.strip() for word in mentions.words):
        table.wrong("must name at least one word, and no empty one", "words")
    return mentions


def _mark(entry: Reader, services: tuple[str, ...]) -> model.Signature:
    when = entry.expression("when", required=True)
    assert when is not None  # noqa: S101 - required above
    against = entry.table("against")
    mark = model.Signature(
        id=entry.text("id", required=True),
        layer=entry.choice("layer", LAYERS, default="front"),
        group=entry.choice("group", EVIDENCE_GROUPS),
        when=when,
        db=_decibans(entry, "db", required=True),
        services=services,
        others=_decibans(entry, "others"),
        against={name: _decibans(against, name) for name in entry.raw("against", {})},
        named_by=entry.expression("named_by"),
        source=entry.url("source"),
        confidence=entry.choice("confidence", CONFIDENCES) if entry.has("confidence") else None,
        text=entry.text("text"),
    )
    entry.done()
    if mark.layer == "transport" and (mark.db or mark.others or mark.against):
        entry.wrong("what carries an answer is no evidence: a mark of the layer transport weighs 0", "db")
    if mark.named_by is not None and mark.layer != "upstream":
        entry.wrong("only a mark of the layer upstream takes a name from the answer", "named_by")
    check_expression(entry, "when", mark.when, VIEW_NAMES)
    check_expression(entry, "named_by", mark.named_by, VIEW_NAMES)
    return mark


def _decibans(table: Reader, field: str, *, required: bool = False) -> float:
    return float(table.number(field, low=-STRONGEST_DB, high=STRONGEST_DB, required=required))


def _reader(path: Path) -> Reader:
    table, text = read_toml(path, ProviderFileError)
    return Reader(table, file=path.name, text=text)


def _raise(top: Reader) -> None:
    if top.problems:
        raise ProviderFileError.of(top.problems)
