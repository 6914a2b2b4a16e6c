"""Which declared request reads an answer, and in which shape: its path tells, and the body confirms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from testkey_nb.answers.documents import Document, holds
from testkey_nb.answers.extraction import candidates, is_success
from testkey_nb.answers.routes import BEHIND_ANY_PREFIX, SAME, Route, continues_another, declared_request, routes
from testkey_nb.answers.shapes import is_projection, names_in, shapes
from testkey_nb.catalogue.expressions import Expression, compiled
from testkey_nb.catalogue.model import Extract, Provider, Request
from testkey_nb.catalogue.parse_extracts import parse_extract
from testkey_nb.catalogue.reader import Reader, read_toml
from testkey_nb.errors import ProviderFileError

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue

_SAMPLE = 3  # rows that are looked at to see whether a request reads a body
_BESIDE = {"identity", "limits", "metrics"}
_OF_A_MODEL = ("models", "prices")


@dataclass(frozen=True, slots=True)
class Words:
    """What data/reading/routes.toml says."""

    version: str
    wrappers: tuple[str, ...]
    common: frozenset[str]
    model: frozenset[str]
    nothing: Expression
    general: Request


@dataclass(frozen=True, slots=True)
class Match:
    """The request that reads an answer (None: none does), and the answer in the shape that it reads.

    Attributes:
        is_one_model: a request for a list reads it, and it is one item: it says nothing of the others.
        is_final: other shapes were looked at, or need not be.
    """

    request: Request | None
    document: Document
    is_one_model: bool = False
    is_final: bool = True

    def may_be_otherwise(self, tables: Mapping[str, Any]) -> bool:
        """Is the shape not settled, and are there no rows of what the request is for?

        Rows of identity and limits, and counts, may come of any answer.
        """
        if self.is_final:
            return False
        tables_of_request = {part.table for part in self.request.extracts} if self.request is not None else set()
        wanted = tables_of_request - _BESIDE or tables_of_request
        return bool(wanted) and is_success(self.document) and not any(tables.get(table) for table in wanted)


@dataclass(frozen=True, slots=True)
class Fit:
    """What a request reads of a body.

    Attributes:
        names: names of the body that gave a cell.
        ids: ids of the models that it read.
        claims: (table, column, cell) of what it says of a row and no name of the row tells, such as a scope.
        is_model: every row of models says that it is one; None where none says what it is.
    """

    names: frozenset[str] = frozenset()
    ids: tuple[str, ...] = ()
    claims: frozenset[tuple[str, str, Any]] = frozenset()
    is_model: bool | None = None

    def contradicts(self, other: Fit) -> bool:
        """Do the two say different things of rows of one table, of which the body tells neither?"""
        shared = {table for table, _, _ in self.claims} & {table for table, _, _ in other.claims}
        return any(claim[0] in shared for claim in self.claims ^ other.claims)

    def is_telling(self, common: frozenset[str]) -> bool:
        """Are the names that it reads more than those that anything may have?"""
        return self.is_model is not False and bool(self.is_model or self.names - common)


def matched(
    provider: Provider | None, path: str | None, doc: Document, *, catalogue: Catalogue, request: Request | None = None
) -> Match:
    """Which request reads this answer, and how.

    1. The declared path decides, whatever the body. A body that gives no row is also tried in other wrappings.
    2. Where the path is an alias (another version, a prefix in front, an id behind), the nearest route whose
       expressions read names of the body that not everything has.
    3. Else, of all requests, the one that reads most names of the body; none where another that reads it says what the
       body does not tell, or reads as many names and makes something else of them.
    4. Else, and where the service is not known, what says of itself that it is a model.
    """
    words = catalogue.once(_words)
    declared = request or (declared_request(provider, doc["method"], path) if provider is not None else None)
    if declared is not None:
        return _shaped(provider, Route(declared, SAME), doc, words) or Match(declared, doc)
    if not is_success(doc) or not isinstance(doc["body"], Mapping | list) or words.nothing(doc["body"]):
        return Match(None, doc)
    match = _by_path(provider, path, doc, words) if provider is not None else None
    if match is None and doc["method"] in (None, "GET"):
        if provider is not None and not continues_another(provider, path, version=words.version):
            match = _by_body(provider, doc, words)
        match = match or _shaped(provider, Route(words.general, BEHIND_ANY_PREFIX), doc, words)
    return match or Match(None, doc)


def limits_declarer(doc: Document, *, catalogue: Catalogue) -> Provider | None:
    """The only provider whose file declares this path for limits and reads them from this body, or None.

    It reads the rows of an unknown service that answers alike, and does not name it.
    """
    if doc["path"] is None or not is_success(doc):
        return None
    words = catalogue.once(_words)
    declared = ((each, declared_request(each, doc["method"], doc["path"])) for each in catalogue.providers.values())
    owners = [
        provider
        for provider, request in declared
        if request is not None
        and any(part.table == "limits" for part in request.extracts)
        and _fit(provider, request, doc, words).is_telling(words.common)
    ]
    return owners[0] if len(owners) == 1 else None


def _by_path(provider: Provider, path: str | None, doc: Document, words: Words) -> Match | None:
    for route in routes(provider, doc["method"], path, version=words.version):
        narrowed = replace(route, request=_of_one_model(route.request)) if route.model is not None else route
        match = _shaped(provider, narrowed, doc, words)
        if match is not None:
            return match
    return None


def _of_one_model(request: Request) -> Request:
    """The request with only what it reads of each model: what it reads of the list is not true of one."""
    return replace(request, extracts=tuple(part for part in request.extracts if _is_per_model(part)))


def _is_per_model(part: Extract) -> bool:
    spec = part.fields.get("model_id")
    return spec is not None and (part.table in _OF_A_MODEL or bool(names_in(spec.get)))


def _shaped(provider: Provider | None, route: Route, doc: Document, words: Words) -> Match | None:
    """The first shape of the answer that the route's request reads; None where it reads none."""
    if not is_success(doc):
        return None
    for match in _matches(route.request, doc, words):
        fit = _fit(provider, route.request, match.document, words)
        if _is_trusted(route, fit, match, is_plain=match.document is doc, words=words):
            return replace(match, is_one_model=match.is_one_model or route.model is not None)
    return None


