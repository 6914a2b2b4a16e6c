"""Strict reading of one TOML table: every field is asked for by name, and what nobody asked for is an error.

What is wrong is noted and reading goes on with a value of the right kind, so that one look finds every wrong value.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from testkey_nb.catalogue.expressions import Expression, compiled
from testkey_nb.catalogue.lines import line_of
from testkey_nb.errors import CatalogueError, ProviderFileError

__all__ = ["Reader", "line_of", "read_toml"]

T = TypeVar("T")
_NAMES = {str: "a text", list: "a list", dict: "a table", bool: "true or false", date: "a date (2026-11-23)"}


def read_toml(path: Path, error: type[CatalogueError] = CatalogueError) -> tuple[dict[str, Any], str]:
    """The parsed file and its text.

    Raises:
        CatalogueError: not readable, not UTF-8, or no TOML; with the line where the parser names one.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise error(f"cannot be read: {problem}", file=path.name) from None
    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as problem:
        place = re.search(r"at line (\d+)", str(problem))
        raise error(f"is no TOML: {problem}", file=path.name, line=int(place[1]) if place else None) from None
    except RecursionError:
        raise error("is nested too deeply", file=path.name) from None


class Reader:
    """One table of a provider file, with its path for error texts (`probes[0].requests[2]`).

    Attributes:
        problems: what is wrong so far in the whole file; tables read from one another share the list.
    """

    def __init__(
        self,
        table: Mapping[str, Any],
        *,
        file: str,
        text: str,
        path: str = "",
        problems: list[ProviderFileError] | None = None,
    ) -> None:
        self._table, self._file, self._text, self._path = table, file, text, path
        self._asked: set[str] = set()
        self._named: set[str] = set()
        self.problems: list[ProviderFileError] = [] if problems is None else problems

    def fail(self, problem: str, field: str | None = None) -> ProviderFileError:
        """Gives an error that names file, line where it can be found, and field."""
        where = ".".join(part for part in (self._path, field) if part)
        # what is missing at the top belongs to the first line
        return ProviderFileError(problem, file=self._file, line=line_of(self._text, where) or 1, field=where or None)

    def wrong(self, problem: str, field: str | None = None) -> None:
        """Notes a problem; reading goes on."""
        self.problems.append(self.fail(problem, field))

    def has(self, name: str) -> bool:
        self._named.add(name)
        return name in self._table

    def raw(self, name: str, default: Any = None) -> Any:
        self._asked.add(name)
        return self._table.get(name, default)

    def _typed(self, name: str, kind: type[T], *, required: bool, default: T) -> T:
        self._asked.add(name)
        if name not in self._table:
            if required:
                self.wrong("is required and missing", name)
            return default
        value = self._table[name]
        if not isinstance(value, kind) or (isinstance(value, bool | datetime) and kind is not bool):
            self.wrong(f"must be {_NAMES[kind]}, not {value!r}", name)
            return default
        return value

    def text(self, name: str, *, required: bool = False, default: str = "") -> str:
        value = self._typed(name, str, required=required, default=default)
        if required and name in self._table and isinstance(self._table[name], str) and not value.strip():
            self.wrong("must not be empty", name)
        return value

    def maybe(self, name: str) -> str | None:
        return self.text(name) or None

    def like(self, name: str, pattern: str, meaning: str, *, required: bool = False) -> str:
        """A text that a pattern fits wholly; `meaning` says what would be right."""
        value = self.text(name, required=required)
        if value and not re.fullmatch(pattern, value):
            self.wrong(f"{value!r} is no {meaning}", name)
        return value

    def url(self, name: str) -> str:
        value = self.text(name, required=True)
        if value and not is_url(value):
            self.wrong(f"{value!r} is no URL; give the https:// address of the page that says so", name)
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        return self._typed(name, bool, required=False, default=default)

    def number(self, name: str, *, low: float = -1e12, high: float = 1e12, required: bool = False) -> float:
        self._asked.add(name)
        if name not in self._table and not required:
            return 0
        value = self._table.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.wrong(f"must be a number from {low} to {high}", name)
            return 0
        if not low <= value <= high:
            self.wrong(f"must be from {low} to {high}, not {value}", name)
        return value

    def whole(self, name: str, *, low: int, high: int, default: int) -> int:
        """A whole number in these bounds."""
        value = self.raw(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            if name in self._table:
                self.wrong(f"must be a whole number from {low} to {high}, not {value!r}", name)
            return default
        return value

    def day(self, name: str) -> date:
        return self._typed(name, date, required=True, default=date.min)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, none of them empty or there twice."""
        values = self._typed(name, list, required=False, default=[])
        for number, value in enumerate(values):
            if not isinstance(value, str) or not value.strip():
                self.wrong(f"must be a text that is not empty, not {value!r}", f"{name}[{number}]")
            elif value in values[:number]:
                self.wrong(f"{value!r} is there twice", f"{name}[{number}]")
        return tuple(value for value in values if isinstance(value, str))

    def words(self, name: str) -> dict[str, str]:
        """A table of texts (numbers are taken as their text)."""
        table = self._typed(name, dict, required=False, default={})
        for key, value in table.items():
            if not isinstance(value, str | int | float):
                self.wrong(f"must be a text, not {value!r}", f"{name}.{key}")
        return {key: str(value) for key, value in table.items()}

    def choice(self, name: str, allowed: Iterable[str], *, default: str | None = None) -> Any:
        options = tuple(allowed)
        value = self._typed(name, str, required=default is None, default=default or options[0])
        if value not in options:
            near = difflib.get_close_matches(value, options, n=1)
            self.wrong(f"{value!r} is none of {', '.join(near or options)}", name)
            return options[0]
        return value

    def expression(self, name: str, *, required: bool = False) -> Expression | None:
        value = self.text(name, required=required)
        if value.strip():
            return self.compile(value, name)
        if not required and name in self._table:
            self.wrong("must be an expression; leave it out where none is meant", name)
        return compiled("@") if required else None

    def needed(self, name: str) -> Expression:
        """An expression that must be there."""
        return self.expression(name, required=True) or compiled("@")

    def compile(self, text: str, field: str) -> Expression:
        try:
            return compiled(text)
        except (ValueError, RecursionError) as problem:
            self.wrong(str(problem) or "is nested too deeply", field)
            return compiled("@")

    def regex(self, name: str) -> str:
        value = self.text(name, required=True)
        try:
            re.compile(value)
        except (re.error, RecursionError, OverflowError) as problem:
            self.wrong(f"is no regular expression: {problem}", name)
            return "(?!)"
        return value

    def table(self, name: str, *, required: bool = False) -> Reader:
        return self._child(self._typed(name, dict, required=required, default={}), name)

    def tables(self, name: str) -> Iterator[Reader]:
        for number, value in enumerate(self._typed(name, list, required=False, default=[])):
            if isinstance(value, dict):
                yield self._child(value, f"{name}[{number}]")
            else:
                self.wrong(f"must be a table, not {value!r}", f"{name}[{number}]")

    def named_tables(self, name: str) -> Iterator[tuple[str, Reader]]:
        outer = self.table(name)
        for key in outer._table:
            yield key, outer.table(key)

    def _child(self, table: Mapping[str, Any], name: str) -> Reader:
        path = ".".join(part for part in (self._path, name) if part)
        return Reader(table, file=self._file, text=self._text, path=path, problems=self.problems)

    def done(self) -> None:
        """Notes every field that nobody asked for, with the nearest known name."""
        for name in self._table:
            if name not in self._asked:
                near = difflib.get_close_matches(name, self._asked | self._named, n=1)
                self.wrong(f"unknown field{f'; did you mean {near[0]!r}?' if near else ''}", name)


def is_url(text: str) -> bool:
    """Tells whether a text is an http(s) URL with a host."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
