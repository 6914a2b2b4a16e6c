"""What an expression reads and says: the names at its root, the headers it asks for, the texts it may give."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from testkey_nb.catalogue.expressions import Expression
from testkey_nb.catalogue.header_rules import is_keepable
from testkey_nb.vocabulary import EXTRACT_COLUMNS, EXTRACT_NAMES

Node = Mapping[str, Any]
# their first child reads the document, the others what that gave
_STEPS = ("subexpression", "index_expression", "pipe", "projection", "value_projection", "filter_projection", "flatten")
HEADERS = ("headers", "_headers")


def roots(node: Node) -> Iterator[str]:
    """Gives the names that an expression reads of its document."""
    kind, children = node["type"], node.get("children", ())
    if kind == "field":
        yield node["value"]
    elif kind in _STEPS:
        yield from roots(children[0])
        if children[0]["type"] == "current":
            yield from roots(children[1])
    elif kind == "function_expression":
        for child in children:
            if child["type"] != "expref":
                yield from roots(child)
    elif kind != "literal":
        for child in children:
            if isinstance(child, Mapping):
                yield from roots(child)


def members(node: Node, owners: Collection[str]) -> Iterator[str]:
    """Gives the names that an expression reads directly of one of these objects: `x-y` of `headers."x-y"`."""
    children = node.get("children", ())
    if node["type"] == "subexpression" and len(children) == 2:
        owner, member = children
        if owner["type"] == "field" and owner["value"] in owners and member["type"] == "field":
            yield member["value"]
    for child in children:
        if isinstance(child, Mapping):
            yield from members(child, owners)


def results(node: Node) -> Iterator[Node]:
    """Gives the parts that can be an expression's own value: both sides of `||`, the right side of `&&`."""
    kind, children = node["type"], node.get("children", ())
    if kind == "or_expression":
        yield from results(children[0])
        yield from results(children[1])
    elif kind in ("and_expression", "pipe"):
        yield from results(children[1])
    else:
        yield node


def wrong_headers(names: Iterable[str]) -> Iterator[str]:
    """Says of each header name that no kept answer can have, what is wrong with it."""
    for name in names:
        if name != name.lower():
            yield f"the header {name!r} stands in capitals; kept headers are lower-case: {name.lower()!r}"
        elif not is_keepable(name):
            yield f"the header {name!r} is never kept, for it may hold a secret"


def wrong_names(expression: Expression, names: Collection[str]) -> Iterator[str]:
    """Says of each name that the document of an expression does not have, which one is meant.

    `null` is a name that no document has and that rules write on purpose: it reads as null.
    """
    node = expression.tree
    for name in dict.fromkeys(roots(node)):
        if name not in names and name != "null":
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(sorted(names))}"
            yield f"reads {name!r}, which the document has not; {hint}"
    yield from wrong_headers(members(node, HEADERS))
    if "facts" in names:
        for fact in members(node, ("facts",)):
            if fact not in EXTRACT_COLUMNS["identity"]:
                yield f"reads facts.{fact}; facts are {', '.join(EXTRACT_COLUMNS['identity'])}"


def wrong_row_names(expression: Expression) -> Iterator[str]:
    """The same for an expression over a row, whose own names are free: only names with `_` in front are ours."""
    node = expression.tree
    for name in dict.fromkeys(roots(node)):
        if name.startswith("_") and name not in EXTRACT_NAMES:
            near = difflib.get_close_matches(name, EXTRACT_NAMES, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(EXTRACT_NAMES)}"
            yield f"reads {name!r}, which is no name of ours; {hint}"
    yield from wrong_headers(members(node, HEADERS))
