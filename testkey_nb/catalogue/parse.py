"""Turns one provider file into a `Provider`; the first thing that is wrong is an error naming file, line and field."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from testkey_nb.catalogue import model
from testkey_nb.catalogue.products import parse_marks, parse_mentions
from testkey_nb.catalogue.reader import Reader, read_toml
from testkey_nb.errors import ProviderFileError
from testkey_nb.vocabulary import (
    ACTIVE_CLASSES,
    CAUSE_CODES,
    CONDITIONS,
    CONFIDENCES,
    EXTRACT_COLUMNS,
    HIDDEN_FACTS,
    KEY_KINDS,
    MOVE_CODES,
    PROBE_KINDS,
    PROVES,
    PROVIDER_KINDS,
    ROUTES,
)

TIMES = ("iso", "epoch", "epoch_ms", "duration", "http", "auto")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_NOW = re.compile(r"now([+-]\d+[dhm])?(:(iso|date|epoch|month))?$")


def parse_provider(path: Path, *, metrics: frozenset[str]) -> model.Provider:
    """The provider that the file describes.

    Raises:
        ProviderFileError: naming file, line where it can be found, and field.
    """
    table, text = read_toml(path, ProviderFileError)
    top = Reader(table, file=path.name, text=text)
    regions, default_region = _regions(top)
    provider = model.Provider(
        id=top.text("id", required=True),
        name=top.text("name", required=True),
        route=top.choice("route", ROUTES),
        kind=top.choice("kind", PROVIDER_KINDS),
        docs=top.text("docs", required=True),
        checked=top.day("checked"),
        confidence=top.choice("confidence", CONFIDENCES, default="documented"),
        key=_key(top),
        regions=regions,
        default_region=default_region,
        file=path.name,
        aliases=top.texts("aliases"),
        env=top.texts("env"),
        base_path=top.text("base_path"),
        covered_models=top.texts("covered_models"),
        probes=tuple(_probe(one, metrics) for one in top.tables("probes")),
        limit_headers=tuple(_limit_header(one) for one in top.tables("limit_headers")),
        errors=tuple(_error(one) for one in top.tables("errors")),
        signatures=parse_marks(top, "signatures"),
        mentions=parse_mentions(top),
        outranks=top.texts("outranks"),
        always=tuple(_extract(one, sourced=True) for one in top.tables("always")),
        not_exposed=tuple(_not_exposed(one) for one in top.tables("not_exposed")),
        genai_prices=top.maybe("genai_prices"),
        currency=top.maybe("currency"),
        ports=tuple(int(port) for port in top.raw("ports", [])),
        no_key=top.flag("no_key"),
        note=top.text("note"),
    )
    top.done()
    if provider.id != path.stem:
        raise top.fail(f"is {provider.id!r}, the file is named {path.name!r}", "id")
    _check_requests(provider, top)
    return provider


def _regions(top: Reader) -> tuple[dict[str, model.Region], str | None]:
    if top.has("hosts") == top.has("regions"):
        if not top.has("hosts"):
            top.raw("default_region")
            return {}, None
        raise top.fail("give either [hosts] or [regions.<name>.hosts]", "hosts")
    if top.has("hosts"):
        hosts = _hosts(top, top.words("hosts"))
        return {"default": model.Region("default", hosts, top.maybe("currency"))}, "default"
    regions = {}
    for name, table in top.named_tables("regions"):
        regions[name] = model.Region(name, _hosts(table, table.words("hosts")), table.maybe("currency"))
        table.done()
    default = top.maybe("default_region")
    if default is not None and default not in regions:
        raise top.fail(f"{default!r} is none of {', '.join(regions)}", "default_region")
    return regions, default


def _hosts(reader: Reader, hosts: dict[str, str]) -> dict[str, str]:
    for role, origin in hosts.items():
        parts = urlsplit(origin)
        if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or origin.endswith("/"):
            raise reader.fail(f"{origin!r} is no https origin without a slash at its end", f"hosts.{role}")
    return hosts


def _key(top: Reader) -> model.KeySpec:
    key = top.table("key", required=not top.raw("no_key"))
    patterns = []
    for one in key.tables("patterns"):
        pattern = model.KeyPattern(
            regex=one.regex("regex"),
            exclusive=one.flag("exclusive"),
            key_kind=one.choice("key_kind", KEY_KINDS) if one.has("key_kind") else None,
            auth=one.text("auth", default="default"),
            issuer=one.regex("issuer") if one.has("issuer") else None,
            region=one.maybe("region"),
            refuse=one.maybe("refuse"),
            decode=_decode(one.table("decode")) if one.has("decode") else None,
            **_source(one),
        )
        one.done()
        patterns.append(pattern)
    auths = {"default": _auth(key.table("auth"))} if key.has("auth") else {}
    auths |= {name: _auth(table) for name, table in key.named_tables("auths")}
    key.done()
    for number, pattern in enumerate(patterns):
        if pattern.auth not in auths:
            raise key.fail(f"names the auth {pattern.auth!r}, which is not declared", f"patterns[{number}]")
    return model.KeySpec(tuple(patterns), auths)


def _decode(table: Reader) -> model.Decode:
    words: dict[str, tuple[str, int | None]] = {}
    for word in ("issued", "lifetime", "region"):
        if table.has(word):
            name, _, part = table.text(word).partition(":")
            if not name or (part and not part.isdecimal()):
                raise table.fail("must be a query parameter, or one with the number of a part: 'X-Name:2'", word)
            words[word] = (name, int(part) if part else None)
    decode = model.Decode(strip=table.text("strip", required=True), **words)
    table.done()
    return decode


def _auth(table: Reader) -> model.Auth:
    auth = model.Auth(
        header=table.text("header", required=True), scheme=table.maybe("scheme"), headers=table.words("headers")
    )
    table.done()
    return auth


def _source(one: Reader) -> dict[str, Any]:
    return {
        "source": one.text("source", required=True),
        "confidence": one.choice("confidence", CONFIDENCES, default="documented"),
    }


def _probe(one: Reader, metrics: frozenset[str]) -> model.Probe:
    names = one.texts("metrics")
    for name in names:
        if name not in metrics:
            raise one.fail(f"{name!r} is not in metrics.toml", "metrics")
    active = one.choice("active", ACTIVE_CLASSES) if one.has("active") else None
    probe = model.Probe(
        id=one.text("id", required=True),
        kind=one.choice("kind", PROBE_KINDS),
        question=one.text("question", required=True),
        metrics=names,
        requests=tuple(_request(request, active=active is not None) for request in one.tables("requests")),
        active=active,
    )
    one.done()
    return probe


def _request(one: Reader, *, active: bool) -> model.Request:
    if one.has("post") and not active:
        raise one.fail("only a probe of class `active` may post", "post")
    if one.has("get") == one.has("post"):
        raise one.fail("give one of get, post", "get")
    method = "POST" if one.has("post") else "GET"
    tokens = one.raw("tokens", [0, 0])
    if not isinstance(tokens, list) or len(tokens) != 2 or not all(isinstance(each, int) for each in tokens):
        raise one.fail("must be [input tokens, output tokens]", "tokens")
    request = model.Request(
        id=one.text("id", required=True),
        host=one.text("host", default="inference"),
        method=method,
        path=one.text(method.lower(), required=True),
        auth=one.flag("auth", default=True),
        control=one.flag("control"),
        when=one.expression("when"),
        for_each=_for_each(one),
        pages=_pages(one),
        key_check=one.flag("key_check"),
        proves=one.choice("proves", PROVES) if one.has("proves") else None,
        ok=one.expression("ok"),
        body=one.raw("body"),
        tokens=(tokens[0], tokens[1]),
        headers=one.words("headers"),
        extracts=tuple(_extract(extract) for extract in one.tables("extract")),
        note=one.text("note"),
        **_source(one),
    )
    if not request.path.startswith("/"):
        raise one.fail("must begin with '/'", method.lower())
    if (request.body is not None) != (method == "POST"):
        raise one.fail("goes with post, and with nothing else", "body")
    one.done()
    return request


def _for_each(one: Reader) -> model.ForEach | None:
    if not one.has("for_each"):
        return None
    table = one.table("for_each")
    items = table.expression("items", required=True)
    assert items is not None  # noqa: S101 - required above
    for_each = model.ForEach(
        request=table.text("request", required=True),
        items=items,
        var=table.text("var", default="item"),
        limit=int(table.number("limit", default=50)),
    )
    table.done()
    return for_each


def _pages(one: Reader) -> model.Pages | None:
    if not one.has("pages"):
        return None
    table = one.table("pages")
    pages = model.Pages(
        style=table.choice("style", ("cursor", "token", "offset", "page", "link")),
        query=table.text("query"),
        next=table.expression("next"),
        more=table.expression("more"),
        size=int(table.number("size")),
        first=int(table.number("first", default=1)),
        limit=int(table.number("limit", default=20)),
    )
    table.done()
    if pages.style in ("cursor", "token") and not (pages.next and pages.query):
        raise table.fail("a cursor or token needs `next` and `query`")
    if pages.style in ("offset", "page") and not (pages.size and pages.query):
        raise table.fail("an offset or page needs `size` and `query`")
    return pages


def _extract(one: Reader, *, sourced: bool = False) -> model.Extract:
    name = one.choice("table", EXTRACT_COLUMNS)
    rows = one.expression("rows", required=True)
    assert rows is not None  # noqa: S101 - required above
    mine = None
    if one.has("mine"):
        table = one.table("mine")
        field = table.expression("field", required=True)
        assert field is not None  # noqa: S101 - required above
        mine = (field, table.choice("shown", ("prefix", "suffix", "hint", "equals")))
        table.done()
    if sourced:
        _source(one)
    columns = one.table("fields", required=True)
    fields = {}
    for column in one.raw("fields"):
        if column not in EXTRACT_COLUMNS[name]:
            raise columns.fail(
                f"the table {name} has no such column; it has {', '.join(EXTRACT_COLUMNS[name])}", column
            )
        fields[column] = _field(columns, column)
    extract = model.Extract(
        table=name, rows=rows, fields=fields, each=one.expression("each"), where=one.expression("where"), mine=mine
    )
    one.done()
    return extract


def _field(columns: Reader, name: str) -> model.FieldSpec:
    if not isinstance(columns.raw(name), dict):
        return model.FieldSpec(get=columns.compile(columns.text(name, required=True), name))
    table = columns.table(name)
    scale = None
    if table.has("scale"):
        try:
            scale = Decimal(table.text("scale"))
        except InvalidOperation:
            raise table.fail("must be a decimal number in quotes", "scale") from None
    spec = model.FieldSpec(
        get=table.compile(table.text("get", required=True), "get"),
        scale=scale,
        time=table.choice("time", TIMES) if table.has("time") else None,
        map=table.words("map"),
        strict=table.flag("strict"),
    )
    table.done()
    return spec


def _limit_header(one: Reader) -> model.LimitHeader:
    header = model.LimitHeader(
        kind=one.text("kind", required=True),
        window=one.text("window", required=True),
        limit=one.maybe("limit"),
        remaining=one.maybe("remaining"),
        reset=one.maybe("reset"),
        reset_as=one.choice("reset_as", ("duration", "seconds", "epoch", "epoch_ms", "iso", "auto"), default="auto"),
        unit=one.maybe("unit"),
        scope=one.text("scope", default="key"),
        when=one.expression("when"),
        **_source(one),
    )
    one.done()
    if not (header.limit or header.remaining or header.reset):
        raise one.fail("names no header: give limit, remaining or reset")
    return header


def _error(one: Reader) -> model.ErrorRule:
    when = one.expression("when", required=True)
    assert when is not None  # noqa: S101 - required above
    key_valid = one.raw("key_valid")
    if key_valid not in (None, True, False):
        raise one.fail("must be true or false; leave it out where the answer does not tell", "key_valid")
    rule = model.ErrorRule(
        id=one.text("id", required=True),
        when=when,
        condition=one.choice("condition", CONDITIONS),
        key_valid=key_valid,
        cause=one.maybe("cause"),
        cause_code=one.choice("cause_code", CAUSE_CODES) if one.has("cause_code") else None,
        move=one.maybe("move"),
        move_code=one.choice("move_code", MOVE_CODES) if one.has("move_code") else None,
        **_source(one),
    )
    one.done()
    return rule


def _not_exposed(one: Reader) -> model.NotExposed:
    fact = model.NotExposed(fact=one.choice("fact", HIDDEN_FACTS), **_source(one))
    one.done()
    return fact


def _check_requests(provider: model.Provider, top: Reader) -> None:
    """What only the whole file can tell: ids are unique, hosts and chained requests exist, placeholders are known."""
    roles = {role for region in provider.regions.values() for role in region.hosts} or {"inference"}
    seen: set[str] = set()
    filled: dict[str, set[str]] = {}  # the placeholders that a request's answer was asked with
    for p, probe in enumerate(provider.probes):
        for r, request in enumerate(probe.requests):
            here = f"probes[{p}].requests[{r}]"
            if request.id in seen:
                raise top.fail(f"the id {request.id!r} is used twice", f"{here}.id")
            if request.host not in roles:
                raise top.fail(f"{request.host!r} is none of {', '.join(sorted(roles))}", f"{here}.host")
            if request.for_each and request.for_each.request not in seen:
                raise top.fail(f"{request.for_each.request!r} is no earlier request", f"{here}.for_each")
            known = {request.for_each.var, *filled[request.for_each.request]} if request.for_each else set()
            filled[request.id] = set(known)
            known |= {"model", "model_name"} if probe.active else set()
            for name in _PLACEHOLDER.findall(request.path):
                if name not in known and not _NOW.match(name):
                    raise top.fail(f"unknown placeholder {{{name}}}", f"{here}.{request.method.lower()}")
            seen.add(request.id)
