"""What each provider's file declares of its answers, with how much each name tells of whose answer it is.

A name that few files declare tells much, one that many declare tells nothing. The numbers are those of `[derived]` in
data/identify.toml; nothing here is written by hand for one provider.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from testkey_nb.catalogue.error_rules import general_rules
from testkey_nb.catalogue.expressions import regex_of
from testkey_nb.identity.deriving import Deriving, read_deriving
from testkey_nb.identity.places import Path, places_of

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue
    from testkey_nb.catalogue.model import ErrorFields, Provider

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[\u4e00-\u9fff]+")
_LISTS = frozenset({"models", "prices"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One name that a file declares.

    Attributes:
        where: the request or error rule that declares it; for a header, the empty text.
        place: what counts once, however it is spelled in the answer.
        base: of a path, the part that a base URL may carry in front.
    """

    provider: str
    file: str
    where: str
    group: str
    place: str
    db: float
    base: str = ""


Index = Mapping[str, tuple[Entry, ...]]


@dataclass(frozen=True, slots=True)
class Declared:
    """Names that few files declare, each with the entries of those files.

    Attributes:
        sayings: the wordings of all error rules as they are searched for; how few say it shows in the answer.
        common: the examples of the general error rules, lower-case: what stands there is nobody's own.
    """

    fields: Index
    headers: Index
    paths: Index
    codes: Index
    sayings: tuple[tuple[re.Pattern[str], Entry], ...]
    common: str
    deriving: Deriving


def declared_by(catalogue: Catalogue) -> Declared:
    """The names of all files of this catalogue that tell of a provider."""
    deriving = read_deriving(catalogue.rules("identify"))
    providers = list(catalogue.providers.values())
    general = general_rules(catalogue.path_of("errors"))
    common = "\n".join(text for rule in general for text in _examples(rule)).lower()
    imitated = frozenset(deriving.imitated)
    built_on = {provider.id: frozenset(provider.outranks) for provider in providers}

    def rare(pairs: Iterator[tuple[str, Entry]]) -> Index:
        entries: dict[str, dict[tuple[str, str, str], Entry]] = defaultdict(dict)
        for name, entry in pairs:
            entries[name].setdefault((entry.provider, entry.where, entry.place), entry)
        index = {}
        for name, declaring in entries.items():
            owners = {entry.provider for entry in declaring.values()}
            share = deriving.share(len(owners))
            if share and not owners & imitated:
                # what a service shares with the product that it is built on is the product's
                own = (entry for entry in declaring.values() if not owners & built_on[entry.provider])
                index[name] = tuple(_scaled(entry, share) for entry in own)
        return index

    return Declared(
        fields=rare(each for provider in providers for each in _fields(provider, deriving)),
        headers=rare(each for provider in providers for each in _headers(provider, deriving)),
        paths=rare(each for provider in providers for each in _paths(provider, deriving)),
        codes=rare(each for provider in providers for each in _codes(provider, deriving)),
        sayings=tuple(each for provider in providers for each in _sayings(provider)),
        common=common,
        deriving=deriving,
    )


def _scaled(entry: Entry, share: float) -> Entry:
    return Entry(entry.provider, entry.file, entry.where, entry.group, entry.place, entry.db * share, entry.base)


def _fields(provider: Provider, deriving: Deriving) -> Iterator[tuple[str, Entry]]:
    """Names of fields, alone and with the one above them, and words that stand in a field."""
    for request in (request for probe in provider.read_only_probes for request in probe.requests):
        for extract in request.extracts:
            places = places_of(extract)
            group = "list" if extract.table in _LISTS else "ident"
            for path, place in places.paths.items():
                for name in names_of(path[-1:] if path[-2:-1] and path[-2] in deriving.wrappers else path):
                    db = deriving.of_words(words_in(name))
                    yield name, Entry(provider.id, provider.file, request.id, group, place, db)
            for path, word in places.values:
                db = deriving.of_words(words_in(word))
                yield (
                    f"{path[-1]}={word}",
                    Entry(provider.id, provider.file, request.id, group, f"{path[-1]} {word}", db),
                )


def _headers(provider: Provider, deriving: Deriving) -> Iterator[tuple[str, Entry]]:
    names = {
        name for header in provider.limit_headers for name in (header.limit, header.remaining, header.reset) if name
    }
    extracts = [
        *provider.always,
        *(each for probe in provider.probes for request in probe.requests for each in request.extracts),
    ]
    for extract in extracts:
        names |= places_of(extract).headers
    for name in names:
        yield name, Entry(provider.id, provider.file, "", "hdr", name, deriving.of_words(words_in(name)))


def _paths(provider: Provider, deriving: Deriving) -> Iterator[tuple[str, Entry]]:
    plain = regex_of(deriving.plain_parts)
    for request in (request for probe in provider.read_only_probes for request in probe.requests):
        path = "/" + request.path.split("?")[0].strip("/")
        base = provider.base_path if path.startswith(provider.base_path + "/") else ""
        telling = [part for part in path.split("/") if part and not plain.fullmatch(part)]
        entry = Entry(provider.id, provider.file, request.id, "path", path, deriving.of_path(len(telling)), base)
        yield path_pattern(path), entry
        if base:
            yield path_pattern(path[len(base) :]), entry


def _codes(provider: Provider, deriving: Deriving) -> Iterator[tuple[str, Entry]]:
    for rule in provider.errors:
        for fields in (rule, *rule.any):
            for code in (*fields.code, *fields.type):
                db = deriving.of_words(words_in(code))
                yield code.lower(), Entry(provider.id, provider.file, rule.id, "err", code, db)


def _sayings(provider: Provider) -> Iterator[tuple[re.Pattern[str], Entry]]:
    for rule in provider.errors:
        for text in (*rule.says, *(text for fields in rule.any for text in fields.says)):
            yield regex_of(text), Entry(provider.id, provider.file, rule.id, "err", "", 0.0)


def _examples(rule: ErrorFields) -> tuple[str, ...]:
    return (*rule.examples, *(text for fields in rule.any for text in fields.examples))


def names_of(path: Path) -> tuple[str, ...]:
    """The last name of a path, and the last two."""
    name = path[-1]
    return (name,) if len(path) == 1 else (name, f"{path[-2]}.{name}")


def path_pattern(path: str) -> str:
    """The path with every placeholder alike."""
    return re.sub(r"\{[^{}]*\}", "{}", path)


@lru_cache(maxsize=16384)
def words_in(name: str) -> int:
    """Of how many words a name consists: `next_reset` and `nextReset` of two."""
    return len(_PARTS.findall(name))
