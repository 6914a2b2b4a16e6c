"""Turns one provider file into a `Provider`; every wrong value is named with file, line, field and what is right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from testkey_nb.catalogue import model
from testkey_nb.catalogue.error_rules import error_rule
from testkey_nb.catalogue.names import wrong_headers
from testkey_nb.catalogue.parse_extracts import is_scope, is_window, parse_extract
from testkey_nb.catalogue.parse_hosts import currency, parse_regions
from testkey_nb.catalogue.parse_keys import parse_key
from testkey_nb.catalogue.parse_probes import check_expression, check_probes, parse_probe
from testkey_nb.catalogue.products import parse_marks, parse_mentions
from testkey_nb.catalogue.reader import Reader, read_toml
from testkey_nb.catalogue.sources import source as _source
from testkey_nb.errors import ProviderFileError
from testkey_nb.vocabulary import (
    BINDS,
    CONFIDENCES,
    CURRENCY,
    DOCUMENT_NAMES,
    HIDDEN_FACTS,
    LIMIT_KINDS,
    PROVIDER_KINDS,
    RESET_READINGS,
    ROUTES,
    SCOPES,
    UNITS,
    WINDOWS,
)


def parse_provider(path: Path, *, metrics: frozenset[str], today: date | None = None) -> model.Provider:
    """Gives the provider that the file describes.

    Args:
        path: the file, named after the provider's id.
        metrics: the names of metrics.toml.
        today: the day after which nothing can have been checked; by default the clock's.

    Raises:
        ProviderFileError: naming file, line where it can be found, and field; `problems` holds all that is wrong.
    """
    table, text = read_toml(path, ProviderFileError)
    top = Reader(table, file=path.name, text=text)
    try:
        provider = _provider(top, path, metrics)
        _check_whole(provider, top, today or datetime.now(UTC).date())
    except ProviderFileError as problem:
        top.problems += problem.problems
    except (TypeError, ValueError, KeyError, AttributeError, IndexError, RecursionError) as problem:
        # a check that is missing here must not take the other providers down
        top.wrong(f"cannot be read ({type(problem).__name__}: {problem})", "id")
    if top.problems:
        raise ProviderFileError.of(top.problems)
    return provider


def _provider(top: Reader, path: Path, metrics: frozenset[str]) -> model.Provider:
    regions, default_region = parse_regions(top)
    provider = model.Provider(
        id=top.like("id", "[a-z0-9][a-z0-9.-]*", "id: lower-case letters, digits, '.' and '-'", required=True),
        name=top.text("name", required=True),
        route=top.choice("route", ROUTES),
        kind=top.choice("kind", PROVIDER_KINDS),
        docs=top.url("docs"),
        checked=top.day("checked"),
        confidence=top.choice("confidence", CONFIDENCES, default="documented"),
        key=parse_key(top, regions=regions),
        regions=regions,
        default_region=default_region,
        file=path.name,
        aliases=top.texts("aliases"),
        env=top.texts("env"),
        base_path=top.like("base_path", r"(/[A-Za-z0-9._~-]+)+", "path such as '/v1', without a slash at its end"),
        covered_models=top.texts("covered_models"),
        probes=tuple(parse_probe(table, metrics) for table in top.tables("probes")),
        limits=_limits(top.table("limits")) if top.has("limits") else None,
        limit_headers=tuple(_limit_header(table) for table in top.tables("limit_headers")),
        errors=tuple(error_rule(table, {}, **_source(table)) for table in top.tables("errors")),
        signatures=parse_marks(top, "signatures"),
        mentions=parse_mentions(top),
        outranks=top.texts("outranks"),
        always=tuple(parse_extract(table, metrics, sourced=True) for table in top.tables("always")),
        not_exposed=tuple(_not_exposed(table) for table in top.tables("not_exposed")),
        genai_prices=top.maybe("genai_prices"),
        currency=currency(top),
        no_key=top.flag("no_key"),
        key_first=top.url("key_first") if top.has("key_first") else None,
        note=top.text("note"),
    )
    top.done()
    return provider


def _check_whole(provider: model.Provider, top: Reader, today: date) -> None:
    if provider.id and provider.id != Path(provider.file).stem:
        top.wrong(f"is {provider.id!r}, the file is named {provider.file!r}", "id")
    # it may be tomorrow already where the file was written
    if provider.checked > today + timedelta(days=1):
        top.wrong(f"{provider.checked} is still to come; give the day of the last look at the documents", "checked")
    for number, name in enumerate(provider.env):
        if not re.fullmatch("[A-Z0-9_]+", name):
            top.wrong(f"{name!r} is no environment variable in capitals", f"env[{number}]")
    for part, ids in (
        ("probes", [probe.id for probe in provider.probes]),
        ("errors", [rule.id for rule in provider.errors]),
        ("signatures", [signature.id for signature in provider.signatures]),
    ):
        for number in _repeated(ids):
            top.wrong(f"the id {ids[number]!r} is used twice", f"{part}[{number}].id")
    check_probes(provider, top)


def _repeated(ids: Sequence[str]) -> Iterable[int]:
    return (number for number, name in enumerate(ids) if name and name in ids[:number])


def _limits(table: Reader) -> model.Limits:
    limits = model.Limits(binds=table.choice("binds", BINDS), **_source(table))
    table.done()
    return limits


def _limit_header(table: Reader) -> model.LimitHeader:
    header = model.LimitHeader(
        kind=table.choice("kind", LIMIT_KINDS),
        window=table.text("window", required=True),
        limit=table.maybe("limit"),
        remaining=table.maybe("remaining"),
        reset=table.maybe("reset"),
        reset_as=table.choice("reset_as", RESET_READINGS, default="auto"),
        unit=table.maybe("unit"),
        scope=table.text("scope", default="key"),
        binds=table.choice("binds", BINDS) if table.has("binds") else None,
        when=table.expression("when"),
        **_source(table),
    )
    table.done()
    if header.window and not is_window(header.window):
        table.wrong(f"{header.window!r} is none of {', '.join(WINDOWS)}, and no duration such as PT5M", "window")
    if not is_scope(header.scope):
        table.wrong(f"{header.scope!r} is none of {', '.join(SCOPES)}, project:<id>, group:<name>", "scope")
    if header.unit and header.unit not in UNITS and not CURRENCY.fullmatch(header.unit):
        table.wrong(f"{header.unit!r} is none of {', '.join(UNITS)}, and no currency", "unit")
    if not (header.limit or header.remaining or header.reset):
        table.wrong("names no header: give limit, remaining or reset")
    for field in ("limit", "remaining", "reset"):
        for problem in wrong_headers([name] if (name := getattr(header, field)) else []):
            table.wrong(problem, field)
    check_expression(table, "when", header.when, DOCUMENT_NAMES)
    return header


def _not_exposed(table: Reader) -> model.NotExposed:
    fact = model.NotExposed(fact=table.choice("fact", HIDDEN_FACTS), **_source(table))
    table.done()
    return fact
