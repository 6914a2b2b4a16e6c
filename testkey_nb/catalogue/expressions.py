"""JMESPath with the few functions that answers of providers need; every expression is compiled once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, TypeVar

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathError
from jmespath.visitor import TreeInterpreter

from testkey_nb.catalogue.closures import closure

_F = TypeVar("_F", bound=Callable[..., Any])
_ANY: Any = {"types": []}
_TEXT: Any = {"types": ["string", "null"]}
_PATTERN: Any = {"types": ["string"]}


def _takes(*arguments: Any) -> Callable[[_F], _F]:
    """`functions.signature`, whose stubs know one argument only."""
    declare: Callable[[_F], _F] = functions.signature(*arguments)
    return declare


@lru_cache(maxsize=4096)
def regex_of(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)  # kept here: the module's own cache holds 512 and the rules have more


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f") if number else "0"


class _Functions(functions.Functions):
    """Beyond the standard ones. A null argument gives null, never an error."""

    @_takes(_TEXT, _PATTERN)
    def _func_matches(self, text: str | None, pattern: str) -> bool:
        """matches(text, 'regex'): is there such a place in the text (case-insensitive)?"""
        return text is not None and regex_of(pattern).search(text) is not None

    @_takes(_TEXT, _PATTERN)
    def _func_capture(self, text: str | None, pattern: str) -> str | None:
        """capture(text, 'regex'): the first group (or the whole match), or null."""
        match = regex_of(pattern).search(text) if text is not None else None
        return None if match is None else (match.group(1) if match.re.groups else match.group(0))

    @_takes(_TEXT)
    def _func_lower(self, text: str | None) -> str | None:
        return None if text is None else text.lower()

    @_takes(_TEXT, _PATTERN)
    def _func_split(self, text: str | None, separator: str) -> list[str] | None:
        return None if text is None else [part.strip() for part in text.split(separator) if part.strip()]

    @_takes(_ANY, _ANY)
    def _func_add(self, left: Any, right: Any) -> str | None:
        """add(a, b): exact decimal sum as text; null when either is not a number."""
        a, b = _number(left), _number(right)
        return None if a is None or b is None else _plain(a + b)

    @_takes(_ANY, _ANY)
    def _func_sub(self, left: Any, right: Any) -> str | None:
        a, b = _number(left), _number(right)
        return None if a is None or b is None else _plain(a - b)

    @_takes(_ANY, _ANY)
    def _func_mul(self, left: Any, right: Any) -> str | None:
        a, b = _number(left), _number(right)
        return None if a is None or b is None else _plain(a * b)

    @_takes(_ANY, _ANY)
    def _func_div(self, left: Any, right: Any) -> str | None:
        """div(a, b): decimal quotient as text, exact to 28 digits; null when either is not a number, or b is 0."""
        a, b = _number(left), _number(right)
        return None if a is None or not b else _plain(a / b)

    @_takes(_ANY)
    def _func_total(self, values: Any) -> str | None:
        """total([0.1, 0.2]): exact decimal sum as text; null for an empty list or one with something else in it."""
        numbers = [_number(value) for value in values] if isinstance(values, list) else []
        summands = [number for number in numbers if number is not None]
        return _plain(sum(summands, Decimal(0))) if summands and len(summands) == len(numbers) else None

    @_takes(_ANY)
    def _func_entries(self, mapping: Any) -> list[dict[str, Any]] | None:
        """entries({a: 1}): [{key: 'a', value: 1}]; null for anything but an object."""
        if not isinstance(mapping, Mapping):
            return None
        return [{"key": key, "value": value} for key, value in mapping.items()]

    @_takes(_ANY)
    def _func_iso(self, seconds: Any) -> str | None:
        """iso(1739096063): '2025-02-09T10:14:23Z'; null for anything but seconds of the Unix epoch."""
        number = _number(seconds)
        if number is None or not 0 <= number < 253_402_300_800:
            return None
        return datetime.fromtimestamp(int(number), tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @_takes(_TEXT, _ANY)
    def _func_after(self, instant: str | None, seconds: Any) -> str | None:
        """after('2026-11-23T10:00:00Z', `3600`): '2026-11-23T11:00:00Z', to turn a bucket's start into its end.

        UTC where the text names no zone; null for anything but an ISO instant and a number.
        """
        number = _number(seconds)
        if instant is None or number is None:
            return None
        try:
            start = datetime.fromisoformat(instant)
            end = (start if start.tzinfo else start.replace(tzinfo=UTC)) + timedelta(seconds=float(number))
        except (ValueError, OverflowError):
            return None
        return end.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @_takes(_ANY)
    def _func_unique(self, values: Any) -> list[Any] | None:
        """unique(['a', 'b', 'a']): ['a', 'b']; null for anything but a list."""
        if not isinstance(values, list):
            return None
        return [value for place, value in enumerate(values) if value not in values[:place]]

    @_takes(_ANY)
    def _func_list(self, value: Any) -> list[Any]:
        """list(x): x when it is a list, [] for null, [x] otherwise."""
        return value if isinstance(value, list) else [] if value is None else [value]


_OPTIONS = jmespath.Options(custom_functions=_Functions())


def _matches(text: Any, pattern: Any) -> bool:
    if text is None:
        return False
    return regex_of(pattern).search(text) is not None


def _contains(subject: Any, wanted: Any) -> bool:
    if not isinstance(subject, str | list):
        raise TypeError
    return wanted in subject


def _keys(subject: Any) -> list[Any]:
    if not isinstance(subject, dict):
        raise TypeError
    return list(subject)


def _starts_with(subject: Any, start: Any) -> bool:
    if not isinstance(subject, str):
        raise TypeError
    return subject.startswith(start)


def _to_string(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), default=str)


# functions that most rules call, without the library's check of every argument
_DIRECT: dict[str, Callable[..., Any]] = {
    "matches": _matches,
    "contains": _contains,
    "keys": _keys,
    "starts_with": _starts_with,
    "to_string": _to_string,
}


def _by_library(node: Mapping[str, Any]) -> Callable[[Any], Any]:
    interpreter: Any = TreeInterpreter(_OPTIONS)  # its stubs want a node type that they do not export
    return lambda document: interpreter.visit(node, document)


class Expression:
    """A compiled JMESPath expression; a wrong type inside the answer gives null, never an exception.

    Attributes:
        text: the expression as it was written.
        roots: names that it reads from the document itself.

    Raises:
        ValueError: the text is no JMESPath expression, or calls an unknown function.
    """

    __slots__ = ("_read", "text", "tree")

    def __init__(self, text: str) -> None:
        try:
            parsed = jmespath.compile(text).parsed
            _check_functions(parsed)
        except JMESPathError as problem:
            raise ValueError(f"no JMESPath expression: {text!r} ({str(problem).splitlines()[0]})") from None
        self._read = closure(parsed, library=_by_library, own=_DIRECT)
        self.text, self.tree = text, parsed

    def __call__(self, document: Any) -> Any:
        try:
            return self._read(document)
        except (JMESPathError, TypeError, AttributeError, ValueError):
            return None

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


def _check_functions(node: Mapping[str, Any]) -> None:
    if node.get("type") == "function_expression" and node["value"] not in _Functions.FUNCTION_TABLE:
        raise ValueError(f"unknown function {node['value']}()")
    if node.get("type") == "function_expression" and node["value"] in ("matches", "capture"):
        for argument in node["children"][1:]:
            if argument.get("type") == "literal":
                _check_pattern(argument["value"])
    for child in node.get("children", ()):
        if isinstance(child, Mapping):
            _check_functions(child)


def _check_pattern(text: Any) -> None:
    try:
        regex_of(text)
    except (re.error, TypeError) as problem:
        raise ValueError(f"no regular expression: {text!r} ({problem})") from None


@lru_cache(maxsize=8192)
def compiled(text: str) -> Expression:
    """The expression of this text; the same object each time."""
    return Expression(text)
