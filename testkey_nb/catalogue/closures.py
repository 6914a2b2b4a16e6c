"""Turns the parts of JMESPath that rules consist of into Python closures; every other part stays with the library.

Some hundred rules are read against every answer, and the library walks its tree anew for each: closures take a tenth of
that. A test holds both to the same value on arbitrary documents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Read = Callable[[Any], Any]
Node = Mapping[str, Any]


def closure(node: Node, *, library: Callable[[Node], Read], own: Mapping[str, Callable[..., Any]]) -> Read:
    """A function from a document to the node's value.

    `library` makes the same of any node, slowly; `own` are functions that check their arguments themselves (a wrong
    type raises TypeError, which the caller reads as null).
    """

    def read(child: Node) -> Read:
        return closure(child, library=library, own=own)

    kind, children = node["type"], node["children"]
    if kind == "field":
        return _field(node["value"])
    if kind == "literal":
        return _literal(node["value"])
    if kind == "subexpression":
        return _chain([read(child) for child in children])
    if kind == "comparator" and node["value"] in ("eq", "ne"):
        return _comparison(read(children[0]), read(children[1]), equal=node["value"] == "eq")
    if kind == "and_expression":
        return _both(read(children[0]), read(children[1]))
    if kind == "or_expression":
        return _either(read(children[0]), read(children[1]))
    if kind == "not_expression":
        return _negation(read(children[0]))
    if kind == "function_expression" and node["value"] in own:
        return _call(own[node["value"]], [read(child) for child in children])
    return library(node)


def is_false(value: Any) -> bool:
    """JMESPath's falsehood: null, false, and empty text, list or object. 0 is true."""
    return value is None or value is False or (isinstance(value, str | list | dict) and not value)


def _field(name: str) -> Read:
    return lambda value: value.get(name) if isinstance(value, dict) else None


def _literal(value: Any) -> Read:
    return lambda _: value


def _chain(steps: list[Read]) -> Read:
    def walk(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return walk


def _comparison(left: Read, right: Read, *, equal: bool) -> Read:
    return lambda value: _same(left(value), right(value)) is equal


def _same(left: Any, right: Any) -> bool:
    # Python says 1 == True, JMESPath does not
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    return bool(left == right)


def _both(left: Read, right: Read) -> Read:
    def value_of(document: Any) -> Any:
        value = left(document)
        return value if is_false(value) else right(document)

    return value_of


def _either(left: Read, right: Read) -> Read:
    def value_of(document: Any) -> Any:
        value = left(document)
        return right(document) if is_false(value) else value

    return value_of


def _negation(inner: Read) -> Read:
    return lambda document: is_false(inner(document))


def _call(function: Callable[..., Any], arguments: list[Read]) -> Read:
    return lambda document: function(*[argument(document) for argument in arguments])
