"""Fills the placeholders of a declared path, and tells whether a concrete one comes from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from testkey_nb.errors import PathRefused
from testkey_nb.wire.permit import Declared

_PLACEHOLDER = re.compile(r"\{([^{}/]+)\}")
_VALUE = r"((?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+)"
# dots and slashes that hide in escapes, escapes of escapes, control characters
_HIDDEN = re.compile(r"%(?:2e|2f|5c|25|0[0-9a-f]|1[0-9a-f]|7f)", re.I)
_PATH = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)*/?")
_QUERY = re.compile(r"(?:[A-Za-z0-9._~!$'()*+,;=:@/?\[\]&-]|%[0-9A-Fa-f]{2})*")
_CONTROL = re.compile(r"%(?:0[0-9a-f]|1[0-9a-f]|7f)", re.I)


def fill(template: str, values: Mapping[str, object]) -> str:
    """The template with its placeholders replaced, percent-encoded; `{}` names are taken as they stand.

    PathRefused when a value is missing, empty, or would reach another path (slash, dots, percent sign).
    """
    path, mark, query = template.partition("?")
    filled = _PLACEHOLDER.sub(lambda placeholder: _path_value(placeholder[1], values), path)
    if not mark:
        return filled
    return f"{filled}?{_PLACEHOLDER.sub(lambda placeholder: quote(_value(placeholder[1], values), safe=''), query)}"


def fill_body(body: Any, values: Mapping[str, object]) -> Any:
    """The declared body with the placeholders of its strings replaced."""
    if isinstance(body, str):
        return _PLACEHOLDER.sub(lambda placeholder: _value(placeholder[1], values), body)
    if isinstance(body, Mapping):
        return {name: fill_body(value, values) for name, value in body.items()}
    if isinstance(body, list | tuple):
        return [fill_body(value, values) for value in body]
    return body


def require_plain_path(path: str) -> None:
    """PathRefused for a path that a server could read as another one."""
    if not _PATH.fullmatch(path):
        raise PathRefused(f"not sent: {path!r} is no plain path")
    if _HIDDEN.search(path):
        raise PathRefused(f"not sent: {path!r} hides dots, slashes or control characters in escapes")
    if any(part in (".", "..") for part in path.split("/")):
        raise PathRefused(f"not sent: {path!r} climbs out of its folder")


def match(declared: Declared, path: str, query: str | None) -> list[str] | None:
    """The values of the declaration's placeholders, decoded; None when the request does not come from it."""
    want_path, _, want_query = declared.path.partition("?")
    filled = re.fullmatch(_pattern(want_path), path)
    if filled is None:
        return None
    values = [unquote(value) for value in filled.groups()]
    from_query = _match_query(want_query, query, paging=declared.paging)
    return None if from_query is None else values + from_query


def match_body(declared: Any, body: Any) -> bool:
    """The body is the declared one with its placeholders filled."""
    if isinstance(declared, str):
        return isinstance(body, str) and re.fullmatch(_pattern(declared, value="(.{1,300})"), body) is not None
    if isinstance(declared, Mapping):
        return (
            isinstance(body, Mapping)
            and declared.keys() == body.keys()
            and all(match_body(declared[name], body[name]) for name in declared)
        )
    if isinstance(declared, list | tuple):
        return isinstance(body, list | tuple) and len(declared) == len(body) and all(map(match_body, declared, body))
    return type(declared) is type(body) and bool(declared == body)


def _match_query(want: str, query: str | None, *, paging: frozenset[str]) -> list[str] | None:
    if query is not None and (not _QUERY.fullmatch(query) or _CONTROL.search(query)):
        return None
    wanted = [part.partition("=")[::2] for part in want.split("&") if part]
    values: list[str] = []
    seen: list[str] = []
    for part in query.split("&") if query else []:
        name, _, value = part.partition("=")
        seen.append(name)
        patterns = [pattern for wanted_name, pattern in wanted if wanted_name == name]
        if unquote(name) in paging:
            values.append(unquote(value))
            continue
        hits = [hit for pattern in patterns if (hit := re.fullmatch(_pattern(pattern), value))]
        if not hits:
            return None
        values += [unquote(group) for group in hits[0].groups()]
    names = [name for name, _ in wanted]
    # a literal left out can change what is asked, one given twice is read differently by different servers
    if any(name not in seen and name not in paging for name in names):
        return None
    if any(seen.count(name) > max(1, names.count(name)) for name in seen):
        return None
    return values


def _pattern(template: str, *, value: str = _VALUE) -> str:
    parts = _PLACEHOLDER.split(template)
    return "".join(value if index % 2 else re.escape(part) for index, part in enumerate(parts))


def _value(name: str, values: Mapping[str, object]) -> str:
    value = str(values.get(name, ""))
    if not value:
        raise PathRefused(f"not sent: no value for {{{name}}}")
    return value


def _path_value(name: str, values: Mapping[str, object]) -> str:
    value = _value(name, values)
    if "/" in value or "\\" in value or "%" in value or value.strip(".") == "" or not value.isprintable():
        raise PathRefused(f"not sent: the value for {{{name}}} would reach another path")
    return quote(value)
