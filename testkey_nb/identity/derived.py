"""Evidence from what provider files declare: fields, headers, paths and wordings that few others have."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from testkey_nb.identity.declared import Declared, Entry, Index, declared_by, names_of
from testkey_nb.identity.piece import PREFIX, Evidence

if TYPE_CHECKING:
    from testkey_nb.catalogue import Catalogue

_DEPTH, _ROWS, _WORD = 5, 3, 40
_SHOWN = 4
_AS_LONG = 0.6  # a sentence of at least this part of the longest's length tells of its file as well
# Statuses of a path that is not there: that it was asked tells nothing of the server.
_NOT_THERE = (404, 405)
_read: WeakKeyDictionary[Catalogue, Declared] = WeakKeyDictionary()


def evidence_of_files(facts: Mapping[str, Any], *, catalogue: Catalogue) -> list[Evidence]:
    """The evidence of one answer's view (`facts.view`); at most one of each kind for a provider."""
    if catalogue not in _read:
        _read[catalogue] = declared_by(catalogue)
    declared = _read[catalogue]
    deriving = declared.deriving
    evidence = [*_summed(_hits(facts["headers"] or (), declared.headers), "headers", most=deriving.headers_most_db)]
    if facts["fine"]:
        inner = facts["inner"]
        if not (isinstance(inner, Mapping) and any(name in inner for name in deriving.generated)):
            evidence += _summed(_hits(set(_names(inner)), declared.fields), "fields", most=deriving.fields_most_db)
    elif facts["said"]:
        words = [facts[name].lower() for name in ("code", "type", "reason") if isinstance(facts[name], str)]
        message = facts["said"]
        hits = [*_hits(set(words), declared.codes), *_sayings(message, declared)]
        evidence += _summed(hits, "words", most=deriving.words_most_db, by_rule=False)
    evidence = [mark for mark in evidence if mark.db >= deriving.least_db]
    if facts["path"] and facts["status"] not in _NOT_THERE:
        evidence += _of_path(facts["path"], declared, answered=facts["fine"] and not facts["html"])
    return evidence


def _hits(names: Iterable[str], index: Index) -> list[Entry]:
    return [entry for name in names if name in index for entry in index[name]]


def _summed(hits: Iterable[Entry], kind: str, *, most: float, by_rule: bool = True) -> Iterator[Evidence]:
    """One piece of evidence for each provider: of its places the strongest spelling, of its requests the fullest."""
    places: dict[tuple[str, str], dict[str, Entry]] = defaultdict(dict)
    for entry in hits:
        best = places[entry.provider, entry.where if by_rule else ""]
        if entry.place not in best or best[entry.place].db < entry.db:
            best[entry.place] = entry
    fullest: dict[str, tuple[float, list[Entry]]] = {}
    for (provider, _), spellings in places.items():
        total = sum(entry.db for entry in spellings.values())
        if total > fullest.get(provider, (0.0,))[0]:
            fullest[provider] = (total, sorted(spellings.values(), key=lambda entry: (-entry.db, entry.place)))
    for provider, (total, entries) in fullest.items():
        first = entries[0]
        named = ", ".join(dict.fromkeys(entry.place for entry in entries[:_SHOWN]))
        yield Evidence(
            PREFIX + kind, provider, "front", first.group, round(min(total, most), 1),
            f"{kind} that few files declare: {named}", _source(first),
        )  # fmt: skip


def _sayings(message: str, declared: Declared) -> list[Entry]:
    """The sentences of error rules in this text, weighed by their length and by how few files know one as long."""
    longest: dict[str, tuple[int, Entry]] = {}
    for pattern, entry in declared.sayings:
        match = pattern.search(message)
        length = 0 if match is None else match.end() - match.start()
        if length > longest.get(entry.provider, (0,))[0] and match is not None:
            longest[entry.provider] = (length, replace(entry, place=match.group()))
    most = max((length for length, _ in longest.values()), default=0)
    best = {name: entry for name, (length, entry) in longest.items() if length >= most * _AS_LONG}
    share, deriving = declared.deriving.share(len(best)), declared.deriving
    if not share or not best.keys().isdisjoint(deriving.imitated):
        return []
    entries = (replace(entry, db=share * deriving.of_length(len(entry.place))) for entry in best.values())
    return [entry for entry in entries if entry.db and entry.place.lower() not in declared.common]


def _source(entry: Entry) -> str:
    return f"data/providers/{entry.file}" + (f", {entry.where}" if entry.where else "")


def _of_path(path: str, declared: Declared, *, answered: bool) -> Iterator[Evidence]:
    asked = "/" + path.split("?")[0].strip("/")
    for bare, base in _bare(asked):
        for entry in declared.paths.get(bare, ()):
            if base in ("", entry.base):
                db = entry.db if answered else declared.deriving.refused_path_db
                text = f"a path that few files declare{' was answered' if answered else ''}: {entry.place}"
                yield Evidence(PREFIX + "path", entry.provider, "front", "path", round(db, 1), text, _source(entry))


def _bare(path: str) -> Iterator[tuple[str, str]]:
    """The path, and what is left of it behind the parts that a base URL may carry."""
    yield path, ""
    for at in [each.start() for each in re.finditer("/", path)][1:4]:
        yield path[at:], path[:at]


def _names(value: Any, above: str = "", depth: int = _DEPTH) -> Iterator[str]:
    """Names of fields, alone and with the one above them, and short words that stand in a field."""
    if isinstance(value, list):
        for row in value[:_ROWS]:
            yield from _names(row, above, depth)
    elif isinstance(value, Mapping) and depth:
        for name, inner in value.items():
            if inner is None:
                continue
            yield from names_of((above, name) if above else (name,))
            if isinstance(inner, str):
                if len(inner) <= _WORD:
                    yield f"{name}={inner}"
            elif isinstance(inner, list | Mapping):
                yield from _names(inner, name, depth - 1)
