"""The probes of a provider file: requests, chains, pages."""

from __future__ import annotations

import re
from collections.abc import Collection

from testkey_nb.catalogue import model
from testkey_nb.catalogue.denials import denial_of
from testkey_nb.catalogue.expressions import Expression
from testkey_nb.catalogue.names import wrong_names
from testkey_nb.catalogue.parse_extracts import parse_extract
from testkey_nb.catalogue.parse_keys import constant_headers
from testkey_nb.catalogue.reader import Reader
from testkey_nb.catalogue.sources import source
from testkey_nb.vocabulary import ACTIVE_CLASSES, BINDS, DOCUMENT_NAMES, PAGE_STYLES, PLAN_NAMES, PROBE_KINDS, PROVES

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_NOW = re.compile(r"now([+-]\d+[dhm])?(:(iso|date|epoch|month))?")
# the plain characters of paths and queries, and placeholders between
_PATH = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2}|\{[^{}/]+\})*(\?[^#\s]*)?")
_CLIMBS = re.compile(r"//|/\.{1,2}(/|$)|%(2e|2f|5c|25|0[0-9a-f]|1[0-9a-f]|7f)", re.IGNORECASE)


def parse_probe(table: Reader, metrics: frozenset[str]) -> model.Probe:
    """One of `[[probes]]`."""
    names = table.texts("metrics")
    for name in names:
        if name not in metrics:
            table.wrong(f"{name!r} is not in metrics.toml", "metrics")
    active = table.choice("active", ACTIVE_CLASSES) if table.has("active") else None
    probe = model.Probe(
        id=table.text("id", required=True),
        kind=table.choice("kind", PROBE_KINDS),
        question=table.text("question", required=True),
        metrics=names,
        requests=tuple(_request(request, metrics, active=active is not None) for request in table.tables("requests")),
        active=active,
    )
    table.done()
    return probe


def check_expression(table: Reader, field: str, expression: Expression | None, names: Collection[str]) -> None:
    """Notes the names that the document of this expression does not have."""
    if expression is not None:
        for problem in wrong_names(expression, names):
            table.wrong(problem, field)


def _request(table: Reader, metrics: frozenset[str], *, active: bool) -> model.Request:
    if table.has("get") == table.has("post"):
        table.wrong("give one of get, post", "get")
    method = "POST" if table.has("post") else "GET"
    request = model.Request(
        id=table.text("id", required=True),
        host=table.text("host", default="inference"),
        method=method,
        path=table.text(method.lower(), required=True),
        auth=table.flag("auth", default=True),
        control=table.flag("control"),
        when=table.expression("when"),
        for_each=_for_each(table.table("for_each")) if table.has("for_each") else None,
        pages=_pages(table.table("pages")) if table.has("pages") else None,
        key_check=table.flag("key_check"),
        proves=table.choice("proves", PROVES) if table.has("proves") else None,
        ok=table.expression("ok"),
        body=table.raw("body"),
        tokens=_tokens(table),
        binds=table.choice("binds", BINDS) if table.has("binds") else None,
        headers=constant_headers(table),
        extracts=tuple(parse_extract(extract, metrics) for extract in table.tables("extract")),
        note=table.text("note"),
        **source(table),
    )
    table.done()
    check_expression(table, "when", request.when, PLAN_NAMES)
    check_expression(table, "ok", request.ok, DOCUMENT_NAMES)
    _check_path(table, method, request.path)
    if method == "POST" and not active:
        table.wrong("only a probe of class `active` may post", "post")
    elif (request.body is not None) != (method == "POST"):
        table.wrong("goes with post, and with nothing else", "body")
    return request


def _check_path(table: Reader, method: str, path: str) -> None:
    if path and not path.startswith("/"):
        table.wrong("must begin with '/'", method.lower())
    elif path and (not _PATH.fullmatch(path) or _CLIMBS.search(path.partition("?")[0])):
        table.wrong(f"{path!r} is no plain path: no '//', '..', '#', blanks, or escapes of such", method.lower())
    elif denial := denial_of(method, _PLACEHOLDER.sub("x", path)):
        table.wrong(f"is on the deny list: it {denial.effect} ({denial.product})", method.lower())


def _tokens(table: Reader) -> tuple[int, int]:
    tokens = table.raw("tokens", [0, 0])
    if (
        not isinstance(tokens, list)
        or len(tokens) != 2
        or not all(type(count) is int and 0 <= count <= 100_000 for count in tokens)
    ):
        table.wrong("must be [input tokens, output tokens], each from 0 to 100000", "tokens")
        return (0, 0)
    return (tokens[0], tokens[1])


def _for_each(table: Reader) -> model.ForEach:
    for_each = model.ForEach(
        request=table.text("request", required=True),
        items=table.needed("items"),
        var=table.text("var", default="item"),
        limit=table.whole("limit", low=1, high=1000, default=50),
    )
    table.done()
    return for_each


def _pages(table: Reader) -> model.Pages:
    pages = model.Pages(
        style=table.choice("style", PAGE_STYLES),
        query=table.text("query"),
        next=table.expression("next"),
        more=table.expression("more"),
        size=table.whole("size", low=1, high=10_000, default=0),
        first=table.whole("first", low=0, high=1, default=1),
        limit=table.whole("limit", low=1, high=1000, default=20),
    )
    table.done()
    if pages.style in ("cursor", "token") and not (pages.next and pages.query):
        table.wrong("a cursor or token needs `next` and `query`", "style")
    if pages.style in ("offset", "page") and not (pages.size and pages.query):
        table.wrong("an offset or page needs `size` and `query`", "style")
    return pages


def check_probes(provider: model.Provider, top: Reader) -> None:
    """What only the whole file can tell: ids are unique, hosts and chained requests exist, placeholders are known."""
    roles = {role for region in provider.regions.values() for role in region.hosts} or {"inference"}
    seen: set[str] = set()
    filled: dict[str, set[str]] = {}  # the placeholders that a request's answer was asked with
    for p, probe in enumerate(provider.probes):
        for r, request in enumerate(probe.requests):
            here = f"probes[{p}].requests[{r}]"
            if request.id in seen:
                top.wrong(f"the id {request.id!r} is used twice", f"{here}.id")
            if request.host not in roles:
                top.wrong(f"{request.host!r} is none of {', '.join(sorted(roles))}", f"{here}.host")
            if request.for_each and request.for_each.request not in seen:
                top.wrong(f"{request.for_each.request!r} is no earlier request", f"{here}.for_each.request")
            before = filled.get(request.for_each.request, set()) if request.for_each else set()
            usable = {request.for_each.var, *before} if request.for_each else set()
            filled[request.id] = set(usable)
            usable |= {"model", "model_name"} if probe.active else set()
            for name in _PLACEHOLDER.findall(request.path):
                if name not in usable and not _NOW.fullmatch(name):
                    choices = ", ".join(f"{{{each}}}" for each in [*sorted(usable), "now", "now-7d:date"])
                    top.wrong(f"unknown placeholder {{{name}}}; there is {choices}", f"{here}.{request.method.lower()}")
            seen.add(request.id)
