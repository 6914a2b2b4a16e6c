"""How much what a file declares tells: the table [derived] of data/identify.toml, which says what each is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from testkey_nb.errors import CatalogueError

_FILE = "identify.toml"


@dataclass(frozen=True, slots=True)
class Deriving:
    """Decibans and shares; `data/identify.toml` explains each where it stands."""

    imitated: tuple[str, ...]
    generated: tuple[str, ...]
    wrappers: tuple[str, ...]
    shares: tuple[float, ...]
    words_db: tuple[float, ...]
    plain_parts: str
    path_db: tuple[float, ...]
    refused_path_db: float
    lengths: tuple[float, ...]
    lengths_db: tuple[float, ...]
    least_db: float
    fields_most_db: float
    headers_most_db: float
    words_most_db: float

    def share(self, files: int) -> float:
        """What is left of a weight where this many files declare the same name."""
        return self.shares[files - 1] if files <= len(self.shares) else 0.0

    def of_words(self, count: int) -> float:
        return self.words_db[min(count, len(self.words_db)) - 1] if count else 0.0

    def of_length(self, characters: int) -> float:
        pairs = zip(self.lengths, self.lengths_db, strict=True)
        return max((db for least, db in pairs if characters >= least), default=0.0)

    def of_path(self, count: int) -> float:
        return self.path_db[min(count, len(self.path_db)) - 1] if count else 0.0


def read_deriving(rules: Mapping[str, Any]) -> Deriving:
    """The numbers that these rules (`data/identify.toml`) state.

    Raises:
        CatalogueError: a number is missing, unknown, or of another kind; the text names the field.
    """
    table = rules.get("derived")
    if not isinstance(table, Mapping):
        raise CatalogueError("is required and missing", file=_FILE, field="derived")
    kinds = {each.name: each.type for each in fields(Deriving)}
    for name in kinds:
        if name not in table:
            raise CatalogueError("is required and missing", file=_FILE, field=f"derived.{name}")
    read: dict[str, Any] = {}
    for name, value in table.items():
        if name not in kinds:
            raise CatalogueError("unknown field", file=_FILE, field=f"derived.{name}")
        read[name] = _value(value, name, str(kinds[name]))
    return Deriving(**read)


def _value(value: Any, name: str, kind: str) -> Any:
    item: Any = str if "str" in kind else int | float
    values = value if kind.startswith("tuple") and isinstance(value, list) and value else [value]
    if any(isinstance(each, bool) or not isinstance(each, item) for each in values):
        words = "text" if item is str else "number"
        raise CatalogueError(f"must be a {words}, or a list of them", file=_FILE, field=f"derived.{name}")
    return tuple(values) if kind.startswith("tuple") else value
