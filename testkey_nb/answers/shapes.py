"""The shapes in which a server may give what a request reads: without its wrapper, in another, one item of a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from testkey_nb.catalogue.expressions import Expression
from testkey_nb.catalogue.model import Request

Chain = tuple[str, ...]


def shapes(request: Request, body: Any, *, wrappers: Iterable[str]) -> Iterator[tuple[Any, bool]]:
    """The body in other wrappings, so that the request's own expressions read it; the nearest first.

    What is wrapped is the body, or what it holds under one of the names `wrappers` (two deep); it is put where the
    expressions of `rows` look, as it is and as the one item of a list; the second of a pair says which.
    """
    names = tuple(wrappers)
    chains = dict.fromkeys(chain for part in request.extracts for chain in chains_of(part.rows))
    for thing in _things(body, names, depth=2):
        for chain in chains:
            if chain or thing is not body:  # the body as it is was read before
                yield _nested(chain, thing), False
            if isinstance(thing, Mapping):
                yield _nested(chain, [thing]), True


@lru_cache(maxsize=2048)
def chains_of(rows: Expression) -> tuple[Chain, ...]:
    """The names under which an expression looks for rows: `output.models[]` has (output, models), `data || @` two."""
    return tuple(dict.fromkeys(_chains(rows.tree)))


@lru_cache(maxsize=2048)
def is_projection(rows: Expression) -> bool:
    """Does the expression itself say that there are several rows?"""
    return any(word in rows.text for word in ("[", "entries("))


@lru_cache(maxsize=8192)
def names_in(expression: Expression) -> frozenset[str]:
    """Every name that the expression reads, at any depth."""
    return frozenset(_names(expression.tree))


def _chains(tree: Mapping[str, Any]) -> list[Chain]:
    kind, children = tree["type"], tree.get("children", [])
    if kind == "field":
        return [(tree["value"],)]
    if kind in ("current", "identity"):
        return [()]
    if kind == "or_expression":
        return [chain for child in children for chain in _chains(child)]
    if kind == "and_expression":
        return _chains(children[1])
    if kind in ("flatten", "projection", "filter_projection"):
        return _chains(children[0])
    if kind == "subexpression":
        return [left + right for left in _chains(children[0]) for right in _chains(children[1])]
    return []


def _names(tree: Mapping[str, Any]) -> Iterator[str]:
    if tree["type"] == "field":
        yield tree["value"]
    for child in tree.get("children", ()):
        if isinstance(child, Mapping):
            yield from _names(child)


def _things(body: Any, wrappers: Chain, *, depth: int) -> Iterator[Any]:
    if isinstance(body, Mapping | list) and body:
        yield body
    if isinstance(body, Mapping) and depth:
        for name in wrappers:
            if name in body:
                yield from _things(body[name], wrappers, depth=depth - 1)


def _nested(chain: Chain, content: Any) -> Any:
    for name in reversed(chain):
        content = {name: content}
    return content