def _is_trusted(route: Route, fit: Fit, match: Match, *, is_plain: bool, words: Words) -> bool:
    if not fit.names:
        return False
    if route.distance == SAME and route.model is None and (is_plain or (bool(fit.ids) and not match.is_one_model)):
        return True
    if route.model is not None and fit.ids and fit.is_model is not False:
        names = {fit.ids[0], fit.ids[0].rpartition("/")[2]}
        if len(fit.ids) == 1 and any(f"/{name}/" in f"/{route.model}/" for name in names):
            return True
    return fit.is_telling(words.common)


def _by_body(provider: Provider, doc: Document, words: Words) -> Match | None:
    fits: list[tuple[Fit, Match]] = []
    for probe in provider.read_only_probes:
        for request in probe.requests:
            for match in _matches(request, doc, words):
                fit = _fit(provider, request, match.document, words)
                if fit.is_telling(words.common):
                    fits.append((fit, match))
                    break
    if not fits:
        return None
    best, match = max(fits, key=lambda pair: len(pair[0].names))
    reading = _sample(provider, match)
    for fit, other in fits:
        as_much = len(fit.names) == len(best.names) and _sample(provider, other) != reading
        if as_much or fit.contradicts(best):
            return None
    return match


def _matches(request: Request, doc: Document, words: Words) -> Iterator[Match]:
    yield Match(request, doc)
    for body, is_item in shapes(request, doc["body"], wrappers=words.wrappers):
        yield Match(request, cast(Document, {**doc, "body": body}), is_item)


def _fit(provider: Provider | None, request: Request, doc: Document, words: Words) -> Fit:
    if request.ok is not None and not holds(request.ok, doc):
        return Fit()
    names: set[str] = set()
    ids: list[str] = []
    kinds: set[bool] = set()
    claims: set[tuple[str, str, Any]] = set()
    for part in request.extracts:
        if part.table == "metrics":
            continue  # counts of a list, mostly: anything can be counted
        if part.table not in _OF_A_MODEL and isinstance(part.rows(doc["body"]), list) and not is_projection(part.rows):
            return Fit()  # what is read of one key is not read of each key in a list
        for scope, row in candidates(provider, request, part, doc, most=_SAMPLE):
            own = _own_names(scope)
            claims.add((part.table, "", None))
            for column, spec in part.fields.items():
                if row.get(column) is not None:
                    names |= (read := names_in(spec.get) & own)
                    claims |= set() if read else {(part.table, column, row[column])}
            if part.table == "models":
                ids.append(row["model_id"])
                if isinstance(kind := _of(scope["_"], "object"), str):
                    kinds.add(kind in words.model)
    return Fit(frozenset(names), tuple(ids), frozenset(claims), all(kinds) if kinds else None)


def _own_names(scope: Mapping[str, Any]) -> set[str]:
    things = (scope["_"], scope["_each"])
    return {
        name for thing in things if isinstance(thing, Mapping) for name, value in thing.items() if value is not None
    }


def _of(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else None


def _sample(provider: Provider, match: Match) -> list[tuple[str, Any]]:
    request = match.request
    return [
        (part.table, row)
        for part in (request.extracts if request is not None else ())
        for _, row in candidates(provider, request, part, match.document, most=_SAMPLE)
    ]


def _words(catalogue: Catalogue) -> Words:
    table, text = read_toml(catalogue.path_of("routes"))
    top = Reader(table, file="routes.toml", text=text)
    general = parse_extract(top.table("general", required=True), ())
    if top.problems:
        raise ProviderFileError.of(top.problems)
    return Words(
        version=table["version"],
        wrappers=tuple(table["wrappers"]),
        common=frozenset([*table["common"], *table["wrappers"]]),
        model=frozenset(table["model"]),
        nothing=compiled(table["nothing"]),
        general=Request("general", "", "GET", "", extracts=(general,)),
    )
