"""Which places of an answer an extract reads: the names that its expressions walk through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from testkey_nb.catalogue.model import Extract

Path = tuple[str, ...]
_START: tuple[Path, ...] = ((),)
_CHAINS = frozenset({"subexpression", "index_expression", "projection", "value_projection", "pipe", "flatten"})


@dataclass(slots=True)
class Places:
    """What expressions read.

    Attributes:
        paths: chains of names from the top of the body, lists left out, each with what it is called inside its row.
        values: words that stand at such a place, as the expressions compare it or the file maps it.
        headers: names of headers.
    """

    paths: dict[Path, str] = field(default_factory=dict)
    values: set[tuple[Path, str]] = field(default_factory=set)
    headers: set[str] = field(default_factory=set)


def places_of(extract: Extract) -> Places:
    """The places that this extract reads."""
    seen = _Seen()
    rows = _ends(extract.rows.tree, _START, seen) or list(_START)
    inner = _ends(extract.each.tree, tuple(rows), seen) if extract.each is not None else []
    outside, inside = seen, _Seen()
    for spec in extract.fields.values():
        ends = _ends(spec.get.tree, _START, inside)
        inside.paths |= set(ends)
        inside.values |= {(end, word) for end in ends for word in spec.map}
    if extract.where is not None:
        inside.paths |= set(_ends(extract.where.tree, _START, inside))
    places = Places(headers={path[1].lower() for path in inside.paths if path[:1] == ("_headers",) and path[1:]})
    for path in outside.paths:
        _note(places, path, path)
    for path in inside.paths:
        for whole in _absolute(path, rows, inner):
            _note(places, whole, path)
    places.values = {(whole, word) for path, word in inside.values for whole in _absolute(path, rows, inner)}
    return places


def _note(places: Places, whole: Path, inside: Path) -> None:
    # `null` is no word of JMESPath: it reads as the name of a field that is never there
    if whole and "null" not in whole:
        places.paths[whole] = ".".join(name for name in inside if not name.startswith("_"))


@dataclass(slots=True)
class _Seen:
    """What one expression reads, from where it starts."""

    paths: set[Path] = field(default_factory=set)
    values: set[tuple[Path, str]] = field(default_factory=set)


def _absolute(path: Path, rows: list[Path], inner: list[Path]) -> Iterator[Path]:
    """Scope names (`_body`, `_each`) lead elsewhere than into the row; the others tell nothing of the body."""
    if not path or not path[0].startswith("_"):
        yield from (row + path for row in rows)
    elif path[0] == "_body":
        yield path[1:]
    elif path[0] == "_each":
        yield from (row + path[1:] for row in inner)
    elif path[0] == "_":
        yield from (row + path[1:] for row in rows)


def _ends(node: Mapping[str, Any], starts: tuple[Path, ...], seen: _Seen) -> list[Path]:
    """Where the value of this node stands; what else it reads on the way is noted."""
    kind, children = node["type"], node.get("children", ())
    if kind == "field":
        return [(*start, node["value"]) for start in starts]
    if kind in ("current", "identity", "index", "slice"):
        return list(starts)
    if kind in _CHAINS:
        for child in children:
            starts = tuple(_ends(child, starts, seen))
        return list(starts)
    if kind == "filter_projection":
        rows = tuple(_ends(children[0], starts, seen))
        seen.paths |= set(_ends(children[2], rows, seen))
        return _ends(children[1], rows, seen)
    if kind == "or_expression":
        return [end for child in children for end in _ends(child, starts, seen)]
    ends = [_ends(child, starts, seen) for child in children if isinstance(child, Mapping)]
    seen.paths |= {end for part in ends for end in part}
    if kind == "and_expression":
        return ends[-1]
    if kind == "comparator" and node["value"] == "eq" and children[1]["type"] == "literal":
        word = children[1]["value"]
        seen.values |= {(end, word) for end in ends[0] if isinstance(word, str)}
    return []
